//! A sum over a sliding window, kept in slices: what was added lapses a slice at a time.
//!
//! **State.** One slice is being written, the others are stored. The slice being written is stored
//! at the first access that comes a slice's width or more after the last such moment, and that
//! access begins the next: the times of slices drift with the accesses. The slot that is
//! overwritten next still counts.
//!
//! **Where systems differ.** Finagle's `WindowedAdder` counts whole milliseconds, keeps one slice
//! fewer than it is told (the one being written is the other one), and drops a slice for every
//! *whole* width that passed unseen. tower's `TpsBucket` counts nanoseconds, keeps all it is told
//! besides the one being written, so that it remembers up to 1.1 of its range, and drops a slice
//! for every width that *began*. Envoy's budget interval is tower's.
//!
//! ```
//! use brownout_policies::budget::window::{WindowConfig, WindowCounter};
//! use brownout_policies::{Span, Time};
//!
//! let at = |secs| Time::from_secs(f64::from(secs));
//! let mut counter = WindowCounter::new(WindowConfig::finagle(Span::from_millis(3_000), 3));
//! counter.add(at(0), 1);
//! counter.add(at(1), 2);
//! assert_eq!((counter.sum(at(2)), counter.sum(at(3)), counter.sum(at(4))), (3, 2, 0));
//! ```

use crate::time::{Span, Time};
use alloc::boxed::Box;
use alloc::vec;

/// What a window is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowConfig {
    /// How long something counts, about.
    pub range: Span,
    /// In how many slices, at least 2.
    pub slices: u32,
    /// The clock's tick: times are cut down to whole ones.
    pub tick: Span,
    /// Whether a slice is kept beyond those that make up the range.
    pub one_more: bool,
    /// Whether a width that only began to pass drops its slice, or only one that passed whole.
    pub begun_counts: bool,
}

impl WindowConfig {
    /// Finagle's `WindowedAdder`: milliseconds, `slices` in all.
    pub const fn finagle(range: Span, slices: u32) -> WindowConfig {
        let tick = Span::from_millis(1);
        WindowConfig { range, slices, tick, one_more: false, begun_counts: false }
    }

    /// tower's `TpsBucket`: nanoseconds, `slices` beside the one being written.
    pub const fn tower(range: Span, slices: u32) -> WindowConfig {
        let tick = Span::from_nanos(1);
        WindowConfig { range, slices, tick, one_more: true, begun_counts: true }
    }
}

/// A sum over a sliding window.
#[derive(Debug, Clone)]
pub struct WindowCounter {
    /// Nanoseconds of a slice, whole ticks.
    width: u64,
    tick: u64,
    begun_counts: bool,
    /// When the slice being written began, in whole ticks.
    begun: u64,
    writing: i64,
    stored: Box<[i64]>,
    /// Invariant: the sum of `stored`.
    stored_sum: i64,
    /// The oldest slice, overwritten next.
    next: usize,
}

impl WindowCounter {
    /// An empty one, whose first slice begins at the origin of time.
    pub fn new(config: WindowConfig) -> WindowCounter {
        let slices = config.slices.max(2);
        let tick = config.tick.nanos().max(1);
        let ticks = (config.range.nanos() / tick / u64::from(slices)).max(1);
        let stored = if config.one_more { slices } else { slices - 1 };
        WindowCounter {
            width: ticks.saturating_mul(tick),
            tick,
            begun_counts: config.begun_counts,
            begun: 0,
            writing: 0,
            stored: vec![0; stored as usize].into_boxed_slice(),
            stored_sum: 0,
            next: 0,
        }
    }

    /// Adds to the slice of `now`; less than nothing is allowed.
    #[inline]
    pub fn add(&mut self, now: Time, amount: i64) {
        self.advance(now);
        self.writing = self.writing.saturating_add(amount);
    }

    /// What has been added and has not lapsed.
    #[inline]
    pub fn sum(&mut self, now: Time) -> i64 {
        self.advance(now);
        self.last_sum()
    }

    /// What the sum was when somebody last looked at the clock.
    #[inline]
    pub fn last_sum(&self) -> i64 {
        self.writing.saturating_add(self.stored_sum)
    }

    /// Forgets everything; a slice begins now.
    pub fn reset(&mut self, now: Time) {
        self.stored.fill(0);
        (self.stored_sum, self.writing) = (0, 0);
        self.begun = self.begun.max(self.whole_ticks(now));
    }

    #[inline]
    fn advance(&mut self, now: Time) {
        if now.nanos().saturating_sub(self.begun) >= self.width {
            self.store(now);
        }
    }

    /// Stores the slice being written and drops those whose time has passed.
    fn store(&mut self, now: Time) {
        let begins = self.whole_ticks(now);
        let passed = begins - self.begun;
        let written = core::mem::take(&mut self.writing);
        self.replace(written);
        let skipped =
            if self.begun_counts { (passed - 1) / self.width } else { passed / self.width - 1 };
        for _ in 0..skipped.min(self.stored.len() as u64) {
            self.replace(0);
        }
        self.begun = begins;
    }

