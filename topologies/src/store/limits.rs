//! Limits of a rate, one for each key, as scripts in Redis keep them. They are volatile: a process
//! that starts anew hands out fresh bursts. So does one that forgets keys for want of memory.

use super::recency::Recency;
use super::window::Window;
use super::{Asking, Says};
use crate::graph::{self, Act, Behind, Full, Keys, LimitClock, Memory};
use crate::ledger::{AtStore, Leaving};
use brownout_core::{Span, Time};
use brownout_policies::limiter::{Algorithm, Gcra, Limiter, LimiterConfig, Rule};
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

/// The limits of a replica.
#[derive(Debug, Clone)]
pub struct Limits {
    rule: graph::Limits,
    /// By key; of one that nobody has asked for yet there is none.
    every: Vec<Option<Box<Kept>>>,
    /// In which order they were asked for, where there is not memory for all.
    order: Option<Recency>,
    /// What else came of what was done last.
    aside: Option<AtStore>,
}

/// What is kept of a key.
#[derive(Debug, Clone)]
struct Kept {
    limit: Limit,
    /// When it was asked for last.
    asked: Time,
}

#[derive(Debug, Clone)]
enum Limit {
    /// By an engine of the policies.
    Engine(Limiter),
    /// By a bucket whose moments may go back.
    Bucket(Bucket),
    /// By a count whose end may be missing.
    Window(Window),
}

impl Limits {
    /// Limits that nobody has asked for yet.
    pub fn new(rule: graph::Limits, keys: Keys) -> Limits {
        let every = (0..keys.number).map(|_| None).collect();
        let order = rule.memory.map(|_| Recency::new(keys.number));
        Limits { rule, every, order, aside: None }
    }

    /// What is left when the process starts anew: nothing.
    pub fn reboot(mut self) -> Limits {
        self.every.iter_mut().for_each(|limit| *limit = None);
        if let Some(order) = &mut self.order {
            order.clear();
        }
        self
    }

    /// What else came of what was done last, to be told of once.
    pub fn aside(&mut self) -> Option<AtStore> {
        self.aside.take()
    }

    /// Does something.
    pub fn act(&mut self, act: Act, asking: &Asking) -> Says {
        let now = match self.rule.clock {
            LimitClock::Own => asking.now,
            LimitClock::Callers(_) => Time::from_nanos(asking.note.sent),
        };
        if !self.has_room(asking.key, now) {
            return FULL;
        }
        let Limits { rule, every, aside, .. } = self;
        let kept = &mut every[asking.key as usize];
        let leaks = asking.unit < rule.leak;
        if kept.as_ref().is_some_and(|kept| kept.limit.is_over(now)) {
            *kept = None;
        }
        if kept.is_none() && leaks {
            *aside = Some(AtStore::Leaked);
        }
        let kept = kept.get_or_insert_with(|| {
            Box::new(Kept { limit: Limit::new(rule, now, leaks), asked: now })
        });
        kept.asked = now;
        match (act, &mut kept.limit) {
            (Act::Admit, limit) => match limit.admit(now) {
                Ok(()) => Says::Done,
                Err(after) => refused(after),
            },
            // Who reads decides by what it reads …
            (Act::Read, Limit::Engine(limiter)) => match limiter.retry_at(now, 1) {
                Some(at) if at > now => refused(Some(at.since(now))),
                _ => Says::Read(gcra(limiter).due().nanos()),
            },
            // … and writes what follows from that, whatever has been written in between.
            (Act::Write { .. }, Limit::Engine(limiter)) => {
                let interval = Gcra::interval(rule.config.permits, rule.config.per);
                let read = Time::from_nanos(asking.note.read);
                gcra(limiter).set_due(read.max(now).saturating_add(interval));
                Says::Done
            }
            (Act::Read | Act::Write { .. } | Act::Lock, _)
            | (Act::Unlock | Act::Get | Act::Put, _) => {
                unreachable!("limits are asked for what they know")
            }
        }
    }

    /// Whether there is memory for a key, after others have made room for it if they had to.
    fn has_room(&mut self, key: u32, now: Time) -> bool {
        let (Some(order), Some(Memory { keys, full })) = (&mut self.order, self.rule.memory) else {
            return true;
        };
        if !order.has(key)
            && order.count() >= keys
            && let Some(oldest) = order.oldest()
        {
            let kept = self.every[oldest as usize].as_ref();
            let has_expired = kept.is_none_or(|kept| kept.has_expired(&self.rule.config, now));
            if !has_expired && full == Full::Refuse {
                return false;
            }
            if !has_expired {
                self.aside = Some(AtStore::Evicted);
            }
            order.forget(oldest);
            self.every[oldest as usize] = None;
        }
        order.touch(key);
        true
    }
}

/// What one is told for whose key there is no memory.
const FULL: Says = Says::No(Leaving::Failed, Outcome::error(ErrorKind::Failed, Done::Nothing));

