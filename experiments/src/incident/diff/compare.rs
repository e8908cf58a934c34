//! Differences run by run, and what they say together.

use super::{Diff, Row, Side};
use brownout_core::interval::{mean, mean_interval, sample_variance};

/// Probability that an interval covers the true difference.
const CONFIDENCE: f64 = 0.95;

/// Which direction is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Neither is.
    Neither,
}

/// One quantity on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The question.
    pub text: String,
    /// Its unit, as machine-readable output names it.
    pub unit: String,
    /// Which direction is the good one.
    pub better: Better,
    /// The means of the first and the second side.
    pub means: (f64, f64),
    /// Mean of second − first, over the runs in which both are finite; none if there is none.
    pub mean: Option<f64>,
    /// Student's 95 % interval of that; none below two runs, or when not all runs are finite.
    pub ci95: Option<(f64, f64)>,
    /// The variance of the difference of independent runs over that of paired ones: how many times
    /// as many runs would be needed without pairing. None where nothing scatters.
    pub gain: Option<f64>,
    /// Runs that are infinite, of the first and of the second side.
    pub never: (usize, usize),
    /// Pairs.
    pub runs: usize,
}

/// The direction that is good for a question, by its metric.
pub fn direction(text: &str) -> Better {
    let name: String =
        text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.')).collect();
    let is_quantile =
        |name: &str| name.strip_prefix('p').is_some_and(|rest| rest.parse::<f64>().is_ok());
    let first = name.split('.').next().unwrap_or_default();
    match first {
        "goodput" | "availability" => Better::Higher,
        "mean"
        | "sd"
        | "var"
        | "wait"
        | "sojourn"
        | "amplification"
        | "wasted"
        | "dead"
        | "stuck"
        | "tipped"
        | "recovery"
        | "errors"
        | "rejected"
        | "turned_away"
        | "timed_out"
        | "shed"
        | "dropped"
        | "refused"
        | "failed"
        | "lost"
        | "expired"
        | "queue"
        | "in_system"
        | "died"
        | "fired"
        | "firing"
        | "duplicates"
        | "conflicts"
        | "completed_but_reported_failed"
        | "reported_failed"
        | "pool_timeouts"
        | "pool_wait" => Better::Lower,
        name if is_quantile(name) => Better::Lower,
        _ => Better::Neither,
    }
}

/// The second side compared with the first, over the seeds that both have.
///
/// # Errors
/// When they have none in common, for a person.
pub fn compare(first: &Side, second: &Side, tolerance: f64) -> Result<Diff, String> {
    let common: Vec<(usize, usize)> = first
        .seeds
        .iter()
        .enumerate()
        .filter_map(|(at, seed)| Some((at, second.seeds.iter().position(|other| other == seed)?)))
        .collect();
    let names = names(first, second);
    if common.is_empty() {
        let (a, b) = (seeds(first), seeds(second));
        return Err(format!(
            "{} and {} have no seed in common ({a} against {b}), so nothing can be paired; run \
             both with the same --seed",
            names.0, names.1
        ));
    }
    let mut differences = Vec::new();
    let mut alone = Vec::new();
    for row in &first.rows {
        match second.rows.iter().find(|other| other.text == row.text) {
            Some(other) => match pairs(first, second, (row, other), &common) {
                Some(pairs) => differences.push(difference(row, other, &pairs)),
                None => alone.push(format!("{}, as its batches are not as many", row.text)),
            },
            None => alone.push(format!("{} only of {}", row.text, names.0)),
        }
    }
    let known = |row: &&Row| first.rows.iter().any(|other| other.text == row.text);
    let others = second.rows.iter().filter(|row| !known(row));
    alone.extend(others.map(|row| format!("{} only of {}", row.text, names.1)));
    let same = common.iter().all(|(a, b)| first.digests[*a] == second.digests[*b]);
    let seeds = common.iter().map(|(at, _)| first.seeds[*at].clone()).collect();
    Ok(Diff { names, seeds, differences, alone, same, tolerance })
}

/// Which answers belong together: those of one seed, or of an only run those of one batch.
fn pairs(
    first: &Side,
    second: &Side,
    (row, other): (&Row, &Row),
    common: &[(usize, usize)],
) -> Option<Vec<(usize, usize)>> {
    if row.runs.len() == first.seeds.len() && other.runs.len() == second.seeds.len() {
        return Some(common.to_vec());
    }
    let alike = row.runs.len() == other.runs.len();
    alike.then(|| (0..row.runs.len()).map(|batch| (batch, batch)).collect())
}

