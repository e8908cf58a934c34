//! The replicas of a service together: how callers choose among them, who is set aside and who is
//! asked how it feels, and how they come and go.

use brownout_core::{Span, Time};
use brownout_policies::balance::{BalanceConfig, Rule};
use brownout_policies::outlier::OutlierConfig;

/// The replicas of a service together, as callers see them.
#[derive(Debug, Clone, PartialEq)]
pub struct Fleet {
    /// How callers choose a replica, where they do not say otherwise.
    pub balance: Balance,
    /// What each replica's share is in proportion to, one for each, all > 0; none is all alike.
    pub weights: Vec<u32>,
    /// When callers set replicas aside that do badly.
    pub outliers: Option<OutlierConfig>,
    /// How callers ask replicas how they feel.
    pub health: Option<HealthCheck>,
    /// Who starts a process again that has died; nobody leaves that to the end of the fault.
    pub restart: Option<Restart>,
    /// When every replica is stopped and started anew, one after the other.
    pub deploys: Vec<Rolling>,
    /// Who decides how many replicas there are; there are as many as the service has at most.
    pub autoscale: Option<Autoscale>,
}

impl Fleet {
    /// Whether replicas come and go other than by faults alone.
    pub fn comes_and_goes(&self) -> bool {
        self.restart.is_some() || !self.deploys.is_empty() || self.autoscale.is_some()
    }
}

impl Default for Fleet {
    fn default() -> Fleet {
        let balance = Balance::by(Rule::RoundRobin);
        let (outliers, health, restart, autoscale) = (None, None, None, None);
        let (weights, deploys) = (Vec::new(), Vec::new());
        Fleet { balance, weights, outliers, health, restart, deploys, autoscale }
    }
}

/// How callers choose a replica.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Balance {
    /// The rule and its settings.
    pub config: BalanceConfig,
    /// Who keeps count.
    pub at: At,
    /// What a rule that hashes makes its key of.
    pub key: Key,
    /// Whether replicas that are where the caller is are preferred.
    pub zones: Zones,
}

/// Whether replicas that are where the caller is are preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zones {
    /// It makes no difference where they are.
    Alike,
    /// Those are chosen from, as long as enough of them are in use; the rest of the traffic goes to
    /// all of them alike.
    PreferOwn,
}
brownout_policies::choice!(Zones { Alike, PreferOwn });

/// Who keeps count of the replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Each replica of a caller for itself.
    Caller,
    /// One proxy for all callers; it takes no time itself.
    Proxy,
    /// Each replica of a caller for itself; it keeps the replica that it was given as long as that
    /// one is in use and the connection holds. Users of a closed loop have a connection each.
    Pinned,
}
brownout_policies::choice!(At { Caller, Proxy, Pinned });

/// What a rule that hashes makes its key of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The call: its retries and hedges have the same key, another call has another.
    Call,
    /// The caller's replica, or the user of a closed loop: all its calls have the same key.
    Caller,
}
brownout_policies::choice!(Key { Call, Caller });

/// A rule that needs no account of its replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simple {
    /// In turn, each caller replica starting at its own offset.
    RoundRobin,
    /// Uniformly at random.
    Random,
}

impl Balance {
    /// A rule as it is where nothing else is said: each caller replica for itself.
    pub fn by(rule: Rule) -> Balance {
        let config = BalanceConfig::by(rule);
        Balance { config, at: At::Caller, key: Key::Call, zones: Zones::Alike }
    }

    /// The rule, if it needs no account of its replicas.
    pub fn simple(&self) -> Option<Simple> {
        let prefers = self.zones != Zones::Alike;
        if prefers || self.at != At::Caller || self.config.slow_start.is_some() {
            return None;
        }
        match self.config.rule {
            Rule::RoundRobin => Some(Simple::RoundRobin),
            Rule::Random => Some(Simple::Random),
            Rule::Weighted
            | Rule::LeastRequest(_)
            | Rule::JoinIdle
            | Rule::TwoChoices
            | Rule::PeakEwma(_)
            | Rule::RingHash(_)
            | Rule::Maglev(_) => None,
        }
    }

