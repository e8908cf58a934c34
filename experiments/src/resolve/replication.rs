//! Whether replicas can keep the same as it is written.

use super::faults::Victims;
use crate::spec::fault::{FaultSpec, HarmSpec};
use crate::spec::problem::{Cx, Problem};
use crate::spec::service::ServiceSpec;
use brownout_topologies::fault::{FaultKind, Harm};
use brownout_topologies::graph::Replication;

/// How the replicas of a service come to keep the same, if they can.
pub(super) fn of(spec: &ServiceSpec, cx: &mut Cx) -> Option<Replication> {
    let (rule, place) = spec.replication.as_ref()?;
    let name = &spec.name.text;
    let before = cx.count();
    if spec.replicas < 2 {
        cx.push(
            Problem::error(*place, format!("`{name}` has one replica"))
                .label("there is nobody to follow it")
                .help("write replicas: 2 or more"),
        );
    } else if rule.synchronous >= spec.replicas {
        let message = format!("{} followers must have a change", rule.synchronous);
        let label = format!("`{name}` has {} beside its primary", spec.replicas - 1);
        cx.push(Problem::error(*place, message).label(label));
    }
    let mut kinds = spec.stores.iter().filter_map(|own| own.store).map(|own| own.1);
    if !kinds.any(|kind| kind.is_replicated()) {
        cx.push(
            Problem::error(*place, format!("`{name}` keeps nothing that others could have too"))
                .label(
                    "only Rows and Limits are kept by several replicas; a cache is each one's own",
                )
                .help("give it stores: {\"rows\": Rows(keys: 1000)}, or leave `replication` out"),
        );
    }
    if let Some(next) = spec.next.first() {
        cx.push(
            Problem::error(
                next.to.place,
                "a job goes on from a service whose replicas keep the same",
            )
            .label("only calls find who leads; write it as a call"),
        );
    }
    (cx.count() == before).then(|| rule.clone())
}

impl Victims<'_> {
    /// Complains of a fault that takes the lead from a service where nobody leads.
    pub(super) fn check_lead(&self, spec: &FaultSpec, harm: &Harm, cx: &mut Cx) {
        let (HarmSpec::Replicas { .. }, Harm::Replicas { parts, kind: FaultKind::Demote }) =
            (&spec.harm, harm)
        else {
            return;
        };
        for part in parts {
            let victim = &self.system.services[part.service.index()];
            if victim.replication.is_none() {
                let message = format!("nobody leads the replicas of `{}`", victim.name.text);
                cx.push(
                    Problem::error(spec.place, message)
                        .label("there is no lead to take away")
                        .help("give it replication: (lag: \"20ms\", failover: \"10s\")"),
                );
            }
        }
    }
}
