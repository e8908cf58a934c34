//! W2 for nexosim: four models joined by ports, on one thread.
//!
//! nexosim counts nanoseconds too. What falls on one nanosecond it handles model by model, and
//! within a model in the order of scheduling; so does Brownout for all events. It schedules
//! nothing for the present moment, so what takes no time is done on the spot.

use crate::station::Station;
use crate::users::{Job, Users};
use crate::{Counts, DEPTH, Draw, LAST_NS, TIMEOUT_NS};
use nexosim::model::{BuildContext, Context, Model, ProtoModel, schedulable};
use nexosim::ports::{Output, QuerySource};
use nexosim::simulation::{EventKey, Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const IN_FUTURE: &str = "the event is in the future";

/// A model's ports and its state.
struct With<M: Model>(M, M::Env);

impl<M: Model> ProtoModel for With<M> {
    type Model = M;

    fn build(self, _: &mut BuildContext<Self>) -> (M, M::Env) {
        (self.0, self.1)
    }
}

/// Runs W2 to its end.
pub fn run(draw: &Draw) -> Counts {
    let mut client = Client::default();
    let mut services: [Service; DEPTH] = Default::default();
    let client_mailbox = Mailbox::new();
    let mailboxes: [Mailbox<Service>; DEPTH] = Default::default();
    client.attempts.connect(Service::enter, &mailboxes[0]);
    for (place, service) in services.iter_mut().enumerate() {
        match mailboxes.get(place + 1) {
            Some(next) => service.done.map_connect(|job| job.onward(), Service::enter, next),
            None => service.done.connect(Client::answered, &client_mailbox),
        }
        service.refusals.connect(Client::refused, &client_mailbox);
    }
    // More threads are slower: next to nothing happens at one moment.
    let mut bench = SimInit::with_num_threads(1);
    let counts = QuerySource::new().connect(Client::counts, &client_mailbox).register(&mut bench);
    let done = mailboxes
        .each_ref()
        .map(|mailbox| QuerySource::new().connect(Service::count, mailbox).register(&mut bench));
    bench = bench.add_model(With(client, Users::new(draw)), client_mailbox, "client");
    for (place, (service, mailbox)) in services.into_iter().zip(mailboxes).enumerate() {
        let name = &draw.names.services[place];
        bench = bench.add_model(With(service, Station::new(draw, place)), mailbox, name);
    }
    let mut simulation = bench.init(MonotonicTime::EPOCH).expect("the bench is complete");
    simulation.step_until(Duration::from_nanos(LAST_NS)).expect("no model fails");
    let mut counts = simulation.process_query(&counts, ()).expect("the client answers");
    for done in &done {
        counts.events += simulation.process_query(done, ()).expect("the service answers");
    }
    counts
}

fn now_ns<M: Model>(cx: &Context<M>) -> u64 {
    cx.time().duration_since(MonotonicTime::EPOCH).as_nanos() as u64
}

#[derive(Default, Serialize, Deserialize)]
struct Client {
    attempts: Output<Job>,
}

#[Model(type Env = Users<EventKey>)]
impl Client {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>, env: &mut Users<EventKey>) {
        let gap = env.gap();
        self.await_arrivals(gap, cx, env).await;
    }

    #[nexosim(schedulable)]
    async fn arrive(&mut self, _: (), cx: &Context<Self>, env: &mut Users<EventKey>) {
        let job = env.arrive(now_ns(cx));
        env.counts.events += 1;
        let gap = env.gap();
        self.send(job, cx, env).await;
        self.await_arrivals(gap, cx, env).await;
    }

    async fn await_arrivals(
        &mut self,
        mut gap: u64,
        cx: &Context<Self>,
        env: &mut Users<EventKey>,
    ) {
        while gap == 0 {
            let job = env.arrive(now_ns(cx));
            env.counts.events += 1;
            self.send(job, cx, env).await;
            gap = env.gap();
        }
        let gap = Duration::from_nanos(gap);
        cx.schedule_event(gap, schedulable!(Self::arrive), ()).expect(IN_FUTURE);
    }

    async fn send(&mut self, job: Job, cx: &Context<Self>, env: &mut Users<EventKey>) {
        let timeout = Duration::from_nanos(TIMEOUT_NS);
        let timer = cx.schedule_keyed_event(timeout, schedulable!(Self::time_out), job);
        env.await_answer(job, timer.expect(IN_FUTURE));
        self.attempts.send(job).await;
    }

    #[nexosim(schedulable)]
    async fn time_out(&mut self, job: Job, cx: &Context<Self>, env: &mut Users<EventKey>) {
        if let Some(wait) = env.timed_out(job) {
            self.retry_after(wait, job, cx, env).await;
        }
    }

    async fn answered(&mut self, job: Job, cx: &Context<Self>, env: &mut Users<EventKey>) {
        if let Some(timer) = env.answered(job, now_ns(cx)) {
            timer.cancel();
        }
    }

    async fn refused(&mut self, job: Job, cx: &Context<Self>, env: &mut Users<EventKey>) {
        let Some((timer, wait)) = env.refused(job) else { return };
        timer.cancel();
        if let Some(wait) = wait {
            self.retry_after(wait, job, cx, env).await;
        }
    }

    async fn retry_after(
        &mut self,
        wait: u64,
        job: Job,
        cx: &Context<Self>,
        env: &mut Users<EventKey>,
    ) {
        if wait == 0 {
            let job = env.retry(job.request);
            return self.send(job, cx, env).await;
        }
        let wait = Duration::from_nanos(wait);
        cx.schedule_event(wait, schedulable!(Self::retry), job.request).expect(IN_FUTURE);
    }

    #[nexosim(schedulable)]
    async fn retry(&mut self, request: u32, cx: &Context<Self>, env: &mut Users<EventKey>) {
        env.counts.events += 1;
        let job = env.retry(request);
        self.send(job, cx, env).await;
    }

    async fn counts(&mut self, _: (), _: &Context<Self>, env: &mut Users<EventKey>) -> Counts {
        env.counts
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Service {
    done: Output<Job>,
    refusals: Output<Job>,
}

#[Model(type Env = Station)]
impl Service {
    async fn enter(&mut self, job: Job, cx: &Context<Self>, env: &mut Station) {
        if env.refuses(now_ns(cx)) {
            return self.refusals.send(job).await;
        }
        if let Some(work) = env.enter(job)
            && !self.begin(job, work, cx)
        {
            self.finish(job, cx, env).await;
        }
    }

    /// Whether the work takes any time at all.
    fn begin(&self, job: Job, work: u64, cx: &Context<Self>) -> bool {
        if work > 0 {
            let work = Duration::from_nanos(work);
            cx.schedule_event(work, schedulable!(Self::finish), job).expect(IN_FUTURE);
        }
        work > 0
    }

    #[nexosim(schedulable)]
    async fn finish(&mut self, mut job: Job, cx: &Context<Self>, env: &mut Station) {
        loop {
            let next = env.leave().filter(|(next, work)| !self.begin(*next, *work, cx));
            self.done.send(job).await;
            match next {
                Some((done_at_once, _)) => job = done_at_once,
                None => return,
            }
        }
    }

    async fn count(&mut self, _: (), _: &Context<Self>, env: &mut Station) -> u64 {
        env.done
    }
}
