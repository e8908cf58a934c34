//! Budget.
