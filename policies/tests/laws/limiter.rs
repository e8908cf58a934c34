//! Limiters.
//!
//! Who breaks a law by his nature: windows promise the same moment to all who wait for the same
//! window (`rl-r4j-03`), and so does a log whose calls came together; a fixed or anchored window
//! admits 2L around a boundary (`rl-win-01`, `rl-tow-03`), two counters 2L inside one window
//! (`rl-win-03`); an interval rounded down makes GCRA a nanosecond fast (`rl-gov-09`), so its bound
//! is the interval's. Go's bucket by itself counts time twice when the clock jumps back
//! (`rl-go-03`); inside a `Limiter` no clock does.

use brownout_policies::limiter::{Algorithm, Limiter, LimiterConfig};
use brownout_policies::{Span, Time};
use proptest::prelude::*;

const ALL: [Algorithm; 10] = [
    Algorithm::TokenBucket,
    Algorithm::Gcra,
    Algorithm::GoBucket,
    Algorithm::Smooth,
    Algorithm::Paced,
    Algorithm::Cycle,
    Algorithm::UncappedCycle,
    Algorithm::AnchoredWindow,
    Algorithm::SlidingCounter,
    Algorithm::SlidingLog,
];

fn config() -> impl Strategy<Value = LimiterConfig> {
    let numbers = (1u32..6, 50u64..500, 1u32..6, 0u32..4, any::<bool>());
    (0..ALL.len(), numbers).prop_map(|(kind, (permits, per, burst, slack, counts_itself))| {
        LimiterConfig {
            algorithm: ALL[kind],
            permits,
            per: Span::from_nanos(per),
            burst,
            slack,
            counts_itself,
            longest_wait: Span::ZERO,
        }
    })
}

/// What is asked: how long after the one before, how many, and how long they would wait.
type Asked = (u64, u32, u64);

fn trace() -> impl Strategy<Value = Vec<Asked>> {
    proptest::collection::vec((0u64..90, 1u32..4, 0u64..400), 1..120)
}

fn limiter(config: LimiterConfig) -> Limiter {
    Limiter::new(config).expect("it is sound")
}

fn at(nanos: u64) -> Time {
    Time::from_nanos(nanos)
}

/// Every call that was let through: its moment and its weight.
fn run(config: LimiterConfig, trace: &[Asked], waits: bool) -> Vec<(u64, u32)> {
    let (mut limiter, mut now, mut through) = (limiter(config), 0, Vec::new());
    for &(passed, n, wait) in trace {
        now += passed;
        let wait = Span::from_nanos(if waits { wait } else { 0 });
        if let Ok(held) = limiter.reserve(at(now), n, wait) {
            assert!(held.at >= at(now) && held.at.since(at(now)) <= wait);
            through.push((held.at.nanos(), n));
        }
    }
    through
}

/// The most that went within any stretch of time from one call to another, as (length, weight).
fn stretches(through: &[(u64, u32)]) -> impl Iterator<Item = (u64, u64)> + '_ {
    (0..through.len()).flat_map(move |first| {
        let mut weight = 0;
        through[first..].iter().map(move |&(moment, n)| {
            weight += u64::from(n);
            (moment - through[first].0, weight)
        })
    })
}

