//! What was really done, beside what callers were told.

use super::Ledger;
use super::books::Entry;
use super::journal::kind;
use super::query::Tallied;
use crate::effect::Truth;
use crate::graph::{EndpointId, LoadId, ServiceId, SiteId};
use brownout_core::Time;

/// What happens about effects and the keys that keep them from being done twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtEffect {
    /// An effect is done.
    Done {
        /// The activation's lineage.
        lineage: u64,
        /// Whether it had been done before for the same request.
        again: bool,
    },
    /// A key is taken.
    KeyTaken,
    /// A key is given back: it is known, or free again.
    KeyGivenBack,
    /// A key is known: the stored answer is given.
    Replayed,
    /// A key is taken, and its second request waits.
    Waits,
    /// A key is taken, and its second request fails.
    Conflict,
}

impl Ledger {
    /// Writes what happened about an effect.
    #[inline(never)]
    pub(super) fn at_effect(
        &mut self,
        at: Time,
        service: ServiceId,
        endpoint: Option<EndpointId>,
        what: AtEffect,
    ) {
        let tallied = match what {
            AtEffect::Done { lineage, again } => {
                let entity = kind::EFFECT ^ self.services[service.index()].name;
                self.journal.digest.row(at.nanos(), entity, lineage, u64::from(again));
                if again {
                    self.each(service, endpoint, |own| own.rest.tally.more(Tallied::Duplicates));
                }
                Tallied::Effects
            }
            AtEffect::KeyTaken => return self.journal.books.count(Entry::KeysTaken),
            AtEffect::KeyGivenBack => return self.journal.books.count(Entry::KeysGivenBack),
            AtEffect::Replayed => Tallied::Replayed,
            AtEffect::Waits => Tallied::Coalesced,
            AtEffect::Conflict => Tallied::Conflicts,
        };
        self.each(service, endpoint, |own| own.rest.tally.more(tallied));
    }

    /// Writes what had happened to a call whose caller is told that it failed.
    #[inline(never)]
    pub(super) fn reported(
        &mut self,
        site: SiteId,
        service: ServiceId,
        load: Option<LoadId>,
        truth: Truth,
    ) {
        let own = match truth {
            Truth::Nothing => Some(Tallied::ReportedNothing),
            Truth::Partly => Some(Tallied::ReportedPartly),
            Truth::Done => Some(Tallied::ReportedDone),
            Truth::Unknown => Some(Tallied::ReportedUnknown),
            Truth::DoneLater => None,
        };
        let is_done = matches!(truth, Truth::Done | Truth::DoneLater);
        let completed = is_done.then_some(Tallied::CompletedButReportedFailed);
        let endpoint = self.endpoint_of(site);
        for tallied in own.into_iter().chain(completed) {
            self.each(service, endpoint, |own| own.rest.tally.more(tallied));
            if let Some(load) = load {
                self.loads[load.index()].rest.tally.more(tallied);
            }
        }
    }
}
