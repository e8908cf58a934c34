//! The simulator against queueing theory: groups a and c of the oracle in `tests/oracle/`.

mod harness;
mod intervals;
mod left_out;
mod networks;
mod queues;