proptest! {
    #![proptest_config(crate::same_cases())]

    /// In any stretch of time t no more than burst + rate · t. A wait is rounded up to a
    /// nanosecond, so that the stretch from one who waits may be shorter by one.
    #[test]
    fn buckets_never_admit_more_than_the_burst_and_what_came_in(
        config in config(), trace in trace(), waits in any::<bool>(),
    ) {
        let (permits, burst) = (u64::from(config.permits), u64::from(config.burst));
        let per = config.per.nanos();
        let bucket = LimiterConfig { algorithm: Algorithm::TokenBucket, ..config };
        for (length, weight) in stretches(&run(bucket, &trace, waits)) {
            prop_assert!(weight * per <= burst * per + (length + u64::from(waits)) * permits);
        }
        let cells = LimiterConfig { algorithm: Algorithm::Gcra, ..config };
        let interval = per / permits;
        for (length, weight) in stretches(&run(cells, &trace, waits)) {
            prop_assert!(weight * interval <= burst * interval + length);
        }
        let go = LimiterConfig { algorithm: Algorithm::GoBucket, ..config };
        let rate = permits as f64 / per as f64;
        for (length, weight) in stretches(&run(go, &trace, waits)) {
            // Go cuts off parts of a nanosecond of waiting, each time.
            let slack = rate * (trace.len() as f64 + 1.0);
            prop_assert!(weight as f64 <= burst as f64 + rate * length as f64 + slack);
        }
    }

    /// Where the interval is whole, the cell rate and the token bucket are one and the same.
    #[test]
    fn the_cell_rate_algorithm_is_the_token_bucket(
        permits in 1u32..6, interval in 1u64..90, burst in 1u32..6,
        trace in trace(), cancels in proptest::collection::vec(any::<bool>(), 120),
    ) {
        let per = Span::from_nanos(interval * u64::from(permits));
        let config = LimiterConfig { permits, per, burst, ..LimiterConfig::ours() };
        let mut cells = limiter(config);
        let mut tokens = limiter(LimiterConfig { algorithm: Algorithm::TokenBucket, ..config });
        let mut now = 0;
        for (&(passed, n, wait), cancel) in trace.iter().zip(cancels) {
            now += passed;
            let wait = Span::from_nanos(wait);
            let (cell, token) = (cells.reserve(at(now), n, wait), tokens.reserve(at(now), n, wait));
            prop_assert_eq!(&cell, &token);
            if let (Ok(cell), Ok(token), true) = (cell, token, cancel) {
                cells.cancel(at(now), cell);
                tokens.cancel(at(now), token);
            }
            prop_assert_eq!(cells.remaining(at(now)), tokens.remaining(at(now)));
            prop_assert_eq!(cells.retry_at(at(now), n), tokens.retry_at(at(now), n));
        }
    }

    /// Never more than L in any window W: exactly for the log, 2L for windows and counters.
    #[test]
    fn windows_hold_what_they_promise(config in config(), trace in trace()) {
        let most = |algorithm, waits, times: u64| {
            let config = LimiterConfig { algorithm, ..config };
            let limit = u64::from(config.permits) * times;
            let through = run(config, &trace, waits);
            stretches(&through).all(|(length, weight)| {
                length >= config.per.nanos() || weight <= limit
            })
        };
        prop_assert!(most(Algorithm::SlidingLog, false, 1));
        prop_assert!(most(Algorithm::SlidingLog, true, 1));
        prop_assert!(most(Algorithm::Cycle, false, 2));
        prop_assert!(most(Algorithm::AnchoredWindow, false, 2));
        prop_assert!(most(Algorithm::SlidingCounter, false, 2));
        // And each window of the grid holds no more than its permits, with those who waited for it.
        let cycle = LimiterConfig { algorithm: Algorithm::Cycle, ..config };
        let singles: Vec<Asked> = trace.iter().map(|&(t, _, wait)| (t, 1, wait)).collect();
        let through = run(cycle, &singles, true);
        for (moment, _) in &through {
            let window = moment / config.per.nanos();
            let count = through.iter().filter(|(at, _)| at / config.per.nanos() == window).count();
            prop_assert!(count <= config.permits as usize);
        }
    }

    /// Those who wait get moments in order, each his own where nothing in the kind's nature says
    /// otherwise.
    #[test]
    fn reservations_come_in_order_and_apart(config in config(), trace in trace()) {
        let through = run(config, &trace, true);
        prop_assert!(through.is_sorted_by_key(|(moment, _)| *moment));
        let apart = matches!(
            config.algorithm,
            Algorithm::TokenBucket | Algorithm::Gcra | Algorithm::Smooth | Algorithm::Paced
        );
        let mut asked = 0;
        let mut limiter = limiter(config);
        let mut last = None;
        for &(passed, n, wait) in &trace {
            asked += passed;
            let Ok(held) = limiter.reserve(at(asked), n, Span::from_nanos(wait)) else { continue };
            let waited = held.at > at(asked);
            prop_assert!(!(apart && waited && last == Some(held.at)), "{:?}", config);
            last = Some(held.at);
        }
    }

    /// A refusal names the moment from which on the answer is yes, takes nothing, and its numbers
    /// are those of the limiter.
    #[test]
    fn a_refusal_takes_nothing_and_names_the_first_moment(config in config(), trace in trace()) {
        let (mut limiter, mut now) = (limiter(config), 0);
        // A limiter that has never been used paces even a pair.
        let single = config.algorithm == Algorithm::Paced;
        for (passed, n, _) in trace {
            now += passed;
            let n = if single { 1 } else { n };
            let before = limiter.remaining(at(now));
            let Err(refusal) = limiter.try_take(at(now), n) else {
                let go = config.algorithm == Algorithm::GoBucket;
                prop_assert!(n <= before || go);
                continue;
            };
            prop_assert_eq!(limiter.remaining(at(now)), before);
            prop_assert_eq!((refusal.value, refusal.bound), (u64::from(n), u64::from(before)));
            prop_assert_eq!(refusal.retry_at.is_some(), n <= limiter.capacity());
            let Some(first) = refusal.retry_at else { continue };
            let go = config.algorithm == Algorithm::GoBucket;
            // Go cuts off parts of a nanosecond, and may have to be asked one later.
            let sure = at(first.nanos() + u64::from(go));
            prop_assert!(limiter.clone().try_take(sure, n).is_ok());
            if !go {
                let before = at(first.nanos() - 1);
                prop_assert!(limiter.clone().try_take(before, n).is_err(), "{:?}", config);
            }
        }
    }

    /// The same questions have the same answers; a step back in time is no step at all; and what
    /// was taken is there again after long enough.
    #[test]
    fn decisions_depend_on_nothing_else_and_nothing_is_lost(
        config in config(), trace in trace(), back in proptest::collection::vec(0u64..200, 120),
    ) {
        let (mut one, mut other, mut stepping) =
            (limiter(config), limiter(config), limiter(config));
        let (mut clock, mut latest, mut used) = (0u64, 0u64, false);
        for (&(passed, n, wait), back) in trace.iter().zip(back) {
            clock = (clock + passed).saturating_sub(back / 4);
            latest = latest.max(clock);
            let wait = Span::from_nanos(wait);
            let answer = one.reserve(at(latest), n, wait);
            used |= answer.is_ok();
            prop_assert_eq!(&other.reserve(at(latest), n, wait), &answer);
            prop_assert_eq!(&stepping.reserve(at(clock), n, wait), &answer);
        }
        let later = at(latest + 1_000_000);
        // Slack is what an idle time earns, and idling begins with a first call.
        let unused = config.algorithm == Algorithm::Paced && !used;
        let whole = if unused { 1 } else { one.capacity() };
        prop_assert!(one.remaining(later) >= whole);
    }
}
