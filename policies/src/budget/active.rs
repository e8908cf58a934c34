//! Budgets of retries in flight: a share of what is in flight, and never less than a few.
//!
//! They react at once and have no memory to fill or drain. Envoy asks whether there are fewer
//! retries than the greater of its minimum and the share, cut down to a whole number, of all
//! requests in flight (or, with `interval`, of those that began in it). failsafe-go refuses when
//! there are at least the minimum *and* they are already more than the share; a retry counts among
//! the executions from the moment it is granted.

use crate::budget::window::{WindowConfig, WindowCounter};
use crate::settings::Share;
use crate::time::{Span, Time};

/// How the bound is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Fewer than the greater of the minimum and the share, rounded down (Envoy).
    Below,
    /// Refused from the minimum on while more than the share (failsafe-go).
    Beyond,
}
crate::choice!(Bound { Below, Beyond });

/// What the budget is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveConfig {
    /// The share of what is in flight that may be retries.
    pub share: Share,
    /// Retries in flight that are always allowed.
    pub least: u32,
    /// How the bound is put.
    pub bound: Bound,
    /// Count what began in the last so long, rather than what is in flight.
    pub interval: Option<Span>,
}

/// The budget at work.
#[derive(Debug, Clone)]
pub struct ActiveShare {
    config: ActiveConfig,
    active: u64,
    retries: u64,
    begun: Option<WindowCounter>,
}

impl ActiveShare {
    /// With nothing in flight.
    pub fn new(config: ActiveConfig) -> ActiveShare {
        let begun = config.interval.map(|range| WindowCounter::new(WindowConfig::tower(range, 10)));
        ActiveShare { config, active: 0, retries: 0, begun }
    }

    /// A call's first attempt begins.
    #[inline]
    pub fn on_call(&mut self, now: Time) {
        self.active = self.active.saturating_add(1);
        if let Some(begun) = &mut self.begun {
            begun.add(now, 1);
        }
    }

    /// A call's first attempt is over.
    #[inline]
    pub fn on_call_end(&mut self) {
        self.active = self.active.saturating_sub(1);
    }

    /// Grants a retry, which is in flight from now on, or refuses.
    #[inline]
    pub fn try_retry(&mut self, now: Time) -> bool {
        let granted = self.affords(now);
        if granted {
            self.retries = self.retries.saturating_add(1);
            self.on_call(now);
        }
        granted
    }

    /// Whether it would grant a retry.
    #[inline]
    pub fn affords(&mut self, now: Time) -> bool {
        match self.config.bound {
            Bound::Below => self.retries < self.most(now),
            Bound::Beyond => {
                self.retries < u64::from(self.config.least)
                    || !self.config.share.exceeded(self.retries, self.active)
            }
        }
    }

    /// A granted retry is over.
    #[inline]
    pub fn on_retry_end(&mut self) {
        self.retries = self.retries.saturating_sub(1);
        self.on_call_end();
    }

    /// Sets how much is in flight, for those who count it themselves, as a proxy does.
    pub fn set_active(&mut self, active: u64) {
        self.active = active;
    }

    /// Sets how many retries are in flight, likewise.
    pub fn set_retries(&mut self, retries: u64) {
        self.retries = retries;
    }

    /// What is in flight, retries among it.
    pub fn active(&self) -> u64 {
        self.active
    }

    /// Retries in flight.
    pub fn retries(&self) -> u64 {
        self.retries
    }

    /// How many retries may be in flight.
    pub fn most(&mut self, now: Time) -> u64 {
        let counted = match &mut self.begun {
            Some(begun) => begun.sum(now).max(0) as u64,
            None => self.active,
        };
        // In Envoy's order: the percentage, through a hundred, times the count, cut down.
        let percent = f64::from(self.config.share.millionths()) / 1e4;
        let share = percent / 100.0 * counted as f64;
        (share as u64).max(u64::from(self.config.least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(percent: u32, least: u32, bound: Bound) -> ActiveShare {
        ActiveShare::new(ActiveConfig {
            share: Share::percent(percent),
            least,
            bound,
            interval: None,
        })
    }

    /// `budget_test.go` "TestTryAcquirePermitAndReleasePermit" of failsafe-go.
    #[test]
    fn half_may_be_retries_and_the_one_that_makes_it_more_is_the_last() {
        let mut budget = share(50, 1, Bound::Beyond);
        budget.on_call(Time::ZERO);
        let mut granted = || budget.try_retry(Time::ZERO);
        assert_eq!([granted(), granted(), granted()], [true, true, false]);
        budget.on_retry_end();
        assert!(budget.try_retry(Time::ZERO) && !budget.try_retry(Time::ZERO));
    }

    #[test]
    fn without_anything_in_flight_a_retry_is_not_more_than_a_share() {
        assert!(share(20, 0, Bound::Beyond).try_retry(Time::ZERO));
        assert!(!share(20, 0, Bound::Below).try_retry(Time::ZERO));
    }

    /// Envoy's `max_retries`, 3 if nobody says more, does not grow with the cluster (#30205).
    #[test]
    fn a_share_of_nothing_leaves_the_minimum_however_much_is_in_flight() {
        let mut budget = share(0, 3, Bound::Below);
        budget.set_active(100_000);
        assert_eq!((0..10).filter(|_| budget.try_retry(Time::ZERO)).count(), 3);
    }

    #[test]
    fn an_interval_counts_what_began_and_forgets_it() {
        let interval = Some(Span::from_millis(1_000));
        let config =
            ActiveConfig { share: Share::percent(20), least: 0, bound: Bound::Below, interval };
        let mut budget = ActiveShare::new(config);
        for _ in 0..10 {
            budget.on_call(Time::ZERO);
            budget.on_call_end();
        }
        assert_eq!(budget.most(Time::from_secs(0.5)), 2);
        assert_eq!(budget.most(Time::from_secs(5.0)), 0);
    }

    #[test]
    fn ends_without_beginnings_do_no_harm() {
        let mut budget = share(20, 1, Bound::Below);
        budget.on_retry_end();
        budget.on_call_end();
        assert_eq!((budget.active(), budget.retries()), (0, 0));
    }
}
