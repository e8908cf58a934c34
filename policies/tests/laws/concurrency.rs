//! Concurrency.

use brownout_policies::concurrency::{
    Concurrency, ConcurrencyConfig, DIALECTS, Rule, Short, Window,
};
use brownout_policies::gate::{Permit, Report};
use brownout_policies::outcome::Class;
use brownout_policies::settings::Share;
use brownout_policies::{Draws, Span, Time};
use proptest::prelude::*;

/// What happens next: an arrival, or one of the calls in flight leaves with a class.
#[derive(Debug, Clone, Copy)]
enum Event {
    Arrives,
    Leaves { which: usize, class: Class },
}

fn event() -> impl Strategy<Value = (Event, u64, u64)> {
    let class = prop_oneof![
        4 => Just(Class::Success), 1 => Just(Class::Failure), 1 => Just(Class::Ignored)
    ];
    let leaves = (any::<usize>(), class).prop_map(|(which, class)| Event::Leaves { which, class });
    let event = prop_oneof![3 => Just(Event::Arrives), 2 => leaves];
    (event, 0u64..40_000_000, 1u64..80_000_000)
}

fn config() -> impl Strategy<Value = ConcurrencyConfig> {
    let window = (any::<bool>(), 1u32..20, any::<bool>());
    (0..DIALECTS.len(), 1u32..8, 0u32..30, 0u32..100, window).prop_map(
        |(dialect, least, more, most, (on, samples, extend))| {
            let mut config = (DIALECTS[dialect].config)();
            (config.least, config.initial) = (least, least + more);
            config.most = config.initial + most;
            quicken(&mut config.rule);
            let own =
                matches!(config.rule, Rule::Fixed | Rule::EnvoyGradient(_) | Rule::FailsafeGo(_));
            let short = if extend { Short::Extend } else { Short::Discard };
            let length = (on && !own).then(|| Span::from_millis(100));
            config.window = Window { length, samples, short, ..config.window };
            config
        },
    )
}

/// Makes what happens once in a long while happen within a trace.
fn quicken(rule: &mut Rule) {
    match rule {
        Rule::Gradient(rule) => {
            (rule.probe_every, rule.probe_longest) =
                (Span::from_millis(300), Span::from_millis(90));
        }
        Rule::EnvoyGradient(rule) => {
            (rule.interval, rule.min_interval) = (Span::from_millis(40), Span::from_millis(400));
            rule.min_samples = 5;
        }
        Rule::FailsafeGo(rule) => {
            (rule.recent, rule.recent_samples) = (Span::from_millis(30), 3);
        }
        Rule::Vegas(rule) => rule.probe_multiplier = 2.0,
        Rule::Fixed | Rule::Aimd(_) | Rule::Gradient2(_) => {}
    }
}

/// A gate and its permits, as a caller keeps them.
struct Caller {
    gate: Concurrency,
    out: Vec<(Time, Permit)>,
}

impl Caller {
    fn new(config: ConcurrencyConfig) -> Caller {
        let mut gate = Concurrency::new(config).expect("it is sound");
        gate.desynchronise(&mut Draws::open(3, 4));
        Caller { gate, out: Vec::new() }
    }

    /// Does it; whether a call was let in.
    fn does(&mut self, now: Time, event: Event, took: u64) -> Option<bool> {
        match event {
            Event::Arrives => {
                let admitted = self.gate.admit(now).map(|permit| self.out.push((now, permit)));
                Some(admitted.is_ok())
            }
            Event::Leaves { which, class } if !self.out.is_empty() => {
                let (_, permit) = self.out.remove(which % self.out.len());
                self.gate.settle(now, permit, Report { class, took: Span::from_nanos(took) });
                None
            }
            Event::Leaves { .. } => None,
        }
    }
}

