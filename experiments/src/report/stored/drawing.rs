//! What a drawing needs beside the summary and the series: systems, distributions, what is asked.

use crate::check;
use crate::experiment::{By, Plot};
use crate::incident::lanes::Lanes;
use crate::report::chart::{Needs, chart, default_lines};
use crate::report::{Summary, VariantSummary};
use crate::runner::pictures::{curves, heats, usual};
use crate::runner::question::{Questions, series_of};
use brownout_core::Time;
use brownout_core::histogram::Histogram;
use brownout_topologies::fault::{Fault, FaultKind, Harm, Part, Replicas, When};
use brownout_topologies::graph::{Caller, Graph, ServiceId};
use brownout_topologies::ledger::pictures::{Times, columns};
use brownout_topologies::ledger::series::bin_width;
use brownout_topologies::ledger::verdict::triggers;

/// Sub-buckets an octave of stored distributions, as a power of two: within 3 %.
const BITS: u8 = 5;

/// What a drawing needs beside the summary and the series.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// The headline.
    pub title: String,
    /// Replications that came to their end.
    pub runs: u64,
    /// Seconds in a bin of the series.
    pub bin: f64,
    /// One per variant that ran.
    pub systems: Vec<System>,
    /// The pictures that the file asks for, with the timeline first if it asks for none.
    pub asked: Vec<Asked>,
    /// What is asked for and cannot be drawn, a line each.
    pub undrawn: Vec<String>,
    /// Why it came as it did, a sentence each; none if nobody explains it.
    pub why: Vec<String>,
}

/// A picture to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The chart's name in files.
    pub chart: String,
    /// Of what: `latency(api)`, `db`; empty where it is of everything.
    pub of: String,
    /// Of a timeline: (target, quantity) of each line.
    pub lines: Vec<(String, String)>,
}

/// One of the systems that are compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct System {
    /// The variant.
    pub variant: String,
    /// Seconds of simulated time.
    pub time: f64,
    /// Faults, deploys and spikes.
    pub windows: Vec<Window>,
    /// In the order of the graph.
    pub services: Vec<Service>,
    /// Who calls whom.
    pub edges: Vec<Edge>,
    /// Whole distributions.
    pub curves: Vec<Distribution>,
    /// Latencies over time.
    pub fields: Vec<Field>,
    /// One request, if a picture of one is asked for.
    pub lanes: Option<Lanes>,
}

/// When something is at work, in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// What.
    pub name: String,
    /// From when.
    pub from: f64,
    /// Until when.
    pub to: f64,
}

/// A service as it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Replicas, as the file says.
    pub replicas: u64,
    /// Workers of each; none is unlimited.
    pub workers: Option<u64>,
    /// Waiting places of each; none is unbounded.
    pub queue_limit: Option<u64>,
    /// Attempts per second that its workers can do when nothing ails them; none if there is no
    /// such number.
    pub capacity: Option<f64>,
    /// From when on what share of that is left: faults at known times.
    pub speeds: Vec<(f64, f64)>,
    /// Whether a breaker stands before it.
    pub has_breaker: bool,
}

/// From a caller to a callee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// A load or a service.
    pub from: String,
    /// A service, or an endpoint of one that has several.
    pub to: String,
    /// The service.
    pub service: String,
    /// Calls and attempts over all replications, if they were counted.
    pub count: Option<(u64, u64)>,
}

/// A distribution of times over all replications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Of what: `latency(api)`.
    pub of: String,
    /// The least time, ns.
    pub least: u64,
    /// The greatest time, ns.
    pub most: u64,
    /// The greatest time of each bucket, ns, ascending.
    pub ends: Vec<u64>,
    /// Times in each.
    pub counts: Vec<u64>,
    /// How many ended badly.
    pub failed: u64,
    /// How many were still open at the end.
    pub open: u64,
}

/// Latencies by the moment of the intended arrival, over all replications.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Of what: `latency(api)`.
    pub of: String,
    /// Seconds in a column.
    pub column: f64,
    /// How many columns there are.
    pub columns: u64,
    /// Column, least and greatest time (ns) and count of each bucket with something in it.
    pub cells: Vec<[u64; 4]>,
}

