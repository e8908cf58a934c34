//! The whole file, as written: names not yet looked up, defaults filled in.

use super::fault::{FaultSpec, PartSpec, domains, faults};
use super::fields::{Fields, Names, names_map};
use super::hunt::{HuntSpec, hunt};
use super::lives::{DeploySpec, deploys};
use super::load::{LoadSpec, loads};
use super::monitor::{MonitorSpec, monitors};
use super::network::{LinkSpec, link, links, perfect};
use super::plot::{PlotSpec, Sentence, plots, sentences};
use super::policy::With;
use super::problem::{Cx, Place, Problem};
use super::reading::Reading;
use super::rules::{self, RunSpec};
use super::service::{ServiceSpec, services};
use super::sweep::{SweepSpec, sweep};
use super::tree::Node;
use super::values;
use super::zone::between;
use brownout_core::dist::Dist;
use brownout_policies::stack::Stack;
use brownout_policies::stack::read::stack;
use brownout_topologies::graph::{Deadlines, FullQueue, Link, Semantics, VerdictRule};
use std::collections::{BTreeMap, BTreeSet};

/// The fields of an experiment.
pub(crate) const EXPERIMENT: Names = Names {
    what: "an experiment",
    known: &[
        "version",
        "name",
        "about",
        "run",
        "load",
        "services",
        "topology",
        "links",
        "network",
        "zones",
        "policies",
        "semantics",
        "verdict",
        "variants",
        "domains",
        "faults",
        "monitors",
        "deploys",
        "sweep",
        "hunt",
        "expect",
        "measure",
        "plots",
    ],
    later: &["workloads", "cache", "databases", "brokers", "invariants", "trace", "import"],
};

/// What decides a run: one per variant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct System {
    pub(crate) run: Option<RunSpec>,
    pub(crate) loads: Vec<LoadSpec>,
    pub(crate) services: Vec<ServiceSpec>,
    pub(crate) policies: BTreeMap<String, (Place, Stack)>,
    pub(crate) network: Link,
    pub(crate) links: Vec<LinkSpec>,
    /// How much longer it takes from one zone to another.
    pub(crate) between_zones: Dist,
    pub(crate) domains: BTreeMap<String, (Place, Vec<PartSpec>)>,
    pub(crate) faults: Vec<FaultSpec>,
    pub(crate) monitors: Vec<MonitorSpec>,
    pub(crate) deploys: Vec<DeploySpec>,
    pub(crate) semantics: Semantics,
    pub(crate) full_queue: FullQueue,
    pub(crate) deadlines: Deadlines,
    pub(crate) verdict: VerdictRule,
}

/// What is asked of the runs: one per file.
pub(crate) struct Questions {
    pub(crate) name: Option<String>,
    pub(crate) about: String,
    pub(crate) expect: Vec<Sentence>,
    pub(crate) measure: Vec<Sentence>,
    pub(crate) plots: Vec<PlotSpec>,
    pub(crate) sweep: SweepSpec,
    pub(crate) hunt: Option<HuntSpec>,
}

/// The system that the tree describes.
pub(crate) fn system(root: &Node, reading: &mut Reading<'_>) -> Option<System> {
    let fields = Fields::read(root, EXPERIMENT, reading.cx)?;
    let run = fields.need("run", "(time: \"2m\")", reading.cx);
    let run = run.and_then(|node| rules::run(node, reading.cx));
    let load = fields.need("load", "[Poisson(to: \"api\", rate: \"100/s\")]", reading.cx);
    let loads = load.map_or_else(Vec::new, |node| loads(node, reading));
    let all = fields.need("services", "{\"api\": (work: Exp(mean: \"5ms\"))}", reading.cx);
    let services = all.map_or_else(Vec::new, |node| services(node, reading));
    let policies = fields.get("policies").map(|node| policies(node, reading.cx));
    let network = fields.get("network").and_then(|node| link(node, &perfect(), reading));
    let network = network.unwrap_or_else(perfect);
    let links = fields.get("links").map(|node| links(node, &network, reading));
    let between_zones = fields.get("zones").and_then(|node| between(node, reading));
    let faults = fields.get("faults").map(|node| faults(node, reading));
    let cx = &mut *reading.cx;
    let domains = fields.get("domains").map(|node| domains(node, cx));
    let monitors = fields.get("monitors").map(|node| monitors(node, cx));
    let (semantics, full_queue, deadlines) = rules::semantics(fields.get("semantics"), cx);
    Some(System {
        run,
        loads,
        services,
        policies: policies.unwrap_or_default(),
        network,
        links: links.unwrap_or_default(),
        between_zones: between_zones.unwrap_or_else(|| Dist::constant(0.0)),
        domains: domains.unwrap_or_default(),
        faults: faults.unwrap_or_default(),
        monitors: monitors.unwrap_or_default(),
        deploys: fields.get("deploys").map_or_else(Vec::new, |node| deploys(node, cx)),
        semantics,
        full_queue,
        deadlines,
        verdict: rules::verdict(fields.get("verdict"), cx),
    })
}