proptest! {
    #![proptest_config(crate::same_cases())]

    /// Never more in flight than the limit when the last came in, the limit within its bounds, and
    /// no place lost.
    #[test]
    fn its_bounds_hold(config in config(), steps in proptest::collection::vec(event(), 1..400)) {
        let mut caller = Caller::new(config);
        let mut now = 0;
        for (event, passed, took) in steps {
            now += passed;
            caller.gate.wake(Time::from_nanos(now));
            let limit = caller.gate.limit();
            let before = caller.gate.inflight();
            let admitted = caller.does(Time::from_nanos(now), event, took);
            prop_assert!(admitted.is_none_or(|admitted| admitted == (before < limit)));
            prop_assert_eq!(caller.gate.inflight() as usize, caller.out.len());
            let limit = caller.gate.limit();
            prop_assert!((config.least..=config.most).contains(&limit), "{}", limit);
        }
    }

    /// The same inputs give the same decisions, also when somebody wakes it early and often, and
    /// when time is told to run backwards in between.
    #[test]
    fn nothing_but_its_inputs_moves_it(
        config in config(),
        steps in proptest::collection::vec(event(), 1..200),
    ) {
        let (mut quiet, mut woken) = (Caller::new(config), Caller::new(config));
        let mut now = 0;
        for (event, passed, took) in steps {
            let due = woken.gate.next_wakeup().map_or(u64::MAX, Time::nanos);
            let early = (now + passed / 2).min(due.saturating_sub(1)).max(now);
            let limit = woken.gate.limit();
            woken.gate.wake(Time::from_nanos(early));
            prop_assert!(early >= due || woken.gate.limit() == limit);
            woken.gate.wake(Time::from_nanos(early / 2));
            now += passed;
            let at = Time::from_nanos(now);
            prop_assert_eq!(quiet.does(at, event, took), woken.does(at, event, took));
            quiet.gate.wake(at);
            woken.gate.wake(at);
            prop_assert_eq!(quiet.gate.limit(), woken.gate.limit());
            prop_assert_eq!(quiet.gate.reading(), woken.gate.reading());
        }
    }

    /// Any time, in any order, is survived.
    #[test]
    fn no_time_is_too_much(
        config in config(),
        times in proptest::collection::vec(any::<u64>(), 1..50),
    ) {
        let mut caller = Caller::new(config);
        for (step, now) in times.into_iter().enumerate() {
            let class = if step % 3 == 0 { Class::Failure } else { Class::Success };
            let leaves = Event::Leaves { which: 0, class };
            let event = if step % 2 == 0 { Event::Arrives } else { leaves };
            caller.does(Time::from_nanos(now), event, now);
            prop_assert!((config.least..=config.most).contains(&caller.gate.limit()));
        }
    }

    /// A partition gets what it is guaranteed whatever the others do; together they may exceed the
    /// limit by what the others are guaranteed (cl-prt-01: 17 of 10), and never by more.
    #[test]
    fn partitions_burst_and_are_guaranteed(
        limit in 1u32..30,
        first in 0u32..=100,
        arrivals in proptest::collection::vec(0u32..3, 1..100),
    ) {
        let shares = [Share::percent(first), Share::percent(100 - first)];
        let config = ConcurrencyConfig { initial: limit, ..ConcurrencyConfig::fixed() };
        let mut gate = Concurrency::partitioned(config, &shares).expect("it is sound");
        let mut permits = Vec::new();
        for partition in arrivals {
            let (guaranteed, inside) = gate.partition(partition).expect("it is divided");
            let full = gate.inflight() >= limit;
            let admitted = gate.admit_in(Time::ZERO, partition);
            prop_assert_eq!(admitted.is_ok(), !full || inside < guaranteed);
            permits.extend(admitted.ok());
            prop_assert!(gate.inflight() <= 2 * limit + 2);
        }
        let report = Report { class: Class::Ignored, took: Span::ZERO };
        permits.into_iter().for_each(|permit| gate.settle(Time::ZERO, permit, report));
        prop_assert_eq!(gate.inflight(), 0);
        prop_assert!((0..3).all(|partition| gate.partition(partition).is_some_and(|p| p.1 == 0)));
    }
}
