//! Backoffs: every wait has its bounds, and nothing but its arguments decides it.
//!
//! What breaks the cap by its nature: backon's jitter after its cap (bof-bkn-03) and gRPC's, which
//! may wait 1.2 of it (bof-grpc-01). [`BackoffConfig::longest`] says so, and no wait exceeds that.

use brownout_policies::backoff::{
    Arithmetic, Ask, Backoff, BackoffConfig, Capped, Course, DIALECTS, Growth, Hint, Jitter, Spread,
};
use brownout_policies::settings::Share;
use brownout_policies::{Chance, Draws, Span};
use proptest::prelude::*;

const GROWTHS: [Growth; 9] = [
    Growth::Constant,
    Growth::Linear,
    Growth::Exponential,
    Growth::Decorrelated,
    Growth::Smooth,
    Growth::Random,
    Growth::Rising,
    Growth::Compounding,
    Growth::Climbing,
];
/// Those that the jitter is put on; in the others chance has its part already.
const PLAIN: [Growth; 3] = [Growth::Constant, Growth::Linear, Growth::Exponential];
const SPREADS: [Spread; 5] =
    [Spread::None, Spread::Full, Spread::Equal, Spread::Around, Spread::Above];

fn config() -> impl Strategy<Value = BackoffConfig> {
    let growth = proptest::sample::select(GROWTHS.to_vec());
    let spread = proptest::sample::select(SPREADS.to_vec());
    let capped = proptest::sample::select(vec![Capped::Before, Capped::After, Capped::Twice]);
    let arithmetic = prop_oneof![
        4 => Just(Arithmetic::Nanoseconds),
        1 => Just(Arithmetic::Split),
    ];
    let times = (1u64..10_000_000_000, 0u64..5_000_000_000, 0u64..100_000_000_000);
    (growth, spread, capped, arithmetic, times, 1.0f64..4.0, 0u32..100).prop_map(
        |(growth, spread, capped, arithmetic, (from, step, more), factor, width)| BackoffConfig {
            growth,
            from: Span::from_nanos(from),
            step: Span::from_nanos(step),
            factor,
            cap: Some(Span::from_nanos(from + more)),
            capped,
            spread,
            width: Share::percent(width),
            arithmetic,
            hint: Hint::Ignored,
            ..BackoffConfig::ours()
        },
    )
}

/// The waits of one call.
fn waits(config: &BackoffConfig, key: u64, most: usize) -> Vec<Span> {
    let mut course = Course::default();
    let next = |nth| {
        let mut draws = Draws::open(key, nth as u64);
        config.next(&mut course, Ask::default(), &mut draws)
    };
    (0..most).map_while(next).collect()
}

/// Counts the draws.
struct Counted(Draws, u32);

impl Chance for Counted {
    fn bits(&mut self) -> u64 {
        self.1 += 1;
        self.0.bits()
    }
}

proptest! {
    #![proptest_config(crate::same_cases())]

    #[test]
    fn no_wait_exceeds_the_longest_there_can_be(config in config(), key in any::<u64>()) {
        let longest = config.longest().expect("there is a cap");
        for wait in waits(&config, key, 40) {
            // A rounding of half a nanosecond each way.
            prop_assert!(wait.nanos() <= longest.nanos().saturating_add(1), "{wait} > {longest}");
        }
        let exempt = matches!(config.spread, Spread::Around | Spread::Above)
            && config.capped == Capped::Before;
        if !exempt {
            prop_assert_eq!(config.longest(), config.cap);
        }
    }

    #[test]
    fn the_same_draws_make_the_same_waits(config in config(), key in any::<u64>()) {
        prop_assert_eq!(waits(&config, key, 30), waits(&config, key, 30));
    }

    #[test]
    fn a_wait_takes_one_draw_at_most(config in config(), nth in 0u32..100, key in any::<u64>()) {
        let mut counted = Counted(Draws::open(key, 0), 0);
        let wait = config.wait(nth, None, &mut counted);
        prop_assert!(counted.1 <= 1);
        let plain = PLAIN.contains(&config.growth);
        let chance = !plain || !matches!(config.spread, Spread::None);
        if !chance {
            prop_assert_eq!(counted.1, 0);
            let (mut other, previous) = (Draws::open(!key, 1), Some(wait));
            prop_assert_eq!(config.wait(nth, previous, &mut other), wait);
        }
    }

    /// Full jitter lies in [0, v], equal jitter in [v / 2, v], where v is the wait without chance.
    #[test]
    fn jitter_lies_below_the_wait_without_it(
        from in 1u64..1_000_000_000,
        more in 0u64..100_000_000_000,
        nth in 0u32..64,
        key in any::<u64>(),
    ) {
        let (from, cap) = (Span::from_nanos(from), Span::from_nanos(from + more));
        let wait = |jitter| {
            let backoff = Backoff::Exponential { from, factor: 2.0, cap, jitter, first: 0 };
            backoff.wait(nth, None, &mut Draws::open(key, u64::from(nth)))
        };
        let v = wait(Jitter::None);
        prop_assert!(wait(Jitter::Full) <= v && wait(Jitter::Equal) <= v);
        prop_assert!(wait(Jitter::Equal).nanos() >= v.nanos() / 2);
    }

    /// Decorrelated waits lie in [base, cap], and Finagle's climb.
    #[test]
    fn decorrelated_waits_stay_between_base_and_cap(
        from in 1u64..1_000_000_000, more in 0u64..100_000_000_000, key in any::<u64>(),
    ) {
        let (from, cap) = (Span::from_nanos(from), Some(Span::from_nanos(from + more)));
        for growth in [Growth::Decorrelated, Growth::Climbing] {
            let config = BackoffConfig { growth, from, cap, ..BackoffConfig::ours() };
            let waits = waits(&config, key, 30);
            prop_assert!(waits.iter().all(|wait| *wait >= from && Some(*wait) <= cap));
            if growth == Growth::Climbing {
                prop_assert!(waits.is_sorted());
            }
        }
    }

    /// Means do not fall from one retry to the next: at the same draw, a later wait is no shorter.
    #[test]
    fn waits_grow_in_the_mean(config in config(), key in any::<u64>()) {
        let plain = PLAIN.contains(&config.growth);
        // tower forgets half of an odd second, so that its jitter is not monotone.
        prop_assume!(plain && config.arithmetic == Arithmetic::Nanoseconds);
        let wait = |nth| config.wait(nth, None, &mut Draws::open(key, 0));
        for nth in 0..40 {
            prop_assert!(wait(nth + 1).nanos() + 1 >= wait(nth).nanos());
        }
    }

    #[test]
    fn dialects_survive_every_number_and_every_wait_before(
        nth in any::<u32>(), previous in any::<u64>(), hint in any::<u64>(), key in any::<u64>(),
    ) {
        for dialect in DIALECTS {
            let config = (dialect.config)();
            let previous = Some(Span::from_nanos(previous));
            let mut course = Course { nth, previous, ..Course::default() };
            let mut draws = Draws::open(key, 0);
            config.wait(nth, previous, &mut draws);
            for throttled in [false, true] {
                let ask = Ask { throttled, hint: Some(Span::from_nanos(hint)) };
                config.next(&mut course, ask, &mut draws);
            }
        }
    }
}
