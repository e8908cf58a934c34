//! A bulkhead: at most so many calls at once, and at most so many that wait for a place.
//!
//! **States.** Each call is inside, waiting, or turned away. A place that becomes free goes to the
//! one who has waited longest; who has waited for the longest wait leaves.
//!
//! ```text
//! call ── a place is free ──────────────▶ inside ──▶ leaves; the next in line comes in
//!      ├─ none, but room in the queue ──▶ waiting ── the longest wait is over ──▶ turned away
//!      └─ neither ──────────────────────▶ turned away
//! ```
//!
//! Who has waited for the longest wait has waited in vain, even if a place falls free in that very
//! nanosecond: who comes first would otherwise depend on what is heard of first.
//!
//! **Units.** Calls inside and waiting are whole numbers, a wait is nanoseconds.
//!
//! **Defaults** of ours: 25 places, and nobody waits.
//!
//! **Formula.** Calls at once = rate × latency (Little): 200/s at 50 ms need ten places on average,
//! and some more for chance.
//!
//! **Helps** when one slow dependency would otherwise hold every thread of its caller. **Hurts**
//! when its limit is below what Little's law asks for (rate × latency): it refuses healthy traffic.
//!
//! **Source.** resilience4j's semaphore bulkhead (25 places, no wait, fair), Polly's concurrency
//! limiter with a bounded queue, Hystrix' semaphore isolation (10 places), Envoy's circuit breakers
//! (1024 connections and 1024 pending requests).
//!
//! ```
//! use brownout_policies::bulkhead::{Bulkhead, BulkheadConfig, Entry};
//! use brownout_policies::{Span, Time};
//!
//! let longest_wait = Span::from_millis(100);
//! let config = BulkheadConfig { places: 1, longest_wait, ..BulkheadConfig::ours() };
//! let mut bulkhead = Bulkhead::new(config).expect("the configuration is sound");
//! let Entry::Inside(permit) = bulkhead.enter(Time::ZERO, 1) else { panic!("there is a place") };
//! assert!(matches!(bulkhead.enter(Time::ZERO, 2), Entry::Waiting { .. }));
//! bulkhead.leave(permit);
//! let (who, permit) = bulkhead.next(Time::from_nanos(5)).expect("somebody waits");
//! assert_eq!(who, 2);
//! bulkhead.leave(permit);
//! ```

use crate::gate::{Permit, Refusal};
use crate::settings::{Dialect, Problem, Setting, Settings, Value};
use crate::time::{Span, Time};
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

/// What a bulkhead is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkheadConfig {
    /// Calls inside at once.
    pub places: u32,
    /// Calls that may wait for a place.
    pub queue: Option<u32>,
    /// How long one may wait; zero is not at all.
    pub longest_wait: Span,
}

/// The systems whose bulkheads these are.
pub const DIALECTS: &[Dialect<BulkheadConfig>] = &[
    Dialect { name: "Ours", about: "25 places, nobody waits", config: BulkheadConfig::ours },
    Dialect {
        name: "Resilience4j",
        about: "the semaphore bulkhead: 25 places, no wait, fair",
        config: BulkheadConfig::resilience4j,
    },
    Dialect {
        name: "Hystrix",
        about: "semaphore isolation: 10 places, no wait",
        config: BulkheadConfig::hystrix,
    },
    Dialect {
        name: "Envoy",
        about: "1024 connections of one call each, 1024 pending until the route's timeout",
        config: BulkheadConfig::envoy,
    },
    Dialect {
        name: "Polly",
        about: "the concurrency limiter of v8: 1000 places, no queue",
        config: BulkheadConfig::polly,
    },
];

impl BulkheadConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> BulkheadConfig {
        BulkheadConfig { places: 25, queue: None, longest_wait: Span::ZERO }
    }

    /// resilience4j's defaults.
    pub fn resilience4j() -> BulkheadConfig {
        BulkheadConfig::ours()
    }

    /// Hystrix' defaults.
    pub fn hystrix() -> BulkheadConfig {
        BulkheadConfig { places: 10, ..BulkheadConfig::ours() }
    }

    /// Envoy's thresholds for calls that have a connection each, with its route timeout of 15 s.
    pub fn envoy() -> BulkheadConfig {
        let longest_wait = Span::from_millis(15_000);
        BulkheadConfig { places: 1_024, queue: Some(1_024), longest_wait }
    }

    /// Polly v8's defaults.
    pub fn polly() -> BulkheadConfig {
        BulkheadConfig { places: 1_000, ..BulkheadConfig::ours() }
    }
}

impl Settings for BulkheadConfig {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            Setting::new("places", "calls inside at once", Value::Count(&mut self.places)),
            Setting::new("queue", "calls that may wait", Value::CountOrUnlimited(&mut self.queue)),
            Setting::new(
                "longest_wait",
                "how long one may wait",
                Value::Span(&mut self.longest_wait),
            ),
        ]
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.places == 0 {
            let why = "nothing would ever be let in";
            problems.push(Problem::new("places", 0, why, "write 1 or more"));
        }
        if self.queue == Some(0) && !self.longest_wait.is_zero() {
            let why = "with no place to wait, nobody waits";
            problems.push(Problem::new(
                "queue",
                0,
                why,
                "write a longest_wait of 0s, or places to wait",
            ));
        }
        problems
    }
}

