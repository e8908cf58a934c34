//! What a server has at its own door and in its queue: gates and shedders, each replica its own.

use super::{gate, settings};
use crate::notation::fields::{Fields, Names, Variant};
use crate::notation::problem::{Cx, Problem};
use crate::settings::Dialect;
use crate::shed::{self, ShedConfig};
use crate::stack::GateRule;
use alloc::vec::Vec;
use std::sync::LazyLock;

/// The admission policies there are.
pub const AT_THE_DOOR: Names = Names {
    what: "an admission policy",
    known: &["RateLimit", "Concurrency", "Bulkhead", "Throttle", "Shed", "Endpoint"],
    later: &["Breaker", "AdaptiveRate"],
};

/// What can be written of a queue that sheds besides its settings.
const LIMIT: &[&str] = &["limit"];

/// What can be written of each shedder.
type Known = LazyLock<Vec<&'static str>>;
static CODEL: Known = LazyLock::new(|| settings::names(shed::CODELS, LIMIT));
static ADAPTIVE: Known = LazyLock::new(|| settings::names(shed::CONTROLLED_DELAYS, LIMIT));
static SHED: Known = LazyLock::new(|| settings::names(shed::AT_THE_DOOR, &[]));

/// A gate by its name, with the settings of a caller's.
pub fn gate_at_the_door(variant: &Variant<'_>, cx: &mut Cx) -> Option<GateRule> {
    if let Some(place) = variant.key_place("scope") {
        cx.push(
            Problem::error(place, "a gate at the door is each replica's own")
                .label("it has no `scope`"),
        );
    }
    gate::gate(variant, cx).map(|used| used.rule)
}

/// A queue that sheds, if nothing is wrong with it, and what else is written of it: its `limit`.
pub fn shedding_queue<'n>(
    variant: &Variant<'n>,
    cx: &mut Cx,
) -> Option<(Option<ShedConfig>, Fields<'n>)> {
    let (what, known, dialects): (_, &Known, &[Dialect<ShedConfig>]) = match variant.name {
        "AdaptiveLifo" => ("AdaptiveLifo", &ADAPTIVE, shed::CONTROLLED_DELAYS),
        _ => ("CoDel", &CODEL, shed::CODELS),
    };
    settings::read(variant, Names::new(what, known), dialects, LIMIT, cx)
}

/// What sheds at the door.
pub fn shedder(variant: &Variant<'_>, cx: &mut Cx) -> Option<ShedConfig> {
    settings::read(variant, Names::new("Shed", &SHED), shed::AT_THE_DOOR, &[], cx)?.0
}
