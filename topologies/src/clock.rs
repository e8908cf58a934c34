//! A node's own clock: nodes measure time with it and never see true time.

use crate::graph::ClockSpec;
use brownout_core::Span;

/// The monotonic clock of a replica, fast or slow by a constant drift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock {
    drift: f64,
}

impl Clock {
    /// The clock that a service's replicas have.
    pub fn new(spec: ClockSpec) -> Clock {
        Clock { drift: spec.drift }
    }

    /// How long it really takes until this clock says that `local` has passed.
    pub fn true_span(self, local: Span) -> Span {
        if self.drift == 0.0 { local } else { local.scale(1.0 / (1.0 + self.drift)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_says_time_is_up_too_early() {
        let clock = Clock::new(ClockSpec { drift: 0.25 });
        assert_eq!(clock.true_span(Span::from_millis(500)), Span::from_millis(400));
    }
}
