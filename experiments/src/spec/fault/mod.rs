//! Faults on the timeline, as written.

mod links;
mod replicas;
mod schedule;
mod whom;

use super::fields::{Fields, Names, Variant};
use super::monitor::{AlarmSpec, guard};
use super::named::Named;
use super::problem::{Cx, Place, Problem};
use super::reading::Reading;
use super::tree::{Kind, Node};
use super::values;
use brownout_core::Span;
use brownout_topologies::fault::{FaultKind, LinkFault};

pub(crate) use links::Direction;
pub(crate) use schedule::{Times, WhenSpec};
pub(crate) use whom::{PartSpec, domains};

/// The faults there are.
pub(crate) const KINDS: Names = Names {
    what: "a fault",
    known: &[
        "Slow",
        "Stall",
        "Crash",
        "Errors",
        "BlackHole",
        "Capacity",
        "Breakdowns",
        "Config",
        "Latency",
        "Loss",
        "Partition",
        "LoadSpike",
        "CacheFlush",
        "Demote",
        "ClockJump",
    ],
    later: &["Skew", "Gray", "Gc", "Leak", "Disk", "Dns", "Restart", "Kill", "Flap"],
};

/// A fault as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FaultSpec {
    pub(crate) place: Place,
    pub(crate) kind_name: &'static str,
    pub(crate) name: Option<Named>,
    pub(crate) harm: HarmSpec,
    pub(crate) when: WhenSpec,
    pub(crate) abort: Option<AbortSpec>,
}

/// What breaks a fault off.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum AbortSpec {
    /// A monitor by its name.
    Monitor(Named),
    /// One of the fault's own.
    Guard(AlarmSpec),
}

/// What a fault does, and to whom, by name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum HarmSpec {
    Replicas {
        whom: Whom,
        kind: FaultKind,
    },
    Link {
        from: Named,
        to: Named,
        direction: Direction,
        kind: LinkFault,
    },
    /// Between a zone and everything elsewhere.
    Around {
        zone: Named,
        direction: Direction,
        kind: LinkFault,
    },
    Partition {
        between: Vec<Named>,
        and: Vec<Named>,
        direction: Direction,
    },
    Load {
        load: Named,
        by: f64,
    },
}

/// Replicas of a service, or a domain.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Whom {
    Part(PartSpec),
    Domain(Named),
    /// All that are in a zone, of one service or of all.
    Zone {
        zone: Named,
        service: Option<Named>,
    },
}

impl FaultSpec {
    /// Whether it strikes the domain of this name.
    pub(crate) fn strikes(&self, name: &str) -> bool {
        match &self.harm {
            HarmSpec::Replicas { whom: Whom::Domain(domain), .. } => domain.text == name,
            HarmSpec::Replicas { whom: Whom::Part(_) | Whom::Zone { .. }, .. }
            | HarmSpec::Around { .. }
            | HarmSpec::Link { .. }
            | HarmSpec::Partition { .. }
            | HarmSpec::Load { .. } => false,
        }
    }
}

impl HarmSpec {
    /// What a fault without a name is named after, besides its kind.
    pub(crate) fn victim(&self) -> String {
        match self {
            HarmSpec::Replicas { whom: Whom::Part(part), .. } => part.service.text.clone(),
            HarmSpec::Replicas { whom: Whom::Domain(domain), .. } => domain.text.clone(),
            HarmSpec::Replicas { whom: Whom::Zone { zone, .. }, .. } => zone.text.clone(),
            HarmSpec::Around { zone, .. } => zone.text.clone(),
            HarmSpec::Link { from, to, .. } => format!("{}-{}", from.text, to.text),
            HarmSpec::Partition { between, and, .. } => {
                let first = |names: &[Named]| names[0].text.clone();
                format!("{}-{}", first(between), first(and))
            }
            HarmSpec::Load { load, .. } => load.text.clone(),
        }
    }
}

/// The list of faults, in order.
pub(crate) fn faults(node: &Node, reading: &mut Reading<'_>) -> Vec<FaultSpec> {
    const MOST: usize = 10_000;
    let Some(items) = values::list(node, "faults", reading.cx) else { return Vec::new() };
    if items.len() > MOST {
        let message = format!("{} faults", items.len());
        reading.cx.push(Problem::error(node.place, message).label(format!("at most {MOST}")));
        return Vec::new();
    }
    items.iter().filter_map(|item| fault(item, reading)).collect()
}

