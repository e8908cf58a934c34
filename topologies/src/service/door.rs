//! The door of a service, and the queue behind it.

use super::program::{Piece, begin};
use super::{ERROR_AT_ONCE, Service};
use crate::activation::Hold;
use crate::caller::Callers;
use crate::envelope::{Address, Body, Envelope, Probe};
use crate::event::Delivery;
use crate::graph::FullQueue;
use crate::ledger::{Detail, Leaving, Log, Row};
use crate::line::{Letter, Turn};
use crate::replica::Replica;
use crate::world::{Io, Kit};
use brownout_core::Span;
use brownout_core::queue::Queue;
use brownout_core::slab::Id;
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

impl Service {
    /// A request has arrived.
    #[inline(always)]
    pub fn deliver<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        io.tell(|io| {
            let &Envelope { lineage, to, .. } = &io.links.envelopes[id];
            let volatile = &self.replicas[to.replica as usize].volatile;
            Detail::Arrived { lineage, to, waiting: volatile.waiting, busy: volatile.busy }
        });
        let replica = &self.replicas[io.links.envelopes[id].to.replica as usize];
        if replica.is_open() {
            if self.minds_moments && self.comes_too_late(id, io) {
                return;
            }
            self.enter(id, callers, io);
        } else if self.pass_door(id, io) {
            self.enter_sick(id, callers, io);
        }
    }

    #[cold]
    #[inline(never)]
    fn enter_sick<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        if self.minds_moments && self.comes_too_late(id, io) {
            return;
        }
        match self.rest.inlet {
            None => self.enter(id, callers, io),
            Some(_) => self.come_in(id, callers, io),
        }
    }

    /// A request has arrived at a service that is `ordinary`: it begins or waits. If it is served
    /// or gets nothing, nothing has happened yet, and it has to be looked at closely.
    #[inline(always)]
    pub(crate) fn deliver_straight<K: Kit>(
        &mut self,
        id: Id,
        envelope: &mut Envelope,
        queue: &mut Queue<K::Heap>,
        log: &mut Log<K::Sink>,
    ) -> Seat {
        let replica = &self.replicas[envelope.to.replica as usize];
        if replica.is_open() { self.seat::<K, true>(id, envelope, queue, log) } else { Seat::None }
    }

    /// A request that the door lets in takes a worker or waits for one.
    #[inline(always)]
    fn enter<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        let Io { queue, log, links, .. } = io;
        match self.seat::<K, false>(id, &mut links.envelopes[id], queue, log) {
            Seat::AtWork if self.attends => self.attend(id, callers, io),
            Seat::AtWork | Seat::InLine => {}
            Seat::Nameless => links.envelopes.discard(id),
            Seat::Served => self.set_out(id, callers, io),
            Seat::None => self.turn_away(id, io),
        }
    }

    /// Gives a request a worker, and work if that comes first, or a place to wait.
    #[inline(always)]
    fn seat<K: Kit, const ORDINARY: bool>(
        &mut self,
        id: Id,
        envelope: &mut Envelope,
        queue: &mut Queue<K::Heap>,
        log: &mut Log<K::Sink>,
    ) -> Seat {
        let replica = &mut self.replicas[envelope.to.replica as usize];
        let (now, service, number) = (queue.now(), self.id, envelope.to.replica);
        let (lineage, at) = (envelope.lineage, envelope.to);
        // Where work comes once and first, it is the first place.
        debug_assert!(!ORDINARY || envelope.work.step == 0, "work comes once and first");
        let step = if ORDINARY { 0 } else { envelope.work.step };
        let endpoint = if ORDINARY { None } else { self.program.endpoint(step) };
        if replica.takes_at_once() {
            replica.take_worker::<_, ORDINARY>(queue);
            envelope.work.begin(now, Hold::Worker);
            log.record(now, Row::Entered { service, endpoint, replica: number, at_work: true });
            log.tell(now, || Detail::Seated { lineage, at });
            let Some(piece) = self.program.work_at::<ORDINARY>(step) else { return Seat::Served };
            log.tell(now, || Detail::WorkBegan { lineage, at });
            begin((piece.draw(lineage), step), id, envelope, replica, queue);
            Seat::AtWork
        } else if replica.has_place() {
            envelope.work.begin(now, Hold::Place);
            let is_next = !self.nameless || replica.volatile.waiting == 0;
            let first = if is_next {
                self.program.ahead::<ORDINARY>(step, lineage)
            } else {
                Turn::NOT_DRAWN
            };
            log.record(now, Row::Entered { service, endpoint, replica: number, at_work: false });
            log.tell(now, || Detail::Waits { lineage, at, at_gate: false });
            if self.nameless {
                replica.post(Letter::of(envelope, first));
                return Seat::Nameless;
            }
            replica.line_up((id, &mut envelope.work), first, self.rest.clock, queue);
            Seat::InLine
        } else {
            Seat::None
        }
    }

    /// Begins with a step that is no work. That may free the worker, and others may wait for it:
    /// branches of this very request.
    #[inline(never)]
    fn set_out<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        let number = io.links.envelopes[id].to.replica;
        self.advance(id, callers, io);
        self.fill(number, callers, io);
    }

    /// What a sick replica does with an arrival; whether it may come in.
    #[cold]
    #[inline(never)]
    fn pass_door<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) -> bool {
        let service = self.id;
        let envelope = &io.links.envelopes[id];
        let (lineage, number) = (envelope.lineage, envelope.to.replica);
        let endpoint = self.program.endpoint(envelope.work.step);
        let replica = &self.replicas[number as usize];
        let knobs = *replica.knobs();
        if !replica.is_up() || knobs.swallows {
            if replica.is_up() || (!knobs.up && knobs.silent) {
                io.record(Row::DoorLost { service, endpoint, lineage });
                io.links.envelopes.discard(id);
            } else {
                io.record(Row::DoorRefused { service, endpoint, lineage });
                io.reply(id, Outcome::REFUSED);
            }
            return false;
        }
        let mut draws = self.rest.stream.member(ERROR_AT_ONCE).draws(lineage);
        if knobs.errors_at_once > 0.0 && draws.unit() < knobs.errors_at_once {
            io.record(Row::DoorFailed { service, endpoint, lineage });
            io.reply(id, Outcome::error(ErrorKind::Failed, Done::Nothing));
            return false;
        }
        true
    }

    /// Somebody asks how a replica feels: it is well if its process lives and moves, and no error
    /// strikes on arrival. Who is asked takes no worker.
    pub fn probe<K: Kit>(&mut self, id: Id, probe: Probe, io: &mut Io<'_, K>) {
        let &Envelope { to, lineage, way, .. } = &io.links.envelopes[id];
        let replica = &self.replicas[to.replica as usize];
        let (knobs, is_up) = (*replica.knobs(), replica.is_up());
        let is_mute =
            if is_up { knobs.stalled || knobs.swallows } else { !knobs.up && knobs.silent };
        if is_mute {
            io.links.envelopes.discard(id);
            return;
        }
        let mut draws = self.rest.stream.member(ERROR_AT_ONCE).draws(lineage);
        let fails = knobs.errors_at_once > 0.0 && draws.unit() < knobs.errors_at_once;
        io.links.envelopes[id].body = Body::Probed(probe, is_up && !fails);
        io.post(id, way, Delivery::Note);
    }

    /// What a full queue does.
    #[inline(never)]
    pub(super) fn turn_away<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        let envelope = &io.links.envelopes[id];
        let (service, lineage) = (self.id, envelope.lineage);
        let endpoint = self.program.endpoint(envelope.work.step);
        match self.rest.full_queue {
            // Where room can be made there is an inlet, and it has been tried.
            FullQueue::Refuse | FullQueue::DropOldest | FullQueue::DropLowest => {
                io.record(Row::DoorRefused { service, endpoint, lineage });
                io.reply(id, Outcome::REFUSED);
            }
            FullQueue::Lose => {
                io.record(Row::DoorLost { service, endpoint, lineage });
                io.links.envelopes.discard(id);
            }
        }
    }

    /// Gives free workers to those who wait.
    #[inline(always)]
    pub(crate) fn fill<K: Kit>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, K>) {
        while let Some(head) = self.take_up::<K, false>(number, io) {
            self.go_on_at_head(head, callers, io);
        }
        if self.rest.inlet.is_some() {
            self.fill_from_inlet(number, callers, io);
        }
    }

    /// The same at a service that is `ordinary`.
    #[inline(always)]
    pub(super) fn fill_straight<K: Kit>(
        &mut self,
        number: u32,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        while let Some(head) = self.take_up::<K, true>(number, io) {
            self.go_on_at_head(head, callers, io);
        }
    }

    #[inline(never)]
    fn go_on_at_head<K: Kit>(&mut self, head: Head, callers: &mut Callers, io: &mut Io<'_, K>) {
        match head {
            Head::Late(id) => {
                let outcome = Outcome::error(ErrorKind::Shed, Done::Nothing);
                self.leave_early(id, Leaving::Shed, Some(outcome), callers, io);
            }
            Head::Served(id) => self.advance(id, callers, io),
            Head::AtWork(id) => self.attend(id, callers, io),
            Head::Interrupted(id, left) => self.take_up_again(id, left, callers, io),
        }
    }

    /// Free workers take up the work of those who wait, until one of them needs more than that.
    #[inline(always)]
    fn take_up<K: Kit, const ORDINARY: bool>(
        &mut self,
        number: u32,
        io: &mut Io<'_, K>,
    ) -> Option<Head> {
        let Io { queue, log, links, .. } = io;
        let (service, replica) = (self.id, &mut self.replicas[number as usize]);
        while replica.can_take_up() {
            let (id, envelope, work) = if self.nameless {
                let line = &mut replica.volatile.queue;
                let letter = line.letters().pop().expect("who waits is in the queue");
                let (id, envelope) = links.envelopes.claim();
                letter.unfold(Address { service, replica: number }, envelope);
                (id, envelope, letter.work)
            } else {
                let turn = replica.volatile.queue.pop_fifo(replica.volatile.waiting);
                let (Turn { id, work }, may_have_left) = turn.expect("who waits is in the queue");
                let envelope = if !may_have_left {
                    &mut links.envelopes[id]
                } else {
                    match links.envelopes.get_mut(id) {
                        Some(envelope) if envelope.work.holds.has(Hold::Place) => envelope,
                        Some(_) | None => continue,
                    }
                };
                (id, envelope, work)
            };
            let interrupted = if ORDINARY { None } else { envelope.work.interrupted() };
            let may_be_late = self.drop_expired && interrupted.is_none();
            if may_be_late && queue.now() >= envelope.deadline() {
                return Some(Head::Late(id));
            }
            replica.volatile.waiting -= 1;
            replica.take_worker::<_, ORDINARY>(queue);
            envelope.work.take_up();
            // Where work comes once and first, it is the first place where anyone waits.
            debug_assert!(!ORDINARY || envelope.work.step == 0, "work comes once and first");
            let step = if ORDINARY { 0 } else { envelope.work.step };
            let is_asked = !ORDINARY || self.follows_waits;
            let is_first = is_asked && self.program.is_entry(step);
            let first = if is_first { Some(envelope.work.arrived) } else { None };
            let endpoint = if ORDINARY { None } else { self.program.endpoint(step) };
            log.record(queue.now(), Row::TookWorker { service, endpoint, first });
            let (lineage, at) = (envelope.lineage, envelope.to);
            log.tell(queue.now(), || Detail::Seated { lineage, at });
            if let Some(left) = interrupted {
                return Some(Head::Interrupted(id, left));
            }
            let Some(piece) = self.program.work_at::<ORDINARY>(step) else {
                return Some(Head::Served(id));
            };
            log.tell(queue.now(), || Detail::WorkBegan { lineage, at });
            let left = match work {
                Turn::NOT_DRAWN => draw_now(piece, envelope),
                work => work,
            };
            begin((left, step), id, envelope, replica, queue);
            if self.nameless {
                draw_for_next(piece, replica);
            }
            if !ORDINARY && self.attends {
                return Some(Head::AtWork(id));
            }
        }
        None
    }
}

