//! Hedges.
//!
//! Who breaks a law by his nature: where the budget is asked one attempt ahead, the attempt that
//! was planned goes whatever the budget holds by then (`hdg-jav-05`).

use brownout_policies::hedge::{
    Answer, Asked, End, Free, Hedge, HedgeConfig, HedgePlan, OnFailure, Pays, Pushback, Step, When,
    Word,
};
use brownout_policies::settings::Share;
use brownout_policies::{Span, Time};
use proptest::prelude::*;

/// A budget of so many, and what it was asked for.
#[derive(Clone)]
struct Purse {
    left: u32,
    paid: u32,
}

impl Pays for Purse {
    fn pays(&mut self, now: Time) -> bool {
        let affords = self.affords(now);
        self.left -= u32::from(affords);
        self.paid += u32::from(affords);
        affords
    }

    fn affords(&mut self, _: Time) -> bool {
        self.left > 0
    }
}

fn config() -> impl Strategy<Value = HedgeConfig> {
    let rules = (0usize..4, 0usize..4, 0usize..3, 0usize..2, (any::<bool>(), any::<bool>()));
    let numbers = (1u32..6, 0u64..40, proptest::option::of(0u32..4), 1u32..99);
    (rules, numbers).prop_map(|((when, failure, pushback, asked, records), numbers)| {
        let (records_hedges, records_losers) = records;
        let (attempts, delay, most_out, percent) = numbers;
        HedgeConfig {
            attempts,
            when: [
                When::AfterDelay,
                When::AtPercentile,
                When::AtLastPeriodsPercentile,
                When::OnFailure,
            ][when],
            delay: Span::from_nanos(delay),
            percentile: Share::percent(percent),
            samples: 8,
            least_samples: 2,
            period: Span::from_nanos(100),
            records_hedges,
            records_losers,
            on_failure: [OnFailure::Next, OnFailure::Wait, OnFailure::End, OnFailure::Await]
                [failure],
            pushback: [Pushback::Obey, Pushback::AtOnce, Pushback::Ignore][pushback],
            asked: [Asked::WhenSent, Asked::WhenPlanned][asked],
            most_out,
            ..HedgeConfig::ours()
        }
    })
}

/// What happens next: how much later, to which call, what, to which attempt.
type Event = (u64, usize, u8, u8);

fn events() -> impl Strategy<Value = Vec<Event>> {
    proptest::collection::vec((0u64..40, 0usize..3, 0u8..9, 0u8..6), 1..150)
}

/// Three calls under one hedge.
struct World {
    hedge: Hedge,
    purse: Purse,
    calls: [HedgePlan; 3],
}

impl World {
    fn new(config: HedgeConfig, left: u32) -> World {
        let hedge = Hedge::new(config).expect("it is sound");
        World { hedge, purse: Purse { left, paid: 0 }, calls: [HedgePlan::default(); 3] }
    }

    /// What an event does; whether it began a call.
    fn happen(&mut self, now: Time, (_, which, what, nth): Event) -> (Step, bool) {
        let World { hedge, purse, calls } = self;
        // Whatever happens or does not, the hedge has heard what time it is.
        hedge.delay(now);
        let call = &mut calls[which];
        let wait = Some(Word::After(Span::from_nanos(u64::from(nth) * 5)));
        let answer = match what {
            0 | 1 => {
                let idle = call.is_over() || call.sent() == 0;
                return if idle {
                    (hedge.start(now, call, purse), true)
                } else {
                    Default::default()
                };
            }
            2 | 3 => return (hedge.wake(now, call, purse), false),
            4 => return (hedge.cancel(call), false),
            5 => Answer::Good,
            6 => Answer::Fatal,
            7 => Answer::NonFatal(if nth % 2 == 0 { wait } else { Some(Word::Never) }),
            _ => Answer::NonFatal(None),
        };
        (hedge.answered(now, call, nth, answer, purse), false)
    }
}

