//! Load shedding: what to drop when more comes than can be served.
//!
//! A queue asks three things: whether one that arrives may wait, for how long and in which order
//! ([`Shed::enqueue`]), and whether one that leaves it is still to be served ([`Shed::dequeue`]).
//! It says when it is empty ([`Shed::emptied`]). No draw is ever taken.
//!
//! **States.** Overloaded or not, by a rule; in Dagor a level, below which nothing is let in.
//!
//! **Rules.**
//!
//! * [`Codel`](Rule::Codel): once an interval (100 ms) the queue is overloaded if even the least
//!   wait of the last interval was more than the target (5 ms); then who waited more than twice the
//!   target is dropped. The first that leaves in an interval never is.
//! * [`ControlledDelay`](Rule::ControlledDelay): who arrives when the queue has not been empty for
//!   longer than the interval (100 ms) may wait for the target (5 ms), else for the interval.
//! * [`Dagor`](Rule::Dagor): once a window (1 s or 2000 arrivals) the queue was overloaded if its
//!   mean wait was more than the target (20 ms). Then the least important levels are given up until
//!   5 % of those let in are gone; otherwise levels come back until 1 % of the arrivals are
//!   regained. Callers that are told the [level](Shed::level) need not send what would be refused.
//!
//! With `newest_first` the order is last in, first out while the queue is overloaded: then some are
//! served in time instead of all too late. Ours is CoDel with it, and forgets an overload when the
//! queue is empty (folly's flag stays until the next interval's first).
//!
//! **Formula.** A queue of n before a server that serves μ per second makes the next one wait n /
//! μ. In order of arrival everyone waits longer than a patience T as soon as n > μ T, and nothing
//! that is served is of use to anybody; dropping who waited more than 2 × target keeps n near 2 μ ×
//! target.
//!
//! **Units.** Waits are nanoseconds, arrivals and levels whole numbers, of which 0 is the most
//! important; shares are millionths.
//!
//! **Defaults** of ours: a target of 5 ms over 100 ms, newest first in overload.
//!
//! **Helps** where clients give up on what waited too long. **Hurts** where they do not: batch work
//! that is dropped is work done again.
//!
//! **Source.** Nichols & Jacobson 2012 and folly's `Codel`; Maurer, *Fail at Scale*, 2015; Zhou et
//! al., *Overload Control for Scaling WeChat Microservices*, 2018.
//!
//! ```
//! use brownout_policies::shed::{Order, Shed, ShedConfig};
//! use brownout_policies::{Span, Time};
//!
//! let mut shed = Shed::new(ShedConfig::ours()).expect("the configuration is sound");
//! let (at, slow) = (|millis: u64| Time::from_nanos(millis * 1_000_000), Span::from_millis(50));
//! assert!(!shed.dequeue(at(110), slow)); // the first of an interval
//! assert!(!shed.dequeue(at(220), slow)); // the first of the next, which is overloaded
//! assert!(shed.dequeue(at(221), slow));
//! let place = shed.enqueue(at(222), 0).expect("CoDel lets everyone wait");
//! assert_eq!(place.order, Order::NewestFirst);
//! ```

mod codel;
mod config;
mod dagor;

pub use config::{AT_THE_DOOR, CODELS, CONTROLLED_DELAYS, DIALECTS, Rule, ShedConfig};

use crate::gate::Refusal;
use crate::settings::{Problem, Settings};
use crate::time::{Span, Time};
use alloc::vec::Vec;
use codel::Codel;
use dagor::Dagor;

/// Who is served next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// First in, first out.
    OldestFirst,
    /// Last in, first out.
    NewestFirst,
}

/// How one that arrived may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Who is served next from now on.
    pub order: Order,
    /// How long it may wait, if there is a bound.
    pub timeout: Option<Span>,
}

#[derive(Debug, Clone)]
enum State {
    Codel(Codel),
    /// When the queue was last empty.
    ControlledDelay(Time),
    Dagor(Dagor),
}

/// A shedder at work.
#[derive(Debug, Clone)]
pub struct Shed {
    config: ShedConfig,
    state: State,
    /// The latest moment it has heard of: time does not go back.
    latest: Time,
}

