use super::*;

/// The n-th tenth of a second, as x/time's own tests write time.
fn t(tenths: u64) -> Time {
    Time::from_nanos(tenths * 100_000_000)
}

fn ms(millis: u64) -> Time {
    Time::from_nanos(millis * 1_000_000)
}

fn limiter(algorithm: Algorithm, permits: u32, per: Span, burst: u32) -> Limiter {
    let config = LimiterConfig { algorithm, permits, per, burst, ..LimiterConfig::ours() };
    Limiter::new(config).expect("it is sound")
}

fn second() -> Span {
    Span::from_secs(1.0)
}

/// The three kinds that x/time's tests of reservations describe: ten a second.
fn buckets(burst: u32) -> [Limiter; 3] {
    [Algorithm::GoBucket, Algorithm::TokenBucket, Algorithm::Gcra]
        .map(|algorithm| limiter(algorithm, 10, second(), burst))
}

fn reserve(limiter: &mut Limiter, now: u64, n: u32) -> Option<Reservation> {
    limiter.reserve(t(now), n, Span::MAX).ok()
}

fn at(limiter: &mut Limiter, now: u64, n: u32) -> Option<Time> {
    reserve(limiter, now, n).map(|reservation| reservation.at)
}

/// x/time `TestSimpleReserve`, `TestCancelInvalid`, `TestReserveMax`.
#[test]
fn a_reservation_takes_tokens_that_are_still_to_come() {
    for mut bucket in buckets(2) {
        assert_eq!(at(&mut bucket, 0, 2), Some(t(0)));
        assert_eq!(at(&mut bucket, 0, 3), None);
        assert_eq!(at(&mut bucket, 0, 2), Some(t(2)));
        assert_eq!(at(&mut bucket, 3, 2), Some(t(4)));
    }
    for mut bucket in buckets(2) {
        let tenth = Span::from_millis(100);
        assert_eq!(bucket.reserve(t(0), 2, tenth).map(|held| held.at), Ok(t(0)));
        assert_eq!(bucket.reserve(t(0), 1, tenth).map(|held| held.at), Ok(t(1)));
        let refusal = bucket.reserve(t(0), 1, tenth).expect_err("it would be two tenths");
        assert_eq!(refusal.retry_at, Some(t(1)));
    }
}

/// x/time `TestCancelLast`, `TestCancelTooLate`, `TestCancel0Tokens`, `TestCancel1Token`.
#[test]
fn a_cancelled_reservation_returns_what_no_later_one_built_upon() {
    for mut bucket in buckets(2) {
        at(&mut bucket, 0, 2);
        let held = reserve(&mut bucket, 0, 2).expect("it fits the burst");
        bucket.cancel(t(1), held);
        assert_eq!(at(&mut bucket, 1, 2), Some(t(2)));
    }
    for mut bucket in buckets(2) {
        at(&mut bucket, 0, 2);
        let held = reserve(&mut bucket, 0, 1).expect("it fits the burst");
        assert_eq!(at(&mut bucket, 0, 1), Some(t(2)));
        bucket.cancel(t(0), held);
        assert_eq!(at(&mut bucket, 0, 1), Some(t(3)));
    }
    for mut bucket in buckets(2) {
        at(&mut bucket, 0, 2);
        let held = reserve(&mut bucket, 0, 2).expect("it fits the burst");
        assert_eq!(at(&mut bucket, 0, 1), Some(t(3)));
        bucket.cancel(t(2), held);
        assert_eq!(at(&mut bucket, 2, 2), Some(t(4)));
    }
}

/// x/time `TestCancelMulti`.
#[test]
fn cancelling_the_last_and_then_the_first_is_as_if_the_last_had_never_been() {
    for mut bucket in buckets(4) {
        at(&mut bucket, 0, 4);
        let first = reserve(&mut bucket, 0, 3).expect("it fits the burst");
        assert_eq!((first.at, at(&mut bucket, 0, 1)), (t(3), Some(t(4))));
        let last = reserve(&mut bucket, 0, 1).expect("it fits the burst");
        assert_eq!(last.at, t(5));
        bucket.cancel(t(1), last);
        bucket.cancel(t(1), first);
        assert_eq!(at(&mut bucket, 1, 3), Some(t(5)));
    }
}