proptest! {
    #![proptest_config(crate::same_cases())]

    /// Never more attempts than may be, hedges only within the budget and the room; one end a call,
    /// nothing sent after it, and every open loser cancelled exactly once.
    #[test]
    fn a_call_has_its_bounds_and_one_end(
        config in config(), events in events(), left in 0u32..30,
    ) {
        let mut world = World::new(config, left);
        let (mut now, mut open, mut sent, mut over) = (0, [0u32; 3], [0u32; 3], [true; 3]);
        let mut hedges = 0;
        for event in events {
            now += event.0;
            let which = event.1;
            let was_open = world.calls[which].open();
            let answered = event.2 >= 5 && was_open.contains(event.3);
            let (step, began) = world.happen(Time::from_nanos(now), event);
            if began {
                (open[which], sent[which], over[which]) = (0, 0, false);
            }
            open[which] -= u32::from(answered);
            prop_assert!(!over[which] || step == Step::default(), "{:?} after the end", step);
            hedges += step.send.hedges().len();
            sent[which] += step.send.len();
            open[which] += step.send.len();
            prop_assert!(sent[which] <= config.attempts);
            if let Some(end) = step.end {
                prop_assert_eq!((step.cancel.len(), step.send.len()), (open[which], 0));
                // Or the hedge that was to make a failure good was not paid for.
                let alone = matches!(end, End::Failed(_)) && was_open.is_empty();
                prop_assert!(matches!(end, End::Cancelled) || answered || alone);
                (open[which], over[which]) = (0, true);
            } else {
                prop_assert!(step.cancel.is_empty());
                let due = world.calls[which].next_wakeup();
                prop_assert!(over[which] || open[which] > 0 || due.is_some());
            }
            let plan = &world.calls[which];
            let ended = over[which] && sent[which] > 0;
            prop_assert_eq!((plan.open().len(), plan.is_over()), (open[which], ended));
            let out: u32 = world.calls.iter().map(|call| call.open().hedges().len()).sum();
            prop_assert_eq!(world.hedge.out(), out);
            prop_assert!(config.most_out.is_none_or(|most| out <= most));
            match config.asked {
                Asked::WhenSent => prop_assert_eq!(hedges, world.purse.paid),
                Asked::WhenPlanned => prop_assert!(world.purse.paid <= left),
            }
        }
    }

    /// A call whose attempts all answer and which is woken when it asks to be has its end.
    #[test]
    fn every_call_ends(config in config(), answers in proptest::collection::vec(0u8..5, 64)) {
        let mut hedge = Hedge::new(config).expect("it is sound");
        let mut call = HedgePlan::default();
        let mut now = Time::ZERO;
        let _ = hedge.start(now, &mut call, &mut Free);
        for answer in answers {
            let waits = answer == 0 || call.open().is_empty();
            if let Some(due) = call.next_wakeup().filter(|_| waits) {
                now = due.max(now);
                let _ = hedge.wake(now, &mut call, &mut Free);
            } else if let Some(nth) = call.open().next() {
                let _ = hedge.answered(now, &mut call, nth, Answer::NonFatal(None), &mut Free);
            }
        }
        prop_assert!(call.is_over() && hedge.out() == 0);
    }

    /// Waking early does nothing, the same events have the same steps, and a step back in time is
    /// no step at all.
    #[test]
    fn steps_depend_on_nothing_else(
        config in config(), events in events(), left in 0u32..30,
        back in proptest::collection::vec(0u64..30, 150),
    ) {
        let mut worlds = [0; 3].map(|_| World::new(config, left));
        let (mut clock, mut latest) = (0u64, 0u64);
        for (&event, back) in events.iter().zip(&back) {
            clock = (clock + event.0).saturating_sub(*back);
            latest = latest.max(clock);
            let [one, other, stepping] = &mut worlds;
            let step = one.happen(Time::from_nanos(latest), event);
            for call in &mut other.calls {
                if call.next_wakeup().is_none_or(|due| due > Time::from_nanos(latest)) {
                    let now = Time::from_nanos(latest);
                    prop_assert_eq!(other.hedge.wake(now, call, &mut other.purse), Step::default());
                }
            }
            prop_assert_eq!(other.happen(Time::from_nanos(latest), event), step);
            prop_assert_eq!(stepping.happen(Time::from_nanos(clock), event), step);
            prop_assert_eq!(stepping.calls, one.calls);
        }
    }
}
