//! The straight way of what is ordinary: from one node to the next without a detour through the
//! queue.
//!
//! What takes no time is handed over as soon as its sender is done. Where a sender has sent one
//! thing and nothing else, it is next for certain, and can as well be handed over right here.

use super::{Io, Kit, Nodes};
use crate::activation::Doing;
use crate::caller::{Callers, Owner, Straight};
use crate::fault::Reach;
use crate::graph::{Graph, LoadId, ServiceId};
use crate::ledger::{Ledger, Row, Sink};
use crate::service::{Next, Service};
use brownout_core::queue::Rank;
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;

/// Where nobody ever looks for one who waits, those who do lose their names.
pub(super) fn lose_names(
    graph: &Graph,
    reach: &Reach,
    services: &mut [Service],
    callers: &Callers,
) {
    for (number, service) in (0..).map(ServiceId).zip(services) {
        if reach.leaves_alone(graph, number) && callers.never_look_for(number) {
            service.lose_names();
        }
    }
}

/// From now on what is ordinary goes straight, unless it is to be told for whom work is done.
pub(super) fn go_straight(ledger: &Ledger, services: &mut [Service], callers: &mut Callers) {
    if !ledger.wants_waste() {
        services.iter_mut().for_each(|service| service.go_straight(ledger));
        callers.go_straight();
    }
}

impl Nodes {
    /// Someone comes to an open loop. The request that is to be handed over at once, if that is all
    /// that comes of it.
    #[inline(always)]
    pub(super) fn arrive<K: Kit>(
        &mut self,
        load: LoadId,
        rank: Rank,
        io: &mut Io<'_, K>,
    ) -> Option<Id> {
        let Nodes { sources, callers, .. } = self;
        let is_unheard = !io.log.sink.listens();
        let straight = sources.arrive_straight(
            load,
            |site| {
                let found = Some(callers.straight(site));
                found.filter(|(_, _, straight)| is_unheard && *straight != Straight::No)
            },
            io,
        );
        match straight {
            Some((begin, (_, _, Straight::Tries))) => Some(callers.begin_trying(begin, io)),
            Some((begin, (place, turns, _))) => Some(place.begin_straight(begin, turns, io)),
            None => {
                sources.arrive(load, rank, callers, io);
                None
            }
        }
    }

    /// A service's timer has fired, unless it was taken back. The request that is to be handed over
    /// then.
    #[inline(always)]
    pub(super) fn wake<K: Kit>(
        &mut self,
        place: u32,
        rank: Rank,
        io: &mut Io<'_, K>,
    ) -> Option<Id> {
        let (id, envelope) = io.links.envelopes.named(place);
        if envelope.work.timer != rank {
            return None;
        }
        let service = &mut self.services[envelope.to.service.index()];
        let next = match envelope.work.doing {
            Doing::Working { began, .. } if !io.log.sink.listens() => {
                service.go_straight_on(id, began, &mut self.callers, io)
            }
            _ => Next::Closely,
        };
        match next {
            Next::Request(id) => return Some(id),
            Next::Answer(id) => self.answer_well(id, io),
            Next::Nothing => {}
            Next::Closely => self.wake_closely(id, io),
        }
        None
    }

    /// Looks at what a service's timer will be about.
    pub(super) fn look_ahead<K: Kit>(&self, place: u32, io: &Io<'_, K>) -> u64 {
        let (_, envelope) = io.links.envelopes.named(place);
        let service = &self.services[envelope.to.service.index()];
        envelope.intended.nanos() ^ service.look_ahead(envelope.to.replica)
    }

    /// The general way of a service's timer.
    #[inline(never)]
    fn wake_closely<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        let service = io.links.envelopes[id].to.service;
        self.services[service.index()].wake(id, &mut self.callers, io);
    }

    /// A call that an activation made has ended well, and nothing else is to be seen to.
    #[inline(never)]
    pub(super) fn go_on<K: Kit>(&mut self, at: ServiceId, activation: Id, io: &mut Io<'_, K>) {
        let service = &mut self.services[at.index()];
        if !(service.ordinary && io.links.envelopes.contains(activation)) {
            return service.ended(activation, Outcome::OK, &mut self.callers, io);
        }
        if let Next::Answer(id) = service.resume(activation, &mut self.callers, io) {
            self.answer_well(id, io);
        }
    }

    /// A good answer has come back, and others because of it.
    #[inline(always)]
    fn answer_well<K: Kit>(&mut self, mut id: Id, io: &mut Io<'_, K>) {
        loop {
            io.record(Row::EnvelopeDelivered { request_to: None });
            let envelope = &io.links.envelopes[id];
            if !envelope.is_plain() {
                let (attempt, lineage) =
                    ((envelope.leaf, envelope.call, envelope.site), envelope.lineage);
                io.links.envelopes.discard(id);
                return self.callers.reply_well(attempt, lineage, io);
            }
            let next = match self.callers.plain_reply(id, Outcome::OK, io) {
                None => Next::Nothing,
                Some(Owner::User { load, user }) => {
                    self.sources.ended(load, user, Outcome::OK, io);
                    Next::Nothing
                }
                Some(Owner::Activation { service, activation }) => {
                    let service = &mut self.services[service.index()];
                    service.resume(activation, &mut self.callers, io)
                }
            };
            match next {
                Next::Answer(next) => id = next,
                Next::Nothing | Next::Closely | Next::Request(_) => return,
            }
        }
    }
}
