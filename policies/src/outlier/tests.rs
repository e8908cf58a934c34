//! Facts that the vectors do not state, or not for every dialect.

use super::*;
use crate::draw::Draws;

struct Bench {
    outlier: Outlier,
    chance: Draws,
}

const SECOND: u64 = 1_000_000_000;

impl Bench {
    fn new(config: OutlierConfig, hosts: u32) -> Bench {
        let mut outlier = Outlier::new(config, hosts).expect("the configuration is sound");
        let mut chance = Draws::open(2, 3);
        outlier.wake(Time::ZERO, &mut chance);
        Bench { outlier, chance }
    }

    fn answers(&mut self, at: u64, host: u32, answer: Answer, times: u32) {
        for _ in 0..times {
            self.outlier.answer(Time::from_nanos(at), host, answer, &mut self.chance);
        }
    }

    fn sweep(&mut self, at: u64) -> Vec<u32> {
        self.outlier.sweep(Time::from_nanos(at), &mut self.chance);
        self.ejected()
    }

    fn ejected(&self) -> Vec<u32> {
        self.outlier.ejected().collect()
    }
}

#[test]
fn every_dialect_is_sound_and_names_each_setting_once() {
    for dialect in DIALECTS {
        let mut config = (dialect.config)();
        assert_eq!(config.problems(), [], "{}", dialect.name);
        let mut names: Vec<&str> = config.settings().iter().map(|set| set.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{}", dialect.name);
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let config = OutlierConfig {
        interval: Span::ZERO,
        longest: Span::from_millis(1),
        in_a_row: Some(0),
        deviations: -1.0,
        ..OutlierConfig::ours()
    };
    let fields: Vec<&str> = config.problems().iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["interval", "longest", "in_a_row", "deviations"]);
}

/// Envoy #3263 #17504: at 10 % fewer than ten hosts lose none.
#[test]
fn one_of_nine_hosts_is_ejected_by_ours_and_none_by_envoy() {
    for (config, ejected) in
        [(OutlierConfig::ours(), vec![4]), (OutlierConfig::envoy(), Vec::new())]
    {
        let mut bench = Bench::new(config, 9);
        bench.answers(0, 4, Answer::Error, 5);
        assert_eq!(bench.ejected(), ejected);
    }
}

#[test]
fn the_tenth_host_makes_room_and_one_that_leaves_gives_its_room_back() {
    let mut bench = Bench::new(OutlierConfig::envoy(), 9);
    bench.outlier.add_host();
    bench.answers(0, 0, Answer::Error, 5);
    bench.answers(0, 1, Answer::Error, 5);
    assert_eq!((bench.ejected(), bench.outlier.overflow()), (vec![0], 1));
    bench.outlier.add_host();
    bench.outlier.remove_host(0);
    bench.answers(0, 1, Answer::Error, 5);
    assert_eq!(bench.ejected(), [1]);
}

#[test]
fn when_the_cap_bites_the_worst_goes_first_and_then_the_lowest_number() {
    let config = OutlierConfig {
        deviations: 0.0,
        in_a_row: None,
        max_ejected: Share::percent(40),
        ..OutlierConfig::ours()
    };
    let mut bench = Bench::new(config, 5);
    for (host, good) in [(0, 10), (1, 5), (2, 0), (3, 5), (4, 100)] {
        bench.answers(0, host, Answer::Good, good);
        bench.answers(0, host, Answer::Error, 100 - good);
    }
    assert_eq!(bench.sweep(10 * SECOND), [1, 2]);
    assert_eq!(bench.outlier.overflow(), 2);
}

#[test]
fn a_share_of_failures_is_reached_in_envoy_and_exceeded_in_grpc() {
    for (dialect, at_85, at_86) in
        [(OutlierConfig::envoy(), true, true), (OutlierConfig::grpc(), false, true)]
    {
        for (bad, ejects) in [(85, at_85), (86, at_86)] {
            let enforce_share = Share::ALL;
            let config =
                OutlierConfig { enforce_share, in_a_row: None, deviations: 0.0, ..dialect };
            let mut bench = Bench::new(config, 10);
            for host in 0..10 {
                bench.answers(0, host, Answer::Good, if host == 3 { 100 - bad } else { 100 });
            }
            bench.answers(0, 3, Answer::Error, bad);
            assert_eq!(bench.sweep(10 * SECOND) == [3], ejects);
        }
    }
}

#[test]
fn gateway_errors_are_detected_but_by_default_do_not_eject() {
    let config = OutlierConfig { in_a_row: Some(6), ..OutlierConfig::ours() };
    let mut bench = Bench::new(config, 2);
    bench.answers(0, 0, Answer::GatewayError, 5);
    assert_eq!((bench.ejected(), bench.outlier.detected()), (vec![], 1));
    bench.answers(0, 0, Answer::Error, 1);
    assert_eq!(bench.ejected(), [0], "each was an error too");
}

#[test]
fn hosts_that_are_not_reached_are_kept_apart_only_when_that_is_asked_for() {
    let mut together = Bench::new(OutlierConfig::ours(), 2);
    together.answers(0, 0, Answer::Unreached, 4);
    together.answers(0, 0, Answer::Reached, 1);
    together.answers(0, 0, Answer::Error, 1);
    assert_eq!(together.ejected(), [0]);
    let mut apart = Bench::new(OutlierConfig { split_local: true, ..OutlierConfig::ours() }, 2);
    apart.answers(0, 0, Answer::Unreached, 4);
    apart.answers(0, 0, Answer::Error, 4);
    apart.answers(0, 0, Answer::Reached, 1);
    apart.answers(0, 0, Answer::Unreached, 4);
    assert_eq!(apart.ejected(), []);
    apart.answers(0, 0, Answer::Unreached, 1);
    assert_eq!(apart.ejected(), [0]);
}

#[test]
fn few_calls_or_few_hosts_are_not_judged() {
    for (hosts, calls, ejected) in [(5, 100, vec![4]), (5, 99, vec![]), (4, 100, vec![])] {
        let config = OutlierConfig { in_a_row: None, ..OutlierConfig::ours() };
        let config = OutlierConfig { failure_share: Share::NONE, ..config };
        let mut bench = Bench::new(config, 5);
        for host in 5 - hosts..5 {
            let answer = if host == 4 { Answer::Error } else { Answer::Good };
            bench.answers(0, host, answer, calls);
        }
        assert_eq!(bench.sweep(10 * SECOND), ejected);
    }
}

/// grpc-go judges ejected addresses by what is left of their traffic.
#[test]
fn grpc_ejects_an_ejected_host_again_and_counts_it_twice() {
    let config = OutlierConfig {
        max_ejected: Share::percent(50),
        share_hosts: 1,
        share_volume: 1,
        deviations: 0.0,
        ..OutlierConfig::grpc()
    };
    let mut bench = Bench::new(config, 4);
    bench.answers(0, 0, Answer::Error, 5);
    bench.sweep(10 * SECOND);
    bench.answers(11 * SECOND, 0, Answer::Error, 5);
    bench.sweep(20 * SECOND);
    assert_eq!((bench.ejected(), bench.outlier.multiple(0)), (vec![0], 2));
    bench.answers(21 * SECOND, 1, Answer::Error, 5);
    assert_eq!(bench.sweep(30 * SECOND), [0], "two ejections of four hosts are the most");
    assert_eq!(bench.sweep(80 * SECOND), [0]);
    assert_eq!(bench.sweep(80 * SECOND + 1), []);
}

#[test]
fn runs_start_again_when_a_host_returns() {
    let mut bench = Bench::new(OutlierConfig::ours(), 2);
    bench.answers(0, 0, Answer::Error, 9);
    assert_eq!(bench.sweep(30 * SECOND), []);
    bench.answers(30 * SECOND, 0, Answer::Error, 4);
    assert_eq!(bench.ejected(), []);
    bench.answers(30 * SECOND, 0, Answer::Error, 1);
    assert_eq!(bench.ejected(), [0]);
}

#[test]
fn an_ejection_lasts_longer_by_up_to_the_jitter() {
    let jitter = Span::from_millis(10_000);
    let mut late = 0;
    for lineage in 0..50 {
        let mut bench = Bench::new(OutlierConfig { jitter, ..OutlierConfig::ours() }, 2);
        bench.chance = Draws::open(9, lineage);
        bench.answers(0, 0, Answer::Error, 5);
        assert_eq!(bench.sweep(30 * SECOND - 1), [0]);
        late += bench.sweep(30 * SECOND).len();
        assert_eq!(bench.sweep(40 * SECOND), []);
    }
    assert!(late > 40);
}

#[test]
fn what_is_enforced_half_the_time_ejects_about_half_the_time() {
    let enforce_in_a_row = Share::percent(50);
    let ejected = (0..1_000).filter(|lineage| {
        let config = OutlierConfig { enforce_in_a_row, ..OutlierConfig::ours() };
        let mut bench = Bench::new(config, 2);
        bench.chance = Draws::open(4, *lineage);
        bench.answers(0, 0, Answer::Error, 5);
        bench.outlier.is_ejected(0)
    });
    // Five standard deviations of a binomial with n = 1000, p = 1/2 are 79.
    assert!((421..=579).contains(&ejected.count()));
}

#[test]
fn when_most_hosts_are_ejected_all_are_used() {
    let config = OutlierConfig { max_ejected: Share::ALL, ..OutlierConfig::ours() };
    let mut bench = Bench::new(config, 4);
    for host in 0..2 {
        bench.answers(0, host, Answer::Error, 5);
    }
    assert!(!bench.outlier.is_usable(0) && !bench.outlier.is_panicking(), "half is enough");
    bench.answers(0, 2, Answer::Error, 5);
    assert!(bench.outlier.is_usable(0) && bench.outlier.is_panicking());
}

#[test]
fn a_well_host_shortens_its_next_ejection_sweep_by_sweep() {
    for config in [OutlierConfig::ours(), OutlierConfig::grpc()] {
        let config = OutlierConfig { in_a_row: Some(5), always_one: true, ..config };
        let mut bench = Bench::new(config, 2);
        for at in [0, 40] {
            bench.answers(at * SECOND, 0, Answer::Error, 5);
            bench.sweep((at + 31 + at) * SECOND);
        }
        assert_eq!((bench.ejected(), bench.outlier.multiple(0)), (vec![], 2));
        bench.sweep(121 * SECOND);
        bench.sweep(121 * SECOND);
        assert_eq!(bench.outlier.multiple(0), 0);
    }
}

#[test]
fn a_sweep_is_due_every_interval_and_not_before() {
    let mut bench = Bench::new(OutlierConfig::ours(), 2);
    bench.answers(0, 0, Answer::Error, 5);
    for at in (0..30).map(|second| second * SECOND) {
        bench.outlier.wake(Time::from_nanos(at), &mut bench.chance);
    }
    assert_eq!(bench.outlier.next_wakeup(), Some(Time::from_secs(30.0)));
    bench.outlier.wake(Time::from_secs(30.0), &mut bench.chance);
    assert_eq!(bench.ejected(), []);
}

#[test]
fn the_end_of_time_is_survived() {
    for dialect in DIALECTS {
        let mut bench = Bench::new((dialect.config)(), 3);
        for at in [u64::MAX, 0, u64::MAX - 1] {
            bench.answers(at, 1, Answer::Error, 300);
            bench.answers(at, 0, Answer::Good, 300);
            bench.sweep(at);
        }
    }
}
