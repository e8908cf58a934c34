//! Breakers: every dialect, with random thresholds, probes, leases and windows, over random traces.
//!
//! By their nature, some dialects break a law that ours keeps. Without a lease a silent probe keeps
//! resilience4j, Polly, gobreaker and Hystrix half-open (resilience4j #903, Polly #1979; brk-r4j-25
//! shows the limit that resilience4j has against it). Where stale outcomes are obeyed (Polly,
//! resilience4j, failsafe-go) they decide for probes that are still out, and in failsafe-go they
//! return permits that were never taken (brk-fsg-07). Laws about those are for dropped stale
//! outcomes and leased probes.

use brownout_policies::breaker::{
    Breaker, BreakerConfig, Closing, CountedAt, DIALECTS, HalfOpens, Ignored, ShareOf, Stale,
    State, Window,
};
use brownout_policies::gate::{Permit, Report};
use brownout_policies::outcome::Class;
use brownout_policies::settings::Settings;
use brownout_policies::{Draws, Span, Time};
use proptest::prelude::*;

/// What a trace does at one moment: something, after some time, to some call in flight.
type Step = (u8, u64, usize);

const TAKES: u64 = 40;

fn trace() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec((0u8..9, 0u64..TAKES, 0usize..8), 1..250)
}

/// A dialect with times of a few nanoseconds and counts of a few calls, so that all of its states
/// are visited.
fn configs() -> impl Strategy<Value = BreakerConfig> {
    let counts = (0usize..DIALECTS.len(), 1u32..5, 1u32..6, 1u64..60, 0u32..4);
    let more = (0u64..60, 0u64..80, any::<bool>(), 0u64..100, 1u64..40);
    (counts, more).prop_map(|((dialect, probes, min_calls, open, watched), more)| {
        let (slow, ramp, at_once, span, lease) = more;
        let some = |nanos: u64| (nanos > 0).then(|| Span::from_nanos(nanos));
        let base = (DIALECTS[dialect].config)();
        let own = BreakerConfig {
            min_calls,
            calls: base.calls.clamp(min_calls, 9),
            span: base.span.map(|_| Span::from_nanos(span + 60)),
            in_a_row: base.in_a_row.map(|_| min_calls),
            slow_after: if base.watched > 0 { some(slow) } else { base.slow_after },
            watched: base.watched.min(watched),
            judge_every: base.judge_every.map(|_| Span::from_nanos(7)),
            open: Span::from_nanos(open),
            open_max: base.open_max.map(|_| Span::from_nanos(8 * open)),
            open_step: Span::from_nanos(1),
            probes,
            probes_at_once: at_once,
            close_after: probes,
            reopen_after: 1,
            lease: base.lease.map(|_| Span::from_nanos(lease)),
            ramp: if ramp > 40 { some(ramp) } else { None },
            ..base
        };
        assert_eq!(own.problems(), []);
        own
    })
}

/// What one may see of a breaker after a step.
type Seen = (bool, State, u32);

struct Run {
    breaker: Breaker,
    chance: Draws,
    /// Calls in flight and how long each will say that it took.
    out: Vec<(Permit, u64)>,
    takes: u64,
}

impl Run {
    fn new(config: BreakerConfig) -> Run {
        let mut breaker = Breaker::new(config).expect("it is sound");
        let mut chance = Draws::open(3, 9);
        breaker.wake(Time::ZERO, &mut chance);
        Run { breaker, chance, out: Vec::new(), takes: 0 }
    }

    fn admit(&mut self, now: u64) -> bool {
        match self.breaker.admit(Time::from_nanos(now), &mut self.chance) {
            Ok(permit) => {
                self.out.push((permit, self.takes));
                self.takes = (self.takes + 17) % 61;
                true
            }
            Err(_) => false,
        }
    }

    fn settle(&mut self, now: u64, which: usize, class: Class) {
        let (permit, took) = self.out.swap_remove(which);
        let report = Report { class, took: Span::from_nanos(took) };
        self.breaker.settle(Time::from_nanos(now), permit, report, &mut self.chance);
    }

    fn step(&mut self, now: u64, (what, _, which): Step) -> Seen {
        let admitted = what < 4 && self.admit(now);
        let class = match what {
            4 => Some(Class::Success),
            5 | 6 => Some(Class::Failure),
            7 => Some(Class::Ignored),
            _ => None,
        };
        if what >= 4 && !self.out.is_empty() {
            let which = which % self.out.len();
            match class {
                Some(class) => self.settle(now, which, class),
                // A call that never comes back.
                None => drop(self.out.swap_remove(which)),
            }
        }
        self.breaker.wake(Time::from_nanos(now), &mut self.chance);
        (admitted, self.breaker.state(), self.breaker.probes_left())
    }
}

