//! Hedge.

pub(crate) fn run() {}
