//! Calls that take no time, where there is little to choose; plain ones are begun by who hands over
//! their requests itself.

use super::choice::Turns;
use super::desk::{Attempt, Desk, Hands, timer};
use super::open::{Last, Open};
use super::place::{Place, Straight};
use super::{Begin, Callers};
use crate::activation::Asked;
use crate::event::{Delivery, Event};
use crate::graph::{ServiceId, SiteId};
use crate::ledger::{Of, Row};
use crate::link::Way;
use crate::service::Next;
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::heap::Heap;
use brownout_core::queue::Queue;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};
use brownout_policies::call::{InstanceId, NextTry, Timer};
use brownout_policies::outcome::Outcome;

impl Place {
    /// Whether there is little to choose, nothing to work out or to remember, and no time is taken.
    fn is_quick(&self) -> bool {
        let bare = !self.rest.absolute && self.rest.pool.is_none();
        self.chooses_simply() && bare && self.way == Way::AT_ONCE
    }

    /// Sends an attempt from a place that is `quick`.
    #[inline(always)]
    pub(super) fn send_straight<K: Kit>(
        &self,
        attempt: &Attempt,
        ordinal: u32,
        turns: &mut Turns,
        io: &mut Io<'_, K>,
    ) {
        self.note_sent(attempt, ordinal, io);
        let replica = self.choose(turns, attempt.replica, attempt.lineage);
        let id = self.write(attempt, replica, io);
        io.post(id, Way::AT_ONCE, Delivery::Request);
    }

    /// Begins a plain call that takes no time: the envelope of its request, which is to be handed
    /// over when its sender is done.
    #[inline(always)]
    pub(crate) fn begin_straight<K: Kit>(
        &self,
        begin: Begin,
        turns: &mut Turns,
        io: &mut Io<'_, K>,
    ) -> Id {
        let Begin { site, owner, replica, class, intended, lineage, deadline } = begin;
        io.log.plain_begun(io.queue.now(), site, self.of, lineage);
        io.record(Row::EnvelopeSent);
        let (leaf, call, elsewhere) = (Id::NONE, owner.name(), false);
        let chosen = self.choose(turns, replica, lineage);
        let attempt =
            Attempt { leaf, call, site, replica, class, intended, lineage, deadline, elsewhere };
        self.write(&attempt, chosen, io)
    }
}

/// Has an attempt time out after a time that is the same for all.
#[inline(always)]
fn time_out<H: Heap>(queue: &mut Queue<H>, attempt: Id, after: Span) -> Timer {
    let event = Event::Caller(attempt.place() as u32).payload();
    timer(queue.after_constant_often(after, ORDINARY, event))
}

impl Callers {
    /// From now on lets calls go straight that take no time and are plain or only try again, where
    /// there is little to choose and nothing to work out, and sends the attempts of others at once.
    pub(crate) fn go_straight(&mut self) {
        let Desk { posted, pools, .. } = &self.desk;
        let (forgets, has_pools) = (posted.is_none(), pools.is_some());
        for place in &mut self.desk.places {
            place.quick = place.is_quick() && (place.plain || forgets);
            place.unminded = !has_pools && place.rest.groups.is_none();
            place.straight = if place.quick && place.plain {
                Straight::Plain
            } else if place.quick && place.unminded && self.calls.only_tries(place.bound(0)) {
                Straight::Tries
            } else {
                Straight::No
            };
        }
    }

