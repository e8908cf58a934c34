//! The JSON Schema of the experiment file, kept by hand beside what reads it.

/// The schema (draft 2020-12). RON maps onto it as the format says: a variant `Retry(times: 3)` is
/// `{"Retry": {"times": 3}}`, one without fields its name.
pub const SCHEMA: &str = include_str!("experiment.schema.json");
