//! One run looked into: its id, the life of a request, the state of a moment, a trace, and why it
//! went as it did.
//!
//! A run is a function of its file and its seed, so nothing has to be kept of it: it is run again
//! with a listener. What listeners hear is put into words of one kind by `heard`.

mod by_lineage;
pub mod diff;
pub mod explain;
pub mod find;
mod heard;
pub mod id;
pub mod lanes;
pub mod moment;
mod names;
pub mod record;
pub mod recorded;
pub mod story;
pub mod trace;