impl Drawing {
    /// What the drawings of a summary need.
    pub(super) fn of(summary: &Summary<'_>, questions: &Questions, why: Vec<String>) -> Drawing {
        let experiment = summary.experiment;
        let first = &experiment.variants[summary.variants[0].place].graph;
        let (asked, undrawn) = asked(&experiment.plots, first);
        let needs = |one: &Asked| chart(&one.chart).needs;
        let with_lanes = asked.iter().any(|one| needs(one) == Needs::Request);
        let system = |variant: &VariantSummary<'_>| System {
            lanes: if with_lanes { lanes(summary, variant) } else { None },
            ..system(summary, variant, questions)
        };
        Drawing {
            title: match experiment.about.as_str() {
                "" => experiment.name.clone(),
                about => about.to_owned(),
            },
            runs: summary.results.seeds.len() as u64,
            bin: bin_width(first.time).as_secs(),
            systems: summary.variants.iter().map(system).collect(),
            asked,
            undrawn,
            why,
        }
    }

    /// When the longest of the systems ends, in seconds.
    pub fn end(&self) -> f64 {
        self.systems.iter().map(|system| system.time).fold(0.0, f64::max)
    }

    /// The windows of all systems, each once.
    pub fn windows(&self) -> Vec<&Window> {
        let mut windows: Vec<&Window> = Vec::new();
        for window in self.systems.iter().flat_map(|system| &system.windows) {
            if !windows.contains(&window) {
                windows.push(window);
            }
        }
        windows
    }
}

/// What is to be drawn, and what cannot be.
fn asked(plots: &[Plot], graph: &Graph) -> (Vec<Asked>, Vec<String>) {
    let (mut asked, mut undrawn) = (Vec::new(), Vec::new());
    let timeline = |lines| Asked { chart: "Timeline".to_owned(), of: String::new(), lines };
    for plot in plots {
        match plot {
            Plot::Timeline { show, by } => {
                if *by == By::Run {
                    undrawn
                        .push("timeline: all runs are drawn as one line and its range".to_owned());
                }
                let mut lines = Vec::new();
                for text in show {
                    match series_of(graph, text) {
                        Some((target, one)) => {
                            lines.push((target.name(graph), one.name().to_owned()));
                        }
                        None => undrawn
                            .push(format!("timeline: `{text}` has no series over time; left out")),
                    }
                }
                let lines = if lines.is_empty() { default_lines(graph) } else { lines };
                asked.push(timeline(lines));
            }
            Plot::Heatmap { .. } => {
                undrawn.push("Heatmap needs a sweep: `brownout sweep` draws it".to_owned());
            }
            Plot::Chart { name, of, by } => {
                if *by == By::Run {
                    undrawn.push(format!("{name}: all runs are drawn together"));
                }
                let needs = chart(name).needs;
                let of = of.clone().unwrap_or_else(|| usual(graph, needs));
                asked.push(Asked { chart: (*name).to_owned(), of, lines: Vec::new() });
            }
        }
    }
    if asked.iter().all(|one| one.chart != "Timeline") {
        asked.insert(0, timeline(default_lines(graph)));
    }
    (asked, undrawn)
}

fn system(summary: &Summary<'_>, variant: &VariantSummary<'_>, questions: &Questions) -> System {
    let experiment = summary.experiment;
    let graph = &experiment.variants[variant.place].graph;
    let kept = &variant.results.pictures;
    let end = (Time::ZERO + graph.time).as_secs();
    let window = |trigger: brownout_topologies::ledger::verdict::Trigger| Window {
        name: trigger.name,
        from: trigger.from.as_secs(),
        to: trigger.to.as_secs().min(end),
    };
    let curves = curves(experiment, variant.place, &questions.entries);
    let curves = curves.into_iter().zip(&kept.curves);
    let fields = heats(experiment, variant.place).into_iter().zip(&kept.heat);
    System {
        variant: variant.name.to_owned(),
        time: graph.time.as_secs(),
        windows: triggers(graph).into_iter().map(window).collect(),
        services: services(graph),
        edges: edges(graph, variant),
        curves: curves.map(|((of, _), times)| distribution(of, times)).collect(),
        fields: fields.map(|(of, columns)| field(of, graph, columns)).collect(),
        lanes: None,
    }
}

/// A request of the first run, which is run again for it.
fn lanes(summary: &Summary<'_>, variant: &VariantSummary<'_>) -> Option<Lanes> {
    let graph = &summary.experiment.variants[variant.place].graph;
    let seed = summary.results.seeds.first()?;
    Lanes::of_the_worst(graph, *seed).expect("what has run runs again")
}

fn services(graph: &Graph) -> Vec<Service> {
    let capacities = check::capacities(graph);
    let of = |(id, service): (ServiceId, &brownout_topologies::graph::Service)| Service {
        name: service.name.clone(),
        replicas: u64::from(service.replicas),
        workers: service.workers.map(u64::from),
        queue_limit: service.queue_limit.map(u64::from),
        capacity: capacities[id.index()],
        speeds: speeds(graph, id),
        has_breaker: has_breaker(graph, id),
    };
    (0..).map(ServiceId).zip(&graph.services).map(of).collect()
}

