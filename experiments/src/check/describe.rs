//! An experiment in words: its graph, its loads, how calls are wrapped, what is in force.

use super::describe_load::{dist, load, zone_names};
use super::fault;
use super::inlet;
use super::once;
use super::script::script;
use super::store;
use crate::expect::Unit;
use crate::experiment::Experiment;
use crate::report::human::{switches, wrapped};
use crate::report::monitor_words;
use crate::report::paint::Paint;
use crate::resolve::{replication, semantics};
use brownout_topologies::fleet::Rolling;
use brownout_topologies::graph::{Graph, Service, Site};
use brownout_topologies::monitor::Monitor;

/// The experiment in words; variants that differ from the first say in what.
pub fn describe(experiment: &Experiment, paint: Paint) -> String {
    let first = &experiment.variants[0];
    let graph = &first.graph;
    let mut lines = vec![match experiment.about.as_str() {
        "" => paint.strong(&experiment.name),
        about => format!("{}: {about}", paint.strong(&experiment.name)),
    }];
    let times = match experiment.runs {
        1 => "one run".to_owned(),
        runs => format!("{runs} runs"),
    };
    lines.push(format!("{times} of {}, seed {}", graph.time, experiment.seed));
    let mut section = |title: &str, body: Vec<String>| {
        if !body.is_empty() {
            lines.push(String::new());
            lines.push(paint.strong(title));
            lines.extend(body);
        }
    };
    section("Loads", graph.loads.iter().map(|own| load(graph, own)).collect());
    section("Services", graph.services.iter().flat_map(|own| service(graph, own)).collect());
    section("Links", links(graph));
    section("Faults", graph.faults.iter().map(|own| fault::words(graph, own)).collect());
    section("Deploys", graph.services.iter().flat_map(deploys).collect());
    section("Monitors", graph.monitors.iter().map(monitor).collect());
    section("Calls, outermost policy first", stacks(graph, None));
    for variant in &experiment.variants[1..] {
        let title = format!("Calls on {}", variant.name);
        section(&title, stacks(&variant.graph, Some(graph)));
    }
    let common = semantics(graph);
    let others = experiment.variants[1..].iter().map(|variant| {
        let own = semantics(&variant.graph).into_iter();
        (&*variant.name, own.filter(|switch| !common.contains(switch)).collect::<Vec<_>>())
    });
    let others: Vec<(&str, Vec<(String, String)>)> = others.collect();
    let others: Vec<(&str, &[(String, String)])> =
        others.iter().map(|(name, own)| (*name, own.as_slice())).collect();
    section("Semantics in force", switches(&common, &others));
    lines.join("\n") + "\n"
}

fn service(graph: &Graph, service: &Service) -> Vec<String> {
    let workers = match service.workers {
        Some(workers) => format!("{workers} workers"),
        None => "unlimited workers".to_owned(),
    };
    let queue = match service.queue_limit {
        Some(limit) => format!("{limit} waiting places"),
        None => "an unbounded queue".to_owned(),
    };
    let each = if service.replicas == 1 { "" } else { " each" };
    let replicas = if service.replicas == 1 { "replica" } else { "replicas" };
    let mut lines = vec![format!(
        "  {}: {} {replicas}, {workers} and {queue}{each}",
        service.name, service.replicas
    )];
    lines.extend(inlet::lines(service));
    lines.extend(service.stores.iter().map(store::line));
    if let Some(rule) = &service.replication {
        lines.push(format!("    keeps the same everywhere: {}", replication(rule)));
    }
    if !service.zones.is_empty() {
        let names = zone_names(graph, &service.zones);
        lines.push(format!("    its replicas are in turn in {names}"));
    }
    lines.extend(once::lines(graph, service));
    for endpoint in &service.endpoints {
        let mut indent = 4;
        if service.is_divided() {
            lines.push(format!("    {}.{}:", service.name, endpoint.name));
            indent = 6;
        }
        script((graph, service), &endpoint.steps, indent, &mut lines);
    }
    for route in &service.next {
        let to = &graph.services[route.to.index()].name;
        let share = Unit::Share.human(route.probability);
        lines.push(format!("    then {share} of the jobs move on to {to}"));
    }
    lines
}

/// Links that do anything; most do not.
fn links(graph: &Graph) -> Vec<String> {
    let is_felt = |site: &&Site| {
        let link = &graph.links[site.link.index()];
        link.loss > 0.0 || link.latency.mean() > 0.0
    };
    let line = |site: &Site| {
        let link = &graph.links[site.link.index()];
        let loss = match link.loss > 0.0 {
            true => format!(", loses {}", Unit::Share.human(link.loss)),
            false => String::new(),
        };
        format!("  {}: {} one way{loss}", site.name, dist(&link.latency))
    };
    let mut lines: Vec<String> = graph.sites.iter().filter(is_felt).map(line).collect();
    if graph.between_zones.mean() > 0.0 {
        let far = dist(&graph.between_zones);
        lines.push(format!("  from one zone to another: {far} more, one way"));
    }
    lines
}

fn monitor(monitor: &Monitor) -> String {
    format!("  {}: {}", monitor.name, monitor_words(monitor))
}

fn deploys(service: &Service) -> Vec<String> {
    let line = |rolling: &Rolling| {
        let Rolling { at, every, drain, boot } = rolling;
        format!(
            "  {}: from {at} on, one replica every {every} drains for {drain} and starts for {boot}",
            service.name
        )
    };
    service.fleet.deploys.iter().map(line).collect()
}

/// How every call is wrapped; against another graph only those that are wrapped otherwise.
fn stacks(graph: &Graph, other: Option<&Graph>) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, site) in graph.sites.iter().enumerate() {
        let stack = &graph.stacks[site.stack.index()];
        let same = other.is_some_and(|other| {
            let of = |site: &Site| (&other.stacks[site.stack.index()], site.key);
            other.sites.get(number).map(of) == Some((stack, site.key))
        });
        if same {
            continue;
        }
        let mut words = stack.in_words();
        words.extend(once::key(site).map(str::to_owned));
        if words.is_empty() {
            lines.push(format!("  {}: as it is, no policies", site.name));
        } else {
            lines.push(format!("  {}:", site.name));
        }
        for (depth, word) in words.iter().enumerate() {
            let indent = " ".repeat(4 + 2 * depth);
            lines.extend(wrapped(word, &indent, &indent));
        }
    }
    lines
}
