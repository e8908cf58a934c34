//! Which request is meant: the N-th, the slowest, the first that failed.

use super::heard::{Event, Hearing};
use brownout_core::random::Seed;
use brownout_core::{Span, Time};
use brownout_policies::outcome::Outcome;
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::{Maker, Plan};
use brownout_topologies::run::{Finished, RunError, listen};
use std::collections::BTreeMap;

/// Which request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The N-th to arrive over all loads, from 1.
    Nth(u64),
    /// The one whose answer, a good one, took longest.
    Slowest,
    /// The one whose failure its user saw first.
    FirstFailed,
}

/// A request that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its lineage.
    pub lineage: u64,
    /// The how-manieth to arrive, from 1.
    pub nth: u64,
    /// When it arrived.
    pub at: Time,
}

/// Requests so far.
#[derive(Debug, Default)]
struct Search {
    arrived: u64,
    open: BTreeMap<u64, Found>,
    slowest: Option<(Span, Found)>,
    failed: Option<Found>,
    nth: Option<Found>,
}

impl Search {
    fn hear(&mut self, at: Time, event: Event, wanted: u64) {
        match event {
            Event::CallBegan { call: lineage, by: Maker::User(_), .. } => {
                self.arrived += 1;
                let found = Found { lineage, nth: self.arrived, at };
                if found.nth == wanted {
                    self.nth = Some(found);
                }
                self.open.insert(lineage, found);
            }
            Event::CallEnded { call, outcome, intended, .. } => {
                self.end(call, outcome, at - intended)
            }
            _ => {}
        }
    }

    fn end(&mut self, call: u64, outcome: Outcome, took: Span) {
        let Some(found) = self.open.remove(&call) else { return };
        if !outcome.is_success() {
            self.failed.get_or_insert(found);
        } else if self.slowest.is_none_or(|(longest, _)| took > longest) {
            self.slowest = Some((took, found));
        }
    }
}

/// Runs `graph` and looks for a request; it may not be there. Also what came of the run.
///
/// # Errors
/// When the run has no result.
pub fn find(
    graph: &Graph,
    seed: Seed,
    which: Which,
) -> Result<(Result<Found, String>, Finished), RunError> {
    let mut search = Search::default();
    let wanted = match which {
        Which::Nth(nth) => nth,
        Which::Slowest | Which::FirstFailed => 0,
    };
    let mut hearing = Hearing(|at, event| search.hear(at, event, wanted));
    let finished = listen(graph, seed, &Plan::default(), &mut hearing)?;
    let found = match which {
        Which::Nth(nth) => search.nth.ok_or_else(|| {
            format!("there is no request {nth}: {} arrived in this run", search.arrived)
        }),
        Which::Slowest => {
            let found = search.slowest.map(|(_, found)| found);
            found.ok_or_else(|| "no request was answered in this run".to_owned())
        }
        Which::FirstFailed => {
            search.failed.ok_or_else(|| "no request failed in this run".to_owned())
        }
    };
    Ok((found, finished))
}

impl std::str::FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Which, String> {
        match text {
            "slowest" => Ok(Which::Slowest),
            "first-failed" => Ok(Which::FirstFailed),
            number => match number.parse::<u64>() {
                Ok(nth) if nth > 0 => Ok(Which::Nth(nth)),
                _ => Err("write a number from 1, slowest, or first-failed".to_owned()),
            },
        }
    }
}
