//! Laws of the model: conservation, invariance, bounded memory.

mod allocation;
mod conservation;
mod fleet;
mod invariance;
mod listening;
mod structure;
mod workloads;
