//! When the requests of a load come, by its kind.

use super::dist;
use super::fields::{Fields, Names, Variant};
use super::load::USERS_MAX;
use super::numbers;
use super::problem::{Cx, Problem, short};
use super::rate::profile;
use super::reading::Reading;
use super::tree::{Kind, Node};
use super::values;
use brownout_core::dist::Dist;
use brownout_topologies::graph::{Arrivals, Profile, Size, Stage};

/// The most requests at one moment.
const SIZE_MAX: u32 = 1_000_000;

/// `rate: "100/s"`, or a profile.
pub(super) fn rate(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Profile> {
    let node = fields.need("rate", "\"100/s\"", reading.cx)?;
    profile(node, reading)
}

pub(super) fn renewal(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Arrivals> {
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

/// `Batch(rate: "10/s", size: 3)`: ten batches a second, thirty requests.
pub(super) fn batch(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Arrivals> {
    let rate = rate(fields, reading);
    let size = fields.need("size", "3", reading.cx).and_then(|node| size(node, reading.cx));
    Some(Arrivals::Batch { rate: rate?, size: size? })
}

/// `3`, `Uniform(1, 5)`, `Geometric(mean: 3)`, `Mixture([(0.9, 1), (0.1, 10)])`,
/// `Sequence([1, 2])`.
fn size(node: &Node, cx: &mut Cx) -> Option<Size> {
    const KINDS: Names =
        Names::new("a batch size", &["Uniform", "Geometric", "Mixture", "Sequence"]);
    let whole = |node: &Node, cx: &mut Cx| values::count32(node, 1..=SIZE_MAX, cx);
    match &node.kind {
        Kind::Number(_) => return whole(node, cx).map(Size::Const),
        Kind::Text(text) if !KINDS.known.contains(&text.as_str()) => {
            let message = format!("\"{}\" is not a batch size", short(text));
            cx.push(
                Problem::error(node.place, message)
                    .label("expected a whole number without a unit, or a distribution")
                    .help("write 3, Uniform(1, 5), Geometric(mean: 3), Mixture(…) or Sequence(…)"),
            );
            return None;
        }
        _ => {}
    }
    let variant = Variant::read(node, KINDS, cx)?;
    match variant.name {
        "Uniform" => {
            let fields =
                variant.fields(Names::new("Uniform", &["from", "to"]), &["from", "to"], cx)?;
            let from = fields.need("from", "1", cx).and_then(|node| whole(node, cx));
            let to = fields.need("to", "5", cx).and_then(|node| whole(node, cx));
            let (from, to) = (from?, to?);
            if from > to {
                let message = format!("from {from} to {to} there is nothing");
                cx.push(Problem::error(variant.whole, message).label("expected from ≤ to"));
                return None;
            }
            Some(Size::Uniform(from, to))
        }
        "Geometric" => {
            let fields = variant.fields(Names::new("Geometric", &["mean"]), &["mean"], cx)?;
            let most = f64::from(SIZE_MAX);
            let expected = format!("from 1 to {SIZE_MAX}");
            let is_fine = |mean: f64| (1.0..=most).contains(&mean);
            let node = fields.need("mean", "3", cx)?;
            values::number(node, &expected, is_fine, cx).map(Size::Geometric)
        }
        "Mixture" => {
            let items = some_items(&variant, "Mixture([(0.9, 1), (0.1, 10)])", cx)?;
            let mut parts = Vec::with_capacity(items.len());
            for item in items {
                let Some((weight, size)) = values::pair(item, "weight, size", cx) else { continue };
                let weight = dist::weight_of(weight, cx);
                parts.extend(weight.zip(whole(size, cx)));
            }
            if parts.iter().all(|(weight, _)| *weight == 0.0) {
                cx.push(Problem::error(variant.whole, "the mixture has no weight"));
            }
            (parts.len() == items.len()).then_some(Size::Mixture(parts))
        }
        _ => {
            let items = some_items(&variant, "Sequence([1, 2, 3])", cx)?;
            let sizes: Vec<u32> = items.iter().filter_map(|item| whole(item, cx)).collect();
            (sizes.len() == items.len()).then_some(Size::Sequence(sizes))
        }
    }
}

fn some_items<'n>(variant: &Variant<'n>, example: &str, cx: &mut Cx) -> Option<&'n [Node]> {
    let items = variant.items().filter(|items| !items.is_empty());
    if items.is_none() {
        let message = format!("{} takes a list", variant.name);
        cx.push(Problem::error(variant.whole, message).label(format!("write {example}")));
    }
    items
}

/// `Bursty(stages: [(rate: "160/s", lasts: Exp(mean: "10s")), (rate: "20/s", lasts: …)])`.
pub(super) fn bursty(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Arrivals> {
    const EXAMPLE: &str = "[(rate: \"160/s\", lasts: Exp(mean: \"10s\")), …]";
    const NAMES: Names = Names::new("a stage", &["rate", "lasts"]);
    const MOST: usize = 1_000;
    let node = fields.need("stages", EXAMPLE, reading.cx)?;
    let items = values::list(node, "stages", reading.cx)?;
    if items.len() < 2 || items.len() > MOST {
        let message = match items.len() {
            0 | 1 => "a bursty load with less than two stages".to_owned(),
            many => format!("{many} stages"),
        };
        reading.cx.push(
            Problem::error(node.place, message)
                .label(format!("expected 2 to {MOST}"))
                .help(format!("write stages: {EXAMPLE}")),
        );
        return None;
    }
    let mut stages = Vec::with_capacity(items.len());
    for item in items {
        let Some(fields) = Fields::read(item, NAMES, reading.cx) else { continue };
        let rate = fields.need("rate", "\"160/s\"", reading.cx);
        let rate = rate.and_then(|node| values::rate(node, reading.cx));
        let lasts = fields.need("lasts", "Exp(mean: \"10s\")", reading.cx);
        let lasts = lasts.and_then(|node| dist::times(node, reading));
        stages.extend(rate.zip(lasts).map(|(per_s, lasts)| Stage { per_s, lasts }));
    }
    if stages.len() < items.len() {
        return None;
    }
    if stages.iter().all(|stage| stage.per_s == 0.0 || stage.lasts.mean() <= 0.0) {
        reading.cx.push(
            Problem::error(node.place, "no stage in which anything comes")
                .label("one of them needs a rate above 0 and a time above 0"),
        );
        return None;
    }
    Some(Arrivals::Bursty(stages))
}

/// `Trace(file: "arrivals.csv", column: "at", unit: "s")`.
pub(super) fn trace(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Arrivals> {
    let times = numbers::moments(fields, reading)?;
    Some(Arrivals::Trace(times.into()))
}

/// `AtOnce(count: 100, at: "10s")`, or `users:` who go on like those of a closed loop.
pub(super) fn at_once(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Arrivals> {
    let at = fields.need("at", "\"10s\"", reading.cx);
    let at = at.and_then(|node| values::time(node, reading.cx));
    match (fields.get("count"), fields.get("users")) {
        (Some(node), None) => {
            if let Some(place) = fields.key_place("think") {
                reading.cx.push(
                    Problem::error(place, "who asks only once does not think")
                        .help("write `users` instead of `count`, or remove `think`"),
                );
            }
            let count = values::count32(node, 1..=SIZE_MAX, reading.cx);
            Some(Arrivals::AtOnce { at: at?, count: count? })
        }
        (None, Some(node)) => {
            let users = values::count32(node, 1..=USERS_MAX, reading.cx);
            let think = match fields.get("think") {
                None => Some(Dist::constant(0.0)),
                Some(node) => dist::times(node, reading),
            };
            Some(Arrivals::Closed { users: users?, think: think?, start: Some(at?) })
        }
        _ => {
            reading.cx.push(
                Problem::error(fields.place, "AtOnce needs either `count` or `users`")
                    .label("a count of requests, or users who ask again when they have an answer"),
            );
            None
        }
    }
}

pub(super) fn closed(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Arrivals> {
    let users = fields
        .need("users", "100", reading.cx)
        .and_then(|node| values::count32(node, 1..=USERS_MAX, reading.cx));
    let think = fields
        .need("think", "Exp(mean: \"1s\")", reading.cx)
        .and_then(|node| dist::times(node, reading));
    Some(Arrivals::Closed { users: users?, think: think?, start: None })
}
