//! Random systems that keep something: rows, limits, caches, keys, connections, several replicas
//! that keep the same, in zones, by clocks of their own, with processes that come and go.

use super::{LAYERS, NEVER_ACT, any_of, keeps_every_law};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Parts of an experiment, as text.
#[derive(Debug, Clone)]
struct System {
    services: Vec<Keeper>,
    stacks: [Vec<String>; 2],
    loads: Vec<String>,
    faults: Vec<String>,
    /// Whether requests and answers may be lost: then everybody has a limit.
    silent: Vec<String>,
    more: String,
}

/// A service.
#[derive(Debug, Clone)]
struct Keeper {
    /// What it keeps and what its script does with it: fields | the script of `go`, which calls
    /// where it says CALLS | the script of `look`.
    keeps: String,
    manner: String,
    place: String,
    pool: String,
    /// Which of those after it are called, where, and how.
    calls: Vec<(usize, bool, usize)>,
}

impl Keeper {
    /// Whether it is not all the same to which replica a call goes.
    fn is_choosy(&self) -> bool {
        self.manner.contains("restart") || self.manner.contains("autoscale")
    }
}

const KEEPS: &[&str] = &[
    "|Work(Exp(mean: \"8ms\")), CALLS|Work(\"1ms\")",
    "stores: {\"own\": Rows(keys: 3)}\
     |Lock(\"own\"), Work(Exp(mean: \"4ms\")), CALLS Write(\"own\"), Effect|Read(\"own\")",
    "stores: {\"own\": Rows(keys: Zipf(n: 20, exponent: 1))}\
     |Read(\"own\"), Work(\"3ms\"), CALLS Write(store: \"own\", when: Unchanged)|Work(\"1ms\")",
    "stores: {\"own\": Rows(keys: 5)}, replicas: 3, \
     replication: (lag: Exp(mean: \"30ms\"), failover: \"300ms\", learned: Exp(mean: \"50ms\"))\
     |Work(Exp(mean: \"3ms\")), CALLS Write(\"own\")|Read(\"own\"), Work(\"1ms\")",
    "stores: {\"own\": Rows(keys: 2)}, replicas: 3, \
     replication: (lag: Exp(mean: \"10ms\"), failover: \"200ms\", synchronous: 1, reads: Primary)\
     |Work(\"2ms\"), Lock(\"own\"), Write(\"own\"), Unlock(\"own\"), CALLS|Read(\"own\")",
    "stores: {\"own\": Rows}, replicas: 3, replication: (lag: \"20ms\", synchronous: 2)\
     |Parallel([[Write(\"own\")], [Work(\"5ms\"), Write(\"own\")]]), CALLS Effect|Read(\"own\")",
    "stores: {\"own\": Rows(keys: 3)}, replicas: 2, \
     replication: (lag: Exp(mean: \"20ms\"), synchronous: 1, failover: \"50ms\")\
     |Parallel(branches: [[CALLS Work(\"1ms\")], [Sleep(\"20ms\"), Write(\"own\")]], join: Any)|Read(\"own\")",
    "stores: {\"own\": Cache(keys: Zipf(n: 30, exponent: 1), capacity: 10, ttl: \"500ms\", \
                             soft_ttl: \"200ms\", coalesce: true)}\
     |Get(store: \"own\", hit: [Work(\"1ms\")], miss: [Work(\"9ms\"), CALLS Put(\"own\")])|Work(\"2ms\")",
    "stores: {\"own\": Cache(keys: 8, ttl: \"300ms\", jitter: 0.3)}\
     |Get(store: \"own\", miss: [CALLS Put(\"own\")]), Work(\"1ms\")|Work(\"2ms\")",
    "stores: {\"own\": Limits(keys: 9, limit: RateLimit(permits: 5, burst: 3), \
                              memory: (keys: 4))}, replicas: 2, replication: (lag: \"15ms\", failover: \"100ms\")\
     |Work(\"1ms\"), Admit(\"own\"), CALLS|Work(\"1ms\")",
    "stores: {\"own\": Limits(limit: RateLimit(algorithm: AnchoredWindow, permits: 30), leak: \"5%\")}\
     |Admit(\"own\"), Work(Exp(mean: \"5ms\")), CALLS|Work(\"1ms\")",
    "idempotency: (in_flight: Wait, window: \"2s\")|Work(Exp(mean: \"9ms\")), Effect, CALLS|Work(\"1ms\")",
    "idempotency: (in_flight: Conflict)|Effect, Work(Exp(mean: \"9ms\")), CALLS|Work(\"1ms\")",
    "idempotency: (in_flight: Race, capacity: 20)|Work(\"6ms\"), CALLS Effect|Work(\"1ms\")",
];
const MANNERS: &[&str] = &[
    "",
    "while_calling: Released",
    "on_cancel: (queued: Remove, in_service: Stop)",
    "on_deadline: (queued: Drop, in_service: Stop), deadlines: Propagate",
    "on_deadline: (queued: Drop, in_service: Stop), deadlines: Absolute, clock: (offset: \"5ms\")",
    "statement_timeout: \"60ms\", queue: Fifo(limit: 10)",
    "restart: (first: \"50ms\", boot: \"100ms\")",
    "admission: [Bulkhead(places: 4)], queue: Lifo(limit: 20)",
    "autoscale: (utilisation: \"50%\", min: 1, max: 4, every: \"1s\", boot: \"100ms\", \
     drain: \"50ms\", down_after: \"1s\")",
];
const PLACES: &[&str] =
    &["", "zones: [\"a\", \"b\"]", "zones: \"b\"", "zones: [\"c\", \"a\", \"b\"]"];
