//! The simulator against queueing theory: groups a, b and c of the oracle in `tests/oracle/`.

mod balancing;
mod harness;
mod intervals;
mod left_out;
mod networks;
mod queues;
