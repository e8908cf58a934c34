//! tight loops
use brownout_core::dist::{Dist, UnitExp};
use brownout_core::draw::mix;
use brownout_core::random::{Seed, name_hash};
use brownout_core::Span;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Instant;

fn w1(n: u64) -> (u64, f64) {
    let seed = Seed::new(1);
    let mut arr = seed.stream("arrivals l").draws(0);
    let unit = UnitExp::new();
    let work = Dist::exp(1e9).sampler();
    let ws = seed.stream("work a 0");
    let mut heap: BinaryHeap<Reverse<u128>> = BinaryHeap::new();
    let mut q: VecDeque<(u64, u64)> = VecDeque::new();
    let mut now;
    let mut seq = 0u64;
    let key = |t: u64, seq: u64, kind: u64| (t as u128) << 64 | (seq << 1 | kind) as u128;
    heap.push(Reverse(key((unit.sample(&mut arr) / 0.9 * 1e9) as u64, seq, 0)));
    let (mut arrived, mut events, mut sum) = (0u64, 0u64, 0u128);
    let name = name_hash("l");
    let mut busy = false;
    let mut cur = 0u64;
    while let Some(Reverse(k)) = heap.pop() {
        now = (k >> 64) as u64;
        events += 1;
        if k & 1 == 0 {
            let lin = mix(name, arrived);
            arrived += 1;
            if arrived < n {
                seq += 1;
                heap.push(Reverse(key(now + (unit.sample(&mut arr) / 0.9 * 1e9) as u64, seq, 0)));
            }
            if busy {
                q.push_back((now, lin));
            } else {
                busy = true;
                cur = now;
                seq += 1;
                heap.push(Reverse(key(now + Span::round(work.sample(&mut ws.draws(lin), 0)).nanos(), seq, 1)));
            }
        } else {
            sum += (now - cur) as u128;
            if let Some((a, lin)) = q.pop_front() {
                cur = a;
                seq += 1;
                heap.push(Reverse(key(now + Span::round(work.sample(&mut ws.draws(lin), 0)).nanos(), seq, 1)));
            } else {
                busy = false;
            }
        }
    }
    (events, sum as f64 / n as f64 / 1e9)
}
fn main() {
    let mut best = f64::MAX;
    let mut r = (0, 0.0);
    for _ in 0..(if std::env::args().count() > 1 { 1 } else { 7 }) {
        let t = Instant::now();
        r = w1(if std::env::args().count() > 1 { 50_000 } else { 1_000_000 });
        best = best.min(t.elapsed().as_secs_f64());
    }
    println!("tight W1 {:.1} ms {:.1} ns/event mean {}", best * 1e3, best * 1e9 / r.0 as f64, r.1);
}
