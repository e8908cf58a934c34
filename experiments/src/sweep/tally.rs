//! What held at how many points, and on how many lines: sentence by sentence.

use super::record::{PointRecord, VariantRecord};
use super::results::SweepResults;
use super::told::Told;
use super::trend::TrendVerdict;
use crate::expect::Unit;
use crate::report::verdicts::{Case, Verdicts};

/// One sentence, counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// The sentence.
    pub text: String,
    /// Points, or lines of points, at which it held.
    pub held: usize,
    /// At which it failed.
    pub failed: usize,
    /// At which it is undecided.
    pub open: usize,
    /// Where it first failed, or else was first undecided, in words; and there the id of a run.
    pub first: Option<(String, Option<String>)>,
}

impl Tally {
    /// Held everywhere, failed somewhere, or neither.
    pub fn verdict(&self) -> Option<bool> {
        match (self.failed, self.open) {
            (0, 0) => Some(true),
            (0, _) => None,
            (_, _) => Some(false),
        }
    }

    /// `held at 3 of 8 points, failed at 5`.
    pub fn counts(&self, noun: &str) -> String {
        let of = self.held + self.failed + self.open;
        let nouns = if of == 1 { noun.to_owned() } else { format!("{noun}s") };
        let mut counts = format!("held at {} of {of} {nouns}", self.held);
        for (number, word) in [(self.failed, "failed"), (self.open, "undecided")] {
            if number > 0 {
                counts.push_str(&format!(", {word} at {number}"));
            }
        }
        counts
    }

    fn add(&mut self, held: Option<bool>, place: impl FnOnce() -> (String, Option<String>)) {
        let is_worse = match held {
            Some(true) => false,
            Some(false) => self.failed == 0,
            None => self.failed == 0 && self.open == 0,
        };
        if is_worse {
            self.first = Some(place());
        }
        match held {
            Some(true) => self.held += 1,
            Some(false) => self.failed += 1,
            None => self.open += 1,
        }
    }
}

/// The tally of a sentence, a new one if it is the first time.
fn of<'t>(all: &'t mut Vec<Tally>, text: &str) -> &'t mut Tally {
    let place = all.iter().position(|own| own.text == text).unwrap_or_else(|| {
        let (held, failed, open, first) = (0, 0, 0, None);
        all.push(Tally { text: text.to_owned(), held, failed, open, first });
        all.len() - 1
    });
    &mut all[place]
}

/// The expectations of points, each counted over points and variants.
pub fn of_points(results: &SweepResults) -> Vec<Tally> {
    let mut all = Vec::new();
    for point in results.finished() {
        for variant in point.variants() {
            for expected in &variant.expect {
                let place = || (at(point, variant, results), variant.ids.first().cloned());
                of(&mut all, &expected.row.text).add(expected.held, place);
            }
        }
    }
    all
}

/// The sentences about the sweep, each counted over lines and variants.
pub fn of_trends(told: &Told) -> Vec<Tally> {
    let mut all = Vec::new();
    for verdict in &told.trends {
        let place = || (format!("{}{}", on_line(verdict), verdict.told), None);
        of(&mut all, &verdict.text).add(verdict.held, place);
    }
    all
}

/// Which point and variant, in words.
fn at(point: &PointRecord, variant: &VariantRecord, results: &SweepResults) -> String {
    match results.variants.len() {
        1 => point.words(),
        _ => format!("{} on {}", point.words(), variant.name),
    }
}

/// `naive, faults.slow.by=3: `, before what is said of a line.
fn on_line(verdict: &TrendVerdict) -> String {
    let fixed = verdict.fixed.iter().map(|(path, value)| format!(", {path}={value}"));
    format!("{}{}: ", verdict.variant, fixed.collect::<String>())
}

/// Every verdict at every point and on every line, for machines.
pub fn verdicts(told: &Told, results: &SweepResults) -> Verdicts {
    let class = |variant: &str| format!("{}.{variant}", told.name);
    let line =
        |text: &str| told.expected.iter().find(|(own, _)| own == text).map_or(0, |(_, line)| *line);
    let mut cases = Vec::new();
    for point in results.finished() {
        for variant in point.variants() {
            cases.extend(variant.expect.iter().map(|expected| Case {
                text: format!("{} [{}]", expected.row.text, point.words()),
                class: class(&variant.name),
                line: line(&expected.row.text),
                held: expected.held,
                told: format!("measured {}", human(&expected.row)),
            }));
        }
    }
    cases.extend(told.trends.iter().map(|verdict| Case {
        text: match verdict.fixed.as_slice() {
            [] => verdict.text.clone(),
            fixed => {
                let fixed = fixed.iter().map(|(path, value)| format!("{path}={value}"));
                format!("{} [{}]", verdict.text, fixed.collect::<Vec<_>>().join(" "))
            }
        },
        class: class(&verdict.variant),
        line: verdict.line,
        held: verdict.held,
        told: verdict.told.clone(),
    }));
    let skipped = told.unjudged.iter().map(|text| (text.clone(), "its variants did not run"));
    Verdicts { name: told.name.clone(), cases, skipped: skipped.collect() }
}

/// One case a sentence, for people who read notes at lines of a file.
pub fn notes(told: &Told, results: &SweepResults) -> Verdicts {
    let case = |tally: Tally, line: usize, noun: &str| Case {
        held: tally.verdict(),
        told: match &tally.first {
            Some((place, _)) => format!("{}; first {place}", tally.counts(noun)),
            None => tally.counts(noun),
        },
        text: tally.text,
        class: told.name.clone(),
        line,
    };
    let line = |text: &str| {
        let trends = told.trends.iter().map(|trend| (&trend.text, trend.line));
        let mut all = told.expected.iter().map(|(own, line)| (own, *line)).chain(trends);
        all.find(|(own, _)| *own == text).map_or(0, |(_, line)| line)
    };
    let points = of_points(results).into_iter().map(|one| (one, "point"));
    let trends = of_trends(told).into_iter().map(|one| (one, "line"));
    let cases = points.chain(trends).map(|(tally, noun)| {
        let line = line(&tally.text);
        case(tally, line, noun)
    });
    Verdicts { name: told.name.clone(), cases: cases.collect(), skipped: Vec::new() }
}

/// A value with its interval.
fn human(row: &super::record::Row) -> String {
    let unit = Unit::EVERY.into_iter().find(|own| own.name() == row.unit).unwrap_or(Unit::Count);
    let more = if row.is_lower_limit { "> " } else { "" };
    match row.ci95 {
        Some((low, high)) => {
            format!("{more}{} [{}, {}]", unit.human(row.mean), unit.human(low), unit.human(high))
        }
        None => format!("{more}{}", unit.human(row.mean)),
    }
}
