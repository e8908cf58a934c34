//! Closed forms the simulator is judged by: one family of queues a file, each with its source.
//!
//! Rates are per unit of time, and times are in that same unit: seconds with rates per second, or
//! service times with μ = 1. `lambda` > 0 is the arrival rate λ, `mu` > 0 the service rate μ of one
//! server, `c` ≥ 1 the number of servers, ρ = λ/(cμ). A queue at or beyond saturation has no steady
//! state: its means, variances and quantiles are ∞ and its probabilities of a given number are 0.
//! Probabilities `p` of quantiles are in [0, 1): the share of the distribution below.
//!
//! Standard source, cited as *Gross*: Gross, Shortle, Thompson & Harris, Fundamentals of Queueing
//! Theory, 4th ed., Wiley 2008.

pub mod batch;
pub mod bins;
pub mod birth_death;
pub mod breakdown;
pub mod breaker;
pub mod cache;
pub mod discipline;
pub mod erlang_a;
pub mod fan_out;
pub mod gim1;
pub mod hedge;
pub mod jackson;
pub mod laplace;
pub mod limiter;
pub mod md1;
pub mod mg1;
pub mod mginf;
pub mod mm1;
pub mod mmc;
pub mod mmck;
pub mod mva;
pub mod omission;
pub mod once;
pub mod poisson;
pub mod pool;
pub mod priority;
pub mod replica;
pub mod retry;
pub mod root;
pub mod storm;
pub mod tandem;
pub mod timeout;
pub mod transform;
pub mod transient;
