//! How long a breaker stays open.

use super::config::{BreakerConfig, OpenJitter};
use crate::draw::Chance;
use crate::settings::Share;
use crate::time::Span;

/// The open times of one breaker, one after the other.
#[derive(Debug, Clone)]
pub(super) struct OpenTimes {
    /// Openings since it was last closed.
    count: u32,
    /// The next open time, where they follow a formula.
    next: Span,
}

impl OpenTimes {
    pub(super) fn new(config: &BreakerConfig) -> OpenTimes {
        OpenTimes { count: 0, next: steps(config, config.open) }
    }

    /// Starts again from the first.
    pub(super) fn restart(&mut self, config: &BreakerConfig) {
        *self = OpenTimes::new(config);
    }

    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// The next open time. Takes one draw where chance plays a part, none otherwise.
    pub(super) fn take(&mut self, config: &BreakerConfig, chance: &mut impl Chance) -> Span {
        let wait = self.pass(config);
        if config.open_jitter == Share::NONE {
            return wait;
        }
        let (share, u) = (config.open_jitter.as_f64(), chance.share());
        match config.jitter {
            OpenJitter::Added => {
                let more = wait.scale(share * u);
                let most = config.open_max.unwrap_or(Span::MAX);
                wait.saturating_add(more.min(most.saturating_sub(wait)))
            }
            OpenJitter::Around => {
                let step = config.open_step.nanos();
                let v = wait.nanos() as f64 / step as f64;
                let (low, high) = (v - share * v, v + share * v);
                Span::from_nanos(((low + u * (high - low + 1.0)) as u64).saturating_mul(step))
            }
            OpenJitter::Half => {
                let half = Span::from_nanos(wait.nanos() / 2);
                half.saturating_add(half.scale(u))
            }
        }
    }

    /// The next open time before jitter, and on to the one after it.
    pub(super) fn pass(&mut self, config: &BreakerConfig) -> Span {
        let nth = self.count as usize;
        self.count = self.count.saturating_add(1);
        if let Some(wait) = config.waits.get(nth).or(config.waits.last()) {
            let over = nth >= config.waits.len();
            return config.tail.filter(|_| over).unwrap_or(*wait);
        }
        let wait = self.next.min(config.open_max.unwrap_or(Span::MAX));
        if config.open_factor > 1.0 {
            let grown = (wait.nanos() as f64 * config.open_factor) as u64;
            self.next = steps(config, Span::from_nanos(grown));
        }
        wait
    }
}

/// Rounded down to whole steps.
fn steps(config: &BreakerConfig, span: Span) -> Span {
    let step = config.open_step.nanos().max(1);
    Span::from_nanos(span.nanos() / step * step)
}
