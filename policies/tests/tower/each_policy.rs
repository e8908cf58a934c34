//! Every policy on its own and some together: transcripts, worked on paper, of both ways.

use crate::crew::by_tower;
use crate::outside::{Scripted, call, effects, said, silence};
use crate::reference::by_queue;
use crate::stacks::{
    adaptive_rate, breaker, bulkhead, concurrency, fallback, hedge, jittered, limiter, retry,
    throttle, timeout,
};
use brownout_policies::adaptive_rate::Waiting;
use brownout_policies::backoff::Jitter;
use brownout_policies::outcome::{Done, ErrorKind, Outcome};
use brownout_policies::stack::{Layer, Stack};
use brownout_policies::tower::InFlight;

const OK: Outcome = Outcome::OK;
const BAD: Outcome = Outcome::REFUSED;

/// What both ways decide: at which millisecond, about which call, what.
fn both(layers: Vec<Layer>, script: Vec<Scripted>) -> Vec<String> {
    let stack = Stack { layers };
    let decided = by_queue(&stack, 7, script.clone());
    let calls = script.len();
    let told = by_tower(&stack, 7, script, None);
    assert_eq!(said(&told.events), said(&decided));
    assert_eq!(told.events, decided);
    assert_eq!(told.effects, effects(calls, &decided));
    assert_eq!((told.in_flight, told.out), (InFlight::default(), 0));
    said(&decided)
}

#[test]
fn without_policies_a_call_is_one_attempt() {
    let said = both(vec![], vec![call(3, &[(4, OK)])]);
    assert_eq!(said, ["3 0 send 0", "7 0 settle 0 Answered", "7 0 finish Answered"]);
}

