//! A node's own clocks: nodes measure time with one of them, read what time it is off the other,
//! and never see true time.

use crate::envelope::Address;
use crate::graph::{ClockSpec, Graph, ServiceId};
use brownout_core::{Span, Time};
use std::collections::BTreeMap;

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

/// The wall clocks of all replicas: as the graph has them, and those that have jumped.
#[derive(Debug, Default)]
pub struct WallClocks {
    /// By how many nanoseconds, of those that stand elsewhere than the graph says.
    jumped: BTreeMap<(ServiceId, u32), i64>,
}

impl WallClocks {
    /// How far a replica's clock is ahead of true time, ns.
    #[inline]
    pub fn ahead(&self, graph: &Graph, at: Address) -> i64 {
        let ahead = graph.services[at.service.index()].clock_offset(at.replica);
        if self.jumped.is_empty() {
            return ahead;
        }
        let jumped = self.jumped.get(&(at.service, at.replica)).copied().unwrap_or(0);
        ahead.saturating_add(jumped)
    }

    /// What a replica's clock says.
    pub fn read(&self, graph: &Graph, at: Address, now: Time) -> Time {
        Time::from_nanos(now.nanos().saturating_add_signed(self.ahead(graph, at)))
    }

    /// Sets a replica's clock so far ahead of where the graph has it.
    pub fn set(&mut self, at: Address, by: i64) {
        let place = (at.service, at.replica);
        match by {
            0 => drop(self.jumped.remove(&place)),
            by => drop(self.jumped.insert(place, by)),
        }
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
