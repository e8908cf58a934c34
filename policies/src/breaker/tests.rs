//! Facts that the vectors do not state, or not for every dialect.

mod dialects;
mod probes;

use super::*;
use crate::draw::Draws;
use crate::outcome::Class;

/// A breaker with its chance, and short words for what is done to it.
pub(super) struct Bench {
    pub(super) breaker: Breaker,
    pub(super) chance: Draws,
}

pub(super) const SECOND: u64 = 1_000_000_000;

pub(super) fn report(class: Class, took: u64) -> Report {
    Report { class, took: Span::from_nanos(took) }
}

impl Bench {
    pub(super) fn new(config: BreakerConfig) -> Bench {
        let mut breaker = Breaker::new(config).expect("the configuration is sound");
        let mut chance = Draws::open(5, 7);
        breaker.wake(Time::ZERO, &mut chance);
        Bench { breaker, chance }
    }

    pub(super) fn admit(&mut self, at: u64) -> Option<Permit> {
        self.breaker.admit(Time::from_nanos(at), &mut self.chance).ok()
    }

    pub(super) fn settle(&mut self, at: u64, permit: Permit, class: Class, took: u64) -> State {
        let report = report(class, took);
        self.breaker.settle(Time::from_nanos(at), permit, report, &mut self.chance);
        self.breaker.state()
    }

    /// A call that is let through and ends at once; `None` if it is refused.
    pub(super) fn call(&mut self, at: u64, class: Class) -> Option<State> {
        let permit = self.admit(at)?;
        Some(self.settle(at, permit, class, 0))
    }

    pub(super) fn calls(&mut self, at: u64, class: Class, times: u32) -> Option<State> {
        (0..times).map(|_| self.call(at, class)).last().flatten()
    }

    pub(super) fn stray(&mut self, at: u64, class: Class) -> State {
        self.breaker.stray(Time::from_nanos(at), report(class, 0), &mut self.chance);
        self.breaker.state()
    }

    pub(super) fn wake(&mut self, at: u64) -> State {
        self.breaker.wake(Time::from_nanos(at), &mut self.chance);
        self.breaker.state()
    }

    pub(super) fn force(&mut self, at: u64, to: State) -> bool {
        self.breaker.force(Time::from_nanos(at), to, &mut self.chance)
    }
}

/// Ours, with as few calls as it takes to open it.
pub(super) fn small() -> BreakerConfig {
    BreakerConfig { min_calls: 2, ..BreakerConfig::ours() }
}

#[test]
fn every_dialect_is_sound_and_names_each_setting_once() {
    for dialect in DIALECTS {
        let mut config = (dialect.config)();
        assert_eq!(config.problems(), [], "{}", dialect.name);
        let mut names: Vec<&str> = config.settings().iter().map(|set| set.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 42, "{}", dialect.name);
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let config = BreakerConfig {
        window: Window::LastCalls,
        calls: 5,
        open: Span::ZERO,
        open_factor: 0.5,
        probes: 0,
        lease: Some(Span::ZERO),
        failures: Some(0),
        ..BreakerConfig::ours()
    };
    let fields: Vec<&str> = config.problems().iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["min_calls", "failures", "open", "open_factor", "probes", "lease"]);
    assert_eq!(Breaker::new(config).expect_err("it is not sound").len(), 6);
}

#[test]
fn probes_that_might_not_decide_are_a_problem() {
    let counts = BreakerConfig { closing: Closing::Counts, ..BreakerConfig::ours() };
    let undecided = BreakerConfig { close_after: 2, reopen_after: 3, ..counts };
    assert_eq!(undecided.problems().len(), 1);
    assert_eq!(BreakerConfig { reopen_after: 2, ..undecided }.problems(), []);
    assert_eq!(BreakerConfig { probes_at_once: true, ..undecided }.problems(), []);
}

#[test]
fn ours_opens_at_half_of_twenty_calls_and_doubles_its_open_time_to_a_minute() {
    let mut bench = Bench::new(BreakerConfig::ours());
    bench.calls(0, Class::Success, 10);
    assert_eq!(bench.calls(0, Class::Failure, 9), Some(State::Closed));
    assert_eq!(bench.call(0, Class::Failure), Some(State::Open));
    let (mut at, mut waits) = (0, Vec::new());
    for _ in 0..6 {
        waits.push(bench.breaker.open_for().nanos() / SECOND);
        at = bench.breaker.retry_at().expect("it is open").nanos();
        bench.calls(at, Class::Failure, 3);
    }
    assert_eq!(waits, [5, 10, 20, 40, 60, 60]);
    assert_eq!(bench.breaker.retry_at(), Some(Time::from_nanos(at + 60 * SECOND)));
}

