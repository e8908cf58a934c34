//! Arrivals where something is out of the ordinary: gates at the door, shedding, priorities that
//! interrupt, a queue that makes room.

use super::{Service, is_waiting};
use crate::activation::{Activation, Doing, Hold, Holds, Mark};
use crate::caller::Callers;
use crate::event::Event;
use crate::graph::{EndpointId, FullQueue};
use crate::inlet::{Inlet, Rules};
use crate::ledger::{AtInlet, Detail, Leaving, Row};
use crate::replica::Volatile;
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::draw::Draws;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};
use brownout_policies::door::{Door, Entry};
use brownout_policies::outcome::{Class, Done, ErrorKind, Outcome};

/// From where one comes who wants a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    /// From outside: there is no activation yet.
    Outside,
    /// From the queue of a gate.
    Gate,
}

/// What one is told who is thrown out.
pub(super) const SHED: Outcome = Outcome::error(ErrorKind::Shed, Done::Nothing);

impl Service {
    /// The rules of its inlets.
    pub(super) fn rules(&self) -> &Rules {
        self.rest.inlet.as_deref().expect("where there are inlets, they have rules")
    }

    /// What a replica has, and its inlet.
    pub(super) fn inlet_of(&mut self, number: u32) -> (&mut Volatile, &mut Inlet) {
        let (volatile, inlet) = self.replicas[number as usize].parts();
        (volatile, inlet.expect("where a service has inlets, each replica has one"))
    }

