//! What every run is asked: the table's questions, and those of the file.
//!
//! The table speaks the language of `measure`, so that its numbers are those that a reader gets
//! who writes the same sentence into the file.

use super::history::Quantity;
use super::pictures;
use crate::expect::{BindContext, BoundMeasure, parse_measure};
use crate::experiment::{Experiment, Plot};
use brownout_topologies::graph::{Graph, ServiceId};
use brownout_topologies::ledger::Plan;
use brownout_topologies::ledger::query::{Query, Target};
use brownout_topologies::ledger::verdict::triggers;
use std::collections::BTreeSet;

/// The most services whose series and amplification are kept if nothing asks for them by name.
const EVERY_SERVICE_UP_TO: usize = 16;

/// Every question, bound to the variants of one experiment.
#[derive(Debug)]
pub struct Questions {
    /// One per service or endpoint that loads call, in the order of the loads.
    pub entries: Vec<Entry>,
    /// Attempts per request, by service.
    pub amplification: Vec<(String, BoundMeasure)>,
    /// Where every variant has effects: what was done, and what callers were told of it.
    pub deeds: Vec<(Deed, String, BoundMeasure)>,
    /// Every monitor of every variant.
    pub monitors: Vec<Watch>,
    /// Plans by variant.
    plans: Vec<(Plan, Plan)>,
}

/// A service that users call, or an endpoint of it, and what they see there.
#[derive(Debug)]
pub struct Entry {
    /// The service.
    pub service: String,
    /// Per second.
    pub offered: BoundMeasure,
    /// Per second.
    pub throughput: BoundMeasure,
    /// Per second.
    pub goodput: BoundMeasure,
    /// Share of requests.
    pub availability: BoundMeasure,
    /// Median latency.
    pub p50: BoundMeasure,
    /// Latency that one success in a hundred exceeds.
    pub p99: BoundMeasure,
    /// Share of runs.
    pub tipped: BoundMeasure,
    /// Share of runs.
    pub stuck: BoundMeasure,
    /// Seconds, of the worst trigger.
    pub recovery: BoundMeasure,
}

/// What is asked of effects, about a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Effects done once more for a request that had them, per request.
    Twice,
    /// Calls that were done and reported failed, as a share of those offered.
    ReportedFailed,
}

/// A monitor of one variant, and what is asked about it.
#[derive(Debug)]
pub struct Watch {
    /// Place in [`Experiment::variants`].
    pub variant: usize,
    /// Place in the variant's monitors.
    pub monitor: usize,
    /// Share of runs.
    pub fired: BoundMeasure,
    /// Share of time.
    pub firing: BoundMeasure,
    /// Seconds, of the trigger that took longest; `None` where there is nothing to detect.
    pub detected: Option<BoundMeasure>,
}

impl Watch {
    /// Every question.
    pub fn every(&self) -> impl Iterator<Item = &BoundMeasure> {
        [&self.fired, &self.firing].into_iter().chain(&self.detected)
    }
}

impl Entry {
    /// Every question with its name in machine-readable output.
    pub fn every(&self) -> [&BoundMeasure; 9] {
        [
            &self.offered,
            &self.throughput,
            &self.goodput,
            &self.availability,
            &self.p50,
            &self.p99,
            &self.tipped,
            &self.stuck,
            &self.recovery,
        ]
    }
}

