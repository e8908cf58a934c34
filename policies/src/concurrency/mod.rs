//! Adaptive concurrency limits: how many calls at once, found out by measuring.
