//! The integer histogram against sorted values and against HdrHistogram.

use brownout_core::histogram::Histogram;
use hdrhistogram::Histogram as Hdr;

/// SplitMix64: any fixed stream of words serves here.
struct Words(u64);

impl Words {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A value of a random size between 0 and 2^`octaves`.
    fn value(&mut self, octaves: u64) -> u64 {
        let keep = self.next() % octaves + 1;
        self.next() >> (64 - keep)
    }
}

fn values(seed: u64, n: usize, octaves: u64) -> Vec<u64> {
    let mut words = Words(seed);
    (0..n).map(|_| words.value(octaves)).collect()
}

fn recorded(bits: u8, values: &[u64]) -> Histogram {
    let mut histogram = Histogram::new(bits);
    values.iter().for_each(|&value| histogram.record(value));
    histogram
}

const SHARES: [f64; 9] = [0.0, 0.001, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0];

#[test]
fn quantiles_keep_the_promise_for_any_values() {
    for seed in 0..40 {
        for (bits, octaves, n) in [(1, 20, 300), (5, 64, 2_000), (7, 34, 5_000), (10, 50, 1)] {
            let mut values = values(seed, n, octaves);
            let histogram = recorded(bits, &values);
            values.sort_unstable();
            for p in SHARES {
                let place = p * (n - 1) as f64;
                let (rank, share) = (place as usize, place.fract());
                let next = values[(rank + 1).min(n - 1)] as f64;
                let exact = values[rank] as f64 * (1.0 - share) + next * share;
                let found = histogram.quantile(p).expect("values");
                let promise = exact / f64::from(1u32 << bits) + 1e-9 * exact;
                assert!(
                    (found - exact).abs() <= promise,
                    "seed {seed}, {bits} bits, p {p}: found {found}, exact {exact}"
                );
            }
        }
    }
}

#[test]
fn interpolation_beats_the_bucket_a_hundredfold_on_a_smooth_law() {
    let mut words = Words(7);
    let histogram = recorded(7, &(0..400_000).map(|_| words.next() >> 34).collect::<Vec<u64>>());
    let width = (1u64 << 30) as f64;
    for p in [0.1, 0.5, 0.9, 0.99] {
        let error = (histogram.quantile(p).expect("values") / width - p).abs();
        // Four standard errors of the order statistic itself; a bucket is 0.004 to 0.008 wide.
        let noise = 4.0 * (p * (1.0 - p) / 400_000.0_f64).sqrt();
        assert!(error < noise, "p {p}: {error} over {noise}");
        let above = histogram.fraction_above((p * width) as u64).expect("values");
        assert!((above - (1.0 - p)).abs() < noise, "above p {p}: {above}");
    }
}

#[test]
fn merges_are_exact_and_order_free() {
    let all = values(11, 9_000, 60);
    let whole = recorded(7, &all);
    let parts: Vec<Histogram> = all.chunks(1_111).map(|part| recorded(7, part)).collect();
    let mut forward = Histogram::new(7);
    parts.iter().for_each(|part| forward.merge(part));
    let mut backward = Histogram::new(7);
    parts.iter().rev().for_each(|part| backward.merge(part));
    let mut pairs = parts.clone();
    while pairs.len() > 1 {
        let last = pairs.pop().expect("more than one");
        pairs[0].merge(&last);
    }
    assert_eq!(forward, whole);
    assert_eq!(backward, whole);
    assert_eq!(pairs[0], whole);
    forward.merge(&Histogram::new(7));
    assert_eq!(forward, whole);
}

#[test]
fn moments_are_those_of_the_values() {
    let values = values(3, 10_000, 40);
    let histogram = recorded(7, &values);
    let sum: u128 = values.iter().map(|&v| u128::from(v)).sum();
    let squares: u128 = values.iter().map(|&v| u128::from(v) * u128::from(v)).sum();
    assert_eq!((histogram.sum(), histogram.sum_of_squares()), (sum, squares));
    let mean = values.iter().map(|&v| v as f64).sum::<f64>() / 1e4;
    let variance = values.iter().map(|&v| (v as f64 - mean) * (v as f64 - mean)).sum::<f64>() / 1e4;
    assert!((histogram.mean().expect("values") / mean - 1.0).abs() < 1e-13);
    assert!((histogram.variance().expect("values") / variance - 1.0).abs() < 1e-11);
    assert_eq!(histogram.min(), values.iter().copied().min());
    assert_eq!(histogram.max(), values.iter().copied().max());
}

#[test]
fn hdrhistogram_puts_the_same_values_in_the_same_buckets() {
    // Two significant digits are 256 sub-buckets below 256 and 128 an octave from there: 7 bits.
    let values = values(5, 20_000, 62);
    let ours = recorded(7, &values);
    let mut theirs = Hdr::<u64>::new_with_bounds(1, u64::MAX / 2, 2).expect("valid bounds");
    values.iter().for_each(|&value| theirs.record(value).expect("in bounds"));
    assert_eq!(ours.count(), theirs.len());
    let mut buckets = 0;
    for bucket in ours.iter() {
        assert_eq!(theirs.lowest_equivalent(bucket.low), bucket.low);
        assert_eq!(theirs.highest_equivalent(bucket.low), bucket.high);
        assert_eq!(theirs.count_at(bucket.low), bucket.count);
        buckets += 1;
    }
    assert_eq!(theirs.iter_recorded().count(), buckets);
    for p in [0.5, 0.9, 0.99, 0.999] {
        let bucket = theirs.value_at_quantile(p);
        let (low, high) = (theirs.lowest_equivalent(bucket), theirs.highest_equivalent(bucket));
        let found = ours.quantile(p).expect("values");
        // Theirs is the ⌈pn⌉-th value, ours lies between that and its neighbour.
        assert!(found > low as f64 * 0.98 && found < high as f64 * 1.02, "p {p}: {found}");
    }
}

#[test]
fn counts_above_are_exact_at_bucket_ends_and_fall_between() {
    let values = values(9, 4_000, 30);
    let histogram = recorded(7, &values);
    let exact = |limit: u64| values.iter().filter(|&&v| v > limit).count() as f64;
    for bucket in histogram.iter() {
        assert_eq!(histogram.count_above(bucket.high), exact(bucket.high));
    }
    let mut before = f64::INFINITY;
    for limit in (0..1 << 30).step_by(1_000_003) {
        let found = histogram.count_above(limit);
        let bucket = histogram.iter().find(|b| (b.low..=b.high).contains(&limit));
        assert!(found <= before, "the count above {limit} rises");
        assert!((found - exact(limit)).abs() <= bucket.map_or(0, |b| b.count) as f64);
        before = found;
    }
}
