//! Loads: who comes, how often, and with how much patience.

use super::arrivals;
use super::dist;
use super::fields::{Fields, Names, Variant, choice};
use super::fleet;
use super::named::Named;
use super::once;
use super::policy::{With, with};
use super::problem::{Cx, Place, Problem};
use super::reading::Reading;
use super::tree::Node;
use super::values;
use super::zone::zones;
use brownout_policies::stack::Timeout;
use brownout_policies::stack::read::time_limit;
use brownout_topologies::fleet::Balance;
use brownout_topologies::graph::{Arrivals, Class, Conduct, KeyUse, Obey, Reload};

/// The kinds of load there are.
pub(crate) const KINDS: Names = Names::new(
    "a load",
    &["Poisson", "Steady", "Renewal", "Batch", "Bursty", "Trace", "AtOnce", "Closed"],
);

/// The most users or clients of a load.
pub(super) const USERS_MAX: u32 = 10_000_000;

/// A load as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LoadSpec {
    pub(crate) place: Place,
    pub(crate) kind: &'static str,
    pub(crate) name: Option<Named>,
    /// Where its requests go, and with what weight.
    pub(crate) to: Vec<(f64, Named)>,
    pub(crate) arrivals: Option<Arrivals>,
    pub(crate) with: With,
    pub(crate) patience: Option<Timeout>,
    pub(crate) class: Class,
    pub(crate) clients: u32,
    pub(crate) conduct: Conduct,
    pub(crate) balance: Option<Balance>,
    /// Where its clients are, in turn.
    pub(crate) zones: Vec<Named>,
    pub(crate) key: KeyUse,
}

/// The list of loads.
pub(crate) fn loads(node: &Node, reading: &mut Reading<'_>) -> Vec<LoadSpec> {
    const MOST: usize = 1_000;
    let Some(items) = values::list(node, "loads", reading.cx) else { return Vec::new() };
    if items.is_empty() {
        reading.cx.push(
            Problem::error(node.place, "no load: nothing would happen")
                .help("add one, as in Poisson(to: \"api\", rate: \"100/s\")"),
        );
    }
    if items.len() > MOST {
        let message = format!("{} loads", items.len());
        reading.cx.push(Problem::error(node.place, message).label(format!("at most {MOST}")));
        return Vec::new();
    }
    items.iter().filter_map(|item| load(item, reading)).collect()
}

/// The fields of a kind of load: its own, and those that all have.
macro_rules! fields_of {
    ($($own:literal),*) => {
        Names::new("a load", &[
            "to", "mix", $($own,)* "name", "with", "patience", "class", "priority", "clients",
            "reload", "obey", "balance", "zones", "key",
        ])
    };
}

fn load(node: &Node, reading: &mut Reading<'_>) -> Option<LoadSpec> {
    const RATED: Names = fields_of!("rate");
    const RENEWAL: Names = fields_of!("every");
    const BATCH: Names = fields_of!("rate", "size");
    const BURSTY: Names = fields_of!("stages");
    const TRACE: Names = fields_of!("file", "column", "unit");
    const AT_ONCE: Names = fields_of!("at", "count", "users", "think");
    const CLOSED: Names = fields_of!("users", "think");
    let variant = Variant::read(node, KINDS, reading.cx)?;
    let kind = KINDS.known.iter().find(|known| **known == variant.name)?;
    let names = match *kind {
        "Renewal" => RENEWAL,
        "Batch" => BATCH,
        "Bursty" => BURSTY,
        "Trace" => TRACE,
        "AtOnce" => AT_ONCE,
        "Closed" => CLOSED,
        _ => RATED,
    };
    let fields = variant.fields(names, &[], reading.cx)?;
    let arrivals = match *kind {
        "Renewal" => arrivals::renewal(&fields, reading),
        "Batch" => arrivals::batch(&fields, reading),
        "Bursty" => arrivals::bursty(&fields, reading),
        "Trace" => arrivals::trace(&fields, reading),
        "AtOnce" => arrivals::at_once(&fields, reading),
        "Closed" => arrivals::closed(&fields, reading),
        "Poisson" => arrivals::rate(&fields, reading).map(Arrivals::Poisson),
        _ => arrivals::rate(&fields, reading).map(Arrivals::Steady),
    };
    let to = targets(&fields, reading.cx);
    let conduct = conduct(&fields, arrivals.as_ref(), reading);
    let cx = &mut *reading.cx;
    Some(LoadSpec {
        place: variant.whole,
        kind,
        name: fields.with("name", cx, values::reference),
        to,
        with: with(fields.get("with"), cx),
        patience: fields.with("patience", cx, time_limit),
        class: class(&fields, cx),
        clients: clients(&fields, arrivals.as_ref(), cx),
        conduct,
        arrivals,
        balance: fields.with("balance", cx, fleet::balance),
        zones: fields.get("zones").map_or_else(Vec::new, |node| zones(node, cx)),
        key: fields.with("key", cx, once::key).unwrap_or_default(),
    })
}