#[test]
fn a_timeout_gives_up_and_an_answer_at_the_very_end_counts() {
    let said = both(vec![timeout(10)], vec![call(0, &[(11, OK)]), call(0, &[(10, OK)])]);
    let expected = [
        "0 0 send 0",
        "0 1 send 0",
        "10 1 settle 0 Answered",
        "10 1 finish Answered",
        "10 0 give up 0 TimedOut",
        "10 0 finish TimedOut",
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_retry_waits_and_tries_again_within_the_whole_calls_time() {
    let script = vec![call(0, &[(5, BAD), (5, BAD), (5, OK)]), silence(2)];
    let said = both(vec![timeout(100), retry(2, 20), timeout(30)], script);
    let expected = [
        "0 0 send 0",
        "2 1 send 0",
        "5 0 settle 0 Refused",
        "25 0 send 1",
        "30 0 settle 1 Refused",
        "32 1 give up 0 TimedOut",
        "50 0 send 2",
        "52 1 send 1",
        "55 0 settle 2 Answered",
        "55 0 finish Answered",
        "82 1 give up 1 TimedOut",
        "82 1 finish TimedOut",
    ];
    assert_eq!(said, expected, "the third attempt would begin at the deadline of the second call");
}

#[test]
fn a_wait_that_is_drawn_ends_at_the_next_tick() {
    let script: Vec<Scripted> = (0..20).map(|at| call(at, &[(3, BAD)])).collect();
    for jitter in [Jitter::Full, Jitter::Equal] {
        let said = both(vec![jittered(3, 10, jitter)], script.clone());
        assert_eq!(said.iter().filter(|line| line.contains("send")).count(), 20 * 4);
    }
}

#[test]
fn a_hedge_takes_the_first_answer_and_drops_the_loser() {
    let slow = call(0, &[(100, OK), (10, OK)]);
    let said = both(vec![hedge(2, 30)], vec![slow, call(1, &[(29, OK)])]);
    let expected = [
        "0 0 send 0",
        "1 1 send 0",
        "30 1 settle 0 Answered",
        "30 1 finish Answered",
        "30 0 send 1",
        "40 0 settle 1 Answered",
        "40 0 give up 0 Abandoned",
        "40 0 finish Answered",
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_breaker_opens_and_lets_a_probe_through() {
    let bad = |at| call(at, &[(1, BAD)]);
    let script =
        vec![bad(0), bad(2), call(4, &[(1, OK)]), call(60, &[(9, OK)]), call(61, &[(1, OK)])];
    let said = both(vec![breaker(2, 50)], script);
    let expected = [
        "0 0 send 0",
        "1 0 settle 0 Refused",
        "1 0 finish Refused",
        "2 1 send 0",
        "3 1 settle 0 Refused",
        "3 1 finish Refused",
        "4 2 finish Rejected",
        "60 3 send 0",
    ];
    assert_eq!(said[..8], expected);
}

#[test]
fn a_rate_limit_makes_calls_wait_for_moments_of_their_own() {
    let said = both(vec![limiter(10, 15)], (0..5).map(|_| call(0, &[(1, OK)])).collect());
    let expected = [
        "0 0 send 0",
        "0 1 send 0",
        "0 3 finish Rejected",
        "0 4 finish Rejected",
        "1 0 settle 0 Answered",
        "1 0 finish Answered",
        "1 1 settle 0 Answered",
        "1 1 finish Answered",
        "10 2 send 0",
        "11 2 settle 0 Answered",
        "11 2 finish Answered",
    ];
    assert_eq!(said, expected);
}

/// Throttled at 1 ms, with ten tokens a second from then on and none at hand.
#[test]
fn an_adaptive_rate_spaces_what_follows_a_throttling() {
    let throttled = Outcome::error(ErrorKind::Throttled, Done::Nothing);
    let ways = [
        (Waiting::Booked, [101, 201, 301]),
        (Waiting::Unpaid, [101, 101, 101]),
        (Waiting::AsksAgain, [101, 201, 301]),
    ];
    for (waiting, expected) in ways {
        let mut script = vec![call(0, &[(1, throttled)])];
        script.extend((0..3).map(|_| call(2, &[(1, OK)])));
        let said = both(vec![adaptive_rate(10, waiting)], script);
        let sent: Vec<&String> = said.iter().filter(|line| line.contains("send")).skip(1).collect();
        let moments = sent.iter().filter_map(|line| line.split(' ').next()?.parse::<u64>().ok());
        assert_eq!(moments.collect::<Vec<u64>>(), expected, "{waiting:?}: {said:?}");
    }
}

#[test]
fn a_bulkhead_lets_the_next_in_line_through_when_a_place_is_free() {
    let script = vec![call(0, &[(20, OK)]), call(1, &[(5, OK)]), call(2, &[(5, OK)])];
    let said = both(vec![bulkhead(1, 22)], script);
    let expected = [
        "0 0 send 0",
        "20 0 settle 0 Answered",
        "20 1 send 0",
        "20 0 finish Answered",
        "24 2 finish Rejected",
        "25 1 settle 0 Answered",
        "25 1 finish Answered",
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_concurrency_limit_rejects_what_is_over_it() {
    let script = (0..3).map(|at| call(at, &[(10, OK)])).collect();
    let said = both(vec![concurrency(2)], script);
    assert_eq!(said[..3], ["0 0 send 0", "1 1 send 0", "2 2 finish Rejected"]);
}

#[test]
fn a_throttle_turns_away_a_part_of_what_keeps_failing() {
    let script = (0..200).map(|at| call(at, &[(1, BAD)])).collect();
    let said = both(vec![throttle(2)], script);
    let rejected = said.iter().filter(|line| line.ends_with("Rejected")).count();
    let sent = said.iter().filter(|line| line.contains("send")).count();
    assert_eq!(rejected + sent, 200);
    assert!(rejected > 0 && sent > 0);
}

#[test]
fn a_fallback_answers_whatever_has_failed_and_a_hint_comes_through() {
    let wish = Outcome::error(ErrorKind::Shed, Done::Nothing).with_retry_after(crate::ms(40));
    let said = both(vec![fallback(), retry(1, 5), timeout(30)], vec![call(0, &[(1, wish)])]);
    let expected = [
        "0 0 send 0",
        "1 0 settle 0 Error(Shed)",
        "41 0 send 1",
        "42 0 settle 1 Error(Shed)",
        "42 0 finish Answered",
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_retry_inside_a_hedge_retries_each_leg_and_a_hedge_inside_a_retry_hedges_each_attempt() {
    let script = || vec![call(0, &[(10, BAD), (50, OK), (10, OK)]), silence(3)];
    let inside = both(vec![timeout(200), hedge(2, 20), retry(1, 5), timeout(60)], script());
    let outside = both(vec![timeout(200), retry(1, 5), hedge(2, 20), timeout(60)], script());
    assert_ne!(inside, outside);
}
