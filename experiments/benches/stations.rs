//! What an event costs as the system grows: stations side by side, each with the same load.
//!
//! The stations are replicas of one service. What grows is what is pending and what does not fit
//! into caches any more. A cost is marginal between a run and one that is longer, so that building
//! the system and filling it do not count. The costs are taken in turns, each number is the least
//! of all rounds, and what is printed in the end is their ratios to the smallest system.
//! `cargo bench -p brownout --bench stations`, with the number of rounds after `--` if 5 are not
//! right.

use brownout::runner::question::Questions;
use brownout::spec::{LoadOptions, load};
use brownout_core::random::Seed;
use brownout_topologies::run::run;
use std::hint::black_box;
use std::time::Instant;

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

/// Arrivals per second and station; work takes a second on average.
const RATE_PER_S: f64 = 0.7;
/// Arrivals before the measured ones: some two at each station where there are most.
const ARRIVALS_BEFORE: f64 = 2e6;
/// Arrivals that are measured.
const ARRIVALS: f64 = 1e6;

/// Seconds that a run of so many arrivals takes, and its events.
#[expect(clippy::disallowed_methods, reason = "a bench has a clock; what it measures has none")]
fn timed(stations: u32, arrivals: f64) -> (f64, u64) {
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
    let read = |path: &str| Err(format!("there is no file {path}"));
    let options =
        LoadOptions { file_name: "stations.ron".to_owned(), sets: Vec::new(), read: &read };
    let experiment = load(&text, &options).unwrap_or_else(|all| panic!("{}", all.render(false)));
    let plan = Questions::of(&experiment).plan(0);
    let begun = Instant::now();
    let finished = black_box(run(&experiment.variants[0].graph, Seed::new(1), &plan));
    let took = begun.elapsed().as_secs_f64();
    (took, finished.unwrap_or_else(|error| panic!("{error}")).events())
}

fn main() {
    let rounds = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(5).max(1);
    println!("least of {rounds} rounds in turns; ns per effective event; ratio to 10 stations");
    let mut short = [(f64::MAX, 0); SIZES.len()];
    let mut long = short;
    for _ in 0..rounds {
        for (place, size) in SIZES.iter().enumerate() {
            for (arrivals, least) in
                [(ARRIVALS_BEFORE, &mut short), (ARRIVALS_BEFORE + ARRIVALS, &mut long)]
            {
                let (took, events) = timed(size.stations, arrivals);
                least[place] = (took.min(least[place].0), events);
            }
        }
    }
    let per_event = |place: usize| {
        (long[place].0 - short[place].0) * 1e9 / (long[place].1 - short[place].1) as f64
    };
    for (place, Size { stations, must, goal }) in SIZES.iter().enumerate() {
        let ratio = per_event(place) / per_event(0);
        println!(
            "{stations:>9} stations {:6.1}   ratio {ratio:5.2}   must ≤ {must}, goal ≤ {goal}",
            per_event(place),
        );
    }
}
