//! Single values: texts, numbers in their ranges, quantities with their units.

use super::problem::{Cx, Place, Problem, short};
use super::tree::{Body, Kind, Node};
use crate::time::Span;
use crate::units::{self, Flaw, Measure, UnitError};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use core::ops::{Range, RangeInclusive};

/// The highest rate that whole nanoseconds can carry.
pub const RATE_MAX_PER_S: f64 = 1e9;

/// Complains that `node` is not what is wanted.
pub fn wrong<T>(node: &Node, expected: &str, cx: &mut Cx) -> Option<T> {
    if node.kind != Kind::Broken {
        cx.push(
            Problem::error(node.place, format!("expected {expected}, not {}", node.noun()))
                .label(format!("expected {expected}")),
        );
    }
    None
}

/// Any text.
pub fn text<'n>(node: &'n Node, cx: &mut Cx) -> Option<&'n str> {
    match &node.kind {
        Kind::Text(text) => Some(text),
        Kind::Variant(name, _) => {
            cx.push(
                Problem::error(node.place, format!("expected a text, not {}", node.noun()))
                    .help(format!("write it in quotes: \"{}\"", short(&name.text))),
            );
            None
        }
        _ => wrong(node, "a text in quotes", cx),
    }
}

/// `true` or `false`.
pub fn flag(node: &Node, cx: &mut Cx) -> Option<bool> {
    match node.kind {
        Kind::Bool(value) => Some(value),
        _ => wrong(node, "true or false", cx),
    }
}

/// A whole number in a range.
pub fn count(node: &Node, range: RangeInclusive<u64>, cx: &mut Cx) -> Option<u64> {
    let Kind::Number(number) = node.kind else {
        return wrong(node, "a whole number", cx);
    };
    if let Some(whole) = number.whole.filter(|whole| range.contains(whole)) {
        return Some(whole);
    }
    let expected = match (*range.start(), *range.end()) {
        (low, high) if low == high => format!("{low}"),
        (low, high) if high >= u64::from(u32::MAX - 1) => format!("a whole number, {low} or more"),
        (low, high) => format!("a whole number from {low} to {high}"),
    };
    let written = short(cx.text(node.place)).to_owned();
    cx.push(
        Problem::error(node.place, format!("{written} is out of range"))
            .label(format!("expected {expected}")),
    );
    None
}

/// A whole number in a range that fits into 32 bits.
pub fn count32(node: &Node, range: RangeInclusive<u32>, cx: &mut Cx) -> Option<u32> {
    let wide = u64::from(*range.start())..=u64::from(*range.end());
    count(node, wide, cx).map(|value| value as u32)
}

/// A whole number in a range, or `Unlimited`, which is `None`.
pub fn count_or_unlimited(
    node: &Node,
    range: RangeInclusive<u32>,
    cx: &mut Cx,
) -> Option<Option<u32>> {
    let is_unlimited = match &node.kind {
        Kind::Text(text) => text == "Unlimited",
        Kind::Variant(name, Body::Unit) => name.text == "Unlimited",
        Kind::Number(_) => return count32(node, range, cx).map(Some),
        _ => false,
    };
    if is_unlimited {
        return Some(None);
    }
    let quoted = match &node.kind {
        Kind::Text(text) if text.trim().parse::<u32>().is_ok() => {
            Some(format!("a number stands without quotes: {}", text.trim()))
        }
        _ => None,
    };
    if node.kind != Kind::Broken {
        let message = format!("expected a whole number, not {}", node.noun());
        cx.push(
            Problem::error(node.place, message)
                .label("expected a whole number, or Unlimited")
                .maybe_help(quoted),
        );
    }
    None
}

/// A finite number without a unit in a range.
pub fn number(
    node: &Node,
    expected: &str,
    is_fine: impl Fn(f64) -> bool,
    cx: &mut Cx,
) -> Option<f64> {
    let Kind::Number(number) = node.kind else {
        return wrong(node, &format!("a number {expected}"), cx);
    };
    if number.value.is_finite() && is_fine(number.value) {
        return Some(number.value);
    }
    let written = short(cx.text(node.place)).to_owned();
    cx.push(
        Problem::error(node.place, format!("{written} is out of range"))
            .label(format!("expected a number {expected}")),
    );
    None
}

/// A share in [0, 1]: `"10%"` or 0.1.
pub fn share(node: &Node, cx: &mut Cx) -> Option<f64> {
    if let Kind::Text(_) = node.kind {
        let share = quantity(node, Measure::Share, units::share, cx)?;
        if share > 1.0 {
            cx.push(
                Problem::error(node.place, "more than 100%")
                    .label("expected a share of 0% to 100%"),
            );
            return None;
        }
        return Some(share);
    }
    number(
        node,
        "from 0 to 1, or a share such as \"10%\"",
        |value| (0.0..=1.0).contains(&value),
        cx,
    )
}