/// The fields of one kind: its own, whom it strikes, and when.
macro_rules! kind {
    ($name:literal, [$($own:literal),*] on replicas, $($when:literal),+) => {
        Names::new(
            $name,
            &["service", "domain", "zone", "replica", "replicas", $($own,)* $($when,)+ "name"],
        )
    };
    ($name:literal, [$($own:literal),*], $($when:literal),+) => {
        Names::new($name, &[$($own,)* $($when,)+ "name"])
    };
}

/// What can be written in each kind, in the order of [`KINDS`].
#[rustfmt::skip]
const FIELDS: [Names; 15] = [
    kind!("Slow", ["by"] on replicas, "at", "lasts", "every", "times", "probability", "ramp", "abort_if"),
    kind!("Stall", ["in_service"] on replicas, "at", "lasts", "every", "times", "probability", "abort_if"),
    kind!("Crash", ["callers", "queue"] on replicas, "at", "lasts", "every", "times", "probability", "abort_if"),
    kind!("Errors", ["ratio", "when"] on replicas, "at", "lasts", "every", "times", "probability", "ramp", "abort_if"),
    kind!("BlackHole", [] on replicas, "at", "lasts", "every", "times", "probability", "abort_if"),
    kind!("Capacity", ["to", "of"] on replicas, "at", "lasts", "every", "times", "probability", "ramp", "abort_if"),
    kind!("Breakdowns", ["mtbf", "mttr", "mode", "while_busy"] on replicas, "at", "lasts", "abort_if"),
    kind!("Config", ["workers", "queue_limit", "queue_timeout"] on replicas,
          "at", "lasts", "every", "times", "probability", "abort_if"),
    kind!("Latency", ["link", "zone", "direction", "add"], "at", "lasts", "every", "times", "probability", "ramp", "abort_if"),
    kind!("Loss", ["link", "zone", "direction", "ratio"], "at", "lasts", "every", "times", "probability", "ramp", "abort_if"),
    kind!("Partition", ["between", "and", "zone", "direction"], "at", "lasts", "every", "times", "probability", "abort_if"),
    kind!("LoadSpike", ["load", "by"], "at", "lasts", "every", "times", "probability", "ramp", "abort_if"),
    kind!("CacheFlush", [] on replicas, "at", "every", "times", "probability", "abort_if"),
    kind!("Demote", ["service"], "at", "lasts", "every", "times", "probability", "abort_if"),
    kind!("ClockJump", ["by"] on replicas, "at", "lasts", "every", "times", "probability", "ramp", "abort_if"),
];

fn fault(node: &Node, reading: &mut Reading<'_>) -> Option<FaultSpec> {
    let variant = Variant::read(node, KINDS, reading.cx)?;
    let number = KINDS.known.iter().position(|known| *known == variant.name)?;
    let (kind_name, names) = (KINDS.known[number], FIELDS[number]);
    let fields = variant.fields(names, &[], reading.cx)?;
    let harm = match kind_name {
        "Latency" | "Loss" => links::harm(kind_name, &fields, reading),
        "Partition" => links::partition(&fields, reading.cx),
        "LoadSpike" => load_spike(&fields, reading.cx),
        _ => replicas::harm(kind_name, &fields, reading.cx),
    };
    let when = match kind_name {
        "Breakdowns" => schedule::breakdowns(&fields, reading),
        "CacheFlush" => schedule::schedule(&fields, schedule::A_MOMENT, reading.cx),
        _ => schedule::schedule(&fields, Span::MAX, reading.cx),
    };
    let cx = &mut *reading.cx;
    let name = fields.with("name", cx, values::reference);
    let abort = fields.with("abort_if", cx, abort);
    Some(FaultSpec { place: variant.whole, kind_name, name, harm: harm?, when: when?, abort })
}

/// The name of a monitor, or what would be one.
fn abort(node: &Node, cx: &mut Cx) -> Option<AbortSpec> {
    match &node.kind {
        Kind::Text(text) if !text.contains('(') => {
            values::reference(node, cx).map(AbortSpec::Monitor)
        }
        _ => guard(node, cx).map(AbortSpec::Guard),
    }
}

fn load_spike(fields: &Fields<'_>, cx: &mut Cx) -> Option<HarmSpec> {
    let load = fields.need("load", "\"web\"", cx).and_then(|node| values::reference(node, cx));
    let by = fields.need("by", "3", cx).and_then(|node| {
        values::number(node, "of 0 or more", |value| (0.0..=1e6).contains(&value), cx)
    });
    Some(HarmSpec::Load { load: load?, by: by? })
}
