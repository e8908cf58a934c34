//! What was done until a moment, and what users were told of it.

use crate::incident::heard::{Event, Hearing};
use brownout_core::Time;
use brownout_core::random::Seed;
use brownout_topologies::effect::Truth;
use brownout_topologies::graph::{Caller, Graph, LoadId};
use brownout_topologies::ledger::{AtEffect, Plan};
use brownout_topologies::run::{Finished, RunError, listen};

/// What was done until a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deeds {
    /// By service.
    services: Vec<Done>,
    /// By load: requests that were reported failed.
    loads: Vec<Told>,
}

/// What a service did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Done {
    effects: u64,
    duplicates: u64,
    /// Stored answers given.
    replayed: u64,
    conflicts: u64,
}

/// What had been done for requests that were reported failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Told {
    done: u64,
    under_way: u64,
    other: u64,
}

impl Deeds {
    /// Runs `graph` again and counts until a moment. Also what came of the run.
    ///
    /// # Errors
    /// When the run has no result.
    pub fn until(graph: &Graph, seed: Seed, at: Time) -> Result<(Deeds, Finished), RunError> {
        let mut deeds = Deeds {
            services: vec![Done::default(); graph.services.len()],
            loads: vec![Told::default(); graph.loads.len()],
        };
        let mut hearing = Hearing(|now, event| {
            if now <= at {
                deeds.hear(graph, event);
            }
        });
        let finished = listen(graph, seed, &Plan::default(), &mut hearing)?;
        Ok((deeds, finished))
    }

    fn hear(&mut self, graph: &Graph, event: Event) {
        match event {
            Event::Effect { at, what, .. } => {
                let own = &mut self.services[at.service.index()];
                match what {
                    AtEffect::Done { again, .. } => {
                        own.effects += 1;
                        own.duplicates += u64::from(again);
                    }
                    AtEffect::Replayed => own.replayed += 1,
                    AtEffect::Conflict => own.conflicts += 1,
                    AtEffect::KeyTaken | AtEffect::KeyGivenBack | AtEffect::Waits => {}
                }
            }
            Event::Reported { site, truth, .. } => {
                let Caller::Load(load) = graph.sites[site.index()].caller else { return };
                let own = &mut self.loads[LoadId::index(load)];
                match truth {
                    Truth::Done | Truth::DoneLater => own.done += 1,
                    Truth::Unknown => own.under_way += 1,
                    Truth::Nothing | Truth::Partly => own.other += 1,
                }
            }
            _ => {}
        }
    }

    /// A line for each service that has effects or remembers keys, and for each load.
    pub(super) fn lines(&self, graph: &Graph) -> Vec<String> {
        let services = graph.services.iter().zip(&self.services);
        let follows = services.filter(|(own, _)| own.idempotency.is_some() || own.has_effects());
        let services = follows.map(|(service, own)| {
            let mut line = format!("{}: {} effects", service.name, own.effects);
            for (count, what) in [
                (own.duplicates, "of them duplicates"),
                (own.replayed, "stored answers given"),
                (own.conflicts, "conflicts over keys"),
            ] {
                if count > 0 {
                    line += &format!(", {count} {what}");
                }
            }
            line
        });
        let loads = graph.loads.iter().zip(&self.loads).map(|(load, told)| {
            let all = told.done + told.under_way + told.other;
            match all {
                0 => format!("{}: none was reported failed", load.name),
                all => format!(
                    "{}: {all} were reported failed: {} of them were done, {} were under way, {} \
                     were not, or in part",
                    load.name, told.done, told.under_way, told.other
                ),
            }
        });
        services.chain(loads).collect()
    }
}
