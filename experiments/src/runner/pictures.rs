//! What is kept for pictures alone: what the file's plots need, and what costs nothing.

use super::question::{Entry, entries};
use crate::expect::{BindContext, BoundMeasure, parse_measure};
use crate::experiment::{Experiment, Plot};
use crate::report::chart::{Needs, chart};
use brownout_core::histogram::Histogram;
use brownout_policies::stack::{GateRule, Layer};
use brownout_topologies::graph::{Graph, ServiceId};
use brownout_topologies::ledger::Ledger;
use brownout_topologies::ledger::pictures::{Curve, EdgeCount, Pictures, Times};
use brownout_topologies::ledger::query::{Metric, Query, Target};
use brownout_topologies::ledger::tracks::Followed;

/// What was kept, over the replications added so far; in the order of what was asked.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Whole distributions.
    pub curves: Vec<Times>,
    /// Latencies by stretches of arrivals.
    pub heat: Vec<Vec<Histogram>>,
    /// Calls and attempts by the site they come from; empty if nobody asked.
    pub edges: Vec<EdgeCount>,
}

impl Kept {
    /// What one run has kept.
    pub(super) fn of(ledger: &Ledger, asked: &Pictures) -> Kept {
        Kept {
            curves: asked.curves.iter().map(|curve| ledger.times(curve)).collect(),
            heat: asked.heat.iter().map(|target| ledger.heat(*target).to_vec()).collect(),
            edges: if asked.edges { ledger.edges().collect() } else { Vec::new() },
        }
    }

    /// Adds one replication.
    pub(super) fn add(&mut self, run: Kept) {
        if self.curves.len() < run.curves.len()
            || self.heat.len() < run.heat.len()
            || self.edges.len() < run.edges.len()
        {
            *self = run;
            return;
        }
        for (all, own) in self.curves.iter_mut().zip(run.curves) {
            all.times.merge(&own.times);
            all.failed += own.failed;
            all.open += own.open;
        }
        let columns = self.heat.iter_mut().flatten().zip(run.heat.iter().flatten());
        columns.for_each(|(all, own)| all.merge(own));
        for (all, own) in self.edges.iter_mut().zip(run.edges) {
            all.calls += own.calls;
            all.attempts += own.attempts;
        }
    }
}

/// What is kept of a variant: what the plots need, the latency of what users call, and how services
/// stand where there is a retry or a breaker.
pub(super) fn asked(experiment: &Experiment, place: usize, entries: &[Entry]) -> Pictures {
    let graph = &experiment.variants[place].graph;
    let mut pictures = Pictures {
        curves: curves(experiment, place, entries).into_iter().map(|(_, curve)| curve).collect(),
        looks: is_watched_closely(experiment),
        ..Pictures::default()
    };
    for (needs, of) in needs(experiment) {
        match needs {
            Needs::Heat => pictures.heat.extend(latency_target(graph, &of)),
            Needs::Edges => pictures.edges = true,
            Needs::Curve | Needs::Service | Needs::Series | Needs::Request => {}
        }
    }
    pictures
}

/// The distributions that are kept of a variant, by what the file calls them: those of the plots,
/// and the latency of each service that users call.
pub fn curves(experiment: &Experiment, place: usize, entries: &[Entry]) -> Vec<(String, Curve)> {
    let bound = entries.iter().map(|entry| (format!("latency({})", entry.service), &entry.p50));
    let mut found: Vec<(String, Curve)> =
        bound.filter_map(|(of, bound)| Some((of, curve_of(bound, place)?))).collect();
    for (needs, of) in needs(experiment) {
        if needs == Needs::Curve && found.iter().all(|(known, _)| *known != of) {
            let bound = bind(experiment, &mean_of(&of));
            let curve = bound.and_then(|bound| curve_of(&bound, place));
            found.extend(curve.map(|curve| (of, curve)));
        }
    }
    found
}

/// Whose latencies are told apart by arrival, by what the file calls them.
pub fn heats(experiment: &Experiment, place: usize) -> Vec<String> {
    let graph = &experiment.variants[place].graph;
    let heat = needs(experiment).into_iter().filter(|(needs, _)| *needs == Needs::Heat);
    heat.map(|(_, of)| of).filter(|of| latency_target(graph, of).is_some()).collect()
}