/// Who is next in line hears how long the work will take, where names are not kept: of those who
/// wait many are never served, and nobody else's is drawn before its time.
#[inline(always)]
fn draw_for_next(piece: &mut Piece, replica: &mut Replica) {
    if let Some(next) = replica.volatile.queue.letters().first_mut() {
        next.work = piece.ahead(next.lineage);
    }
}

/// What is worked on takes so long. The envelope of who has waited long is in no cache: nothing of
/// it is read where that can be helped.
#[inline(never)]
fn draw_now(piece: &mut Piece, envelope: &Envelope) -> Span {
    piece.draw(envelope.lineage)
}

/// What a request finds that is let in.
pub(crate) enum Seat {
    /// A worker for its work.
    AtWork,
    /// A worker, and what it does first is no work.
    Served,
    /// A place to wait.
    InLine,
    /// A place to wait without a name: its envelope is of no more use.
    Nameless,
    /// Nothing.
    None,
}

/// Who came to the head of a queue and needs more than a worker for its work.
enum Head {
    /// Its time is up.
    Late(Id),
    /// It has a worker, and what it does next is no work.
    Served(Id),
    /// It works, and there is more to be seen to.
    AtWork(Id),
    /// It has a worker again, and so much is left of its work.
    Interrupted(Id, Span),
}
