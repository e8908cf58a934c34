//! The callers' desk: what is known of each open call, and what is done for it.

use super::choice::{Sent, Tried, Turns};
use super::open::{Last, Open};
use super::place::{Place, Rest};
use super::pool::Pools;
use super::primary::Led;
use crate::clock::{WallClocks, read_by};
use crate::envelope::{Address, Body, Envelope};
use crate::event::{Delivery, Event};
use crate::graph::{Caller, ClassId, Graph, SiteId};
use crate::group::Group;
use crate::ledger::{Detail, Of, Row, Sink};
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::queue::Rank;
use brownout_core::slab::{Id, Line, Slab};
use brownout_core::{Span, Time};
use brownout_policies::call::{Action, Driver, InstanceId, Notice, Timer};
use brownout_policies::outcome::Outcome;

/// An attempt to send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    pub(super) leaf: Id,
    pub(super) call: Id,
    pub(super) site: SiteId,
    /// The caller's replica.
    pub(super) replica: u32,
    pub(super) class: ClassId,
    /// When its call was meant to begin.
    pub(super) intended: Time,
    pub(super) lineage: u64,
    pub(super) deadline: Time,
    /// Whether it goes where its call has not been, if there is such a place.
    pub(super) elsewhere: bool,
}

/// Open calls, and what their callers know about where they call.
#[derive(Debug, Default)]
pub(super) struct Desk {
    pub(super) open: Slab<Open, Line>,
    pub(super) places: Vec<Place>,
    /// The site of each bound stack: attempts are given up without a look at their calls.
    pub(super) bound: Vec<SiteId>,
    pub(super) turns: Turns,
    /// The envelope of each attempt, by place; kept if some are cancelled or looked for.
    pub(super) posted: Option<Vec<Id>>,
    /// Whether anybody asks where requests die.
    pub(super) looks_for_dead: bool,
    /// Those who keep account of replicas.
    pub(super) groups: Vec<Group>,
    /// Who has led which service, where that has changed.
    pub(super) led: Vec<Led>,
    /// Where attempts went, by their leaf's place, where anybody keeps account of that.
    pub(super) sent: Vec<Sent>,
    /// Where calls have been, by the call's place, where some attempts go elsewhere.
    pub(super) tried: Vec<Tried>,
    /// Pools of connections, if there are any.
    pub(super) pools: Option<Box<Pools>>,
}

/// The desk with the means to do what the machine asks for.
pub(super) struct Hands<'a, 'w, K: Kit> {
    pub(super) desk: &'a mut Desk,
    pub(super) io: &'a mut Io<'w, K>,
}

impl<K: Kit> Driver for Hands<'_, '_, K> {
    #[inline(always)]
    fn act(&mut self, action: Action) {
        match action {
            Action::Send { leaf, owner: call, lineage, deadline, elsewhere } => {
                let open = &mut self.desk.open[call];
                let &mut Open { site, replica, class, intended, attempts: ordinal, .. } = open;
                open.attempts += 1;
                open.set_last(Last::Out(leaf));
                let attempt = Attempt {
                    leaf,
                    call,
                    site,
                    replica,
                    class,
                    intended,
                    lineage,
                    deadline,
                    elsewhere,
                };
                let place = &self.desk.places[site.index()];
                if place.quick {
                    place.send_straight(&attempt, ordinal, &mut self.desk.turns, self.io);
                } else {
                    self.desk.send_somewhere(&attempt, ordinal, self.io);
                }
            }
            Action::Wake { frame, after, constant } => {
                self.wake(frame, after, constant);
            }
            Action::Hush { .. } => {}
            Action::GiveUp { leaf, owner, instance, lineage, outcome } => {
                self.give_up(leaf, owner, instance, outcome, || lineage);
            }
            Action::Finish { owner, outcome } => self.desk.finish(owner, outcome, self.io),
        }
    }

    /// The frame keeps the event's rank as the name of its timer.
    #[inline(always)]
    fn wake(&mut self, frame: Id, after: Span, constant: bool) -> Timer {
        let (queue, event) = (&mut self.io.queue, Event::Caller(frame.place() as u32).payload());
        timer(if constant {
            queue.after_constant(after, ORDINARY, event)
        } else {
            queue.at(queue.now().saturating_add(after), ORDINARY, event)
        })
    }

