//! Rate limiters: so many calls a period, and what becomes of those beyond.
//!
//! **States.** A limiter remembers what it let through, each kind in its own few words: a level of
//! tokens, the moment when the next is due, a window's count. Who comes too early is refused with
//! the moment when he would have been let through, or waits for it: [`Limiter::reserve`] hands out
//! the moments one after the other, so that those who wait do not all start together. No draw is
//! taken, nothing changes by time alone, and a decision allocates nothing.
//!
//! **Kinds.** [`TokenBucket`], [`Gcra`] and [`GoBucket`] bound any stretch of time *t* by
//! burst + rate · *t*. [`Smooth`] and [`Paced`] space calls evenly. [`Cycle`] counts windows, and
//! lets twice its permits through around a boundary; [`SlidingCounter`] may do so within one
//! window; [`SlidingLog`] never lets more than its permits through in any window.
//!
//! **Formula.** GCRA lets through at t what comes no earlier than TAT − (burst − 1) / rate, and
//! then TAT = max(t, TAT) + 1 / rate. A bucket of min(burst, tokens + rate · Δt) tokens decides the
//! same every time. Who is refused n tokens may have them after (n − tokens) / rate.
//!
//! **Units.** Permits are whole numbers, periods nanoseconds; nothing is rounded that accumulates,
//! but GCRA's interval, which is whole nanoseconds, is rounded down: 3/s is one every 333 333 333
//! ns.
//!
//! **Defaults** of ours: GCRA, 100 a second, ten of them at once, and nobody waits.
//!
//! **Helps** to share a dependency fairly, to keep a caller under a quota it has been given, and to
//! keep a burst off a queue. **Hurts** as overload protection: it counts calls, not work, and its
//! rate is right only for the capacity that someone had in mind. A limit that turns calls away is a
//! source of retries; callers have to treat a refusal as a refusal.
//!
//! **Source.** GCRA: ITU-T I.371; governor 0.10; throttled and redis-cell. Token bucket:
//! golang.org/x/time/rate. resilience4j's `AtomicRateLimiter`; failsafe-go's smooth and bursty
//! limiters; tower's `RateLimit`; uber-go/ratelimit; Cloudflare's sliding counter (2017).
//!
//! ```
//! use brownout_policies::limiter::{Limiter, LimiterConfig};
//! use brownout_policies::{Span, Time};
//!
//! // Ten a second, two at once.
//! let config = LimiterConfig { permits: 10, burst: 2, ..LimiterConfig::ours() };
//! let mut limiter = Limiter::new(config).expect("the configuration is sound");
//! assert!(limiter.try_take(Time::ZERO, 1).is_ok());
//! assert!(limiter.try_take(Time::ZERO, 1).is_ok());
//! let refusal = limiter.try_take(Time::ZERO, 1).expect_err("both are gone");
//! assert_eq!(refusal.retry_at, Some(Time::from_secs(0.1)));
//!
//! // Those who may wait are given a moment each.
//! let second = Span::from_secs(1.0);
//! let first = limiter.reserve(Time::ZERO, 1, second).expect("it is soon");
//! let next = limiter.reserve(Time::ZERO, 1, second).expect("it is soon");
//! assert_eq!((first.at, next.at), (Time::from_secs(0.1), Time::from_secs(0.2)));
//! limiter.cancel(Time::ZERO, next);
//! ```

mod bucket;
mod config;
mod cycle;
mod gcra;
mod go;
mod paced;
mod sliding_counter;
mod sliding_log;
mod smooth;
#[cfg(test)]
mod tests;

pub use bucket::TokenBucket;
pub use config::{Algorithm, DIALECTS, LimiterConfig};
pub use cycle::{Cycle, Windows};
pub use gcra::Gcra;
pub use go::{GoBucket, GoReservation};
pub use paced::Paced;
pub use sliding_counter::SlidingCounter;
pub use sliding_log::SlidingLog;
pub use smooth::Smooth;

use crate::gate::Refusal;
use crate::settings::{Problem, Settings};
use crate::time::{Span, Time};
use alloc::vec::Vec;

/// A limiter at work.
#[derive(Debug, Clone)]
pub struct Limiter {
    rule: Rule,
    longest_wait: Span,
    /// The latest moment it has been told; an earlier one counts as this one.
    latest: Time,
    /// Permits handed out and not given back, over its whole life.
    taken: u64,
}

/// How it counts, with the state of it.
#[derive(Debug, Clone)]
pub enum Rule {
    /// Tokens in whole numbers.
    Bucket(TokenBucket),
    /// The moment when the next is due.
    Gcra(Gcra),
    /// Tokens in Go's floats.
    Go(GoBucket),
    /// One an interval, on the grid.
    Smooth(Smooth),
    /// One after the other.
    Paced(Paced),
    /// A count a window.
    Cycle(Cycle),
    /// Two counts.
    Counter(SlidingCounter),
    /// All moments.
    Log(SlidingLog),
}

