//! Facts of the peers that their vectors do not show.

use super::*;
use crate::draw::Chance;

/// Envoy's own test hosts.
fn hosts(names: &[&str], table: u32) -> Vec<u32> {
    let members: Vec<_> = names.iter().map(|name| (*name, 1)).collect();
    assignments(&members, table)
}

fn assignments(members: &[(&str, u32)], table: u32) -> Vec<u32> {
    let config = BalanceConfig::by(Rule::Maglev(Maglev { table, bound: None }));
    let mut group = Balance::named(config, members).expect("it is sound");
    let mut none = crate::Draws::open(0, 0);
    let keys = 0..u64::from(table);
    keys.map(|key| group.pick(Time::ZERO, &mut none, key).expect("all are in use")).collect()
}

#[test]
fn maglev_tables_are_those_of_envoys_tests() {
    let addresses = [
        "127.0.0.1:90",
        "127.0.0.1:91",
        "127.0.0.1:92",
        "127.0.0.1:93",
        "127.0.0.1:94",
        "127.0.0.1:95",
    ];
    assert_eq!(hosts(&addresses, 7), [2, 4, 0, 1, 5, 0, 3]);
    assert_eq!(hosts(&["90", "91", "92", "93", "94", "95"], 7), [2, 5, 0, 3, 4, 1, 0]);
    let weighted = assignments(&[("127.0.0.1:90", 1), ("127.0.0.1:91", 2)], 17);
    assert_eq!(weighted, [1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1]);
}

fn group(rule: Rule, weights: &[u32]) -> Balance {
    Balance::new(BalanceConfig::by(rule), weights).expect("the configuration is sound")
}

fn at(millis: u64) -> Time {
    Time::from_nanos(millis * 1_000_000)
}

/// Draws said in advance, each already below its bound.
struct Drawn<'a>(&'a [u64]);

impl Chance for Drawn<'_> {
    fn bits(&mut self) -> u64 {
        let (first, rest) = self.0.split_first().expect("a draw was said");
        self.0 = rest;
        *first
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound
    }
}

fn picks(group: &mut Balance, count: usize) -> Vec<u32> {
    let mut none = Drawn(&[]);
    (0..count).map(|_| group.pick(Time::ZERO, &mut none, 0).expect("all are in use")).collect()
}

#[test]
fn deadlines_give_each_its_weight_and_the_first_of_two_its_turn() {
    assert_eq!(picks(&mut group(Rule::Weighted, &[1, 2, 4]), 7), [2, 1, 2, 2, 0, 1, 2]);
    assert_eq!(picks(&mut group(Rule::Weighted, &[3, 3]), 4), [0, 1, 0, 1]);
    assert_eq!(picks(&mut group(Rule::RoundRobin, &[1, 2, 4]), 4), [0, 1, 2, 0]);
}

#[test]
fn least_request_takes_the_first_of_equally_busy_ones() {
    let mut group = group(Rule::LeastRequest(LeastRequest::envoy()), &[1, 1, 1]);
    group.on_send(0);
    let mut pick = |draws: &[u64]| group.pick(Time::ZERO, &mut Drawn(draws), 0);
    assert_eq!((pick(&[2, 1]), pick(&[0, 1]), pick(&[0, 0])), (Some(2), Some(1), Some(0)));
}

#[test]
fn a_full_scan_breaks_ties_by_reservoir_sampling() {
    let rule = LeastRequest { full_scan: true, ..LeastRequest::envoy() };
    let mut group = group(Rule::LeastRequest(rule), &[1, 1, 1, 1]);
    group.on_send(1);
    let mut pick = |draws: &[u64]| group.pick(Time::ZERO, &mut Drawn(draws), 0);
    assert_eq!((pick(&[1, 1]), pick(&[0, 1]), pick(&[0, 0])), (Some(0), Some(2), Some(3)));
}

#[test]
fn unequal_weights_are_scheduled_by_calls() {
    let mut group = group(Rule::LeastRequest(LeastRequest::envoy()), &[1, 3]);
    let mut sent = [0, 0];
    for _ in 0..40 {
        let member = group.pick(Time::ZERO, &mut Drawn(&[]), 0).expect("both are in use");
        group.on_send(member);
        sent[member as usize] += 1;
    }
    // The k-th call to a member costs k / weight: calls that stay out go as the root of the weight.
    assert_eq!(sent, [15, 25]);
    let rule = LeastRequest { bias: 0.0, ..LeastRequest::envoy() };
    assert_eq!(picks(&mut self::group(Rule::LeastRequest(rule), &[1, 3]), 4), [1, 1, 0, 1]);
}

