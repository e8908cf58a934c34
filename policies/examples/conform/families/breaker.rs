//! Breaker.

use crate::harness::Make;

pub(crate) fn maker(_family: &str, _dialect: &str) -> Option<Make> {
    None
}
