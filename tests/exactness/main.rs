//! The simulator against queueing theory: the groups of the oracle in `tests/oracle/`.

mod arrivals;
mod attempts;
mod balancing;
mod breakdowns;
mod breakers;
mod disciplines;
mod harness;
mod heard;
mod intervals;
mod keeping;
mod left_out;
mod limiters;
mod networks;
mod queues;
mod scripts;
mod shared;
mod storms;
mod waits;
