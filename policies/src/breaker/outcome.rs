//! What an outcome does to a breaker.

use super::Breaker;
use super::config::{Closing, Ignored, JudgedOn, ProbeCounts, Stale};
use super::judge::Reason;
use super::memory::Memory;
use super::state::State;
use crate::draw::Chance;
use crate::gate::Report;
use crate::outcome::Class;
use crate::settings::Share;
use crate::time::Time;

impl Breaker {
    /// An outcome that is to be obeyed; `age` names the part of the window that its call began in.
    #[inline]
    pub(super) fn outcome(
        &mut self,
        now: Time,
        age: Option<u16>,
        report: Report,
        chance: &mut impl Chance,
    ) {
        let failed = match (report.class, self.config.ignored) {
            (Class::Success, _) | (Class::Ignored, Ignored::Success) => false,
            (Class::Failure, _) | (Class::Ignored, Ignored::Failure) => true,
            (Class::Ignored, Ignored::Nothing | Ignored::FailedProbe) => {
                return self.ignore(now, age, chance);
            }
        };
        let slow = self.config.slow_after.is_some_and(|slow| report.took > slow);
        match self.state {
            State::Closed | State::Ramping => {
                self.memory.record(now, age, failed, slow);
                let judged = match self.config.judged_on {
                    JudgedOn::Every => true,
                    JudgedOn::Bad => failed || slow,
                    JudgedOn::Timer => false,
                };
                if judged {
                    self.judge_at(now, chance);
                }
            }
            State::MetricsOnly | State::Isolated => self.memory.record(now, age, failed, slow),
            State::Open => self.outcome_while_open(now, failed, slow),
            State::HalfOpen => self.probe(now, failed, slow, chance),
            State::Disabled | State::ForcedOpen => {}
        }
    }

    fn outcome_while_open(&mut self, now: Time, failed: bool, slow: bool) {
        let counted = match self.config.stale {
            Stale::Dropped | Stale::Obeyed => false,
            Stale::Counted => true,
            Stale::SuccessCounted => !failed,
        };
        if counted && self.shows_trial {
            self.trial.record(failed, slow);
        } else if counted {
            self.memory.record(now, None, failed, slow);
        }
    }

    /// An outcome that counts as nothing.
    fn ignore(&mut self, now: Time, age: Option<u16>, chance: &mut impl Chance) {
        match (self.state, self.config.ignored) {
            (State::HalfOpen, Ignored::FailedProbe) => {
                self.open(now, Reason::new("bad probes", 1, 0), None, chance);
            }
            (State::HalfOpen, _) => {
                self.left += 1;
                self.trial.exclude();
            }
            (State::Closed | State::Ramping | State::MetricsOnly, _) => {
                self.memory.exclude(now, age);
            }
            (State::Open | State::Disabled | State::ForcedOpen | State::Isolated, _) => {}
        }
    }

    /// Opens the breaker if its window is bad enough.
    #[inline]
    pub(super) fn judge_at(&mut self, now: Time, chance: &mut impl Chance) {
        if matches!(self.state, State::Closed | State::Ramping)
            && let Some(reason) = self.verdict(now)
        {
            self.open(now, reason, None, chance);
        }
    }

    /// What in the window is bad enough, if anything is.
    #[inline]
    fn verdict(&mut self, now: Time) -> Option<Reason> {
        let least = u64::from(self.config.min_calls);
        let overdue = self.watch.overdue();
        match &mut self.memory {
            Memory::Calls(ring) => self.config.verdict(ring.counts(), overdue, least),
            Memory::All(counts) => self.config.verdict(counts, overdue, least),
            Memory::Time(slices) => {
                slices.advance(now);
                if slices.is_spotless() && overdue == 0 {
                    return None;
                }
                self.config.verdict(&slices.held(), overdue, least)
            }
            Memory::Average(average) => {
                let all = u64::from(Share::ALL.millionths());
                let floor = all - u64::from(self.config.failure_share.millionths());
                let judged = self.config.failure_share != Share::NONE;
                if judged
                    && average.good() < floor as f64 / all as f64
                    && average.is_full(now, least)
                {
                    let good = (average.good() * 100.0) as u64;
                    return Some(Reason::new("percent good", good, floor / 10_000));
                }
                let run = average.counts().bad_run;
                let most = self.config.in_a_row.filter(|most| run >= u64::from(*most))?;
                Some(Reason::new("failures in a row", run, most.into()))
            }
        }
    }

    /// A probe's outcome.
    fn probe(&mut self, now: Time, failed: bool, slow: bool, chance: &mut impl Chance) {
        if self.config.closing == Closing::AsClosed {
            return self.probe_as_closed(now, failed, slow, chance);
        }
        if self.config.probes_at_once {
            self.left += 1;
        }
        self.trial.record(failed, slow);
        match self.config.probe_counts {
            ProbeCounts::GoodTogether if failed => {}
            ProbeCounts::Apart => {}
            ProbeCounts::Together | ProbeCounts::GoodTogether => {
                self.memory.record(now, None, failed, slow);
            }
        }
        let counts = *self.trial.counts();
        if self.config.closing == Closing::Counts {
            let (good, bad) = (self.config.close_after, self.config.reopen_after);
            if counts.successes >= u64::from(good) {
                self.recover(now);
            } else if counts.failures >= u64::from(bad) {
                let reason = Reason::new("bad probes", counts.failures, u64::from(bad));
                self.open(now, reason, None, chance);
            }
            return;
        }
        let least = u64::from(self.config.min_calls.min(self.config.probes).max(1));
        let verdict = self.config.verdict(&counts, 0, least);
        let enough = counts.calls() >= least;
        match verdict {
            None if enough => self.recover(now),
            None => {}
            Some(_) if enough && self.config.closes_first(&counts) => self.recover(now),
            Some(reason) => self.open(now, reason, None, chance),
        }
    }

    /// A probe that counts like any other call: a good one closes.
    fn probe_as_closed(&mut self, now: Time, failed: bool, slow: bool, chance: &mut impl Chance) {
        if !failed {
            self.recover(now);
            return self.memory.record(now, None, failed, slow);
        }
        self.memory.record(now, None, failed, slow);
        match self.verdict(now) {
            Some(reason) => self.open(now, reason, None, chance),
            None => self.left += 1,
        }
    }
}
