//! Laws that every configuration of an engine obeys, over random ones.

mod backoff;
mod balance;
mod breaker;
mod budget;
mod bulkhead;
mod concurrency;
mod hedge;
mod limiter;
mod outlier;
mod shed;
mod throttle;
