//! How a breaker goes from one state to another.

use super::config::{BreakerConfig, EndsIn, Manual, ProbeCounts};
use super::judge::Reason;
use super::{Breaker, JudgedOn, WATCHED};
use crate::choice;
use crate::draw::Chance;
use crate::gate::{Permit, Refusal};
use crate::settings::Share;
use crate::time::{Span, Time};

/// What a breaker does with calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Calls pass and are counted.
    Closed,
    /// Calls are refused until its time is over.
    Open,
    /// A few probes pass.
    HalfOpen,
    /// The probes were good: a growing share of calls passes.
    Ramping,
    /// By hand: calls pass and nothing is counted.
    Disabled,
    /// By hand: calls pass and are counted, and nothing opens it.
    MetricsOnly,
    /// By hand: calls are refused and nothing is counted.
    ForcedOpen,
    /// By hand: calls are refused, and outcomes of those still in flight are counted.
    Isolated,
}
choice!(State { Closed, Open, HalfOpen, Ramping, Disabled, MetricsOnly, ForcedOpen, Isolated });

/// How many changes that are overdue happen at their own moments before the rest happens now.
const CATCH_UP: u32 = 64;

const NANO: Span = Span::from_nanos(1);

impl BreakerConfig {
    const fn keeps_probes_apart(&self) -> bool {
        matches!(self.probe_counts, ProbeCounts::Apart)
    }
}

impl Breaker {
    /// The present moment, which never goes back.
    #[inline]
    pub(super) fn at(&mut self, now: Time) -> Time {
        if !self.begun {
            self.begun = true;
            self.since = now;
            self.memory.clear(now);
            self.restart_timer(now);
        }
        self.last = self.last.max(now);
        self.last
    }

    fn restart_timer(&mut self, now: Time) {
        if let (JudgedOn::Timer, Some(every)) = (self.config.judged_on, self.config.judge_every) {
            self.next_judgement = now.saturating_add(every);
        }
    }

    /// The first moment at which an open one may try again.
    #[inline]
    pub(super) fn due(&self) -> Time {
        match self.config.boundary {
            super::Boundary::Inclusive => self.until,
            super::Boundary::Exclusive => self.until.saturating_add(NANO),
        }
    }

    pub(super) fn ramp_end(&self) -> Time {
        self.since.saturating_add(self.config.ramp.unwrap_or(Span::ZERO))
    }

    /// When the next call in flight becomes slow.
    pub(super) fn next_overdue(&self) -> Option<Time> {
        let slow = self.config.slow_after?;
        Some(self.watch.oldest()?.saturating_add(slow).saturating_add(NANO))
    }

    /// Does what was due up to `now`, and returns the present moment.
    #[inline]
    pub(super) fn pass(&mut self, now: Time, chance: &mut impl Chance) -> Time {
        let now = self.at(now);
        // Nothing but a timer is due in one that is closed and watches nobody: most calls end here.
        let watches = self.config.slow_after.is_some();
        let quiet = self.state == State::Closed && !watches && now < self.next_judgement;
        if !quiet && self.next_wakeup().is_some_and(|due| due <= now) {
            self.catch_up(now, chance);
        }
        now
    }

    #[cold]
    fn catch_up(&mut self, now: Time, chance: &mut impl Chance) {
        let mut lives = 0;
        while let Some(due) = self.next_wakeup().filter(|due| *due <= now && *due < Time::MAX) {
            let generation = self.generation;
            self.happen(due, if lives < CATCH_UP { due } else { now }, now, chance);
            lives += u32::from(self.generation != generation);
        }
    }

    /// When a timer that rings at `due` rings next; where time changes nothing in the window any
    /// more, only after `now`.
    fn next_ring(&mut self, due: Time, now: Time) -> Time {
        let every = self.config.judge_every.unwrap_or(Span::MAX);
        let passed = if self.memory.rests(due) { now.since(due).nanos() } else { 0 };
        let rings = (passed / every.nanos()).saturating_add(1);
        due.saturating_add(every.saturating_mul(rings))
    }

    /// The one thing that is due at `due` happens, at `at`.
    fn happen(&mut self, due: Time, at: Time, now: Time, chance: &mut impl Chance) {
        match self.state {
            State::Open => self.half_open(at),
            State::HalfOpen => {
                let most = self.config.half_open_max;
                if most.is_some_and(|most| self.since.saturating_add(most) <= due) {
                    let reason = Reason::new("half-open for too long", 1, 0);
                    return match self.config.half_open_ends {
                        EndsIn::Open => self.open(at, reason, None, chance),
                        EndsIn::Closed => self.close(at),
                    };
                }
                self.leases.lose_oldest();
                self.left += 1;
            }
            State::Ramping if self.ramp_end() <= due => self.close(at),
            State::Closed if self.next_judgement <= due => {
                self.next_judgement = self.next_ring(due, now);
                self.judge_at(at, chance);
            }
            State::Closed | State::Ramping => {
                self.watch.mark_overdue();
                self.judge_at(at, chance);
            }
            State::Disabled | State::MetricsOnly | State::ForcedOpen | State::Isolated => {}
        }
    }

    /// A window whose time is over as a whole begins a new life.
    #[inline]
    pub(super) fn lapse(&mut self, now: Time) {
        let counts = matches!(self.state, State::Closed | State::MetricsOnly | State::Ramping);
        if counts && self.memory.lapse(now) {
            self.renew();
        }
    }

