//! A sweep: the last interval is judged, and hosts whose time is over return.

use super::config::{Decay, Order, Returns};
use super::host::{Origin, Tally};
use super::{Cause, Outlier};
use crate::draw::Chance;
use crate::settings::Share;
use crate::time::Time;
use core::cmp::Ordering;

/// What success rates were compared with: fractions, or percentages where the dialect has those.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Average {
    /// The mean over the hosts that had enough calls.
    pub mean: f64,
    /// A rate below this is an outlier.
    pub threshold: f64,
}

impl Outlier {
    /// Judges the interval that ends now and lets hosts return. Draws as in [`Outlier::answer`].
    pub fn sweep(&mut self, now: Time, chance: &mut impl Chance) {
        let now = self.at(now);
        self.next_sweep = now.saturating_add(self.config.interval);
        if self.config.order == Order::ReturnFirst {
            self.let_return(now);
        }
        for host in &mut self.hosts {
            host.rotate();
        }
        self.judge(now, Origin::External, chance);
        self.judge(now, Origin::Local, chance);
        match self.config.decay {
            Decay::AfterInterval => {
                let interval = self.config.interval;
                for host in self.hosts.iter_mut().filter(|host| host.is_in()) {
                    if host.returned.is_some_and(|returned| now.since(returned) >= interval) {
                        host.multiple = host.multiple.saturating_sub(1);
                    }
                }
            }
            Decay::EverySweep => {
                for host in self.hosts.iter_mut().filter(|host| host.is_in()) {
                    host.multiple = host.multiple.saturating_sub(1);
                }
            }
        }
        if self.config.order == Order::JudgeFirst {
            self.let_return(now);
        }
    }

    /// Hosts whose time is over are in again.
    fn let_return(&mut self, now: Time) {
        let config = self.config;
        for host in &mut self.hosts {
            let Some(since) = host.ejected else { continue };
            let wait = config.base.saturating_mul(host.multiple.into()).min(config.longest);
            let wait = wait.saturating_add(host.jitter);
            let over = match config.returns {
                Returns::AtEnd => now.since(since) >= wait,
                Returns::AfterEnd => now.since(since) > wait,
            };
            if over {
                host.ejected = None;
                host.returned = Some(now);
                host.forget_runs();
                self.out -= 1;
                self.ejections = self.ejections.saturating_sub(1);
            }
        }
    }

    /// Judges what was counted of one origin.
    fn judge(&mut self, now: Time, origin: Origin, chance: &mut impl Chance) {
        self.averages[origin as usize] = None;
        let mut candidates = core::mem::take(&mut self.candidates);
        candidates.clear();
        for (number, host) in (0u32..).zip(&self.hosts) {
            let judged = host.is_in() || (host.present && self.config.judges_ejected);
            if judged && host.last(origin).calls > 0 {
                candidates.push(number);
            }
        }
        if self.config.deviations > 0.0 {
            self.averages[origin as usize] = self.rates(&candidates, origin);
        }
        // The worst first, then the lowest number.
        candidates.sort_unstable_by(|one, other| {
            let tally = |number: &u32| self.hosts[*number as usize].last(origin);
            worse(tally(one), tally(other)).then(one.cmp(other))
        });
        if let Some(average) = self.averages[origin as usize] {
            for number in &candidates {
                let tally = self.hosts[*number as usize].last(origin);
                let enough = tally.calls >= self.config.rate_volume.into();
                if enough && self.rate(tally) < average.threshold {
                    self.found(now, *number, Cause::Rate(origin), chance);
                }
            }
        }
        if self.config.failure_share > Share::NONE {
            self.judge_shares(now, &candidates, origin, chance);
        }
        self.candidates = candidates;
    }

    fn judge_shares(
        &mut self,
        now: Time,
        candidates: &[u32],
        origin: Origin,
        chance: &mut impl Chance,
    ) {
        let volume = u64::from(self.config.share_volume);
        let enough = |outlier: &Outlier, number: u32| {
            outlier.hosts[number as usize].last(origin).calls >= volume
        };
        let hosts = candidates.iter().filter(|number| enough(self, **number)).count();
        if hosts == 0 || hosts < self.config.share_hosts as usize {
            return;
        }
        for number in candidates {
            let tally = self.hosts[*number as usize].last(origin);
            let most = self.config.failure_share;
            let bad = if self.config.exceed {
                most.exceeded(tally.bad(), tally.calls)
            } else {
                most.reached(tally.bad(), tally.calls)
            };
            if bad && tally.calls >= volume {
                self.found(now, *number, Cause::Failures(origin), chance);
            }
        }
    }

    /// A sweep has found a bad host.
    fn found(&mut self, now: Time, host: u32, cause: Cause, chance: &mut impl Chance) {
        if self.is_ejected(host) && !self.config.twice {
            return;
        }
        self.detected += 1;
        self.eject(now, host, cause, chance);
    }

    fn rate(&self, tally: Tally) -> f64 {
        let scale = if self.config.percent { 100.0 } else { 1.0 };
        tally.good as f64 * scale / tally.calls as f64
    }

    /// Mean and threshold over the candidates with enough calls, if there are enough of them.
    fn rates(&self, candidates: &[u32], origin: Origin) -> Option<Average> {
        let tallies = || {
            let all = candidates.iter().map(|number| self.hosts[*number as usize].last(origin));
            all.filter(|tally| tally.calls >= self.config.rate_volume.into())
        };
        let hosts = tallies().count();
        if hosts == 0 || hosts < self.config.rate_hosts as usize {
            return None;
        }
        let mean = tallies().map(|tally| self.rate(tally)).sum::<f64>() / hosts as f64;
        let off = |tally| (self.rate(tally) - mean) * (self.rate(tally) - mean);
        let variance = tallies().map(off).sum::<f64>() / hosts as f64;
        let deviation = libm::sqrt(variance);
        Some(Average { mean, threshold: mean - self.config.deviations * deviation })
    }
}

/// The order from the worst share of good calls to the best, in whole numbers.
fn worse(one: Tally, other: Tally) -> Ordering {
    let crosswise = |tally: Tally, calls: u64| u128::from(tally.good) * u128::from(calls);
    crosswise(one, other.calls).cmp(&crosswise(other, one.calls))
}
