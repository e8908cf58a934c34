//! Calls without an end, for the ledger at the end of a run.

use super::Callers;
use crate::envelope::Envelope;
use crate::graph::SiteId;
use crate::ledger::Of;
use brownout_core::Time;
use brownout_core::slab::{Id, Slab};

impl Callers {
    /// The plain call that an envelope belongs to, if it has no end yet.
    pub fn open_plain_call(
        &self,
        id: Id,
        envelope: &Envelope,
        envelopes: &Slab<Envelope>,
    ) -> Option<OpenCall> {
        if !envelope.is_plain() {
            return None;
        }
        let &Envelope { site, intended, .. } = envelope;
        let place = &self.desk.places[site.index()];
        place.waits(id, envelope.call, envelopes).then_some(OpenCall {
            site,
            of: place.of,
            intended,
            deadline: Time::MAX,
        })
    }

    /// Calls with policies without an end.
    pub fn open_calls(&self) -> impl Iterator<Item = OpenCall> {
        self.desk.open.iter().map(|(call, open)| {
            let of = self.desk.places[open.site.index()].of;
            let (site, intended) = (open.site, open.intended);
            OpenCall { site, of, intended, deadline: self.calls.deadline(open.root, call) }
        })
    }

    /// Attempts of calls with policies without an outcome, counted over the frames.
    pub fn open_attempts(&self) -> u64 {
        self.calls.open_attempts() - self.desk.pools.as_ref().map_or(0, |pools| pools.unsent())
    }

    /// Connections that are lent, counted over those who have them.
    pub fn connections(&self) -> u64 {
        let pools = self.desk.pools.as_ref();
        pools.map_or(0, |pools| pools.in_use(|leaf| self.calls.is_open(leaf)))
    }
}

/// A call without an end.
#[derive(Debug, Clone, Copy)]
pub struct OpenCall {
    /// From where.
    pub site: SiteId,
    /// Whom it is about.
    pub of: Of,
    /// When it was meant to begin.
    pub intended: Time,
    /// When its caller gives up on the whole of it.
    pub deadline: Time,
}
