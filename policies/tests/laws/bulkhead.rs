//! Bulkheads.

use brownout_policies::bulkhead::{Bulkhead, BulkheadConfig, Entry};
use brownout_policies::{Span, Time};
use proptest::prelude::*;

proptest! {
    #![proptest_config(crate::same_cases())]

    /// Never more inside than there are places, never more waiting than may, and nobody is lost.
    #[test]
    fn its_bounds_hold(
        places in 1u32..5,
        queue in 1u32..5,
        steps in proptest::collection::vec((0u8..3, 0u64..20), 1..200),
    ) {
        let longest_wait = Span::from_nanos(50);
        let config = BulkheadConfig { places, queue: Some(queue), longest_wait };
        let mut bulkhead = Bulkhead::new(config).expect("it is sound");
        let (mut now, mut inside, mut waiting) = (0, Vec::new(), 0);
        for (who, (what, passed)) in steps.into_iter().enumerate() {
            now += passed;
            let at = Time::from_nanos(now);
            while bulkhead.expired(at).is_some() {
                waiting -= 1;
            }
            if what < 2 {
                match bulkhead.enter(at, who as u64) {
                    Entry::Inside(permit) => inside.push(permit),
                    Entry::Waiting { .. } => waiting += 1,
                    Entry::Refused(_) => {}
                }
            } else if let Some(permit) = inside.pop() {
                bulkhead.leave(permit);
            }
            while let Some((_, permit)) = bulkhead.next(at) {
                waiting -= 1;
                inside.push(permit);
            }
            prop_assert!(bulkhead.inside() <= places && bulkhead.waiting() <= queue);
            prop_assert_eq!(bulkhead.inside() as usize, inside.len());
            prop_assert_eq!(bulkhead.waiting(), waiting);
        }
    }
}