const POOLS: &[&str] = &[
    "",
    "",
    "size: 2, connect: \"2ms\", timeout: \"40ms\"",
    "size: 1, connect: \"5ms\", queue: 3, given_up: Keep",
    "size: 4, connect: Exp(mean: \"3ms\"), max_idle: \"300ms\", max_lifetime: \"1s\", \
     validate: (takes: \"1ms\", timeout: \"50ms\"), socket_timeout: \"2s\"",
];
const LOADS: &[&str] = &[
    "Poisson(to: \"s0.go\", with: \"p0\", rate: Steps([(\"0s\", \"50/s\"), (\"4s\", \"0/s\")]))",
    "Poisson(to: \"s0.go\", with: \"p1\", rate: Steps([(\"0s\", \"80/s\"), (\"4s\", \"0/s\")]), \
     zones: [\"a\", \"b\"], key: PerAttempt)",
    "Steady(to: \"s0.look\", with: \"p1\", rate: Steps([(\"0s\", \"40/s\"), (\"4s\", \"0/s\")]))",
    "AtOnce(to: \"s1.go\", with: \"p0\", at: \"2s\", count: 40, clients: 5)",
    "Steady(to: \"s1.look\", with: \"p0\", rate: Steps([(\"0s\", \"60/s\"), (\"4s\", \"0/s\")]), \
     patience: \"120ms\", zones: \"b\")",
    "Poisson(to: \"s0.look\", with: \"p1\", rate: Steps([(\"0s\", \"30/s\"), (\"4s\", \"0/s\")]), \
     patience: Exp(mean: \"50ms\"))",
];
const FAULTS: &[&str] = &[
    "Crash(service: \"s1\", replica: 0, at: \"1s\", lasts: \"900ms\")",
    "Crash(service: \"s1\", at: \"2500ms\", lasts: \"400ms\", queue: Kept)",
    "Crash(zone: \"b\", at: \"1500ms\", lasts: \"700ms\")",
    "Crash(service: \"s0\", replica: 0, at: \"1s\", lasts: \"300ms\", every: \"1s\", times: 3)",
    "Stall(zone: \"b\", at: \"1s\", lasts: \"600ms\")",
    "Latency(zone: \"b\", add: \"30ms\", at: \"500ms\", lasts: \"2s\", ramp: \"200ms\")",
    "ClockJump(service: \"s0\", by: \"1s\", at: \"1s\", lasts: \"1s\")",
    "ClockJump(service: \"s1\", by: \"-300ms\", at: \"1500ms\", lasts: \"1s\")",
    "CacheFlush(service: \"s0\", at: \"1s\", every: \"500ms\", times: 4)",
    "Demote(service: \"s1\", at: \"1200ms\", lasts: \"900ms\")",
    "Demote(service: \"s0\", at: \"800ms\", lasts: \"1s\", every: \"1500ms\", times: 2)",
    "Slow(service: \"s1\", by: 8, at: \"1s\", lasts: \"1s\")",
    "Breakdowns(service: \"s1\", mtbf: \"700ms\", mttr: \"200ms\", mode: Crash, lasts: \"5s\")",
    "Breakdowns(service: \"s0\", mode: Worker, mtbf: \"200ms\", mttr: \"100ms\", lasts: \"5s\")",
    "Breakdowns(service: \"s1\", mode: Worker(in_service: Lost), mtbf: \"200ms\", mttr: \"100ms\", \
                lasts: \"5s\")",
    "Config(service: \"s1\", workers: 1, at: \"1s\", lasts: \"2s\")",
];
const SILENT: &[&str] = &[
    "Partition(zone: \"b\", at: \"1s\", lasts: \"1s\")",
    "Partition(zone: \"a\", direction: Forth, at: \"1500ms\", lasts: \"1s\")",
    "Loss(zone: \"b\", ratio: \"30%\", at: \"500ms\", lasts: \"3s\")",
    "Crash(service: \"s1\", callers: Silence, at: \"1s\", lasts: \"800ms\")",
    "BlackHole(service: \"s0\", at: \"2s\", lasts: \"300ms\")",
];
const MORE: &[&str] = &[
    "",
    "network: (latency: \"1ms\"),",
    "zones: (between: Exp(mean: \"2ms\")),",
    "semantics: (late_answers: Accept),",
];

