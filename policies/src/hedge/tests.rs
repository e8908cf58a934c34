use super::*;
use crate::settings::Share;

fn ms(millis: u64) -> Time {
    Time::from_nanos(millis * 1_000_000)
}

fn span(millis: u64) -> Span {
    Span::from_millis(millis)
}

fn hedge(config: HedgeConfig) -> (Hedge, HedgePlan) {
    (Hedge::new(config).expect("it is sound"), HedgePlan::default())
}

fn numbers(attempts: Attempts) -> Vec<u8> {
    attempts.collect()
}

/// A failure, without a word about when to come back.
const FAILED: Answer = Answer::NonFatal(None);

/// Pays for so many.
struct Purse(u32);

impl Pays for Purse {
    fn pays(&mut self, now: Time) -> bool {
        let affords = self.affords(now);
        self.0 -= u32::from(affords);
        affords
    }

    fn affords(&mut self, _: Time) -> bool {
        self.0 > 0
    }
}

#[test]
fn a_call_is_plain_data_of_forty_bytes() {
    assert_eq!(size_of::<HedgePlan>(), 40);
    let mut attempts = Attempts::NONE.with(0).with(3).with(31);
    assert_eq!((attempts.len(), attempts.hedges().len(), attempts.contains(32)), (3, 2, false));
    assert_eq!((attempts.next(), attempts.next(), attempts.next()), (Some(0), Some(3), Some(31)));
    assert_eq!((attempts.next(), attempts.is_empty()), (None, true));
}

/// gRFC A6: "if any other status code is received, all outstanding RPCs are canceled".
#[test]
fn a_fatal_failure_cancels_all_that_is_out() {
    let (mut hedge, mut call) = hedge(HedgeConfig::grpc());
    let _ = hedge.start(ms(0), &mut call, &mut Free);
    let _ = hedge.wake(ms(500), &mut call, &mut Free);
    let step = hedge.answered(ms(600), &mut call, 1, Answer::Fatal, &mut Free);
    assert_eq!((numbers(step.cancel), step.end), (vec![0], Some(End::Failed(1))));
    assert_eq!((call.next_wakeup(), hedge.out()), (None, 0));
    let late = hedge.answered(ms(700), &mut call, 0, Answer::Good, &mut Free);
    assert_eq!(late, Step::default());
    assert_eq!(hedge.wake(ms(900), &mut call, &mut Free), Step::default());
}

/// gRFC A6: "if the pushback says not to retry, no further hedged requests will be sent".
#[test]
fn a_server_that_says_never_gets_no_more_hedges() {
    let never = Answer::NonFatal(Some(Word::Never));
    let (mut hedge, mut call) = hedge(HedgeConfig::grpc());
    let _ = hedge.start(ms(0), &mut call, &mut Free);
    let _ = hedge.wake(ms(500), &mut call, &mut Free);
    let step = hedge.answered(ms(600), &mut call, 0, never, &mut Free);
    assert_eq!((step, call.next_wakeup()), (Step::default(), None));
    let step = hedge.answered(ms(700), &mut call, 1, FAILED, &mut Free);
    assert_eq!(step.end, Some(End::Failed(1)));

    let alone = hedge.start(ms(800), &mut call, &mut Free);
    assert_eq!(numbers(alone.send), [0]);
    let step = hedge.answered(ms(900), &mut call, 0, never, &mut Free);
    assert_eq!(step.end, Some(End::Failed(0)));
}

#[test]
fn a_server_that_says_now_is_taken_at_its_word() {
    let (mut hedge, mut call) = hedge(HedgeConfig::grpc());
    let _ = hedge.start(ms(0), &mut call, &mut Free);
    let now = Answer::NonFatal(Some(Word::After(Span::ZERO)));
    let step = hedge.answered(ms(100), &mut call, 0, now, &mut Free);
    assert_eq!((numbers(step.send), call.next_wakeup()), (vec![1], Some(ms(600))));
}

