//! Bisection: between a safe setting and a bad one there is an edge, and it is narrowed down.

use super::probe::{Probe, Verdict};
use super::{Ground, Halt};
use crate::experiment::{Over, Range};
use crate::sweep::source::{Settings, Source, in_one_line};

/// Decimal digits of a probed value.
const DIGITS: usize = 5;
/// Runs of the control arm at the first bad setting.
const CONTROL_RUNS: u32 = 8;

/// What came of one search.
#[derive(Debug, Clone, PartialEq)]
pub struct Searched {
    /// The variant.
    pub variant: String,
    /// What was varied; several move together, all from their safe ends to their bad ones.
    pub over: Vec<Over>,
    /// Every setting that was judged, in order of asking.
    pub probes: Vec<Probe>,
    /// Where it ended.
    pub outcome: Outcome,
    /// Runs that tip without the triggers at the first bad setting, of so many.
    pub control: Option<(usize, usize)>,
    /// Whether it was told to stop before it was done.
    pub is_interrupted: bool,
}

/// Where a search ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The edge is between these two probes, which are places in [`Searched::probes`]. Undecided
    /// ones may lie between them.
    Edge {
        /// The last safe one.
        safe: usize,
        /// The first bad one.
        bad: usize,
    },
    /// Both ends are safe.
    AllSafe,
    /// Both ends are bad.
    AllBad,
    /// An end is neither, or was not reached.
    Unclear,
    /// A setting could not be loaded or run.
    Broken(String),
}

impl Searched {
    /// The last safe and the first bad probe.
    pub fn edge(&self) -> Option<(&Probe, &Probe)> {
        match self.outcome {
            Outcome::Edge { safe, bad } => Some((&self.probes[safe], &self.probes[bad])),
            Outcome::AllSafe | Outcome::AllBad | Outcome::Unclear | Outcome::Broken(_) => None,
        }
    }

    /// Runs of all probes.
    pub fn runs(&self) -> u32 {
        self.probes.iter().map(|probe| probe.runs).sum()
    }

    /// The settings that are varied, as words.
    pub fn paths(&self) -> String {
        let paths = self.over.iter().map(|over| over.path.as_str());
        paths.collect::<Vec<&str>>().join(" and ")
    }
}

/// Searches each path alone and then, if there are several, all together. What comes after an
/// interruption is left out.
pub fn search(
    ground: &Ground<'_>,
    source: &Source<'_>,
    over: &[Over],
    within: f64,
) -> Vec<Searched> {
    let mut all: Vec<Searched> = Vec::new();
    for one in over {
        all.push(one_search(ground, source, vec![fitted(source, one)], within));
        if all.last().is_some_and(|searched| searched.is_interrupted) {
            return all;
        }
    }
    if over.len() > 1 {
        // Each from the end that is safe to the end that is bad.
        let towards_bad = all.iter().map(|searched| {
            let mut over = searched.over[0].clone();
            if searched.edge().is_some_and(|(safe, bad)| safe.at > bad.at) {
                std::mem::swap(&mut over.range.from, &mut over.range.to);
            }
            over
        });
        all.push(one_search(ground, source, towards_bad.collect(), within));
    }
    all
}

/// A range of whole numbers where the setting takes no others.
fn fitted(source: &Source<'_>, over: &Over) -> Over {
    let Range { from, to, .. } = over.range;
    let middle = (from + to) / 2.0 + 0.25;
    let is_bare = over.range.unit.is_empty() && from.fract() == 0.0 && to.fract() == 0.0;
    let settings = [(over.path.clone(), middle.to_string())];
    let mut fitted = over.clone();
    fitted.range.is_whole |= is_bare && source.at(&settings).is_err();
    fitted
}

fn one_search(ground: &Ground<'_>, source: &Source<'_>, over: Vec<Over>, within: f64) -> Searched {
    let mut searched = Searched {
        variant: ground.variant.clone(),
        over,
        probes: Vec::new(),
        outcome: Outcome::Unclear,
        control: None,
        is_interrupted: false,
    };
    let narrowed = searched.narrow(ground, source, within);
    let controlled = narrowed.and_then(|()| {
        let Some((_, bad)) = searched.edge() else { return Ok(()) };
        let experiment = load(source, &bad.settings)?;
        searched.control = ground.control(&experiment, CONTROL_RUNS)?;
        Ok(())
    });
    match controlled {
        Ok(()) => {}
        Err(Halt::Stopped) => searched.is_interrupted = true,
        Err(Halt::Broken(reason)) => searched.outcome = Outcome::Broken(reason),
    }
    searched
}

