//! Facts of the peers that their vectors do not show, and of our own rule.

use super::*;
use alloc::vec;

fn gate(config: ConcurrencyConfig) -> Concurrency {
    Concurrency::new(config).expect("the configuration is sound")
}

fn at(millis: u64) -> Time {
    Time::from_nanos(millis * 1_000_000)
}

fn sample(micros: u64, inflight: u32) -> Sample {
    let rtt = Span::from_nanos(micros * 1_000);
    Sample { rtt, inflight, dropped: false, full: false }
}

const DROP: Sample =
    Sample { rtt: Span::from_millis(10), inflight: 20, dropped: true, full: false };

/// The limits after each of these samples, all at time zero.
fn limits(gate: &mut Concurrency, samples: &[Sample]) -> Vec<u32> {
    let after = |sample: &Sample| {
        gate.observe(Time::ZERO, *sample);
        gate.limit()
    };
    samples.iter().map(after).collect()
}

fn aimd(initial: u32, least: u32, most: u32) -> Concurrency {
    gate(ConcurrencyConfig { initial, least, most, ..ConcurrencyConfig::aimd() })
}

#[test]
fn aimd_loses_a_tenth_by_truncation_and_gains_one() {
    assert_eq!(limits(&mut aimd(30, 1, 200), &[DROP, DROP]), [27, 24]);
    assert_eq!(limits(&mut aimd(5, 1, 200), &[DROP]), [4]);
    assert_eq!(limits(&mut aimd(20, 20, 200), &[DROP]), [20]);
    let busy = sample(1_000, 11);
    assert_eq!(limits(&mut aimd(21, 1, 21), &[busy]), [21]);
}

#[test]
fn aimd_calls_exactly_the_timeout_long_are_not_late() {
    assert_eq!(limits(&mut aimd(20, 1, 200), &[sample(5_000_000, 10)]), [21]);
    assert_eq!(limits(&mut aimd(20, 1, 200), &[sample(5_000_001, 10)]), [18]);
}

#[test]
fn aimd_grows_at_half_of_its_limit_and_not_below() {
    assert_eq!(limits(&mut aimd(20, 1, 200), &[sample(1, 9), sample(1, 10)]), [20, 21]);
}

/// Vegas with constants as Netflix' own tests have it, its no-load latency 10 ms.
fn vegas(decrease: Decrease, smoothing: f64, initial: u32) -> Concurrency {
    let rule = VegasConfig { by_magnitude: false, decrease, smoothing, ..VegasConfig::netflix() };
    let most = 200;
    let rule = Rule::Vegas(rule);
    let config = ConcurrencyConfig { initial, most, rule, ..ConcurrencyConfig::vegas() };
    let mut gate = gate(config);
    gate.observe(Time::ZERO, sample(10_000, initial));
    gate
}

#[test]
fn vegas_moves_by_the_queue_that_it_estimates() {
    let step = |micros| limits(&mut vegas(Decrease::Step, 1.0, 10), &[sample(micros, 10)])[0];
    assert_eq!(step(10_000), 16); // no queue: beta more
    assert_eq!(step(11_200), 11); // ⌈1.07⌉ = 2 < alpha: a step more
    assert_eq!(step(14_000), 10); // ⌈2.86⌉ = 3, between
    assert_eq!(step(50_000), 9); // 8 > beta
}

#[test]
fn vegas_drops_count_even_when_the_limit_is_not_in_use() {
    assert_eq!(limits(&mut vegas(Decrease::Step, 1.0, 10), &[sample(20_000, 4)]), [10]);
    let idle = Sample { inflight: 1, rtt: Span::from_millis(20), ..DROP };
    assert_eq!(limits(&mut vegas(Decrease::Step, 1.0, 10), &[idle]), [9]);
}

#[test]
fn vegas_halves_with_smoothing_as_netflix_test_says() {
    let slow = sample(20_000, 100);
    assert_eq!(limits(&mut vegas(Decrease::Half, 0.5, 100), &[slow, slow]), [75, 56]);
    assert_eq!(limits(&mut vegas(Decrease::Half, 1.0, 100), &[slow, slow]), [50, 25]);
}

