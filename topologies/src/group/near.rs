//! The replicas that are where those are who call them, and how much of the traffic they can take.

use crate::graph::{Service, ZoneId};
use brownout_core::Time;
use brownout_policies::balance::Balance;

/// How much more than its share a zone may take before the rest goes to the others, as Envoy has
/// it: with 1.4 it keeps everything as long as 71.4 % of its replicas are in use.
const OVERPROVISIONED: f64 = 1.4;

/// Those of a zone.
#[derive(Debug)]
pub(super) struct Near {
    /// The rule as for all, among these only.
    pub(super) balance: Balance,
    /// Which of all are of the zone.
    own: Vec<bool>,
    /// With what probability an attempt stays in the zone.
    stays: f64,
}

impl Near {
    /// Those of the replicas of a service that are in a zone.
    pub(super) fn new(service: &Service, zone: ZoneId, mut balance: Balance) -> Near {
        let own = (0..service.replicas).map(|one| service.zone(one) == Some(zone)).collect();
        let mut near = Near { own, stays: 0.0, balance: balance.clone() };
        for other in (0..service.replicas).filter(|one| !near.is_own(*one)) {
            balance.set_present(Time::ZERO, other, false);
        }
        near.balance = balance;
        near.weigh();
        near
    }

    fn is_own(&self, replica: u32) -> bool {
        self.own[replica as usize]
    }

    /// Whether an attempt stays in the zone; `unit` is a draw, taken only if it may be either way.
    /// One that goes where its call has not been may find nobody left here.
    pub(super) fn takes(&self, besides: &[u32], unit: impl FnOnce() -> f64) -> bool {
        let stays = self.stays >= 1.0 || self.stays > 0.0 && unit() < self.stays;
        stays && self.balance.has_besides(besides)
    }

    pub(super) fn set_present(&mut self, now: Time, replica: u32, present: bool) {
        if self.is_own(replica) {
            self.balance.set_present(now, replica, present);
            self.weigh();
        }
    }

    pub(super) fn set_in_use(&mut self, now: Time, replica: u32, in_use: bool) {
        if self.is_own(replica) {
            self.balance.set_in_use(now, replica, in_use);
            self.weigh();
        }
    }

    fn weigh(&mut self) {
        let all = self.own.iter().filter(|own| **own).count();
        let own = (0..self.own.len() as u32).filter(|one| self.is_own(*one));
        let is_used = |one: &u32| self.balance.is_present(*one) && self.balance.is_in_use(*one);
        let used = own.filter(is_used).count();
        self.stays = if all == 0 { 0.0 } else { OVERPROVISIONED * used as f64 / all as f64 };
    }
}