#[test]
fn peak_latency_is_replaced_at_once_and_decays_slowly_as_towers_test_says() {
    let rule = PeakEwma {
        default_rtt: Span::from_millis(20),
        decay: Span::from_millis(1_000),
        ..PeakEwma::tower()
    };
    let mut group = group(Rule::PeakEwma(rule), &[1]);
    assert_eq!(group.cost(at(0), 0), 20e6);
    group.on_send(0);
    assert!(group.cost(at(100), 0) > 20e6);
    group.on_send(0);
    assert!(group.cost(at(200), 0) > 40e6);
    group.on_reply(at(300), 0, Class::Success, Span::from_millis(200));
    assert_eq!(group.cost(at(300), 0), 400e6);
    group.on_reply(at(400), 0, Class::Success, Span::from_millis(200));
    assert_eq!(group.cost(at(400), 0), 200e6);
    assert!(group.cost(at(1_400), 0) < 100e6);
    assert!(group.cost(at(11_400), 0) < 100e3);
}

#[test]
fn a_look_moves_towers_estimate_and_not_linkerds() {
    let after_a_look = |decays| {
        let rule = PeakEwma { decays, decay: Span::from_millis(1_000), ..PeakEwma::tower() };
        let mut group = group(Rule::PeakEwma(rule), &[1]);
        group.cost(at(500), 0);
        group.on_send(0);
        group.on_reply(at(1_000), 0, Class::Success, Span::from_millis(500));
        group.cost(at(1_000), 0)
    };
    let (tower, linkerd) = (after_a_look(Decays::WhenRead), after_a_look(Decays::WhenMeasured));
    let decay = |secs: f64| math::exp(-secs);
    assert!((linkerd - (1e9 * decay(1.0) + 0.5e9 * (1.0 - decay(1.0)))).abs() < 1.0);
    let read = 1e9 * decay(0.5);
    assert!((tower - (read * decay(0.5) + 0.5e9 * (1.0 - decay(0.5)))).abs() < 1.0);
}

#[test]
fn failing_fast_is_not_being_fast_in_ours() {
    let cost = |config| {
        let mut group = Balance::new(config, &[1]).expect("it is sound");
        for call in 1..100 {
            group.on_send(0);
            group.on_reply(at(call * 1_000), 0, Class::Failure, Span::from_millis(1));
        }
        group.cost(at(100_000), 0)
    };
    assert!(cost(BalanceConfig::by(Rule::PeakEwma(PeakEwma::tower()))) < 2e6);
    assert!(cost(BalanceConfig::ours()) > 900e6);
}

#[test]
fn below_half_in_use_all_are_used() {
    let mut group = group(Rule::RoundRobin, &[1, 1, 1, 1]);
    group.set_in_use(Time::ZERO, 0, false);
    group.set_in_use(Time::ZERO, 1, false);
    assert!(!group.is_panicking());
    assert!(picks(&mut group, 8).iter().all(|member| *member >= 2));
    group.set_in_use(Time::ZERO, 2, false);
    assert!(group.is_panicking() && !group.is_in_use(2));
    assert!(picks(&mut group, 4).contains(&0));
    let config =
        BalanceConfig { panic: crate::settings::Share::NONE, ..BalanceConfig::by(Rule::Random) };
    let mut never = Balance::new(config, &[1]).expect("it is sound");
    never.set_in_use(Time::ZERO, 0, false);
    assert_eq!(never.pick(Time::ZERO, &mut Drawn(&[]), 0), None);
}

#[test]
fn a_member_that_comes_back_starts_slowly() {
    let window = Span::from_millis(60_000);
    let slow_start = Some(window);
    let config = BalanceConfig { slow_start, ..BalanceConfig::by(Rule::RoundRobin) };
    let mut group = Balance::new(config, &[1, 1]).expect("it is sound");
    group.set_in_use(at(1), 1, false);
    group.set_in_use(at(1_000), 1, true);
    assert_eq!(group.next_wakeup(), Some(at(61_000)));
    assert_eq!(group.slow_start_factor(at(16_000), 1), 0.25);
    let slow = (0..110).filter(|_| group.pick(at(1_000), &mut Drawn(&[]), 0) == Some(1)).count();
    assert!((9..=11).contains(&slow), "{slow} of 110 at a tenth of the weight");
    group.wake(at(61_000));
    assert_eq!((group.next_wakeup(), group.slow_start_factor(at(61_000), 1)), (None, 1.0));
}

