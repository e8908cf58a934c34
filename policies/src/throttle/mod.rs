//! Client-side throttles: refuse locally what the other side would refuse anyway.
//!
//! **States.** Requests and accepted requests over a window of time.
//!
//! **Formula.** A request is refused with probability
//!
//! p = min(most, (max(0, requests − allowed) / (requests + 1))^(1 / aggression)),
//!
//! where allowed is K × accepts (the SRE book, K = 2) or accepts / r (failsafe-go, r = 90 %; Envoy,
//! r = 95 %). Requests refused here count as requests in the SRE book and in ours: then p rises
//! while the other side refuses all, and the rate of requests that are sent falls towards what it
//! accepts.
//!
//! **Units.** Requests are counted, p is a probability in [0, 1], the window nanoseconds,
//! `least_rate` requests a second.
//!
//! **Defaults** of ours: twice what is accepted, over 30 s in 30 buckets, nothing with fewer than
//! ten requests, and at most 90 % refused.
//!
//! **Helps** when refusing costs the other side much of what serving does. **Hurts** in two ways:
//! many clients that each send little learn slowly, and a failure that is not overload is throttled
//! too.
//!
//! **Draws.** [`Throttle::admit`] takes one draw if p is above zero, else none.
//!
//! **Source.** Beyer et al., *Site Reliability Engineering*, chapter 21; failsafe-go's adaptive
//! throttler; Envoy's admission control filter.
//!
//! ```
//! use brownout_policies::outcome::Class;
//! use brownout_policies::throttle::{Throttle, ThrottleConfig};
//! use brownout_policies::draw::Draws;
//! use brownout_policies::Time;
//!
//! let mut throttle = Throttle::new(ThrottleConfig::sre()).expect("the configuration is sound");
//! let mut draws = Draws::open(1, 2);
//! let mut sent = 0;
//! for millis in 0..1_000 {
//!     let now = Time::from_nanos(millis * 1_000_000);
//!     if throttle.admit(now, &mut draws).is_ok() {
//!         sent += 1;
//!         throttle.settle(now, Class::Failure); // the server is down
//!     }
//! }
//! assert!(sent < 20, "{sent} of 1000");
//! ```

mod config;
mod window;

pub use config::{Allowance, Counted, DIALECTS, Edge, Forgets, ThrottleConfig};
pub use window::{Begins, Counts};

use crate::draw::Chance;
use crate::gate::Refusal;
use crate::outcome::Class;
use crate::settings::{Problem, Settings};
use crate::time::Time;
use alloc::vec::Vec;
use window::Counting;

/// One request, not accepted so far.
const REQUEST: Counts = Counts { requests: 1, accepts: 0 };
/// One request and its acceptance.
const BOTH: Counts = Counts { requests: 1, accepts: 1 };
/// The acceptance of a request that is counted already.
const ACCEPT: Counts = Counts { requests: 0, accepts: 1 };

/// A throttle at work.
#[derive(Debug, Clone)]
pub struct Throttle {
    config: ThrottleConfig,
    counting: Counting,
    /// The latest moment it has heard of: time does not go back.
    latest: Time,
}

impl Throttle {
    /// One that has counted nothing.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn new(config: ThrottleConfig) -> Result<Throttle, Vec<Problem>> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let counting = Counting::new(config.window, config.buckets, config.begins);
        Ok(Throttle { config, counting, latest: Time::ZERO })
    }

    /// What is counted as of the latest moment.
    pub fn counts(&self) -> Counts {
        self.counting.sum()
    }

    /// The probability of a refusal as of the latest moment, between 0 and the most.
    pub fn probability(&self) -> f64 {
        let Counts { requests, accepts } = self.counting.sum();
        let least = self.config.least_rate;
        if least > 0.0 && libm::floor(requests as f64 / self.config.window.as_secs()) < least {
            return 0.0;
        }
        self.config.probability(requests, accepts)
    }

    /// A request is to be made. Takes one draw if the probability of a refusal is above zero.
    ///
    /// # Errors
    /// When the draw says so.
    pub fn admit(&mut self, now: Time, chance: &mut impl Chance) -> Result<(), Refusal> {
        self.wake(now);
        let probability = self.probability();
        let refused = probability > 0.0
            && match self.config.edge {
                Edge::Below => chance.share() < probability,
                Edge::Reached => probability >= chance.share(),
                Edge::TenThousandths => probability * 1e4 > (chance.bits() % 10_000) as f64,
            };
        let counted = match (refused, self.config.counted) {
            (true, _) => self.config.refusals,
            (false, Counted::AtStart) => true,
            (false, Counted::AtEnd) => false,
        };
        let Counts { requests, accepts } = self.counting.sum();
        if counted {
            self.counting.add(self.latest, REQUEST);
        }
        if !refused {
            return Ok(());
        }
        let bound = self.config.allowed(accepts) as u64;
        let what = "requests, of which those accepted allow";
        Err(Refusal { what, value: requests, bound, retry_at: self.next_wakeup() })
    }

    /// A request that was let through is over. What was abandoned counts as never made; a request
    /// counted at its start is then taken back. No draw is taken.
    pub fn settle(&mut self, now: Time, class: Class) {
        self.wake(now);
        match (class, self.config.counted) {
            (Class::Success, Counted::AtStart) => self.counting.add(self.latest, ACCEPT),
            (Class::Success, Counted::AtEnd) => self.counting.add(self.latest, BOTH),
            (Class::Failure, Counted::AtEnd) => self.counting.add(self.latest, REQUEST),
            (Class::Failure, Counted::AtStart) | (Class::Ignored, Counted::AtEnd) => {}
            (Class::Ignored, Counted::AtStart) => self.counting.take_back(),
        }
    }

    /// Counts many at once, as a gate that sees only sums does.
    pub fn record(&mut self, now: Time, counts: Counts) {
        self.latest = self.latest.max(now);
        self.counting.add(self.latest, counts);
    }

    /// When something is forgotten by time alone.
    pub fn next_wakeup(&self) -> Option<Time> {
        match self.config.forgets {
            Forgets::Always => self.counting.forgets_at(),
            Forgets::OnOutcome => None,
        }
    }

    /// Forgets what is too old by now.
    pub fn wake(&mut self, now: Time) {
        self.latest = self.latest.max(now);
        if self.config.forgets == Forgets::Always {
            self.counting.forget(self.latest);
        }
    }
}

#[cfg(test)]
mod tests;
