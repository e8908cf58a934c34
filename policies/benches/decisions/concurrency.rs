//! Concurrency.

pub(crate) fn run() {}
