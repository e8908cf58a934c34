//! W2 for DesCartes: four components that schedule events for each other.
//!
//! It keeps time in whole nanoseconds. A component's event cannot be taken back, so a timeout that
//! nobody waits for comes all the same and changes nothing.

use crate::station::Station;
use crate::users::{Job, Users};
use crate::{Counts, DEPTH, Draw, LAST_NS, TIMEOUT_NS};
use descartes_core::{Component, Executor, Key, Scheduler, SimTime, Simulation, SimulationConfig};

/// Runs W2 to its end.
pub fn run(draw: &Draw) -> Counts {
    let mut simulation = Simulation::new(SimulationConfig::default());
    let mut services = Vec::with_capacity(DEPTH);
    for place in (0..DEPTH).rev() {
        let (station, next) = (Station::new(draw, place), services.last().copied());
        services.push(simulation.add_component(Service { station, next, client: None }));
    }
    let first = services[DEPTH - 1];
    let mut users = Users::new(draw);
    let gap = users.gap();
    let client = simulation.add_component(Client { users, first });
    for &service in &services {
        let service: Option<&mut Service> = simulation.get_component_mut(service);
        service.expect("it was added").client = Some(client);
    }
    simulation.schedule(SimTime::from_nanos(gap), client, ToClient::Arrival);
    simulation.execute(Executor::timed(SimTime::from_nanos(LAST_NS)));
    let client: Client = simulation.remove_component(client).expect("it was added");
    let mut counts = client.users.counts;
    for service in services {
        let service: Service = simulation.remove_component(service).expect("it was added");
        counts.events += service.station.done;
    }
    counts
}

#[derive(Debug)]
enum ToClient {
    Arrival,
    Retry { request: u32 },
    Timeout { job: Job },
    Answer { job: Job },
    Refusal { job: Job },
}

#[derive(Debug)]
enum ToService {
    Request { job: Job },
    Done { job: Job },
}

struct Client {
    /// No timer can be cancelled, so none has a name.
    users: Users<()>,
    /// The service that it calls.
    first: Key<ToService>,
}

impl Client {
    fn send(&mut self, me: Key<ToClient>, job: Job, scheduler: &mut Scheduler) {
        scheduler.schedule(SimTime::from_nanos(TIMEOUT_NS), me, ToClient::Timeout { job });
        self.users.await_answer(job, ());
        scheduler.schedule_now(self.first, ToService::Request { job });
    }
}

impl Component for Client {
    type Event = ToClient;

    fn process_event(&mut self, me: Key<ToClient>, event: &ToClient, scheduler: &mut Scheduler) {
        let retry_after = |wait: Option<u64>, job: Job, scheduler: &mut Scheduler| {
            if let Some(wait) = wait {
                let again = ToClient::Retry { request: job.request };
                scheduler.schedule(SimTime::from_nanos(wait), me, again);
            }
        };
        match *event {
            ToClient::Arrival => {
                let job = self.users.arrive(scheduler.time().as_nanos());
                self.users.counts.events += 1;
                let gap = SimTime::from_nanos(self.users.gap());
                scheduler.schedule(gap, me, ToClient::Arrival);
                self.send(me, job, scheduler);
            }
            ToClient::Retry { request } => {
                self.users.counts.events += 1;
                let job = self.users.retry(request);
                self.send(me, job, scheduler);
            }
            ToClient::Timeout { job } => {
                let wait = self.users.timed_out(job);
                retry_after(wait, job, scheduler);
            }
            ToClient::Answer { job } => {
                let now = scheduler.time().as_nanos();
                self.users.answered(job, now);
            }
            ToClient::Refusal { job } => {
                if let Some(((), wait)) = self.users.refused(job) {
                    retry_after(wait, job, scheduler);
                }
            }
        }
    }
}

struct Service {
    station: Station,
    /// The service that it calls.
    next: Option<Key<ToService>>,
    client: Option<Key<ToClient>>,
}

impl Service {
    fn answer(&self, scheduler: &mut Scheduler, answer: ToClient) {
        scheduler.schedule_now(self.client.expect("it is known before anything happens"), answer);
    }
}

impl Component for Service {
    type Event = ToService;

    fn process_event(&mut self, me: Key<ToService>, event: &ToService, scheduler: &mut Scheduler) {
        match *event {
            ToService::Request { job } => {
                if self.station.refuses(scheduler.time().as_nanos()) {
                    self.answer(scheduler, ToClient::Refusal { job });
                } else if let Some(work) = self.station.enter(job) {
                    scheduler.schedule(SimTime::from_nanos(work), me, ToService::Done { job });
                }
            }
            ToService::Done { job } => {
                if let Some((next, work)) = self.station.leave() {
                    let done = ToService::Done { job: next };
                    scheduler.schedule(SimTime::from_nanos(work), me, done);
                }
                match self.next {
                    Some(next) => {
                        scheduler.schedule_now(next, ToService::Request { job: job.onward() });
                    }
                    None => self.answer(scheduler, ToClient::Answer { job }),
                }
            }
        }
    }
}