#[test]
fn a_slow_start_that_is_aggressive_gives_more_at_first() {
    let factor = |slow_start_aggression| {
        let slow_start = Some(Span::from_millis(60_000));
        let plain = BalanceConfig::by(Rule::Weighted);
        let config = BalanceConfig { slow_start, slow_start_aggression, ..plain };
        let mut group = Balance::new(config, &[1]).expect("it is sound");
        group.join(at(0), 0);
        group.slow_start_factor(at(15_000), 0)
    };
    assert_eq!((factor(1.0), factor(2.0)), (0.25, 0.5));
    assert!((factor(0.5) - 0.1).abs() < 1e-12); // a sixteenth, but at least a tenth
}

#[test]
fn a_ring_has_entries_in_proportion_to_the_weights() {
    let names = ["a".to_string(), "b".to_string()];
    assert_eq!(ring::Ring::new(&names, &[1, 1], 1_024, 8_388_608).len(), 1_024);
    assert_eq!(ring::Ring::new(&names, &[1, 2], 3, 8_388_608).len(), 3);
    assert_eq!(ring::Ring::new(&names, &[1, 2], 4, 8_388_608).len(), 6);
    assert_eq!(ring::Ring::new(&names, &[1, 9], 1_024, 16).len(), 16);
}

#[test]
fn a_bounded_member_passes_keys_on_and_always_to_the_same() {
    let rule = Rule::RingHash(RingHash { bound: Some(120), ..RingHash::envoy() });
    let mut group = group(rule, &[1, 1, 1, 1]);
    let pick = |group: &mut Balance| group.pick(Time::ZERO, &mut Drawn(&[]), 7).expect("yes");
    let own = pick(&mut group);
    // A quarter of ⌈1.2 × (calls + 1)⌉ slots each; one that has as many calls as slots may get one
    // more, as in Envoy.
    let mut went = Vec::new();
    for _ in 0..8 {
        let member = pick(&mut group);
        group.on_send(member);
        went.push(member);
    }
    assert_eq!(went[..2], [own, own]);
    assert_ne!(went[2], own);
    let mut again = self::group(rule, &[1, 1, 1, 1]);
    for member in &went {
        assert_eq!(pick(&mut again), *member);
        again.on_send(*member);
    }
    let most = (0..4).map(|member| group.active(member)).max();
    assert!(most <= Some(3 + 1), "{went:?}");
}

#[test]
fn every_dialect_is_sound_and_everything_wrong_is_said_at_once() {
    for dialect in DIALECTS {
        assert_eq!((dialect.config)().problems(), [], "{}", dialect.name);
    }
    let rule = Rule::Maglev(Maglev { table: 65_536, bound: Some(90) });
    let wrong = BalanceConfig {
        slow_start: Some(Span::from_millis(1)),
        slow_start_aggression: 0.0,
        ..BalanceConfig::by(rule)
    };
    assert_eq!(Balance::new(wrong, &[]).map_err(|problems| problems.len()).err(), Some(5));
    assert!(Balance::new(BalanceConfig::ours(), &[1, 0]).is_err());
}

#[test]
fn who_joins_the_idle_draws_among_those_without_calls() {
    let mut group = group(Rule::JoinIdle, &[1, 1, 1]);
    group.on_send(1);
    let mut pick = |word: u64| group.pick(Time::ZERO, &mut Drawn(&[word]), 0);
    assert_eq!((pick(0), pick(1)), (Some(0), Some(2)));
    group.on_send(0);
    group.on_send(2);
    let mut pick = |word: u64| group.pick(Time::ZERO, &mut Drawn(&[word]), 0);
    assert_eq!((pick(0), pick(1), pick(2)), (Some(0), Some(1), Some(2)));
}

#[test]
fn who_is_not_there_is_no_part_of_the_whole() {
    let mut group = group(Rule::RoundRobin, &[1, 1, 1, 1]);
    group.set_in_use(Time::ZERO, 0, false);
    group.set_in_use(Time::ZERO, 1, false);
    // Two of four in use are half; one of three is less, so that the two others are used.
    assert!(!group.is_panicking());
    group.set_present(Time::ZERO, 2, false);
    assert!(group.is_panicking());
    let mut picks = (0..6).map(|_| group.pick(Time::ZERO, &mut Drawn(&[]), 0));
    assert!(picks.all(|picked| picked != Some(2)));
}