fn has_breaker(graph: &Graph, id: ServiceId) -> bool {
    use brownout_policies::stack::{GateRule, Layer};
    let sites = graph.sites.iter().filter(|site| site.target == id);
    let mut layers = sites.flat_map(|site| &graph.stacks[site.stack.index()].layers);
    layers.any(|layer| match layer {
        Layer::Gate(used) => matches!(used.rule, GateRule::Breaker(_)),
        Layer::Timeout(_)
        | Layer::Retry(_)
        | Layer::Hedge(_)
        | Layer::Fallback(_)
        | Layer::Inherited => false,
    })
}

fn edges(graph: &Graph, variant: &VariantSummary<'_>) -> Vec<Edge> {
    let counts = &variant.results.pictures.edges;
    let edge = |(place, site): (usize, &brownout_topologies::graph::Site)| Edge {
        from: match site.caller {
            Caller::Load(load) => graph.loads[load.index()].name.clone(),
            Caller::Service(service) => graph.services[service.index()].name.clone(),
        },
        to: graph.part_name(site.target, site.endpoint),
        service: graph.services[site.target.index()].name.clone(),
        count: counts.get(place).map(|count| (count.calls, count.attempts)),
    };
    let calls = graph.sites.iter().enumerate().map(edge);
    let routes = graph.services.iter().flat_map(|service| {
        service.next.iter().map(|route| Edge {
            from: service.name.clone(),
            to: graph.part_name(route.to, route.endpoint),
            service: graph.services[route.to.index()].name.clone(),
            count: None,
        })
    });
    calls.chain(routes).collect()
}

/// From when on what share of a service's capacity is left, as far as faults at known times say.
fn speeds(graph: &Graph, id: ServiceId) -> Vec<(f64, f64)> {
    let mut edges: Vec<Time> = vec![Time::ZERO];
    let struck: Vec<(&Fault, f64)> = graph
        .faults
        .iter()
        .filter_map(|fault| Some((fault, share_left(graph, fault, id)?)))
        .collect();
    edges.extend(struck.iter().flat_map(|(fault, _)| [fault.begins(), fault.ends()]));
    edges.sort_unstable();
    edges.dedup();
    let within = |at: Time| {
        let active = struck.iter().filter(|(fault, _)| fault.begins() <= at && at < fault.ends());
        active.map(|(_, left)| left).product::<f64>()
    };
    let inside = edges.into_iter().filter(|at| *at < Time::ZERO + graph.time);
    inside.map(|at| (at.as_secs(), within(at))).collect()
}

/// The share of a service's capacity that a fault leaves; none for faults that come by chance or
/// again and again, or take no capacity.
fn share_left(graph: &Graph, fault: &Fault, id: ServiceId) -> Option<f64> {
    let Harm::Replicas { parts, kind } = &fault.harm else { return None };
    let When::Planned(schedule) = &fault.when else { return None };
    let part: &Part = parts.iter().find(|part| part.service == id)?;
    if schedule.every.is_some() || schedule.probability < 1.0 {
        return None;
    }
    let left = match kind {
        FaultKind::Slow { by } => 1.0 / by,
        FaultKind::Capacity { to, .. } => *to,
        FaultKind::Crash { .. } | FaultKind::Stall { .. } | FaultKind::BlackHole => 0.0,
        FaultKind::Errors { .. }
        | FaultKind::CacheFlush
        | FaultKind::Demote
        | FaultKind::ClockJump { .. }
        | FaultKind::Worker { .. }
        | FaultKind::Config(_) => return None,
    };
    let all = f64::from(graph.services[id.index()].replicas);
    let struck = match part.replicas {
        Replicas::All => all,
        Replicas::One(_) => 1.0,
        Replicas::InTurn { first, every } => {
            let replicas = graph.services[id.index()].replicas;
            f64::from(replicas.saturating_sub(first).div_ceil(every))
        }
        Replicas::Count(count) => f64::from(count).min(all),
        Replicas::Share(share) => (share * all).round().max(1.0),
    };
    Some((all - struck + struck * left) / all)
}

fn distribution(of: String, times: &Times) -> Distribution {
    // The narrower buckets of the run lie inside these, so no count moves.
    let mut coarse = Histogram::new(BITS);
    times.times.iter().for_each(|bucket| coarse.record_n(bucket.low, bucket.count));
    let buckets: Vec<_> = coarse.iter().collect();
    Distribution {
        of,
        least: times.times.min().unwrap_or(0),
        most: times.times.max().unwrap_or(0),
        ends: buckets.iter().map(|bucket| bucket.high).collect(),
        counts: buckets.iter().map(|bucket| bucket.count).collect(),
        failed: times.failed,
        open: times.open,
    }
}

fn field(of: String, graph: &Graph, stretches: &[Histogram]) -> Field {
    let (column, number) = columns(graph.time);
    let cells = (0..).zip(stretches).flat_map(|(place, times)| {
        times.iter().map(move |bucket| [place, bucket.low, bucket.high, bucket.count])
    });
    Field { of, column: column.as_secs(), columns: number as u64, cells: cells.collect() }
}
