//! Hedging: a second attempt before the first has failed.
