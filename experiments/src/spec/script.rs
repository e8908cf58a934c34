//! What a service does, as written: endpoints and their steps, or the short form for one endpoint.

use super::dist;
use super::fields::{Fields, Names, Variant, names_map};
use super::fleet;
use super::fork;
use super::named::Named;
use super::once;
use super::policy::{With, with};
use super::problem::{Cx, Problem};
use super::reading::Reading;
use super::store;
use super::tree::{Kind, Node};
use super::values;
use brownout_core::dist::Dist;
use brownout_topologies::fleet::Balance;
use brownout_topologies::graph::{Act, Endpoint, Join, KeyUse, OnError};

/// The steps there are.
pub(crate) const STEPS: Names = Names {
    what: "a step",
    known: &[
        "Work", "Call", "Sleep", "Fail", "Repeat", "Choice", "Parallel", "Read", "Write", "Lock",
        "Unlock", "Admit", "Get", "Put", "Limit", "Effect",
    ],
    later: &["Publish", "Transaction"],
};

/// Most endpoints of one service.
const ENDPOINTS_MAX: usize = 1_000;
/// Most steps of one service, repeated ones as often as they are repeated.
const STEPS_MAX: u64 = 10_000;
/// Deepest steps within steps.
const DEEPEST: usize = 16;

/// A call in a script.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CallSpec {
    pub(crate) to: Named,
    pub(crate) with: With,
    pub(crate) balance: Option<Balance>,
    pub(crate) key: KeyUse,
}

/// A step as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StepSpec {
    Work(Dist),
    Call(CallSpec),
    Sleep(Dist),
    Fail(f64),
    Effect,
    Repeat { times: u32, steps: Vec<StepSpec> },
    Choice(Vec<(f64, Vec<StepSpec>)>),
    Parallel { branches: Vec<Vec<StepSpec>>, times: u32, join: Join },
    At { store: Named, act: Act },
    Limit { call: CallSpec, on_error: OnError },
    Get { store: Named, hit: Vec<StepSpec>, miss: Vec<StepSpec> },
}

impl StepSpec {
    /// The scripts that it is made of.
    fn inside(&self) -> Vec<&[StepSpec]> {
        match self {
            StepSpec::Work(_)
            | StepSpec::Call(_)
            | StepSpec::Sleep(_)
            | StepSpec::Fail(_)
            | StepSpec::Effect
            | StepSpec::At { .. }
            | StepSpec::Limit { .. } => Vec::new(),
            StepSpec::Repeat { steps, .. } => vec![steps],
            StepSpec::Get { hit, miss, .. } => vec![hit, miss],
            StepSpec::Choice(ways) => ways.iter().map(|(_, steps)| &steps[..]).collect(),
            StepSpec::Parallel { branches, .. } => {
                branches.iter().map(|steps| &steps[..]).collect()
            }
        }
    }

    /// How many places its code takes: each script inside ends with one of its own.
    fn size(&self) -> u64 {
        let inside = self.inside();
        let sum: u64 = inside.iter().map(|steps| size(steps)).fold(0, u64::saturating_add);
        match self {
            StepSpec::Limit { .. } => 2,
            StepSpec::Repeat { times, .. } => sum.saturating_mul(u64::from(*times)),
            _ => sum.saturating_add(1 + inside.len() as u64),
        }
    }
}

fn size(steps: &[StepSpec]) -> u64 {
    steps.iter().map(StepSpec::size).fold(0, u64::saturating_add)
}

fn collect_calls<'s>(steps: &'s [StepSpec], calls: &mut Vec<&'s CallSpec>) {
    for step in steps {
        if let StepSpec::Call(call) | StepSpec::Limit { call, .. } = step {
            calls.push(call);
        }
        step.inside().into_iter().for_each(|inside| collect_calls(inside, calls));
    }
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
        let mut calls = Vec::new();
        collect_calls(&self.steps, &mut calls);
        calls.into_iter()
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
    once::no_effect(fields, reading.cx);
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
    once::effect(fields, &mut steps, cx);
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
            specs.push(EndpointSpec { name, steps: steps(&entry.value, 0, reading) });
        }
    }
    let places: u64 = specs.iter().map(|spec: &EndpointSpec| size(&spec.steps)).sum();
    if places > STEPS_MAX {
        let message = format!("{places} steps, each counted as often as it is repeated");
        reading.cx.push(
            Problem::error(node.place, message)
                .label(format!("expected at most {STEPS_MAX} in one service")),
        );
        return Vec::new();
    }
    specs.sort_by(|a: &EndpointSpec, b| a.name.cmp(&b.name));
    specs
}

/// A list of steps, `depth` deep in others; what is wrong is complained about and left out.
fn steps(node: &Node, depth: usize, reading: &mut Reading<'_>) -> Vec<StepSpec> {
    let Some(items) = values::list(node, "steps", reading.cx) else { return Vec::new() };
    if depth > DEEPEST {
        reading.cx.push(
            Problem::error(node.place, "steps within steps within steps")
                .label(format!("at most {DEEPEST} deep")),
        );
        return Vec::new();
    }
    items.iter().filter_map(|item| step(item, depth, reading)).collect()
}

