//! Breaker.

pub(crate) fn run() {}