fn load(source: &Source<'_>, settings: &Settings) -> Result<crate::experiment::Experiment, Halt> {
    source.at(settings).map_err(|problems| {
        let words = settings.iter().map(|(path, value)| format!("{path}={value}"));
        let words = words.collect::<Vec<String>>().join(" ");
        Halt::Broken(format!("{words}: {}", in_one_line(&problems)))
    })
}

impl Searched {
    /// Probes until the last safe and the first bad setting are near each other, or until nothing
    /// can be between them but what is undecided.
    fn narrow(
        &mut self,
        ground: &Ground<'_>,
        source: &Source<'_>,
        within: f64,
    ) -> Result<(), Halt> {
        let first = self.ask(ground, source, 0.0)?;
        let last = self.ask(ground, source, 1.0)?;
        let (mut safe, mut bad) = match (self.verdict(first), self.verdict(last)) {
            (Verdict::Safe, Verdict::Bad) => (first, last),
            (Verdict::Bad, Verdict::Safe) => (last, first),
            (Verdict::Safe, Verdict::Safe) => return self.end(Outcome::AllSafe),
            (Verdict::Bad, Verdict::Bad) => return self.end(Outcome::AllBad),
            (Verdict::Undecided, _) | (_, Verdict::Undecided) => {
                return self.end(Outcome::Unclear);
            }
        };
        // The undecided settings nearest to the safe one and to the bad one.
        let mut open: Option<(usize, usize)> = None;
        loop {
            self.outcome = Outcome::Edge { safe, bad };
            let (from, to) = match open {
                None => (safe, bad),
                Some((near_safe, near_bad)) => {
                    match (
                        self.is_apart(safe, near_safe, within),
                        self.is_apart(near_bad, bad, within),
                    ) {
                        (true, _) => (safe, near_safe),
                        (_, true) => (near_bad, bad),
                        (false, false) => return Ok(()),
                    }
                }
            };
            if !self.is_apart(from, to, within) {
                return Ok(());
            }
            let middle = (self.probes[from].at + self.probes[to].at) / 2.0;
            let asked = self.ask(ground, source, middle)?;
            match (self.verdict(asked), open) {
                (Verdict::Safe, None) => safe = asked,
                (Verdict::Bad, None) => bad = asked,
                (Verdict::Undecided, None) => open = Some((asked, asked)),
                // Among the undecided ones it is the other side's end that moves.
                (Verdict::Safe, Some(_)) if from == safe => safe = asked,
                (Verdict::Bad, Some(_)) if to == bad => bad = asked,
                (Verdict::Undecided, Some((near, other))) => {
                    open = Some(if from == safe { (asked, other) } else { (near, asked) });
                }
                // A bad one below what is undecided, or a safe one above: not monotone here, so
                // the edge is what was found first from the safe side.
                (Verdict::Bad, Some(_)) => (bad, open) = (asked, None),
                (Verdict::Safe, Some(_)) => (safe, open) = (asked, None),
            }
        }
    }

    fn end(&mut self, outcome: Outcome) -> Result<(), Halt> {
        self.outcome = outcome;
        Ok(())
    }

    fn verdict(&self, probe: usize) -> Verdict {
        self.probes[probe].verdict
    }

    /// Whether there is anything to ask between two probes.
    fn is_apart(&self, one: usize, other: usize, within: f64) -> bool {
        let (one, other) = (&self.probes[one], &self.probes[other]);
        let middle = self.settings((one.at + other.at) / 2.0);
        (one.at - other.at).abs() > within && middle != one.settings && middle != other.settings
    }

    fn settings(&self, at: f64) -> Settings {
        self.over.iter().map(|over| (over.path.clone(), over.range.at(at, DIGITS))).collect()
    }

    /// Judges a setting; its place among the probes.
    fn ask(&mut self, ground: &Ground<'_>, source: &Source<'_>, at: f64) -> Result<usize, Halt> {
        let settings = self.settings(at);
        let experiment = load(source, &settings)?;
        self.probes.push(ground.probe(&experiment, at, &settings)?);
        Ok(self.probes.len() - 1)
    }
}
