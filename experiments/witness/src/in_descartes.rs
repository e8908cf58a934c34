//! W2 for DesCartes: four components that schedule events for each other.
//!
//! Its events cannot be taken back, so a timeout that nobody waits for any more comes and changes
//! nothing. What falls on one nanosecond happens in the order of scheduling.

use crate::station::Station;
use crate::users::{Job, Users};
use crate::{Counts, DEPTH, Draw, LAST_NS, TIMEOUT_NS};
use descartes_core::{
    Component, Execute as _, Executor, Key, Scheduler, SimTime, Simulation, SimulationConfig,
};

#[derive(Debug)]
enum AtClient {
    Arrival,
    Retry { request: u32 },
    Timeout(Job),
    Answer(Job),
    Refusal(Job),
}

#[derive(Debug)]
enum AtService {
    Request(Job),
    Done(Job),
}

/// Runs W2 to its end.
pub fn run(draw: &Draw) -> Counts {
    let mut simulation = Simulation::new(SimulationConfig { seed: draw.seed.seed });
    let client = Key::<AtClient>::new();
    let services: [Key<AtService>; DEPTH] = std::array::from_fn(|_| Key::new());
    for (place, key) in services.iter().enumerate() {
        let next = services.get(place + 1).copied();
        let service = Service { station: Station::new(draw, place), next, client };
        let _ = simulation.components.register_with_id(key.id(), service);
    }
    let mut users = Users::new(draw);
    simulation.schedule(SimTime::from_nanos(users.gap()), client, AtClient::Arrival);
    let first = services[0];
    let _ = simulation.components.register_with_id(client.id(), Client { users, first });
    Executor::timed(SimTime::from_nanos(LAST_NS)).execute(&mut simulation);
    let found: Option<&mut Client> = simulation.components.get_component_mut(client);
    let mut counts = found.expect("it was registered").users.counts;
    for key in services {
        let service: Option<&mut Service> = simulation.components.get_component_mut(key);
        counts.events += service.expect("it was registered").station.done;
    }
    counts
}

fn now_ns(scheduler: &Scheduler) -> u64 {
    scheduler.time().as_duration().as_nanos() as u64
}

struct Client {
    users: Users<()>,
    /// The service that it calls.
    first: Key<AtService>,
}

impl Client {
    fn send(&mut self, own: Key<AtClient>, job: Job, scheduler: &mut Scheduler) {
        scheduler.schedule(SimTime::from_nanos(TIMEOUT_NS), own, AtClient::Timeout(job));
        self.users.await_answer(job, ());
        scheduler.schedule_now(self.first, AtService::Request(job));
    }
}

impl Component for Client {
    type Event = AtClient;

    fn process_event(&mut self, own: Key<AtClient>, event: &AtClient, scheduler: &mut Scheduler) {
        let wait = match *event {
            AtClient::Arrival => {
                let job = self.users.arrive(now_ns(scheduler));
                self.users.counts.events += 1;
                let gap = SimTime::from_nanos(self.users.gap());
                scheduler.schedule(gap, own, AtClient::Arrival);
                return self.send(own, job, scheduler);
            }
            AtClient::Retry { request } => {
                self.users.counts.events += 1;
                let job = self.users.retry(request);
                return self.send(own, job, scheduler);
            }
            AtClient::Timeout(job) => self.users.timed_out(job).map(|wait| (wait, job)),
            AtClient::Answer(job) => {
                self.users.answered(job, now_ns(scheduler));
                None
            }
            AtClient::Refusal(job) => {
                let refused = self.users.refused(job);
                refused.and_then(|((), wait)| wait).map(|wait| (wait, job))
            }
        };
        if let Some((wait, job)) = wait {
            let retry = AtClient::Retry { request: job.request };
            scheduler.schedule(SimTime::from_nanos(wait), own, retry);
        }
    }
}

struct Service {
    station: Station,
    /// The service that it calls.
    next: Option<Key<AtService>>,
    client: Key<AtClient>,
}

impl Component for Service {
    type Event = AtService;

    fn process_event(&mut self, own: Key<AtService>, event: &AtService, scheduler: &mut Scheduler) {
        match *event {
            AtService::Request(job) => {
                if self.station.refuses(now_ns(scheduler)) {
                    scheduler.schedule_now(self.client, AtClient::Refusal(job));
                } else if let Some(work) = self.station.enter(job) {
                    scheduler.schedule(SimTime::from_nanos(work), own, AtService::Done(job));
                }
            }
            AtService::Done(job) => {
                if let Some((next, work)) = self.station.leave() {
                    scheduler.schedule(SimTime::from_nanos(work), own, AtService::Done(next));
                }
                match self.next {
                    Some(next) => {
                        scheduler.schedule_now(next, AtService::Request(job.onward()));
                    }
                    None => scheduler.schedule_now(self.client, AtClient::Answer(job)),
                }
            }
        }
    }
}
