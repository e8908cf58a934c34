//! W1 by hand: one server, one queue, Poisson arrivals, exponential work.

use super::{Counts, Names, Pending, due, payload};
use brownout_core::Span;
use brownout_core::dist::{Dist, UnitExp};
use brownout_core::random::{Seed, name_hash};
use brownout_topologies::source::request_lineage;
use std::collections::VecDeque;

/// Arrivals per second.
pub(crate) const RATE_PER_S: f64 = 0.9;
/// Mean service time.
pub(crate) const WORK_NS: f64 = 1e9;

const ARRIVAL: u32 = 0;
const DONE: u32 = 1;

/// Runs until `end_ns`.
pub(crate) fn run(seed: Seed, names: &Names, end_ns: u64) -> Counts {
    let mut arrivals = seed.stream(&format!("arrivals {}", names.load)).draws(0);
    let (unit, work) = (UnitExp::new(), Dist::exp(WORK_NS).sampler());
    let works = seed.stream(&format!("work {} 0", names.services[0]));
    let (name, mut pending, mut counts) =
        (name_hash(&names.load), Pending::default(), Counts::default());
    let mut gap = move || Span::round(unit.sample(&mut arrivals) / RATE_PER_S * 1e9).nanos();
    let time = |lineage| Span::round(work.sample(&mut works.draws(lineage), 0)).nanos();
    let mut waiting: VecDeque<(u64, u64)> = VecDeque::new();
    let mut in_service: Option<u64> = None;
    pending.push(gap(), ARRIVAL);
    while let Some(key) = pending.heap.pop() {
        let now = due(key.0);
        if now >= end_ns {
            break;
        }
        counts.events += 1;
        if payload(key.0) == ARRIVAL {
            let lineage = request_lineage(name, 0, counts.requests);
            counts.requests += 1;
            pending.push(now + gap(), ARRIVAL);
            if in_service.is_some() {
                waiting.push_back((now, lineage));
            } else {
                in_service = Some(now);
                pending.push(now + time(lineage), DONE);
            }
        } else {
            let arrived = in_service.take().expect("work that is done was begun");
            counts.successes += 1;
            counts.latency_ns += u128::from(now - arrived);
            if let Some((arrived, lineage)) = waiting.pop_front() {
                in_service = Some(arrived);
                pending.push(now + time(lineage), DONE);
            }
        }
    }
    counts.attempts = counts.requests;
    counts
}
