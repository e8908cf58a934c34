//! Balance.

pub(crate) fn run() {}
