//! Timeouts that are drawn: each attempt has its own, whatever stands around it.

use super::*;

const MEAN: Span = Span::from_millis(500);

/// Lets every attempt of a call run into its timeout; how long each lasted.
fn lasted(layers: Vec<Layer>) -> Vec<Span> {
    let mut hand = Hand::of(layers);
    let (instance, mut now) = (hand.instance, Time::ZERO);
    hand.calls.start(now, instance, OWNER, 1, Time::MAX, &mut hand.out);
    let mut lasted = Vec::new();
    loop {
        let out = std::mem::take(&mut hand.out);
        let sent = out.iter().any(|action| matches!(action, Action::Send { .. }));
        let wakes = out.iter().rev().find_map(|action| match *action {
            Action::Wake { frame, after, constant } => Some((frame, after, constant)),
            _ => None,
        });
        let Some((frame, after, constant)) = wakes else { return lasted };
        if sent {
            assert!(!constant, "no two of them wait as long");
            lasted.push(after);
        }
        now += after;
        hand.calls.wake(now, frame, &mut hand.out);
    }
}

#[test]
fn every_attempt_draws_its_own_the_same_whether_it_is_one_with_its_retry() {
    let drawn = Layer::Timeout(Timeout::exponential(MEAN));
    let merged = lasted(vec![retry(3, ms(10)), drawn]);
    assert_eq!(merged.len(), 4);
    let mut apart = merged.clone();
    apart.sort_unstable();
    apart.dedup();
    assert_eq!(apart.len(), 4, "each has its own: {merged:?}");
    let inside = Layer::Fallback(crate::fallback::Fallback { on: crate::retry::Kinds::NONE });
    assert_eq!(lasted(vec![retry(3, ms(10)), inside, drawn]), merged);
    assert_eq!(lasted(vec![inside, retry(3, ms(10)), drawn]), merged);
    assert_eq!(lasted(vec![retry(3, ms(10)), timeout(3_600_000), drawn]), merged);
}

#[test]
fn a_deadline_outside_cuts_what_is_drawn() {
    let whole = Layer::Timeout(Timeout { reserve: ms(1), ..Timeout::after(ms(2)) });
    let drawn = Layer::Timeout(Timeout::exponential(Span::from_millis(3_600_000)));
    let (hand, said) = Hand::start(vec![whole, retry(1, Span::ZERO), drawn]);
    assert_eq!(said, "wake in 2ms, wake in 1ms, send");
    assert_eq!(hand.calls.open_attempts(), 1);
}
