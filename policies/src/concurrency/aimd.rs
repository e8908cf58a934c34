//! Additive increase, multiplicative decrease: one more after a success, a tenth less after a loss.

use super::{Bounds, Sample};
use crate::settings::{Problem, Setting, Share, Value};
use crate::time::Span;
use alloc::vec;
use alloc::vec::Vec;

/// Netflix' `AIMDLimit`: a loss is a drop, or a call that took longer than the timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AimdConfig {
    /// What is left of the limit after a loss.
    pub backoff: Share,
    /// A call that took longer than this counts as lost.
    pub timeout: Option<Span>,
}

impl AimdConfig {
    /// Netflix' defaults.
    pub fn netflix() -> AimdConfig {
        AimdConfig { backoff: Share::percent(90), timeout: Some(Span::from_millis(5_000)) }
    }

    pub(super) fn settings(&mut self) -> Vec<Setting<'_>> {
        let about = "what is left of the limit after a loss";
        let slow = "a call that took longer counts as lost";
        vec![
            Setting::new("backoff", about, Value::Share(&mut self.backoff)),
            Setting::new("timeout", slow, Value::SpanOrOff(&mut self.timeout)),
        ]
    }

    pub(super) fn problems(&self, problems: &mut Vec<Problem>) {
        if self.backoff == Share::NONE || self.backoff >= Share::ALL {
            let why = "a loss has to leave less of the limit, and something";
            problems.push(Problem::new("backoff", self.backoff, why, "write 50% to 95%"));
        }
    }
}

/// The limit so far.
#[derive(Debug, Clone)]
pub(super) struct Aimd {
    config: AimdConfig,
    bounds: Bounds,
    pub(super) limit: u32,
}

impl Aimd {
    pub(super) fn new(config: AimdConfig, bounds: Bounds) -> Aimd {
        Aimd { config, bounds, limit: bounds.initial }
    }

    pub(super) fn sample(&mut self, sample: &Sample) {
        let late = self.config.timeout.is_some_and(|timeout| sample.rtt > timeout);
        if sample.dropped || late {
            // Truncated as the peer does it: a limit of 30 goes to 27, one of 5 to 4.
            self.limit = (f64::from(self.limit) * self.config.backoff.as_f64()) as u32;
        } else if u64::from(sample.inflight) * 2 >= u64::from(self.limit) {
            self.limit = self.limit.saturating_add(1);
        }
        self.limit = self.limit.max(self.bounds.least).min(self.bounds.most);
    }
}
