//! Laws of the model: conservation, invariance, bounded memory.

mod allocation;
mod conservation;
mod invariance;
mod workloads;
