//! Shared work, by hand.

use super::*;
use crate::graph::{ProcessorSharing, WarmUp};
use brownout_core::dist::Dist;
use brownout_core::random::Seed;

fn at(secs: f64) -> Time {
    Time::from_secs(secs)
}

fn secs(secs: f64) -> Span {
    Span::from_secs(secs)
}

fn id(place: u64) -> Id {
    Id::from_word(place << 32 | 1)
}

fn sharing(serving: &Serving, workers: u32, booted: Option<Time>) -> Sharing {
    let rules = Rules::new(serving, Seed::new(1).stream("pause"));
    Sharing::new(&rules, 0, workers, 1.0, booted)
}

fn processors() -> Serving {
    Serving { sharing: Some(ProcessorSharing::default()), ..Serving::default() }
}

fn next(sharing: &mut Sharing) -> (usize, f64) {
    let (id, at) = sharing.next(|_, _| true).expect("something moves");
    (id.place(), at.since(Time::ZERO).as_secs())
}

#[test]
fn two_on_one_processor_take_turns_without_end() {
    let mut ps = sharing(&processors(), 1, None);
    let first = ps.join(at(0.0), id(0), secs(10.0));
    assert_eq!(next(&mut ps), (0, 10.0));
    // 4 s done; 6 s left of the first and 2 s of the second at half speed: 4 s to 8 s.
    let second = ps.join(at(4.0), id(1), secs(2.0));
    assert_eq!(next(&mut ps), (1, 8.0));
    assert_eq!(ps.complete(at(8.0), second), secs(2.0));
    assert_eq!(next(&mut ps), (0, 12.0));
    assert_eq!(ps.complete(at(12.0), first), secs(10.0));
    assert_eq!(ps.next(|_, _| true), None);
}

#[test]
fn with_as_many_processors_as_work_each_has_its_own() {
    let mut ps = sharing(&processors(), 2, None);
    let shares: Vec<Share> =
        (0..3).map(|place| ps.join(at(0.0), id(place), secs(2.0 + place as f64))).collect();
    // Two thirds of full speed for 3 s, then full speed.
    assert_eq!((next(&mut ps), ps.change_in_use(3)), ((0, 3.0), 2));
    ps.complete(at(3.0), shares[0]);
    assert_eq!((next(&mut ps), ps.change_in_use(2)), ((1, 4.0), 0));
    ps.complete(at(4.0), shares[1]);
    assert_eq!((next(&mut ps), ps.change_in_use(1)), ((2, 5.0), -1));
}

#[test]
fn who_leaves_early_gives_its_share_to_the_others() {
    let mut ps = sharing(&processors(), 1, None);
    let first = ps.join(at(0.0), id(0), secs(3.0));
    ps.join(at(0.0), id(1), secs(4.0));
    assert_eq!(ps.part(at(2.0), id(0), first), secs(1.0));
    let left = |_, number| number != 0;
    let (next, when) = ps.next(left).expect("the second is there");
    assert_eq!((next, when), (id(1), at(5.0)));
}

#[test]
fn the_last_of_the_least_important_is_interrupted_and_keeps_what_it_has_done() {
    let mut workers = sharing(&Serving::default(), 3, None);
    let shares: Vec<Share> =
        (0..3).map(|place| workers.join(at(0.0), id(place), secs(5.0))).collect();
    let priority = |one: Id, _| Some(if one == id(0) { 1 } else { 7 });
    assert_eq!(workers.last(priority), Some((7, id(2))));
    assert_eq!(workers.interrupt(at(2.0), id(2), shares[2]), (secs(3.0), secs(2.0)));
    let left = |_, number| number != 2;
    assert_eq!(workers.next(left), Some((id(0), at(5.0))));
}

#[test]
fn a_slow_and_a_still_replica_hold_up_everybody() {
    let mut ps = sharing(&processors(), 1, None);
    ps.join(at(0.0), id(0), secs(10.0));
    ps.retune(at(4.0), 1, 3.0);
    assert_eq!(next(&mut ps), (0, 22.0));
    ps.retune(at(7.0), 1, f64::INFINITY);
    assert_eq!(ps.next(|_, _| true), None);
    ps.retune(at(9.0), 1, 1.0);
    assert_eq!(next(&mut ps), (0, 14.0));
}

/// σ = 1/2 and κ = 1/4: two take 1 + 1/2 + 1/2 = 2 times as long, three 1 + 1 + 3/2 = 7/2.
#[test]
fn being_many_costs_what_the_universal_law_says() {
    let slowdown = Slowdown { contention: 0.5, coherency: 0.25 };
    assert_eq!([1, 2, 3].map(|active| slowdown.factor(active)), [1.0, 2.0, 3.5]);
    let serving = Serving { slowdown: Some(slowdown), ..Serving::default() };
    let mut workers = sharing(&serving, 8, None);
    workers.join(at(0.0), id(0), secs(4.0));
    workers.join(at(1.0), id(1), secs(9.0));
    assert_eq!(next(&mut workers), (0, 7.0));
    assert_eq!((workers.most(8), workers.change_in_use(2)), (8, 2));
}

#[test]
fn a_pause_comes_with_work_and_stops_all_of_it() {
    let pauses = Pauses { every: 2, lasts: Dist::sequence(vec![5e9, 1e9]) };
    let serving = Serving { pauses: Some(pauses), ..Serving::default() };
    let mut workers = sharing(&serving, 8, None);
    let shares: Vec<Share> =
        (0..3).map(|place| workers.join(at(0.0), id(place), secs(1.0 + place as f64))).collect();
    assert_eq!(next(&mut workers), (0, 1.0));
    workers.complete(at(1.0), shares[0]);
    assert_eq!(next(&mut workers), (1, 2.0));
    workers.complete(at(2.0), shares[1]);
    // From 2 s to 7 s nothing moves; who comes in between begins at 7 s.
    assert_eq!(next(&mut workers), (2, 8.0));
    workers.join(at(4.0), id(3), secs(0.5));
    assert_eq!(next(&mut workers), (3, 7.5));
}

/// From half speed to full speed in 8 s, 6 s of work get done: 4 s in x with x/2 + x²/32 = 4.
#[test]
fn a_process_warms_up_in_a_straight_line() {
    let warm_up = Some(WarmUp { from: 0.5, over: secs(8.0) });
    let serving = Serving { warm_up, ..Serving::default() };
    let mut workers = sharing(&serving, 8, Some(at(100.0)));
    let first = workers.join(at(100.0), id(0), secs(6.0));
    workers.join(at(100.0), id(1), secs(7.0));
    assert_eq!(next(&mut workers), (0, 108.0));
    workers.complete(at(108.0), first);
    assert_eq!(next(&mut workers), (1, 109.0));
    let mut workers = sharing(&serving, 8, Some(at(100.0)));
    workers.join(at(100.0), id(0), secs(4.0));
    let x = -8.0 + 8.0 * 3.0f64.sqrt();
    assert_eq!(workers.next(|_, _| true), Some((id(0), at(100.0 + x))));
    // In two steps it takes as long.
    workers.retune(at(103.0), 8, 1.0);
    assert_eq!(workers.next(|_, _| true), Some((id(0), at(100.0 + x))));
    assert_eq!(next(&mut sharing_warm(&serving)), (0, 4.0), "the first life of a run is warm");
}

fn sharing_warm(serving: &Serving) -> Sharing {
    let mut workers = sharing(serving, 8, None);
    workers.join(at(0.0), id(0), secs(4.0));
    workers
}
