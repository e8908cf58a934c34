//! Throttle.

use brownout_policies::outcome::Class;
use brownout_policies::settings::Share;
use brownout_policies::throttle::{Counts, DIALECTS, Throttle, ThrottleConfig};
use brownout_policies::{Draws, Span, Time};
use proptest::prelude::*;

fn config() -> impl Strategy<Value = ThrottleConfig> {
    (0..DIALECTS.len(), 1u64..100, 1u32..12, 0u32..=100, 1.0f64..3.0, 0u32..20).prop_map(
        |(dialect, length, buckets, most, aggression, least_requests)| ThrottleConfig {
            window: Span::from_nanos(length.max(u64::from(buckets))),
            buckets,
            most: Share::percent(most),
            aggression,
            least_requests,
            ..(DIALECTS[dialect].config)()
        },
    )
}

/// Whether it is a request or an outcome, of which class, and how much time has passed.
fn steps() -> impl Strategy<Value = Vec<(bool, u8, u64)>> {
    proptest::collection::vec((any::<bool>(), 0u8..4, 0u64..15), 1..300)
}

fn class(number: u8) -> Class {
    match number {
        0 | 1 => Class::Success,
        2 => Class::Failure,
        _ => Class::Ignored,
    }
}

proptest! {
    #![proptest_config(crate::same_cases())]

    /// The probability is in [0, most]; of zero nobody is refused.
    #[test]
    fn its_probability_is_one(config in config(), steps in steps()) {
        let mut throttle = Throttle::new(config).expect("it is sound");
        let mut draws = Draws::open(1, 2);
        let mut now = 0;
        for (request, number, passed) in steps {
            now += passed;
            let at = Time::from_nanos(now);
            if request {
                throttle.wake(at);
                let before = throttle.probability();
                let refused = throttle.admit(at, &mut draws).is_err();
                prop_assert!(before > 0.0 || !refused);
            } else {
                throttle.settle(at, class(number));
            }
            let probability = throttle.probability();
            prop_assert!((0.0..=config.most.as_f64()).contains(&probability), "{}", probability);
        }
    }

    /// More accepts never make it refuse more.
    #[test]
    fn an_accept_never_raises_it(
        config in config(),
        requests in 0u64..1_000,
        accepts in 0u64..1_000,
    ) {
        let fewer = config.probability(requests, accepts);
        prop_assert!(config.probability(requests, accepts + 1) <= fewer);
    }

    /// What is counted is what was counted within the window: never less than in the last window
    /// less a bucket, never more than in the window and a bucket.
    #[test]
    fn it_counts_its_window(
        begins in 0..DIALECTS.len(),
        buckets in 1u64..10,
        gaps in proptest::collection::vec(0u64..12, 1..200),
    ) {
        let bucket = 10;
        let config = ThrottleConfig {
            window: Span::from_nanos(bucket * buckets),
            buckets: buckets as u32,
            ..(DIALECTS[begins].config)()
        };
        let mut throttle = Throttle::new(config).expect("it is sound");
        let (mut now, mut times) = (0u64, Vec::new());
        for gap in gaps {
            now += gap;
            throttle.record(Time::from_nanos(now), Counts { requests: 1, accepts: 0 });
            times.push(now);
            let within = |span: u64| times.iter().filter(|time| now - **time < span).count() as u64;
            let counted = throttle.counts().requests;
            prop_assert!(counted >= within(bucket * (buckets - 1) + 1), "{}", counted);
            prop_assert!(counted <= within(bucket * buckets), "{}", counted);
        }
    }

    /// The same inputs and draws give the same decisions, also when somebody wakes it early and
    /// often or tells it that time runs backwards.
    #[test]
    fn nothing_but_its_inputs_moves_it(config in config(), steps in steps()) {
        let mut quiet = Throttle::new(config).expect("it is sound");
        let mut woken = quiet.clone();
        let (mut one, mut other) = (Draws::open(1, 2), Draws::open(1, 2));
        let mut now = 0;
        for (request, number, passed) in steps {
            let due = woken.next_wakeup().map_or(u64::MAX, Time::nanos);
            let early = (now + passed / 2).min(due.saturating_sub(1)).max(now);
            let before = woken.counts();
            woken.wake(Time::from_nanos(early));
            prop_assert!(early >= due || woken.counts() == before);
            woken.wake(Time::from_nanos(early / 2));
            now += passed;
            let at = Time::from_nanos(now);
            if request {
                let decisions = (quiet.admit(at, &mut one), woken.admit(at, &mut other));
                prop_assert_eq!(decisions.0, decisions.1);
            } else {
                quiet.settle(at, class(number));
                woken.settle(at, class(number));
            }
            prop_assert_eq!(quiet.counts(), woken.counts());
        }
    }

    /// Any time, in any order, is survived.
    #[test]
    fn no_time_is_too_much(
        config in config(),
        times in proptest::collection::vec(any::<u64>(), 1..50),
    ) {
        let mut throttle = Throttle::new(config).expect("it is sound");
        let mut draws = Draws::open(1, 2);
        for now in times {
            let at = Time::from_nanos(now);
            if throttle.admit(at, &mut draws).is_ok() {
                throttle.settle(at, class((now % 4) as u8));
            }
        }
        let counts = throttle.counts();
        prop_assert!(counts.requests <= 100 && counts.accepts <= 100);
    }
}