impl Shed {
    /// That of an empty queue.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn new(config: ShedConfig) -> Result<Shed, Vec<Problem>> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let state = match config.rule {
            Rule::Codel => State::Codel(Codel::new(config.target, config.interval)),
            Rule::ControlledDelay => State::ControlledDelay(Time::ZERO),
            Rule::Dagor => State::Dagor(Dagor::new(config)),
        };
        Ok(Shed { config, state, latest: Time::ZERO })
    }

    /// One of a priority (0 is the most important) arrives: how it may wait.
    ///
    /// # Errors
    /// When its level is not let in, which only DAGOR ever says.
    pub fn enqueue(&mut self, now: Time, level: u32) -> Result<Place, Refusal> {
        self.wake(now);
        let now = self.latest;
        if let State::Dagor(dagor) = &mut self.state
            && !dagor.arrives(now, level)
        {
            let (value, bound) = (u64::from(level), u64::from(dagor.level));
            let what = "level of priority";
            return Err(Refusal { what, value, bound, retry_at: dagor.ends });
        }
        let timeout = match (&self.state, self.is_overloaded()) {
            (State::ControlledDelay(_), true) => Some(self.config.target),
            (State::ControlledDelay(_), false) => Some(self.config.interval),
            (State::Codel(_) | State::Dagor(_), _) => None,
        };
        Ok(Place { order: self.order(), timeout })
    }

    /// One leaves the queue after a wait: whether it is to be dropped instead of served.
    pub fn dequeue(&mut self, now: Time, waited: Span) -> bool {
        self.wake(now);
        match &mut self.state {
            State::Codel(codel) => codel.leaves(self.latest, waited),
            State::ControlledDelay(_) => false,
            State::Dagor(dagor) => {
                dagor.leaves(waited);
                false
            }
        }
    }

    /// The queue is empty.
    pub fn emptied(&mut self, now: Time) {
        self.wake(now);
        match &mut self.state {
            State::Codel(codel) if self.config.forget_when_empty => codel.forget(),
            State::ControlledDelay(empty) => *empty = self.latest,
            State::Codel(_) | State::Dagor(_) => {}
        }
    }

    /// Whether the queue is overloaded as of the latest moment.
    pub fn is_overloaded(&self) -> bool {
        match &self.state {
            State::Codel(codel) => codel.overloaded,
            State::ControlledDelay(empty) => self.latest.since(*empty) > self.config.interval,
            State::Dagor(dagor) => dagor.overloaded,
        }
    }

    /// Who is served next as of the latest moment.
    pub fn order(&self) -> Order {
        if self.config.newest_first && self.is_overloaded() {
            Order::NewestFirst
        } else {
            Order::OldestFirst
        }
    }

    /// The least important level that is let in; the rules without priorities let all in.
    pub fn level(&self) -> u32 {
        match &self.state {
            State::Codel(_) | State::ControlledDelay(_) => u32::MAX,
            State::Dagor(dagor) => dagor.level,
        }
    }

    /// CoDel's least wait against twice its target, in percent, at most 100; else zero.
    pub fn load(&self) -> u32 {
        match &self.state {
            State::Codel(codel) => codel.load(),
            State::ControlledDelay(_) | State::Dagor(_) => 0,
        }
    }

    /// Goes on with another target and interval.
    ///
    /// # Errors
    /// When they cannot be; then it goes on with the old ones.
    pub fn retune(&mut self, target: Span, interval: Span) -> Result<(), Vec<Problem>> {
        let config = ShedConfig { target, interval, ..self.config };
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        self.config = config;
        if let State::Codel(codel) = &mut self.state {
            codel.retune(target, interval);
        }
        Ok(())
    }

    /// Ends DAGOR's window now; the other rules have none to end.
    pub fn end_window(&mut self, now: Time) {
        self.latest = self.latest.max(now);
        if let State::Dagor(dagor) = &mut self.state {
            dagor.end_window();
        }
    }

    /// When something changes by time alone: the end of a window, or a queue that has not been
    /// empty for too long.
    pub fn next_wakeup(&self) -> Option<Time> {
        match &self.state {
            State::Codel(_) => None,
            State::ControlledDelay(empty) => {
                let after = empty.saturating_add(self.config.interval);
                let turns = after.saturating_add(Span::from_nanos(1));
                (turns > self.latest).then_some(turns)
            }
            State::Dagor(dagor) => dagor.ends,
        }
    }

    /// Lets happen what was due by now.
    pub fn wake(&mut self, now: Time) {
        self.latest = self.latest.max(now);
        if let State::Dagor(dagor) = &mut self.state {
            dagor.wake(self.latest);
        }
    }
}

#[cfg(test)]
mod tests;
