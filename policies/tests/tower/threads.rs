//! Many threads at one stack: no call waits for ever, and no bound is exceeded.

use crate::stacks::{breaker, bulkhead, retry};
use brownout_policies::stack::Stack;
use brownout_policies::tower::{Cloned, InFlight, StackLayer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tower::{Layer, ServiceExt, service_fn};

#[test]
fn on_many_threads_everyone_in_line_has_his_turn_and_two_places_are_two() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .expect("a runtime can be built");
    let layers = vec![retry(3, 0), breaker(1_000_000, 50), bulkhead(2, 60_000)];
    let queue_is_long_enough = 3;
    runtime.block_on(async move {
        let layer = StackLayer::new(&Stack { layers }, Cloned).expect("the stack is sound");
        let inside = Arc::new(AtomicU32::new(0));
        let most = Arc::new(AtomicU32::new(0));
        let (now_inside, most_inside) = (Arc::clone(&inside), Arc::clone(&most));
        let service = layer.layer(service_fn(move |call: u32| {
            let (inside, most) = (Arc::clone(&now_inside), Arc::clone(&most_inside));
            async move {
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                for _ in 0..call % 3 {
                    tokio::task::yield_now().await;
                }
                inside.fetch_sub(1, Ordering::SeqCst);
                Ok::<u32, ()>(call)
            }
        }));
        let mut tasks = tokio::task::JoinSet::new();
        for line in 0..2 + queue_is_long_enough {
            let service = service.clone();
            tasks.spawn(async move {
                for nth in 0..2_000 {
                    let call = line * 10_000 + nth;
                    assert_eq!(service.clone().oneshot(call).await, Ok(call));
                }
            });
        }
        while let Some(end) = tasks.join_next().await {
            end.expect("no task panics");
        }
        assert_eq!(most.load(Ordering::SeqCst), 2);
        assert_eq!(layer.in_flight(), InFlight::default());
    });
}
