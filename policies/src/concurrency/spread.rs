//! A window's latencies, for one quantile of them.

use alloc::boxed::Box;
use alloc::vec;

/// Sub-buckets an octave, as a power of two: a quantile is within 1.6 % of the true one.
const BITS: u32 = 6;
/// One bucket for each value below 2⁷, then 2⁶ for each octave up to 2⁶⁴.
const BUCKETS: usize = (64 - BITS as usize + 1) << BITS;

/// Counts of latencies in log-linear buckets, all of them allocated at the start.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    counts: Box<[u32]>,
    count: u32,
    low: u64,
    high: u64,
}

impl Spread {
    /// An empty one.
    pub(super) fn new() -> Spread {
        Spread { counts: vec![0; BUCKETS].into(), count: 0, low: u64::MAX, high: 0 }
    }

    /// Counts one.
    pub(super) fn add(&mut self, nanos: u64) {
        let counted = &mut self.counts[bucket(nanos)];
        *counted = counted.saturating_add(1);
        self.count = self.count.saturating_add(1);
        self.low = self.low.min(nanos);
        self.high = self.high.max(nanos);
    }

    /// How many are counted.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// The least of them; zero when there is none.
    pub(super) fn low(&self) -> u64 {
        if self.count == 0 { 0 } else { self.low }
    }

    /// The value at `share` of them, interpolated within its bucket; exact when all are equal.
    pub(super) fn quantile(&self, share: f64) -> u64 {
        if self.count == 0 {
            return 0;
        }
        let rank = (share * f64::from(self.count)).clamp(0.0, f64::from(self.count));
        let mut below = 0.0;
        for index in bucket(self.low)..=bucket(self.high) {
            let count = f64::from(self.counts[index]);
            if count > 0.0 && below + count >= rank {
                let (start, width) = span(index);
                let within = (rank - below) / count * (width - 1) as f64;
                let value = start.saturating_add(within as u64);
                return value.clamp(self.low, self.high);
            }
            below += count;
        }
        self.high
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        if self.count > 0 {
            self.counts[bucket(self.low)..=bucket(self.high)].fill(0);
        }
        (self.count, self.low, self.high) = (0, u64::MAX, 0);
    }
}

/// The bucket of a value.
fn bucket(value: u64) -> usize {
    let octave = (63 - (value | 1).leading_zeros()).saturating_sub(BITS);
    ((octave as usize) << BITS) + (value >> octave) as usize
}

/// The least value of a bucket and how many it takes.
fn span(index: usize) -> (u64, u64) {
    let octave = (index >> BITS).saturating_sub(1) as u32;
    let offset = (index - ((octave as usize) << BITS)) as u64;
    (offset << octave, 1 << octave)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_the_bucket_that_spans_it() {
        for value in [0, 1, 63, 64, 127, 128, 129, 1_000, 10_000_000, u64::MAX / 3, u64::MAX] {
            let (start, width) = span(bucket(value));
            assert!(start <= value && value - start < width, "{value}: {start} + {width}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn a_quantile_is_near_and_equal_values_are_exact() {
        let mut spread = Spread::new();
        (0..50).for_each(|_| spread.add(10_000_000));
        assert_eq!((spread.quantile(0.5), spread.low()), (10_000_000, 10_000_000));
        spread.clear();
        (1..=1_000).for_each(|millis| spread.add(millis * 1_000_000));
        let p90 = spread.quantile(0.9) as f64;
        assert!((p90 / 900e6 - 1.0).abs() < 1.0 / 64.0, "{p90}");
    }
}