/// gRFC A6: "the hedged request is cancelled, and if there are no other already-sent hedged RPCs
/// the failure is returned to the client application".
#[test]
fn a_hedge_that_nobody_pays_for_is_dropped_and_the_original_always_goes() {
    let (mut hedge, mut call) = hedge(HedgeConfig::grpc());
    assert_eq!(numbers(hedge.start(ms(0), &mut call, &mut Purse(0)).send), [0]);
    let step = hedge.wake(ms(500), &mut call, &mut Purse(0));
    assert_eq!((step, call.next_wakeup()), (Step::default(), None));
    let step = hedge.answered(ms(600), &mut call, 0, FAILED, &mut Purse(5));
    assert_eq!((numbers(step.send), step.end), (vec![], Some(End::Failed(0))));
}

/// The failure came first and the hedge that was to make it good is not paid for.
#[test]
fn a_hedge_that_is_dropped_when_nothing_else_is_out_ends_the_call() {
    let (mut hedge, mut call) =
        hedge(HedgeConfig { on_failure: OnFailure::Wait, ..HedgeConfig::grpc() });
    let _ = hedge.start(ms(0), &mut call, &mut Free);
    assert_eq!(hedge.answered(ms(100), &mut call, 0, FAILED, &mut Free), Step::default());
    let step = hedge.wake(ms(500), &mut call, &mut Purse(0));
    assert_eq!((step.end, call.is_over()), (Some(End::Failed(0)), true));
}

/// grpc-java `hedging_throttledByHedgingStreams`: 4 tokens, two failures, none left above half.
#[test]
fn grpc_javas_failure_that_finds_the_budget_exhausted_ends_the_call() {
    let (mut hedge, mut call) = hedge(HedgeConfig::grpc_java());
    let _ = hedge.start(ms(0), &mut call, &mut Purse(9));
    let _ = hedge.wake(ms(500), &mut call, &mut Purse(9));
    let step = hedge.answered(ms(500), &mut call, 0, FAILED, &mut Purse(1));
    assert_eq!((step, call.next_wakeup()), (Step::default(), Some(ms(1_000))));
    let step = hedge.answered(ms(600), &mut call, 1, FAILED, &mut Purse(0));
    assert_eq!((step.end, call.next_wakeup()), (Some(End::Failed(1)), None));
}

#[test]
fn grpc_java_hears_later_as_at_once() {
    let (mut hedge, mut call) = hedge(HedgeConfig::grpc_java());
    let _ = hedge.start(ms(0), &mut call, &mut Free);
    let later = Answer::NonFatal(Some(Word::After(span(9_000))));
    let step = hedge.answered(ms(100), &mut call, 0, later, &mut Free);
    assert_eq!((numbers(step.send), call.next_wakeup()), (vec![1], Some(ms(600))));
}

/// failsafe-go "should cancel on result": a result that is not the awaited one changes nothing
/// until all are in.
#[test]
fn failsafes_other_results_wait_for_the_last() {
    let config =
        HedgeConfig { attempts: 3, on_failure: OnFailure::Wait, ..HedgeConfig::failsafe_go() };
    let (mut hedge, mut call) = hedge(config);
    let _ = hedge.start(ms(0), &mut call, &mut Free);
    let step = hedge.answered(ms(1), &mut call, 0, FAILED, &mut Free);
    assert_eq!((step, call.next_wakeup()), (Step::default(), Some(ms(100))));
    let _ = hedge.wake(ms(100), &mut call, &mut Free);
    assert_eq!(hedge.answered(ms(101), &mut call, 1, FAILED, &mut Free), Step::default());
    let _ = hedge.wake(ms(200), &mut call, &mut Free);
    let step = hedge.answered(ms(201), &mut call, 2, FAILED, &mut Free);
    assert_eq!((numbers(step.cancel), step.end), (vec![], Some(End::Failed(2))));
}