impl System {
    /// The file, with more faults, and with more layers outside and inside those of every stack.
    fn text(&self, faults: &[&str], outside: &[&str], inside: &[&str]) -> String {
        let limits: &[&str] = if self.silent.is_empty() { &[] } else { &["Timeout(\"1s\")"] };
        let stacks = self.stacks.iter().enumerate().map(|(at, layers)| {
            let own = layers.iter().map(String::as_str);
            let all = outside.iter().chain(limits).copied().chain(own);
            let all: Vec<&str> = all.chain(inside.iter().copied()).collect();
            format!("\"p{at}\": [{}]", all.join(", "))
        });
        let services = (0..self.services.len()).map(|at| self.service(at)).collect::<String>();
        let own = self.faults.iter().chain(&self.silent).map(String::as_str);
        let own = own.filter(|fault| self.knows(fault, &services));
        format!(
            "Experiment(
    name: \"random\",
    run: (time: \"20min\", seed: 1, runs: 1),
    load: [{}],
    services: {{\n{services}    }},
    policies: {{ {} }},
    faults: [{}],
    {}
)",
            [LOADS[0]]
                .into_iter()
                .chain(self.loads.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join(", "),
            stacks.collect::<Vec<_>>().join(", "),
            own.chain(faults.iter().copied()).collect::<Vec<_>>().join(", "),
            self.more,
        )
    }

    fn service(&self, at: usize) -> String {
        let own = &self.services[at];
        // There are zones, and calls go to them and from them.
        let place = if at == 0 { PLACES[1] } else { &own.place };
        let after = self.services.len() - at - 1;
        let called = own.calls.iter().filter(|_| after > 0);
        let called: Vec<(usize, bool, usize)> =
            called.map(|&(step, looks, stack)| (at + 1 + step % after, looks, stack)).collect();
        let calls = called.iter().map(|(to, looks, stack)| {
            let endpoint = if *looks { "look" } else { "go" };
            format!("Call(to: \"s{to}.{endpoint}\", with: \"p{stack}\"), ")
        });
        let parts: Vec<&str> = own.keeps.split('|').collect();
        let [fields, go, look] = parts[..] else { panic!("fields | go | look") };
        let go = go.replace("CALLS", &calls.collect::<String>());
        let mut callees: Vec<usize> = called.iter().map(|call| call.0).collect();
        callees.sort_unstable();
        callees.dedup();
        // Connections lead to the replicas in turn.
        callees.retain(|to| !self.services[*to].is_choosy());
        let pools = callees.iter().map(|to| format!("\"s{to}\": ({})", own.pool));
        let pools = pools.collect::<Vec<_>>().join(", ");
        let pools = if own.pool.is_empty() || pools.is_empty() {
            String::new()
        } else {
            format!("pools: {{{pools}}}, ")
        };
        let fields = [fields, &own.manner, place].into_iter().filter(|text| !text.is_empty());
        let fields: String = fields.map(|text| format!("{text}, ")).collect();
        let replicas = if fields.contains("replicas") { "" } else { "replicas: 3, " };
        format!(
            "        \"s{at}\": (workers: 4, {replicas}{fields}{pools}endpoints: {{ \"go\": [{go}], \
             \"look\": [{look}] }}),\n"
        )
    }

    /// Whether a fault has anything to strike: nobody leads replicas that do not follow.
    fn knows(&self, fault: &str, services: &str) -> bool {
        let own = |name: &str| format!("\"{name}\": (");
        let line = |name: &str| services.lines().find(|line| line.trim().starts_with(&own(name)));
        let is_replicated =
            |name: &str| line(name).is_some_and(|line| line.contains("replication"));
        let demotes = |name: &str| fault.starts_with("Demote") && fault.contains(name);
        ["s0", "s1"].into_iter().all(|name| !demotes(name) || is_replicated(name))
    }
}

fn system() -> impl Strategy<Value = System> {
    let calls = proptest::collection::vec((0usize..3, any::<bool>(), 0usize..2), 0..3);
    let service = (any_of(KEEPS), any_of(MANNERS), any_of(PLACES), any_of(POOLS), calls).prop_map(
        |(keeps, manner, place, pool, calls)| Keeper { keeps, manner, place, pool, calls },
    );
    let stack = || proptest::collection::vec(any_of(LAYERS), 0..3);
    (
        proptest::collection::vec(service, 2..5),
        [stack(), stack()],
        proptest::collection::vec(any_of(LOADS), 0..3),
        proptest::collection::vec(any_of(FAULTS), 0..5),
        proptest::collection::vec(any_of(SILENT), 0..2),
        any_of(MORE),
    )
        .prop_map(|(services, stacks, loads, faults, silent, more)| System {
            services,
            stacks,
            loads,
            faults,
            silent,
            more,
        })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 150,
        rng_seed: RngSeed::Fixed(5),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_random_system_that_keeps_things_keeps_every_law(system in system(), seed in 0u64..1000) {
        keeps_every_law(|more, out, inside| system.text(more, out, inside), &NEVER_ACT, seed)?;
    }
}
