//! What a service does, as written: endpoints and their steps, or the short form for one endpoint.

use super::dist;
use super::fields::{Fields, Names, Variant, names_map};
use super::fleet;
use super::named::Named;
use super::policy::{With, with};
use super::problem::{Cx, Problem};
use super::reading::Reading;
use super::tree::Node;
use super::values;
use brownout_core::dist::Dist;
use brownout_topologies::fleet::Balance;
use brownout_topologies::graph::Endpoint;

/// The steps there are.
pub(crate) const STEPS: Names =
    Names { what: "a step", known: &["Work", "Call"], later: &["Publish", "Transaction", "Lock"] };

/// Most endpoints of one service.
const ENDPOINTS_MAX: usize = 1_000;

/// A call in a script.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CallSpec {
    pub(crate) to: Named,
    pub(crate) with: With,
    pub(crate) balance: Option<Balance>,
}

/// A step as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StepSpec {
    Work(Dist),
    Call(CallSpec),
}

/// One thing that a service can be asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EndpointSpec {
    pub(crate) name: String,
    pub(crate) steps: Vec<StepSpec>,
}

impl Default for EndpointSpec {
    fn default() -> EndpointSpec {
        EndpointSpec { name: Endpoint::DEFAULT.to_owned(), steps: Vec::new() }
    }
}

impl EndpointSpec {
    /// Every call that it makes, in the order of the file.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &CallSpec> {
        self.steps.iter().filter_map(|step| match step {
            StepSpec::Call(call) => Some(call),
            StepSpec::Work(_) => None,
        })
    }
}

/// What a service does: its `endpoints`, or `work` and `calls`, which are short for one. Never
/// without an endpoint, so that calls to a service whose script is wrong resolve all the same.
pub(super) fn endpoints(
    name: &Named,
    fields: &Fields<'_>,
    reading: &mut Reading<'_>,
) -> Vec<EndpointSpec> {
    let short = ["work", "calls"].into_iter().find(|key| fields.get(key).is_some());
    let Some(node) = fields.get("endpoints") else {
        if short.is_none() && !reading.cx.is_mangled {
            let message = format!("service `{}` does nothing", name.text);
            reading.cx.push(
                Problem::error(name.place, message)
                    .label("it needs `work`, `calls` or both, or `endpoints`")
                    .help("add work: LogNormal(p50: \"20ms\", p99: \"150ms\"), for example"),
            );
        }
        let steps = short_form(fields, reading);
        return vec![EndpointSpec { steps, ..EndpointSpec::default() }];
    };
    if let Some(key) = short {
        let place = fields.key_place(key).unwrap_or(fields.place);
        reading.cx.push(
            Problem::error(place, format!("`{key}` beside `endpoints`"))
                .label("`work` and `calls` are short for one endpoint")
                .help(
                    "move it into the endpoint, as in \"get\": [Work(\"5ms\"), Call(to: \"db\")]",
                ),
        );
    }
    let found = long_form(node, reading);
    if found.is_empty() { vec![EndpointSpec::default()] } else { found }
}

fn short_form(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Vec<StepSpec> {
    let work = fields.get("work").and_then(|node| dist::times(node, reading));
    let mut steps: Vec<StepSpec> = work.map(StepSpec::Work).into_iter().collect();
    let cx = &mut *reading.cx;
    if let Some(items) = fields.with("calls", cx, |node, cx| values::list(node, "calls", cx)) {
        steps.extend(items.iter().filter_map(|item| call_in_list(item, cx)).map(StepSpec::Call));
    }
    steps
}

/// The endpoints in order of name.
fn long_form(node: &Node, reading: &mut Reading<'_>) -> Vec<EndpointSpec> {
    let example = "{\"get\": [Work(Exp(mean: \"5ms\")), Call(to: \"db\")]}";
    let entries = names_map(node, "endpoint", example, reading.cx);
    if entries.is_empty() || entries.len() > ENDPOINTS_MAX {
        let message = match entries.len() {
            0 => "no endpoint".to_owned(),
            many => format!("{many} endpoints"),
        };
        let label = format!("expected 1 to {ENDPOINTS_MAX}, as in {example}");
        reading.cx.push(Problem::error(node.place, message).label(label));
        return Vec::new();
    }
    let mut specs = Vec::with_capacity(entries.len());
    for entry in entries {
        let name = entry.key.text.clone();
        if values::check_name(&name, entry.key.place, "endpoint", reading.cx) {
            specs.push(EndpointSpec { name, steps: steps(&entry.value, reading) });
        }
    }
    specs.sort_by(|a: &EndpointSpec, b| a.name.cmp(&b.name));
    specs
}

/// A list of steps; what is wrong is complained about and left out.
fn steps(node: &Node, reading: &mut Reading<'_>) -> Vec<StepSpec> {
    let Some(items) = values::list(node, "steps", reading.cx) else { return Vec::new() };
    items.iter().filter_map(|item| step(item, reading)).collect()
}

fn step(node: &Node, reading: &mut Reading<'_>) -> Option<StepSpec> {
    let variant = Variant::read(node, STEPS, reading.cx)?;
    match variant.name {
        "Work" => time(&variant, "Work", "Exp(mean: \"5ms\")", reading).map(StepSpec::Work),
        _ => call(&variant, reading.cx).map(StepSpec::Call),
    }
}

/// `Work(Exp(mean: "5ms"))`.
fn time(
    variant: &Variant<'_>,
    what: &'static str,
    example: &str,
    reading: &mut Reading<'_>,
) -> Option<Dist> {
    let fields = variant.fields(Names::new(what, &["time"]), &["time"], reading.cx)?;
    let node = fields.need("time", example, reading.cx)?;
    dist::times(node, reading)
}

const CALL: Names = Names {
    what: "a call",
    known: &["to", "with", "balance"],
    later: &["probability", "bytes", "parallel", "when", "if"],
};

/// `Call(to: "db", with: "client")`.
fn call(variant: &Variant<'_>, cx: &mut Cx) -> Option<CallSpec> {
    let fields = variant.fields(CALL, &["to"], cx)?;
    call_of(&fields, cx)
}

/// `(to: "db", with: "client")`, in the short form.
fn call_in_list(node: &Node, cx: &mut Cx) -> Option<CallSpec> {
    let fields = Fields::read(node, CALL, cx)?;
    call_of(&fields, cx)
}

fn call_of(fields: &Fields<'_>, cx: &mut Cx) -> Option<CallSpec> {
    let to = fields.need("to", "\"db\"", cx).and_then(|node| values::reference(node, cx));
    let with = with(fields.get("with"), cx);
    let balance = fields.with("balance", cx, fleet::balance);
    Some(CallSpec { to: to?, with, balance })
}