/// Polly's parallel mode, and its fallback mode with three attempts.
#[test]
fn a_delay_of_nothing_sends_all_and_no_delay_sends_after_failures_only() {
    let parallel = HedgeConfig { delay: Span::ZERO, attempts: 3, ..HedgeConfig::polly() };
    let (mut all, mut call) = hedge(parallel);
    assert_eq!(numbers(all.start(ms(0), &mut call, &mut Free).send), [0, 1, 2]);
    let fallback = HedgeConfig { when: When::OnFailure, attempts: 3, ..HedgeConfig::polly() };
    let (mut one, mut call) = hedge(fallback);
    assert_eq!(numbers(one.start(ms(0), &mut call, &mut Free).send), [0]);
    for (nth, sent) in [(0, vec![1]), (1, vec![2]), (2, vec![])] {
        assert_eq!(call.next_wakeup(), None);
        let step = one.answered(ms(10), &mut call, nth, FAILED, &mut Free);
        assert_eq!((numbers(step.send), step.end.is_some()), (sent, nth == 2));
    }
}

/// tower: the first completion wins, an error too; Finagle: an error waits for the backup.
#[test]
fn an_error_wins_in_tower_and_waits_in_finagle() {
    for (config, ends) in [(HedgeConfig::tower(), true), (HedgeConfig::finagle(), false)] {
        let (mut hedge, mut call) =
            hedge(HedgeConfig { when: When::AfterDelay, delay: span(10), ..config });
        let _ = hedge.start(ms(0), &mut call, &mut Free);
        let _ = hedge.wake(ms(10), &mut call, &mut Free);
        let step = hedge.answered(ms(12), &mut call, 1, FAILED, &mut Free);
        assert_eq!((step.end.is_some(), step.cancel.len()), (ends, u32::from(ends)));
    }
    let (mut finagle, mut call) =
        hedge(HedgeConfig { when: When::AfterDelay, delay: span(10), ..HedgeConfig::finagle() });
    let _ = finagle.start(ms(0), &mut call, &mut Free);
    let step = finagle.answered(ms(5), &mut call, 0, FAILED, &mut Free);
    assert_eq!((numbers(step.send), step.end), (vec![], Some(End::Failed(0))));
}

#[test]
fn only_so_many_hedges_are_out_over_all_calls() {
    let (mut hedge, _) = hedge(HedgeConfig { most_out: Some(1), ..HedgeConfig::grpc() });
    let (mut one, mut other) = (HedgePlan::default(), HedgePlan::default());
    let _ = hedge.start(ms(0), &mut one, &mut Free);
    let _ = hedge.start(ms(0), &mut other, &mut Free);
    assert_eq!(numbers(hedge.wake(ms(500), &mut one, &mut Free).send), [1]);
    assert_eq!(numbers(hedge.wake(ms(500), &mut other, &mut Free).send), Vec::<u8>::new());
    assert_eq!(numbers(hedge.cancel(&mut one).cancel), [0, 1]);
    assert_eq!((hedge.out(), hedge.cancel(&mut one)), (0, Step::default()));
}

/// tower's test: 8 of 1 ms and 2 of 10 ms, the 90th percentile is 10 ms and the 80th 1 ms.
#[test]
fn the_percentile_is_the_nearest_rank() {
    for (percentile, delay) in [(90, 10), (80, 1), (81, 10), (1, 1)] {
        let mut samples = Samples::new(Share::percent(percentile), 10, 10);
        for latency in [10, 1, 1, 1, 1, 1, 1, 1, 1, 10] {
            assert_eq!(samples.percentile(), None);
            samples.record(span(latency));
        }
        assert_eq!(samples.percentile(), Some(span(delay)), "{percentile} %");
    }
}

#[test]
fn old_latencies_leave_in_the_order_of_their_coming() {
    let mut samples = Samples::new(Share::percent(50), 3, 1);
    let medians = [9, 1, 5, 5, 2, 7, 7, 7].map(|latency| {
        samples.record(span(latency));
        samples.percentile().expect("one is enough").nanos() / 1_000_000
    });
    assert_eq!(medians, [9, 1, 5, 5, 5, 5, 7, 7]);
}