impl Kept {
    /// Whether it is as good as new, so that scripts have let it expire.
    fn has_expired(&self, config: &LimiterConfig, now: Time) -> bool {
        let LimiterConfig { algorithm, permits, per, burst, .. } = *config;
        let lives = match algorithm {
            Algorithm::SlidingCounter => per.saturating_mul(2),
            Algorithm::Cycle | Algorithm::UncappedCycle => per,
            Algorithm::AnchoredWindow | Algorithm::SlidingLog => per,
            Algorithm::TokenBucket | Algorithm::Gcra | Algorithm::GoBucket => {
                per.scale(f64::from(burst) / f64::from(permits))
            }
            Algorithm::Smooth | Algorithm::Paced => per,
        };
        let is_endless = matches!(&self.limit, Limit::Window(window) if window.is_endless());
        !is_endless && self.asked.saturating_add(lives) <= now
    }
}

fn refused(after: Option<Span>) -> Says {
    let told = Outcome::error(ErrorKind::Throttled, Done::Nothing);
    Says::No(Leaving::Rejected, after.map_or(told, |after| told.with_retry_after(after)))
}

fn gcra(limiter: &mut Limiter) -> &mut Gcra {
    match limiter.rule_mut() {
        Rule::Gcra(gcra) => gcra,
        _ => unreachable!("only this kind is read and written apart"),
    }
}

impl Limit {
    fn new(rule: &graph::Limits, now: Time, leaks: bool) -> Limit {
        let LimiterConfig { permits, per, .. } = rule.config;
        match rule.clock {
            _ if rule.leak > 0.0 => Limit::Window(Window::open(permits, per, now, leaks)),
            LimitClock::Callers(behind @ (Behind::Subtract | Behind::Restart)) => {
                Limit::Bucket(Bucket::new(rule.config, behind))
            }
            LimitClock::Own | LimitClock::Callers(Behind::Wait) => {
                Limit::Engine(Limiter::new(rule.config).expect("a graph's settings are sound"))
            }
        }
    }

    /// Whether a new one begins.
    fn is_over(&self, now: Time) -> bool {
        match self {
            Limit::Engine(_) | Limit::Bucket(_) => false,
            Limit::Window(window) => window.is_over(now),
        }
    }

    /// Takes one, or says after what time it could.
    fn admit(&mut self, now: Time) -> Result<(), Option<Span>> {
        match self {
            Limit::Window(window) => window.admit(now),
            Limit::Engine(limiter) => {
                let refused = |at: Option<Time>| at.map(|at| at.since(now));
                limiter.try_take(now, 1).map_err(|refusal| refused(refusal.retry_at))
            }
            Limit::Bucket(bucket) => bucket.admit(now),
        }
    }
}

/// A token bucket as scripts have it that are told the time: how full it was, and when.
#[derive(Debug, Clone)]
struct Bucket {
    config: LimiterConfig,
    behind: Behind,
    /// In parts of a token: a nanosecond brings as many as a period brings tokens.
    level: i128,
    last: Time,
}

impl Bucket {
    fn new(config: LimiterConfig, behind: Behind) -> Bucket {
        let level = i128::from(config.burst) * i128::from(config.per.nanos());
        Bucket { config, behind, level, last: Time::ZERO }
    }

    fn admit(&mut self, now: Time) -> Result<(), Option<Span>> {
        let LimiterConfig { permits, per, burst, .. } = self.config;
        let (token, full) = (i128::from(per.nanos()), i128::from(burst) * i128::from(per.nanos()));
        let passed = i128::from(now.nanos()) - i128::from(self.last.nanos());
        let passed = match self.behind {
            Behind::Subtract => passed,
            Behind::Restart | Behind::Wait => passed.max(0),
        };
        self.level = (self.level + passed * i128::from(permits)).min(full);
        self.last = now;
        if self.level >= token {
            self.level -= token;
            return Ok(());
        }
        let missing = u64::try_from(token - self.level).unwrap_or(u64::MAX);
        Err(Some(Span::from_nanos(missing.div_ceil(u64::from(permits)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(behind: Behind) -> Bucket {
        let config = LimiterConfig {
            permits: 10,
            per: Span::from_secs(1.0),
            burst: 1,
            ..LimiterConfig::ours()
        };
        Bucket::new(config, behind)
    }

    /// What the bucket says at these milliseconds, from one full token on.
    fn says(behind: Behind, millis: &[u64]) -> Vec<bool> {
        let mut bucket = bucket(behind);
        let at = |millis: &u64| Time::ZERO + Span::from_millis(*millis);
        millis.iter().map(|millis| bucket.admit(at(millis)).is_ok()).collect()
    }

    #[test]
    fn a_token_runs_in_every_tenth_of_a_second() {
        for behind in [Behind::Subtract, Behind::Restart] {
            assert_eq!(says(behind, &[1000, 1099, 1100, 1150]), [true, false, true, false]);
        }
    }

    #[test]
    fn two_clocks_make_a_bucket_that_restarts_full_again_and_again() {
        let moments = [1000, 900, 1000, 900, 1000];
        assert_eq!(says(Behind::Restart, &moments), [true, false, true, false, true]);
        // What is subtracted comes back, and no more.
        assert_eq!(says(Behind::Subtract, &moments), [true, false, false, false, false]);
    }

    #[test]
    fn who_is_refused_is_told_when_to_come_back() {
        let mut bucket = bucket(Behind::Restart);
        let at = |millis| Time::ZERO + Span::from_millis(millis);
        assert_eq!(bucket.admit(at(1000)), Ok(()));
        assert_eq!(bucket.admit(at(1030)), Err(Some(Span::from_millis(70))));
    }
}
