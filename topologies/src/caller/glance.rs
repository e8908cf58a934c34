//! A glance at how calls and breakers stand, service by service.

use super::Callers;
use crate::graph::ServiceId;
use crate::ledger::pictures::Seen;
use brownout_policies::breaker::State;
use brownout_policies::call::{CommonId, InstanceId};
use std::collections::BTreeSet;

/// Every breaker, with the service that it stands before.
#[derive(Debug, Default)]
pub(crate) struct Breakers(Vec<(ServiceId, CommonId)>);

impl Callers {
    /// Finds the breakers, each once for every service that it stands before.
    pub(crate) fn breakers(&self) -> Breakers {
        let mut found = BTreeSet::new();
        for (number, place) in self.desk.places.iter().enumerate() {
            let next = self.desk.places.get(number + 1);
            let end = next.map_or(self.calls.bound_stacks(), |next| next.instance);
            for instance in place.instance..end {
                let commons = self.calls.commons(InstanceId(instance));
                let breakers = commons.filter(|common| self.calls.breaker(*common).is_some());
                found.extend(breakers.map(|common| (place.of.target, common)));
            }
        }
        Breakers(found.into_iter().collect())
    }

    /// How each of so many services stands.
    pub(crate) fn glance(&self, breakers: &Breakers, services: usize) -> Vec<Seen> {
        let mut seen = vec![Seen::default(); services];
        for (site, &again) in self.desk.bound.iter().zip(self.calls.trying_again()) {
            let target = self.desk.places[site.index()].of.target;
            seen[target.index()].retrying += again;
        }
        for (service, common) in &breakers.0 {
            let own = &mut seen[service.index()];
            own.breakers += 1;
            match self.calls.breaker(*common) {
                Some(State::Open | State::ForcedOpen | State::Isolated) => own.open += 1,
                Some(State::HalfOpen | State::Ramping) => own.half_open += 1,
                Some(State::Closed | State::Disabled | State::MetricsOnly) | None => {}
            }
        }
        seen
    }
}
