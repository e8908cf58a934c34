//! gRPC's retry throttling (proposal A6): failures drain tokens, successes fill them slowly, and
//! there are no retries while half of them or fewer are left.

use crate::budget::Fault;
use crate::budget::tokens::Tokens;

/// Thousandths of a token.
const MILLI: i64 = 1_000;

/// Tokens in thousandths. A retry takes none; the failure before it has.
///
/// ```
/// use brownout_policies::budget::{Fault, throttle::RetryThrottle};
///
/// let mut throttle = RetryThrottle::new(4_000, 800);
/// throttle.on_failure(Fault::Server);
/// assert!(throttle.allows());
/// throttle.on_failure(Fault::Server);
/// assert_eq!((throttle.milli_tokens(), throttle.allows()), (2_000, false));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryThrottle {
    tokens: Tokens,
    per_success: i64,
}

impl RetryThrottle {
    /// A full one: its cap and what a success adds, in thousandths of a token.
    pub fn new(cap_milli: i64, per_success_milli: i64) -> RetryThrottle {
        RetryThrottle { tokens: Tokens::new(cap_milli, cap_milli), per_success: per_success_milli }
    }

    /// Whether retries and hedges are allowed: more than half of the tokens are there.
    #[inline]
    pub fn allows(&self) -> bool {
        self.tokens.held() > self.tokens.cap() / 2
    }

    /// An attempt failed. What cannot be retried says nothing about the server.
    #[inline]
    pub fn on_failure(&mut self, fault: Fault) {
        match fault {
            Fault::Server | Fault::Transient | Fault::Throttled | Fault::Forbidden => {
                self.tokens.drain(MILLI);
            }
            Fault::Fatal => {}
        }
    }

    /// An attempt succeeded.
    #[inline]
    pub fn on_success(&mut self) {
        self.tokens.put(self.per_success);
    }

    /// What is left, in thousandths of a token.
    pub fn milli_tokens(&self) -> i64 {
        self.tokens.held()
    }

    /// What has to be exceeded, in thousandths of a token.
    pub fn threshold(&self) -> i64 {
        self.tokens.cap() / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushback_drains_and_a_fatal_answer_does_not() {
        let mut throttle = RetryThrottle::new(10_000, 100);
        throttle.on_failure(Fault::Fatal);
        assert_eq!(throttle.milli_tokens(), 10_000);
        throttle.on_failure(Fault::Forbidden);
        assert_eq!(throttle.milli_tokens(), 9_000);
    }

    #[test]
    fn the_example_of_the_proposal_stops_at_the_fifth_failure() {
        let mut throttle = RetryThrottle::new(10_000, 100);
        let allowed = (0..9).filter(|_| {
            throttle.on_failure(Fault::Server);
            throttle.allows()
        });
        assert_eq!(allowed.count(), 4);
        assert_eq!(throttle.milli_tokens(), 1_000);
    }

    #[test]
    fn ten_successes_at_a_tenth_pay_for_one_failure() {
        let mut throttle = RetryThrottle::new(10_000, 100);
        throttle.on_failure(Fault::Server);
        for _ in 0..10 {
            throttle.on_success();
        }
        assert_eq!(throttle.milli_tokens(), 10_000);
        throttle.on_success();
        assert_eq!(throttle.milli_tokens(), 10_000);
    }
}
