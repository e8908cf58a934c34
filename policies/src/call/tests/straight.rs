//! Calls that do nothing but try again, driven by who sends their attempts itself: the same comes
//! out as on the general way.

use super::*;
use crate::backoff::Jitter;

/// The usual stack: three retries with jitter around a timeout of 500 ms.
fn usual() -> Vec<Layer> {
    let (from, cap) = (ms(100), ms(10_000));
    let jitter = Jitter::Full;
    let wait = Backoff::Exponential { from, factor: 2.0, cap, jitter, first: 0 }.into();
    vec![Layer::Retry(Retry { wait, ..Retry::times(3) }), timeout(500)]
}

/// An attempt that the machine asked to send: what its timer is for, its name, what names its
/// draws, and when it has to end.
fn sent(out: &mut Vec<Action>) -> (Span, Id, u64, Time) {
    match std::mem::take(out)[..] {
        [
            Action::Wake { after, constant: true, .. },
            Action::Send { leaf, lineage, deadline, elsewhere: false, .. },
        ] => (after, leaf, lineage, deadline),
        ref other => panic!("an attempt is sent, and nothing else; found {other:?}"),
    }
}

/// Begins a call at 0 the straight way.
fn begin_straight(hand: &mut Hand) -> (Span, Id, u64, Time) {
    let mut after = Span::ZERO;
    let time_out = |_, span| {
        after = span;
        Timer::NONE
    };
    let (leaf, ends) = hand.calls.start_try(Time::ZERO, hand.instance, OWNER, 1, time_out);
    (after, leaf, 1, ends)
}

#[test]
fn a_call_that_is_tried_again_is_the_same_the_straight_way() {
    let (mut general, mut straight) = (Hand::of(usual()), Hand::of(usual()));
    assert!(straight.calls.only_tries(straight.instance));
    general.calls.start(Time::ZERO, general.instance, OWNER, 1, Time::MAX, &mut general.out);
    let first = begin_straight(&mut straight);
    assert_eq!(sent(&mut general.out), first);

    // The time of each attempt is up, and another is made when its wait is over.
    let (mut leaf, mut now) = (first.1, Time::ZERO);
    for failures in 1..=3 {
        now += ms(500);
        let mut waits = Vec::new();
        for hand in [&mut general, &mut straight] {
            hand.calls.wake(now, leaf, &mut hand.out);
            let Some(&Action::Wake { frame, after, .. }) = hand.out.last() else {
                panic!("it waits for attempt {failures}: {:?}", hand.out)
            };
            hand.out.clear();
            waits.push((frame, after));
            assert_eq!(hand.calls.trying_again(), [1]);
        }
        let [(frame, after), other] = waits[..] else { unreachable!("there are two") };
        assert_eq!((frame, after), other);
        now += after;

        let (mut lasts, owner) = (Span::ZERO, OWNER);
        let none = straight.calls.next_try(now, frame, |_| false, |_, _| Timer::NONE);
        assert!(none.is_none(), "nothing happens where it does not go straight");
        let time_out = |_, span| {
            lasts = span;
            Timer::NONE
        };
        let next = straight.calls.next_try(now, frame, |_| true, time_out).expect("it is one");
        general.calls.wake(now, frame, &mut general.out);
        assert_eq!(sent(&mut general.out), (lasts, frame, next.lineage, next.deadline));
        assert_eq!((next.owner, next.instance), (owner, straight.instance));
        assert_eq!(general.calls.open_attempts(), straight.calls.open_attempts());
        leaf = frame;
    }

    // A good answer ends it, once.
    assert!(general.calls.settle(now, leaf, Outcome::OK, &mut general.out));
    assert_eq!(straight.calls.end_well(leaf, &mut straight.out), Some(OWNER));
    let ended = Action::Finish { owner: OWNER, outcome: Outcome::OK };
    assert_eq!(general.out, [Action::Hush { frame: leaf }, ended]);
    assert_eq!(straight.out, [Action::Hush { frame: leaf }]);
    for hand in [&mut general, &mut straight] {
        assert_eq!((hand.calls.open_attempts(), hand.calls.trying_again()), (0, &[0][..]));
    }
    assert_eq!(straight.calls.end_well(leaf, &mut straight.out), None);
}

#[test]
fn what_is_more_than_tries_ends_and_goes_on_the_general_way() {
    let layers = vec![timeout(2_000), retry(1, ms(10)), timeout(500)];
    let mut hand = Hand::of(layers);
    assert!(!hand.calls.only_tries(hand.instance));
    hand.begin(0);
    assert_eq!(hand.calls.end_well(hand.leaf, &mut hand.out), None);
    assert_eq!(hand.calls.open_attempts(), 1);

    // Timeouts that chance has a say in are not alike.
    let drawn = Layer::Timeout(Timeout::exponential(ms(500)));
    let hand = Hand::of(vec![retry(1, ms(10)), drawn]);
    assert!(!hand.calls.only_tries(hand.instance));

    // A timeout that keeps back all of its time leaves none for an attempt.
    let no_time = Layer::Timeout(Timeout { reserve: ms(500), ..Timeout::after(ms(500)) });
    let hand = Hand::of(vec![retry(1, ms(10)), no_time]);
    assert!(!hand.calls.only_tries(hand.instance));
}