#[test]
fn vegas_measures_its_no_load_latency_anew_even_upwards() {
    let mut gate = vegas(Decrease::Step, 1.0, 10);
    assert_eq!(gate.reading().baseline, Some(10e6));
    // The first phase is 0, so that a probe is due after the whole 30 × 10 samples.
    for _ in 0..298 {
        gate.observe(Time::ZERO, sample(30_000, 1));
    }
    assert_eq!(gate.reading().baseline, Some(10e6));
    gate.observe(Time::ZERO, sample(30_000, 1));
    assert_eq!(gate.reading().baseline, Some(30e6));
}

#[test]
fn gradient2_follows_a_slow_drift_up_to_its_greatest_limit() {
    let mut gate = gate(ConcurrencyConfig::gradient2());
    let mut nanos = 10e6;
    for _ in 0..3_000 {
        let rtt = Span::round(nanos);
        gate.observe(Time::ZERO, Sample { rtt, inflight: gate.limit(), ..sample(0, 0) });
        nanos *= 1.001;
    }
    assert!(nanos > 19.0 * 10e6);
    assert_eq!(gate.limit(), 200);
}

#[test]
fn gradient2_does_not_grow_when_half_of_the_limit_is_free() {
    assert_eq!(limits(&mut gate(ConcurrencyConfig::gradient2()), &[sample(10_000, 9)]), [20]);
    let busy = [sample(10_000, 20), sample(10_000, 20)];
    assert_eq!(limits(&mut gate(ConcurrencyConfig::gradient2()), &busy), [20, 21]);
}

/// Ours, heard of every call by itself.
fn ours() -> Concurrency {
    let window = Window { fastest: Span::ZERO, ..Window::off() };
    gate(ConcurrencyConfig { window, ..ConcurrencyConfig::ours() })
}

#[test]
fn ours_hears_drops_that_gradient2_does_not() {
    assert_eq!(limits(&mut ours(), &[DROP, DROP]), [18, 16]);
    assert_eq!(limits(&mut gate(ConcurrencyConfig::gradient2()), &[DROP, DROP]), [20, 21]);
}

#[test]
fn ours_sees_the_drift_that_gradient2_follows() {
    let mut gate = ours();
    let mut nanos = 10e6;
    for _ in 0..3_000 {
        let rtt = Span::round(nanos);
        gate.observe(Time::ZERO, Sample { rtt, inflight: gate.limit(), ..sample(0, 0) });
        nanos *= 1.001;
    }
    assert!(gate.limit() < 20, "{}", gate.limit());
}

#[test]
fn ours_measures_its_baseline_anew_at_a_limit_without_a_queue() {
    let mut gate = ours();
    for millis in 0..100 {
        gate.observe(at(millis), sample(10_000, 100));
    }
    let before = gate.limit();
    // The service has become three times slower; at the next window after 30 s a probe begins.
    gate.observe(at(37_000), sample(30_000, 100));
    assert!(gate.reading().measuring);
    assert_eq!(gate.limit(), before / 4); // ¾ of a third
    // A call that began before the probe says nothing about it.
    assert!(!gate.observe(at(37_010), sample(30_000, 9)));
    assert!(gate.observe(at(37_040), sample(30_000, 9)));
    let after = gate.reading();
    assert_eq!((after.measuring, after.baseline), (false, Some(30e6)));
    assert!(gate.limit() >= before);
}

#[test]
fn a_probe_that_hears_nothing_is_given_up() {
    let mut gate = ours();
    gate.observe(at(1), sample(10_000, 20));
    let before = gate.limit();
    gate.observe(at(40_000), sample(10_000, 20));
    assert!(gate.reading().measuring && gate.limit() < before);
    assert_eq!(gate.next_wakeup(), Some(at(41_000)));
    gate.wake(at(40_999));
    assert!(gate.reading().measuring);
    gate.wake(at(41_000));
    assert_eq!((gate.limit(), gate.next_wakeup()), (before, None));
}

