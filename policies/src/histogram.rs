//! An integer histogram of latencies: log-linear buckets, exact and order-free merges.

use alloc::vec::Vec;

/// Counts of `u64` values in buckets whose width grows with the value.
///
/// **Promise.** With `b` sub-bucket bits every value below 2ᵇ⁺¹ has a bucket of its own, and every
/// other shares one of 2ᵇ equal buckets of its octave, so any estimated quantile is within a factor
/// 1 ± 2⁻ᵇ of the true one (b = 7: under 0.8 %; interpolation is usually far closer). Count, sum,
/// sum of squares, least and greatest are exact. A merge is the histogram of all values together,
/// bit for bit, in any order and grouping.
///
/// **Cost.** A record finds its bucket by counting leading zeros and adds one: a few nanoseconds
/// and no allocation, except when a value opens a higher octave than any before. Memory is 8 bytes
/// × 2ᵇ per octave up to the greatest value: 27 KB for b = 7 and nanoseconds up to about 4 s, never
/// more than 60 KB. (The layout is that of Tene's HdrHistogram.)
///
/// ```
/// use brownout_policies::histogram::Histogram;
///
/// let mut latency_ns = Histogram::new(7);
/// for millis in 1..=1_000 {
///     latency_ns.record(millis * 1_000_000);
/// }
/// assert_eq!(latency_ns.count(), 1_000);
/// assert_eq!(latency_ns.mean(), Some(500.5e6));
/// assert_eq!(latency_ns.quantile(1.0), Some(1e9));
///
/// // The 99th percentile of 1 ms, 2 ms … 1 s is 990.01 ms; the promise is 0.8 %.
/// let p99 = latency_ns.quantile(0.99).expect("a thousand values");
/// assert!((p99 / 990.01e6 - 1.0).abs() < 1.0 / 128.0);
///
/// let slow = latency_ns.fraction_above(900_000_000).expect("a thousand values");
/// assert!((slow - 0.1).abs() < 0.001);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    /// Invariant: its length is that of the octaves up to `max`, so equal contents are equal.
    counts: Vec<u64>,
    bits: u8,
    count: u64,
    sum: u128,
    sum_of_squares: u128,
    min: u64,
    max: u64,
}

/// One bucket with something in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Least value it takes.
    pub low: u64,
    /// Greatest value it takes.
    pub high: u64,
    /// Values recorded in it.
    pub count: u64,
}

impl Default for Histogram {
    /// 128 sub-buckets an octave: quantiles within 0.8 %.
    fn default() -> Histogram {
        Histogram::new(7)
    }
}

impl Histogram {
    /// An empty histogram of 2^`sub_bucket_bits` sub-buckets per octave, 1..=16 bits.
    pub fn new(sub_bucket_bits: u8) -> Histogram {
        assert!(
            (1..=16).contains(&sub_bucket_bits),
            "a histogram has 1 to 16 sub-bucket bits; found {sub_bucket_bits}"
        );
        Histogram {
            counts: Vec::new(),
            bits: sub_bucket_bits,
            count: 0,
            sum: 0,
            sum_of_squares: 0,
            min: u64::MAX,
            max: 0,
        }
    }

