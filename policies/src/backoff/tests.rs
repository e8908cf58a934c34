//! What the waits promise.

use super::*;
use crate::draw::Draws;
use crate::settings::Share;

const BASE: Span = Span::from_millis(100);
const CAP: Span = Span::from_millis(2_000);

fn exponential(jitter: Jitter) -> Backoff {
    Backoff::Exponential { from: BASE, factor: 2.0, cap: CAP, jitter, first: 0 }
}

#[test]
fn exponential_waits_double_until_the_cap() {
    let mut draws = Draws::open(1, 1);
    let waits: Vec<u64> = (0..7)
        .map(|k| exponential(Jitter::None).wait(k, None, &mut draws).nanos() / 1_000_000)
        .collect();
    assert_eq!(waits, [100, 200, 400, 800, 1600, 2000, 2000]);
}

#[test]
fn the_short_way_to_an_exponential_wait_leads_where_its_configuration_does() {
    for jitter in [Jitter::None, Jitter::Full, Jitter::Equal] {
        for (first, nth) in [(0, 0), (0, 3), (1, 3), (0, 70), (1, u32::MAX)] {
            for factor in [1.0, 1.5, 2.0] {
                let backoff =
                    Backoff::Exponential { from: BASE, factor, cap: Span::MAX, jitter, first };
                let (mut short, mut long) = (Draws::open(4, 2), Draws::open(4, 2));
                let config = BackoffConfig::from(backoff);
                assert_eq!(backoff.wait(nth, None, &mut short), config.wait(nth, None, &mut long));
            }
        }
    }
}

#[test]
fn no_wait_exceeds_its_cap_even_after_a_million_retries() {
    for nth in [0, 5, 64, 1_000_000, u32::MAX] {
        for jitter in [Jitter::None, Jitter::Full, Jitter::Equal] {
            let mut draws = Draws::open(3, u64::from(nth));
            assert!(exponential(jitter).wait(nth, None, &mut draws) <= CAP);
        }
    }
}

#[test]
fn equal_jitter_keeps_half_of_the_wait() {
    for key in 0..1_000 {
        let wait = exponential(Jitter::Equal).wait(2, None, &mut Draws::open(9, key));
        assert!((200..=400).contains(&(wait.nanos() / 1_000_000)));
    }
}

#[test]
fn decorrelated_jitter_remembers_the_capped_wait() {
    let backoff = Backoff::Decorrelated { from: BASE, cap: CAP };
    for key in 0..1_000 {
        let wait = backoff.wait(9, Some(CAP), &mut Draws::open(5, key));
        assert!(wait >= BASE && wait <= CAP);
    }
}

/// A chance that is always the same.
struct Fixed(f64);

impl Chance for Fixed {
    fn bits(&mut self) -> u64 {
        unreachable!("waits draw uniform numbers or bounded ones")
    }

    fn share(&mut self) -> f64 {
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        (self.0 * bound as f64) as u64
    }
}

/// The first waits of a call, in milliseconds.
fn waits<const N: usize>(config: BackoffConfig, u: f64) -> [f64; N] {
    let mut course = Course::default();
    [(); N].map(|()| {
        let wait = config.next(&mut course, Ask::default(), &mut Fixed(u));
        wait.map_or(f64::NAN, |wait| wait.nanos() as f64 / 1e6)
    })
}

fn ms(millis: u64) -> Span {
    Span::from_millis(millis)
}

#[test]
fn the_short_form_and_the_long_one_wait_alike() {
    let short = exponential(Jitter::Equal);
    let long = BackoffConfig::from(short);
    let mut course = Course::default();
    for nth in 0..20 {
        let (mut one, mut other) = (Draws::open(4, nth), Draws::open(4, nth));
        let wait = short.wait(nth as u32, None, &mut one);
        assert_eq!(long.next(&mut course, Ask::default(), &mut other), Some(wait));
    }
    let constant = BackoffConfig::from(Backoff::Constant { wait: BASE });
    assert_eq!((constant.constant(), long.constant()), (Some(BASE), None));
}

/// Once the exponential outgrows the cap, the jitter vanishes for u near 1 (AWS 2.0): the cap is
/// put on last.
#[test]
fn the_sdks_cap_what_chance_has_left() {
    let sdk = BackoffConfig::aws_standard();
    assert_eq!(waits(sdk, 0.5), [500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0, 20_000.0]);
    let before = BackoffConfig { capped: Capped::Before, ..sdk };
    assert_eq!(waits::<7>(before, 0.5)[6], 10_000.0);
}

