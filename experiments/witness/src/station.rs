//! A service: ten workers and an unbounded queue in order of arrival.

use crate::users::Job;
use crate::{DEPTH, Draw, OUTAGE_NS, WORK_NS, WORKERS};
use brownout_core::Span;
use brownout_core::dist::{Dist, Sampler};
use brownout_core::draw::mix;
use brownout_core::random::Stream;
use std::collections::VecDeque;

/// One service at work.
#[derive(Debug)]
pub struct Station {
    has_outage: bool,
    work: Sampler,
    stream: Stream,
    /// Invariant: if a worker is idle, `waiting` is empty.
    busy: u32,
    waiting: VecDeque<Job>,
    /// Pieces of work done.
    pub done: u64,
}

impl Station {
    /// The service at `place` in the chain, idle.
    pub fn new(draw: &Draw, place: usize) -> Station {
        Station {
            has_outage: place == DEPTH - 1,
            work: Dist::exp(WORK_NS).sampler(),
            stream: draw.seed.stream(&format!("work {} 0", draw.names.services[place])),
            busy: 0,
            waiting: VecDeque::new(),
            done: 0,
        }
    }

    /// Whether it refuses everything.
    pub fn refuses(&self, now_ns: u64) -> bool {
        self.has_outage && OUTAGE_NS.contains(&now_ns)
    }

    /// A job comes: how long its work takes if it finds a worker idle, ns; else it waits.
    pub fn enter(&mut self, job: Job) -> Option<u64> {
        if self.busy < WORKERS {
            self.busy += 1;
            return Some(self.work_ns(job));
        }
        self.waiting.push_back(job);
        None
    }

    /// A worker is done with a job: the next one, and how long its work takes, ns.
    pub fn leave(&mut self) -> Option<(Job, u64)> {
        self.done += 1;
        let Some(next) = self.waiting.pop_front() else {
            self.busy -= 1;
            return None;
        };
        Some((next, self.work_ns(next)))
    }

    fn work_ns(&mut self, job: Job) -> u64 {
        Span::round(self.work.sample(&mut self.stream.draws(job.lineage), 0)).nanos()
    }
}

impl Job {
    /// The job as the next service sees it: the call is the second step of its caller's script.
    pub fn onward(self) -> Job {
        Job { lineage: mix(self.lineage, 2), ..self }
    }
}
