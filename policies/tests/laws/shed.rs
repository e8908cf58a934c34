//! Shed.
