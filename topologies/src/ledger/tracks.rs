//! Distributions of times, kept for the windows that someone asked about.

use super::query::{Phase, Stat, Value, Window};
use brownout_core::histogram::Histogram;
use brownout_core::{Span, Time};

/// What a track follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// Latency of calls, from the intended arrival.
    Latency,
    /// A stretch of an attempt's life inside the service.
    Inside(Phase),
    /// The wait of an attempt for a connection.
    Pool,
}

/// What a track without a window collects, for a monitor to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rolling {
    /// Nothing: it has a window.
    No,
    /// Times of what ends well.
    Successes,
    /// Times of whatever ends.
    All,
    /// Times of what ends well, by when it was meant to begin.
    ByArrival,
}

/// Sub-buckets an octave, as a power of two, where stretches of arrivals are told apart: values
/// within 6 %, which is finer than a picture shows.
const COLUMN_BITS: u8 = 3;

/// So many times are counted at once.
const AT_ONCE: usize = 13;

/// One distribution in one window; what it holds arrived in the window.
///
/// Where there are many, what a time counts in has long left the caches when it is counted. So
/// times wait for each other, beside what is looked at for each of them, and memory is asked for
/// all of them at once.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub struct Track {
    /// Which arrivals belong to it.
    pub window: Window,
    /// Whether whatever ends belongs to it, until it is taken.
    rolling: Rolling,
    /// How many times wait to be counted, and which, ns.
    waiting: u8,
    last: [u64; AT_ONCE],
    /// Times of those that ended well, ns, without those that wait.
    times: Histogram,
    /// The same by stretches of arrivals, each so long, if they are kept apart.
    columns: Vec<Histogram>,
    column: Span,
    /// Ended badly.
    failed: u64,
    /// Still open at the end: longer than anything seen so far.
    open: u64,
    /// Of those, past their deadline.
    overdue: u64,
}

impl Track {
    /// An empty one.
    pub fn new(window: Window) -> Track {
        let times = Histogram::default();
        let (columns, column) = (Vec::new(), Span::ZERO);
        let (rolling, waiting, last) = (Rolling::No, 0, [0; AT_ONCE]);
        let (failed, open, overdue) = (0, 0, 0);
        Track { window, rolling, waiting, last, times, columns, column, failed, open, overdue }
    }

    /// An empty one that belongs to no window: it collects what ends in `times` until that is
    /// taken.
    pub fn rolling(times: Histogram, rolling: Rolling) -> Track {
        let window = Window { from: Time::MAX, to: Time::MAX };
        Track { rolling, times, ..Track::new(window) }
    }

    /// An empty one that belongs to no window: it tells stretches of arrivals apart, `number` of
    /// them, each as long as `column`.
    pub fn by_arrival(column: Span, number: usize) -> Track {
        let columns = vec![Histogram::new(COLUMN_BITS); number];
        Track { columns, column, ..Track::rolling(Histogram::default(), Rolling::ByArrival) }
    }

    /// The stretches of arrivals that are told apart.
    pub fn columns(&self) -> &[Histogram] {
        &self.columns
    }

    /// Times of those that ended well, ns; none waits to be counted any more.
    pub fn times(&self) -> &Histogram {
        debug_assert!(self.waiting == 0, "the run is over, and everything counted");
        &self.times
    }

    /// How many ended badly, and how many were still open at the end.
    pub fn others(&self) -> (u64, u64) {
        (self.failed, self.open)
    }

    /// Takes what has been collected and leaves `empty` in its place.
    pub fn take(&mut self, empty: Histogram) -> Histogram {
        self.settle();
        std::mem::replace(&mut self.times, empty)
    }

    /// One more time.
    #[inline(always)]
    fn add(&mut self, time: Span) {
        self.last[usize::from(self.waiting)] = time.nanos();
        self.waiting += 1;
        if usize::from(self.waiting) == AT_ONCE {
            self.settle();
        }
    }

    /// Counts the times that wait to be counted.
    #[inline(never)]
    pub fn settle(&mut self) {
        for time in &self.last[..usize::from(self.waiting)] {
            self.times.record(*time);
        }
        self.waiting = 0;
    }

    /// A time, if its arrival belongs here.
    #[inline]
    pub fn time(&mut self, arrival: Time, time: Span) {
        if self.window.contains(arrival) {
            self.add(time);
        } else if self.rolling != Rolling::No {
            self.roll(arrival, time);
        }
    }

    #[inline(never)]
    fn roll(&mut self, arrival: Time, time: Span) {
        match self.rolling {
            Rolling::No => {}
            Rolling::Successes | Rolling::All => self.add(time),
            Rolling::ByArrival => {
                let place = arrival.nanos() / self.column.nanos();
                if let Some(column) = self.columns.get_mut(place as usize) {
                    column.record(time.nanos());
                }
            }
        }
    }

    /// A failure after `time`, if its arrival belongs here.
    #[inline]
    pub fn failure(&mut self, arrival: Time, time: Span) {
        if self.window.contains(arrival) {
            self.failed += 1;
        } else if self.rolling == Rolling::All {
            self.add(time);
        }
    }

    /// Something that is still open at the end, if its arrival belongs here.
    pub fn still_open(&mut self, arrival: Time, overdue: bool) {
        if self.window.contains(arrival) {
            self.open += 1;
            self.overdue += u64::from(overdue);
        }
    }

    /// Share that ended well, of all that ended or should have.
    pub fn availability(&self) -> Value {
        let good = self.times().count();
        match good + self.failed + self.overdue {
            0 => Value::Nothing,
            all => Value::Is(good as f64 / all as f64),
        }
    }

    /// A statistic of the times, in seconds. A quantile that falls among those still open is
    /// known only to be larger than everything seen.
    pub fn stat(&self, stat: Stat) -> Value {
        match stat {
            Stat::Quantile(p) => self.quantile(p),
            _ => stat_of(self.times(), stat).map_or(Value::Nothing, Value::Is),
        }
    }

    fn quantile(&self, p: f64) -> Value {
        let Some(longest) = self.times().max() else { return Value::Nothing };
        let seen = self.times().count() as f64;
        let share = p * (seen + self.open as f64) / seen;
        if share > 1.0 {
            return Value::MoreThan(longest as f64 / 1e9);
        }
        self.times().quantile(share).map_or(Value::Nothing, |nanos| Value::Is(nanos / 1e9))
    }

    /// Share of the times above `bound`; those still open count as above.
    pub fn above(&self, bound: Span) -> Value {
        let seen = self.times().count() as f64;
        let all = seen + self.open as f64;
        if all == 0.0 {
            return Value::Nothing;
        }
        let above = self.times().count_above(bound.nanos()) + self.open as f64;
        Value::Is(above / all)
    }
}

/// A statistic of times in nanoseconds, in seconds; `None` of nothing.
pub(super) fn stat_of(times: &Histogram, stat: Stat) -> Option<f64> {
    match stat {
        Stat::Mean => times.mean().map(|mean| mean / 1e9),
        Stat::Var => times.variance().map(|variance| variance / 1e18),
        Stat::Sd => times.variance().map(|variance| variance.sqrt() / 1e9),
        Stat::Quantile(p) => times.quantile(p).map(|nanos| nanos / 1e9),
    }
}
