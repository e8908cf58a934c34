//! Load balancing.

use brownout_policies::balance::{
    Balance, BalanceConfig, DIALECTS, LeastRequest, Maglev, RingHash, Rule,
};
use brownout_policies::draw::finalise;
use brownout_policies::outcome::Class;
use brownout_policies::settings::Share;
use brownout_policies::{Draws, Span, Time};
use proptest::prelude::*;

/// Any rule, its table small.
fn config() -> impl Strategy<Value = BalanceConfig> {
    (0..DIALECTS.len(), 0u32..=100, any::<bool>(), any::<bool>()).prop_map(
        |(dialect, panic, slow, bounded)| {
            let mut config = (DIALECTS[dialect].config)();
            config.panic = Share::percent(panic);
            let bound = bounded.then_some(120);
            match &mut config.rule {
                Rule::RingHash(rule) => (rule.least, rule.bound) = (64, bound),
                Rule::Maglev(rule) => (rule.table, rule.bound) = (251, bound),
                Rule::LeastRequest(rule) => rule.full_scan = bounded,
                Rule::RoundRobin
                | Rule::Random
                | Rule::Weighted
                | Rule::JoinIdle
                | Rule::TwoChoices
                | Rule::PeakEwma(_) => {}
            }
            let shares = !matches!(
                config.rule,
                Rule::Random | Rule::JoinIdle | Rule::RingHash(_) | Rule::Maglev(_)
            );
            config.slow_start = (slow && shares).then(|| Span::from_millis(2));
            config
        },
    )
}

/// What happens (a pick and send, a reply, a member out or in), to whom, and how much time has
/// passed.
fn steps() -> impl Strategy<Value = Vec<(u8, u32, u64)>> {
    proptest::collection::vec((0u8..7, any::<u32>(), 0u64..1_000_000), 1..200)
}

fn weights() -> impl Strategy<Value = Vec<u32>> {
    prop_oneof![
        (1usize..9).prop_map(|count| vec![1; count]),
        proptest::collection::vec(1u32..9, 1..9)
    ]
}

/// Does a step; who was picked.
fn does(
    group: &mut Balance,
    now: Time,
    (what, number): (u8, u32),
    draws: &mut Draws,
) -> Option<u32> {
    let member = number % group.members();
    match what {
        0..=2 => {
            let picked = group.pick(now, draws, finalise(u64::from(number)))?;
            group.on_send(picked);
            return Some(picked);
        }
        3 if group.active(member) > 0 => {
            let class = if number % 5 == 0 { Class::Failure } else { Class::Success };
            group.on_reply(now, member, class, Span::from_nanos(u64::from(number % 1_000)));
        }
        4 | 5 => {
            group.set_in_use(now, member, what == 5);
        }
        6 => group.set_present(now, member, number % 3 == 0),
        _ => {}
    }
    None
}