/// x/time `TestReserveSetLimit`, `TestReserveSetBurst`, `TestReserveSetLimitCancel`.
#[test]
fn a_new_rate_or_burst_of_gos_bucket_counts_from_then_on() {
    let act =
        |bucket: &mut GoBucket, now, n| bucket.reserve(t(now), n, Span::MAX).map(|held| held.at);
    let mut bucket = GoBucket::new(5.0, 2);
    assert_eq!((act(&mut bucket, 0, 2), act(&mut bucket, 0, 2)), (Some(t(0)), Some(t(4))));
    bucket.set_rate(t(2), 10.0);
    assert_eq!(act(&mut bucket, 2, 1), Some(t(4)));

    let mut bucket = GoBucket::new(5.0, 2);
    assert_eq!((act(&mut bucket, 0, 2), act(&mut bucket, 0, 2)), (Some(t(0)), Some(t(4))));
    bucket.set_burst(t(3), 4);
    assert_eq!(act(&mut bucket, 0, 4), Some(t(9)));

    let mut bucket = GoBucket::new(5.0, 2);
    act(&mut bucket, 0, 2);
    let held = bucket.reserve(t(0), 2, Span::MAX).expect("it fits the burst");
    bucket.set_rate(t(2), 10.0);
    bucket.cancel(t(2), held);
    assert_eq!(act(&mut bucket, 2, 2), Some(t(3)));
}

/// x/time `TestZeroLimit`, `TestWaitInf`, `TestLimiter_noTruncationErrors`.
#[test]
fn gos_bucket_has_its_edges() {
    let mut still = GoBucket::new(0.0, 1);
    assert!(still.reserve(t(0), 1, Span::ZERO).is_some());
    assert!(still.reserve(t(9), 1, Span::ZERO).is_none());
    assert!(GoBucket::new(f64::INFINITY, 0).reserve(t(0), 3, Span::ZERO).is_some());
    assert!(GoBucket::new(0.7692307692307693, 1).reserve(t(0), 1, Span::ZERO).is_some());
}

/// governor `consume_n_borrow_from_future`.
#[test]
fn a_cell_borrowed_from_the_future_is_paid_off_in_time() {
    let mut limiter = limiter(Algorithm::Gcra, 2, second(), 2);
    for _ in 0..2 {
        assert!(limiter.reserve(ms(0), 2, Span::MAX).is_ok());
    }
    assert_eq!(limiter.retry_at(ms(1_000), 2), Some(ms(2_000)));
    assert_eq!(limiter.retry_at(ms(2_000), 2), Some(ms(2_000)));
}

/// governor #107, #249: idling earns a burst and nothing on top.
#[test]
fn a_long_idle_time_earns_no_more_than_the_burst() {
    let mut limiter = limiter(Algorithm::Gcra, 5, second(), 5);
    for seconds in [0, 2_000, 90_000] {
        let admitted = (0..7).filter(|_| limiter.try_take(ms(seconds), 1).is_ok()).count();
        assert_eq!(admitted, 5);
    }
}

#[test]
fn the_bucket_is_exact_at_three_a_second_where_the_cell_rate_is_a_nanosecond_fast() {
    let mut cells = limiter(Algorithm::Gcra, 3, second(), 3);
    let mut tokens = limiter(Algorithm::TokenBucket, 3, second(), 3);
    for limiter in [&mut cells, &mut tokens] {
        limiter.try_take(ms(0), 3).expect("the burst is there");
    }
    assert_eq!(cells.retry_at(ms(0), 3), Some(Time::from_nanos(999_999_999)));
    assert_eq!(tokens.retry_at(ms(0), 3), Some(Time::from_nanos(1_000_000_000)));
}

/// resilience4j `rejectedByTimeoutNonBlocking`, `reserveFewThenSkipCyclesBeforeRefresh`.
#[test]
fn a_cycle_repays_its_debt_and_then_holds_one_cycles_permits() {
    let mut limiter = limiter(Algorithm::Cycle, 1, Span::from_millis(250), 1);
    let wait = Span::from_millis(250);
    assert_eq!(limiter.reserve(ms(250), 1, wait).map(|held| held.at), Ok(ms(250)));
    assert_eq!(limiter.reserve(ms(250), 1, wait).map(|held| held.at), Ok(ms(500)));
    assert!(limiter.reserve(ms(250), 1, wait).is_err());
    assert_eq!(limiter.retry_at(ms(250), 1), Some(ms(750)));
    assert_eq!(
        (limiter.remaining(ms(1_500)), limiter.retry_at(ms(1_500), 1)),
        (1, Some(ms(1_500)))
    );
}