impl Questions {
    /// The questions of an experiment.
    pub fn of(experiment: &Experiment) -> Questions {
        let graphs: Vec<(&str, &Graph)> =
            experiment.variants.iter().map(|one| (one.name.as_str(), &one.graph)).collect();
        let context = BindContext { variants: &graphs, batches: experiment.statistics.batches };
        let ask = |metric: &str, service: &str| {
            let measure = parse_measure(&format!("{metric}('{service}')"));
            measure.and_then(|measure| measure.bind(&context))
        };
        let ask = |metric: &str, service: &str| {
            ask(metric, service).expect("every variant has the same services")
        };
        let first = &experiment.variants[0].graph;
        let entries = entries(first).into_iter().map(|entry| {
            let service = entry.name(first);
            Entry {
                offered: ask("offered", &service),
                throughput: ask("throughput", &service),
                goodput: ask("goodput", &service),
                availability: ask("availability", &service),
                p50: ask("p50", &service),
                p99: ask("p99", &service),
                tipped: ask("tipped", &service),
                stuck: ask("stuck", &service),
                recovery: ask("recovery", &service),
                service,
            }
        });
        let entries: Vec<Entry> = entries.collect();
        let amplification = amplified(experiment)
            .into_iter()
            .map(|id| {
                let service = first.services[id.index()].name.clone();
                let measure = ask("amplification", &service);
                (service, measure)
            })
            .collect();
        let deeds = deeds(experiment, &context);
        let monitors = monitors(experiment, &context);
        let plans = Vec::new();
        let mut questions = Questions { entries, amplification, deeds, monitors, plans };
        questions.plans =
            (0..graphs.len()).map(|place| questions.make_plans(experiment, place)).collect();
        questions
    }

    /// What a run of the variant is asked.
    pub fn plan(&self, place: usize) -> Plan {
        self.plans[place].0.clone()
    }

    /// What a run of its control arm is asked.
    pub fn control_plan(&self, place: usize) -> Plan {
        self.plans[place].1.clone()
    }

    fn make_plans(&self, experiment: &Experiment, place: usize) -> (Plan, Plan) {
        let own = |asked: Vec<(usize, &Query)>, queries: &mut Vec<Query>| {
            for (variant, query) in asked {
                if variant == place && !queries.contains(query) {
                    queries.push(query.clone());
                }
            }
        };
        let mut queries = Vec::new();
        for entry in &self.entries {
            entry.every().into_iter().for_each(|measure| own(measure.queries(), &mut queries));
        }
        for (_, measure) in &self.amplification {
            own(measure.queries(), &mut queries);
        }
        for (_, _, measure) in &self.deeds {
            own(measure.queries(), &mut queries);
        }
        for measure in self.monitors.iter().flat_map(Watch::every) {
            own(measure.queries(), &mut queries);
        }
        experiment.measure.iter().for_each(|measure| own(measure.queries(), &mut queries));
        experiment.expect.iter().for_each(|expect| own(expect.queries(), &mut queries));
        let mut control = Vec::new();
        for entry in &self.entries {
            own(entry.tipped.queries(), &mut control);
        }
        let watch = watched(experiment, place);
        let pictures = pictures::asked(experiment, place, &self.entries);
        (Plan { queries, watch, pictures }, Plan { queries: control, ..Plan::default() })
    }
}

/// What is asked about services that have effects.
fn deeds(experiment: &Experiment, context: &BindContext<'_>) -> Vec<(Deed, String, BoundMeasure)> {
    let mut graphs = experiment.variants.iter().map(|variant| &variant.graph);
    if !graphs.all(Graph::follows_effects) {
        return Vec::new();
    }
    let ask = |deed: Deed, service: &str| {
        let text = match deed {
            Deed::Twice => format!("duplicates('{service}')"),
            Deed::ReportedFailed => {
                format!("completed_but_reported_failed('{service}') of offered")
            }
        };
        let bound = parse_measure(&text).and_then(|measure| measure.bind(context));
        Some((deed, service.to_owned(), bound.ok()?))
    };
    let services = experiment.variants[0].graph.services.iter();
    let with_effects = services.filter(|service| service.has_effects());
    let deeds = [Deed::ReportedFailed, Deed::Twice];
    let all = with_effects.flat_map(|service| deeds.map(|deed| ask(deed, &service.name)));
    all.flatten().collect()
}