proptest! {
    #![proptest_config(crate::same_cases())]

    /// Only who is in use is picked, unless too few are; then anybody may be. Nobody is only when
    /// nobody is in use and there is no panic.
    #[test]
    fn only_who_is_in_use_is_picked(config in config(), weights in weights(), steps in steps()) {
        let mut group = Balance::new(config, &weights).expect("it is sound");
        let mut draws = Draws::open(1, 2);
        let mut now = 0;
        for (what, number, passed) in steps {
            now += passed;
            let picked = does(&mut group, Time::from_nanos(now), (what, number), &mut draws);
            let used = (0..group.members()).filter(|member| group.is_in_use(*member));
            let used = used.count() as u64;
            let present = (0..group.members()).filter(|member| group.is_present(*member));
            let few = !config.panic.reached(used, present.count() as u64);
            prop_assert_eq!(group.is_panicking(), few);
            if let Some(member) = picked {
                prop_assert!(group.is_present(member) && (few || group.is_in_use(member)));
            } else if what < 3 {
                prop_assert!(used == 0 && !few);
            }
        }
    }

    /// Whom a call has tried is left out, unless nobody else may be picked; and afterwards
    /// everything is as if nobody had been.
    #[test]
    fn whom_a_call_has_tried_is_left_out(
        config in config(),
        weights in weights(),
        steps in steps(),
        tried in proptest::collection::vec(0u32..9, 0..6),
    ) {
        let mut group = Balance::new(config, &weights).expect("it is sound");
        let mut draws = Draws::open(1, 2);
        let mut now = 0;
        for (what, number, passed) in steps {
            now += passed;
            let at = Time::from_nanos(now);
            does(&mut group, at, (what, number), &mut draws);
            let may = |group: &Balance, member: &u32| {
                group.is_present(*member) && (group.is_panicking() || group.is_in_use(*member))
            };
            let left = (0..group.members()).filter(|member| may(&group, member));
            let left = left.filter(|member| !tried.contains(member)).count();
            prop_assert_eq!(group.has_besides(&tried), left > 0);
            let mut other = group.clone();
            let key = finalise(u64::from(number));
            let picked = group.pick_besides(at, &mut draws.clone(), key, &tried);
            // A bound may have to pass a key on to somebody; but never to who was left out.
            if left > 0 {
                prop_assert!(!tried.contains(&picked.expect("somebody is left")));
            } else {
                prop_assert_eq!(picked, other.pick(at, &mut draws.clone(), key));
            }
        }
    }

    /// One after the other: counts differ by at most one, and by weight none is a turn behind.
    #[test]
    fn turns_are_fair(weights in weights(), picks in 1u32..200) {
        let mut draws = Draws::open(1, 2);
        let mut counts = |rule| {
            let mut group = Balance::new(BalanceConfig::by(rule), &weights).expect("it is sound");
            let mut counts = vec![0u32; weights.len()];
            for _ in 0..picks {
                let member = group.pick(Time::ZERO, &mut draws, 0).expect("all are in use");
                counts[member as usize] += 1;
            }
            counts
        };
        let equal = counts(Rule::RoundRobin);
        prop_assert!(equal.iter().max().unwrap() - equal.iter().min().unwrap() <= 1, "{:?}", equal);
        let weighted = counts(Rule::Weighted);
        let sum: u32 = weights.iter().sum();
        for (count, weight) in weighted.iter().zip(&weights) {
            let share = f64::from(picks) * f64::from(*weight) / f64::from(sum);
            // At the scheduler's time T each has had ⌊weight × T⌋ turns, or one less if it waits
            // for one that is due at T too; so that sum × T is between the picks and the picks +
            // members.
            prop_assert!(f64::from(*count) > share - 1.0 - 1e-6, "{:?} {:?}", weighted, weights);
            let ahead = f64::from(*weight) * weights.len() as f64 / f64::from(sum);
            prop_assert!(f64::from(*count) < share + ahead + 1e-6, "{:?} {:?}", weighted, weights);
        }
    }

    /// A choice of two never takes the busier of its pair.
    #[test]
    fn two_choices_never_take_the_busier(count in 1usize..9, steps in steps()) {
        let weights = vec![1; count];
        let mut group =
            Balance::new(BalanceConfig::by(Rule::TwoChoices), &weights).expect("it is sound");
        let mut draws = Draws::open(1, 2);
        for (what, number, _) in steps {
            if what < 3
                && let Some(pair) = group.pair(&mut draws.clone())
            {
                let picked = group.pick(Time::ZERO, &mut draws.clone(), 0).expect("so they may");
                let other = if picked == pair[0] { pair[1] } else { pair[0] };
                prop_assert!(pair.contains(&picked) && group.active(picked) <= group.active(other));
            }
            does(&mut group, Time::ZERO, (what, number), &mut draws);
        }
    }

    /// When a member leaves a ring or a table only its own keys move, and they come back with it.
    #[test]
    fn only_the_keys_of_who_left_move(
        maglev in any::<bool>(),
        weights in proptest::collection::vec(1u32..4, 2..9),
        gone in any::<u32>(),
    ) {
        let rule = if maglev {
            Rule::Maglev(Maglev { table: 1_021, bound: None })
        } else {
            Rule::RingHash(RingHash { least: 512, ..RingHash::envoy() })
        };
        let config = BalanceConfig { panic: Share::NONE, ..BalanceConfig::by(rule) };
        let mut group = Balance::new(config, &weights).expect("it is sound");
        let gone = gone % group.members();
        let mut draws = Draws::open(1, 2);
        let mut all = |group: &mut Balance| -> Vec<u32> {
            let keys = (0..2_000).map(finalise);
            keys.map(|key| group.pick(Time::ZERO, &mut draws, key).expect("some are")).collect()
        };
        let before = all(&mut group);
        group.set_in_use(Time::ZERO, gone, false);
        let without = all(&mut group);
        for (before, without) in before.iter().zip(&without) {
            prop_assert!(*without != gone && (before == without || *before == gone));
        }
        group.set_in_use(Time::ZERO, gone, true);
        prop_assert_eq!(all(&mut group), before);
    }

    /// A table gives each of equal members its share to within one place; built anew without one of
    /// them, less than 15 % of the places change between others (which is why ours is not built
    /// anew).
    #[test]
    fn a_table_is_even_and_nearly_stable(members in 2u32..9) {
        let table = 4_099u32;
        let rule = Rule::Maglev(Maglev { table, bound: None });
        let names: Vec<String> = (0..members).map(|member| format!("10.0.0.{member}:80")).collect();
        let places = |names: &[String]| -> Vec<u32> {
            let members: Vec<_> = names.iter().map(|name| (name.as_str(), 1)).collect();
            let mut group = Balance::named(BalanceConfig::by(rule), &members).expect("it is sound");
            let mut draws = Draws::open(1, 2);
            let keys = 0..u64::from(table);
            keys.map(|key| group.pick(Time::ZERO, &mut draws, key).expect("all are")).collect()
        };
        let full = places(&names);
        for member in 0..members {
            let own = full.iter().filter(|owner| **owner == member).count() as u32;
            prop_assert!(own == table / members || own == table / members + 1);
        }
        let fewer = places(&names[..members as usize - 1]);
        let moved = |(before, after): &(&u32, &u32)| **before != members - 1 && before != after;
        let moved = full.iter().zip(&fewer).filter(moved).count() as u32;
        prop_assert!(moved * 100 < 15 * table, "{} of {}", moved, table);
    }

    /// With equal weights and one choice least request is any member; with all looked at it is one
    /// with the fewest calls.
    #[test]
    fn a_full_scan_finds_the_fewest_calls(count in 1usize..9, steps in steps()) {
        let rule = LeastRequest { full_scan: true, ..LeastRequest::envoy() };
        let plain = BalanceConfig::by(Rule::LeastRequest(rule));
        let config = BalanceConfig { panic: Share::NONE, ..plain };
        let mut group = Balance::new(config, &vec![1; count]).expect("it is sound");
        let mut draws = Draws::open(1, 2);
        for (what, number, _) in steps {
            let used = (0..group.members()).filter(|member| group.is_in_use(*member));
            let fewest = used.map(|member| group.active(member)).min();
            if let Some(member) = does(&mut group, Time::ZERO, (what, number), &mut draws) {
                prop_assert_eq!(Some(group.active(member) - 1), fewest);
            }
        }
    }

    /// The same inputs and draws give the same picks, also when somebody wakes it early and often
    /// or tells it that time runs backwards.
    #[test]
    fn nothing_but_its_inputs_moves_it(config in config(), weights in weights(), steps in steps()) {
        let mut quiet = Balance::new(config, &weights).expect("it is sound");
        let mut woken = quiet.clone();
        let (mut one, mut other) = (Draws::open(1, 2), Draws::open(1, 2));
        let mut now = 0;
        for (what, number, passed) in steps {
            woken.wake(Time::from_nanos(now + passed / 2));
            woken.wake(Time::from_nanos(now / 2));
            now += passed;
            let at = Time::from_nanos(now);
            let picks = (
                does(&mut quiet, at, (what, number), &mut one),
                does(&mut woken, at, (what, number), &mut other),
            );
            prop_assert_eq!(picks.0, picks.1);
        }
    }

    /// Any time, in any order, is survived.
    #[test]
    fn no_time_is_too_much(
        config in config(),
        weights in weights(),
        steps in proptest::collection::vec((0u8..6, any::<u32>(), any::<u64>()), 1..100),
    ) {
        let mut group = Balance::new(config, &weights).expect("it is sound");
        let mut draws = Draws::open(1, 2);
        for (what, number, now) in steps {
            does(&mut group, Time::from_nanos(now), (what, number), &mut draws);
        }
    }
}
