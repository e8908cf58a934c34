//! Single values that only experiments have; the others are read as policies' are.

use super::named::Named;
use super::problem::{Cx, Place, Problem};
use super::tree::{Kind, Node};
use brownout_core::Time;
use brownout_policies::notation::values::quantity;
pub(crate) use brownout_policies::notation::values::{
    RATE_MAX_PER_S, count, count_or_unlimited, count32, flag, inside, list, number, rate, share,
    span, span_above_zero, text, wrong,
};
use brownout_policies::units::{self, Measure};

/// The name of something defined elsewhere.
pub(crate) fn reference(node: &Node, cx: &mut Cx) -> Option<Named> {
    text(node, cx).map(|text| Named { text: text.to_owned(), place: node.place })
}

/// Whether `text` can name something that sentences and paths speak of; complains if not.
pub(crate) fn check_name(text: &str, place: Place, what: &str, cx: &mut Cx) -> bool {
    const LONGEST: usize = 64;
    let an = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    let strange = |c: &char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | ' '));
    let problem = if text.trim().is_empty() {
        format!("the name of {an} {what} is empty")
    } else if text.chars().count() > LONGEST {
        format!("the name of {an} {what} has more than {LONGEST} characters")
    } else if let Some(strange) = text.chars().find(strange) {
        format!("the name of {an} {what} cannot hold `{strange}`")
    } else if text.trim() != text {
        format!("the name of {an} {what} begins or ends with a blank")
    } else {
        return true;
    };
    cx.push(
        Problem::error(place, problem)
            .help("names are made of letters, digits, `-`, `_`, `/` and blanks inside"),
    );
    false
}

/// A number above zero.
pub(crate) fn positive(node: &Node, cx: &mut Cx) -> Option<f64> {
    number(node, "above 0", |value| value > 0.0, cx)
}

/// A length of time that may be negative, in nanoseconds: `"-2s"`.
pub(crate) fn signed_nanos(node: &Node, cx: &mut Cx) -> Option<i64> {
    let Kind::Text(text) = &node.kind else {
        return span(node, cx).map(|span| span.nanos() as i64);
    };
    let behind = text.trim().strip_prefix('-');
    let size = Node { kind: Kind::Text(behind.unwrap_or(text).to_owned()), place: node.place };
    let nanos = i64::try_from(span(&size, cx)?.nanos()).unwrap_or(i64::MAX);
    Some(if behind.is_some() { -nanos } else { nanos })
}

/// A point in simulated time, counted from the start of the run.
pub(crate) fn time(node: &Node, cx: &mut Cx) -> Option<Time> {
    span(node, cx).map(|span| Time::ZERO + span)
}

/// A length of time in nanoseconds, not rounded: the parameter of a distribution.
pub(crate) fn nanos(node: &Node, cx: &mut Cx) -> Option<f64> {
    quantity(node, Measure::Time, units::nanos, cx)
}

/// The two items of a pair.
pub(crate) fn pair<'n>(node: &'n Node, what: &str, cx: &mut Cx) -> Option<(&'n Node, &'n Node)> {
    match &node.kind {
        Kind::List(items) | Kind::Tuple(items) if items.len() == 2 => Some((&items[0], &items[1])),
        _ => wrong(node, &format!("a pair ({what})"), cx),
    }
}
