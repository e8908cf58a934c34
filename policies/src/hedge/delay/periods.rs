//! The percentile of the latencies of the period before.

use super::samples::rank;
use crate::settings::Share;
use crate::time::{Span, Time};
use alloc::boxed::Box;
use alloc::vec;

/// Counts the latencies of this period and answers from those of the one before (tower's rotating
/// histogram). Periods are on a grid; two without a word and everything is forgotten.
///
/// Latencies are counted in buckets of at most 1/128 of their size; the percentile is the upper
/// end of its bucket, so that it is never early.
#[derive(Debug, Clone)]
pub struct Periods {
    percentile: Share,
    period: Span,
    least: u64,
    /// When this period began.
    begun: Time,
    counts: Box<[u32]>,
    count: u64,
    /// Of the period before, if it had enough.
    answer: Option<Span>,
}

/// Sub-buckets an octave, as a power of two.
const BITS: u32 = 7;

impl Periods {
    /// None has passed; there is no percentile of a period with fewer than `least` latencies.
    pub fn new(percentile: Share, period: Span, least: u32) -> Periods {
        let buckets = ((u64::BITS - BITS + 1) << BITS) as usize;
        Periods {
            percentile,
            period,
            least: u64::from(least.max(1)),
            begun: Time::ZERO,
            counts: vec![0; buckets].into_boxed_slice(),
            count: 0,
            answer: None,
        }
    }

    /// One more, in the period that is now.
    pub fn record(&mut self, now: Time, latency: Span) {
        self.rotate(now);
        let count = &mut self.counts[bucket(latency.nanos())];
        *count = count.saturating_add(1);
        self.count += 1;
    }

    /// The percentile of the period before this one, if that had enough.
    #[inline]
    pub fn percentile(&mut self, now: Time) -> Option<Span> {
        self.rotate(now);
        self.answer
    }

    #[inline]
    fn rotate(&mut self, now: Time) {
        if now.since(self.begun) >= self.period {
            self.end_periods(now);
        }
    }

    #[cold]
    fn end_periods(&mut self, now: Time) {
        let ended = now.since(self.begun).nanos() / self.period.nanos().max(1);
        self.answer = if ended == 1 { self.of_this_period() } else { None };
        self.begun = self.begun.saturating_add(self.period.saturating_mul(ended));
        self.counts.fill(0);
        self.count = 0;
    }

    fn of_this_period(&self) -> Option<Span> {
        if self.count < self.least {
            return None;
        }
        let mut left = rank(self.percentile, self.count);
        for (index, &count) in self.counts.iter().enumerate() {
            match left.checked_sub(u64::from(count)) {
                Some(more) if more > 0 => left = more,
                Some(_) | None => return Some(Span::from_nanos(upper_end(index))),
            }
        }
        None
    }
}

/// The octave's number × 2^BITS plus the leading BITS + 1 bits.
fn bucket(value: u64) -> usize {
    let shift = 63 - BITS - (value | 1 << BITS).leading_zeros();
    ((shift as usize) << BITS) + (value >> shift) as usize
}

/// The greatest value of a bucket.
fn upper_end(index: usize) -> u64 {
    let shift = (index >> BITS).saturating_sub(1);
    let low = ((index - (shift << BITS)) as u64) << shift;
    low + ((1 << shift) - 1)
}
