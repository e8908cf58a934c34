//! What a handful of independent replications says about a mean, a variance or a proportion.
//!
//! Replications are the unit: values inside one run are correlated, values of different seeds are
//! not. Every sum is taken in index order and compensated, so an interval is a function of its
//! values alone.

mod special;
mod sum;

pub use special::{binomial_upper, normal_quantile, student_t_quantile};
pub use sum::{mean, sample_variance, sum};

/// An estimate and the interval around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The point estimate, in the unit of the values.
    pub mean: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Half of `high − low`; the distance from `mean` to either end unless the interval is
    /// Wilson's.
    pub half_width: f64,
    /// Values (replications, or trials of a proportion) behind the estimate.
    pub n: u64,
}

impl Interval {
    /// Whether `value` lies in the interval, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// `mean` ± t × (standard error), t the two-sided point of Student's law with n − 1 degrees.
    fn student(mean: f64, standard_error: f64, n: usize, confidence: f64) -> Interval {
        let t = student_t_quantile(0.5 + confidence / 2.0, (n - 1) as f64);
        let half_width = t * standard_error;
        Interval { mean, low: mean - half_width, high: mean + half_width, half_width, n: n as u64 }
    }
}

/// Interval of a mean from independent `values`, Student's t; `None` below two values.
///
/// `confidence` is the probability, in (0, 1), that such an interval covers the true mean.
pub fn mean_interval(values: &[f64], confidence: f64) -> Option<Interval> {
    let variance = sample_variance(values)?;
    let n = values.len();
    Some(Interval::student(mean(values)?, (variance / n as f64).sqrt(), n, confidence))
}

/// What one replication saw of a quantity: count, sum and sum of squares.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Totals {
    /// Observations.
    pub n: f64,
    /// Σ x.
    pub sum: f64,
    /// Σ x².
    pub sum_of_squares: f64,
}

impl Totals {
    /// Of the values themselves.
    pub fn of(values: &[f64]) -> Totals {
        Totals {
            n: values.len() as f64,
            sum: sum(values.iter().copied()),
            sum_of_squares: sum(values.iter().map(|x| x * x)),
        }
    }
}

/// Interval of the variance of single observations, from replications of any length.
///
/// The estimate is the variance of all observations pooled; its error comes from the spread of its
/// jackknife values over replications (Miller, Biometrika 61, 1974). Correlation inside a run and
/// heavy tails are in that spread, where a chi-square interval would deny them. Runs of equal
/// length leave no bias, unequal ones a little. `None` below two replications with observations.
pub fn variance_interval(replications: &[Totals], confidence: f64) -> Option<Interval> {
    let runs: Vec<&Totals> = replications.iter().filter(|run| run.n > 0.0).collect();
    if runs.len() < 2 {
        return None;
    }
    let count = sum(runs.iter().map(|run| run.n));
    let centre = sum(runs.iter().map(|run| run.sum)) / count;
    // About the pooled mean, so that a large mean does not swallow a small variance.
    let squares = |run: &Totals| run.sum_of_squares - centre * (2.0 * run.sum - run.n * centre);
    let deviation = |run: &Totals| run.sum - run.n * centre;
    let all_squares = sum(runs.iter().map(|run| squares(run)));
    let all_deviation = sum(runs.iter().map(|run| deviation(run)));
    let pooled = variance_of(all_squares, all_deviation, count);
    let n = runs.len() as f64;
    let pseudo = |run: &&Totals| {
        let without =
            variance_of(all_squares - squares(run), all_deviation - deviation(run), count - run.n);
        n * pooled - (n - 1.0) * without
    };
    mean_interval(&runs.iter().map(pseudo).collect::<Vec<f64>>(), confidence)
}

fn variance_of(squares: f64, deviation: f64, count: f64) -> f64 {
    let mean = deviation / count;
    squares / count - mean * mean
}

/// Wilson's interval of a proportion, `successes` of independent `trials`; `None` without a trial.
///
/// It stays inside [0, 1] and has width at 0 and at 1 (Wilson, JASA 22, 1927). `mean` is the
/// observed share, which is not the middle.
pub fn wilson(successes: u64, trials: u64, confidence: f64) -> Option<Interval> {
    if trials == 0 {
        return None;
    }
    let n = trials as f64;
    let share = successes as f64 / n;
    let z = normal_quantile(0.5 + confidence / 2.0);
    let shrink = 1.0 + z * z / n;
    let middle = (share + z * z / (2.0 * n)) / shrink;
    let reach = z / shrink * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let low = if successes == 0 { 0.0 } else { (middle - reach).max(0.0) };
    let high = if successes == trials { 1.0 } else { (middle + reach).min(1.0) };
    Some(Interval { mean: share, low, high, half_width: (high - low) / 2.0, n: trials })
}

#[cfg(test)]
mod tests;
