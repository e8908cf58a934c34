//! Outlier detection: take single members of a group out of use for a while.