#[test]
fn envoy_measures_its_minimum_at_three_and_goes_back() {
    let mut gate = gate(ConcurrencyConfig { initial: 100, ..ConcurrencyConfig::envoy() });
    assert_eq!((gate.limit(), gate.next_wakeup()), (3, None));
    for call in 1..=50 {
        assert_eq!(gate.limit(), 3);
        gate.observe(at(call * 10), sample(5_000, 3));
    }
    assert_eq!((gate.limit(), gate.reading().baseline), (100, Some(5e6)));
    assert_eq!(gate.next_wakeup(), Some(at(600)));
    gate.observe(at(550), sample(5_000, 50));
    gate.wake(at(599));
    assert_eq!(gate.limit(), 100);
    gate.wake(at(600));
    assert_eq!(gate.limit(), 136); // 125 + √125
    // A minute after the first measurement, plus a jitter that starts at none, the next begins.
    gate.wake(at(60_499));
    assert!(!gate.reading().measuring);
    gate.wake(at(60_500));
    assert_eq!((gate.limit(), gate.reading().measuring), (3, true));
    assert!(!gate.observe(at(60_504), sample(5_000, 3))); // it began before
}

#[test]
fn envoy_measures_at_once_after_five_intervals_at_the_least() {
    let mut gate = gate(ConcurrencyConfig::envoy());
    let slow = Span::from_millis(100);
    for interval in 1..=5 {
        assert!(!gate.reading().measuring || interval == 1);
        gate.measured(at(interval), slow, Span::from_millis(10));
        assert_eq!(gate.limit(), 3);
    }
    assert!(gate.reading().measuring);
}

#[test]
fn envoy_does_at_a_late_wake_what_it_would_have_done_in_time() {
    let mut prompt = gate(ConcurrencyConfig { initial: 100, ..ConcurrencyConfig::envoy() });
    for call in 1..=51 {
        prompt.observe(at(call * 10), sample(5_000, 3));
    }
    let mut late = prompt.clone();
    while let Some(due) = prompt.next_wakeup().filter(|due| *due <= at(70_000)) {
        prompt.wake(due);
    }
    late.wake(at(70_000));
    assert_eq!((late.limit(), late.reading()), (prompt.limit(), prompt.reading()));
    assert_eq!(late.next_wakeup(), prompt.next_wakeup());
}

#[test]
fn failsafe_go_never_lets_its_limit_be_more_than_five_times_the_calls_in_flight() {
    let mut config = ConcurrencyConfig::failsafe_go();
    if let Rule::FailsafeGo(rule) = &mut config.rule {
        rule.recent_samples = 1;
    }
    let mut gate = gate(config);
    gate.observe(at(1), sample(10_000, 3));
    assert_eq!(gate.limit(), 19); // 20 > 3 × 5
    // A drop is no sample, and the window is not over before a second.
    gate.observe(at(900), DROP);
    gate.observe(at(1_001), sample(10_000, 4));
    assert_eq!(gate.limit(), 19);
    gate.observe(at(1_002), sample(10_000, 4));
    assert_eq!(gate.limit(), 20);
}

#[test]
fn a_partition_is_guaranteed_its_share_and_strangers_nothing() {
    let shares = [Share::percent(30), Share::percent(70)];
    let config = ConcurrencyConfig { initial: 10, ..ConcurrencyConfig::fixed() };
    let mut gate = Concurrency::partitioned(config, &shares).expect("they are sound");
    let mut permits = vec![];
    for _ in 0..10 {
        permits.push(gate.admit_in(Time::ZERO, 9).expect("below the limit anyone may"));
    }
    assert!(gate.admit_in(Time::ZERO, 9).is_err());
    assert_eq!(gate.admit_in(Time::ZERO, 0).map(|permit| permits.push(permit)), Ok(()));
    assert_eq!(
        (gate.inflight(), gate.partition(0), gate.partition(9)),
        (11, Some((3, 1)), Some((0, 10)))
    );
    let tiny = Concurrency::partitioned(config, &[Share::percent(1)]).expect("it is sound");
    assert_eq!(tiny.partition(0), Some((1, 0)));
    let most = [Share::percent(60), Share::percent(60)];
    assert!(Concurrency::partitioned(config, &most).is_err());
}

#[test]
fn an_abandoned_call_gives_its_place_back_and_is_no_sample() {
    let mut gate = aimd(1, 1, 200);
    let permit = gate.admit(Time::ZERO).expect("it is idle");
    assert_eq!(gate.admit(Time::ZERO).map_err(|refusal| refusal.bound), Err(1));
    gate.settle(at(1), permit, Report { class: Class::Ignored, took: Span::from_millis(1) });
    assert_eq!((gate.limit(), gate.inflight()), (1, 0));
}
