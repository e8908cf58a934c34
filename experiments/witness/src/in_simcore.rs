//! W2 for simcore: four components that send each other events.
//!
//! simcore keeps time as `f64`. Its unit here is the nanosecond, so every time is a whole number
//! below 2⁵³ and nothing is rounded. What falls on one nanosecond happens in the order of emission.

use crate::station::Station;
use crate::users::{Job, Users};
use crate::{Counts, DEPTH, Draw, LAST_NS, TIMEOUT_NS};
use serde::Serialize;
use simcore::event::EventId;
use simcore::{Event, EventHandler, Id, Simulation, SimulationContext, cast};
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Clone, Serialize)]
struct Arrival {}

#[derive(Clone, Serialize)]
struct Retry {
    request: u32,
}

#[derive(Clone, Serialize)]
struct Timeout {
    job: Job,
}

#[derive(Clone, Serialize)]
struct Request {
    job: Job,
}

#[derive(Clone, Serialize)]
struct Done {
    job: Job,
}

#[derive(Clone, Serialize)]
struct Answer {
    job: Job,
}

#[derive(Clone, Serialize)]
struct Refusal {
    job: Job,
}

/// Runs W2 to its end.
pub fn run(draw: &Draw) -> Counts {
    run_with(draw, false)
}

/// The same with timeouts in simcore's other queue, which needs no sorting where all delays are
/// the same.
pub fn run_ordered(draw: &Draw) -> Counts {
    run_with(draw, true)
}

fn run_with(draw: &Draw, ordered: bool) -> Counts {
    let mut simulation = Simulation::new(0);
    let names = &draw.names;
    let ids = names.services.each_ref().map(|name| simulation.create_context(name).id());
    let client_context = simulation.create_context("the client");
    let client = client_context.id();
    let services: [Rc<RefCell<Service>>; DEPTH] = std::array::from_fn(|place| {
        let name = &names.services[place];
        let service = Rc::new(RefCell::new(Service {
            context: simulation.create_context(name),
            station: Station::new(draw, place),
            next: ids.get(place + 1).copied(),
            client,
        }));
        simulation.add_handler(name, service.clone());
        service
    });
    let mut users = Users::new(draw);
    client_context.emit_self(Arrival {}, users.gap() as f64);
    let first = ids[0];
    let client = Rc::new(RefCell::new(Client { context: client_context, users, first, ordered }));
    simulation.add_handler("the client", client.clone());
    simulation.step_until_time(LAST_NS as f64);
    let mut counts = client.borrow().users.counts;
    counts.events += services.iter().map(|service| service.borrow().station.done).sum::<u64>();
    counts
}

struct Client {
    context: SimulationContext,
    users: Users<EventId>,
    /// The service that it calls.
    first: Id,
    /// Whether timeouts have a queue of their own.
    ordered: bool,
}

impl Client {
    fn now_ns(&self) -> u64 {
        self.context.time() as u64
    }

    fn send(&mut self, job: Job) {
        let timer = if self.ordered {
            self.context.emit_ordered_self(Timeout { job }, TIMEOUT_NS as f64)
        } else {
            self.context.emit_self(Timeout { job }, TIMEOUT_NS as f64)
        };
        self.users.await_answer(job, timer);
        self.context.emit_now(Request { job }, self.first);
    }

    fn retry_after(&mut self, wait: Option<u64>, job: Job) {
        if let Some(wait) = wait {
            self.context.emit_self(Retry { request: job.request }, wait as f64);
        }
    }
}

impl EventHandler for Client {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Arrival {} => {
                let job = self.users.arrive(self.now_ns());
                self.users.counts.events += 1;
                self.context.emit_self(Arrival {}, self.users.gap() as f64);
                self.send(job);
            }
            Retry { request } => {
                self.users.counts.events += 1;
                let job = self.users.retry(request);
                self.send(job);
            }
            Timeout { job } => {
                let wait = self.users.timed_out(job);
                self.retry_after(wait, job);
            }
            Answer { job } => {
                if let Some(timer) = self.users.answered(job, self.now_ns()) {
                    self.context.cancel_event(timer);
                }
            }
            Refusal { job } => {
                if let Some((timer, wait)) = self.users.refused(job) {
                    self.context.cancel_event(timer);
                    self.retry_after(wait, job);
                }
            }
        })
    }
}

struct Service {
    context: SimulationContext,
    station: Station,
    /// The service that it calls.
    next: Option<Id>,
    client: Id,
}

impl EventHandler for Service {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Request { job } => {
                if self.station.refuses(self.context.time() as u64) {
                    self.context.emit_now(Refusal { job }, self.client);
                } else if let Some(work) = self.station.enter(job) {
                    self.context.emit_self(Done { job }, work as f64);
                }
            }
            Done { job } => {
                if let Some((next, work)) = self.station.leave() {
                    self.context.emit_self(Done { job: next }, work as f64);
                }
                match self.next {
                    Some(next) => self.context.emit_now(Request { job: job.onward() }, next),
                    None => self.context.emit_now(Answer { job }, self.client),
                };
            }
        })
    }
}
