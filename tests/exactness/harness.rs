//! Holding the simulator to exact results: by its own 99 % interval over replications.

use brownout_core::interval::{Interval, binomial_upper, mean_interval};
use brownout_tests::{measuring, rows};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One exact value of the oracle.
#[derive(Debug, Clone, Deserialize)]
struct Exact {
    value: serde_json::Value,
    kind: String,
}

#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    values: BTreeMap<String, Exact>,
}

#[derive(Debug, Deserialize)]
struct Oracle {
    cases: Vec<Case>,
}

fn oracle() -> Oracle {
    serde_json::from_str(include_str!("../oracle/validation.json")).expect("the oracle is JSON")
}

/// Every (case, value) of the oracle, with its kind.
pub(crate) fn every_value() -> Vec<(String, String, String)> {
    let cases = oracle().cases.into_iter();
    cases
        .flat_map(|case| {
            let id = case.id.clone();
            case.values.into_iter().map(move |(name, exact)| (id.clone(), name, exact.kind))
        })
        .collect()
}

/// The exact value called `name` of the case whose id begins with `id`.
pub(crate) fn exact(id: &str, name: &str) -> f64 {
    list(id, name)[0]
}

/// An exact value that is a list, or one number as a list.
pub(crate) fn list(id: &str, name: &str) -> Vec<f64> {
    let oracle = oracle();
    let case = oracle.cases.iter().find(|case| case.id.split('-').next() == Some(id));
    let value = &case.unwrap_or_else(|| panic!("the oracle has {id}")).values[name].value;
    match value {
        serde_json::Value::Array(all) => {
            all.iter().map(|one| one.as_f64().expect("a list of numbers")).collect()
        }
        one => vec![one.as_f64().unwrap_or_else(|| panic!("{id} {name} is a number"))],
    }
}

/// A number made from sentences: constant + Σ factor · sentence, in every replication.
pub(crate) struct Check {
    name: &'static str,
    constant: f64,
    terms: Vec<(f64, String)>,
}

/// The oracle's `name` is what this sentence measures.
pub(crate) fn is(name: &'static str, sentence: &str) -> Check {
    sum(name, 0.0, &[(1.0, sentence)])
}

/// The oracle's `name` is one less what this sentence measures.
pub(crate) fn is_rest(name: &'static str, sentence: &str) -> Check {
    sum(name, 1.0, &[(-1.0, sentence)])
}

/// The oracle's `name` is a constant and multiples of sentences.
pub(crate) fn sum(name: &'static str, constant: f64, terms: &[(f64, &str)]) -> Check {
    let terms = terms.iter().map(|(factor, text)| (*factor, (*text).to_owned())).collect();
    Check { name, constant, terms }
}

/// Checks made, and those whose interval misses the exact value.
#[derive(Default)]
pub(crate) struct Score {
    checks: u64,
    misses: Vec<String>,
    worst: f64,
}

impl Score {
    /// Runs an experiment and checks every number against the oracle's case.
    /// `text` is the experiment without its `measure`, which is put in before its last line.
    pub(crate) fn case(&mut self, id: &str, text: &str, checks: &[Check]) {
        self.case_within(id, text, checks, 0.0);
    }

    /// [`Score::case`] for a window so short that its edges matter by up to `slack`.
    pub(crate) fn case_within(&mut self, id: &str, text: &str, checks: &[Check], slack: f64) {
        let rows = measured(text, checks);
        for check in checks {
            let runs = combine(check, &rows);
            let interval = mean_interval(&runs, 0.99).expect("there are replications");
            let exact = exact(id, check.name);
            let inside = nearer(interval, exact, slack);
            self.score(&format!("{id} {}", check.name), inside, runs.len(), exact);
        }
    }

    /// Checks one mean over replications against an exact value.
    pub(crate) fn check(&mut self, what: &str, runs: &[f64], exact: f64) {
        self.check_within(what, runs, exact, 0.0);
    }

    /// Checks one mean over replications against a value that is known to within `slack`.
    pub(crate) fn check_within(&mut self, what: &str, runs: &[f64], exact: f64, slack: f64) {
        let interval = mean_interval(runs, 0.99).expect("there are replications");
        self.score(what, nearer(interval, exact, slack), runs.len(), exact);
    }

    fn score(&mut self, what: &str, interval: Interval, runs: usize, exact: f64) {
        self.checks += 1;
        let gap = (interval.mean - exact).abs();
        if gap <= 1e-9 * exact.abs().max(1e-300) {
            return;
        }
        let t99 = brownout_core::interval::student_t_quantile(0.995, runs as f64 - 1.0);
        let z = gap / (interval.half_width / t99);
        self.worst = self.worst.max(z);
        if !interval.contains(exact) {
            self.misses.push(format!(
                "{what}: measured {} ± {}, exactly {exact} (z {z:.2})",
                interval.mean, interval.half_width
            ));
        }
    }

    /// One miss in a hundred is what 99 % intervals are for; more than chance allows is a bug.
    pub(crate) fn finish(self) {
        let allowed = binomial_upper(self.checks, 0.01, 0.999);
        let report = self.misses.join("\n");
        println!(
            "{} checks, {} misses, worst z {:.2}\n{report}",
            self.checks,
            self.misses.len(),
            self.worst
        );
        assert!(self.misses.len() as u64 <= allowed, "more misses than {allowed}:\n{report}");
        assert!(self.worst < 4.5, "no honest miss is this far off:\n{report}");
    }
}

/// An interval moved towards a value by up to `slack`.
fn nearer(interval: Interval, exact: f64, slack: f64) -> Interval {
    let gap = (interval.mean - exact).clamp(-slack, slack);
    let mean = interval.mean - gap;
    Interval { mean, low: interval.low - gap, high: interval.high - gap, ..interval }
}

/// What one sentence measured in every replication.
pub(crate) fn runs_of(text: &str, sentence: &str) -> Vec<f64> {
    rows(&measuring(text, &[sentence])).remove(sentence).expect("it was asked")
}

/// What every sentence measured in every replication.
fn measured(text: &str, checks: &[Check]) -> BTreeMap<String, Vec<f64>> {
    let mut sentences: Vec<&str> =
        checks.iter().flat_map(|check| check.terms.iter().map(|term| term.1.as_str())).collect();
    sentences.sort_unstable();
    sentences.dedup();
    rows(&measuring(text, &sentences))
}

fn combine(check: &Check, rows: &BTreeMap<String, Vec<f64>>) -> Vec<f64> {
    let runs = rows[&check.terms[0].1].len();
    (0..runs)
        .map(|run| {
            let terms = check.terms.iter().map(|(factor, text)| factor * rows[text][run]);
            check.constant + terms.sum::<f64>()
        })
        .collect()
}
