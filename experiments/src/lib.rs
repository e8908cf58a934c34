//! experiments

pub mod expect;