#[test]
fn a_wish_is_obeyed_capped_or_bounded_as_the_system_has_it() {
    let wish = |config: BackoffConfig, millis| {
        let mut course = Course { nth: 3, waits: 3, ..Course::default() };
        let ask = Ask { throttled: false, hint: Some(ms(millis)) };
        let wait = config.next(&mut course, ask, &mut Fixed(1.0)).expect("there is no end");
        (wait.nanos() / 1_000_000, course.nth)
    };
    assert_eq!(wish(BackoffConfig::grpc(), 90_000), (90_000, 0));
    assert_eq!(wish(BackoffConfig::aws_standard(), 30_000), (20_000, 4));
    // The computed wait is 400 ms: no shorter, and at most 5 s longer.
    assert_eq!(wish(BackoffConfig::aws_newer(), 10), (400, 4));
    assert_eq!(wish(BackoffConfig::aws_newer(), 3_000), (3_000, 4));
    assert_eq!(wish(BackoffConfig::aws_newer(), 10_000), (5_400, 4));
    assert_eq!(wish(BackoffConfig::tower(), 9_000).1, 4);
}

#[test]
fn growth_begins_anew_after_a_pushback() {
    let grpc = BackoffConfig::grpc();
    let mut course = Course::default();
    let mut next = |hint| grpc.next(&mut course, Ask { throttled: false, hint }, &mut Fixed(0.5));
    assert_eq!([next(None), next(None)], [Some(ms(100)), Some(ms(200))]);
    assert_eq!(next(Some(ms(1))), Some(ms(1)));
    assert_eq!([next(None), next(None)], [Some(ms(100)), Some(ms(200))]);
}

#[test]
fn being_throttled_starts_from_a_second_in_the_newer_sdks() {
    let config = BackoffConfig::aws_newer();
    let next = |throttled| {
        config.next(&mut Course::default(), Ask { throttled, hint: None }, &mut Fixed(1.0))
    };
    assert_eq!([next(true), next(false)], [Some(ms(1_000)), Some(ms(50))]);
}

/// backon's cap of 2 s gave 3.83 s; it stops after three.
#[test]
fn backons_jitter_goes_beyond_its_cap() {
    let backon = BackoffConfig { cap: Some(ms(2_000)), ..BackoffConfig::backon() };
    let [first, second, third, none] = waits(backon, 0.915);
    assert!((first - 1_915.0).abs() < 0.001 && (third - 3_830.0).abs() < 0.001);
    assert!(second == third && none.is_nan());
    assert!(backon.longest() > Some(ms(3_999)));
}

/// In single precision 1.1 s is not 1.1 s.
#[test]
fn backon_counts_seconds_in_single_precision() {
    let backon = BackoffConfig { factor: 1.1, spread: Spread::None, ..BackoffConfig::backon() };
    let second = backon.wait(1, None, &mut Fixed(0.0));
    assert_eq!(
        second.nanos(),
        u64::try_from(std::time::Duration::from_secs_f32(1.1).as_nanos()).unwrap()
    );
    assert_ne!(second, ms(1_100));
}

/// At the cap there is no room for tower's jitter; of 1.5 s its half is a quarter of a second.
#[test]
fn towers_jitter_ends_at_the_cap_and_forgets_the_half_of_odd_seconds() {
    let tower = |cap| BackoffConfig {
        from: ms(1_500),
        cap: Some(ms(cap)),
        width: Share::ALL,
        ..BackoffConfig::tower()
    };
    assert_eq!(waits(tower(60_000), 0.5), [1_750.0, 4_000.0]);
    assert_eq!(waits(tower(1_500), 0.5), [1_500.0, 1_500.0]);
    assert_eq!(waits(tower(1_600), 0.5), [1_600.0, 1_600.0]);
}

/// `RetryHelperTests` of Polly: `Linear_Jitter_Ok`, `Exponential_Ok`, `MaxDelay_Ok`.
#[test]
fn pollys_waits_are_within_a_quarter_and_its_cap_is_put_on_last() {
    let polly = |growth, spread| BackoffConfig {
        growth,
        spread,
        from: ms(1_000),
        step: ms(1_000),
        width: Share::percent(25),
        ..BackoffConfig::polly()
    };
    let third = |u| waits::<3>(polly(Growth::Linear, Spread::Around), u)[2];
    assert_eq!([0.0, 0.4, 0.5, 0.6, 1.0].map(third), [2_250.0, 2_850.0, 3_000.0, 3_150.0, 3_750.0]);
    assert_eq!(waits(polly(Growth::Exponential, Spread::None), 0.0), [1_000.0, 2_000.0, 4_000.0]);
    for growth in [Growth::Linear, Growth::Constant, Growth::Smooth, Growth::Exponential] {
        let capped = BackoffConfig {
            from: ms(10_000),
            cap: Some(ms(1_000)),
            ..polly(growth, Spread::Around)
        };
        assert_eq!(waits::<3>(capped, 0.5)[2], 1_000.0, "{growth:?}");
    }
}

