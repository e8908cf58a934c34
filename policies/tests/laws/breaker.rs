//! Breaker.