/// What is asked about monitors, which variants may have each their own.
fn monitors(experiment: &Experiment, context: &BindContext<'_>) -> Vec<Watch> {
    let mut watches = Vec::new();
    for (place, variant) in experiment.variants.iter().enumerate() {
        let on = match context.variants {
            [_] => String::new(),
            _ => format!(" on '{}'", variant.name),
        };
        for (monitor, own) in variant.graph.monitors.iter().enumerate() {
            let ask = |metric: &str| {
                let measure = parse_measure(&format!("{metric}('{}'){on}", own.name));
                measure.and_then(|measure| measure.bind(context)).expect("the variant has it")
            };
            let has_triggers = !triggers(&variant.graph).is_empty();
            watches.push(Watch {
                variant: place,
                monitor,
                fired: ask("fired"),
                firing: ask("firing"),
                detected: has_triggers.then(|| ask("detected")),
            });
        }
    }
    watches
}

/// The services that loads call, or those of their endpoints, in the order of the loads, each once.
pub fn entries(graph: &Graph) -> Vec<Target> {
    let mut found: Vec<Target> = Vec::new();
    for load in &graph.loads {
        for (site, _) in load.sites() {
            let target = Target::called(graph, site);
            if !found.contains(&target) {
                found.push(target);
            }
        }
    }
    found
}

/// The services whose attempts per request are counted: all of a small system, of a large one
/// those that someone calls through a retry.
fn amplified(experiment: &Experiment) -> Vec<ServiceId> {
    let first = &experiment.variants[0].graph;
    let mut retried = BTreeSet::new();
    for variant in &experiment.variants {
        let graph = &variant.graph;
        let sites = graph.sites.iter();
        let many = sites.filter(|site| graph.stacks[site.stack.index()].attempts_max() != Some(1));
        retried.extend(many.map(|site| site.target));
    }
    let is_small = first.services.len() <= EVERY_SERVICE_UP_TO;
    let every = (0..first.services.len() as u32).map(ServiceId);
    every.filter(|id| is_small || retried.contains(id)).collect()
}

/// Whose series are kept: all services and endpoints of a small system; of a large one those that
/// users call, those with faults, and those that a timeline shows.
fn watched(experiment: &Experiment, place: usize) -> Vec<Target> {
    let graph = &experiment.variants[place].graph;
    if graph.services.len() + graph.endpoints().count() <= EVERY_SERVICE_UP_TO {
        let services = (0..graph.services.len() as u32).map(|id| Target::Service(ServiceId(id)));
        return services.chain(graph.endpoints().map(|one| Target::Endpoint(one.0))).collect();
    }
    let mut targets: Vec<Target> = entries(graph);
    targets.extend(graph.faults.iter().flat_map(|fault| fault.services()).map(Target::Service));
    for plot in &experiment.plots {
        if let Plot::Timeline { show, .. } = plot {
            targets.extend(show.iter().filter_map(|text| series_of(graph, text)).map(|one| one.0));
        }
    }
    targets.sort_unstable();
    targets.dedup();
    targets.extend(pictures::services(experiment, place));
    targets.truncate(EVERY_SERVICE_UP_TO);
    targets
}

/// What a name in `Timeline(show: […])` is: `goodput`, `ledger.queue` or `queue(ledger)`. A name
/// without a service is about the first that users call. `None` for what has no series.
pub fn series_of(graph: &Graph, text: &str) -> Option<(Target, Quantity)> {
    let of_name = |name: &str| Quantity::EVERY.into_iter().find(|one| one.name() == name);
    let find = |name: &str| {
        let name = name.trim_matches(['\'', '"']);
        let part = graph.part(name).map(|(id, endpoint)| Target::part(graph, id, endpoint));
        graph.service(name).map(Target::Service).or(part)
    };
    if let Some(quantity) = of_name(text) {
        return Some((entries(graph).first().copied()?, quantity));
    }
    if let Some((name, rest)) = text.split_once('(') {
        return Some((find(rest.strip_suffix(')')?)?, of_name(name)?));
    }
    let (service, name) = text.rsplit_once('.')?;
    Some((find(service)?, of_name(name)?))
}