/// `GetRetryDelay_Exponential_Is_Positive_When_No_Maximum_Delay`, and its overflows.
#[test]
fn smooth_waits_stay_positive_at_any_number() {
    let polly = BackoffConfig::polly();
    for nth in [1, 2, 3, 4, 10, 100, 1_000, 1_024, 1_025, u32::MAX] {
        let mut course = Course { nth, ..Course::default() };
        for _ in 0..2 {
            let wait = polly.next(&mut course, Ask::default(), &mut Fixed(0.7));
            assert!(wait.expect("there is no end") > Span::ZERO);
        }
    }
    let days = BackoffConfig {
        growth: Growth::Exponential,
        from: Span::from_secs(86_400.0),
        ..BackoffConfig::polly()
    };
    assert_eq!(days.wait(1_000, None, &mut Fixed(0.0)), Span::MAX);
}

/// The median time from the failure to the retry is near 1, 2, 4 … times the first wait.
#[test]
fn smooth_waits_add_up_to_the_medians_of_exponential_ones() {
    let polly = BackoffConfig { from: ms(1_000), ..BackoffConfig::polly() };
    let mut thirds: Vec<u64> = (0..1_001)
        .map(|key| {
            let (mut draws, mut course) = (Draws::open(8, key), Course::default());
            let next = |_| polly.next(&mut course, Ask::default(), &mut draws);
            (0..3).filter_map(next).map(Span::nanos).sum()
        })
        .collect();
    thirds.sort();
    assert!((3_500_000_000..4_500_000_000).contains(&thirds[500]), "{}", thirds[500]);
}

#[test]
fn resilience4js_waits_spread_by_half_both_ways() {
    let config = BackoffConfig::resilience4j();
    assert_eq!(waits(config, 0.0), [250.0, 375.0, 562.5]);
    assert_eq!(waits(config, 1.0), [750.0, 1_125.0, 1_687.5]);
}

/// `BackoffTest` of Finagle: "linear with maximum", "exponential with maximum".
#[test]
fn finagles_plain_waits_stop_at_the_maximum() {
    let plain = |growth, from, step, cap| BackoffConfig {
        growth,
        from: ms(from),
        step: ms(step),
        cap: Some(ms(cap)),
        ..BackoffConfig::finagle()
    };
    assert_eq!(waits(plain(Growth::Linear, 9, 30, 99), 0.0), [9.0, 39.0, 69.0, 99.0, 99.0]);
    assert_eq!(waits(plain(Growth::Exponential, 2, 0, 15), 0.0), [2.0, 4.0, 8.0, 15.0, 15.0]);
}

#[test]
fn finagles_jittered_waits_begin_without_chance_and_end_at_the_cap() {
    let jittered = |growth| BackoffConfig { growth, ..BackoffConfig::finagle() };
    assert_eq!(
        waits(jittered(Growth::Rising), 0.5),
        [5e3, 7.5e3, 15e3, 30e3, 60e3, 120e3, 240e3, 300e3, 300e3]
    );
    assert_eq!(waits(jittered(Growth::Climbing), 0.0), [5e3, 5e3, 5e3]);
    assert_eq!(waits(jittered(Growth::Climbing), 0.5), [5e3, 10e3, 20e3, 40e3, 80e3, 160e3, 230e3]);
    assert_eq!(waits(jittered(Growth::Compounding), 0.5), [5e3, 5e3, 10e3, 40e3, 300e3, 300e3]);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let config = BackoffConfig {
        factor: 0.5,
        cap: Some(ms(1)),
        spread: Spread::Around,
        width: Share::percent(101),
        growth: Growth::Linear,
        ..BackoffConfig::ours()
    };
    assert_eq!(config.problems().len(), 4);
    let ticks = BackoffConfig { spread: Spread::Full, ..BackoffConfig::polly() };
    let ticks = BackoffConfig { growth: Growth::Exponential, ..ticks };
    let smooth = BackoffConfig { spread: Spread::Equal, ..BackoffConfig::polly() };
    let fields = [ticks, smooth].map(|config| config.problems()[0].field);
    assert_eq!(fields, ["arithmetic", "jitter"]);
    for dialect in DIALECTS {
        let mut config = (dialect.config)().checked().expect(dialect.name);
        assert_eq!(config.settings().len(), 13);
    }
}
