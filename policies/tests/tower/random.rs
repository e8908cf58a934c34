//! Random stacks, random calls: both ways to drive the machine are one.

use crate::crew::by_tower;
use crate::outside::{Reply, Scripted, effects, without_the_last_moment};
use crate::reference::by_queue;
use crate::{ms, stacks};
use brownout_policies::outcome::{Done, ErrorKind, Outcome, Seen};
use brownout_policies::stack::{Layer, Stack};
use brownout_policies::tower::InFlight;
use proptest::collection::vec;
use proptest::prelude::*;

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        4 => Just(Outcome::OK),
        1 => Just(Outcome::REFUSED),
        1 => Just(Outcome::RESET),
        1 => Just(Outcome::error(ErrorKind::Failed, Done::Unknown)),
        1 => Just(Outcome::error(ErrorKind::Fatal, Done::Nothing)),
        1 => Just(Outcome::error(ErrorKind::Throttled, Done::Nothing)),
        1 => (0u64..50).prop_map(|wish| {
            let shed = Outcome::new(Seen::Error(ErrorKind::Shed), Done::Nothing);
            shed.with_retry_after(ms(wish))
        }),
    ]
}

pub(crate) fn script() -> impl Strategy<Value = Vec<Scripted>> {
    let reply = (1u64..150, outcome()).prop_map(|(after, outcome)| Reply { after, outcome });
    let replies = vec(proptest::option::weighted(0.9, reply), 1..5);
    let patience = proptest::option::weighted(0.1, 1u64..100);
    let call = (0u64..120, replies, patience);
    vec(call.prop_map(|(at, replies, patience)| Scripted { at, replies, patience }), 1..14)
}

pub(crate) fn layers() -> impl Strategy<Value = Vec<Layer>> {
    vec(stacks::layer(), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..crate::same_cases() })]

    /// Every decision is the same, at the same moment and in the same order; what is seen from
    /// outside is what was decided; and nothing is left at the end.
    #[test]
    fn tokio_and_a_queue_drive_the_machine_alike(
        layers in layers(),
        script in script(),
        key in any::<u64>(),
    ) {
        let stack = Stack { layers };
        let decided = by_queue(&stack, key, script.clone());
        let calls = script.len();
        let told = by_tower(&stack, key, script, None);
        prop_assert_eq!(&told.events, &decided);
        let seen = [told.effects, effects(calls, &decided)].map(without_the_last_moment);
        prop_assert_eq!(&seen[0], &seen[1]);
        prop_assert_eq!((told.in_flight, told.out), (InFlight::default(), 0));
    }
}
