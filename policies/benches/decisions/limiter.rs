//! Limiter.

pub(crate) fn run() {}