    /// An event that nobody waits for is recognised when it comes.
    #[inline(always)]
    fn hush(&mut self, _: Id, _: Timer) {}

    #[inline(always)]
    fn give_up(
        &mut self,
        leaf: Id,
        owner: Id,
        instance: InstanceId,
        outcome: Outcome,
        lineage: impl Fn() -> u64,
    ) {
        let site = self.desk.bound[instance.0 as usize];
        self.desk.give_up((leaf, owner, site), lineage, outcome, self.io);
    }

    #[inline(always)]
    fn listens(&self) -> bool {
        self.io.log.sink.listens()
    }

    fn notice(&mut self, owner: Id, layer: u16, notice: Notice) {
        let Some(&Open { site, lineage: call, .. }) = self.desk.open.get(owner) else { return };
        self.io.tell(|_| Detail::Policy { call, site, layer, notice });
    }
}

/// A timer's name is its event's rank.
pub(super) fn timer(rank: Rank) -> Timer {
    Timer(u64::from(rank.word()))
}

impl Desk {
    /// Sends an attempt of a call with policies, as soon as it has a connection if it needs one.
    #[inline(never)]
    fn send_somewhere<K: Kit>(&mut self, attempt: &Attempt, ordinal: u32, io: &mut Io<'_, K>) {
        if !(self.pools.is_some() && self.borrow(attempt, ordinal, io)) {
            self.send_off(attempt, ordinal, None, io);
        }
    }

    /// Sends an attempt of a call with policies, over a connection to a replica if it has one.
    #[inline(always)]
    pub(super) fn send_off<K: Kit>(
        &mut self,
        attempt: &Attempt,
        ordinal: u32,
        connected: Option<u32>,
        io: &mut Io<'_, K>,
    ) {
        self.note_sent(attempt, ordinal, io);
        let &Attempt { leaf, call, lineage, .. } = attempt;
        let envelope = match connected {
            None => self.send(attempt, io),
            Some(replica) => self.send_to(attempt, replica, io),
        };
        self.note_posted(leaf, envelope);
        if io.links.notes.are_kept() {
            self.write_note(call, envelope, io);
        }
        if io.links.effects.are_kept() {
            self.tag(call, lineage, envelope, io);
        }
    }

    /// Writes down that an attempt is sent.
    #[inline(always)]
    pub(super) fn note_sent<K: Kit>(&self, attempt: &Attempt, ordinal: u32, io: &mut Io<'_, K>) {
        self.places[attempt.site.index()].note_sent(attempt, ordinal, io);
    }

    /// Sends an attempt; returns its envelope's name.
    #[inline(always)]
    pub(super) fn send<K: Kit>(&mut self, attempt: &Attempt, io: &mut Io<'_, K>) -> Id {
        let place = &self.places[attempt.site.index()];
        let replica = if place.only {
            0
        } else {
            match self.choose(attempt, io.queue.now()) {
                Some(replica) => replica,
                None => return self.turn_back(attempt, io),
            }
        };
        self.send_to(attempt, replica, io)
    }

    /// Sends an attempt to a replica.
    #[inline(always)]
    fn send_to<K: Kit>(&mut self, attempt: &Attempt, replica: u32, io: &mut Io<'_, K>) -> Id {
        let &Attempt { leaf, call, site, class, lineage, deadline, .. } = attempt;
        let place = &self.places[site.index()];
        let (target, way) = (place.of.target, place.way);
        let (absolute, from) = (place.rest.absolute, attempt.replica);
        io.tell(|_| {
            // A plain call has no record, and its only attempt has its lineage.
            let call = if leaf.is_none() { lineage } else { self.open[call].lineage };
            let to = Address { service: target, replica };
            Detail::Sent { call, lineage, site, to }
        });
        let id = place.write(attempt, replica, io);
        if absolute && deadline != Time::MAX {
            let to = Address { service: target, replica };
            let moment = by_the_clock((io.graph, &io.clocks), site, from, to, deadline);
            io.links.envelopes[id].body = Body::RequestBy { moment, class };
        }
        if io.links.minds_zones() {
            self.mark_zone(attempt, (id, replica), io);
        }
        io.post(id, way, Delivery::Request);
        id
    }

