//! Effects, and keys that keep them from being done twice.

use super::Service;
use super::program::Op;
use crate::activation::{Doing, Hold};
use crate::caller::Callers;
use crate::effect::keys::Asked;
use crate::envelope::Envelopes;
use crate::event::Event;
use crate::graph::InFlight;
use crate::ledger::{AtEffect, Detail, Leaving, Row};
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::Span;
use brownout_core::queue::Rank;
use brownout_core::slab::Id;
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

/// What one is told whose key another one is working on.
const CONFLICT: Outcome = Outcome::error(ErrorKind::Failed, Done::Nothing);

impl Service {
    /// Asks for the key of a request that begins: it goes on with its work at `then`, or with the
    /// stored answer at `replay`, or waits, or fails. Whether it goes on at once.
    pub(super) fn ask_for_key<K: Kit>(
        &mut self,
        id: Id,
        (then, replay): (u16, u16),
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) -> bool {
        let now = io.now();
        let (Some(key), Some((rule, keys))) = (io.links.effects.key(id), &mut self.rest.keys)
        else {
            io.links.envelopes[id].work.step = then;
            return true;
        };
        match keys.ask(key, id, now) {
            Asked::Taken => {
                let work = &mut io.links.envelopes[id].work;
                work.step = then;
                work.holds.take(Hold::Key);
                self.note_effect(id, AtEffect::KeyTaken, io);
                true
            }
            Asked::Known => {
                io.links.envelopes[id].work.step = replay;
                self.note_effect(id, AtEffect::Replayed, io);
                true
            }
            Asked::InFlight if *rule == InFlight::Conflict => {
                self.note_effect(id, AtEffect::Conflict, io);
                self.leave_early(id, Leaving::Failed, Some(CONFLICT), callers, io);
                false
            }
            Asked::InFlight if *rule == InFlight::Race => {
                io.links.envelopes[id].work.step = then;
                true
            }
            Asked::InFlight => {
                keys.wait(key, id, |id| waits(&io.links.envelopes, id));
                self.note_effect(id, AtEffect::Waits, io);
                let work = &mut io.links.envelopes[id].work;
                (work.doing, work.timer) = (Doing::Locking { has_it: false }, Rank::NONE);
                self.mind_deadline(id, io);
                self.release_worker(id, io);
                false
            }
        }
    }

    /// The effect at the present place of a script is done.
    #[inline(never)]
    pub(super) fn do_effect<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        if self.is_overtaken(id, io) {
            return;
        }
        let step = io.links.envelopes[id].work.step;
        if let Some(done) = io.links.effects.done(id, step) {
            let lineage = io.links.envelopes[id].lineage;
            self.note_effect(id, AtEffect::Done { lineage, again: done.again }, io);
            io.report_too_late(done.too_late);
        }
        self.settle_key(id, true, io);
    }

    /// Whether another request with the same key had its effect first, where they race.
    fn is_overtaken<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) -> bool {
        let (Some(key), Some((InFlight::Race, keys))) =
            (io.links.effects.key(id), &mut self.rest.keys)
        else {
            return false;
        };
        if keys.is_known(key) {
            self.note_effect(id, AtEffect::Replayed, io);
            return true;
        }
        if !io.links.envelopes[id].work.holds.has(Hold::Key) {
            keys.overtake(key, io.queue.now());
        }
        false
    }

    /// An activation has no more to do with its key, if it holds one: what that stands for is done,
    /// or nothing is. Those who waited ask again at this moment, after what happens now.
    #[inline(never)]
    pub(super) fn settle_key<K: Kit>(&mut self, id: Id, is_done: bool, io: &mut Io<'_, K>) {
        if !io.links.envelopes[id].work.holds.give_back(Hold::Key) {
            return;
        }
        self.note_effect(id, AtEffect::KeyGivenBack, io);
        let now = io.now();
        let (Some(key), Some((_, keys))) = (io.links.effects.key(id), &mut self.rest.keys) else {
            return;
        };
        for waiter in keys.settle(key, id, is_done, now) {
            if waits(&io.links.envelopes, waiter) {
                let event = Event::Service(waiter.place() as u32).payload();
                let work = &mut io.links.envelopes[waiter].work;
                work.doing = Doing::Locking { has_it: true };
                work.timer = io.queue.at(now, ORDINARY, event);
            }
        }
    }

    /// An activation ends without an answer: something of its work was done, if any was begun.
    #[inline(never)]
    pub(super) fn note_broken_off<K: Kit>(&self, id: Id, io: &mut Io<'_, K>) {
        let work = &io.links.envelopes[id].work;
        if work.holds.has(Hold::Worker) || work.served > Span::ZERO {
            io.links.effects.broke_off(id);
        }
    }

    /// Whether an activation waits for a key, rather than for a lock.
    pub(super) fn is_at_key(&self, id: Id, envelopes: &Envelopes) -> bool {
        let step = envelopes[id].work.step;
        matches!(self.program.ops[usize::from(step)], Op::Key { .. })
    }

    fn note_effect<K: Kit>(&self, id: Id, what: AtEffect, io: &mut Io<'_, K>) {
        let endpoint = self.program.endpoint(io.links.envelopes[id].work.step);
        io.record(Row::AtEffect { service: self.id, endpoint, what });
        io.tell(|io| {
            let envelope = &io.links.envelopes[id];
            Detail::Effect { lineage: envelope.lineage, at: envelope.to, what }
        });
    }
}

/// Whether an activation still waits for a key or a lock.
fn waits(envelopes: &Envelopes, id: Id) -> bool {
    let doing = envelopes.get(id).map(|envelope| envelope.work.doing);
    doing == Some(Doing::Locking { has_it: false })
}
