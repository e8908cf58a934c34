//! Where two runs part: the first event of one that is not the next of the other.

use crate::incident::heard::{Event, Hearing};
use crate::incident::names::Names;
use crate::incident::record::line;
use brownout_core::Time;
use brownout_core::random::{Seed, name_hash};
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::Plan;
use brownout_topologies::run::{RunError, listen};

/// Events of a run that are remembered for comparison; later ones are not compared.
const EVENTS_MAX: usize = 4_000_000;

/// Where two runs part.
#[derive(Debug, Clone, PartialEq)]
pub struct Parting {
    /// How many events they have in common before it.
    pub common: usize,
    /// What happens next in the first run: when, and what; none if it has come to its end.
    pub first: Option<(Time, String)>,
    /// What happens next in the second.
    pub second: Option<(Time, String)>,
}

/// The first event at which two runs part; none if they never do, as far as is remembered.
///
/// # Errors
/// When a run has no result.
pub fn parting(first: &Graph, second: &Graph, seed: Seed) -> Result<Option<Parting>, RunError> {
    let mut words = Vec::new();
    hear(first, seed, |names, at, event| {
        if words.len() < EVENTS_MAX {
            words.push(name_hash(&line(names, at, event)));
        }
    })?;
    let (mut place, mut common) = (0, None);
    hear(second, seed, |names, at, event| {
        if common.is_none() && place < EVENTS_MAX {
            if words.get(place) != Some(&name_hash(&line(names, at, event))) {
                common = Some(place);
            }
            place += 1;
        }
    })?;
    let common = match common {
        Some(common) => common,
        None if place < words.len() => place,
        None => return Ok(None),
    };
    let next = |graph: &Graph| -> Result<Option<(Time, String)>, RunError> {
        let (mut place, mut found) = (0, None);
        hear(graph, seed, |names, at, event| {
            if place == common {
                found = Some((at, told(names, at, event)));
            }
            place += 1;
        })?;
        Ok(found)
    };
    Ok(Some(Parting { common, first: next(first)?, second: next(second)? }))
}

fn hear(
    graph: &Graph,
    seed: Seed,
    mut each: impl FnMut(Names<'_>, Time, Event),
) -> Result<(), RunError> {
    let names = Names(graph);
    let mut hearing = Hearing(|at, event| each(names, at, event));
    listen(graph, seed, &Plan::default(), &mut hearing).map(|_| ())
}

/// An event as a person reads it.
fn told(names: Names<'_>, at: Time, event: Event) -> String {
    use crate::report::json::Json;
    let (name, about) = crate::incident::record::parts(names, at, event);
    let about = about.into_iter().map(|(key, value)| match value {
        Json::Text(text) => format!("{key} {text}"),
        other => format!("{key} {}", other.tight()),
    });
    let about: Vec<String> = about.collect();
    format!("{name} ({})", about.join(", "))
}