/// What tells the two apart.
fn names(first: &Side, second: &Side) -> (String, String) {
    let full = |side: &Side| format!("{} of {}", side.variant, side.name);
    match (first.variant == second.variant, first.name == second.name) {
        (false, true) => (first.variant.clone(), second.variant.clone()),
        (true, false) => (first.name.clone(), second.name.clone()),
        (false, false) => (full(first), full(second)),
        (true, true) => (format!("{} (1)", first.name), format!("{} (2)", second.name)),
    }
}

fn seeds(side: &Side) -> String {
    match side.seeds.as_slice() {
        [] => "none".to_owned(),
        [only] => only.clone(),
        [first, .., last] => format!("{first} to {last}"),
    }
}

fn difference(first: &Row, second: &Row, common: &[(usize, usize)]) -> Difference {
    let pairs = common.iter().map(|(a, b)| (first.runs[*a], second.runs[*b]));
    let pairs: Vec<(f64, f64)> = pairs.filter(|(a, b)| !a.is_nan() && !b.is_nan()).collect();
    let finite: Vec<(f64, f64)> =
        pairs.iter().copied().filter(|(a, b)| a.is_finite() && b.is_finite()).collect();
    let (ones, others): (Vec<f64>, Vec<f64>) = finite.iter().copied().unzip();
    let differences: Vec<f64> = finite.iter().map(|(a, b)| b - a).collect();
    let all_finite = finite.len() == common.len();
    let interval = mean_interval(&differences, CONFIDENCE).filter(|_| all_finite);
    let count =
        |of: fn(&(f64, f64)) -> f64| pairs.iter().filter(|one| of(one).is_infinite()).count();
    Difference {
        text: first.text.clone(),
        unit: first.unit.clone(),
        better: direction(&first.text),
        means: (plain_mean(&pairs, |one| one.0), plain_mean(&pairs, |one| one.1)),
        mean: mean(&differences),
        ci95: interval.map(|interval| (interval.low, interval.high)),
        gain: gain(&ones, &others, &differences),
        never: (count(|one| one.0), count(|one| one.1)),
        runs: pairs.len(),
    }
}

fn plain_mean(pairs: &[(f64, f64)], of: impl Fn(&(f64, f64)) -> f64) -> f64 {
    let values: Vec<f64> = pairs.iter().map(of).collect();
    match values.iter().any(|value| value.is_infinite()) {
        true => f64::INFINITY,
        false => mean(&values).unwrap_or(f64::NAN),
    }
}

/// How much pairing gains.
fn gain(ones: &[f64], others: &[f64], differences: &[f64]) -> Option<f64> {
    let apart = sample_variance(ones)? + sample_variance(others)?;
    let paired = sample_variance(differences)?;
    (paired > 0.0 && apart > 0.0).then(|| apart / paired)
}

impl Difference {
    /// Whether the second side is worse by more than `tolerance` of the first side's mean (of a
    /// share: by so much), with the whole of the interval. Of what may be infinite: whether it is
    /// so in half of the runs or more, and was so in fewer than half.
    pub fn is_worse(&self, tolerance: f64) -> bool {
        self.moves(tolerance, |better| match better {
            Better::Higher => -1.0,
            Better::Lower => 1.0,
            Better::Neither => 0.0,
        })
    }

    /// Whether it is better by more than that.
    pub fn is_better(&self, tolerance: f64) -> bool {
        self.moves(tolerance, |better| match better {
            Better::Higher => 1.0,
            Better::Lower => -1.0,
            Better::Neither => 0.0,
        })
    }

