//! The simulator against queueing theory: cases of the oracle in `tests/oracle/`.

mod disciplines;
mod harness;
mod intervals;
mod left_out;
mod limiters;
mod networks;
mod queues;
