//! How long some worker of a replica has been taken: what wears it out.

use brownout_core::{Span, Time};

/// Adds up busy time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Meter {
    /// Up to the last moment at which all workers were free.
    used: Span,
    /// Since when some worker is taken, if one is.
    since: Option<Time>,
    /// Whether somebody wants to know when a worker is taken next.
    is_armed: bool,
}

impl Meter {
    /// The first worker is taken; whether somebody wanted to know.
    pub(crate) fn begin(&mut self, now: Time) -> bool {
        self.since = Some(now);
        std::mem::take(&mut self.is_armed)
    }

    /// The last worker is free.
    pub(crate) fn end(&mut self, now: Time) {
        self.used = self.read(now);
        self.since = None;
    }

    /// Busy time up to now.
    pub(crate) fn read(&self, now: Time) -> Span {
        self.used.saturating_add(self.since.map_or(Span::ZERO, |since| now.since(since)))
    }

    /// Whether a worker is taken; if none is, the next one who takes one will be told of it.
    pub(crate) fn is_busy_or_tells(&mut self) -> bool {
        self.is_armed = self.since.is_none();
        !self.is_armed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_time_adds_up_and_who_waits_for_it_is_told_once() {
        let at = |nanos| Time::from_nanos(nanos);
        let mut meter = Meter::default();
        assert!(!meter.is_busy_or_tells());
        assert!(meter.begin(at(10)));
        assert!(meter.is_busy_or_tells());
        assert_eq!(meter.read(at(14)).nanos(), 4);
        meter.end(at(15));
        assert!(!meter.begin(at(20)));
        assert_eq!(meter.read(at(21)).nanos(), 6);
    }
}
