//! Work whose speed depends on how many are in service: shared processors, coordination, pauses,
//! processes that warm up.
//!
//! Everyone in service goes on at the same speed, so one clock is enough for all: it tells how far
//! each has come since it was there ("virtual time"). Who has w left when the clock says v is done
//! when it says v + w, whatever happens in between; so a change of speed touches nobody, and the
//! next to be done is the head of a heap. Only that one has a timer.

mod progress;

use crate::graph::{Pauses, Serving, Slowdown};
use brownout_core::dist::Sampler;
use brownout_core::random::Stream;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};
use progress::{Progress, Warmth};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How a replica's work is shared, ready to run.
#[derive(Debug, Clone)]
pub struct Rules {
    serving: Serving,
    /// How long pauses last, and what their draws are named after.
    pauses: Option<(u32, Sampler)>,
    draws: Stream,
}

impl Rules {
    /// The rules of a service that has any.
    pub fn new(serving: &Serving, draws: Stream) -> Rules {
        let pauses = serving.pauses.as_ref();
        let pauses = pauses.map(|Pauses { every, lasts }| (*every, lasts.sampler()));
        Rules { serving: serving.clone(), pauses, draws }
    }

    /// The most in service, with so many workers.
    pub fn most(&self, workers: u32) -> u32 {
        match self.serving.sharing {
            Some(sharing) => sharing.most.unwrap_or(u32::MAX),
            None => workers,
        }
    }

    /// How many processors all share; `None` where each has a worker.
    fn processors(&self, workers: u32) -> Option<u32> {
        self.serving.sharing.map(|_| workers)
    }
}

/// One replica's work in service.
#[derive(Debug)]
pub struct Sharing {
    rules: Rules,
    /// Tells the pauses of replicas apart.
    replica: u64,
    processors: Option<u32>,
    /// How long a unit of work takes, in units, by the faults that are active.
    pace: f64,
    progress: Progress,
    /// When each is done, by the clock of all; names of those who left early stay.
    due: BinaryHeap<Reverse<(u128, u32, Id)>>,
    active: u32,
    /// How many have come, and how many were done.
    came: u32,
    done: u64,
    /// Whose timer stands for all, and when it fires.
    next: Option<(Id, Time)>,
    /// Workers in use, as the ledger knows.
    reported: u32,
}

/// How one stands who shares: kept with its activation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// When it began.
    pub began: Time,
    /// What a worker's time for each was then, ns.
    worker_ns: f64,
    /// Which of those that came it is.
    number: u32,
}

impl Sharing {
    /// A replica with nothing in service. `booted` is when its process started, if it is to warm
    /// up.
    pub fn new(rules: &Rules, replica: u32, workers: u32, pace: f64, booted: Option<Time>) -> Self {
        let warm_up = rules.serving.warm_up.zip(booted);
        Sharing {
            processors: rules.processors(workers),
            rules: rules.clone(),
            replica: u64::from(replica),
            pace,
            progress: Progress::new(warm_up.map(|(warm_up, booted)| Warmth::new(warm_up, booted))),
            due: BinaryHeap::new(),
            active: 0,
            came: 0,
            done: 0,
            next: None,
            reported: 0,
        }
    }

    /// The most in service, with so many workers.
    pub fn most(&self, workers: u32) -> u32 {
        self.rules.most(workers)
    }

    /// Another number of workers, or another pace.
    pub fn retune(&mut self, now: Time, workers: u32, pace: f64) {
        self.advance(now);
        (self.processors, self.pace) = (self.rules.processors(workers), pace);
    }

    /// One more, with this much work at full speed.
    pub fn join(&mut self, now: Time, id: Id, work: Span) -> Share {
        self.advance(now);
        let number = self.came;
        self.came = self.came.wrapping_add(1);
        self.active += 1;
        self.due.push(Reverse((self.progress.after(work), number, id)));
        Share { began: now, worker_ns: self.progress.worker_ns, number }
    }

    /// One leaves before it is done; returns how long a worker was at it.
    pub fn part(&mut self, now: Time, id: Id, share: Share) -> Span {
        self.advance(now);
        let took = self.took(share);
        self.one_less(id);
        took
    }

    /// One is interrupted; returns what is left, and how long a worker was at it.
    pub fn interrupt(&mut self, now: Time, id: Id, share: Share) -> (Span, Span) {
        self.advance(now);
        let its = self.due.iter().find(|Reverse((_, number, _))| share.is(*number));
        let Some(&Reverse((due, _, _))) = its else { unreachable!("who is in service was there") };
        let (left, took) = (self.progress.left(due), self.took(share));
        self.one_less(id);
        (left, took)
    }

