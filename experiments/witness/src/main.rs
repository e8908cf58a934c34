//! Prints what Brownout and the other simulators count in W2, and how long each takes.
//!
//! Arguments are seeds; without any, 1, 2 and 3. Exits 1 if any count differs.

use brownout_core::random::Seed;
use brownout_witness::in_brownout::Ready;
use brownout_witness::{Counts, Draw, in_descartes, in_nexosim, in_simcore};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Runs of each per seed, taken in turns; the shortest counts.
const ROUNDS: u32 = 5;

/// Another simulator.
struct Witness {
    name: &'static str,
    run: fn(&Draw) -> Counts,
    /// How many times as fast Brownout has to be.
    target: f64,
}

const WITNESSES: [Witness; 4] = [
    Witness { name: "nexosim", run: in_nexosim::run, target: 6.0 },
    Witness { name: "descartes", run: in_descartes::run, target: 4.0 },
    Witness { name: "simcore", run: in_simcore::run, target: 3.0 },
    Witness { name: "… ordered", run: in_simcore::run_ordered, target: 3.0 },
];

fn main() -> ExitCode {
    let seeds: Result<Vec<u64>, _> = std::env::args().skip(1).map(|word| word.parse()).collect();
    let seeds = match seeds {
        Ok(seeds) if seeds.is_empty() => vec![1, 2, 3],
        Ok(seeds) => seeds,
        Err(error) => {
            eprintln!("arguments are seeds, whole numbers from 0: {error}");
            return ExitCode::from(2);
        }
    };
    let ready = match Ready::read() {
        Ok(ready) => ready,
        Err(problems) => {
            eprintln!("{problems}");
            return ExitCode::from(3);
        }
    };
    println!(
        "{:>6} {:<10}{:>9}{:>10}{:>10}{:>11}{:>10}{:>18}{:>10}{:>10}  Brownout is",
        "seed",
        "",
        "requests",
        "attempts",
        "successes",
        "timeouts",
        "events",
        "Σ latency, ns",
        "ms",
        "ns/event"
    );
    let same: Vec<bool> = seeds.iter().map(|seed| compare(&ready, Seed::new(*seed))).collect();
    match same.iter().filter(|same| !**same).count() {
        0 => {
            println!("all counts are equal");
            ExitCode::SUCCESS
        }
        differ => {
            println!("counts differ for {differ} of {} seeds", seeds.len());
            ExitCode::FAILURE
        }
    }
}

/// Prints a line for each simulator; whether all counted the same.
fn compare(ready: &Ready, seed: Seed) -> bool {
    let draw = ready.draw(seed);
    let (expected, digest) = ready.count(seed);
    assert_eq!(ready.run(seed), digest, "a listener changes nothing");
    let found = WITNESSES.map(|witness| (witness.run)(&draw));
    let mut own = Duration::MAX;
    let mut others = WITNESSES.map(|_| Duration::MAX);
    for _ in 0..ROUNDS {
        own = own.min(timed(|| ready.run(seed)));
        for (shortest, witness) in others.iter_mut().zip(&WITNESSES) {
            *shortest = (*shortest).min(timed(|| (witness.run)(&draw)));
        }
    }
    println!("{}", line(seed, "brownout", &expected, own));
    for ((witness, counts), took) in WITNESSES.iter().zip(&found).zip(others) {
        let ratio = took.as_secs_f64() / own.as_secs_f64();
        let verdict = if *counts == expected { "" } else { "  DIFFERS" };
        let line = line(seed, witness.name, counts, took);
        println!("{line}  {ratio:.1}× as fast (target {}×){verdict}", witness.target);
    }
    found.iter().all(|counts| *counts == expected)
}

fn line(seed: Seed, name: &str, counts: &Counts, took: Duration) -> String {
    let Counts { events, requests, attempts, successes, timeouts, latency_ns } = counts;
    let ms = took.as_secs_f64() * 1e3;
    let per_event = took.as_secs_f64() * 1e9 / *events as f64;
    format!(
        "{:>6} {name:<10}{requests:>9}{attempts:>10}{successes:>10}{timeouts:>11}{events:>10}\
         {latency_ns:>18}{ms:>10.1}{per_event:>10.1}",
        seed.seed
    )
}

/// How long a run takes.
fn timed<T>(run: impl FnOnce() -> T) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "the run is timed from outside")]
    let start = Instant::now();
    black_box(run());
    start.elapsed()
}