/// failsafe-go: a debt repaid is not capped; 2 a second, 5 owed at 0 s are 3 there at 4 s.
#[test]
fn failsafes_debt_is_repaid_beyond_the_cap() {
    for (algorithm, left) in [(Algorithm::UncappedCycle, 3), (Algorithm::Cycle, 2)] {
        let mut limiter = limiter(algorithm, 2, second(), 1);
        let held = limiter.reserve(ms(0), 7, Span::MAX).expect("it waits");
        assert_eq!((held.at, limiter.remaining(ms(4_000))), (ms(3_000), left));
    }
}

/// failsafe-go `TestBurstyAcquirePermits`, five a second.
#[test]
fn failsafes_bursty_limiter_waits_for_the_period_that_has_the_last_permit() {
    let mut limiter = limiter(Algorithm::UncappedCycle, 5, second(), 1);
    let mut wait = |now, n| limiter.reserve(ms(now), n, Span::MAX).map(|held| held.at);
    assert_eq!(wait(300, 3), Ok(ms(300)));
    assert_eq!(wait(1_550, 10), Ok(ms(2_000)));
    assert_eq!(wait(2_210, 2), Ok(ms(3_000)));
}

/// failsafe-go `TestSmoothAcquirePermits`, 200 ms, and `TestSmoothAcquireInitialStats`.
#[test]
fn failsafes_smooth_limiter_keeps_to_its_grid() {
    let mut limiter = limiter(Algorithm::Smooth, 5, second(), 1);
    let mut at = |now, n| limiter.reserve(ms(now), n, Span::MAX).map(|held| held.at);
    assert_eq!((at(0, 3), at(550, 2), at(2_210, 2)), (Ok(ms(400)), Ok(ms(800)), Ok(ms(2_400))));
}

/// tower `remaining_gets_reset`, and where its window begins.
#[test]
fn towers_window_begins_at_the_call_unless_it_was_used_up() {
    let mut limiter = limiter(Algorithm::AnchoredWindow, 3, Span::from_millis(100), 1);
    limiter.try_take(ms(0), 1).expect("it is the first");
    assert_eq!(limiter.remaining(ms(99)), 2);
    assert_eq!(limiter.remaining(ms(100)), 3);

    let mut window = Cycle::new(1, Span::from_millis(100), Windows::AtFirstCall);
    window.advance(ms(0));
    window.take(1);
    assert_eq!(window.ready(ms(50)), Err(ms(100)));
    assert_eq!(window.ready(ms(130)), Ok(()));
    window.advance(ms(170));
    window.take(1);
    assert_eq!(window.ready(ms(170)), Err(ms(230)));
}

#[test]
fn what_an_anchored_window_promised_is_kept_when_the_next_one_begins() {
    let mut limiter = limiter(Algorithm::AnchoredWindow, 1, Span::from_millis(100), 1);
    let mut at = |now| limiter.reserve(ms(now), 1, Span::MAX).map(|held| held.at);
    assert_eq!((at(0), at(0), at(0)), (Ok(ms(0)), Ok(ms(100)), Ok(ms(200))));
    assert_eq!(at(150), Ok(ms(300)));
    assert_eq!(at(410), Ok(ms(410)));
}

/// uber-go/ratelimit `TestImmediateSlackReapply`: one a second, a slack of one.
#[test]
fn slack_is_spent_once() {
    let mut paced = limiter(Algorithm::Paced, 1, second(), 1);
    *paced.rule_mut() = Rule::Paced(Paced::new(second(), 1));
    let mut at = |now| paced.reserve(now, 1, Span::MAX).map(|held| held.at.nanos());
    assert_eq!(at(ms(1_000)), Ok(1_000_000_000));
    let later = Time::from_nanos(3_000_000_001);
    assert_eq!([at(later), at(later)], [Ok(3_000_000_001); 2]);
    assert_eq!(at(later), Ok(4_000_000_001));
    assert_eq!(at(later), Ok(5_000_000_001));
}

