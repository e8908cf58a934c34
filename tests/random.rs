//! Systems nobody thought of: random graphs, policies, loads and faults, written as files.
//!
//! Whatever they are, every run balances its books (`run` refuses to answer otherwise), ends when
//! it is to end, and ends empty when nobody asks any more; it is the same twice, and neither a
//! fault that never begins nor a policy that never acts changes what happens.

mod keeping;

use brownout::experiment::Experiment;
use brownout_core::digest::Digest;
use brownout_core::heap::Binary;
use brownout_core::random::Seed;
use brownout_core::{Span, Time};
use brownout_policies::call::Shared;
use brownout_tests::parse;
use brownout_topologies::ledger::Plan;
use brownout_topologies::ledger::row::{Row, Sink};
use brownout_topologies::run::{RunOptions, listen, look, run, run_with};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// What a random system is made of; each part is text of an experiment.
#[derive(Debug, Clone)]
struct System {
    /// Of each service all but its calls, and which of those after it are called, how.
    services: Vec<(String, Vec<(usize, usize)>)>,
    /// The layers of three stacks.
    stacks: [Vec<String>; 3],
    loads: Vec<String>,
    faults: Vec<String>,
    /// A line about links, or none.
    network: String,
}

/// Whoever asked for four seconds has long been answered or has given up by then.
const TIME: &str = "4h";

impl System {
    /// The file, with more faults, and with more layers outside or inside those of every stack.
    fn text(&self, faults: &[&str], outside: &[&str], inside: &[&str]) -> String {
        let number = self.services.len();
        let called = |from: usize, calls: &[(usize, usize)]| {
            let calls = calls.iter().map(|&(step, stack)| {
                let to = from + 1 + step % (number - from - 1).max(1);
                format!("(to: \"s{to}\", with: \"p{stack}\")")
            });
            let calls: Vec<String> = if from + 1 == number { Vec::new() } else { calls.collect() };
            calls.join(", ")
        };
        let services = self.services.iter().enumerate().map(|(at, (rest, calls))| {
            format!("        \"s{at}\": ({rest}, calls: [{}]),\n", called(at, calls))
        });
        let stacks = self.stacks.iter().enumerate().map(|(at, layers)| {
            let own = layers.iter().map(String::as_str);
            let all = outside.iter().copied().chain(own).chain(inside.iter().copied());
            format!("\"p{at}\": [{}]", all.collect::<Vec<_>>().join(", "))
        });
        let own = self.faults.iter().map(String::as_str);
        format!(
            "Experiment(
    name: \"random\",
    run: (time: \"{TIME}\", seed: 1, runs: 1),
    load: [{}],
    services: {{\n{}    }},
    policies: {{ {} }},
    faults: [{}],{}
)",
            self.loads.join(", "),
            services.collect::<String>(),
            stacks.collect::<Vec<_>>().join(", "),
            own.chain(faults.iter().copied()).collect::<Vec<_>>().join(", "),
            self.network,
        )
    }
}

/// One of these.
fn any_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(texts).prop_map(str::to_owned)
}

