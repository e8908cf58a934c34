//! Rates: one number, or a profile over time.

use super::fields::{Fields, Names, Variant};
use super::numbers;
use super::problem::{Cx, Problem};
use super::reading::Reading;
use super::tree::{Kind, Node};
use super::values;
use brownout_core::{Span, Time};
use brownout_topologies::graph::{Curve, Piece, Profile, Spike, Wave};

/// The rates that change over time.
pub(crate) const PROFILES: Names =
    Names::new("a rate", &["Steps", "Ramp", "Spike", "Diurnal", "Trace"]);

/// A rate: one number, or a profile over time.
pub(super) fn profile(node: &Node, reading: &mut Reading<'_>) -> Option<Profile> {
    let cx = &mut *reading.cx;
    if let Kind::Text(_) | Kind::Number(_) = node.kind {
        return values::rate(node, cx).map(Profile::level);
    }
    let variant = Variant::read(node, PROFILES, cx)?;
    match variant.name {
        "Steps" => steps(&variant, cx),
        "Ramp" => ramp(&variant, cx),
        "Spike" => spike(&variant, cx),
        "Diurnal" => diurnal(&variant, cx),
        _ => trace(&variant, reading),
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
    Some(Profile::pieces(pieces))
}

fn rate(fields: &Fields<'_>, key: &str, example: &str, cx: &mut Cx) -> Option<f64> {
    fields.need(key, example, cx).and_then(|node| values::rate(node, cx))
}

/// `Ramp(from: "100/s", to: "500/s", start: "10s", over: "60s")` or `end: "70s"`: level, then a
/// straight line, then level.
fn ramp(variant: &Variant<'_>, cx: &mut Cx) -> Option<Profile> {
    const NAMES: Names = Names::new("Ramp", &["from", "to", "start", "end", "over"]);
    let fields = variant.fields(NAMES, &[], cx)?;
    let from = rate(&fields, "from", "\"100/s\"", cx);
    let to = rate(&fields, "to", "\"500/s\"", cx);
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
    Some(Profile::pieces(pieces))
}

/// `Spike(base: "100/s", to: "500/s", at: "60s", lasts: "10s")`: its calm is the base for ever.
/// With `ramp:` the height is reached in a straight line from `at` on, and with `decay:` left so:
/// a flash crowd.
fn spike(variant: &Variant<'_>, cx: &mut Cx) -> Option<Profile> {
    const NAMES: Names = Names::new("Spike", &["base", "to", "at", "ramp", "lasts", "decay"]);
    let fields = variant.fields(NAMES, &[], cx)?;
    let base = rate(&fields, "base", "\"100/s\"", cx);
    let to = rate(&fields, "to", "\"500/s\"", cx);
    let at = fields.need("at", "\"60s\"", cx).and_then(|node| values::time(node, cx));
    let lasts =
        fields.need("lasts", "\"10s\"", cx).and_then(|node| values::span_above_zero(node, cx));
    let mut side = |key: &str| match fields.get(key) {
        None => Some(Span::ZERO),
        Some(node) => values::span(node, cx),
    };
    let (ramp, decay) = (side("ramp"), side("decay"));
    let (base, to, at, lasts) = (base?, to?, at?, lasts?);
    let (ramp, decay) = (ramp?, decay?);
    let top = at.saturating_add(ramp);
    let end = top.saturating_add(lasts);
    let until = end.saturating_add(decay);
    let mut pieces = Vec::with_capacity(5);
    if at > Time::ZERO {
        pieces.push(level(Time::ZERO, base));
    }
    if top > at {
        pieces.push(Piece { from: at, start_per_s: base, end_per_s: to });
    }
    pieces.push(level(top, to));
    if until > end {
        pieces.push(Piece { from: end, start_per_s: to, end_per_s: base });
    }
    pieces.push(level(until, base));
    let calm = Curve::Pieces(vec![level(Time::ZERO, base)]);
    let spike = Some(Spike { from: at, until, calm });
    Some(Profile { curve: Curve::Pieces(pieces), spike })
}

/// `Diurnal(mean: "100/s", amplitude: "60%", period: "24h", peak: "14h")`: a cosine around a mean.
fn diurnal(variant: &Variant<'_>, cx: &mut Cx) -> Option<Profile> {
    const NAMES: Names = Names::new("Diurnal", &["mean", "amplitude", "period", "peak"]);
    let fields = variant.fields(NAMES, &[], cx)?;
    let mean_per_s = rate(&fields, "mean", "\"100/s\"", cx);
    let amplitude =
        fields.need("amplitude", "\"60%\"", cx).and_then(|node| values::share(node, cx));
    let period =
        fields.need("period", "\"24h\"", cx).and_then(|node| values::span_above_zero(node, cx));
    let peak = fields.need("peak", "\"14h\"", cx).and_then(|node| values::time(node, cx));
    let wave =
        Wave { mean_per_s: mean_per_s?, amplitude: amplitude?, period: period?, peak: peak? };
    Some(Profile { curve: Curve::Wave(wave), spike: None })
}

/// `Trace(file: "rates.csv", column: "web", unit: "/s", each: "1s")`: levels of one width each,
/// from 0 on; after the last nothing comes.
fn trace(variant: &Variant<'_>, reading: &mut Reading<'_>) -> Option<Profile> {
    const NAMES: Names = Names::new("Trace", &["file", "column", "unit", "each"]);
    let fields = variant.fields(NAMES, &[], reading.cx)?;
    let each = fields.need("each", "\"1s\"", reading.cx);
    let each = each.and_then(|node| values::span_above_zero(node, reading.cx));
    let rates = numbers::rates(&fields, reading);
    let (each, rates) = (each?, rates?);
    let at = |number: usize| Time::ZERO + each.saturating_mul(number as u64);
    let mut pieces: Vec<Piece> =
        rates.iter().enumerate().map(|(number, per_s)| level(at(number), *per_s)).collect();
    pieces.push(level(at(rates.len()), 0.0));
    Some(Profile::pieces(pieces))
}
