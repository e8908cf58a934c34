//! Adaptive rate.

use crate::harness::Make;

pub(crate) fn maker(_dialect: &str) -> Option<Make> {
    None
}
