//! Group c of the oracle, continued: a shared server whose callers wait for drawn times, its two
//! states, and the ways from one to the other.

use crate::harness::{Score, exact, is};
use crate::heard::named;
use brownout_core::Time;
use brownout_core::random::Seed;
use brownout_policies::math::powi;
use brownout_tests::parse;
use brownout_topologies::graph::{Graph, ServiceId};
use brownout_topologies::ledger::{AtInlet, Plan, Row, Sink};
use brownout_topologies::run::listen;

/// A server that shares ten units of work a second among all in it, at most so many. Whoever has
/// waited for its own exponential time sends another attempt with a probability, and nobody stops
/// the one before. So the number of attempts of a call is geometric; it is drawn before the first.
struct Shared {
    rate: f64,
    most: u32,
    timeout: &'static str,
    again: f64,
}

const STORM: Shared = Shared { rate: 5.0, most: 80, timeout: "2.5s", again: 0.9 };
const CALM: Shared = Shared { rate: 8.0, most: 60, timeout: "2s", again: 0.0 };

impl Shared {
    /// An experiment that lasts so long, with one more load or none.
    fn text(&self, time: u32, runs: u32, load: &str) -> String {
        const DRAWN: u32 = 80;
        let &Shared { rate, most, timeout, again } = self;
        let way = |times: u32| {
            let retry = format!("Retry(times: {times}, wait: \"0s\", on: [TimedOut])");
            format!("[Call(to: \"q\", with: [{retry}, Timeout(Exp(mean: \"{timeout}\"))])]")
        };
        let share = |times: u32| (1.0 - again) * powi(again, times);
        let few = (0..DRAWN).map(|times| (share(times), way(times)));
        // What is left of the geometric distribution goes on for as long again as that does.
        let many = (powi(again, DRAWN), way(DRAWN + 10));
        let ways = few.chain([many]).filter(|(share, _)| *share > 0.0);
        let ways: Vec<String> = ways.map(|(share, way)| format!("({share}, {way})")).collect();
        format!(
            "Experiment(
                name: \"shared\",
                run: (time: \"{time}s\", warmup: \"{}s\", seed: 26, runs: {runs}),
                load: [Poisson(to: \"callers\", rate: \"{rate}/s\"), {load}],
                services: {{
                    \"callers\": (workers: Unlimited, endpoints: {{
                        \"call\": [Choice([{}])],
                    }}),
                    \"q\": (workers: 1, serving: ProcessorSharing(most: {most}),
                        queue: Fifo(limit: 0), work: Exp(mean: \"100ms\")),
                }},
            )",
            time / 20,
            ways.join(", "),
        )
    }

    /// Nobody but those whose callers have left already, as many as there is room for.
    fn dead(&self) -> String {
        format!("AtOnce(to: \"q\", at: \"0s\", count: {}, patience: \"1ns\")", self.most)
    }
}

#[test]
fn retries_after_drawn_timeouts_hold_a_shared_server_in_two_states() {
    let mut score = Score::default();
    for (id, shared, time) in [("C26", STORM, 200_000), ("C28", CALM, 100_000)] {
        let level = exact(id, "level");
        let above = format!("P(in_system(q) >= {level})");
        let below = format!("P(in_system(q) < {})", level / 2.0);
        let checks = [
            is("goodput", "goodput(callers)"),
            is("mean_in_server", "in_system(q)"),
            is("prob_ge_level", &above),
            is("prob_below_half_level", &below),
            is("utilization", "utilisation(q)"),
        ];
        score.case(id, &shared.text(time, 20, ""), &checks);
    }
    score.finish();
}

/// Hears how many are in a service.
struct Level<'l> {
    service: ServiceId,
    number: u32,
    is_there: &'l dyn Fn(u32) -> bool,
    /// When they were first so many, after the first moment.
    first: Option<Time>,
}

impl Sink for Level<'_> {
    fn row(&mut self, at: Time, row: &Row<'_>) {
        match *row {
            Row::AtInlet { service, what: AtInlet::Seated { .. }, .. }
                if service == self.service =>
            {
                self.number += 1;
            }
            Row::Left { service, .. } if service == self.service => self.number -= 1,
            _ => return,
        }
        if self.first.is_none() && at > Time::ZERO && (self.is_there)(self.number) {
            self.first = Some(at);
        }
    }
}

/// When there are first so many at `q`, in seconds. A run is made longer until they are: it begins
/// as before.
fn passage(graph: &mut Graph, seed: Seed, is_there: &dyn Fn(u32) -> bool) -> f64 {
    let service = named(graph, "q");
    loop {
        let mut level = Level { service, number: 0, is_there, first: None };
        let finished = listen(graph, seed, &Plan::default(), &mut level);
        finished.unwrap_or_else(|error| panic!("{error}"));
        match level.first {
            Some(first) => return first.as_secs(),
            None => graph.time = graph.time.saturating_mul(2),
        }
    }
}

/// Passages of so many runs, each of which is tried with this length first.
fn passages(text: &str, runs: u32, is_there: impl Fn(u32) -> bool) -> Vec<f64> {
    let experiment = parse(text);
    let passage = |replication| {
        let mut graph = experiment.variants[0].graph.clone();
        passage(&mut graph, Seed { seed: experiment.seed, replication }, &is_there)
    };
    (0..runs).map(passage).collect()
}

#[test]
fn it_takes_its_time_from_one_state_to_the_other() {
    let mut score = Score::default();
    for (id, shared, rise, fall) in
        [("C26", STORM, (4_000, 80), (1_000, 120)), ("C28", CALM, (12_000, 40), (20, 2_000))]
    {
        let level = exact(id, "level");
        let name = "mean_time_empty_to_level";
        let (time, runs) = rise;
        let rises = passages(&shared.text(time, 1, ""), runs, |number| f64::from(number) >= level);
        score.check(&format!("{id} {name}"), &rises, exact(id, name));
        let name = "mean_time_full_zombie_to_le2";
        let (time, runs) = fall;
        let falls = passages(&shared.text(time, 1, &shared.dead()), runs, |number| number <= 2);
        score.check(&format!("{id} {name}"), &falls, exact(id, name));
    }
    score.finish();
}
