//! What attempts carry as their keys, and what was done for calls that are reported failed.

use super::Owner;
use super::desk::Desk;
use super::open::Open;
use super::place::Place;
use crate::effect::Sent;
use crate::envelope::Body;
use crate::graph::Caller;
use crate::ledger::{Detail, Of, Row};
use crate::world::{Io, Kit};
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;

impl Desk {
    /// Remembers what an attempt of a call is about, and what it carries.
    #[inline(never)]
    pub(super) fn tag<K: Kit>(&self, call: Id, lineage: u64, envelope: Id, io: &mut Io<'_, K>) {
        let open @ &Open { site, lineage: of, .. } = &self.open[call];
        let envelopes = &io.links.envelopes;
        let by = match self.owner(open) {
            Owner::User { .. } => None,
            Owner::Activation { activation, .. } => {
                Some((activation, envelopes[activation].work.step))
            }
        };
        let key = io.graph.sites[site.index()].key;
        let sent = Sent { call, of, lineage, site, by, key };
        io.links.effects.sent(&sent, envelope, |id| envelopes.contains(id));
    }

    /// Says what had happened to a call that ends, if its caller is told that it failed.
    #[inline(never)]
    pub(super) fn report<K: Kit>(&self, call: Id, outcome: Outcome, io: &mut Io<'_, K>) {
        let site = self.open[call].site;
        let Place { of: Of { target, load }, caller, .. } = self.places[site.index()];
        let (is_request, envelopes) = (matches!(caller, Caller::Load(_)), &io.links.envelopes);
        let works = |id| {
            let envelope = envelopes.get(id);
            envelope.is_some_and(|envelope| !matches!(envelope.body, Body::Reply(_)))
        };
        let truth = io.links.effects.ended(call, is_request, outcome.is_success(), works);
        if let Some(truth) = truth {
            io.tell(|_| Detail::Reported { call: self.open[call].lineage, site, truth });
            io.record(Row::Reported { site, target, load, truth });
        }
    }
}
