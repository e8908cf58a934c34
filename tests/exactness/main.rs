//! The simulator against queueing theory: the groups of the oracle in `tests/oracle/`.

mod arrivals;
mod harness;
mod intervals;
mod left_out;
mod networks;
mod queues;
