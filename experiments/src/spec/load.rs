//! Loads: who comes, how often, and with how much patience.

use super::dist;
use super::fields::{Fields, Names, Variant};
use super::fleet;
use super::named::Named;
use super::policy::{With, with};
use super::problem::{Cx, Place, Problem};
use super::reading::Reading;
use super::tree::{Kind, Node};
use super::values;
use brownout_core::{Span, Time};
use brownout_topologies::fleet::Balance;
use brownout_topologies::graph::{Arrivals, Piece, Profile};

/// The kinds of load there are.
pub(crate) const KINDS: Names = Names {
    what: "a load",
    known: &["Poisson", "Steady", "Renewal", "Closed"],
    later: &["Batch", "Bursty", "Trace", "Mmpp", "Replay"],
};

/// The rates that change over time.
pub(crate) const PROFILES: Names = Names {
    what: "a rate",
    known: &["Steps", "Ramp", "Spike"],
    later: &["Diurnal", "Sine", "Trace"],
};

/// A load as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LoadSpec {
    pub(crate) place: Place,
    pub(crate) kind: &'static str,
    pub(crate) name: Option<Named>,
    pub(crate) to: Option<Named>,
    pub(crate) arrivals: Option<Arrivals>,
    pub(crate) with: With,
    pub(crate) patience: Option<Span>,
    pub(crate) balance: Option<Balance>,
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

fn load(node: &Node, reading: &mut Reading<'_>) -> Option<LoadSpec> {
    const RATED: Names =
        Names::new("a load", &["to", "rate", "name", "with", "patience", "balance"]);
    const RENEWAL: Names =
        Names::new("a load", &["to", "every", "name", "with", "patience", "balance"]);
    const CLOSED: Names =
        Names::new("a load", &["to", "users", "think", "name", "with", "patience", "balance"]);
    let variant = Variant::read(node, KINDS, reading.cx)?;
    let kind = KINDS.known.iter().find(|known| **known == variant.name)?;
    let names = match *kind {
        "Renewal" => RENEWAL,
        "Closed" => CLOSED,
        _ => RATED,
    };
    let fields = variant.fields(names, &[], reading.cx)?;
    let arrivals = match *kind {
        "Renewal" => renewal(&fields, reading),
        "Closed" => closed(&fields, reading),
        "Poisson" => rate_of(&fields, reading.cx).map(Arrivals::Poisson),
        _ => rate_of(&fields, reading.cx).map(Arrivals::Steady),
    };
    let cx = &mut *reading.cx;
    Some(LoadSpec {
        place: variant.whole,
        kind,
        name: fields.with("name", cx, values::reference),
        to: fields.need("to", "\"api\"", cx).and_then(|node| values::reference(node, cx)),
        arrivals,
        with: with(fields.get("with"), cx),
        patience: fields.with("patience", cx, values::span_above_zero),
        balance: fields.with("balance", cx, fleet::balance),
    })
}

