//! Facts of the peers that their vectors do not show.

use super::*;
use crate::settings::Share;
use crate::time::Span;

/// One draw, said in advance.
struct Drawn(u64);

impl Chance for Drawn {
    fn bits(&mut self) -> u64 {
        self.0
    }
}

/// The draw that is this uniform number.
fn uniform(share: f64) -> Drawn {
    Drawn(((share * (1u64 << 53) as f64) as u64) << 11)
}

fn at(secs: u64) -> Time {
    Time::from_nanos(secs * 1_000_000_000)
}

fn throttle(config: ThrottleConfig) -> Throttle {
    Throttle::new(config).expect("the configuration is sound")
}

#[test]
fn one_failure_alone_makes_failsafe_gos_probability_a_half() {
    let mut throttle = throttle(ThrottleConfig::failsafe_go());
    throttle.settle(at(0), Class::Failure);
    assert_eq!(throttle.probability(), 0.5);
}

#[test]
fn failsafe_go_refuses_at_its_probability_and_the_sre_book_below_it() {
    let mut reached = throttle(ThrottleConfig::failsafe_go());
    reached.settle(at(0), Class::Failure);
    assert!(reached.admit(at(0), &mut uniform(0.5)).is_err());
    assert!(reached.admit(at(0), &mut uniform(0.500_001)).is_ok());
    let mut below = throttle(ThrottleConfig::sre());
    below.record(at(0), Counts { requests: 1, accepts: 0 });
    assert!(below.admit(at(0), &mut uniform(0.5)).is_ok());
}

#[test]
fn refusals_count_as_requests_only_where_the_peer_counts_them() {
    let failing = |config| {
        let mut throttle = throttle(config);
        throttle.record(at(0), Counts { requests: 100, accepts: 0 });
        throttle.admit(at(0), &mut uniform(0.0)).expect_err("everything fails");
        throttle.counts().requests
    };
    assert_eq!(failing(ThrottleConfig::sre()), 101);
    assert_eq!(failing(ThrottleConfig { least_rate: 0.0, ..ThrottleConfig::envoy() }), 100);
    assert_eq!(failing(ThrottleConfig::failsafe_go()), 100);
}

#[test]
fn requests_still_out_count_where_they_are_counted_at_their_start() {
    let mut throttle = throttle(ThrottleConfig { least_requests: 0, ..ThrottleConfig::ours() });
    throttle.admit(at(0), &mut uniform(0.9)).expect("nothing is known");
    assert_eq!(throttle.counts(), Counts { requests: 1, accepts: 0 });
    throttle.settle(at(1), Class::Success);
    assert_eq!(throttle.counts(), Counts { requests: 1, accepts: 1 });
    throttle.admit(at(1), &mut uniform(0.9)).expect("all is well");
    throttle.settle(at(2), Class::Ignored);
    assert_eq!(throttle.counts(), Counts { requests: 1, accepts: 1 });
}

#[test]
fn envoy_draws_in_ten_thousandths() {
    let mut throttle = throttle(ThrottleConfig::envoy());
    throttle.record(at(0), Counts { requests: 100, accepts: 50 });
    let p = (100.0 - 50.0 / 0.95) / 101.0;
    assert_eq!(throttle.probability(), p);
    let first_admitted = (p * 1e4) as u64 + 1;
    assert!(throttle.admit(at(0), &mut Drawn(first_admitted)).is_ok());
    assert!(throttle.admit(at(0), &mut Drawn(first_admitted - 1)).is_err());
    assert!(throttle.admit(at(0), &mut Drawn(first_admitted - 1 + 10_000)).is_err());
}

#[test]
fn envoys_rate_is_a_whole_number_over_the_whole_window() {
    let rate = |requests| {
        let mut throttle = throttle(ThrottleConfig { least_rate: 10.0, ..ThrottleConfig::envoy() });
        throttle.record(at(0), Counts { requests, accepts: 0 });
        throttle.probability()
    };
    assert_eq!((rate(299), rate(300)), (0.0, 0.8));
}

#[test]
fn aggression_takes_the_root() {
    let config = ThrottleConfig { aggression: 2.0, most: Share::ALL, ..ThrottleConfig::envoy() };
    let linear = ThrottleConfig { aggression: 1.0, ..config };
    let p = linear.probability(100, 80);
    assert!((config.probability(100, 80) - p.sqrt()).abs() < 1e-12);
    assert_eq!(config.probability(100, 100), 0.0);
}

#[test]
fn too_few_requests_refuse_nothing() {
    let config = ThrottleConfig { least_requests: 10, ..ThrottleConfig::failsafe_go() };
    assert_eq!((config.probability(9, 0), config.probability(10, 0)), (0.0, 0.9));
}

#[test]
fn a_window_forgets_and_failsafe_go_only_with_the_next_outcome() {
    let full = Counts { requests: 100, accepts: 0 };
    let mut prompt = throttle(ThrottleConfig::sre());
    prompt.record(at(0), full);
    assert_eq!(prompt.next_wakeup(), Some(at(120)));
    prompt.wake(at(119));
    assert_eq!(prompt.counts(), full);
    prompt.wake(at(120));
    assert_eq!((prompt.probability(), prompt.next_wakeup()), (0.0, None));
    let mut slow = throttle(ThrottleConfig::failsafe_go());
    slow.record(at(0), full);
    assert!(slow.admit(at(600), &mut uniform(0.1)).is_err());
    slow.settle(at(600), Class::Success);
    assert!(slow.admit(at(600), &mut uniform(0.1)).is_ok());
}

#[test]
fn without_a_chance_of_refusal_no_draw_is_taken() {
    struct Never;
    impl Chance for Never {
        fn bits(&mut self) -> u64 {
            panic!("a draw was taken")
        }
    }
    let mut throttle = throttle(ThrottleConfig::sre());
    throttle.admit(at(0), &mut Never).expect("nothing is known");
}

#[test]
fn the_books_probability_never_reaches_one_and_ours_leaves_a_tenth() {
    assert!(ThrottleConfig::sre().probability(1_000_000, 0) < 1.0);
    assert_eq!(ThrottleConfig::ours().probability(1_000_000, 0), 0.9);
}

#[test]
fn every_dialect_is_sound_and_everything_wrong_is_said_at_once() {
    for dialect in DIALECTS {
        assert_eq!((dialect.config)().problems(), [], "{}", dialect.name);
    }
    let config = ThrottleConfig {
        multiple: 0.5,
        aggression: 0.0,
        most: Share::percent(101),
        buckets: 0,
        window: Span::ZERO,
        least_rate: -1.0,
        ..ThrottleConfig::sre()
    };
    assert_eq!(config.problems().len(), 6);
}
