//! experiments

pub mod check;
pub mod dialects;
pub mod expect;
pub mod experiment;
pub mod formula;
pub mod hunt;
pub mod incident;
pub mod kinds;
pub mod lesson;
pub mod report;
pub mod resolve;
pub mod runner;
pub mod schema;
pub mod settled;
pub mod spec;
pub mod sweep;