/// A length of time; zero is one.
pub fn span(node: &Node, cx: &mut Cx) -> Option<Span> {
    quantity(node, Measure::Time, units::span, cx)
}

/// A length of time above zero.
pub fn span_above_zero(node: &Node, cx: &mut Cx) -> Option<Span> {
    let span = span(node, cx)?;
    if span.is_zero() {
        cx.push(Problem::error(node.place, "no time at all").label("expected a time above 0"));
        return None;
    }
    Some(span)
}

/// A rate per second, zero or more.
pub fn rate(node: &Node, cx: &mut Cx) -> Option<f64> {
    let rate = quantity(node, Measure::Rate, units::rate_per_s, cx)?;
    if rate > RATE_MAX_PER_S {
        cx.push(
            Problem::error(node.place, "more than one arrival per nanosecond")
                .label("expected at most 1000000/ms"),
        );
        return None;
    }
    Some(rate)
}

/// A text with a number and a unit, as `parse` reads it.
pub fn quantity<T>(
    node: &Node,
    measure: Measure,
    parse: impl Fn(&str) -> Result<T, UnitError>,
    cx: &mut Cx,
) -> Option<T> {
    match &node.kind {
        Kind::Text(text) => match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                cx.push(unit_problem(node, text, error, cx));
                None
            }
        },
        Kind::Number(_) => {
            let written = short(cx.text(node.place)).to_owned();
            let example = with_unit(&written, measure);
            cx.push(
                Problem::error(node.place, format!("a {} needs a unit", measure.noun()))
                    .label(format!("write one of {}", measure.units()))
                    .help(format!("write it in quotes with a unit: {example}")),
            );
            None
        }
        _ => wrong(node, &format!("a {} such as \"{}\"", measure.noun(), measure.example()), cx),
    }
}

fn unit_problem(node: &Node, text: &str, error: UnitError, cx: &Cx) -> Problem {
    let measure = error.measure;
    let shown = short(text);
    match error.flaw {
        Flaw::NoNumber => {
            Problem::error(node.place, format!("\"{shown}\" is not a {}", measure.noun()))
                .label("expected a number and a unit")
                .help(format!("as in \"{}\"; units are {}", measure.example(), measure.units()))
        }
        Flaw::NoUnit => Problem::error(node.place, format!("\"{shown}\": missing unit"))
            .label(format!("write one of {}", measure.units()))
            .help(format!("as in {}", with_unit(text.trim(), measure))),
        Flaw::UnknownUnit { at, meant } => {
            let unit = text.get(at..).unwrap_or_default().trim();
            let place = inside(node.place, text, at..at + unit.len(), cx);
            let noun = measure.noun();
            Problem::error(place, format!("`{}` is not a unit of {noun}", short(unit)))
                .label(format!("write one of {}", measure.units()))
                .maybe_help(meant.map(|meant| {
                    format!(
                        "did you mean \"{}{meant}\"?",
                        text.get(..at).unwrap_or_default().trim()
                    )
                }))
        }
        Flaw::Negative => {
            Problem::error(node.place, format!("\"{shown}\": a {} is not negative", measure.noun()))
                .label("expected zero or more")
        }
        Flaw::TooLarge => {
            Problem::error(node.place, format!("\"{shown}\" is too large a {}", measure.noun()))
                .label(match measure {
                    Measure::Time => "expected at most 100 years",
                    Measure::Rate | Measure::Share | Measure::Size => "expected a finite number",
                })
        }
    }
}

/// The number with a unit or two that may be meant.
fn with_unit(number: &str, measure: Measure) -> String {
    match measure {
        Measure::Time => format!("\"{number}ms\" or \"{number}s\""),
        Measure::Rate => format!("\"{number}/s\""),
        Measure::Share => format!("\"{number}%\""),
        Measure::Size => format!("\"{number}KiB\""),
    }
}

/// The place of some bytes of a text, if it is written plainly; else all of the text's.
pub fn inside(place: Place, text: &str, bytes: Range<usize>, cx: &Cx) -> Place {
    let written = cx.text(place);
    let quote = usize::from(written.starts_with('"'));
    if written.get(quote..quote + text.len()) != Some(text) {
        return place;
    }
    let at = |byte: usize| place.start + (quote + byte.min(text.len())) as u32;
    Place { start: at(bytes.start), end: at(bytes.end.max(bytes.start)), ..place }
}

/// The items of a list, or of a tuple, which reads the same.
pub fn list<'n>(node: &'n Node, what: &str, cx: &mut Cx) -> Option<&'n [Node]> {
    match &node.kind {
        Kind::List(items) | Kind::Tuple(items) => Some(items),
        _ => wrong(node, &format!("a list of {what}: […]"), cx),
    }
}