#[test]
fn closing_starts_the_open_times_again() {
    let mut bench = Bench::new(small());
    bench.calls(0, Class::Failure, 2);
    bench.calls(5 * SECOND, Class::Failure, 3);
    assert_eq!(bench.calls(15 * SECOND, Class::Success, 3), Some(State::Closed));
    bench.calls(15 * SECOND, Class::Failure, 2);
    assert_eq!(bench.breaker.open_for(), Span::from_nanos(5 * SECOND));
}

#[test]
fn what_is_thirty_seconds_old_no_longer_counts() {
    let mut bench = Bench::new(BreakerConfig { min_calls: 4, ..BreakerConfig::ours() });
    bench.calls(0, Class::Failure, 3);
    assert_eq!(bench.breaker.counts(Time::from_secs(29.999)).failures, 3);
    assert_eq!(bench.breaker.counts(Time::from_secs(30.0)).failures, 0);
    assert_eq!(bench.call(30 * SECOND, Class::Failure), Some(State::Closed));
}

/// resilience4j #1597, gobreaker #30: a server that hangs is invisible to outcomes.
#[test]
fn calls_that_hang_open_it_before_any_of_them_ends() {
    let config = BreakerConfig { slow_after: Some(Span::from_nanos(10)), ..small() };
    let mut bench = Bench::new(config);
    let first = bench.admit(0).expect("it is closed");
    let _second = bench.admit(5).expect("it is closed");
    let _third = bench.admit(9).expect("it is closed");
    assert_eq!(bench.breaker.next_wakeup(), Some(Time::from_nanos(11)));
    assert_eq!((bench.wake(11), bench.breaker.overdue()), (State::Closed, 1));
    assert_eq!(bench.breaker.next_wakeup(), Some(Time::from_nanos(16)));
    assert_eq!((bench.wake(15), bench.breaker.overdue()), (State::Closed, 1));
    assert_eq!(bench.wake(400), State::Open);
    assert_eq!(bench.breaker.since(), Time::from_nanos(16));
    assert_eq!(bench.settle(401, first, Class::Success, 401), State::Open);
}

#[test]
fn a_slow_call_counts_once_whether_it_is_in_flight_or_over() {
    let config = BreakerConfig {
        slow_after: Some(Span::from_nanos(10)),
        min_calls: 3,
        ..BreakerConfig::ours()
    };
    let mut bench = Bench::new(config);
    let slow = bench.admit(0).expect("it is closed");
    bench.call(0, Class::Success);
    bench.wake(20);
    assert_eq!((bench.breaker.overdue(), bench.breaker.held().slow), (1, 0));
    bench.settle(20, slow, Class::Success, 20);
    assert_eq!((bench.breaker.overdue(), bench.breaker.held().slow), (0, 1));
}

#[test]
fn calls_beyond_those_watched_are_judged_when_they_end() {
    let config = BreakerConfig { slow_after: Some(Span::from_nanos(10)), watched: 2, ..small() };
    let mut bench = Bench::new(config);
    let permits: Vec<Permit> = (0..3).map(|_| bench.admit(0).expect("it is closed")).collect();
    let mut permits = permits.into_iter();
    bench.settle(1, permits.next().expect("there are three"), Class::Success, 1);
    bench.settle(1, permits.next().expect("there are three"), Class::Success, 1);
    bench.wake(11);
    assert_eq!(bench.breaker.overdue(), 0);
    bench.settle(20, permits.next().expect("there are three"), Class::Success, 20);
    assert_eq!(bench.breaker.held().slow, 1);
}

#[test]
fn the_end_of_time_is_survived() {
    for dialect in DIALECTS {
        let mut bench = Bench::new((dialect.config)());
        for at in [u64::MAX, 0, u64::MAX - 1, u64::MAX] {
            bench.calls(at, Class::Failure, 200);
            bench.force(at, State::Open);
            bench.wake(at);
            bench.force(at, State::HalfOpen);
            bench.stray(at, Class::Success);
        }
    }
}
