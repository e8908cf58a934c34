//! Monitors, as written: what is read, how often, and when that is alarming.

use super::fields::{Fields, Names, choice, names_map};
use super::named::Named;
use super::problem::{Cx, Place, Problem};
use super::tree::{Kind, Node};
use super::values;
use brownout_core::Span;
use brownout_topologies::monitor::Monitor;

/// A monitor as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MonitorSpec {
    pub(crate) name: Named,
    pub(crate) alarm: AlarmSpec,
}

/// What is read and when that is alarming.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AlarmSpec {
    pub(crate) watch: Named,
    /// `above:` or `below:`; a guard has it in what it watches.
    pub(crate) bound: Option<(Named, bool)>,
    pub(crate) every: Span,
    pub(crate) window: Span,
    pub(crate) hold: Span,
    /// Whether times of what ended badly count too.
    pub(crate) all: bool,
}

const FIELDS: &[&str] = &["watch", "above", "below", "every", "window", "for", "of"];
/// How often metrics systems look where nothing else is said.
const EVERY: Span = Span::from_millis(10_000);
/// A guard stands beside what it guards.
const GUARD_EVERY: Span = Span::from_millis(1_000);
/// Scrapes in a window where none is written.
const SLICES: u64 = 6;

/// `{"latency": (watch: "p95(api)", every: "10s", window: "60s", above: "500ms", for: "2m")}`.
pub(crate) fn monitors(node: &Node, cx: &mut Cx) -> Vec<MonitorSpec> {
    const MOST: usize = 1_000;
    let example = "{\"latency\": (watch: \"p95(api)\", above: \"500ms\")}";
    let entries = names_map(node, "monitor", example, cx);
    if entries.len() > MOST {
        let message = format!("{} monitors", entries.len());
        cx.push(Problem::error(node.place, message).label(format!("at most {MOST}")));
        return Vec::new();
    }
    let mut specs = Vec::with_capacity(entries.len());
    for entry in entries {
        let place = entry.key.place;
        if values::check_name(&entry.key.text, place, "monitor", cx)
            && let Some(fields) = Fields::read(&entry.value, Names::new("a monitor", FIELDS), cx)
            && let Some(alarm) = alarm(&fields, EVERY, cx)
        {
            let name = Named { text: entry.key.text.clone(), place };
            specs.push(MonitorSpec { name, alarm });
        }
    }
    specs.sort_by(|one, other| one.name.text.cmp(&other.name.text));
    specs
}

/// What breaks a fault off: `"errors(api) > 50%"`, or what is watched with all its settings.
pub(crate) fn guard(node: &Node, cx: &mut Cx) -> Option<AlarmSpec> {
    if let Kind::Text(_) = node.kind {
        let watch = values::reference(node, cx)?;
        let window = GUARD_EVERY.saturating_mul(10);
        let (every, hold) = (GUARD_EVERY, Span::ZERO);
        return Some(AlarmSpec { watch, bound: None, every, window, hold, all: false });
    }
    let fields = Fields::read(node, Names::new("a guard", FIELDS), cx)?;
    alarm(&fields, GUARD_EVERY, cx)
}

fn alarm(fields: &Fields<'_>, every: Span, cx: &mut Cx) -> Option<AlarmSpec> {
    let watch = fields.need("watch", "\"p95(api)\"", cx);
    let watch = watch.and_then(|node| values::reference(node, cx));
    let bound = match (fields.get("above"), fields.get("below")) {
        (Some(node), None) => Some((amount(node, cx)?, true)),
        (None, Some(node)) => Some((amount(node, cx)?, false)),
        _ => {
            cx.push(
                Problem::error(fields.place, "a monitor needs either `above` or `below`")
                    .label("say what is alarming: above: \"500ms\""),
            );
            None
        }
    };
    let every = match fields.get("every") {
        None => Some(every),
        Some(node) => values::span_above_zero(node, cx),
    };
    let every = every?;
    let (window, place) = match fields.get("window") {
        None => (Some(every.saturating_mul(SLICES)), fields.place),
        Some(node) => (values::span_above_zero(node, cx), node.place),
    };
    let window = window?;
    check_window(window, every, place, cx);
    let names = Names::new("what a monitor counts", &["Successes", "All"]);
    let of = |node: &Node, cx: &mut Cx| choice(node, names, &[false, true], cx);
    Some(AlarmSpec {
        watch: watch?,
        bound: Some(bound?),
        every,
        window,
        hold: fields.with("for", cx, values::span).unwrap_or(Span::ZERO),
        all: fields.with("of", cx, of).unwrap_or(false),
    })
}

fn check_window(window: Span, every: Span, place: Place, cx: &mut Cx) {
    let slices = window.nanos() / every.nanos();
    if !window.nanos().is_multiple_of(every.nanos()) {
        cx.push(
            Problem::error(place, format!("a window of {window} is no whole number of scrapes"))
                .label(format!("expected a multiple of {every}")),
        );
    } else if slices > Monitor::SLICES_MAX {
        cx.push(
            Problem::error(place, format!("a window of {slices} scrapes"))
                .label(format!("expected at most {}", Monitor::SLICES_MAX)),
        );
    }
}

/// A quantity as a text, to be read when it is known what it is compared with.
fn amount(node: &Node, cx: &mut Cx) -> Option<Named> {
    match node.kind {
        Kind::Number(_) => Some(Named { text: cx.text(node.place).to_owned(), place: node.place }),
        _ => values::reference(node, cx),
    }
}