/// Steps of which there has to be one.
pub(super) fn some_steps(node: &Node, depth: usize, reading: &mut Reading<'_>) -> Vec<StepSpec> {
    if let Kind::List(items) = &node.kind
        && items.is_empty()
    {
        reading.cx.push(Problem::error(node.place, "no step").label("expected one at least"));
    }
    steps(node, depth, reading)
}

/// One step; nothing where it is wrong.
pub(super) fn step(node: &Node, depth: usize, reading: &mut Reading<'_>) -> Option<StepSpec> {
    let variant = Variant::read(node, STEPS, reading.cx)?;
    match variant.name {
        "Work" => time(&variant, "Work", "Exp(mean: \"5ms\")", reading).map(StepSpec::Work),
        "Sleep" => time(&variant, "Sleep", "\"100ms\"", reading).map(StepSpec::Sleep),
        "Fail" => fail(&variant, reading.cx).map(StepSpec::Fail),
        "Effect" => {
            variant.expect_unit(reading.cx);
            Some(StepSpec::Effect)
        }
        "Repeat" => repeat(&variant, depth, reading),
        "Choice" => choice_of(&variant, depth, reading).map(StepSpec::Choice),
        "Parallel" => fork::parallel(&variant, depth, reading),
        "Call" => call(&variant, reading.cx).map(StepSpec::Call),
        "Limit" => store::limit_step(&variant, reading.cx),
        "Get" => get(&variant, depth, reading),
        _ => store::step(&variant, reading.cx),
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

/// `Fail`, always, or `Fail("10%")`.
fn fail(variant: &Variant<'_>, cx: &mut Cx) -> Option<f64> {
    let fields = variant.fields(Names::new("Fail", &["ratio"]), &["ratio"], cx)?;
    match fields.get("ratio") {
        None => Some(1.0),
        Some(node) => values::share(node, cx),
    }
}

/// `Repeat(times: 3, steps: [Call(to: "db")])`.
fn repeat(variant: &Variant<'_>, depth: usize, reading: &mut Reading<'_>) -> Option<StepSpec> {
    let fields = variant.fields(Names::new("Repeat", &["times", "steps"]), &[], reading.cx)?;
    let times = fields.need("times", "3", reading.cx);
    let times = times.and_then(|node| values::count32(node, 1..=STEPS_MAX as u32, reading.cx));
    let steps = fields.need("steps", "[Call(to: \"db\")]", reading.cx);
    let steps = steps.map(|node| some_steps(node, depth + 1, reading));
    Some(StepSpec::Repeat { times: times?, steps: steps? })
}

/// `Get(store: "pages", miss: [Call(to: "db"), Put("pages")])`.
fn get(variant: &Variant<'_>, depth: usize, reading: &mut Reading<'_>) -> Option<StepSpec> {
    let names = Names::new("Get", &["store", "hit", "miss"]);
    let fields = variant.fields(names, &["store"], reading.cx)?;
    let store = fields.need("store", "\"pages\"", reading.cx);
    let store = store.and_then(|node| values::reference(node, reading.cx));
    let mut inside = |key| {
        let node = fields.get(key);
        node.map_or_else(Vec::new, |node| steps(node, depth + 1, reading))
    };
    let (hit, miss) = (inside("hit"), inside("miss"));
    Some(StepSpec::Get { store: store?, hit, miss })
}

/// `Choice([(0.9, [Call(to: "cache")]), (0.1, [Call(to: "db")])])`.
fn choice_of(
    variant: &Variant<'_>,
    depth: usize,
    reading: &mut Reading<'_>,
) -> Option<Vec<(f64, Vec<StepSpec>)>> {
    let Some(items) = variant.items().filter(|items| !items.is_empty()) else {
        reading.cx.push(
            Problem::error(variant.whole, "Choice takes a list of probabilities and steps")
                .label("write Choice([(0.9, [Work(\"1ms\")]), (0.1, [Call(to: \"db\")])])"),
        );
        return None;
    };
    let mut ways = Vec::with_capacity(items.len());
    for item in items {
        let (share, own) = values::pair(item, "probability, [steps]", reading.cx)?;
        let probability = values::share(share, reading.cx);
        ways.push((probability?, steps(own, depth + 1, reading)));
    }
    let sum: f64 = ways.iter().map(|(probability, _)| probability).sum();
    // Written probabilities such as 0.1 have no exact sum; this much is rounding.
    const SLACK: f64 = 1e-9;
    if sum > 1.0 + SLACK {
        reading.cx.push(
            Problem::error(variant.whole, format!("the probabilities add up to {sum:.6}"))
                .label("expected at most 1; with the rest nothing is done"),
        );
    }
    Some(ways)
}

const CALL: Names = Names {
    what: "a call",
    known: &["to", "with", "balance", "key"],
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
    let key = fields.with("key", cx, once::key).unwrap_or_default();
    Some(CallSpec { to: to?, with, balance, key })
}