    /// Outcomes of calls let through so far are stale from here on.
    fn renew(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.watch.clear();
    }

    fn enter(&mut self, now: Time, state: State) {
        self.state = state;
        self.since = now;
        self.renew();
    }

    /// Half-open from now on, with all its probes.
    pub(super) fn half_open(&mut self, now: Time) {
        self.enter(now, State::HalfOpen);
        self.left = self.config.probes;
        self.leases.clear();
        self.trial.clear();
        self.shows_trial = self.config.keeps_probes_apart();
        self.refused = 0;
    }

    /// Open from now on, for `wait` or for its next open time.
    pub(super) fn open(
        &mut self,
        now: Time,
        reason: Reason,
        wait: Option<Span>,
        chance: &mut impl Chance,
    ) {
        self.enter(now, State::Open);
        let wait = match wait {
            None => self.times.take(&self.config, chance),
            Some(wait) => {
                self.times.pass(&self.config);
                wait
            }
        };
        self.until = now.saturating_add(wait);
        self.reason = reason;
        if self.config.forgets_on_open {
            self.memory.clear(now);
            self.trial.clear();
            self.shows_trial = false;
        }
    }

    /// Closed from now on, with an empty window.
    pub(super) fn close(&mut self, now: Time) {
        self.enter(now, State::Closed);
        self.times.restart(&self.config);
        self.begin_window(now);
        self.restart_timer(now);
    }

    /// What good probes lead to: closed, or the ramp to it.
    pub(super) fn recover(&mut self, now: Time) {
        if self.config.ramp.is_none() {
            return self.close(now);
        }
        self.enter(now, State::Ramping);
        self.credit = Share::ALL.millionths();
        self.begin_window(now);
    }

    fn begin_window(&mut self, now: Time) {
        self.memory.clear(now);
        self.shows_trial = false;
        self.refused = 0;
    }

    /// A change by hand.
    pub(super) fn forced(
        &mut self,
        now: Time,
        to: State,
        wait: Option<Span>,
        chance: &mut impl Chance,
    ) -> bool {
        let from = self.state;
        let refused = match self.config.manual {
            Manual::Any => false,
            Manual::Checked => matches!(
                (from, to),
                (State::Closed, State::HalfOpen)
                    | (State::MetricsOnly, State::HalfOpen | State::Open)
            ),
            Manual::Changes if from == to => return true,
            Manual::Changes => false,
        };
        if refused {
            return false;
        }
        match to {
            State::Closed => self.close(now),
            State::Open => self.open(now, Reason::NONE, wait, chance),
            State::HalfOpen => self.half_open(now),
            State::Ramping => self.recover(now),
            State::Disabled | State::MetricsOnly => {
                self.enter(now, to);
                self.times.restart(&self.config);
                self.begin_window(now);
            }
            State::ForcedOpen => {
                self.enter(now, to);
                self.times.pass(&self.config);
                self.refused = 0;
            }
            State::Isolated => {
                self.enter(now, to);
                self.shows_trial = false;
            }
        }
        true
    }

    /// A permit of the present state, watched if it is to be and if there is room.
    #[inline]
    pub(super) fn permit(&mut self, now: Time, watched: bool) -> Permit {
        let age = self.memory.request(now);
        let name = if watched { self.watch.begin(now, self.config.watched) } else { None };
        let tag = name.map_or(u32::from(age), |name| WATCHED | name);
        Permit { generation: self.generation, tag }
    }

    pub(super) fn admit_probe(&mut self, now: Time) -> Result<Permit, Refusal> {
        let leased = self.config.lease;
        let name = if self.left == 0 { None } else { self.leases.begin(now) };
        if self.left == 0 || (leased.is_some() && name.is_none()) {
            let retry_at = leased.and_then(|lease| self.leases.first_end(lease));
            let probes = u64::from(self.config.probes);
            return Err(self.refuse("probes out", probes, probes, retry_at));
        }
        self.left -= 1;
        self.trial.request();
        let tag = name.map_or(0, |name| WATCHED | name);
        Ok(Permit { generation: self.generation, tag })
    }

    #[cold]
    pub(super) fn refuse(
        &mut self,
        what: &'static str,
        value: u64,
        bound: u64,
        retry_at: Option<Time>,
    ) -> Refusal {
        self.refused += 1;
        Refusal { what, value, bound, retry_at }
    }

    /// The share that the ramp admits now, in millionths.
    fn ramp_share(&self, now: Time) -> u32 {
        let (from, all) = (self.config.ramp_from.millionths(), Share::ALL.millionths());
        let ramp = self.config.ramp.map_or(1, |ramp| ramp.nanos().max(1));
        let passed = now.since(self.since).nanos().min(ramp);
        let grown = u128::from(all - from) * u128::from(passed) / u128::from(ramp);
        from + grown as u32
    }

    pub(super) fn ramp_percent(&self, now: Time) -> u64 {
        u64::from(self.ramp_share(now)) / 10_000
    }

    /// Whether the ramp lets this call through: evenly spread, no chance in it.
    pub(super) fn ramp_admits(&mut self, now: Time) -> bool {
        let all = Share::ALL.millionths();
        self.credit += self.ramp_share(now);
        let admits = self.credit >= all;
        if admits {
            self.credit = (self.credit - all).min(all - 1);
        }
        admits
    }
}
