//! Outlier.
