//! Shed.

pub(crate) fn run() {}
