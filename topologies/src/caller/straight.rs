//! Calls that take no time, where there is nothing to choose; plain ones are begun by who hands
//! over their requests itself.

use super::desk::Attempt;
use super::place::Place;
use super::{Begin, Callers};
use crate::activation::Asked;
use crate::event::Delivery;
use crate::graph::{ServiceId, SiteId};
use crate::ledger::Row;
use crate::link::Way;
use crate::service::Next;
use crate::world::{Io, Kit};
use brownout_core::slab::Id;

impl Place {
    /// Whether there is nothing to choose, to work out or to remember, and no time is taken.
    fn is_quick(&self) -> bool {
        self.only && !self.absolute && self.pool.is_none() && self.way == Way::AT_ONCE
    }

    /// Sends an attempt from a place that is `quick`.
    #[inline(always)]
    pub(super) fn send_straight<K: Kit>(
        &self,
        attempt: &Attempt,
        ordinal: u32,
        io: &mut Io<'_, K>,
    ) {
        self.note_sent(attempt, ordinal, io);
        let id = self.write(attempt, 0, io);
        io.post(id, Way::AT_ONCE, Delivery::Request);
    }
}

impl Callers {
    /// From now on lets plain calls go straight that take no time, where there is nothing to choose
    /// or to work out, and sends the attempts of others at once.
    pub(crate) fn go_straight(&mut self) {
        for place in &mut self.desk.places {
            place.quick = place.is_quick();
            place.straight = place.quick && place.plain;
        }
    }

    /// Whether nobody who calls a service ever looks for what it has sent there: all of it belongs
    /// to calls with policies, comes at once, and is forgotten when it is given up.
    pub(crate) fn never_look_for(&self, service: ServiceId) -> bool {
        let here = |place: &&Place| place.of.target == service;
        let mut places = self.desk.places.iter().filter(here);
        self.desk.posted.is_none() && places.all(|place| place.is_quick() && !place.plain)
    }

    /// Whether calls from a site are plain and take no time.
    #[inline(always)]
    pub fn goes_straight(&self, site: SiteId) -> bool {
        self.desk.places[site.index()].straight
    }

    /// Begins a plain call that takes no time: the envelope of its request, which is to be handed
    /// over when its sender is done.
    #[inline(always)]
    pub fn begin_straight<K: Kit>(&mut self, begin: Begin, io: &mut Io<'_, K>) -> Id {
        let Begin { site, owner, replica, class, intended, lineage, deadline } = begin;
        let place = &self.desk.places[site.index()];
        io.log.plain_begun(io.queue.now(), site, place.of, lineage);
        io.record(Row::EnvelopeSent);
        let (leaf, call, elsewhere) = (Id::NONE, owner.name(), false);
        let attempt =
            Attempt { leaf, call, site, replica, class, intended, lineage, deadline, elsewhere };
        place.write(&attempt, 0, io)
    }

    /// Begins a call of an activation: a plain one that takes no time is to be handed over when
    /// its sender is done.
    #[inline(always)]
    pub(crate) fn begin_here<K: Kit>(&mut self, begin: Begin, io: &mut Io<'_, K>) -> (Asked, Next) {
        if self.goes_straight(begin.site) {
            let request = self.begin_straight(begin, io);
            (Asked::Plain(request), Next::Request(request))
        } else {
            (self.begin(begin, io), Next::Nothing)
        }
    }
}
