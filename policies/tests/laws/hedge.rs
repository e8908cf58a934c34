//! Hedge.