/// The services whose series the plots need.
pub(super) fn services(experiment: &Experiment, place: usize) -> Vec<Target> {
    let graph = &experiment.variants[place].graph;
    let of_service = needs(experiment).into_iter().filter(|(needs, _)| *needs == Needs::Service);
    of_service.filter_map(|(_, of)| graph.service(&of)).map(Target::Service).collect()
}

/// What each chart of the file needs, and of what.
fn needs(experiment: &Experiment) -> Vec<(Needs, String)> {
    let graph = &experiment.variants[0].graph;
    let charts = experiment.plots.iter().filter_map(|plot| match plot {
        Plot::Chart { name, of, .. } => Some((chart(name).needs, of.clone())),
        Plot::Timeline { .. } | Plot::Heatmap { .. } => None,
    });
    charts.map(|(needs, of)| (needs, of.unwrap_or_else(|| usual(graph, needs)))).collect()
}

/// What a chart is of that does not say it.
pub fn usual(graph: &Graph, needs: Needs) -> String {
    let entry = || entries(graph).first().map_or_else(String::new, |entry| entry.name(graph));
    match needs {
        Needs::Curve | Needs::Heat => format!("latency({})", entry()),
        Needs::Service => match sufferer(graph) {
            Some(service) => graph.services[service.index()].name.clone(),
            None => entry(),
        },
        Needs::Edges | Needs::Series | Needs::Request => String::new(),
    }
}

/// The service of the first fault, or the first that is called through a retry.
pub fn sufferer(graph: &Graph) -> Option<ServiceId> {
    let retried = || {
        graph.sites.iter().find(|site| {
            let layers = &graph.stacks[site.stack.index()].layers;
            layers.iter().any(|layer| matches!(layer, Layer::Retry(_)))
        })
    };
    let struck = graph.faults.first().and_then(|fault| fault.services().next());
    struck.or_else(|| retried().map(|site| site.target))
}

/// Whether some variant has a retry or a breaker, so that there is something to look at.
pub fn is_watched_closely(experiment: &Experiment) -> bool {
    let is_seen = |layer: &Layer| match layer {
        Layer::Retry(_) => true,
        Layer::Gate(used) => matches!(used.rule, GateRule::Breaker(_)),
        Layer::Timeout(_) | Layer::Hedge(_) | Layer::Fallback(_) | Layer::Inherited => false,
    };
    let stacks = experiment.variants.iter().flat_map(|variant| &variant.graph.stacks);
    stacks.flat_map(|stack| &stack.layers).any(is_seen)
}

/// `mean(api)` for `latency(api)`, `wait.mean(db)` for `wait(db)`.
pub(crate) fn mean_of(of: &str) -> String {
    match of.strip_prefix("latency(") {
        Some(rest) => format!("mean({rest}"),
        None => of.replacen('(', ".mean(", 1),
    }
}

fn bind(experiment: &Experiment, sentence: &str) -> Option<BoundMeasure> {
    let graphs: Vec<(&str, &Graph)> =
        experiment.variants.iter().map(|one| (one.name.as_str(), &one.graph)).collect();
    let context = BindContext { variants: &graphs, batches: None };
    parse_measure(sentence).and_then(|measure| measure.bind(&context)).ok()
}

/// The distribution behind a question about a mean or a quantile.
fn curve_of(bound: &BoundMeasure, place: usize) -> Option<Curve> {
    let mut queries = bound.queries().into_iter().filter(|(variant, _)| *variant == place);
    let (_, &Query { metric, mut window }) = queries.next()?;
    // Of a run that is cut into stretches, all of them.
    for (_, query) in queries {
        window.from = window.from.min(query.window.from);
        window.to = window.to.max(query.window.to);
    }
    let (target, followed) = match metric {
        Metric::Latency(target, _) => (target, Followed::Latency),
        Metric::Inside(callee, phase, _) => (callee.into(), Followed::Inside(phase)),
        Metric::PoolWait(service, _) => (Target::Service(service), Followed::Pool),
        _ => return None,
    };
    Some(Curve { target, followed, window })
}

/// Whose latency it is: of `latency(api)`, or of `api` alone.
fn latency_target(graph: &Graph, of: &str) -> Option<Target> {
    let inner = of.strip_prefix("latency(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(of);
    let name = inner.trim().trim_matches(['\'', '"']);
    let part = graph.part(name).map(|(id, endpoint)| Target::part(graph, id, endpoint));
    let load = graph.load(name).map(Target::Load);
    graph.service(name).map(Target::Service).or(part).or(load)
}
