//! The rules of a run: its length and seed, the switches of its semantics, its verdict.

use super::fields::{Fields, Names, choice};
use super::problem::{Cx, Place, Problem};
use super::replications::{Replications, is_word, replications};
use super::service::{deadlines, full_queue};
use super::tree::Node;
use super::values;
use brownout_core::Span;
use brownout_topologies::graph::{Deadlines, FullQueue, LateAnswers, Semantics, VerdictRule};

/// How long, from which seed, how often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RunSpec {
    pub(crate) time: Span,
    /// What is left out; nothing as long as it is to be detected.
    pub(crate) warmup: Span,
    pub(crate) detect_warmup: bool,
    pub(crate) seed: u64,
    pub(crate) replications: Replications,
}

/// `run: (time: "2m", warmup: "10s", seed: 7, runs: 30)`.
pub(crate) fn run(node: &Node, cx: &mut Cx) -> Option<RunSpec> {
    const NAMES: Names = Names {
        what: "run",
        known: &["time", "warmup", "seed", "runs"],
        later: &["stop", "until", "precision", "events", "requests"],
    };
    let fields = Fields::read(node, NAMES, cx)?;
    let time = fields.need("time", "\"2m\"", cx).and_then(|node| values::span_above_zero(node, cx));
    let warmup = match fields.get("warmup") {
        None => Some((Span::ZERO, Place::default())),
        Some(node) if is_word(node) => {
            choice(node, Names::new("the warm-up", &["Detected"]), &[true], cx)
                .map(|_| (Span::ZERO, node.place))
        }
        Some(node) => values::span(node, cx).map(|span| (span, node.place)),
    };
    let detect_warmup = fields.get("warmup").is_some_and(is_word);
    let seed = match fields.get("seed") {
        None => Some(1),
        Some(node) => values::count(node, 0..=u64::MAX, cx),
    };
    let runs = match fields.get("runs") {
        None => Some(Replications::default()),
        Some(node) => replications(node, cx),
    };
    let (time, (warmup, warmup_place)) = (time?, warmup?);
    if warmup >= time {
        cx.push(
            Problem::error(warmup_place, format!("the warm-up of {warmup} outlasts the run"))
                .label(format!("expected less than the run's {time}"))
                .help("nothing would be measured; shorten `warmup` or lengthen `time`"),
        );
    }
    Some(RunSpec { time, warmup, detect_warmup, seed: seed?, replications: runs? })
}

/// The switches, and what full queues do and callees are told of deadlines where a service does not
/// say.
pub(crate) fn semantics(node: Option<&Node>, cx: &mut Cx) -> (Semantics, FullQueue, Deadlines) {
    const NAMES: Names = Names {
        what: "semantics",
        known: &["late_answers", "full_queue", "deadlines"],
        later: &["ties", "abandoned_work", "budgets"],
    };
    let mut semantics = Semantics { late_answers: LateAnswers::Discard };
    let (mut queues, mut told) = (FullQueue::Refuse, Deadlines::Ignore);
    if let Some(fields) = node.and_then(|node| Fields::read(node, NAMES, cx)) {
        let late = |node: &Node, cx: &mut Cx| {
            let names = Names::new("what becomes of late answers", &["Discard", "Accept"]);
            choice(node, names, &[LateAnswers::Discard, LateAnswers::Accept], cx)
        };
        if let Some(late) = fields.with("late_answers", cx, late) {
            semantics.late_answers = late;
        }
        if let Some(full) = fields.with("full_queue", cx, full_queue) {
            queues = full;
        }
        if let Some(deadlines) = fields.with("deadlines", cx, deadlines) {
            told = deadlines;
        }
    }
    (semantics, queues, told)
}

/// What counts as tipped and recovered.
pub(crate) fn verdict(node: Option<&Node>, cx: &mut Cx) -> VerdictRule {
    const NAMES: Names =
        Names::new("verdict", &["window", "tipped_below", "after", "recovered_from", "hold"]);
    let mut rule = VerdictRule::default();
    if let Some(fields) = node.and_then(|node| Fields::read(node, NAMES, cx)) {
        let VerdictRule { window, tipped_below, after, recovered_from, hold } = rule;
        rule = VerdictRule {
            window: fields.with("window", cx, values::span_above_zero).unwrap_or(window),
            tipped_below: fields.with("tipped_below", cx, values::share).unwrap_or(tipped_below),
            after: fields.with("after", cx, values::span).unwrap_or(after),
            recovered_from: fields
                .with("recovered_from", cx, values::share)
                .unwrap_or(recovered_from),
            hold: fields.with("hold", cx, values::span).unwrap_or(hold),
        };
        if rule.recovered_from < rule.tipped_below {
            let place = fields.key_place("recovered_from").or(fields.key_place("tipped_below"));
            cx.push(
                Problem::error(place.unwrap_or(fields.place), "recovered is below tipped")
                    .label("expected tipped_below ≤ recovered_from"),
            );
        }
    }
    rule
}
