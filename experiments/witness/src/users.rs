//! The client: requests, their attempts, the timeout and the retries.

use crate::{Counts, Draw, RATE_PER_S, RETRIES, WAIT_NS};
use brownout_core::dist::UnitExp;
use brownout_core::draw::mix;
use brownout_core::random::{Stream, name_hash};
use brownout_core::{Draws, Span};
use brownout_policies::call::retry_lineage;
use brownout_topologies::source::request_lineage;
use serde::{Deserialize, Serialize};

/// One attempt on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The request's number.
    pub request: u32,
    /// Which attempt of it this is, from 0.
    pub nth: u32,
    /// Its name among draws, at the service where it is.
    pub lineage: u64,
}

/// All requests; `T` is what cancels a timer.
#[derive(Debug)]
pub struct Users<T> {
    /// Names its requests.
    name: u64,
    arrivals: Draws,
    unit: UnitExp,
    waits: Stream,
    requests: Vec<Request<T>>,
    /// What happened.
    pub counts: Counts,
}

#[derive(Debug)]
struct Request<T> {
    arrived_ns: u64,
    lineage: u64,
    /// Failed attempts so far.
    failures: u32,
    /// The newest attempt's timer, while that attempt is out.
    timer: Option<T>,
}

impl<T> Users<T> {
    /// Nobody has come yet.
    pub fn new(draw: &Draw) -> Users<T> {
        let load = &draw.names.load;
        Users {
            name: name_hash(load),
            arrivals: draw.seed.stream(&format!("arrivals {load}")).draws(0),
            unit: UnitExp::new(),
            waits: draw.seed.stream(&format!("policies {}", draw.names.site)),
            requests: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// How long until the next one comes, ns.
    pub fn gap(&mut self) -> u64 {
        Span::round(self.unit.sample(&mut self.arrivals) / RATE_PER_S * 1e9).nanos()
    }

    /// A request begins: its first attempt.
    pub fn arrive(&mut self, now_ns: u64) -> Job {
        let lineage = request_lineage(self.name, 0, self.counts.requests);
        let request = self.requests.len() as u32;
        self.requests.push(Request { arrived_ns: now_ns, lineage, failures: 0, timer: None });
        self.counts.requests += 1;
        self.counts.attempts += 1;
        Job { request, nth: 0, lineage }
    }

    /// A wait is over: the next attempt.
    pub fn retry(&mut self, number: u32) -> Job {
        let Request { lineage, failures: nth, .. } = self.requests[number as usize];
        self.counts.attempts += 1;
        Job { request: number, nth, lineage: retry_lineage(lineage, nth) }
    }

    /// The attempt is out, with a timer.
    pub fn await_answer(&mut self, job: Job, timer: T) {
        self.requests[job.request as usize].timer = Some(timer);
    }

    /// An answer has come; the timer to cancel, unless nobody waited for it any more.
    pub fn answered(&mut self, job: Job, now_ns: u64) -> Option<T> {
        let timer = self.settle(job)?;
        self.counts.successes += 1;
        let arrived_ns = self.requests[job.request as usize].arrived_ns;
        self.counts.latency_ns += u128::from(now_ns - arrived_ns);
        Some(timer)
    }

    /// A refusal has come; the timer to cancel and the wait before a retry, ns.
    pub fn refused(&mut self, job: Job) -> Option<(T, Option<u64>)> {
        let timer = self.settle(job)?;
        Some((timer, self.fail(job)))
    }

    /// A timer has fired; the wait before a retry, ns.
    pub fn timed_out(&mut self, job: Job) -> Option<u64> {
        self.settle(job)?;
        self.counts.events += 1;
        self.counts.timeouts += 1;
        self.fail(job)
    }

    /// The timer of an attempt that was still waited for, and now no longer is.
    fn settle(&mut self, job: Job) -> Option<T> {
        let request = &mut self.requests[job.request as usize];
        if request.failures == job.nth { request.timer.take() } else { None }
    }

    /// An attempt has failed: how long to wait before the next, if there is to be one.
    fn fail(&mut self, job: Job) -> Option<u64> {
        let request = &mut self.requests[job.request as usize];
        request.failures += 1;
        if job.nth == RETRIES {
            return None;
        }
        let longest = Span::from_nanos((WAIT_NS.start << job.nth).min(WAIT_NS.end));
        let unit = self.waits.draws(mix(request.lineage, u64::from(job.nth))).unit();
        Some(longest.scale(unit).nanos())
    }
}