/// What somebody holds who was let through, perhaps for later: used at its moment, or cancelled.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "who is let through has to know from when on"]
pub struct Reservation {
    /// From when on he may go.
    pub at: Time,
    n: u32,
    /// Permits taken in all once these were; for Go's bucket its rate's bits.
    mark: u64,
}

impl Reservation {
    /// In two words, for the machine of calls, which keeps them in a frame and puts them together
    /// again once at most.
    pub(crate) const fn apart(self) -> (Time, u64) {
        (self.at, self.mark)
    }

    /// A reservation for one that was taken apart.
    pub(crate) const fn together(at: Time, mark: u64) -> Reservation {
        Reservation { at, n: 1, mark }
    }
}

impl Limiter {
    /// One that nobody has used.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn new(config: LimiterConfig) -> Result<Limiter, Vec<Problem>> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let LimiterConfig { permits, per, burst, slack, counts_itself, longest_wait, .. } = config;
        let rule = match config.algorithm {
            Algorithm::TokenBucket => Rule::Bucket(TokenBucket::new(permits, per, burst)),
            Algorithm::Gcra => Rule::Gcra(Gcra::new(Gcra::interval(permits, per), burst)),
            Algorithm::GoBucket => {
                Rule::Go(GoBucket::new(f64::from(permits) / per.as_secs(), burst))
            }
            Algorithm::Smooth => Rule::Smooth(Smooth::new(Gcra::interval(permits, per))),
            Algorithm::Paced => Rule::Paced(Paced::new(Gcra::interval(permits, per), slack)),
            Algorithm::Cycle => Rule::Cycle(Cycle::new(permits, per, Windows::OnGrid)),
            Algorithm::UncappedCycle => {
                Rule::Cycle(Cycle::new(permits, per, Windows::OnGridUncapped))
            }
            Algorithm::AnchoredWindow => {
                Rule::Cycle(Cycle::new(permits, per, Windows::AtFirstCall))
            }
            Algorithm::SlidingCounter => {
                Rule::Counter(SlidingCounter::new(permits, per, counts_itself))
            }
            Algorithm::SlidingLog => Rule::Log(SlidingLog::new(permits, per)),
        };
        Ok(Limiter::of(rule, longest_wait))
    }

    /// One that counts by a rule that is already there.
    pub fn of(rule: Rule, longest_wait: Span) -> Limiter {
        Limiter { rule, longest_wait, latest: Time::ZERO, taken: 0 }
    }

    /// The state behind it, as of the last call.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The state behind it, to be changed while it is at work.
    pub fn rule_mut(&mut self) -> &mut Rule {
        &mut self.rule
    }

    /// Lets `n` calls (or one of weight `n`) through now, all or none.
    ///
    /// # Errors
    /// They come too early; the refusal says when they would not, or that `n` is too many for ever.
    #[inline]
    pub fn try_take(&mut self, now: Time, n: u32) -> Result<(), Refusal> {
        self.reserve(now, n, Span::ZERO).map(|_| ())
    }

    /// Lets `n` through as early as they may go, unless that is more than `longest_wait` away.
    /// Those who wait get moments in the order in which they came. A [`SlidingCounter`] keeps no
    /// debt: nobody waits in it.
    ///
    /// # Errors
    /// They would wait longer; the refusal says when they would not. Nothing is taken then.
    #[inline]
    pub fn reserve(
        &mut self,
        now: Time,
        n: u32,
        longest_wait: Span,
    ) -> Result<Reservation, Refusal> {
        let now = self.advance(now);
        if let Rule::Go(rule) = &mut self.rule {
            // Its floats are dear: they are reckoned once.
            return match rule.ask(now, n, longest_wait) {
                Ok(reservation) => {
                    self.taken = self.taken.wrapping_add(u64::from(n));
                    let (at, n, mark) = reservation.parts();
                    Ok(Reservation { at, n, mark })
                }
                Err((at, left)) => Err(self.refuse(n, at, longest_wait, left)),
            };
        }
        let longest_wait = if self.keeps_debt() { longest_wait } else { Span::ZERO };
        match self.earliest(now, n) {
            Some(at) if at.since(now) <= longest_wait => Ok(self.take(now, n, at)),
            at => {
                let left = self.remaining(now);
                Err(self.refuse(n, at, longest_wait, left))
            }
        }
    }

    /// How long a call waits here if it may, from the configuration; zero is not at all.
    pub fn longest_wait(&self) -> Span {
        self.longest_wait
    }

    /// A reservation is not used after all. What no later one has built upon comes back; nothing
    /// does once its moment has passed.
    pub fn cancel(&mut self, now: Time, reservation: Reservation) {
        let now = self.advance(now);
        let Reservation { at, n, mark } = reservation;
        if at < now {
            return;
        }
        let since = self.taken.saturating_sub(mark);
        let unused = u64::from(n).saturating_sub(since) as u32;
        match &mut self.rule {
            Rule::Go(rule) => {
                rule.cancel(now, GoReservation::from_parts(at, n, mark));
                return;
            }
            // Only the newest can be taken out of a log.
            Rule::Log(_) if since > 0 => return,
            Rule::Log(rule) => rule.give_back(at, unused),
            Rule::Bucket(rule) => rule.give_back(unused),
            Rule::Gcra(rule) => rule.give_back(unused),
            Rule::Smooth(rule) => rule.give_back(unused),
            Rule::Paced(rule) => rule.give_back(unused),
            Rule::Cycle(rule) => rule.give_back(unused),
            Rule::Counter(rule) => rule.give_back(unused),
        }
        self.taken -= u64::from(unused);
    }

    /// How many would be let through now.
    pub fn remaining(&mut self, now: Time) -> u32 {
        let now = self.advance(now);
        match &self.rule {
            Rule::Bucket(rule) => rule.remaining(),
            Rule::Gcra(rule) => rule.remaining(now),
            Rule::Go(rule) => rule.remaining(now),
            Rule::Smooth(rule) => rule.remaining(now),
            Rule::Paced(rule) => rule.remaining(now),
            Rule::Cycle(rule) => rule.remaining(),
            Rule::Counter(rule) => rule.remaining(now),
            Rule::Log(rule) => rule.remaining(now),
        }
    }

    /// When `n` would be let through if nobody else came; `None` is never.
    pub fn retry_at(&mut self, now: Time, n: u32) -> Option<Time> {
        let now = self.advance(now);
        let fits = n <= self.capacity();
        self.earliest(now, n).filter(|_| fits)
    }

    /// How long until it is as if nobody had ever come, for kinds that can say.
    pub fn reset_after(&self, now: Time) -> Option<Span> {
        match &self.rule {
            Rule::Gcra(rule) => Some(rule.reset_after(now.max(self.latest))),
            Rule::Bucket(_) | Rule::Go(_) | Rule::Smooth(_) | Rule::Paced(_) => None,
            Rule::Cycle(_) | Rule::Counter(_) | Rule::Log(_) => None,
        }
    }

    /// The most that could ever be let through at one moment without waiting.
    pub fn capacity(&self) -> u32 {
        match &self.rule {
            Rule::Bucket(rule) => rule.capacity(),
            Rule::Gcra(rule) => rule.capacity(),
            Rule::Go(rule) => rule.capacity(),
            Rule::Smooth(_) => 1,
            Rule::Paced(rule) => rule.capacity(),
            Rule::Cycle(rule) => rule.capacity(),
            Rule::Counter(rule) => rule.capacity(),
            Rule::Log(rule) => rule.capacity(),
        }
    }

    /// Whether anybody can wait here at all.
    fn keeps_debt(&self) -> bool {
        !matches!(self.rule, Rule::Counter(_))
    }

    #[inline]
    fn advance(&mut self, now: Time) -> Time {
        self.latest = self.latest.max(now);
        match &mut self.rule {
            Rule::Bucket(rule) => rule.advance(self.latest),
            Rule::Cycle(rule) => rule.advance(self.latest),
            Rule::Counter(rule) => rule.advance(self.latest),
            Rule::Gcra(_) | Rule::Go(_) | Rule::Smooth(_) | Rule::Paced(_) | Rule::Log(_) => {}
        }
        self.latest
    }

    #[inline]
    fn earliest(&self, now: Time, n: u32) -> Option<Time> {
        match &self.rule {
            Rule::Bucket(rule) => rule.earliest(now, n),
            Rule::Gcra(rule) => rule.earliest(now, n),
            Rule::Go(rule) => rule.earliest(now, n),
            Rule::Smooth(rule) => rule.earliest(now, n),
            Rule::Paced(rule) => rule.earliest(now, n),
            Rule::Cycle(rule) => rule.earliest(now, n),
            Rule::Counter(rule) => rule.earliest(now, n),
            Rule::Log(rule) => rule.earliest(now, n),
        }
    }

    #[inline]
    fn take(&mut self, now: Time, n: u32, at: Time) -> Reservation {
        self.taken = self.taken.wrapping_add(u64::from(n));
        let mark = self.taken;
        match &mut self.rule {
            Rule::Bucket(rule) => rule.take(n),
            Rule::Gcra(rule) => rule.take(now, n),
            // It has taken them when it was asked.
            Rule::Go(_) => {}
            Rule::Smooth(rule) => rule.take(now, n),
            Rule::Paced(rule) => rule.take(now, n),
            Rule::Cycle(rule) => rule.take(n),
            Rule::Counter(rule) => rule.take(n),
            Rule::Log(rule) => rule.take(at, n),
        }
        Reservation { at, n, mark }
    }

    #[cold]
    fn refuse(&self, n: u32, at: Option<Time>, longest_wait: Span, left: u32) -> Refusal {
        let never = longest_wait.is_zero() && n > self.capacity();
        let earlier = |at: Time| Time::from_nanos(at.nanos().saturating_sub(longest_wait.nanos()));
        Refusal {
            what: "permits asked for",
            value: u64::from(n),
            bound: u64::from(left),
            retry_at: at.filter(|_| !never).map(earlier),
        }
    }
}
