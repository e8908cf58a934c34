//! What an event costs as the system grows: stations side by side, each with the same load.
//!
//! The stations are replicas of one service. What grows is what is pending and what does not fit
//! into caches any more. A cost is marginal between a run and one that is longer, so that building
//! the system and filling it do not count. The costs are taken in turns, each number is the least
//! of all rounds, and what is printed in the end is their ratios to the smallest system, and the
//! most memory that the whole bench took, which is that of the largest one.
//! `cargo bench -p brownout --bench stations`, with the number of rounds after `--` if 5 are not
//! right.

mod measure;

use brownout_core::random::Seed;
use measure::{Least, System};

/// A number of stations, and what the ratio of its cost to the smallest's must and should be at
/// most.
struct Size {
    stations: u32,
    must: f64,
    goal: f64,
}

const SIZES: [Size; 3] = [
    Size { stations: 10, must: 1.0, goal: 1.0 },
    Size { stations: 10_000, must: 2.5, goal: 1.5 },
    Size { stations: 1_000_000, must: 8.0, goal: 4.0 },
];

/// A million replicas fit into so much.
const MIB_MAX: f64 = 2048.0;

/// Arrivals per second and station; work takes a second on average.
const RATE_PER_S: f64 = 0.7;
/// Arrivals before the measured ones: some two at each station where there are most.
const ARRIVALS_BEFORE: f64 = 2e6;
/// Arrivals that are measured.
const ARRIVALS: f64 = 1e6;

/// So many stations, until so many have come.
fn side_by_side(stations: u32, arrivals: f64) -> System {
    let rate_per_s = RATE_PER_S * f64::from(stations);
    let text = format!(
        r#"Experiment(
            run: (time: "{:.3}s", seed: 1),
            load: [Poisson(to: "station", rate: "{rate_per_s}/s")],
            services: {{
                "station": (replicas: {stations}, balance: Random, workers: 1, queue: Unbounded,
                            work: Exp(mean: "1s")),
            }},
        )"#,
        arrivals / rate_per_s,
    );
    System::read("stations", &text)
}

fn main() {
    let rounds = measure::rounds(5);
    println!("least of {rounds} rounds in turns; ns per effective event; ratio to 10 stations");
    let systems = SIZES.map(|Size { stations, .. }| {
        [ARRIVALS_BEFORE, ARRIVALS_BEFORE + ARRIVALS]
            .map(|arrivals| side_by_side(stations, arrivals))
    });
    let mut least = [[Least::NONE; 2]; SIZES.len()];
    for _ in 0..rounds {
        for (pair, least) in systems.iter().zip(&mut least) {
            for (system, least) in pair.iter().zip(least) {
                least.add(system.timed(Seed::new(1)));
            }
        }
    }
    let per_event = least.map(|[short, long]| short.marginal(&long));
    for (Size { stations, must, goal }, cost) in SIZES.iter().zip(per_event) {
        let ratio = cost / per_event[0];
        println!(
            "{stations:>9} stations {cost:6.1}   ratio {ratio:5.2}   must ≤ {must}, goal ≤ {goal}"
        );
    }
    if let Some(mib) = measure::peak_mib() {
        println!("at most {mib:.0} MiB resident   must ≤ {MIB_MAX}");
    }
}