#[test]
fn the_order_kept_is_the_order_found_by_sorting() {
    let (mut samples, mut all) = (Samples::new(Share::percent(70), 7, 1), Vec::new());
    let mut draws = crate::draw::Draws::open(1, 1);
    for _ in 0..2_000 {
        let latency = draws.word() % 9;
        samples.record(Span::from_nanos(latency));
        all.push(latency);
        let mut last = all[all.len().saturating_sub(7)..].to_vec();
        last.sort_unstable();
        let rank = (last.len() * 7).div_ceil(10);
        assert_eq!(samples.percentile(), Some(Span::from_nanos(last[rank - 1])));
    }
}

/// tower's rotating histogram: the period before counts, and a silent one empties it.
#[test]
fn only_the_period_before_counts() {
    let mut periods = Periods::new(Share::percent(90), span(1_000), 10);
    for latency in [1, 1, 1, 1, 1, 1, 1, 1, 10, 10] {
        periods.record(ms(900), span(latency));
    }
    assert_eq!(periods.percentile(ms(999)), None);
    let answer = periods.percentile(ms(1_000)).expect("ten are enough").nanos();
    assert!((10_000_000..10_080_000).contains(&answer), "found {answer}");
    periods.record(ms(1_500), span(1));
    assert_eq!(periods.percentile(ms(1_999)).map(Span::nanos), Some(answer));
    assert_eq!(periods.percentile(ms(2_000)), None);
    periods.record(ms(2_500), span(1));
    assert_eq!(periods.percentile(ms(9_000)), None);
}

#[test]
fn a_bucket_of_latencies_is_never_early_and_never_late_by_more_than_a_hundredth() {
    for nanos in [1, 127, 128, 255, 256, 12_345, 1_000_000_007, u64::MAX / 3, u64::MAX] {
        let mut periods = Periods::new(Share::percent(50), span(1), 1);
        periods.record(ms(0), Span::from_nanos(nanos));
        let answer = periods.percentile(ms(1)).expect("one is enough").nanos();
        assert!(answer >= nanos && answer - nanos <= nanos / 128, "{nanos} became {answer}");
    }
}

/// Recording what the winner took since the call began would make the delay its own cause.
#[test]
fn an_original_is_recorded_from_its_sending_and_a_hedge_only_where_that_is_said() {
    for (records_hedges, delays) in [(false, [Some(40), Some(40)]), (true, [Some(40), Some(5)])] {
        let config =
            HedgeConfig { records_hedges, samples: 1, least_samples: 1, ..HedgeConfig::ours() };
        let (mut hedge, mut call) = hedge(config);
        let _ = hedge.start(ms(0), &mut call, &mut Free);
        let _ = hedge.answered(ms(40), &mut call, 0, Answer::Good, &mut Free);
        let first = hedge.delay(ms(40));
        let _ = hedge.start(ms(100), &mut call, &mut Free);
        let _ = hedge.wake(ms(140), &mut call, &mut Free);
        let _ = hedge.answered(ms(145), &mut call, 1, Answer::Good, &mut Free);
        let found = [first, hedge.delay(ms(145))].map(|delay| delay.map(|d| d.nanos() / 1_000_000));
        assert_eq!(found, delays);
    }
}

/// Finagle records what it has superseded, both ways; what is known of it is its age then.
#[test]
fn a_loser_counts_with_its_age_where_that_is_said() {
    let delays = |records_hedges, winner| {
        let config = HedgeConfig {
            records_hedges,
            records_losers: true,
            samples: 2,
            least_samples: 1,
            percentile: Share::percent(99),
            ..HedgeConfig::ours()
        };
        let (mut hedge, mut call) = hedge(config);
        hedge.record(ms(0), span(40));
        let _ = hedge.start(ms(100), &mut call, &mut Free);
        let _ = hedge.wake(ms(140), &mut call, &mut Free);
        let _ = hedge.answered(ms(145), &mut call, winner, Answer::Good, &mut Free);
        hedge.delay(ms(145)).map(|delay| delay.nanos() / 1_000_000)
    };
    // Whoever wins, the original is 45 ms old; beside it the first 40 ms, or the hedge's 5 ms.
    assert_eq!([delays(false, 1), delays(false, 0)], [Some(45), Some(45)]);
    assert_eq!([delays(true, 1), delays(true, 0)], [Some(45), Some(45)]);
    // With the window of one the last that was recorded is what is left.
    let (mut hedge, mut call) = hedge(HedgeConfig {
        records_hedges: true,
        records_losers: true,
        samples: 1,
        least_samples: 1,
        ..HedgeConfig::ours()
    });
    hedge.record(ms(0), span(40));
    let _ = hedge.start(ms(100), &mut call, &mut Free);
    let _ = hedge.wake(ms(140), &mut call, &mut Free);
    let _ = hedge.answered(ms(145), &mut call, 0, Answer::Good, &mut Free);
    assert_eq!(hedge.delay(ms(145)), Some(span(5)), "the loser, after the winner");
}

