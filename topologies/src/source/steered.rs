//! An open loop whose rate may change before the next one comes: a spike that is broken off.

use crate::graph::Profile;
use brownout_core::dist::UnitExp;
use brownout_core::queue::Rank;
use brownout_core::{Draws, Time};

/// Arrivals at a rate that may be changed on the way. What was drawn stays drawn: the next one
/// comes when the cumulative rate, whatever becomes of it, has grown by that amount. So a spike
/// that is broken off leaves the arrivals of one that was to end at that moment.
#[derive(Debug)]
pub(super) struct Steered {
    /// How amounts are drawn; of steady arrivals they are ones, after a half.
    unit: Option<UnitExp>,
    rate: Profile,
    /// What is left of the amount that was drawn last, and since when.
    left: (Time, f64),
    /// The event of the next one.
    pub(super) pending: Rank,
}

impl Steered {
    /// Arrivals at this rate, with amounts drawn so.
    pub(super) fn new(unit: Option<UnitExp>, rate: Profile) -> Steered {
        Steered { unit, rate, left: (Time::ZERO, 0.0), pending: Rank::NONE }
    }

    /// When the next one comes, if ever; `made` have come so far.
    #[inline(never)]
    pub(super) fn next(&mut self, now: Time, made: u64, draws: &mut Draws) -> Option<Time> {
        let amount = match &self.unit {
            Some(unit) => unit.sample(draws),
            None => steady(now, made),
        };
        self.left = (now, amount);
        self.rate.after(now, amount)
    }

    /// The rate is another from now on: when the next one comes, if ever.
    pub(super) fn steer(&mut self, now: Time, rate: Profile) -> Option<Time> {
        let (since, amount) = self.left;
        let left = (amount - self.rate.between(since, now)).max(0.0);
        (self.rate, self.left, self.pending) = (rate, (now, left), Rank::NONE);
        self.rate.after(now, left)
    }
}

/// The amount between two steady arrivals; the first comes after half of it.
pub(super) fn steady(now: Time, made: u64) -> f64 {
    if made == 0 && now == Time::ZERO { 0.5 } else { 1.0 }
}
