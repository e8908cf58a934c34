//! Facts of the peers that their vectors do not show.

use super::*;
use crate::settings::Share;

fn at(millis: u64) -> Time {
    Time::from_nanos(millis * 1_000_000)
}

const fn ms(millis: u64) -> Span {
    Span::from_millis(millis)
}

fn shed(config: ShedConfig) -> Shed {
    Shed::new(config).expect("the configuration is sound")
}

#[test]
fn one_request_alone_is_never_dropped() {
    let mut codel = shed(ShedConfig::codel());
    for second in 1..10 {
        assert!(!codel.dequeue(at(second * 1_000), ms(500)));
    }
}

#[test]
fn exactly_twice_the_target_is_not_dropped_and_exactly_the_target_is_no_overload() {
    let mut codel = shed(ShedConfig::codel());
    codel.dequeue(at(110), ms(6));
    codel.dequeue(at(211), ms(5));
    assert!(codel.is_overloaded());
    assert!(!codel.dequeue(at(212), ms(10)));
    assert!(codel.dequeue(at(212), Span::from_nanos(10_000_001)));
    codel.dequeue(at(312), ms(50)); // the least of the last interval was 5 ms
    assert!(!codel.is_overloaded());
}

#[test]
fn codels_load_is_its_least_wait_against_twice_the_target() {
    let mut codel = shed(ShedConfig::codel());
    let load = |codel: &mut Shed, millis| {
        codel.dequeue(at(0), ms(millis));
        codel.load()
    };
    assert_eq!([40, 10, 7, 2].map(|millis| load(&mut codel, millis)), [100, 100, 70, 20]);
}

#[test]
fn codel_takes_another_target_and_refuses_one_that_cannot_be() {
    let mut codel = shed(ShedConfig::codel());
    assert!(codel.retune(ms(110), ms(100)).is_err());
    assert!(codel.retune(ms(20), ms(5)).is_err());
    codel.retune(ms(40), ms(100)).expect("it is sound");
    codel.dequeue(at(0), ms(40));
    assert!(!codel.dequeue(at(1), ms(40)));
    codel.retune(ms(5), ms(100)).expect("it is sound");
    assert!(!codel.dequeue(at(110), ms(40)));
    assert!(codel.dequeue(at(110), ms(40)));
}

#[test]
fn ours_forgets_an_overload_with_an_empty_queue_and_folly_does_not() {
    let after = |config| {
        let mut codel = shed(config);
        codel.dequeue(at(110), ms(50));
        codel.dequeue(at(220), ms(50));
        codel.emptied(at(230));
        codel.is_overloaded()
    };
    assert_eq!((after(ShedConfig::codel()), after(ShedConfig::ours())), (true, false));
}

#[test]
fn newest_first_only_in_overload_and_only_where_asked() {
    let order = |config| {
        let mut codel = shed(config);
        codel.dequeue(at(110), ms(50));
        let before = codel.order();
        codel.dequeue(at(220), ms(50));
        (before, codel.order())
    };
    assert_eq!(order(ShedConfig::ours()), (Order::OldestFirst, Order::NewestFirst));
    assert_eq!(order(ShedConfig::codel()), (Order::OldestFirst, Order::OldestFirst));
}

#[test]
fn controlled_delay_turns_one_nanosecond_after_its_interval() {
    let mut delay = shed(ShedConfig::controlled_delay());
    delay.emptied(at(50));
    assert_eq!(delay.next_wakeup(), Some(Time::from_nanos(150_000_001)));
    let timeout = |delay: &mut Shed, now| delay.enqueue(now, 0).expect("all may").timeout;
    assert_eq!(timeout(&mut delay, at(150)), Some(ms(100)));
    assert_eq!(timeout(&mut delay, Time::from_nanos(150_000_001)), Some(ms(5)));
    assert_eq!((delay.order(), delay.next_wakeup()), (Order::NewestFirst, None));
}

fn dagor(levels: u32) -> Shed {
    shed(ShedConfig { levels, ..ShedConfig::dagor() })
}

/// One window: so many arrivals at each level, each of which waits so long if it is let in.
fn window(dagor: &mut Shed, begins: u64, arrivals: &[u32], wait: Span) -> u32 {
    for (level, &count) in (0..).zip(arrivals) {
        for _ in 0..count {
            if dagor.enqueue(at(begins), level).is_ok() {
                dagor.dequeue(at(begins), wait);
            }
        }
    }
    dagor.wake(at(begins + 1_000));
    dagor.level()
}

#[test]
fn dagor_gives_up_levels_and_takes_them_back() {
    let mut dagor = dagor(4);
    let arrivals = [40, 40, 15, 5];
    assert_eq!(window(&mut dagor, 0, &arrivals, ms(21)), 2);
    assert_eq!(window(&mut dagor, 1_000, &arrivals, ms(21)), 1); // 95 − 15 ≤ 90.25
    assert_eq!(window(&mut dagor, 2_000, &arrivals, ms(20)), 2); // 80 + 15 ≥ 81
    assert_eq!(window(&mut dagor, 3_000, &arrivals, ms(1)), 3);
}

#[test]
fn dagor_lets_the_most_important_in_whatever_happens() {
    let mut dagor = dagor(4);
    for second in 0..9 {
        window(&mut dagor, second * 1_000, &[10, 0, 0, 10], ms(900));
    }
    assert_eq!(dagor.level(), 0);
    assert!(dagor.enqueue(at(9_000), 0).is_ok());
    let refusal = dagor.enqueue(at(9_000), 1).expect_err("it is given up");
    assert_eq!((refusal.value, refusal.bound, refusal.retry_at), (1, 0, Some(at(10_000))));
}

#[test]
fn dagors_window_ends_after_two_thousand_arrivals() {
    let mut dagor = dagor(2);
    for arrival in 0..2_000 {
        dagor.enqueue(at(0), arrival % 2).expect("all levels are let in");
        dagor.dequeue(at(0), ms(30));
    }
    assert_eq!(dagor.level(), 1);
    assert!(dagor.enqueue(at(0), 1).is_err());
    assert_eq!((dagor.level(), dagor.is_overloaded()), (0, true));
}

#[test]
fn an_idle_dagor_has_nothing_to_wake_for() {
    let mut dagor = dagor(8);
    assert_eq!(dagor.next_wakeup(), None);
    dagor.enqueue(at(7), 3).expect("all levels are let in");
    assert_eq!(dagor.next_wakeup(), Some(at(1_007)));
    dagor.wake(at(1_007));
    assert_eq!(dagor.next_wakeup(), None);
    assert!(dagor.enqueue(at(1_008), 99).is_ok(), "a level beyond the last is the last");
}

#[test]
fn every_dialect_is_sound_and_everything_wrong_is_said_at_once() {
    for dialect in DIALECTS {
        assert_eq!((dialect.config)().problems(), [], "{}", dialect.name);
    }
    let config = ShedConfig {
        target: Span::ZERO,
        interval: Span::ZERO,
        levels: 0,
        window_requests: Some(0),
        cut: Share::percent(101),
        regain: Share::NONE,
        ..ShedConfig::dagor()
    };
    assert_eq!(config.problems().len(), 6);
}