    fn replace(&mut self, amount: i64) {
        let oldest = core::mem::replace(&mut self.stored[self.next], amount);
        self.stored_sum = self.stored_sum.saturating_add(amount).saturating_sub(oldest);
        self.next += 1;
        if self.next == self.stored.len() {
            self.next = 0;
        }
    }

    fn whole_ticks(&self, now: Time) -> u64 {
        now.nanos() - now.nanos() % self.tick
    }
}

/// Tokens that lapse, and a reserve that is there again once what was taken of it has lapsed
/// (`TokenBucket.newLeakyBucket` of twitter/util).
#[derive(Debug, Clone)]
pub struct LeakyBucket {
    window: WindowCounter,
    reserve: i64,
}

impl LeakyBucket {
    /// An empty bucket with a reserve.
    pub fn new(config: WindowConfig, reserve: i64) -> LeakyBucket {
        LeakyBucket { window: WindowCounter::new(config), reserve }
    }

    /// Puts tokens in.
    #[inline]
    pub fn put(&mut self, now: Time, tokens: i64) {
        self.window.add(now, tokens);
    }

    /// Takes tokens out, or refuses and takes none.
    #[inline]
    pub fn try_get(&mut self, now: Time, tokens: i64) -> bool {
        let enough = self.count(now) >= tokens;
        if enough {
            self.window.add(now, tokens.saturating_neg());
        }
        enough
    }

    /// What it holds, reserve and all. Below zero where tokens that were spent have lapsed before
    /// their spending did.
    #[inline]
    pub fn count(&mut self, now: Time) -> i64 {
        self.window.sum(now).saturating_add(self.reserve)
    }

    /// What it held when somebody last looked at the clock.
    pub fn last_count(&self) -> i64 {
        self.window.last_sum().saturating_add(self.reserve)
    }

    /// What is there without any deposit.
    pub fn reserve(&self) -> i64 {
        self.reserve
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: f64) -> Time {
        Time::from_secs(secs)
    }

    /// `WindowedAdderTest` of twitter/util, "when slices are skipped".
    #[test]
    fn slices_that_nobody_looked_at_lapse_too() {
        let mut adder = WindowCounter::new(WindowConfig::finagle(Span::from_millis(3_000), 3));
        adder.add(at(0.0), 1);
        adder.add(at(1.0), 2);
        adder.add(at(2.0), 1);
        assert_eq!((adder.sum(at(2.0)), adder.sum(at(4.0)), adder.sum(at(104.0))), (4, 1, 0));
        for second in 104..107 {
            adder.add(at(f64::from(second)), 100);
        }
        assert_eq!((adder.sum(at(106.0)), adder.sum(at(206.0))), (300, 0));
    }

    /// `TokenBucketTest` of twitter/util, "provisions reserves": who eats all of it at once waits
    /// until that slice has lapsed, a second *after* the ttl of three.
    #[test]
    fn an_eaten_reserve_is_back_when_its_slice_has_lapsed() {
        let window = WindowConfig::finagle(Span::from_millis(3_000), 10);
        let mut bucket = LeakyBucket::new(window, 100);
        assert!(bucket.try_get(at(0.0), 50) && bucket.try_get(at(0.0), 50));
        assert!(!bucket.try_get(at(0.0), 1));
        bucket.put(at(0.0), 1);
        assert!(bucket.try_get(at(0.0), 1));
        for second in 1..4 {
            assert!(!bucket.try_get(at(f64::from(second)), 1), "at {second} s");
        }
        assert!(bucket.try_get(at(4.0), 50));
        assert!(bucket.try_get(at(7.0), 100) && !bucket.try_get(at(7.0), 1));
    }

    #[test]
    fn half_a_width_more_drops_a_slice_of_towers_and_none_of_finagles() {
        let range = Span::from_millis(1_000);
        let after = |config, wait: f64| {
            let mut counter = WindowCounter::new(config);
            for slice in 0..11 {
                counter.add(at(f64::from(slice) / 10.0), 1);
            }
            counter.sum(at(1.0 + wait))
        };
        assert_eq!(after(WindowConfig::finagle(range, 10), 0.15), 9);
        assert_eq!(after(WindowConfig::tower(range, 10), 0.15), 9);
        assert_eq!(after(WindowConfig::finagle(range, 10), 0.1), 9);
        assert_eq!(after(WindowConfig::tower(range, 10), 0.1), 10);
    }

    #[test]
    fn finagle_does_not_see_less_than_a_millisecond() {
        let mut adder = WindowCounter::new(WindowConfig::finagle(Span::from_millis(20), 2));
        adder.add(Time::from_nanos(999_999), 1);
        assert_eq!(adder.sum(Time::from_nanos(10_999_999)), 1);
        assert_eq!(adder.sum(Time::from_nanos(20_999_999)), 0);
    }

    #[test]
    fn the_end_of_time_and_the_past_do_no_harm() {
        let mut counter = WindowCounter::new(WindowConfig::tower(Span::MAX, 10));
        counter.add(Time::MAX, i64::MAX);
        counter.add(Time::ZERO, i64::MAX);
        assert_eq!(counter.sum(Time::MAX), i64::MAX);
        counter.reset(Time::ZERO);
        assert_eq!(counter.last_sum(), 0);
    }
}