    /// Whether all of the interval lies beyond the tolerance in a direction: 1, −1, or 0 for none.
    fn moves(&self, tolerance: f64, sign: impl Fn(Better) -> f64) -> bool {
        let sign = sign(self.better);
        if sign == 0.0 || self.runs < 2 {
            return false;
        }
        if self.never != (0, 0) {
            let (a, b) = (2 * self.never.0 >= self.runs, 2 * self.never.1 >= self.runs);
            return if sign > 0.0 { b && !a } else { a && !b };
        }
        let margin = tolerance * if self.unit == "share" { 1.0 } else { self.means.0.abs() };
        self.ci95.is_some_and(|(low, high)| match sign > 0.0 {
            true => low > margin,
            false => high < -margin,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(name: &str, text: &str, runs: &[f64]) -> Side {
        let seeds = (0..runs.len()).map(|place| format!("1#{place}"));
        Side {
            name: name.to_owned(),
            variant: "base".to_owned(),
            seeds: seeds.clone().collect(),
            digests: seeds.map(|seed| format!("{name}{seed}")).collect(),
            rows: vec![Row { text: text.to_owned(), unit: "s".to_owned(), runs: runs.to_vec() }],
        }
    }

    fn one(text: &str, a: &[f64], b: &[f64]) -> Difference {
        let diff = compare(&side("a", text, a), &side("b", text, b), 0.0).expect("seeds agree");
        diff.differences[0].clone()
    }

    /// Worked by hand: differences 1, 2, 3: mean 2, standard error 1/√3, t(0.975, 2) = 4.302653.
    #[test]
    fn the_interval_is_that_of_the_differences() {
        let found = one("p99(api)", &[10.0, 20.0, 30.0], &[11.0, 22.0, 33.0]);
        let half = 4.302_653 / 3.0_f64.sqrt();
        let (low, high) = found.ci95.expect("three runs");
        assert!((low - (2.0 - half)).abs() < 1e-5 && (high - (2.0 + half)).abs() < 1e-5);
        // Variances 100 and 121 apart, 1 together.
        assert!((found.gain.expect("it scatters") - 221.0).abs() < 1e-9);
    }

    #[test]
    fn the_bad_direction_is_the_metric_s() {
        let (low, high) = ([1.0, 1.1, 1.2], [2.0, 2.1, 2.2]);
        assert!(one("p99(api)", &low, &high).is_worse(0.0));
        assert!(one("p99(api)", &high, &low).is_better(0.0));
        assert!(one("goodput(api)", &high, &low).is_worse(0.0));
        assert!(!one("goodput(api)", &low, &high).is_worse(0.0));
        let neither = one("offered(api)", &low, &high);
        assert!(!neither.is_worse(0.0) && !neither.is_better(0.0));
    }

    #[test]
    fn a_worsening_within_the_tolerance_is_put_up_with() {
        let found = one("p99(api)", &[1.0, 1.0, 1.0], &[1.04, 1.05, 1.06]);
        assert!(found.is_worse(0.0) && found.is_worse(0.02) && !found.is_worse(0.1));
    }

    #[test]
    fn an_interval_over_zero_is_no_regression() {
        assert!(!one("p99(api)", &[1.0, 2.0, 3.0], &[2.0, 1.5, 3.2]).is_worse(0.0));
    }

    #[test]
    fn recovering_never_is_worse_than_recovering_and_one_run_says_nothing() {
        let inf = f64::INFINITY;
        assert!(one("recovery(api)", &[1.0, 2.0], &[inf, inf]).is_worse(0.0));
        assert!(one("recovery(api)", &[inf, inf], &[1.0, 2.0]).is_better(0.0));
        assert!(!one("recovery(api)", &[inf, inf], &[inf, inf]).is_worse(0.0));
        assert!(!one("p99(api)", &[1.0], &[9.0]).is_worse(0.0));
    }

    #[test]
    fn runs_are_paired_by_seed_and_not_by_place() {
        let mut second = side("b", "p99(api)", &[33.0, 11.0, 22.0]);
        second.seeds = vec!["1#2".to_owned(), "1#0".to_owned(), "1#1".to_owned()];
        let first = side("a", "p99(api)", &[10.0, 20.0, 30.0]);
        let found = compare(&first, &second, 0.0).expect("seeds agree");
        assert_eq!(found.differences[0].mean, Some(2.0));
        second.seeds = vec!["2#0".to_owned(), "2#1".to_owned(), "2#2".to_owned()];
        assert!(compare(&first, &second, 0.0).is_err_and(|why| why.contains("no seed in common")));
    }

    #[test]
    fn every_metric_of_the_report_has_its_direction() {
        for text in [
            "p50(a)",
            "p99.9(a)",
            "wait.p99(db)",
            "amplification(db)",
            "stuck(a)",
            "duplicates(db)",
            "completed_but_reported_failed(a) of offered",
        ] {
            assert_eq!(direction(text), Better::Lower, "{text}");
        }
        for text in ["goodput(a)", "availability(a) after 3s"] {
            assert_eq!(direction(text), Better::Higher, "{text}");
        }
        for text in
            ["offered(a)", "throughput(a)", "utilisation(db)", "P(wait(db) > 2ms)", "busy(a)"]
        {
            assert_eq!(direction(text), Better::Neither, "{text}");
        }
    }
}
