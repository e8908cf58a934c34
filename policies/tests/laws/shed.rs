//! Shedding.

use brownout_policies::settings::Share;
use brownout_policies::shed::{DIALECTS, Order, Shed, ShedConfig};
use brownout_policies::{Span, Time};
use proptest::prelude::*;

fn config() -> impl Strategy<Value = ShedConfig> {
    (0..DIALECTS.len(), 1u64..20, 1u64..100, 1u32..6, 1u32..50).prop_map(
        |(dialect, target, more, levels, requests)| ShedConfig {
            target: Span::from_nanos(target),
            interval: Span::from_nanos(target + more),
            levels,
            window_requests: Some(requests),
            cut: Share::percent(20),
            ..(DIALECTS[dialect].config)()
        },
    )
}

/// What happens (arrival, departure, empty), its level or wait, and how much time has passed.
fn steps() -> impl Strategy<Value = Vec<(u8, u64, u64)>> {
    proptest::collection::vec((0u8..5, 0u64..60, 0u64..30), 1..300)
}

/// Does a step; what was decided.
fn does(shed: &mut Shed, now: Time, what: u8, number: u64) -> (bool, Option<Span>, Order) {
    let (mut good, mut timeout) = (true, None);
    match what {
        0 | 1 => match shed.enqueue(now, (number % 8) as u32) {
            Ok(place) => timeout = place.timeout,
            Err(_) => good = false,
        },
        2 | 3 => good = !shed.dequeue(now, Span::from_nanos(number)),
        _ => shed.emptied(now),
    }
    (good, timeout, shed.order())
}

proptest! {
    #![proptest_config(crate::same_cases())]

    /// CoDel never drops the first of an interval, nor who waited at most twice the target.
    #[test]
    fn codel_is_lenient(
        target in 1u64..20,
        more in 1u64..100,
        steps in proptest::collection::vec((0u64..80, 0u64..60), 1..300),
    ) {
        let interval = target + more;
        let spans = (Span::from_nanos(target), Span::from_nanos(interval));
        let config = ShedConfig { target: spans.0, interval: spans.1, ..ShedConfig::codel() };
        let mut codel = Shed::new(config).expect("it is sound");
        let (mut now, mut ends, mut first) = (0, 0, true);
        for (wait, passed) in steps {
            now += passed;
            let dropped = codel.dequeue(Time::from_nanos(now), Span::from_nanos(wait));
            if now > ends && !first {
                ends = now + interval;
                prop_assert!(!dropped, "the first of an interval");
            }
            prop_assert!(!(first && dropped));
            first = false;
            prop_assert!(!dropped || wait > 2 * target);
        }
    }

    /// DAGOR's level is one of its levels, the most important is always let in, and who is let in
    /// is at most that level.
    #[test]
    fn dagors_level_is_one(config in config(), steps in steps()) {
        let config = ShedConfig { rule: ShedConfig::dagor().rule, ..config };
        let mut dagor = Shed::new(config).expect("it is sound");
        let mut now = 0;
        for (what, number, passed) in steps {
            now += passed;
            let at = Time::from_nanos(now);
            if what < 3 {
                let level = (number % 8) as u32;
                let admitted = dagor.enqueue(at, level).is_ok();
                prop_assert_eq!(admitted, level.min(config.levels - 1) <= dagor.level());
                prop_assert!(admitted || level > 0);
            } else {
                dagor.dequeue(at, Span::from_nanos(number));
            }
            prop_assert!(dagor.level() < config.levels);
        }
    }

    /// A wait is bounded by the target in overload and by the interval else, with controlled delay.
    #[test]
    fn controlled_delay_gives_one_of_two_waits(config in config(), steps in steps()) {
        let config = ShedConfig { rule: ShedConfig::controlled_delay().rule, ..config };
        let mut delay = Shed::new(config).expect("it is sound");
        let (mut now, mut empty) = (0, 0);
        for (what, _, passed) in steps {
            now += passed;
            let at = Time::from_nanos(now);
            if what == 0 {
                delay.emptied(at);
                empty = now;
            }
            let place = delay.enqueue(at, 0).expect("all may wait");
            let long = now - empty <= config.interval.nanos();
            let timeout = if long { config.interval } else { config.target };
            prop_assert_eq!(place.timeout, Some(timeout));
        }
    }

    /// The same inputs give the same decisions, also when somebody wakes it early and often or
    /// tells it that time runs backwards.
    #[test]
    fn nothing_but_its_inputs_moves_it(config in config(), steps in steps()) {
        let mut quiet = Shed::new(config).expect("it is sound");
        let mut woken = quiet.clone();
        let mut now = 0;
        for (what, number, passed) in steps {
            let due = woken.next_wakeup().map_or(u64::MAX, Time::nanos);
            let early = (now + passed / 2).min(due.saturating_sub(1)).max(now);
            let before = (woken.level(), woken.order(), woken.is_overloaded());
            woken.wake(Time::from_nanos(early));
            let after = (woken.level(), woken.order(), woken.is_overloaded());
            prop_assert!(early >= due || before == after);
            woken.wake(Time::from_nanos(early / 2));
            now += passed;
            let at = Time::from_nanos(now);
            let decision = does(&mut quiet, at, what, number);
            prop_assert_eq!(decision, does(&mut woken, at, what, number));
            prop_assert_eq!(quiet.level(), woken.level());
        }
    }

    /// Any time, in any order, is survived.
    #[test]
    fn no_time_is_too_much(
        config in config(),
        steps in proptest::collection::vec((any::<u64>(), any::<u64>(), 0u8..5), 1..100),
    ) {
        let mut shed = Shed::new(config).expect("it is sound");
        for (now, number, what) in steps {
            does(&mut shed, Time::from_nanos(now), what, number);
        }
    }
}
