//! Deadlines: what is left of a time, split and written on the wire.
