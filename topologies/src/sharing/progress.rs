//! The clock that all in service share: how far each has come.

use crate::graph::WarmUp;
use brownout_core::{Span, Time};

/// The clock counts in parts of a nanosecond, so that millions of changes of speed do not add up
/// to one.
const PARTS: f64 = 4_294_967_296.0;
const PART_BITS: u32 = 32;

/// The clock, and where it stands.
#[derive(Debug)]
pub(super) struct Progress {
    /// In parts of a nanosecond of work.
    done: u128,
    /// For how long each has had a worker, ns.
    pub(super) worker_ns: f64,
    /// When that was right.
    at: Time,
    /// Nothing moves before this.
    paused_until: Time,
    warmth: Option<Warmth>,
}

impl Progress {
    pub(super) fn new(warmth: Option<Warmth>) -> Progress {
        let (at, paused_until) = (Time::ZERO, Time::ZERO);
        Progress { done: 0, worker_ns: 0.0, at, paused_until, warmth }
    }

    /// What the clock says when one is done that has this much left now.
    pub(super) fn after(&self, work: Span) -> u128 {
        self.done + (u128::from(work.nanos()) << PART_BITS)
    }

    /// What is left, at full speed, of one who is done when the clock says this.
    pub(super) fn left(&self, due: u128) -> Span {
        Span::round(due.saturating_sub(self.done) as f64 / PARTS)
    }

    /// Time passes: each goes on at this speed, and has this share of a worker.
    pub(super) fn advance(&mut self, now: Time, speed: f64, share: f64) {
        self.worker_ns += share * now.since(self.at).nanos() as f64;
        let from = self.at.max(self.paused_until).min(now);
        let moved = match &self.warmth {
            None => now.since(from).nanos() as f64,
            Some(warmth) => warmth.until(now) - warmth.until(from),
        };
        self.done += (moved * speed * PARTS) as u128;
        self.at = now;
    }

    /// The clock says at least this: a timer fires at a whole nanosecond.
    pub(super) fn reach(&mut self, due: u128) {
        self.done = self.done.max(due);
    }

    /// Nothing moves until then.
    pub(super) fn pause(&mut self, until: Time) {
        self.paused_until = self.paused_until.max(until);
    }

    /// Nobody is in service: what the clock says no longer matters.
    pub(super) fn restart(&mut self) {
        self.done = 0;
    }

    /// When the clock will say this at this speed; `None` when it does not move.
    pub(super) fn when(&self, due: u128, speed: f64) -> Option<Time> {
        let left = due.saturating_sub(self.done) as f64 / PARTS;
        if speed <= 0.0 && left > 0.0 {
            return None;
        }
        let from = self.at.max(self.paused_until);
        let needed = if left > 0.0 { left / speed } else { 0.0 };
        let takes = match &self.warmth {
            None => Span::round(needed),
            Some(warmth) => warmth.time_for(from, needed),
        };
        Some(from.saturating_add(takes))
    }
}

/// A process that gets up to speed in a straight line, as a clock that starts slowly.
#[derive(Debug, Clone, Copy)]
pub(super) struct Warmth {
    booted: Time,
    from: f64,
    /// ns.
    over: f64,
}

impl Warmth {
    pub(super) fn new(warm_up: WarmUp, booted: Time) -> Warmth {
        Warmth { booted, from: warm_up.from, over: warm_up.over.nanos() as f64 }
    }

    /// What gets done from the start until then by one that goes on as fast as it can, ns of work:
    /// with age u it is x u + (1 − x) u² / (2 T) up to T, and u − (1 − x) T / 2 from then on.
    fn until(&self, at: Time) -> f64 {
        let age = at.since(self.booted).nanos() as f64;
        let cold = 1.0 - self.from;
        match age < self.over {
            true => self.from * age + cold * age * age / (2.0 * self.over),
            false => age - cold * self.over / 2.0,
        }
    }

    /// How long this much work takes from then on: the inverse of [`Warmth::until`], in the form
    /// of the root that does not cancel.
    fn time_for(&self, from: Time, work: f64) -> Span {
        let target = self.until(from) + work;
        let cold = 1.0 - self.from;
        let when_warm = self.over * (1.0 + self.from) / 2.0;
        let age = match target < when_warm {
            true => {
                let root = (self.from * self.from + 2.0 * cold * target / self.over).sqrt();
                2.0 * target / (self.from + root)
            }
            false => target + cold * self.over / 2.0,
        };
        Span::round((age - from.since(self.booted).nanos() as f64).max(0.0))
    }
}
