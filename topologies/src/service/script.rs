//! A service's script: pieces of work, calls, and the way onward.

use super::{Compiled, ERROR_AFTER, ROUTE, ROUTE_REPLICA, Service, finish_after};
use crate::activation::{Doing, Hold};
use crate::caller::{Begin, Callers, Owner};
use crate::envelope::{Address, Body, Envelope};
use crate::graph::{SiteId, WhileCalling};
use crate::ledger::{Leaving, Row};
use crate::world::{Event, Io, Node, ORDINARY};
use brownout_core::draw::mix;
use brownout_core::heap::Heap;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

impl Service {
    /// Runs the script from the present step until it has to wait or is over.
    #[inline]
    pub(super) fn advance<H: Heap>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        let activation = &mut self.activations[id];
        match self.script.get_mut(usize::from(activation.step)) {
            Some(Compiled::Work { time, stream, nth }) => {
                let (now, number) = (io.now(), activation.replica);
                if !activation.holds.has(Hold::Worker) {
                    activation.holds.take(Hold::Place);
                    io.record(Row::Requeued { service: self.id });
                    return self.enqueue(id, number, io);
                }
                let work = Span::round(time.sample(&mut stream.draws(activation.lineage), *nth));
                *nth += 1;
                activation.step += 1;
                let pace = self.replicas[number as usize].knobs().pace;
                let timer = finish_after(work, pace).map(|after| {
                    let event = Event::Wake(Node::Service(self.id), id);
                    io.queue.at(now.saturating_add(after), ORDINARY, event)
                });
                activation.doing = Doing::Working { left: work, since: now, began: now, timer };
            }
            Some(Compiled::Call(site)) => {
                let site = *site;
                self.call(id, site, callers, io);
            }
            None => self.finish(id, io),
        }
    }

    /// Makes a call, and waits for its end with or without a worker.
    #[inline]
    fn call<H: Heap>(&mut self, id: Id, site: SiteId, callers: &mut Callers, io: &mut Io<'_, H>) {
        let activation = &mut self.activations[id];
        let (number, request) = (activation.replica, activation.request);
        activation.step += 1;
        let lineage = mix(activation.lineage, u64::from(activation.step));
        if self.while_calling == WhileCalling::Released && activation.holds.give_back(Hold::Worker)
        {
            self.replicas[number as usize].volatile.busy -= 1;
            io.record(Row::FreedWorker { service: self.id });
        }
        let begin = Begin {
            site,
            owner: Owner::Activation { service: self.id, activation: id },
            behind: request,
            from: Address::of(self.id, number),
            intended: io.now(),
            lineage,
            deadline: Time::MAX,
        };
        let call = callers.begin(begin, io);
        activation.doing = Doing::Calling { call };
    }

    /// A timer of this service has fired: a piece of work is done, or a wait was too long.
    #[inline]
    pub fn wake<H: Heap>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        let Some(activation) = self.activations.get_mut(id) else { return };
        let number = activation.replica;
        match activation.doing {
            Doing::Working { began, .. } => {
                let took = io.now() - began;
                activation.doing = Doing::Stepping;
                activation.served = activation.served + took;
                let (lineage, request) = (activation.lineage, activation.request);
                let for_nobody = io.ledger.wants_waste() && !callers.is_wanted(request, io);
                io.record(Row::WorkDone { service: self.id, lineage, took, for_nobody });
                if self.replicas[number as usize].is_fallible() && self.fails(number, lineage) {
                    let outcome = Outcome::error(ErrorKind::Failed, Done::Done);
                    self.leave(id, Leaving::Failed, Some(outcome), io);
                } else {
                    self.advance(id, callers, io);
                }
            }
            Doing::Waiting { .. } => {
                activation.doing = Doing::Stepping;
                let outcome = Outcome::error(ErrorKind::Shed, Done::Nothing);
                self.leave(id, Leaving::Shed, Some(outcome), io);
            }
            Doing::Stepping | Doing::Calling { .. } => {
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
    #[inline]
    pub fn ended<H: Heap>(
        &mut self,
        id: Id,
        outcome: Outcome,
        callers: &mut Callers,
        io: &mut Io<'_, H>,
    ) {
        let Some(activation) = self.activations.get_mut(id) else { return };
        activation.doing = Doing::Stepping;
        let number = activation.replica;
        if outcome.is_success() {
            self.advance(id, callers, io);
        } else {
            let outcome = Outcome::error(ErrorKind::Dependency, Done::Partly);
            self.leave(id, Leaving::DependencyFailed, Some(outcome), io);
        }
        self.fill(number, callers, io);
    }

    /// The script is over: onward by a route, or an answer.
    #[inline]
    fn finish<H: Heap>(&mut self, id: Id, io: &mut Io<'_, H>) {
        if !self.next.is_empty() && self.go_on(id, io) {
            return self.leave(id, Leaving::Finished, None, io);
        }
        self.leave(id, Leaving::Finished, Some(Outcome::OK), io);
    }

    /// Takes a route onward, if the draw says so: the request goes on in an envelope of its own.
    #[inline(never)]
    fn go_on<H: Heap>(&mut self, id: Id, io: &mut Io<'_, H>) -> bool {
        let activation = &self.activations[id];
        let request = *io.envelope(activation.request);
        let unit = self.stream.member(ROUTE).draws(request.lineage).unit();
        let Some(route) = self.next.iter().find(|route| unit < route.up_to) else { return false };
        let lineage = mix(request.lineage, u64::from(route.to.0) << 32 | ROUTE);
        let draw = self.stream.member(ROUTE_REPLICA).draws(lineage).unit();
        let replica = ((draw * f64::from(route.replicas)) as u32).min(route.replicas - 1);
        let remaining = match activation.deadline(&request) {
            Time::MAX => Span::MAX,
            deadline => deadline.since(io.now()),
        };
        let to = Address::of(route.to, replica);
        let (link, body) = (route.link, Body::Request { remaining });
        io.send(Envelope { to, link, lineage, body, ..request });
        true
    }
}
