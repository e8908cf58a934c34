//! Throttle.

pub(crate) fn run() {}
