//! Windows of samples: an algorithm hears of many calls at once, as one.

use super::Sample;
use crate::choice;
use crate::time::{Span, Time};

/// How samples are gathered before the algorithm hears of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The least length of a window; without one the algorithm hears of every call by itself.
    pub length: Option<Span>,
    /// The greatest: a window is twice its least latency long, between the two.
    pub longest: Span,
    /// Calls that a window needs.
    pub samples: u32,
    /// Calls faster than this are not looked at.
    pub fastest: Span,
    /// What becomes of a window with too few.
    pub short: Short,
}

/// What becomes of a window that has ended with too few calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Short {
    /// Its calls are forgotten, the first window's always (Netflix).
    Discard,
    /// It goes on until there are enough.
    Extend,
}
choice!(Short { Discard, Extend });

impl Window {
    /// Netflix' `WindowedLimit` with its defaults.
    pub fn netflix() -> Window {
        let second = Span::from_millis(1_000);
        Window {
            length: Some(second),
            longest: second,
            samples: 10,
            fastest: Span::from_nanos(100_000),
            short: Short::Discard,
        }
    }

    /// No windows.
    pub fn off() -> Window {
        Window { length: None, ..Window::netflix() }
    }
}

/// The window so far.
#[derive(Debug, Clone)]
pub(super) struct Gathering {
    config: Window,
    ends: Time,
    calls: u64,
    sum: u128,
    low: Span,
    inflight: u32,
    dropped: bool,
}

impl Gathering {
    pub(super) fn new(config: Window) -> Gathering {
        let (calls, sum, inflight, dropped) = (0, 0, 0, false);
        Gathering { config, ends: Time::ZERO, calls, sum, low: Span::MAX, inflight, dropped }
    }

    /// Takes a sample; what the algorithm hears of, if anything.
    pub(super) fn add(&mut self, now: Time, sample: Sample) -> Option<Sample> {
        let Some(length) = self.config.length else { return Some(sample) };
        if sample.rtt < self.config.fastest {
            return None;
        }
        self.calls += 1;
        self.sum += u128::from(sample.rtt.nanos());
        self.low = self.low.min(sample.rtt);
        self.inflight = self.inflight.max(sample.inflight);
        self.dropped |= sample.dropped;
        let enough = self.calls >= u64::from(self.config.samples.max(1));
        if now <= self.ends || (self.config.short == Short::Extend && !enough) {
            return None;
        }
        let mean = Span::from_nanos((self.sum / u128::from(self.calls)) as u64);
        let (inflight, dropped) = (self.inflight, self.dropped);
        let next = self.low.saturating_mul(2).max(length).min(self.config.longest);
        *self = Gathering::new(self.config);
        self.ends = now.saturating_add(next);
        enough.then_some(Sample { rtt: mean, inflight, dropped, full: sample.full })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: Sample =
        Sample { rtt: Span::from_millis(10), inflight: 20, dropped: false, full: false };

    /// How many of ten samples, 200 ms apart, end a window of at least `samples` calls.
    fn heard(short: Short, samples: u32) -> usize {
        let mut gathering = Gathering::new(Window { short, samples, ..Window::netflix() });
        let times = (1..=10).map(|step| Time::from_nanos(step * 200_000_000));
        times.filter(|&now| gathering.add(now, SAMPLE).is_some()).count()
    }

    #[test]
    fn a_short_window_is_forgotten_or_goes_on() {
        assert_eq!((heard(Short::Discard, 10), heard(Short::Extend, 10)), (0, 1));
        assert_eq!((heard(Short::Discard, 1), heard(Short::Extend, 1)), (2, 2));
    }

    #[test]
    fn a_drop_and_the_greatest_number_in_flight_are_kept_and_fast_calls_are_not() {
        let mut gathering = Gathering::new(Window { samples: 2, ..Window::netflix() });
        let at = Time::from_nanos;
        assert_eq!(gathering.add(at(1), SAMPLE), None);
        let fast = Sample { rtt: Span::from_nanos(99_999), inflight: 90, ..SAMPLE };
        assert_eq!(gathering.add(at(2), fast), None);
        gathering.add(at(3), Sample { dropped: true, inflight: 30, ..SAMPLE });
        let slow = Sample { rtt: Span::from_millis(20), ..SAMPLE };
        let heard = gathering.add(at(1_500_000_000), slow).expect("two calls and a second");
        assert_eq!((heard.rtt, heard.inflight), (Span::from_millis(15), 30));
        assert!(heard.dropped);
    }
}
