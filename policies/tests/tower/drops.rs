//! Whoever drops a call's future, at whatever moment, leaves nothing behind.

use crate::crew::{Told, by_tower};
use crate::outside::{Effect, Scripted, call, silence};
use crate::random;
use crate::stacks::{
    breaker, bulkhead, concurrency, fallback, hedge, limiter, retry, throttle, timeout,
};
use brownout_policies::outcome::Outcome;
use brownout_policies::stack::{Layer, Stack};
use brownout_policies::tower::InFlight;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Long after everything else, when every gate has calmed down.
const LATER: u64 = 300_000;

/// Drops the future of every call of a script after each of its polls, the first before it; each
/// time nothing is left, and a later call goes all the way. Returns how many attempts were out when
/// a call was dropped: every number that there was.
fn drop_everywhere(layers: Vec<Layer>, mut script: Vec<Scripted>) -> BTreeSet<usize> {
    let stack = Stack { layers };
    script.sort_by_key(|call| call.at);
    let probe = script.len();
    script.push(call(LATER, &[(1, Outcome::OK)]));
    let whole = by_tower(&stack, 7, script.clone(), None);
    let mut out = BTreeSet::new();
    for dropped in 0..probe {
        for polls in 0..=whole.polls[dropped] {
            let told = by_tower(&stack, 7, script.clone(), Some((dropped, polls)));
            let place = format!("call {dropped} after {polls} polls: {told:?}");
            nothing_is_left(&told, probe, &place);
            out.extend(out_when_left(&told.effects[dropped]));
        }
    }
    out
}

/// How many attempts a call had out when it was left, if it was.
fn out_when_left(effects: &[(u64, Effect)]) -> Option<usize> {
    let &(end, Effect::Left) = effects.last()? else { return None };
    let drops =
        effects.iter().filter(|(at, effect)| *at == end && matches!(effect, Effect::Dropped(_)));
    Some(drops.count())
}

fn nothing_is_left(told: &Told, probe: usize, place: &str) {
    assert_eq!((told.in_flight, told.out), (InFlight::default(), 0), "{place}");
    assert_eq!(told.effects[probe].first(), Some(&(LATER, Effect::Sent(0))), "{place}");
}

#[test]
fn a_call_dropped_at_any_poll_gives_back_every_permit_and_leaves_no_attempt_and_no_timer() {
    let layers = vec![
        fallback(),
        timeout(400),
        retry(2, 10),
        hedge(2, 20),
        breaker(10, 50),
        concurrency(8),
        throttle(100),
        limiter(20, 40),
        bulkhead(4, 60),
        timeout(70),
    ];
    let bad = (15, Outcome::REFUSED);
    let script = vec![
        call(0, &[bad, (30, Outcome::OK)]),
        call(1, &[(90, Outcome::OK)]),
        call(2, &[bad, bad, (25, Outcome::OK)]),
        silence(3),
        call(40, &[(20, Outcome::OK)]),
    ];
    let out = drop_everywhere(layers, script);
    assert_eq!(
        out,
        BTreeSet::from([0, 1, 2]),
        "in line or between attempts, with one, with a hedge"
    );
}

#[test]
fn a_dropped_probe_gives_its_lease_back() {
    let script = vec![
        call(0, &[(1, Outcome::REFUSED)]),
        call(2, &[(1, Outcome::REFUSED)]),
        call(100, &[(30, Outcome::OK)]),
        call(110, &[(30, Outcome::OK)]),
    ];
    drop_everywhere(vec![breaker(2, 50)], script);
}

#[test]
fn who_waits_in_line_gets_the_place_of_one_who_is_dropped() {
    let script = vec![silence(0), call(1, &[(5, Outcome::OK)]), call(200, &[(1, Outcome::OK)])];
    let stack = Stack { layers: vec![bulkhead(1, 100)] };
    let told = by_tower(&stack, 7, script, Some((0, 1)));
    let calls = &told.effects;
    assert_eq!(calls[0], [(0, Effect::Sent(0)), (0, Effect::Dropped(0)), (0, Effect::Left)]);
    assert_eq!(calls[1], [(1, Effect::Sent(0)), (6, Effect::Ended(Outcome::OK))]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..crate::same_cases() })]

    #[test]
    fn nothing_is_left_of_any_call_dropped_anywhere(
        layers in random::layers(),
        mut script in random::script(),
    ) {
        // Who waits for ever keeps its place, so nobody does.
        script.iter_mut().for_each(|call| call.patience = call.patience.or(Some(10_000)));
        drop_everywhere(layers, script);
    }
}