    /// Counts one `value`.
    #[inline]
    pub fn record(&mut self, value: u64) {
        let index = self.index(value);
        match self.counts.get_mut(index) {
            Some(count) => *count = count.wrapping_add(1),
            None => self.open(index),
        }
        // No count reaches 2⁶⁴, and so no sum 2¹²⁸: none pays for the check that it has not.
        self.count = self.count.wrapping_add(1);
        let wide = u128::from(value);
        self.sum = self.sum.wrapping_add(wide);
        self.sum_of_squares = self.sum_of_squares.saturating_add(wide.wrapping_mul(wide));
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Counts `value` `times` times.
    pub fn record_n(&mut self, value: u64, times: u64) {
        if times == 0 {
            return;
        }
        let index = self.index(value);
        if index >= self.counts.len() {
            self.grow(index);
        }
        self.counts[index] += times;
        self.count += times;
        let (wide, times) = (u128::from(value), u128::from(times));
        self.sum += wide * times;
        let squares = (wide * wide).saturating_mul(times);
        self.sum_of_squares = self.sum_of_squares.saturating_add(squares);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Adds everything `other` has counted; both must have the same sub-bucket bits.
    pub fn merge(&mut self, other: &Histogram) {
        assert_eq!(self.bits, other.bits, "merged histograms have the same sub-bucket bits");
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.sum_of_squares = self.sum_of_squares.saturating_add(other.sum_of_squares);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Sub-buckets per octave, as a power of two.
    pub fn sub_bucket_bits(&self) -> u8 {
        self.bits
    }

    /// Values recorded.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether nothing has been recorded.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Σ value, exact.
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// Σ value², exact below 2¹²⁸ and stuck at `u128::MAX` from there.
    ///
    /// In nanoseconds that is room for 3 × 10²⁰ values of a second or 2 × 10¹³ of an hour.
    pub fn sum_of_squares(&self) -> u128 {
        self.sum_of_squares
    }

    /// Least value recorded, exact.
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// Greatest value recorded, exact.
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// Mean of the values themselves, not of their buckets.
    pub fn mean(&self) -> Option<f64> {
        // Whole part and rest apart: a sum beyond 2⁵³ keeps its last digits.
        let (whole, rest) = self.mean_parts()?;
        Some(whole as f64 + rest)
    }

    /// Variance of the values themselves (divisor n); `None` when empty or Σ value² has saturated.
    pub fn variance(&self) -> Option<f64> {
        let (whole, rest) = self.mean_parts()?;
        if self.sum_of_squares == u128::MAX {
            return None;
        }
        // Σ(v − whole)² in integers modulo 2¹²⁸: the true value is in range, so it is exact, and a
        // mean a million times the deviation costs no digits.
        let cross = self.sum.wrapping_mul(whole).wrapping_mul(2);
        let square = whole.wrapping_mul(whole).wrapping_mul(u128::from(self.count));
        let about_whole = self.sum_of_squares.wrapping_sub(cross).wrapping_add(square);
        Some((about_whole as f64 / self.count as f64 - rest * rest).max(0.0))
    }

    /// Mean as a whole number and a rest in [0, 1).
    fn mean_parts(&self) -> Option<(u128, f64)> {
        let count = u128::from(self.count);
        let whole = self.sum.checked_div(count)?;
        Some((whole, (self.sum % count) as f64 / self.count as f64))
    }

    /// The value below which a share `p` in [0, 1] of the values lies; `None` when empty.
    ///
    /// The point p(n − 1) between order statistics (Hyndman & Fan's type 7), each taken to lie
    /// evenly in its bucket. `quantile(0.0)` is the least value and `quantile(1.0)` the greatest,
    /// exactly.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        assert!((0.0..=1.0).contains(&p), "a quantile needs 0 <= p <= 1; found {p}");
        let last = self.count.checked_sub(1)?;
        let place = p * last as f64;
        let rank = (place as u64).min(last);
        let below = self.order_statistic(rank);
        let share = place - rank as f64;
        if share <= 0.0 || rank == last {
            return Some(below);
        }
        Some(below + share * (self.order_statistic(rank + 1) - below))
    }

    /// The value of 0-based `rank` < count in increasing order, as well as its bucket tells.
    fn order_statistic(&self, rank: u64) -> f64 {
        if rank == 0 {
            return self.min as f64;
        }
        if rank + 1 == self.count {
            return self.max as f64;
        }
        let mut before = 0;
        for bucket in self.iter() {
            if rank < before + bucket.count {
                let share = ((rank - before) as f64 + 0.5) / bucket.count as f64;
                let (low, high) = (bucket.low.max(self.min), bucket.high.min(self.max));
                return low as f64 + share * (high - low) as f64;
            }
            before += bucket.count;
        }
        self.max as f64
    }

    /// How many values exceed `value`, with the part of its own bucket taken to lie evenly.
    ///
    /// Exact where `value` ends a bucket, as every value below 2ᵇ⁺¹ does, and outside [min, max].
    pub fn count_above(&self, value: u64) -> f64 {
        if self.count == 0 || value >= self.max {
            return 0.0;
        }
        if value < self.min {
            return self.count as f64;
        }
        let index = self.index(value);
        let above: u64 = self.counts[index + 1..].iter().sum();
        let (low, high) = self.bounds(index);
        let (low, high) = (low.max(self.min), high.min(self.max));
        let inside = (high - value) as f64 / ((high - low) as f64 + 1.0);
        above as f64 + inside * self.counts[index] as f64
    }

    /// [`count_above`](Histogram::count_above) over the count, in [0, 1]; `None` when empty.
    pub fn fraction_above(&self, value: u64) -> Option<f64> {
        (self.count > 0).then(|| self.count_above(value) / self.count as f64)
    }

    /// The buckets with something in them, in increasing order.
    pub fn iter(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(index, &count)| {
            let (low, high) = self.bounds(index);
            Bucket { low, high, count }
        })
    }

    /// The bucket of `value`: its octave's number × 2ᵇ plus its leading b + 1 bits.
    #[inline]
    fn index(&self, value: u64) -> usize {
        // The octave's number is 0 or more, since bit b is set; nothing here overflows.
        let bits = u32::from(self.bits);
        let shift = (value | 1u64.wrapping_shl(bits)).ilog2().wrapping_sub(bits);
        let octave = u64::from(shift).wrapping_shl(bits);
        octave.wrapping_add(value.wrapping_shr(shift)) as usize
    }

    /// Least and greatest value of the bucket `index`.
    fn bounds(&self, index: usize) -> (u64, u64) {
        let octave = index >> self.bits;
        let shift = octave.saturating_sub(1);
        let low = ((index - (shift << self.bits)) as u64) << shift;
        (low, low + ((1 << shift) - 1))
    }

    /// Counts one in the bucket `index`, in an octave higher than any before.
    #[cold]
    fn open(&mut self, index: usize) {
        self.grow(index);
        self.counts[index] += 1;
    }

    /// Makes room up to the end of the octave of the bucket `index`.
    fn grow(&mut self, index: usize) {
        let octave = index >> self.bits;
        self.counts.resize((octave + 1) << self.bits, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_the_bucket_that_claims_it_and_buckets_leave_no_gap() {
        for bits in [1, 3, 7, 16] {
            let histogram = Histogram::new(bits);
            let mut next = 0;
            for index in 0..(65 - usize::from(bits)) << bits {
                let (low, high) = histogram.bounds(index);
                assert_eq!((low, histogram.index(low)), (next, index));
                assert_eq!(histogram.index(high), index);
                assert!(high - low <= low >> bits, "bucket {low}..={high} is too wide");
                next = high.wrapping_add(1);
            }
            assert_eq!(next, 0, "the last bucket ends at u64::MAX");
        }
    }

    #[test]
    fn small_values_and_both_ends_are_exact() {
        let mut histogram = Histogram::new(7);
        for value in (0..256).rev() {
            histogram.record(value);
        }
        for p in 0..=255 {
            assert_eq!(histogram.quantile(f64::from(p) / 255.0), Some(f64::from(p)));
        }
        assert_eq!(histogram.count_above(199), 56.0);
        histogram.record(u64::MAX);
        assert_eq!(histogram.quantile(1.0), Some(u64::MAX as f64));
        assert_eq!((histogram.min(), histogram.max()), (Some(0), Some(u64::MAX)));
    }

    #[test]
    fn one_repeated_value_has_no_spread() {
        let mut histogram = Histogram::default();
        histogram.record_n(1_234_567, 1_000);
        assert_eq!(histogram.quantile(0.37), Some(1_234_567.0));
        assert_eq!(histogram.variance(), Some(0.0));
        assert_eq!(histogram.fraction_above(1_234_566), Some(1.0));
        assert_eq!(histogram.fraction_above(1_234_567), Some(0.0));
    }

    #[test]
    fn an_empty_histogram_has_no_statistics() {
        let histogram = Histogram::default();
        assert_eq!((histogram.min(), histogram.max(), histogram.mean()), (None, None, None));
        assert_eq!((histogram.variance(), histogram.quantile(0.5)), (None, None));
        assert_eq!((histogram.fraction_above(0), histogram.count_above(0)), (None, 0.0));
    }

    #[test]
    fn a_mean_a_billion_times_the_deviation_costs_the_variance_no_digits() {
        let mut histogram = Histogram::default();
        for value in [1_000_000_000_003, 1_000_000_000_005, 1_000_000_000_005] {
            histogram.record(value);
        }
        let variance = histogram.variance().expect("three values");
        assert!((variance - 8.0 / 9.0).abs() < 1e-15, "found {variance}");
    }

    #[test]
    fn a_saturated_sum_of_squares_is_no_variance() {
        let mut histogram = Histogram::default();
        histogram.record(u64::MAX);
        assert_eq!(histogram.variance(), Some(0.0));
        histogram.record(u64::MAX);
        assert_eq!((histogram.sum_of_squares(), histogram.variance()), (u128::MAX, None));
        assert_eq!(histogram.sum(), 2 * u128::from(u64::MAX));
    }

    #[test]
    fn recording_many_at_once_is_recording_them_one_by_one() {
        let (mut at_once, mut one_by_one) = (Histogram::new(4), Histogram::new(4));
        for value in [0, 15, 16, 31, 32, 1_000, 1_000_000_007] {
            at_once.record_n(value, 3);
            at_once.record_n(value, 0);
            (0..3).for_each(|_| one_by_one.record(value));
        }
        assert_eq!(at_once, one_by_one);
    }
}