    #[inline(always)]
    fn give_up<K: Kit>(
        &mut self,
        (leaf, call, site): (Id, Id, SiteId),
        lineage: impl Fn() -> u64,
        outcome: Outcome,
        io: &mut Io<'_, K>,
    ) {
        if self.pools.is_some() && self.leave_pool(leaf, call, io) {
            return;
        }
        let Place { ref rest, of: Of { target, .. }, .. } = self.places[site.index()];
        let Rest { groups, cancels, .. } = **rest;
        // The books do without.
        let name = if io.log.sink.listens() { lineage() } else { 0 };
        io.record(Row::AttemptGivenUp { site, target, lineage: name, outcome });
        if groups.is_some() {
            self.hear(leaf, call, lineage(), outcome, io);
        }
        if cancels {
            self.cancel((leaf, call, site), lineage(), io);
        }
    }

    /// Tells the callee that nobody waits for an attempt any more.
    #[inline(never)]
    fn cancel<K: Kit>(
        &self,
        (leaf, call, site): (Id, Id, SiteId),
        lineage: u64,
        io: &mut Io<'_, K>,
    ) {
        let &Place { way, of: Of { target, .. }, .. } = &self.places[site.index()];
        // The connection knows the replica; the cancel finds the work by its envelope.
        let replica = if io.links.minds_zones() { self.sent_to(leaf) } else { 0 };
        let to = Address { service: target, replica };
        let mut cancel = Envelope { to, site, way, leaf, lineage, ..Envelope::default() };
        cancel.call = self.posted_as(leaf);
        let id = io.links.envelopes.insert(cancel);
        if io.links.minds_zones() {
            let from = self.open[call].replica;
            let zone = io.graph.zone_of_caller(&io.graph.sites[site.index()], from);
            io.links.comes_from(id, zone);
        }
        io.post(id, way, Delivery::Note);
    }

    /// A call is over.
    #[inline(never)]
    fn finish<K: Kit>(&mut self, call: Id, outcome: Outcome, io: &mut Io<'_, K>) {
        self.close(call, outcome, io);
    }

    /// The same, compiled for who knows how it ended.
    #[inline(always)]
    pub(super) fn close<K: Kit>(&mut self, call: Id, outcome: Outcome, io: &mut Io<'_, K>) {
        let &Open { site, caller, intended, lineage, .. } = &self.open[call];
        if !outcome.is_success() {
            io.died = self.death(&self.open[call], outcome, &io.links.envelopes);
        }
        if io.links.effects.are_kept() {
            self.report(call, outcome, io);
        }
        self.open.discard(call);
        let place = &self.places[site.index()];
        let Of { target, load } = place.of;
        io.record(Row::CallEnded { site, target, load, lineage, intended, outcome });
        if let Some(load) = load.filter(|_| !outcome.is_success()) {
            io.record(Row::RequestDied { load, death: io.died });
        }
        if place.tells {
            io.ended.push((place.owner(caller), outcome, io.died));
        }
    }

    /// The envelope of an attempt, where that is remembered.
    pub(super) fn posted_as(&self, leaf: Id) -> Id {
        let posted = self.posted.as_deref().unwrap_or_default();
        posted.get(leaf.place()).copied().unwrap_or_default()
    }

    /// Remembers the envelope of an attempt, if anybody wants to know where it is.
    #[inline(always)]
    fn note_posted(&mut self, leaf: Id, envelope: Id) {
        if let Some(posted) = &mut self.posted {
            if posted.len() <= leaf.place() {
                posted.resize(leaf.place() + 1, Id::NONE);
            }
            posted[leaf.place()] = envelope;
        }
    }
}

/// A deadline as a moment, which a service's replica writes down and another's reads.
#[inline(never)]
fn by_the_clock(
    (graph, clocks): (&Graph, &WallClocks),
    site: SiteId,
    from: u32,
    to: Address,
    deadline: Time,
) -> Time {
    let writer = match graph.sites[site.index()].caller {
        Caller::Load(_) => 0,
        Caller::Service(service) => clocks.ahead(graph, Address { service, replica: from }),
    };
    read_by(deadline, writer, clocks.ahead(graph, to))
}