/// The rule lets 2L through inside one window; L and one less where the call itself must fit.
#[test]
fn two_counters_admit_twice_the_limit_in_less_than_a_window() {
    for (counts_itself, admitted) in [(false, 20), (true, 19)] {
        let mut counter = limiter(Algorithm::SlidingCounter, 10, Span::from_secs(60.0), 1);
        let rule = SlidingCounter::new(10, Span::from_secs(60.0), counts_itself);
        *counter.rule_mut() = Rule::Counter(rule);
        let mut total = 0;
        for at in [59_999, 119_998] {
            total += (0..20).filter(|_| counter.try_take(ms(at), 1).is_ok()).count();
        }
        assert_eq!(total, admitted);
    }
}

#[test]
fn two_counters_know_when_the_next_call_fits() {
    let mut counter = limiter(Algorithm::SlidingCounter, 10, Span::from_secs(60.0), 1);
    counter.try_take(ms(30_000), 10).expect("it is empty");
    let at = counter.retry_at(ms(30_000), 1).expect("one fits");
    // 10 · (W − elapsed) / W < 10 as soon as anything of the next window has elapsed.
    assert_eq!(at, Time::from_nanos(60_000_000_001));
    assert!(counter.try_take(ms(60_000), 1).is_err());
    assert!(counter.try_take(at, 1).is_ok());
    let next = counter.retry_at(at, 3).expect("three fit");
    assert!(counter.try_take(Time::from_nanos(next.nanos() - 1), 3).is_err());
    assert!(counter.try_take(next, 3).is_ok());
}

#[test]
fn a_log_promises_each_the_moment_when_an_older_one_leaves() {
    let mut log = limiter(Algorithm::SlidingLog, 2, Span::from_millis(100), 1);
    let mut at = |now| log.reserve(ms(now), 1, Span::MAX).map(|held| held.at);
    assert_eq!(
        (at(0), at(10), at(20), at(20), at(30)),
        (Ok(ms(0)), Ok(ms(10)), Ok(ms(100)), Ok(ms(110)), Ok(ms(200)))
    );
    let last = log.reserve(ms(30), 1, Span::MAX).expect("it waits");
    assert_eq!(last.at, ms(210));
    log.cancel(ms(40), last);
    assert_eq!(log.reserve(ms(40), 1, Span::MAX).map(|held| held.at), Ok(ms(210)));
    assert_eq!((log.remaining(ms(40)), log.remaining(ms(310))), (0, 2));
}

#[test]
fn a_log_forgets_a_call_that_was_cancelled_at_once() {
    let mut log = limiter(Algorithm::SlidingLog, 2, Span::from_millis(100), 1);
    for now in [0, 5, 150] {
        let held = log.reserve(ms(now), 1, Span::ZERO).expect("there is room");
        log.cancel(ms(now), held);
        assert_eq!(log.remaining(ms(now)), 2);
    }
}

/// A peek with n = 0 takes nothing (throttled).
#[test]
fn nothing_asked_for_is_nothing_taken() {
    for dialect in DIALECTS {
        let mut limiter = Limiter::new((dialect.config)()).expect("a dialect is sound");
        let before = limiter.remaining(ms(1_000));
        assert!(limiter.try_take(ms(1_000), 0).is_ok(), "{}", dialect.name);
        assert_eq!(limiter.remaining(ms(1_000)), before, "{}", dialect.name);
    }
}

#[test]
fn no_kind_panics_at_the_ends_of_the_axis() {
    for dialect in DIALECTS {
        let mut limiter = Limiter::new((dialect.config)()).expect("a dialect is sound");
        for now in [Time::ZERO, Time::MAX, Time::ZERO, Time::MAX] {
            for n in [1, 3, u32::MAX] {
                let held = limiter.reserve(now, n, Span::MAX);
                limiter.remaining(now);
                if let Ok(held) = held {
                    limiter.cancel(now, held);
                }
            }
        }
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let config = LimiterConfig { permits: 0, per: Span::ZERO, burst: 0, ..LimiterConfig::ours() };
    assert_eq!(config.problems().len(), 3);
    let config = LimiterConfig { longest_wait: second(), ..LimiterConfig::sliding_counter() };
    assert_eq!(config.problems().len(), 1);
}
