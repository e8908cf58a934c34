//! Facts that the vectors do not state.
