//! A service's script: pieces of work, calls, and the way onward.

use super::{Compiled, ERROR_AFTER, ROUTE, ROUTE_REPLICA, Service, finish_after};
use crate::activation::{Doing, Hold};
use crate::caller::{Begin, Callers, Owner};
use crate::envelope::{Address, Body};
use crate::graph::{SiteId, WhileCalling};
use crate::ledger::{Leaving, Row};
use crate::world::{Event, Io, Node, ORDINARY};
use brownout_core::draw::mix;
use brownout_core::heap::Heap;
use brownout_core::queue::Ticket;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

impl Service {
    /// Runs the script from the present step until it has to wait or is over.
    #[inline(always)]
    pub(super) fn advance<H: Heap>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        let envelope = &mut io.links.envelopes[id];
        let (lineage, number, work) = (envelope.lineage, envelope.to.replica, &mut envelope.work);
        match self.script.get_mut(usize::from(work.step)) {
            Some(Compiled::Work { time, stream, nth }) => {
                if !work.holds.has(Hold::Worker) {
                    return self.wait_again(id, number, io);
                }
                let left = Span::round(time.sample(&mut stream.draws(lineage), *nth));
                *nth += 1;
                work.step += 1;
                let (now, event) = (io.now, Event::Wake(Node::Service(self.id), id));
                let timer = match finish_after(left, self.replicas[number as usize].pace()) {
                    Some(after) => io.queue.at(now.saturating_add(after), ORDINARY, event),
                    None => Ticket::NONE,
                };
                work.doing = Doing::Working { left, since: now, began: now, timer };
            }
            Some(Compiled::Call(site)) => {
                let site = *site;
                self.call(id, site, callers, io);
            }
            None => self.finish(id, io),
        }
    }

    /// Back into the queue, between two pieces of work.
    #[inline(never)]
    fn wait_again<H: Heap>(&mut self, id: Id, number: u32, io: &mut Io<'_, H>) {
        io.links.envelopes[id].work.holds.take(Hold::Place);
        io.ledger.record(io.now, Row::Requeued { service: self.id });
        self.enqueue(id, number, io);
    }

    /// Makes a call, and waits for its end with or without a worker.
    #[inline(always)]
    fn call<H: Heap>(&mut self, id: Id, site: SiteId, callers: &mut Callers, io: &mut Io<'_, H>) {
        let envelope = &mut io.links.envelopes[id];
        let (from, work) = (envelope.to, &mut envelope.work);
        work.step += 1;
        let lineage = mix(envelope.lineage, u64::from(work.step));
        if self.while_calling == WhileCalling::Released && work.holds.give_back(Hold::Worker) {
            self.replicas[from.replica as usize].volatile.busy -= 1;
            io.ledger.record(io.now, Row::FreedWorker { service: self.id });
        }
        let owner = Owner::Activation { service: self.id, activation: id };
        let (intended, deadline) = (io.now, Time::MAX);
        let asked = callers.begin(Begin { site, owner, from, intended, lineage, deadline }, io);
        io.links.envelopes[id].work.doing = Doing::Calling(asked);
    }

    /// A timer of this service has fired: a piece of work is done, or a wait was too long.
    #[inline(always)]
    pub fn wake<H: Heap>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        let envelope = &mut io.links.envelopes[id];
        let (lineage, number, work) = (envelope.lineage, envelope.to.replica, &mut envelope.work);
        match work.doing {
            Doing::Working { began, .. } => {
                let (service, took) = (self.id, io.now - began);
                work.doing = Doing::Stepping;
                work.served = work.served + took;
                let for_nobody = io.ledger.wants_waste() && !callers.is_wanted(id, io.links);
                io.ledger.record(io.now, Row::WorkDone { service, lineage, took, for_nobody });
                if self.replicas[number as usize].is_fallible() && self.fails(number, lineage) {
                    let outcome = Outcome::error(ErrorKind::Failed, Done::Done);
                    self.leave_early(id, Leaving::Failed, Some(outcome), io);
                } else {
                    self.advance(id, callers, io);
                }
            }
            Doing::Waiting { .. } => {
                work.doing = Doing::Stepping;
                let outcome = Outcome::error(ErrorKind::Shed, Done::Nothing);
                self.leave_early(id, Leaving::Shed, Some(outcome), io);
            }
            Doing::Travelling | Doing::Stepping | Doing::Calling(_) => {
                unreachable!("only work and waiting have timers")
            }
        }
        self.fill(number, callers, io);
    }

    /// Whether work that is done fails all the same.
    #[cold]
    fn fails(&self, number: u32, lineage: u64) -> bool {
        let ratio = self.replicas[number as usize].knobs().errors_after;
        self.stream.member(ERROR_AFTER).draws(lineage).unit() < ratio
    }

    /// A call that an activation made has ended.
    #[inline(always)]
    pub fn ended<H: Heap>(
        &mut self,
        id: Id,
        outcome: Outcome,
        callers: &mut Callers,
        io: &mut Io<'_, H>,
    ) {
        let Some(envelope) = io.links.envelopes.get_mut(id) else { return };
        envelope.work.doing = Doing::Stepping;
        let number = envelope.to.replica;
        if outcome.is_success() {
            self.advance(id, callers, io);
        } else {
            let outcome = Outcome::error(ErrorKind::Dependency, Done::Partly);
            self.leave_early(id, Leaving::DependencyFailed, Some(outcome), io);
        }
        self.fill(number, callers, io);
    }

    /// The script is over: onward by a route, or an answer.
    #[inline(always)]
    fn finish<H: Heap>(&mut self, id: Id, io: &mut Io<'_, H>) {
        self.leave(id, Leaving::Finished, io);
        if self.next.is_empty() || !self.go_on(id, io) {
            self.answer(id, Outcome::OK, io);
        }
    }

    /// Takes a route onward, if the draw says so: the request goes on in its envelope.
    #[inline(never)]
    fn go_on<H: Heap>(&mut self, id: Id, io: &mut Io<'_, H>) -> bool {
        let envelope = &mut io.links.envelopes[id];
        let unit = self.stream.member(ROUTE).draws(envelope.lineage).unit();
        let Some(route) = self.next.iter().find(|route| unit < route.up_to) else { return false };
        let lineage = mix(envelope.lineage, u64::from(route.to.0) << 32 | ROUTE);
        let draw = self.stream.member(ROUTE_REPLICA).draws(lineage).unit();
        let replica = ((draw * f64::from(route.replicas)) as u32).min(route.replicas - 1);
        let remaining = match envelope.deadline() {
            Time::MAX => Span::MAX,
            deadline => deadline.since(io.now),
        };
        envelope.to = Address::of(route.to, replica);
        (envelope.link, envelope.lineage) = (route.link, lineage);
        envelope.body = Body::Request { remaining };
        io.links.post(id, route.link, io.queue, io.ledger);
        true
    }
}
