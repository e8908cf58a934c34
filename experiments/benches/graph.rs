//! What an event costs in a large graph: W2's chain of three services 334 times side by side, each
//! service with ten replicas of one worker, and a hundred thousand requests a second in all.
//!
//! Work and the callers' policies are W2's; nothing fails. What is in no cache any more are the
//! replicas, the requests under way and what is counted of each service. The cost is marginal
//! between a run and one that is longer, so that building the system and filling it do not count;
//! beside it stands what an event of W2 costs, measured in turns. Each number is the least of all
//! rounds. `cargo bench -p brownout --bench graph`, with the number of rounds after `--` if 5 are
//! not right.

mod measure;

use brownout_core::random::Seed;
use measure::{Least, System};
use std::fmt::Write;

/// Chains of three services.
const CHAINS: u32 = 334;
/// Requests per second and chain.
const RATE_PER_S: u32 = 300;
/// What an event costs at most, in events of W2.
const MUST: f64 = 2.5;

/// The graph, run for so many seconds.
fn thousand_services(secs: u32) -> System {
    let (mut loads, mut services) = (String::new(), String::new());
    for chain in 0..CHAINS {
        writeln!(
            loads,
            r#"Poisson(to: "a{chain}", rate: "{RATE_PER_S}/s", name: "l{chain}", with: "client"),"#
        )
        .expect("text takes all");
        for (name, next) in [("a", Some("b")), ("b", Some("c")), ("c", None)] {
            let calls = next.map_or(String::new(), |next| format!("(to: \"{next}{chain}\")"));
            writeln!(
                services,
                r#""{name}{chain}": (replicas: 10, workers: 1, queue: Unbounded,
                    while_calling: Released, work: Exp(mean: "10ms"), calls: [{calls}]),"#
            )
            .expect("text takes all");
        }
    }
    let text = format!(
        r#"Experiment(
            run: (time: "{secs}s", seed: 1),
            load: [{loads}],
            services: {{{services}}},
            policies: {{"client": [
                Retry(times: 3, wait: Exponential(from: "100ms", cap: "10s", jitter: Full)),
                Timeout("500ms"),
            ]}},
        )"#
    );
    System::read("graph", &text)
}

fn main() {
    let rounds = measure::rounds(5);
    println!("least of {rounds} rounds in turns; ns per effective event; ratio to W2");
    let (w2, short, long) = (System::shipped("w2"), thousand_services(5), thousand_services(15));
    let mut least = [Least::NONE; 3];
    for _ in 0..rounds {
        for (system, least) in [&w2, &short, &long].into_iter().zip(&mut least) {
            least.add(system.timed(Seed::new(1)));
        }
    }
    let [w2, short, long] = least;
    let (one, cost) = (w2.per_event(), short.marginal(&long));
    println!(
        "w2 {one:6.1}   {} services of 10 replicas {cost:6.1}   ratio {:5.2}   must ≤ {MUST}",
        CHAINS * 3,
        cost / one,
    );
}