#[test]
fn a_call_that_fails_or_is_left_tells_nothing_of_who_was_out() {
    let config =
        HedgeConfig { records_losers: true, samples: 1, least_samples: 1, ..HedgeConfig::ours() };
    let (mut hedge, mut call) = hedge(config);
    hedge.record(ms(0), span(40));
    let _ = hedge.start(ms(100), &mut call, &mut Free);
    let _ = hedge.wake(ms(140), &mut call, &mut Free);
    let _ = hedge.answered(ms(145), &mut call, 1, Answer::Fatal, &mut Free);
    let _ = hedge.start(ms(200), &mut call, &mut Free);
    let _ = hedge.cancel(&mut call);
    assert_eq!(hedge.delay(ms(300)), Some(span(40)));
}

/// As in Finagle, where a slow attempt with a limit of its own would not be seen at all else.
#[test]
fn one_that_times_out_counts_with_its_age_where_that_is_said() {
    let delay = |records_timeouts, nth| {
        let config = HedgeConfig {
            records_hedges: true,
            records_timeouts,
            samples: 1,
            least_samples: 1,
            on_failure: OnFailure::Await,
            ..HedgeConfig::ours()
        };
        let (mut hedge, mut call) = hedge(config);
        hedge.record(ms(0), span(40));
        let _ = hedge.start(ms(100), &mut call, &mut Free);
        let _ = hedge.wake(ms(140), &mut call, &mut Free);
        hedge.timed_out(ms(190), &call, nth);
        let _ = hedge.answered(ms(190), &mut call, nth, Answer::NonFatal(None), &mut Free);
        // It is heard of once.
        hedge.timed_out(ms(195), &call, nth);
        hedge.delay(ms(195)).map(|delay| delay.nanos() / 1_000_000)
    };
    assert_eq!([delay(true, 0), delay(true, 1)], [Some(90), Some(50)]);
    assert_eq!([delay(false, 0), delay(false, 1)], [Some(40); 2]);
}

#[test]
fn before_enough_latencies_are_known_time_brings_no_hedge() {
    let (mut hedge, mut call) = hedge(HedgeConfig::ours());
    let _ = hedge.start(ms(0), &mut call, &mut Free);
    assert_eq!(call.next_wakeup(), None);
    for _ in 0..100 {
        hedge.record(ms(0), span(7));
    }
    let _ = hedge.start(ms(10), &mut call, &mut Free);
    assert_eq!(call.next_wakeup(), Some(ms(17)));
}

#[test]
fn everything_wrong_is_said_at_once() {
    let config = HedgeConfig {
        attempts: 0,
        percentile: Share::ALL,
        samples: 5,
        least_samples: 6,
        ..HedgeConfig::ours()
    };
    assert_eq!(config.problems().len(), 3);
    let many = HedgeConfig { attempts: 40, ..HedgeConfig::ours() };
    assert_eq!(many.problems().len(), 1);
    assert_eq!(HedgeConfig { attempts: 40, ..HedgeConfig::grpc() }.problems(), []);
    for dialect in DIALECTS {
        assert_eq!((dialect.config)().problems(), [], "{}", dialect.name);
    }
}