/// What became of a call at the door.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry {
    /// It is inside.
    Inside(Permit),
    /// It waits for [`Bulkhead::next`] to name it, until this moment at the latest.
    Waiting {
        /// When it gives up.
        until: Time,
    },
    /// There is no place, inside or in the queue.
    Refused(Refusal),
}

/// Room for so many who wait is taken at once; more of them take more as they come. Some write the
/// greatest number there is for a queue without a bound.
const ROOM_MAX: u32 = 65_536;

/// A bulkhead at work.
#[derive(Debug)]
pub struct Bulkhead {
    config: BulkheadConfig,
    inside: u32,
    /// Who waits and until when, longest first.
    waiting: VecDeque<(u64, Time)>,
}

impl Bulkhead {
    /// An empty one.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn new(config: BulkheadConfig) -> Result<Bulkhead, Vec<Problem>> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let most = if config.longest_wait.is_zero() { 0 } else { config.queue.unwrap_or(64) };
        let waiting = VecDeque::with_capacity(most.min(ROOM_MAX) as usize);
        Ok(Bulkhead { config, inside: 0, waiting })
    }

    /// Calls inside.
    pub fn inside(&self) -> u32 {
        self.inside
    }

    /// Calls that wait.
    pub fn waiting(&self) -> u32 {
        self.waiting.len() as u32
    }

    /// A call comes to the door; `who` is its caller's name for it. No draw is taken.
    pub fn enter(&mut self, now: Time, who: u64) -> Entry {
        if self.inside < self.config.places && self.waiting.is_empty() {
            self.inside += 1;
            return Entry::Inside(Permit { generation: 0, tag: 0 });
        }
        let full = self.config.queue.is_some_and(|most| self.waiting() >= most);
        if self.config.longest_wait.is_zero() || full {
            return Entry::Refused(self.full());
        }
        let until = now.saturating_add(self.config.longest_wait);
        self.waiting.push_back((who, until));
        Entry::Waiting { until }
    }

    /// A call that was inside is over, however it went.
    pub fn leave(&mut self, permit: Permit) {
        let Permit { .. } = permit;
        self.inside = self.inside.saturating_sub(1);
    }

    /// Gives a free place to the one who has waited longest, if there are both.
    pub fn next(&mut self, now: Time) -> Option<(u64, Permit)> {
        if self.inside >= self.config.places {
            return None;
        }
        let &(who, until) = self.waiting.front()?;
        if until <= now {
            return None;
        }
        self.waiting.pop_front();
        self.inside += 1;
        Some((who, Permit { generation: 0, tag: 0 }))
    }

    /// One who waits leaves before its time; `false` if it does not wait.
    pub fn give_up(&mut self, who: u64) -> bool {
        let place = self.waiting.iter().position(|waiter| waiter.0 == who);
        place.is_some_and(|place| self.waiting.remove(place).is_some())
    }

    /// One who waits has done so for the longest wait: why it was in vain.
    pub fn waited(&mut self, who: u64) -> Refusal {
        self.give_up(who);
        self.full()
    }

    fn full(&self) -> Refusal {
        let (value, bound) = (u64::from(self.inside), u64::from(self.config.places));
        Refusal { what: "calls inside", value, bound, retry_at: None }
    }

    /// When somebody's wait ends.
    pub fn next_wakeup(&self) -> Option<Time> {
        self.waiting.front().map(|waiter| waiter.1)
    }

    /// One whose wait has ended, if there is one; ask until there is none.
    pub fn expired(&mut self, now: Time) -> Option<u64> {
        self.waiting.pop_front_if(|waiter| waiter.1 <= now).map(|waiter| waiter.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_at_its_time_and_the_next_in_line_is_served() {
        let config =
            BulkheadConfig { places: 1, queue: Some(2), longest_wait: Span::from_nanos(10) };
        let mut bulkhead = Bulkhead::new(config).expect("it is sound");
        let Entry::Inside(permit) = bulkhead.enter(Time::ZERO, 1) else { panic!("it is empty") };
        bulkhead.enter(Time::ZERO, 2);
        bulkhead.enter(Time::from_nanos(5), 3);
        assert_eq!(bulkhead.next_wakeup(), Some(Time::from_nanos(10)));
        assert_eq!(bulkhead.expired(Time::from_nanos(9)), None);
        assert_eq!(bulkhead.expired(Time::from_nanos(10)), Some(2));
        bulkhead.leave(permit);
        let (who, permit) = bulkhead.next(Time::from_nanos(12)).expect("the third waits");
        assert_eq!((who, bulkhead.inside(), bulkhead.waiting()), (3, 1, 0));
        bulkhead.leave(permit);
    }

    #[test]
    fn a_queue_of_any_length_takes_no_memory_beforehand() {
        let longest_wait = Span::from_nanos(10);
        let config = BulkheadConfig { places: 1, queue: Some(u32::MAX), longest_wait };
        let mut bulkhead = Bulkhead::new(config).expect("it is sound");
        let Entry::Inside(permit) = bulkhead.enter(Time::ZERO, 1) else { panic!("it is empty") };
        assert_eq!(bulkhead.enter(Time::ZERO, 2), Entry::Waiting { until: Time::from_nanos(10) });
        bulkhead.leave(permit);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let config =
            BulkheadConfig { places: 0, queue: Some(0), longest_wait: Span::from_nanos(1) };
        assert_eq!(config.problems().len(), 2);
    }
}