    /// The last of those in service by rank, and to come among equals: its rank and its name. `of`
    /// says the rank of one who is still here.
    pub fn last<R: Ord>(&self, of: impl Fn(Id, u32) -> Option<R>) -> Option<(R, Id)> {
        let here = self.due.iter().filter_map(|&Reverse((_, number, id))| {
            let rank = of(id, number)?;
            Some((rank, number, id))
        });
        here.max().map(|(rank, _, id)| (rank, id))
    }

    /// The next one is done; returns how long a worker was at it.
    pub fn complete(&mut self, now: Time, share: Share) -> Span {
        self.advance(now);
        let took = self.took(share);
        let head = self.due.pop();
        let Some(Reverse((due, number, id))) = head else { unreachable!("who is done was there") };
        debug_assert!(number == share.number, "the head of the heap has the timer");
        self.progress.reach(due);
        self.one_less(id);
        self.done += 1;
        if let Some((every, lasts)) = &self.rules.pauses
            && self.done.is_multiple_of(u64::from(*every))
        {
            let mut draws = self.rules.draws.member(self.replica).draws(self.done);
            let lasts = Span::round(lasts.sample(&mut draws, self.done / u64::from(*every) - 1));
            self.progress.pause(now.saturating_add(lasts));
        }
        took
    }

    fn one_less(&mut self, id: Id) {
        if self.next.is_some_and(|next| next.0 == id) {
            self.next = None;
        }
        self.active -= 1;
        if self.active == 0 {
            self.due.clear();
            self.progress.restart();
        }
    }

    fn took(&self, share: Share) -> Span {
        Span::round(self.progress.worker_ns - share.worker_ns)
    }

    /// Who is done next, and when; `None` when nothing moves. `is_here` says whether a name still
    /// stands for the one that came with this share.
    fn next(&mut self, is_here: impl Fn(Id, u32) -> bool) -> Option<(Id, Time)> {
        loop {
            let &Reverse((due, number, id)) = self.due.peek()?;
            if is_here(id, number) {
                return self.progress.when(due, self.speed()).map(|at| (id, at));
            }
            self.due.pop();
        }
    }

    /// Another one is done next, or at another time: whose timer stood for all, and whose does
    /// now. `None` if nothing has changed.
    pub fn change_next(
        &mut self,
        is_here: impl Fn(Id, u32) -> bool,
    ) -> Option<(Id, Option<(Id, Time)>)> {
        let next = self.next(is_here);
        if next == self.next {
            return None;
        }
        let before = std::mem::replace(&mut self.next, next);
        Some((before.map_or(Id::NONE, |before| before.0), next))
    }

    /// When one is done, if it is the next.
    pub fn due(&self, id: Id) -> Option<Time> {
        self.next.filter(|next| next.0 == id).map(|next| next.1)
    }

    /// By how many the workers in use are more or less than at the last call. Where each has a
    /// worker to itself, `taken` are.
    pub fn change_in_use(&mut self, taken: u32) -> i32 {
        let in_use = match self.processors {
            Some(processors) => processors.min(self.active),
            None => taken,
        };
        let before = std::mem::replace(&mut self.reported, in_use);
        in_use.cast_signed() - before.cast_signed()
    }

    fn advance(&mut self, now: Time) {
        self.progress.advance(now, self.speed(), self.share());
    }

    /// The share of a worker that each has.
    fn share(&self) -> f64 {
        match self.processors {
            Some(processors) if processors < self.active => {
                f64::from(processors) / f64::from(self.active)
            }
            Some(_) | None => 1.0,
        }
    }

    /// The speed of each, 1 being full speed.
    fn speed(&self) -> f64 {
        let alone = self.share() / self.pace;
        match self.rules.serving.slowdown {
            Some(slowdown) => alone / slowdown.factor(self.active),
            None => alone,
        }
    }
}

impl Share {
    /// Whether it is that of the one that came with this number.
    pub fn is(&self, number: u32) -> bool {
        self.number == number
    }
}

impl Slowdown {
    /// How many times as long work takes with so many in service, ≥ 1.
    pub fn factor(self, active: u32) -> f64 {
        let active = f64::from(active.max(1));
        1.0 + self.contention * (active - 1.0) + self.coherency * active * (active - 1.0)
    }
}

#[cfg(test)]
mod tests;