/// The class of its requests: no name and priority 0 where nothing is written.
fn class(fields: &Fields<'_>, cx: &mut Cx) -> Class {
    let name = fields.with("class", cx, |node, cx| {
        let text = values::text(node, cx)?;
        values::check_name(text, node.place, "class", cx).then(|| text.to_owned())
    });
    let priority = |node: &Node, cx: &mut Cx| values::count32(node, 0..=u32::MAX - 1, cx);
    let priority = fields.with("priority", cx, priority);
    Class { name: name.unwrap_or_default(), priority: priority.unwrap_or(0) }
}

/// `to: "api"`, or `mix: [(0.7, "api"), (0.3, "search")]` by weight.
fn targets(fields: &Fields<'_>, cx: &mut Cx) -> Vec<(f64, Named)> {
    let Some(node) = fields.get("mix") else {
        let to = fields.need("to", "\"api\"", cx).and_then(|node| values::reference(node, cx));
        return to.map(|to| (1.0, to)).into_iter().collect();
    };
    if let Some(place) = fields.key_place("to") {
        cx.push(
            Problem::error(place, "a load has either `to` or `mix`")
                .label("where do its requests go: here, or to the mix?"),
        );
    }
    if fields.get("name").is_none() {
        cx.push(
            Problem::error(fields.place, "a load with a mix needs a name")
                .help("add name: \"users\", so that sentences and paths can speak of it"),
        );
    }
    const MOST: usize = 1_000;
    let items = values::list(node, "weights and targets", cx).unwrap_or_default();
    if items.len() > MOST {
        let message = format!("{} targets", items.len());
        cx.push(Problem::error(node.place, message).label(format!("at most {MOST}")));
        return Vec::new();
    }
    let mut to = Vec::with_capacity(items.len());
    for item in items {
        let Some((weight, target)) = values::pair(item, "weight, target", cx) else { continue };
        let weight = dist::weight_of(weight, cx);
        to.extend(weight.zip(values::reference(target, cx)));
    }
    if to.len() == items.len() && to.iter().all(|(weight, _)| *weight == 0.0) {
        cx.push(
            Problem::error(node.place, "the mix has no weight: nothing would go anywhere")
                .label("write [(0.7, \"api\"), (0.3, \"search\")]"),
        );
    }
    to
}

fn clients(fields: &Fields<'_>, arrivals: Option<&Arrivals>, cx: &mut Cx) -> u32 {
    let Some(node) = fields.get("clients") else { return 1 };
    let clients = values::count32(node, 1..=USERS_MAX, cx).unwrap_or(1);
    match arrivals {
        Some(Arrivals::Closed { users, .. }) if clients > *users => {
            let message = format!("{clients} clients, but {users} users");
            cx.push(Problem::error(node.place, message).label("each user belongs to one client"));
        }
        _ => {}
    }
    clients
}

/// `reload: (times: 3, after: "2s")` and `obey: RetryAfter`.
fn conduct(fields: &Fields<'_>, arrivals: Option<&Arrivals>, reading: &mut Reading<'_>) -> Conduct {
    const OBEY: Names =
        Names::new("what users obey", &["Ignore", "RetryAfter", "RetryAfterJitter"]);
    let reload = fields.get("reload").and_then(|node| reload(node, reading));
    let cx = &mut *reading.cx;
    let values = [Obey::Ignore, Obey::RetryAfter, Obey::RetryAfterJitter];
    let obey = fields.with("obey", cx, |node, cx| choice(node, OBEY, &values, cx));
    let obey = obey.unwrap_or_default();
    let is_open = arrivals.is_some_and(|arrivals| !matches!(arrivals, Arrivals::Closed { .. }));
    if is_open && obey != Obey::Ignore && fields.get("reload").is_none() {
        let place = fields.key_place("obey").unwrap_or(fields.place);
        cx.push(
            Problem::error(
                place,
                "users of this load never come back, so they have nothing to obey",
            )
            .label("whoever comes to an open load asks once")
            .help("add reload: (times: 3, after: \"2s\"), or use Closed"),
        );
    }
    Conduct { reload, obey }
}

fn reload(node: &Node, reading: &mut Reading<'_>) -> Option<Reload> {
    const NAMES: Names = Names::new("reload", &["times", "after"]);
    let fields = Fields::read(node, NAMES, reading.cx)?;
    let times = fields
        .need("times", "3", reading.cx)
        .and_then(|node| values::count_or_unlimited(node, 1..=u32::MAX - 1, reading.cx));
    let after = fields
        .need("after", "Exp(mean: \"2s\")", reading.cx)
        .and_then(|node| dist::times(node, reading));
    let (times, after) = (times?, after?);
    if times.is_none() && after.mean() <= 0.0 {
        reading.cx.push(
            Problem::error(node.place, "users who reload for ever without a pause")
                .label("time would stand still")
                .help("give `after` a time above 0, or `times` a number"),
        );
    }
    Some(Reload { times: times.unwrap_or(u32::MAX), after })
}