fn renewal(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Arrivals> {
    let node = fields.need("every", "Erlang(k: 2, mean: \"10ms\")", reading.cx)?;
    let every = dist::times(node, reading)?;
    if every.mean() <= 0.0 {
        reading.cx.push(
            Problem::error(node.place, "no time between arrivals")
                .label("its mean must be above 0"),
        );
        return None;
    }
    Some(Arrivals::Renewal(every))
}

fn closed(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Arrivals> {
    const USERS_MAX: u32 = 10_000_000;
    let users = fields
        .need("users", "100", reading.cx)
        .and_then(|node| values::count32(node, 1..=USERS_MAX, reading.cx));
    let think = fields
        .need("think", "Exp(mean: \"1s\")", reading.cx)
        .and_then(|node| dist::times(node, reading));
    Some(Arrivals::Closed { users: users?, think: think? })
}

fn rate_of(fields: &Fields<'_>, cx: &mut Cx) -> Option<Profile> {
    fields.need("rate", "\"100/s\"", cx).and_then(|node| profile(node, cx))
}

/// A rate: one number, or a profile over time.
fn profile(node: &Node, cx: &mut Cx) -> Option<Profile> {
    if let Kind::Text(_) | Kind::Number(_) = node.kind {
        let rate = values::rate(node, cx)?;
        return Some(Profile { pieces: vec![level(Time::ZERO, rate)], calm: None });
    }
    let variant = Variant::read(node, PROFILES, cx)?;
    match variant.name {
        "Steps" => steps(&variant, cx),
        "Ramp" => ramp(&variant, cx),
        _ => spike(&variant, cx),
    }
}

const fn level(from: Time, per_s: f64) -> Piece {
    Piece { from, start_per_s: per_s, end_per_s: per_s }
}

/// `Steps([("0s", "100/s"), ("60s", "300/s")])`: each rate holds from its moment to the next one's;
/// before the first there are no arrivals.
fn steps(variant: &Variant<'_>, cx: &mut Cx) -> Option<Profile> {
    let Some(items) = variant.items().filter(|items| !items.is_empty()) else {
        cx.push(
            Problem::error(variant.whole, "Steps takes a list of moments and rates")
                .label("write Steps([(\"0s\", \"100/s\"), (\"60s\", \"300/s\")])"),
        );
        return None;
    };
    let mut pieces: Vec<Piece> = Vec::with_capacity(items.len() + 1);
    for item in items {
        let (at, rate) = values::pair(item, "moment, rate", cx)?;
        let (moment, per_s) = (values::time(at, cx), values::rate(rate, cx));
        let piece = level(moment?, per_s?);
        if pieces.last().is_some_and(|before| before.from >= piece.from) {
            cx.push(
                Problem::error(at.place, "a step does not come after the one before it")
                    .label("moments grow from step to step"),
            );
            return None;
        }
        pieces.push(piece);
    }
    if pieces[0].from > Time::ZERO {
        pieces.insert(0, level(Time::ZERO, 0.0));
    }
    Some(Profile { pieces, calm: None })
}

/// `Ramp(from: "100/s", to: "500/s", start: "10s", over: "60s")` or `end: "70s"`: level, then a
/// straight line, then level.
fn ramp(variant: &Variant<'_>, cx: &mut Cx) -> Option<Profile> {
    const NAMES: Names = Names::new("Ramp", &["from", "to", "start", "end", "over"]);
    let fields = variant.fields(NAMES, &[], cx)?;
    let from = fields.need("from", "\"100/s\"", cx).and_then(|node| values::rate(node, cx));
    let to = fields.need("to", "\"500/s\"", cx).and_then(|node| values::rate(node, cx));
    let start = match fields.get("start") {
        None => Some(Time::ZERO),
        Some(node) => values::time(node, cx),
    };
    let end = match (fields.get("end"), fields.get("over")) {
        (Some(node), None) => values::time(node, cx),
        (None, Some(node)) => {
            let over = values::span_above_zero(node, cx);
            start.zip(over).map(|(start, over)| start.saturating_add(over))
        }
        _ => {
            cx.push(
                Problem::error(variant.whole, "Ramp needs either `end` or `over`")
                    .label("say when it ends, or how long it takes"),
            );
            None
        }
    };
    let (from, to, start, end) = (from?, to?, start?, end?);
    if end <= start {
        let place = fields.get("end").map_or(variant.whole, |node| node.place);
        cx.push(
            Problem::error(place, "the ramp ends before it starts")
                .label(format!("expected a moment after {start}")),
        );
        return None;
    }
    let mut pieces = Vec::with_capacity(3);
    if start > Time::ZERO {
        pieces.push(level(Time::ZERO, from));
    }
    pieces.push(Piece { from: start, start_per_s: from, end_per_s: to });
    pieces.push(level(end, to));
    Some(Profile { pieces, calm: None })
}

/// `Spike(base: "100/s", to: "500/s", at: "60s", lasts: "10s")`: its calm is the base for ever.
fn spike(variant: &Variant<'_>, cx: &mut Cx) -> Option<Profile> {
    const NAMES: Names = Names::new("Spike", &["base", "to", "at", "lasts"]);
    let fields = variant.fields(NAMES, &[], cx)?;
    let base = fields.need("base", "\"100/s\"", cx).and_then(|node| values::rate(node, cx));
    let to = fields.need("to", "\"500/s\"", cx).and_then(|node| values::rate(node, cx));
    let at = fields.need("at", "\"60s\"", cx).and_then(|node| values::time(node, cx));
    let lasts =
        fields.need("lasts", "\"10s\"", cx).and_then(|node| values::span_above_zero(node, cx));
    let (base, to, at, lasts) = (base?, to?, at?, lasts?);
    let mut pieces = Vec::with_capacity(3);
    if at > Time::ZERO {
        pieces.push(level(Time::ZERO, base));
    }
    pieces.push(level(at, to));
    pieces.push(level(at.saturating_add(lasts), base));
    let calm = Profile { pieces: vec![level(Time::ZERO, base)], calm: None };
    Some(Profile { pieces, calm: Some(Box::new(calm)) })
}