const QUEUES: &[&str] = &[
    "queue: Fifo(limit: 20)",
    "queue: Fifo(limit: 2)",
    "queue: Unbounded",
    "queue: Lifo(limit: 30)",
    "queue: AdaptiveLifo(limit: 50)",
    "queue: CoDel(limit: 40)",
    "queue: EarliestDeadline(limit: 25)",
    "queue: Fifo(limit: 20), queue_timeout: \"40ms\"",
    "queue: Fifo(limit: 10), serving: ProcessorSharing",
];
const WORK: &[&str] = &[
    "work: Const(\"3ms\")",
    "work: Exp(mean: \"10ms\")",
    "work: LogNormal(p50: \"8ms\", p99: \"60ms\")",
    "work: Uniform(from: \"1ms\", to: \"20ms\")",
];
const MANNERS: &[&str] = &[
    "while_calling: Held",
    "while_calling: Released",
    "on_cancel: (queued: Remove, in_service: Stop)",
    "on_cancel: (queued: Remove, in_service: Keep), while_calling: Released",
    "admission: [Bulkhead(places: 6)]",
    "admission: [RateLimit(permits: 80, burst: 10)], while_calling: Released",
    "balance: LeastRequest, replicas: 3",
    "balance: PeakEwma, replicas: 2, on_cancel: (queued: Remove, in_service: Stop)",
];
const LAYERS: &[&str] = &[
    "Timeout(\"80ms\")",
    "Timeout(\"400ms\")",
    "Timeout(Exp(mean: \"90ms\"))",
    "Retry(times: 2)",
    "Retry(times: 1, wait: Exponential(from: \"20ms\", cap: \"1s\", jitter: Full))",
    "Retry(times: 3, wait: \"10ms\", budget: Ratio(share: \"20%\"))",
    "Retry(times: 2, budget: Budget(like: Grpc), deadline_aware: false)",
    "Hedge(after: \"15ms\")",
    "Hedge(after: \"p90\", extra: 2, budget: Ratio(share: \"10%\"))",
    "Breaker(min_calls: 8, open: \"300ms\")",
    "Breaker(like: Resilience4j, min_calls: 10, open: \"200ms\")",
    "RateLimit(permits: 60, burst: 5, longest_wait: \"30ms\")",
    "Bulkhead(places: 5, longest_wait: \"20ms\")",
    "Concurrency(like: Vegas)",
    "Throttle(like: Sre)",
    "AdaptiveRate",
    "Fallback",
];
const LOADS: &[&str] = &[
    "Poisson(to: \"s0\", rate: Steps([(\"0s\", \"50/s\"), (\"4s\", \"0/s\")]))",
    "Poisson(to: \"s0\", with: \"p0\", rate: Steps([(\"0s\", \"30/s\"), (\"2s\", \"90/s\"), (\"4s\", \"0/s\")]))",
    "Steady(to: \"s0\", with: \"p1\", rate: Steps([(\"0s\", \"40/s\"), (\"4s\", \"0/s\")]))",
    "AtOnce(to: \"s0\", at: \"2s\", count: 60)",
];
const FAULTS: &[&str] = &[
    "Slow(service: \"s1\", by: 10, at: \"1s\", lasts: \"1s\")",
    "Slow(service: \"s0\", by: 4, at: \"1500ms\", lasts: \"2s\", ramp: \"500ms\")",
    "Stall(service: \"s1\", at: \"1200ms\", lasts: \"800ms\")",
    "Crash(service: \"s0\", replica: 0, at: \"2s\", lasts: \"700ms\")",
    "Crash(service: \"s1\", at: \"1s\", lasts: \"300ms\", queue: Kept)",
    "Errors(service: \"s1\", ratio: 0.4, at: \"500ms\", lasts: \"2s\")",
    "Errors(service: \"s0\", ratio: 0.2, when: AfterWork, at: \"1s\", lasts: \"1s\")",
    "Capacity(service: \"s1\", to: \"30%\", at: \"1s\", lasts: \"2s\")",
    "Breakdowns(service: \"s1\", mode: Worker, mtbf: \"300ms\", mttr: \"100ms\", lasts: \"4s\")",
    "Breakdowns(service: \"s0\", mode: Worker(in_service: Lost), mtbf: \"200ms\", mttr: \"200ms\", \
                lasts: \"4s\")",
];

/// How requests and answers travel: in no time, always as long, or one may overtake another.
const NETWORKS: &[&str] = &[
    "",
    "",
    "\n    network: (latency: \"1ms\"),",
    "\n    network: (latency: Exp(mean: \"5ms\")),",
];

fn system() -> impl Strategy<Value = System> {
    let calls = proptest::collection::vec((0usize..4, 0usize..3), 0..3);
    let service = (1u32..7, any_of(QUEUES), any_of(WORK), any_of(MANNERS), calls).prop_map(
        |(workers, queue, work, manner, calls)| {
            (format!("workers: {workers}, {queue}, {work}, {manner}"), calls)
        },
    );
    let stack = || proptest::collection::vec(any_of(LAYERS), 0..4);
    let services = proptest::collection::vec(service, 2..6);
    let (loads, faults, network) = (
        proptest::collection::vec(any_of(LOADS), 1..3),
        proptest::collection::vec(any_of(FAULTS), 0..4),
        any_of(NETWORKS),
    );
    (services, stack(), stack(), stack(), loads, faults, network).prop_map(
        |(services, a, b, c, loads, faults, network)| {
            let stacks = [a, b, c];
            System { services, stacks, loads, faults, network }
        },
    )
}

/// Hears when things happen.
struct Latest(Time);

impl Sink for Latest {
    fn row(&mut self, at: Time, _: &Row<'_>) {
        assert!(at >= self.0, "time does not go back");
        self.0 = at;
    }
}

fn digest(experiment: &Experiment, seed: u64) -> Digest {
    let finished = run(&experiment.variants[0].graph, Seed::new(seed), &Plan::default());
    finished.unwrap_or_else(|error| panic!("{error}")).digest()
}

