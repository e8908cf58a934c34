//! A node's own clock: nodes measure time with it and never see true time.

use crate::graph::ClockSpec;
use brownout_core::{Span, Time};

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

/// The true moment at which a clock says what another clock says at `moment`. Each is so many
/// nanoseconds ahead of true time.
pub fn read_by(moment: Time, writer_ahead: i64, reader_ahead: i64) -> Time {
    let read = i128::from(moment.nanos()) + i128::from(writer_ahead) - i128::from(reader_ahead);
    Time::from_nanos(u64::try_from(read.max(0)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_says_time_is_up_too_early() {
        let clock = Clock::new(ClockSpec { drift: 0.25 });
        assert_eq!(clock.true_span(Span::from_millis(500)), Span::from_millis(400));
    }

    #[test]
    fn a_moment_read_off_a_fast_clock_comes_too_early_and_off_a_slow_one_too_late() {
        let at = Time::from_secs(10.0);
        assert_eq!(read_by(at, 0, 2_000_000_000), Time::from_secs(8.0));
        assert_eq!(read_by(at, 0, -2_000_000_000), Time::from_secs(12.0));
        assert_eq!(read_by(at, 500, 500), at);
        assert_eq!(read_by(at, 0, i64::MAX), Time::ZERO);
    }
}
