//! When a fault is at work, as written.

use crate::spec::dist;
use crate::spec::fields::{Fields, Names, Variant};
use crate::spec::problem::{Cx, Place, Problem};
use crate::spec::reading::Reading;
use crate::spec::tree::{Kind, Node};
use crate::spec::values;
use brownout_core::dist::Dist;
use brownout_core::{Span, Time};
use brownout_topologies::fault::{Breakdowns, Ramp, Schedule};

/// When a fault is at work.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WhenSpec {
    pub(crate) times: Times,
    /// Where its beginning is written.
    pub(crate) at_place: Place,
}

/// At known times, or at random.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Times {
    Planned(Schedule),
    Random(Breakdowns),
}

/// Most steps of a ramp.
const STEPS_MAX: u32 = 1_000;

/// How long something lasts that is over as soon as it has happened.
pub(super) const A_MOMENT: Span = Span::from_nanos(1);

/// `at: "60s", lasts: "10s", every: "60s", times: 3, ramp: "5s", probability: "50%"`.
/// What does not say how long lasts `usual`.
pub(super) fn schedule(fields: &Fields<'_>, usual: Span, cx: &mut Cx) -> Option<WhenSpec> {
    let at = fields.need("at", "\"60s\"", cx);
    let at = at.and_then(|node| Some((values::time(node, cx)?, node.place)));
    let lasts = lasts(fields, usual, cx);
    let every = match fields.get("every") {
        None => Some(None),
        Some(node) => values::span_above_zero(node, cx).map(|span| Some((span, node.place))),
    };
    let times = match fields.get("times") {
        None => Some(None),
        Some(node) => values::count(node, 1..=1_000_000_000, cx).map(Some),
    };
    let probability = match fields.get("probability") {
        None => Some(1.0),
        Some(node) => values::share(node, cx),
    };
    let lasts = lasts?;
    let ramp = match fields.get("ramp") {
        None => Some(Ramp::NONE),
        Some(node) => ramp(node, lasts, cx),
    };
    let (every, times) = (every?, times?);
    repeats(fields, lasts, every, cx);
    let (at, at_place) = at?;
    let every = every.map(|(span, _)| span);
    let (ramp, probability) = (ramp?, probability?);
    let schedule = Schedule { at, lasts, every, times, ramp, probability };
    Some(WhenSpec { times: Times::Planned(schedule), at_place })
}

fn lasts(fields: &Fields<'_>, usual: Span, cx: &mut Cx) -> Option<Span> {
    match fields.get("lasts") {
        None => Some(usual),
        Some(node) => values::span_above_zero(node, cx),
    }
}

/// Complains of repetitions that never come or that run into each other.
fn repeats(fields: &Fields<'_>, lasts: Span, every: Option<(Span, Place)>, cx: &mut Cx) {
    match every {
        None => {
            if let Some(node) = fields.get("times") {
                cx.push(
                    Problem::error(node.place, "`times` without `every`")
                        .label("say how far apart: every: \"60s\""),
                );
            }
        }
        Some((_, place)) if lasts == Span::MAX => cx.push(
            Problem::error(place, "what never ends cannot begin again")
                .label("say how long each occurrence lasts: lasts: \"10s\""),
        ),
        Some((every, place)) if every < lasts => cx.push(
            Problem::error(place, format!("the next occurrence begins after {every}"))
                .label(format!("and each lasts {lasts}; expected `every` of {lasts} or more")),
        ),
        Some(_) => {}
    }
}

/// `"5s"` for both slopes, or `(up: "5s", down: "1s", steps: 10)`.
fn ramp(node: &Node, lasts: Span, cx: &mut Cx) -> Option<Ramp> {
    const NAMES: Names = Names::new("a ramp", &["up", "down", "steps"]);
    let mut ramp = Ramp::NONE;
    if let Kind::Text(_) | Kind::Number(_) = node.kind {
        let both = values::span_above_zero(node, cx)?;
        ramp.up = both;
        if lasts < Span::MAX {
            ramp.down = both;
        }
    } else {
        let fields = Fields::read(node, NAMES, cx)?;
        ramp.up = fields.with("up", cx, values::span).unwrap_or(Span::ZERO);
        ramp.down = fields.with("down", cx, values::span).unwrap_or(Span::ZERO);
        let steps = |node: &Node, cx: &mut Cx| values::count32(node, 1..=STEPS_MAX, cx);
        ramp.steps = fields.with("steps", cx, steps).unwrap_or(Ramp::STEPS);
        if lasts == Span::MAX && !ramp.down.is_zero() {
            cx.push(
                Problem::error(node.place, "what never ends has no way down")
                    .label("say how long it lasts, or drop `down`"),
            );
            return None;
        }
    }
    let slopes = ramp.up.saturating_add(ramp.down);
    if slopes > lasts {
        cx.push(
            Problem::error(node.place, format!("the slopes take {slopes} together"))
                .label(format!("expected no more than the {lasts} that it lasts")),
        );
        return None;
    }
    Some(ramp)
}

/// `mtbf: "1h", mttr: Exp(mean: "5min"), while_busy: true`.
pub(super) fn breakdowns(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<WhenSpec> {
    let up = time(fields, "mtbf", "\"1h\"", reading);
    let down = time(fields, "mttr", "\"5min\"", reading);
    let cx = &mut *reading.cx;
    let while_busy = fields.with("while_busy", cx, values::flag).unwrap_or(false);
    let (at, at_place) = match fields.get("at") {
        None => (Some(Time::ZERO), Place::default()),
        Some(node) => (values::time(node, cx), node.place),
    };
    let (from, lasts) = (at?, lasts(fields, Span::MAX, cx)?);
    let until = from.saturating_add(lasts);
    let together = fields.get("domain").is_some();
    let by_worker =
        fields.get("mode").and_then(Variant::peek).is_some_and(|is| is.name == "Worker");
    if let Some(node) = fields.get("while_busy").filter(|_| while_busy && (together || by_worker)) {
        let who =
            if together { "a domain is never busy" } else { "a worker's own time is not kept" };
        cx.push(
            Problem::error(node.place, who)
                .label("only replicas with luck of their own can wear out"),
        );
    }
    if let Some(node) = fields.get("domain").filter(|_| by_worker) {
        cx.push(
            Problem::error(
                node.place,
                "a domain breaks down together, its workers each on its own",
            )
            .label("write service:, and one fault for each"),
        );
    }
    let breakdowns = Breakdowns { from, until, up: up?, down: down?, together, while_busy };
    Some(WhenSpec { times: Times::Random(breakdowns), at_place })
}

/// A mean, which stands for an exponential distribution, or a distribution.
fn time(fields: &Fields<'_>, key: &str, example: &str, reading: &mut Reading<'_>) -> Option<Dist> {
    let node = fields.need(key, example, reading.cx)?;
    let dist = match node.kind {
        Kind::Text(_) | Kind::Number(_) => Dist::exp(values::nanos(node, reading.cx)?),
        _ => dist::times(node, reading)?,
    };
    if dist.mean() <= 0.0 {
        reading
            .cx
            .push(Problem::error(node.place, "no time at all").label("expected a time above 0"));
        return None;
    }
    Some(dist)
}