/// The questions that the tree asks.
pub(crate) fn questions(root: &Node, cx: &mut Cx) -> Option<Questions> {
    let fields = Fields::read(root, EXPERIMENT, cx)?;
    if let Some(node) = fields.get("version") {
        values::count(node, 1..=1, cx);
    }
    let list =
        |key: &str, cx: &mut Cx| fields.get(key).map_or_else(Vec::new, |node| sentences(node, cx));
    let name = fields.with("name", cx, |node, cx| {
        let text = values::text(node, cx)?;
        values::check_name(text, node.place, "experiment", cx).then(|| text.to_owned())
    });
    let about = fields.with("about", cx, |node, cx| values::text(node, cx).map(str::to_owned));
    Some(Questions {
        name,
        about: about.unwrap_or_default(),
        expect: list("expect", cx),
        measure: list("measure", cx),
        plots: fields.get("plots").map_or_else(Vec::new, |node| plots(node, cx)),
        sweep: fields.get("sweep").map_or_else(SweepSpec::default, |node| sweep(node, cx)),
        hunt: fields.with("hunt", cx, hunt),
    })
}

/// Named stacks.
fn policies(node: &Node, cx: &mut Cx) -> BTreeMap<String, (Place, Stack)> {
    let example = "{\"client\": [Timeout(\"300ms\")]}";
    let mut named = BTreeMap::new();
    for entry in names_map(node, "policy", example, cx) {
        let place = entry.key.place;
        if values::check_name(&entry.key.text, place, "policy", cx) {
            // A broken stack is an empty one, so that calls through it still resolve.
            let stack = stack(&entry.value, cx).unwrap_or_default();
            named.insert(entry.key.text.clone(), (place, stack));
        }
    }
    named
}

impl System {
    /// The names of the policies that calls go through.
    pub(crate) fn used_policies(&self) -> BTreeSet<&str> {
        let calls = self.services.iter().flat_map(ServiceSpec::calls).map(|call| &call.with);
        let all = self.loads.iter().map(|load| &load.with).chain(calls);
        all.filter_map(|with| match with {
            With::Name(named) => Some(named.text.as_str()),
            With::Nothing | With::Stack(_) => None,
        })
        .collect()
    }

    /// Warns of policies and domains that nothing uses in any of `systems`.
    pub(crate) fn warn_of_unused(&self, systems: &[System], cx: &mut Cx) {
        if cx.has_errors() {
            return;
        }
        for (name, (place, _)) in &self.policies {
            if !systems.iter().any(|system| system.used_policies().contains(name.as_str())) {
                cx.push(
                    Problem::warning(*place, format!("no call goes through `{name}`"))
                        .label(format!("name it in a call: (to: \"…\", with: \"{name}\")")),
                );
            }
        }
        for (name, (place, _)) in &self.domains {
            let is_struck = |system: &System| system.faults.iter().any(|own| own.strikes(name));
            if !systems.iter().any(is_struck) {
                cx.push(
                    Problem::warning(*place, format!("no fault strikes `{name}`"))
                        .label(format!("name it in a fault: Crash(domain: \"{name}\", …)")),
                );
            }
        }
    }
}