    /// Whether the rule goes by how calls fare, of which a route does not hear.
    pub fn listens(&self) -> bool {
        match self.config.rule {
            Rule::LeastRequest(_) | Rule::JoinIdle | Rule::TwoChoices | Rule::PeakEwma(_) => true,
            Rule::RingHash(rule) => rule.bound.is_some(),
            Rule::Maglev(rule) => rule.bound.is_some(),
            Rule::RoundRobin | Rule::Random | Rule::Weighted => false,
        }
    }
}

/// Active health checks: whoever keeps count of replicas asks each of them every so often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthCheck {
    /// Time from probe to probe, > 0; each who asks begins at a moment of its own.
    pub every: Span,
    /// How long an answer may take, > 0 and less than `every`.
    pub timeout: Span,
    /// Bad answers in a row that take a replica out of use, ≥ 1.
    pub fall: u32,
    /// Good answers in a row that bring it back, ≥ 1.
    pub rise: u32,
}

/// A supervisor: it starts a process again that has died, and waits longer each time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Restart {
    /// The wait before the first restart.
    pub first: Span,
    /// The wait before the second.
    pub wait: Span,
    /// How many times as long the next wait is, ≥ 1.
    pub factor: f64,
    /// The longest wait, ≥ `wait`.
    pub cap: Span,
    /// A process that runs so long is as good as new: the next wait is the first again.
    pub forget: Span,
    /// From its start until a process is ready.
    pub boot: Span,
}

impl Restart {
    /// The kubelet's: at once, then 10, 20, 40 s and so on up to five minutes; after ten minutes of
    /// running from the start again. A process is ready at once.
    pub fn kubernetes() -> Restart {
        Restart {
            first: Span::ZERO,
            wait: Span::from_millis(10_000),
            factor: 2.0,
            cap: Span::from_millis(300_000),
            forget: Span::from_millis(600_000),
            boot: Span::ZERO,
        }
    }

    /// The wait before the restart after so many others.
    pub fn wait(&self, restarts: u32) -> Span {
        if restarts == 0 {
            return self.first;
        }
        let mut wait = self.wait.min(self.cap);
        for _ in 1..restarts {
            if wait == self.cap || self.factor == 1.0 {
                break;
            }
            wait = wait.scale(self.factor).min(self.cap);
        }
        wait
    }
}

/// A deploy: every replica drains, stops, and is started anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rolling {
    /// When the first replica begins to drain.
    pub at: Time,
    /// From one replica to the next, > 0.
    pub every: Span,
    /// How long a replica finishes what it has; what is not done then dies with its process.
    pub drain: Span,
    /// How long it takes to start.
    pub boot: Span,
}

impl Rolling {
    /// When the last of so many replicas is ready again.
    pub const fn until(&self, replicas: u32) -> Time {
        let steps = self.every.saturating_mul(replicas.saturating_sub(1) as u64);
        self.at.saturating_add(steps).saturating_add(self.drain).saturating_add(self.boot)
    }
}

/// Who decides how many replicas there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Autoscale {
    /// What each replica should have.
    pub goal: Goal,
    /// How many there are at least, ≥ 1.
    pub least: u32,
    /// How many there are at first.
    pub initial: u32,
    /// From one decision to the next, > 0; what is there is looked at ten times in between.
    pub every: Span,
    /// How long a new replica takes to start.
    pub boot: Span,
    /// How long one that goes may finish what it has.
    pub drain: Span,
    /// Down only to the most that was wanted in this while.
    pub down_after: Span,
    /// Nothing is done within this share of the number that is there.
    pub tolerance: f64,
}

impl Autoscale {
    /// Decisions that are remembered, so as not to go down too soon.
    pub fn remembers(&self) -> u64 {
        self.down_after.nanos() / self.every.nanos() + 1
    }
}

/// What each replica should have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// This share of its workers taken, in (0, 1].
    Utilisation(f64),
    /// So many who wait, > 0.
    Queue(f64),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_supervisor_waits_longer_each_time() {
        let waits = (0..8).map(|restarts| Restart::kubernetes().wait(restarts).as_secs());
        let waits: Vec<f64> = waits.collect();
        assert_eq!(waits, [0.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]);
        assert_eq!(Restart::kubernetes().wait(u32::MAX), Span::from_millis(300_000));
    }
}