proptest! {
    #![proptest_config(crate::same_cases())]

    /// Since it became half-open, no more are let through than there are probes and places that
    /// came back: with an ignored outcome, at the end of a lease, or, at once, with any outcome.
    #[test]
    fn half_open_admits_no_more_than_its_permits(config in configs(), steps in trace()) {
        let config = BreakerConfig { stale: Stale::Dropped, ..config };
        let mut run = Run::new(config);
        let (mut now, mut half_open, mut out) = (0, None, 0u32);
        for step in steps {
            now += step.1;
            run.breaker.wake(Time::from_nanos(now), &mut run.chance);
            let before = run.breaker.probes_left();
            let (admitted, state, left) = run.step(now, step);
            let since = (state == State::HalfOpen).then(|| run.breaker.since());
            if since.is_none() || since != half_open {
                (half_open, out) = (since, 0);
            }
            prop_assert!(left <= config.probes);
            if since.is_some() && admitted {
                out += 1;
                prop_assert!(before > 0 || run.breaker.since() == Time::from_nanos(now));
                let returns = config.lease.is_some() || config.probes_at_once
                    || config.ignored == Ignored::Nothing || config.closing == Closing::AsClosed;
                prop_assert!(returns || out <= config.probes);
            }
        }
    }

    /// However a trace ends, and however many calls never come back, good calls close it again.
    #[test]
    fn it_never_stays_open_or_half_open(config in configs(), steps in trace()) {
        let (stale, lease) = (Stale::Dropped, Some(config.lease.unwrap_or(Span::from_nanos(9))));
        let mut run = Run::new(BreakerConfig { stale, lease, ..config });
        let mut now = 0;
        for step in steps {
            now += step.1;
            run.step(now, step);
        }
        run.out.clear();
        for _ in 0..100 {
            now += 10;
            run.takes = 0;
            if run.admit(now) {
                run.settle(now, 0, Class::Success);
            }
            if let Some(at) = run.breaker.next_wakeup().or(run.breaker.retry_at()) {
                now = now.max(at.nanos() + 1);
            }
        }
        prop_assert_eq!(run.breaker.state(), State::Closed);
    }

    /// Wakes change nothing, early ones least of all: what is due happens at its own time.
    #[test]
    fn waking_changes_no_decision(config in configs(), steps in trace(), wakes in trace()) {
        let (mut run, mut woken) = (Run::new(config), Run::new(config));
        let mut now = 0;
        for (step, wake) in steps.into_iter().zip(wakes.into_iter().cycle()) {
            let due = woken.breaker.next_wakeup();
            let at = Time::from_nanos(now + wake.1.min(step.1));
            let before = (woken.breaker.state(), woken.breaker.overdue());
            woken.breaker.wake(at, &mut woken.chance);
            let early = due.is_none_or(|due| at < due);
            prop_assert!(!early || before == (woken.breaker.state(), woken.breaker.overdue()));
            now += step.1;
            prop_assert_eq!(run.step(now, step), woken.step(now, step));
        }
    }

    /// The same configuration, trace and chance give the same decisions.
    #[test]
    fn it_is_a_function_of_its_inputs(config in configs(), steps in trace()) {
        let (mut one, mut other) = (Run::new(config), Run::new(config));
        let mut now = 0;
        for step in steps {
            now += step.1;
            prop_assert_eq!(one.step(now, step), other.step(now, step));
        }
    }

    /// An earlier moment counts as the latest one so far.
    #[test]
    fn time_going_backwards_is_no_time(
        config in configs(), steps in trace(), back in proptest::collection::vec(0u64..90, 250),
    ) {
        let (mut one, mut other) = (Run::new(config), Run::new(config));
        let (mut now, mut latest) = (0u64, 0);
        for (step, back) in steps.into_iter().zip(back) {
            now = (now + step.1).saturating_sub(back / 2);
            latest = latest.max(now);
            prop_assert_eq!(one.step(now, step), other.step(latest, step));
        }
    }

    /// Ignored outcomes are as if their calls had never been, where they count as nothing.
    #[test]
    fn ignored_calls_change_nothing(config in configs(), steps in trace(), extra in trace()) {
        let window = if config.window == Window::Anchored { Window::Grid } else { config.window };
        let config = BreakerConfig {
            ignored: Ignored::Nothing,
            share_of: ShareOf::Outcomes,
            counted_at: CountedAt::End,
            half_opens: HalfOpens::OnTime,
            window,
            span: config.span.or(Some(Span::from_nanos(90))),
            watched: 512,
            ramp: None,
            ..config
        };
        let (mut run, mut other) = (Run::new(config), Run::new(config));
        let mut now = 0;
        for (step, extra) in steps.into_iter().zip(extra.into_iter().cycle()) {
            now += step.1;
            if extra.0 < 6 && other.admit(now) {
                let last = other.out.len() - 1;
                other.takes = run.takes;
                other.settle(now, last, Class::Ignored);
            }
            prop_assert_eq!(run.step(now, step), other.step(now, step));
        }
    }
}
