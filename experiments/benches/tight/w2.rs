//! W2 by hand: client → a → b → c with a timeout and retries, and an outage at c.

use super::{Counts, Names, Pending, due, payload};
use brownout_core::Draws;
use brownout_core::Span;
use brownout_core::dist::{Dist, Sampler, UnitExp};
use brownout_core::draw::mix;
use brownout_core::random::{Seed, Stream, name_hash};
use brownout_policies::call::retry_lineage;
use brownout_topologies::source::request_lineage;
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::ops::Range;

/// Requests per second.
pub(crate) const RATE_PER_S: f64 = 700.0;
/// Mean service time everywhere.
pub(crate) const WORK_NS: f64 = 1e7;
/// Workers of each service.
pub(crate) const WORKERS: u32 = 10;
/// The client's timeout per attempt.
pub(crate) const TIMEOUT_NS: u64 = 500_000_000;
/// Retries at most.
pub(crate) const RETRIES: u32 = 3;
/// The first wait before jitter, and the longest.
pub(crate) const WAIT_NS: Range<u64> = 100_000_000..10_000_000_000;
/// How deep the chain is.
const DEPTH: usize = 3;

/// Low bits of a payload; the rest is a place in `jobs` or `requests`.
const ARRIVAL: u32 = 0;
const DONE: u32 = 1;
const RETRY: u32 = 2;

/// One attempt on its way through the services.
struct Job {
    /// Its name among draws, at the service where it is.
    lineage: u64,
    request: u32,
    /// Which attempt of its request it is.
    nth: u16,
    service: u16,
}

struct Request {
    arrived: u64,
    lineage: u64,
    /// Failed attempts so far.
    failures: u16,
    /// Whether the newest attempt is out.
    is_out: bool,
}

#[derive(Default)]
struct Station {
    busy: u32,
    waiting: VecDeque<u32>,
}

struct Loop {
    pending: Pending,
    now: u64,
    /// Timeouts in order of time: key, request, attempt.
    lane: VecDeque<(u128, u16)>,
    stations: [Station; DEPTH],
    works: [Stream; DEPTH],
    work: Sampler,
    waits: Stream,
    requests: Vec<Request>,
    jobs: Vec<Job>,
    free: Vec<u32>,
    outage: Range<u64>,
    counts: Counts,
}

/// Runs until `end_ns`; c refuses during `outage`.
pub(crate) fn run(seed: Seed, names: &Names, end_ns: u64, outage: Range<u64>) -> Counts {
    let mut arrivals = seed.stream(&format!("arrivals {}", names.load)).draws(0);
    let (unit, name) = (UnitExp::new(), name_hash(&names.load));
    let mut gap = move || Span::round(unit.sample(&mut arrivals) / RATE_PER_S * 1e9).nanos();
    let mut state = Loop {
        pending: Pending::default(),
        now: 0,
        lane: VecDeque::new(),
        stations: Default::default(),
        works: [0, 1, 2].map(|at| seed.stream(&format!("work {} 0", names.services[at]))),
        work: Dist::exp(WORK_NS).sampler(),
        waits: seed.stream(&format!("policies {}", names.site)),
        requests: Vec::new(),
        jobs: Vec::new(),
        free: Vec::new(),
        outage,
        counts: Counts::default(),
    };
    state.pending.push(gap(), ARRIVAL);
    loop {
        let head = state.lane_head();
        let top = state.pending.heap.peek().map_or(u128::MAX, |key| key.0);
        state.now = due(top.min(head));
        if state.now >= end_ns {
            return state.counts;
        }
        state.counts.events += 1;
        if head < top {
            state.lane.pop_front();
            state.counts.timeouts += 1;
            state.fail(payload(head));
            continue;
        }
        state.pending.heap.pop();
        let (kind, place) = (payload(top) & 3, payload(top) >> 2);
        match kind {
            ARRIVAL => {
                let lineage = request_lineage(name, 0, state.counts.requests);
                state.counts.requests += 1;
                state.pending.push(state.now + gap(), ARRIVAL);
                let arrived = state.now;
                state.requests.push(Request { arrived, lineage, failures: 0, is_out: false });
                state.send(state.requests.len() as u32 - 1, lineage);
            }
            DONE => state.done(place),
            _ => {
                let request = &state.requests[place as usize];
                let lineage = retry_lineage(request.lineage, u32::from(request.failures));
                state.send(place, lineage);
            }
        }
    }
}

impl Loop {
    /// The first timeout that somebody still waits for.
    fn lane_head(&mut self) -> u128 {
        while let Some(&(key, nth)) = self.lane.front() {
            let request = &self.requests[payload(key) as usize];
            if request.is_out && request.failures == nth {
                return key;
            }
            self.lane.pop_front();
        }
        u128::MAX
    }

    /// Sends an attempt of a request.
    fn send(&mut self, number: u32, lineage: u64) {
        self.counts.attempts += 1;
        let request = &mut self.requests[number as usize];
        request.is_out = true;
        let nth = request.failures;
        let key = self.pending.key(self.now + TIMEOUT_NS, number);
        self.lane.push_back((key, nth));
        let job = Job { lineage, request: number, nth, service: 0 };
        let place = match self.free.pop() {
            Some(place) => {
                self.jobs[place as usize] = job;
                place
            }
            None => {
                self.jobs.push(job);
                self.jobs.len() as u32 - 1
            }
        };
        self.enter(place, 0);
    }

    /// A job comes to a service: it takes a worker or waits.
    fn enter(&mut self, place: u32, service: usize) {
        let station = &mut self.stations[service];
        if station.busy < WORKERS {
            station.busy += 1;
            self.start(place, service);
        } else {
            station.waiting.push_back(place);
        }
    }

    fn start(&mut self, place: u32, service: usize) {
        let lineage = self.jobs[place as usize].lineage;
        let time = Span::round(self.work.sample(&mut self.works[service].draws(lineage), 0));
        self.pending.push(self.now + time.nanos(), place << 2 | DONE);
    }

    /// A service is done with a job: the next one begins, and this one goes on.
    fn done(&mut self, place: u32) {
        let service = usize::from(self.jobs[place as usize].service);
        match self.stations[service].waiting.pop_front() {
            Some(next) => self.start(next, service),
            None => self.stations[service].busy -= 1,
        }
        let job = &mut self.jobs[place as usize];
        let (number, nth) = (job.request, job.nth);
        let next = service + 1;
        let refused = next == DEPTH - 1 && self.outage.contains(&self.now);
        if next < DEPTH && !refused {
            // The call is the second step of the caller's script.
            job.lineage = mix(job.lineage, 2);
            job.service = next as u16;
            return self.enter(place, next);
        }
        self.free.push(place);
        let request = &mut self.requests[number as usize];
        if !request.is_out || request.failures != nth {
            return;
        }
        if refused {
            return self.fail(number);
        }
        request.is_out = false;
        self.counts.successes += 1;
        self.counts.latency_ns += u128::from(self.now - request.arrived);
    }

    /// The newest attempt of a request has failed.
    fn fail(&mut self, number: u32) {
        let request = &mut self.requests[number as usize];
        let nth = u32::from(request.failures);
        request.is_out = false;
        request.failures += 1;
        if nth == RETRIES {
            return;
        }
        let longest = Span::from_nanos((WAIT_NS.start << nth).min(WAIT_NS.end));
        let mut draws: Draws = self.waits.draws(mix(request.lineage, u64::from(nth)));
        let wait = longest.scale(draws.unit());
        let key = self.pending.key(self.now + wait.nanos(), number << 2 | RETRY);
        self.pending.heap.push(Reverse(key));
    }
}
