//! The simulator against queueing theory: groups a, c, e and h of the oracle in `tests/oracle/`.

mod breakdowns;
mod breakers;
mod harness;
mod intervals;
mod left_out;
mod networks;
mod queues;
mod storms;
