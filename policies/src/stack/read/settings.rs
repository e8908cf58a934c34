//! Policies that are read by their settings: `like:` says where to begin, the rest overrides.

use crate::notation::fields::{Fields, Names, Variant};
use crate::notation::problem::{Cx, Place, Problem, did_you_mean};
use crate::notation::tree::{Kind, Node};
use crate::notation::values;
use crate::settings::{Choice, Dialect, Settings, Share, Value};
use crate::time::Span;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use std::sync::{Mutex, PoisonError};

/// The longest list of times; no system lists more than a dozen.
const LIST_MAX: usize = 64;

/// Every name that can be written for a policy: where to begin, the settings of every dialect, and
/// what else it takes.
pub fn names<C: Settings>(dialects: &[Dialect<C>], besides: &[&'static str]) -> Vec<&'static str> {
    let mut names = vec!["like"];
    for dialect in dialects {
        for setting in (dialect.config)().settings() {
            if !names.contains(&setting.name) {
                names.push(setting.name);
            }
        }
    }
    names.extend(besides);
    names
}

/// Reads a configuration, if nothing is wrong with it, and what is written beside it; complains
/// about everything at once.
pub fn read<'n, C: Settings>(
    variant: &Variant<'n>,
    names: Names,
    dialects: &[Dialect<C>],
    besides: &[&'static str],
    cx: &mut Cx,
) -> Option<(Option<C>, Fields<'n>)> {
    let fields = variant.fields(names, &[], cx)?;
    let config = read_fields(&fields, variant.place, names, dialects, besides, cx);
    Some((config, fields))
}

/// [`read`] of fields without a name in front of them, which are written at `place`.
pub fn read_fields<C: Settings>(
    fields: &Fields<'_>,
    place: Place,
    names: Names,
    dialects: &[Dialect<C>],
    besides: &[&'static str],
    cx: &mut Cx,
) -> Option<C> {
    let before = cx.count();
    let begin = match fields.get("like") {
        None => Some(&dialects[0]),
        Some(node) => dialect(node, dialects, cx),
    };
    let mut config = (begin?.config)();
    let mut own = Vec::new();
    for setting in config.settings() {
        own.push(setting.name);
        if let Some(node) = fields.get(setting.name) {
            value(node, setting.value, cx);
        }
    }
    foreign(fields, names, &own, besides, cx);
    for problem in config.problems() {
        let place = fields.get(problem.field).map_or(place, |node| node.place);
        let message = format!("{} is {}: {}", problem.field, problem.found, problem.why);
        cx.push(Problem::error(place, message).help(problem.remedy));
    }
    (cx.count() == before).then_some(config)
}

/// Complains about settings that another dialect has and this one has not.
fn foreign(fields: &Fields<'_>, names: Names, own: &[&str], besides: &[&str], cx: &mut Cx) {
    for name in names.known {
        let Some(place) = fields.key_place(name) else { continue };
        if *name != "like" && !own.contains(name) && !besides.contains(name) {
            let message = format!("`{name}` is no setting of this kind of {}", names.what);
            cx.push(Problem::error(place, message).label(format!("it has {}", own.join(", "))));
        }
    }
}

fn dialect<'d, C>(node: &Node, dialects: &'d [Dialect<C>], cx: &mut Cx) -> Option<&'d Dialect<C>> {
    let Some(variant) = Variant::peek(node) else { return values::wrong(node, "a name", cx) };
    let found = dialects.iter().find(|dialect| dialect.name == variant.name);
    if found.is_none() {
        like_nobody(&variant, dialects.iter().map(|dialect| dialect.name).collect(), cx);
    }
    found
}

/// Complains of a system after `like:` that is none of the known ones.
pub(super) fn like_nobody(variant: &Variant<'_>, known: Vec<&str>, cx: &mut Cx) {
    let message = format!("no policy of this kind is like `{}`", variant.name);
    cx.push(
        Problem::error(variant.place, message)
            .label(format!("allowed: {}", known.join(", ")))
            .maybe_help(did_you_mean(variant.name, known)),
    );
}

fn value(node: &Node, value: Value<'_>, cx: &mut Cx) {
    let word = Variant::peek(node).map(|variant| variant.name);
    match value {
        Value::SpanOrOff(span) if word == Some("Off") => *span = None,
        Value::CountOrUnlimited(count) if word == Some("Unlimited") => *count = None,
        Value::Span(span) => set(span, values::span(node, cx)),
        Value::SpanOrOff(span) => set(span, values::span(node, cx).map(Some)),
        Value::Count(count) => set(count, values::count32(node, 0..=u32::MAX, cx)),
        Value::CountOrUnlimited(count) => {
            set(count, values::count32(node, 0..=u32::MAX, cx).map(Some));
        }
        Value::Share(share) => set(share, values::share(node, cx).map(Share::nearest)),
        Value::Number(number) => {
            set(number, values::number(node, "that is finite", f64::is_finite, cx));
        }
        Value::PerSecond(rate) => set(rate, values::rate(node, cx)),
        Value::Flag(flag) => set(flag, values::flag(node, cx)),
        Value::Spans(spans) => set(spans, times(node, cx).map(kept)),
        Value::Choice(choice) => choose(node, choice, cx),
    }
}

/// A list of times.
fn times(node: &Node, cx: &mut Cx) -> Option<Vec<Span>> {
    let items = values::list(node, "times", cx)?;
    if items.len() > LIST_MAX {
        let message = format!("{} times in one list", items.len());
        cx.push(Problem::error(node.place, message).label(format!("at most {LIST_MAX}")));
        return None;
    }
    let read: Vec<Option<Span>> = items.iter().map(|item| values::span(item, cx)).collect();
    read.into_iter().collect()
}

/// The same list for as long as the program runs: a configuration is plain data that is copied.
/// Equal lists are kept once, so that reading a file again and again keeps nothing more.
fn kept(list: Vec<Span>) -> &'static [Span] {
    static LISTS: Mutex<BTreeSet<&'static [Span]>> = Mutex::new(BTreeSet::new());
    let mut lists = LISTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lists.get(list.as_slice()) {
        return known;
    }
    let list: &'static [Span] = list.leak();
    lists.insert(list);
    list
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn choose(node: &Node, choice: &mut dyn Choice, cx: &mut Cx) {
    let Some(variant) = Variant::peek(node) else {
        if node.kind != Kind::Broken {
            values::wrong::<()>(node, "a name", cx);
        }
        return;
    };
    match choice.names().iter().position(|name| *name == variant.name) {
        Some(number) => choice.choose(number),
        None => {
            let names = || choice.names().iter().copied();
            let allowed = choice.names().join(", ");
            cx.push(
                Problem::error(variant.place, format!("`{}` cannot be chosen here", variant.name))
                    .label(format!("allowed: {allowed}"))
                    .maybe_help(did_you_mean(variant.name, names())),
            );
        }
    }
}
