//! Budget.

pub(crate) fn run() {}
