//! Service graphs as a model: sources, services and the links between them, under faults.
//!
//! The way of a request through these modules: [`source`] → [`caller`] → [`link`] → [`service`]
//! (its own calls the same way) → reply → [`caller`] → [`ledger`].

pub mod graph;
pub mod validate;

pub mod world;

pub mod source;

pub mod caller;

pub mod envelope;
pub mod event;
pub mod link;

pub mod activation;
pub mod clock;
pub mod death;
pub mod effect;
pub mod fault;
pub mod fleet;
mod group;
pub mod inlet;
pub mod knobs;
pub mod line;
mod lives;
mod meter;
pub mod monitor;
mod profile;
pub mod replica;
pub mod service;
pub mod sharing;
mod sickness;
pub mod store;

pub mod ledger;
pub mod run;
