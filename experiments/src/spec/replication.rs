//! How the replicas of a service come to keep the same, as written.

use super::dist;
use super::fields::{Fields, Names, choice};
use super::problem::{Cx, Place};
use super::reading::Reading;
use super::service::REPLICAS_MAX;
use super::tree::Node;
use super::values;
use brownout_core::dist::Dist;
use brownout_topologies::graph::{Reads, Replication};

const NAMES: Names = Names {
    what: "a replication",
    known: &["lag", "synchronous", "failover", "learned", "reads"],
    later: &["quorum", "fencing", "cascade"],
};

/// `replication: (lag: Exp(mean: "20ms"), synchronous: 1, failover: "10s", learned: "5s")`.
pub(super) fn replication(node: &Node, reading: &mut Reading<'_>) -> Option<(Replication, Place)> {
    let fields = Fields::read(node, NAMES, reading.cx)?;
    let mut times = |key| match fields.get(key) {
        None => Some(Dist::constant(0.0)),
        Some(node) => dist::times(node, reading),
    };
    let (lag, learned) = (times("lag"), times("learned"));
    let cx = &mut *reading.cx;
    let most = REPLICAS_MAX - 1;
    let synchronous = match fields.get("synchronous") {
        None => Some(0),
        Some(node) => values::count32(node, 0..=most, cx),
    };
    let failover = match fields.get("failover") {
        None => Some(None),
        Some(node) => values::span_above_zero(node, cx).map(Some),
    };
    let reads = match fields.get("reads") {
        None => Some(Reads::Any),
        Some(node) => reads(node, cx),
    };
    let replication = Replication {
        lag: lag?,
        synchronous: synchronous?,
        failover: failover?,
        learned: learned?,
        reads: reads?,
    };
    Some((replication, node.place))
}

fn reads(node: &Node, cx: &mut Cx) -> Option<Reads> {
    let names = Names::new("who is read from", &["Any", "Primary"]);
    choice(node, names, &[Reads::Any, Reads::Primary], cx)
}
