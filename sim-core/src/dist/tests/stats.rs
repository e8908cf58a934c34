//! The statistics of the tests, each with its critical value at a chance of 1e-4.

/// The standard normal's upper quantile at 1e-4.
const Z: f64 = 3.719;
/// Kolmogorov's limit at 1e-4: √(−ln(1e-4 / 2) / 2).
const KOLMOGOROV: f64 = 2.2252;

pub(super) fn assert_within(actual: f64, expected: f64, half_width: f64, of: &str) {
    let off = (actual - expected).abs();
    assert!(off <= half_width, "{of}: {actual} is not within {half_width} of {expected}");
}

/// A relative comparison.
pub(super) fn assert_near(actual: f64, expected: f64, relative: f64, of: &str) {
    assert_within(actual, expected, expected.abs() * relative, of);
}

pub(super) fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean of the n-th power of the distance from `centre`.
pub(super) fn moment(values: &[f64], centre: f64, n: i32) -> f64 {
    let power = |x: &f64| (0..n).map(|_| x - centre).product::<f64>();
    values.iter().map(power).sum::<f64>() / values.len() as f64
}

/// Kolmogorov & Smirnov's test of a sample against a distribution function, atoms included: the
/// two are compared at every distinct value and just below it.
pub(super) fn assert_fits(values: Vec<f64>, cdf: impl Fn(f64) -> f64, of: &str) {
    let values = sorted(values);
    let count = values.len() as f64;
    let (mut distance, mut below) = (0.0_f64, 0);
    for same in values.chunk_by(|a, b| a == b) {
        let x = same[0];
        distance = distance.max((cdf(x.next_down()) - below as f64 / count).abs());
        below += same.len();
        distance = distance.max((cdf(x) - below as f64 / count).abs());
    }
    let scaled = distance * count.sqrt();
    assert!(scaled < KOLMOGOROV, "{of}: √n·D = {scaled}, limit {KOLMOGOROV}");
}

/// Kolmogorov & Smirnov's test of two samples against each other.
pub(super) fn assert_same_law(first: Vec<f64>, second: Vec<f64>, of: &str) {
    let (first, second) = (sorted(first), sorted(second));
    let (n, m) = (first.len() as f64, second.len() as f64);
    let share = |values: &[f64], x: f64| {
        values.partition_point(|value| *value <= x) as f64 / values.len() as f64
    };
    let every = first.iter().chain(&second);
    let distance =
        every.map(|&x| (share(&first, x) - share(&second, x)).abs()).fold(0.0_f64, f64::max);
    let scaled = distance * (n * m / (n + m)).sqrt();
    assert!(scaled < KOLMOGOROV, "{of}: scaled D = {scaled}, limit {KOLMOGOROV}");
}

/// Pearson's test that cells meant to be alike are: neither too uneven nor too even. The limits
/// are Wilson & Hilferty's (1931).
pub(super) fn assert_even(counts: &[u64], of: &str) {
    let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    assert!(expected >= 10.0, "{of}: the cells are full enough for the test");
    let square = |&count: &u64| (count as f64 - expected) * (count as f64 - expected) / expected;
    let statistic: f64 = counts.iter().map(square).sum();
    let freedom = counts.len() as f64 - 1.0;
    let limit = |z: f64| {
        let root = 1.0 - 2.0 / (9.0 * freedom) + z * (2.0 / (9.0 * freedom)).sqrt();
        freedom * root * root * root
    };
    let (low, high) = (limit(-Z), limit(Z));
    assert!(low < statistic && statistic < high, "{of}: χ² = {statistic}, not in {low}..{high}");
}

/// That two samples of one length are uncorrelated, to 4.5 standard errors.
pub(super) fn assert_uncorrelated(xs: &[f64], ys: &[f64], of: &str) {
    let (mean_x, mean_y) = (mean(xs), mean(ys));
    let products = xs.iter().zip(ys).map(|(x, y)| (x - mean_x) * (y - mean_y));
    let covariance = products.sum::<f64>() / xs.len() as f64;
    let spread = (moment(xs, mean_x, 2) * moment(ys, mean_y, 2)).sqrt();
    let correlation = covariance / spread;
    assert_within(correlation, 0.0, 4.5 / (xs.len() as f64).sqrt(), of);
}

/// That two uniform samples are independent: even over the cells of a square.
pub(super) fn assert_independent(xs: &[f64], ys: &[f64], of: &str) {
    const SIDE: usize = 64;
    assert_uncorrelated(xs, ys, of);
    let cell = |unit: f64| (unit * SIDE as f64) as usize;
    let mut counts = vec![0; SIDE * SIDE];
    for (&x, &y) in xs.iter().zip(ys) {
        counts[cell(x) * SIDE + cell(y)] += 1;
    }
    assert_even(&counts, of);
}

#[test]
fn the_distance_of_a_sample_worked_on_paper() {
    // {0.5, 0.5} against the uniform: D = 1/2 just below 0.5, and √2/2 is under the limit.
    assert_fits(vec![0.5, 0.5], |x| x, "two halves");
    // Twenty of them are not uniform: √20/2 = 2.236.
    let twenty = std::panic::catch_unwind(|| assert_fits(vec![0.5; 20], |x| x, "twenty"));
    assert!(twenty.is_err());
}

#[test]
fn cells_too_uneven_and_too_even_are_both_found() {
    assert!(std::panic::catch_unwind(|| assert_even(&[100, 160, 100, 100], "uneven")).is_err());
    assert!(std::panic::catch_unwind(|| assert_even(&[100; 256], "even")).is_err());
}