/// Nothing is under way, waits, or is held by anybody.
fn is_empty(experiment: &Experiment, seed: u64) -> Result<(), TestCaseError> {
    let graph = &experiment.variants[0].graph;
    let look = look(graph, Seed::new(seed), Time::ZERO + graph.time);
    let look = look.unwrap_or_else(|error| panic!("{error}"));
    for (replica, name) in look
        .services
        .iter()
        .zip(&graph.services)
        .flat_map(|(all, service)| all.iter().map(move |replica| (replica, &service.name)))
    {
        let left = [replica.busy, replica.waiting, replica.at_door, replica.inside];
        prop_assert_eq!(left, [0; 4], "busy, waiting, at the door, inside {}", name);
    }
    prop_assert!(look.requests.iter().chain(&look.plain).all(|open| *open == 0));
    prop_assert_eq!(look.on_links, [0; 3]);
    for site in &look.sites {
        prop_assert_eq!([site.calls, site.before_retry, site.at_gate], [0; 3]);
        for (_, _, shared) in &site.shared {
            match *shared {
                Shared::Bulkhead { inside, waiting } => prop_assert_eq!([inside, waiting], [0; 2]),
                Shared::Concurrency { inflight, .. } => prop_assert_eq!(inflight, 0),
                Shared::Budget { .. }
                | Shared::Breaker { .. }
                | Shared::Limiter { .. }
                | Shared::Hedge { .. }
                | Shared::AdaptiveRate { .. }
                | Shared::Throttle { .. } => {}
            }
        }
    }
    Ok(())
}

/// Chance spares the system.
const NEVER_BEGIN: [&str; 3] = [
    "Slow(service: \"s1\", by: 9, at: \"1s\", lasts: \"2s\", probability: \"0%\")",
    "Crash(service: \"s0\", at: \"1s\", lasts: \"1s\", probability: \"0%\")",
    "Breakdowns(service: \"s1\", mode: Worker, mtbf: Const(\"1000h\"), mttr: \"1s\")",
];

/// None of them ever has a reason to act.
const NEVER_ACT: [&str; 4] = [
    "Timeout(\"10h\")",
    "Bulkhead(places: 1000000)",
    "RateLimit(permits: 1000000, burst: 1000000)",
    "Breaker(min_calls: 1000000, span: \"20h\")",
];

/// Holds a system to the laws: twice the same, also by the general way, nothing after the end and
/// nothing left then, and neither faults that never begin nor policies that never act change
/// anything. `text` is the system with so many more faults, policies outside of its own, and
/// policies inside.
fn keeps_every_law(
    text: impl Fn(&[&str], &[&str], &[&str]) -> String,
    idle: &[&str],
    seed: u64,
) -> Result<(), TestCaseError> {
    let experiment = parse(&text(&[], &[], &[]));
    let graph = &experiment.variants[0].graph;
    let reference = digest(&experiment, seed);

    let mut latest = Latest(Time::ZERO);
    let heard = listen(graph, Seed::new(seed), &Plan::default(), &mut latest);
    prop_assert_eq!(heard.unwrap_or_else(|error| panic!("{error}")).digest(), reference);
    let roundabout = RunOptions { roundabout: true, ..RunOptions::default() };
    let general = run_with::<Binary>(graph, Seed::new(seed), &Plan::default(), roundabout, None);
    prop_assert_eq!(general.unwrap_or_else(|error| panic!("{error}")).digest(), reference);
    prop_assert!(latest.0 <= Time::ZERO + graph.time);
    prop_assert!(latest.0 > Time::ZERO + Span::from_secs(0.5), "something happens");
    is_empty(&experiment, seed)?;

    let spared = parse(&text(&NEVER_BEGIN, &[], &[]));
    prop_assert_eq!(digest(&spared, seed), reference, "faults that never begin");
    let wrapped = parse(&text(&[], &[], idle));
    prop_assert_eq!(digest(&wrapped, seed), reference, "policies that never act, inside");
    let wrapped = parse(&text(&[], idle, &[]));
    prop_assert_eq!(digest(&wrapped, seed), reference, "policies that never act, outside");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        rng_seed: RngSeed::Fixed(4),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_random_system_keeps_every_law(system in system(), seed in 0u64..1000) {
        // To a queue by deadlines a timeout says who has called longest: there it acts.
        let by_deadline = system.services.iter().any(|(rest, _)| rest.contains("EarliestDeadline"));
        let idle = &NEVER_ACT[usize::from(by_deadline)..];
        keeps_every_law(|more, outside, inside| system.text(more, outside, inside), idle, seed)?;
    }
}