    /// Makes the next attempt of a call that does nothing but try again: the envelope of its
    /// request, to be handed over at once. `None`: nothing has happened, since the call is another.
    #[inline(never)]
    pub(super) fn try_straight<K: Kit>(&mut self, leaf: Id, io: &mut Io<'_, K>) -> Option<Id> {
        let Callers { calls, desk: Desk { open, places, bound, turns, .. }, .. } = self;
        let (elsewhere, now) = (false, io.queue.now());
        let goes = |InstanceId(instance)| {
            places[bound[instance as usize].index()].straight == Straight::Tries
        };
        let time_out = |attempt, after| time_out(&mut io.queue, attempt, after);
        let next = calls.next_try(now, leaf, goes, time_out)?;
        let NextTry { owner: call, instance, lineage, deadline } = next;
        let (site, open) = (bound[instance.0 as usize], &mut open[call]);
        let &mut Open { replica, class, intended, attempts: ordinal, .. } = open;
        open.attempts += 1;
        open.set_last(Last::Out(leaf));
        let attempt =
            Attempt { leaf, call, site, replica, class, intended, lineage, deadline, elsewhere };
        let place = &places[site.index()];
        place.note_sent(&attempt, ordinal, io);
        io.record(Row::EnvelopeSent);
        let chosen = place.choose(turns, replica, lineage);
        Some(place.write(&attempt, chosen, io))
    }

    /// A good answer has come to an attempt of a call with policies.
    #[inline(never)]
    pub(crate) fn reply_well<K: Kit>(
        &mut self,
        attempt: (Id, Id, SiteId),
        lineage: u64,
        io: &mut Io<'_, K>,
    ) {
        let ((leaf, _, site), Callers { calls, desk, .. }) = (attempt, &mut *self);
        let Place { unminded, of: Of { target, .. }, .. } = desk.places[site.index()];
        if unminded && let Some(call) = calls.end_well(leaf, &mut Hands { desk, io }) {
            io.record(Row::AttemptSettled { site, target, lineage, outcome: Outcome::OK });
            return desk.close(call, Outcome::OK, io);
        }
        self.reply(attempt, lineage, Outcome::OK, io);
    }

    /// Whether nobody who calls a service ever looks for what it has sent there: all of it belongs
    /// to calls with policies, comes at once, and is forgotten when it is given up.
    pub(crate) fn never_look_for(&self, service: ServiceId) -> bool {
        let here = |place: &&Place| place.of.target == service;
        let mut places = self.desk.places.iter().filter(here);
        self.desk.posted.is_none()
            && places.all(|place| place.only && place.is_quick() && !place.plain)
    }

    /// A site with whose turn it is, and whether calls from there begin straight.
    #[inline(always)]
    pub(crate) fn straight(&mut self, site: SiteId) -> (&Place, &mut Turns, Straight) {
        let Desk { places, turns, .. } = &mut self.desk;
        let place = &places[site.index()];
        (place, turns, place.straight)
    }

    /// Begins a call without a deadline that does nothing but try again.
    #[inline(never)]
    pub(crate) fn begin_trying<K: Kit>(&mut self, begin: Begin, io: &mut Io<'_, K>) -> Id {
        let Begin { site, replica, class, intended, lineage, deadline, .. } = begin;
        debug_assert!(deadline == Time::MAX, "users' calls have no deadline but their timeouts");
        let (place, now) = (&self.desk.places[site.index()], io.queue.now());
        io.log.plain_begun(now, site, place.of, lineage);
        io.record(Row::EnvelopeSent);
        let (bound, (call, open)) = (place.bound(replica), self.desk.open.claim());
        let time_out = |attempt, after| time_out(&mut io.queue, attempt, after);
        let (leaf, deadline) = self.calls.start_try(now, bound, call, lineage, time_out);
        *open = Open::new(&begin);
        (open.attempts, open.root) = (1, leaf);
        open.set_last(Last::Out(leaf));
        let elsewhere = false;
        let attempt =
            Attempt { leaf, call, site, replica, class, intended, lineage, deadline, elsewhere };
        let chosen = place.choose(&mut self.desk.turns, replica, lineage);
        place.write(&attempt, chosen, io)
    }

    /// Begins a call of an activation: a plain one that takes no time is to be handed over when
    /// its sender is done.
    #[inline(always)]
    pub(crate) fn begin_here<K: Kit>(&mut self, begin: Begin, io: &mut Io<'_, K>) -> (Asked, Next) {
        if let (place, turns, Straight::Plain) = self.straight(begin.site) {
            let request = place.begin_straight(begin, turns, io);
            (Asked::Plain(request), Next::Request(request))
        } else {
            (self.begin(begin, io), Next::Nothing)
        }
    }
}