    /// A request has come to the door.
    #[inline(never)]
    pub(super) fn come_in<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        let number = io.links.envelopes[id].to.replica;
        match self.at_door(id, io, Door::enter_past) {
            Entry::Inside => self.find_place(id, From::Outside, callers, io),
            Entry::Waiting { until } => {
                let (service, now) = (self.id, io.now());
                let work = &mut io.links.envelopes[id].work;
                let endpoint = self.program.endpoint(work.step);
                work.begin(now, Hold::Door);
                io.record(Row::Entered { service, endpoint, replica: number, at_work: false });
                let (lineage, at) = (io.links.envelopes[id].lineage, io.links.envelopes[id].to);
                io.tell(|_| Detail::Waits { lineage, at, at_gate: true });
                wait_at_gate(id, until, io);
            }
            Entry::Rejected { outcome, .. } => self.reject(id, outcome, false, io),
        }
        self.fill_from_inlet(number, callers, io);
    }

    /// What the gates say, if there are any.
    fn at_door<K: Kit>(
        &mut self,
        id: Id,
        io: &Io<'_, K>,
        ask: fn(&mut Door, Time, Id, u16, &mut Draws) -> Entry,
    ) -> Entry {
        let envelope = &io.links.envelopes[id];
        let (stream, skips) = (self.rules().door_draws(), self.rules().skips(envelope.work.step));
        match &mut self.inlet_of(envelope.to.replica).1.door {
            None => Entry::Inside,
            Some(door) => {
                // Who comes on after a wait has other draws than when it came.
                let stream = stream.member(door.passed(id) as u64);
                ask(door, io.now(), id, skips, &mut stream.draws(envelope.lineage))
            }
        }
    }

    /// The wait of one at a gate has come to its end.
    pub(super) fn waited_at_gate<K: Kit>(
        &mut self,
        id: Id,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let entry = self.at_door(id, io, |door, now, id, _, draws| door.waited(now, id, draws));
        self.come_on(id, entry, callers, io);
    }

    /// Calls in one who waits at a gate that has a place again; `false` if there is none.
    pub(super) fn call_in<K: Kit>(
        &mut self,
        number: u32,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) -> bool {
        let door = self.inlet_of(number).1.door.as_mut();
        let Some(id) = door.and_then(|door| door.called(io.now())) else { return false };
        let entry = self.at_door(id, io, |door, now, id, _, draws| door.come_on(now, id, draws));
        self.come_on(id, entry, callers, io);
        true
    }

    /// One who waited at a gate has come further, or not.
    fn come_on<K: Kit>(&mut self, id: Id, entry: Entry, callers: &mut Callers, io: &mut Io<'_, K>) {
        match entry {
            Entry::Inside => self.find_place(id, From::Gate, callers, io),
            Entry::Waiting { until } => wait_at_gate(id, until, io),
            Entry::Rejected { outcome, .. } => {
                self.leave_early(id, Leaving::Rejected, Some(outcome), callers, io);
            }
        }
    }

    /// One who has come through the gates takes a worker, waits for one, or has to go.
    fn find_place<K: Kit>(
        &mut self,
        id: Id,
        from: From,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let (now, envelope) = (io.now(), &io.links.envelopes[id]);
        let number = envelope.to.replica;
        let priority = self.rules().priority(envelope.class().index());
        let is_full = self.replicas[number as usize].is_full();
        let (volatile, inlet) = self.inlet_of(number);
        let at_once = volatile.waiting == 0 && !is_full;
        let mut longest = None;
        if let Some(shed) = &mut inlet.shed {
            if volatile.waiting == 0 {
                shed.emptied(now);
            }
            match shed.enqueue(now, priority) {
                Ok(place) => longest = place.timeout,
                Err(refusal) => return self.shed_at_door(id, from, refusal.retry_at, callers, io),
            }
            if at_once {
                shed.dequeue(now, Span::ZERO);
            }
        }
        if at_once || self.interrupt_for(number, priority, callers, io) {
            self.let_in(id, from, Hold::Worker, io);
            self.advance(id, callers, io);
        } else if self.replicas[number as usize].has_place() || self.make_room(id, callers, io) {
            self.let_in(id, from, Hold::Place, io);
            self.line_up(id, longest, io);
        } else {
            self.find_no_place(id, from, callers, io);
        }
    }

    /// One takes a worker or a place in the queue: it is an activation now, if it was none before.
    fn let_in<K: Kit>(&mut self, id: Id, from: From, hold: Hold, io: &mut Io<'_, K>) {
        let (now, service) = (io.now(), self.id);
        let envelope = &mut io.links.envelopes[id];
        let endpoint = self.program.endpoint(envelope.work.step);
        let (number, lineage, at) = (envelope.to.replica, envelope.lineage, envelope.to);
        let work = &mut envelope.work;
        match from {
            From::Outside => work.begin(now, hold),
            From::Gate => {
                work.holds.give_back(Hold::Door);
                work.move_on(hold);
            }
        }
        if self.inlet_of(number).1.door.is_some() {
            work.holds.take(Hold::Pass);
        }
        let (at_work, waited, arrived) = (hold == Hold::Worker, from == From::Gate, work.arrived);
        if at_work {
            self.replicas[number as usize].take_worker::<_, false>(&mut io.queue);
            let what = AtInlet::Seated { waited, entered: !waited, first: Some(arrived) };
            io.record(Row::AtInlet { service, endpoint, what });
            io.tell(|_| Detail::Seated { lineage, at });
            self.start_statement(id, io);
            return;
        }
        if !waited {
            io.record(Row::Entered { service, endpoint, replica: number, at_work });
        }
        io.tell(|_| Detail::Waits { lineage, at, at_gate: false });
    }

    /// Throws out one who waits, if that is what a full queue does; whether there is a place now.
    fn make_room<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) -> bool {
        let envelope = &io.links.envelopes[id];
        let class = envelope.class().index();
        let queue = &mut self.replicas[envelope.to.replica as usize].volatile.queue;
        let waits = |id| is_waiting(&io.links.envelopes, id);
        let goes = match self.rest.full_queue {
            FullQueue::Refuse | FullQueue::Lose => None,
            FullQueue::DropOldest => queue.pop_oldest(waits),
            FullQueue::DropLowest => queue.pop_below(class, waits),
        };
        if let Some(goes) = goes {
            self.leave_early(goes, Leaving::Shed, Some(SHED), callers, io);
        }
        goes.is_some()
    }

    /// The queue is full.
    fn find_no_place<K: Kit>(
        &mut self,
        id: Id,
        from: From,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        match from {
            From::Outside => {
                self.leave_door(id, Class::Failure, io);
                self.turn_away(id, io);
            }
            From::Gate => {
                let outcome = (self.rest.full_queue != FullQueue::Lose).then_some(Outcome::REFUSED);
                self.leave_early(id, Leaving::Shed, outcome, callers, io);
            }
        }
    }

    /// The shedder does not let one in.
    fn shed_at_door<K: Kit>(
        &mut self,
        id: Id,
        from: From,
        again: Option<Time>,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let after = again.map(|again| again.since(io.now()));
        let outcome = after.map_or(SHED, |after| SHED.with_retry_after(after));
        match from {
            From::Outside => {
                self.leave_door(id, Class::Failure, io);
                self.reject(id, outcome, true, io);
            }
            From::Gate => self.leave_early(id, Leaving::Shed, Some(outcome), callers, io),
        }
    }

    /// Answers one who is not let in.
    fn reject<K: Kit>(&mut self, id: Id, outcome: Outcome, shed: bool, io: &mut Io<'_, K>) {
        let (service, envelope) = (self.id, &io.links.envelopes[id]);
        let endpoint = self.program.endpoint(envelope.work.step);
        let what = AtInlet::Rejected { lineage: envelope.lineage, shed };
        io.record(Row::AtInlet { service, endpoint, what });
        io.reply(id, outcome);
    }

    /// Gives back what the gates handed out, and tells them how it went.
    fn leave_door<K: Kit>(&mut self, id: Id, class: Class, io: &mut Io<'_, K>) {
        let envelope = &io.links.envelopes[id];
        let mut draws = self.rules().leaving_draws().draws(envelope.lineage);
        if let Some(door) = &mut self.inlet_of(envelope.to.replica).1.door {
            door.leave(io.now(), id, class, &mut draws);
        }
    }

    /// The script is over.
    #[inline(never)]
    pub(super) fn finish_in_inlet<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        self.leave_inlet(id, Leaving::Finished, io);
        self.go_on_or_answer(id, io);
    }

    /// Ends an activation: unwinds what it holds and says so.
    #[inline(never)]
    pub(super) fn leave_inlet<K: Kit>(&mut self, id: Id, how: Leaving, io: &mut Io<'_, K>) {
        let held = io.links.envelopes[id].work.holds;
        if held.has(Hold::Pass) || held.has(Hold::Door) {
            let class = match how {
                Leaving::Finished => Class::Success,
                Leaving::Failed | Leaving::DependencyFailed => Class::Failure,
                Leaving::Shed | Leaving::Rejected | Leaving::Expired => Class::Failure,
                Leaving::Cancelled | Leaving::Crashed => Class::Ignored,
            };
            self.leave_door(id, class, io);
        }
        if held.has(Hold::Lock) {
            self.unlock_all(id, io);
        }
        if io.links.envelopes[id].work.marks.has(Mark::Wrote) {
            self.settle_changes(id, how == Leaving::Finished, io);
        }
        if held.has(Hold::Key) {
            self.settle_key(id, how == Leaving::Finished, io);
        }
        let service = self.id;
        let envelope = &mut io.links.envelopes[id];
        let Activation { arrived, served, step, .. } = envelope.work;
        let (number, lineage, times) = (envelope.to.replica, envelope.lineage, (arrived, served));
        let endpoint = self.program.endpoint(step);
        envelope.work.end();
        self.replicas[number as usize].give_back(held, io.now());
        let held = self.told_apart(endpoint, held, io);
        let replica = number;
        io.record(Row::Left { service, endpoint, replica, lineage, how, times, held });
    }

    /// What one held who leaves, for the ledger: how many workers are in use is told apart where
    /// there is an inlet.
    pub(super) fn told_apart<K: Kit>(
        &self,
        endpoint: Option<EndpointId>,
        held: Holds,
        io: &mut Io<'_, K>,
    ) -> Holds {
        if self.rest.inlet.is_none() {
            return held;
        }
        if held.has(Hold::Worker) {
            let (service, what) = (self.id, AtInlet::Released);
            io.record(Row::AtInlet { service, endpoint, what });
        }
        held.without(Hold::Worker)
    }
}

/// One waits at a gate, until then at the latest.
fn wait_at_gate<K: Kit>(id: Id, until: Time, io: &mut Io<'_, K>) {
    let timer = io.queue.at(until, ORDINARY, Event::Service(id.place() as u32).payload());
    let work = &mut io.links.envelopes[id].work;
    (work.doing, work.timer) = (Doing::AtDoor, timer);
}
