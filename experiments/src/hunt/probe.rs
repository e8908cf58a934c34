//! One setting judged: as many runs as it takes, and no more.

use super::{Ground, Halt};
use crate::experiment::Experiment;
use crate::incident::id::RunId;
use brownout_core::interval::{Interval, wilson};
use brownout_core::random::Seed;

/// Runs of the first look; every further look doubles them.
const FIRST_LOOK: u32 = 8;
/// Probability that one look does not mislead. There are a handful of looks at a setting, so all of
/// them together mislead in a few per cent of settings whose share lies just at the edge, and
/// hardly ever elsewhere.
pub const CONFIDENCE: f64 = 0.99;

/// What the runs at a setting say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The share of bad runs is below the limit.
    Safe,
    /// It is above.
    Bad,
    /// It is too near for so many runs.
    Undecided,
}

/// A setting that was judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// How far along the range, from 0 to 1.
    pub at: f64,
    /// The settings.
    pub settings: crate::sweep::source::Settings,
    /// Runs.
    pub runs: u32,
    /// Bad ones among them.
    pub bad: u32,
    /// What they say.
    pub verdict: Verdict,
    /// The first bad one.
    pub first_bad: Option<Seed>,
    /// Its id.
    pub id: Option<String>,
}

impl Probe {
    /// The share of bad runs with its 95 % interval.
    pub fn share(&self) -> Interval {
        wilson(self.bad.into(), self.runs.into(), 0.95).expect("a probe has runs")
    }
}

impl Ground<'_> {
    /// Judges an experiment by its share of bad runs; `at` and `settings` are only kept.
    ///
    /// # Errors
    /// When a run has no result, or when it is to stop.
    pub fn probe(
        &self,
        experiment: &Experiment,
        at: f64,
        settings: &[(String, String)],
    ) -> Result<Probe, Halt> {
        let mut probe = Probe {
            at,
            settings: settings.to_vec(),
            runs: 0,
            bad: 0,
            verdict: Verdict::Undecided,
            first_bad: None,
            id: None,
        };
        let mut look = FIRST_LOOK.min(self.runs);
        loop {
            let seeds = (probe.runs..look)
                .map(|replication| Seed { seed: self.seed, replication })
                .collect::<Vec<Seed>>();
            let found = self.bad_runs(experiment, seeds.clone())?;
            let first = found.iter().position(|is_bad| *is_bad).map(|place| seeds[place]);
            probe.first_bad = probe.first_bad.or(first);
            probe.bad += found.iter().filter(|is_bad| **is_bad).count() as u32;
            probe.runs = look;
            let share = wilson(probe.bad.into(), probe.runs.into(), CONFIDENCE);
            let share = share.expect("there are runs");
            probe.verdict = match (share.low > self.share, share.high < self.share) {
                (true, _) => Verdict::Bad,
                (_, true) => Verdict::Safe,
                (false, false) => Verdict::Undecided,
            };
            if probe.verdict != Verdict::Undecided || look >= self.runs {
                let place = self.place(experiment)?;
                let id = |seed| RunId::of(experiment, place, seed).to_string();
                probe.id = probe.first_bad.map(id);
                return Ok(probe);
            }
            look = (2 * look).min(self.runs);
        }
    }
}
