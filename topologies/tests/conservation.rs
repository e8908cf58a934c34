//! Conservation bites: leave out one count of any column, and the run has no result.

use crate::workloads::{self, graph, service, site, users};
use brownout_core::dist::Dist;
use brownout_core::heap::Binary;
use brownout_core::random::Seed;
use brownout_core::{Span, Time};
use brownout_policies::backoff::Backoff;
use brownout_policies::budget::Scope;
use brownout_policies::bulkhead::BulkheadConfig;
use brownout_policies::limiter::LimiterConfig;
use brownout_policies::retry::Retry;
use brownout_policies::stack::{GateRule, GateUse, Layer, Stack, Timeout};
use brownout_topologies::fault::{
    Breakdowns, Callers, CapacityOf, ErrorsWhen, Fault, FaultKind, QueueFate, When,
};
use brownout_topologies::graph::*;
use brownout_topologies::ledger::Plan;
use brownout_topologies::ledger::books::Entry;
use brownout_topologies::run::{RunError, RunOptions, run, run_with};

fn fault(service: u32, at_s: f64, kind: FaultKind) -> Fault {
    let (at, lasts) = (Time::from_secs(at_s), Span::from_secs(1.0));
    Fault::once(&format!("fault at {at_s}s"), ServiceId(service), kind, at, lasts)
}

fn crash(callers: Callers, queue: QueueFate) -> FaultKind {
    FaultKind::Crash { callers, queue }
}

/// Takes the lock of one of so many rows before anything else.
fn lock_rows(service: &mut Service, number: u32) {
    let keys = Keys { number, exponent: 1.0 };
    service.stores = vec![Store { name: "rows".to_owned(), keys, kind: StoreKind::Rows }];
    service.endpoints[0].steps.insert(0, Step::At { store: 0, act: Act::Lock });
}

/// Looks into a cache before anything else; who finds nothing fetches it, for all.
fn look_up(service: &mut Service) {
    let (ttl, soft_ttl) = (Some(Span::from_millis(300)), Some(Span::from_millis(200)));
    let cache = Cache { capacity: 20, ttl, soft_ttl, jitter: 0.5, coalesce: true };
    let (keys, kind) = (Keys { number: 40, exponent: 1.0 }, StoreKind::Cache(cache));
    let store = service.stores.len() as u16;
    service.stores.push(Store { name: "pages".to_owned(), keys, kind });
    let put = Step::At { store, act: Act::Put };
    let miss = vec![Step::Work(Dist::exp(3e7)), Step::Fail(0.1), put];
    service.endpoints[0].steps.insert(0, Step::Get { store, hit: Vec::new(), miss });
}

/// Makes a service two that keep the same rows: the second has a write a quarter of a second after
/// the first, and takes its place a fifth of a second after that is gone.
fn keep_the_same(service: &mut Service) {
    let keys = Keys { number: 20, exponent: 1.0 };
    let store = service.stores.len() as u16;
    service.stores.push(Store { name: "accounts".to_owned(), keys, kind: StoreKind::Rows });
    let write = Step::At { store, act: Act::Write { unchanged: false } };
    service.endpoints[0].steps.push(write);
    service.replicas = 2;
    service.replication = Some(Replication {
        lag: Dist::exp(2.5e8),
        synchronous: 0,
        failover: Some(Span::from_millis(200)),
        learned: Dist::exp(1e8),
        reads: Reads::Any,
    });
}

/// A few connections to another service, which are given up soon; what becomes of them in every
/// other way goes by the number.
fn pool(to: u32, number: u64) -> Pool {
    let millis = Span::from_millis;
    let validate = Validate { takes: millis(1), timeout: millis(20) };
    Pool {
        to: ServiceId(to),
        size: 6,
        queue_limit: Some(10),
        timeout: millis(30),
        connect: Dist::exp(2e6),
        connect_timeout: millis(50),
        validate: (number % 2 == 1).then_some(validate),
        max_idle: (number % 3 == 1).then_some(millis(20)),
        max_lifetime: Some(millis(700)),
        socket_timeout: millis(400),
        given_up: if number % 4 < 2 { GivenUp::Close } else { GivenUp::Keep },
    }
}

/// Does not do again what it has done for a key.
fn remember(service: &mut Service, in_flight: InFlight) {
    service.endpoints[0].steps.push(Step::Effect);
    let (window, replay) = (Span::from_millis(500), Dist::exp(1e6));
    service.idempotency = Some(Idempotency { window, capacity: 50, in_flight, replay });
}

/// A chain in which everything happens that the books have a column for.
pub(crate) fn eventful() -> Graph {
    let mut services = vec![service("a", 8, 2e6), service("b", 4, 1e7), service("c", 2, 1e7)];
    services[0].endpoints[0].steps.push(Step::Call(SiteId(1)));
    let branches = vec![vec![Step::Call(SiteId(2))], vec![Step::Work(Dist::exp(1e6))]];
    let parallel = Parallel { branches, times: 1, join: Join::All };
    services[1].endpoints[0].steps.push(Step::Parallel(parallel));
    services[1].cancel_in_service = CancelInService::Stop;
    lock_rows(&mut services[1], 8);
    look_up(&mut services[0]);
    keep_the_same(&mut services[2]);
    services[2].queue_limit = Some(4);
    // Fewer than come, ten at once.
    let limit = LimiterConfig { permits: 130, burst: 10, ..LimiterConfig::ours() };
    services[2].entrance.admission = vec![GateRule::Limiter(limit)];
    services[2].queue_timeout = Some(Span::from_millis(15));
    let sites = vec![
        site("users", Caller::Load(LoadId(0)), 0, 1),
        site("a → b", Caller::Service(ServiceId(0)), 1, 2),
        site("b → c", Caller::Service(ServiceId(1)), 2, 0),
    ];
    let timeout = |millis, patience| {
        Layer::Timeout(Timeout { patience, ..Timeout::after(Span::from_millis(millis)) })
    };
    let wait = (Backoff::Constant { wait: Span::from_millis(5) }).into();
    let retry = Layer::Retry(Retry { wait, deadline_aware: false, ..Retry::times(2) });
    let rule = GateRule::Bulkhead(BulkheadConfig { places: 12, ..BulkheadConfig::ours() });
    let bulkhead = Layer::Gate(GateUse { rule, scope: Scope::Replica });
    let stacks = vec![
        Stack::default(),
        Stack { layers: vec![timeout(120, true), bulkhead] },
        Stack { layers: vec![retry, timeout(60, false)] },
    ];
    let mut graph = graph(services, users(150.0), sites, stacks, 10.0);
    graph.links[0] = Link { latency: Dist::constant(1e6), loss: 0.01 };
    let errors = FaultKind::Errors { ratio: 0.5, when: ErrorsWhen::AtOnce };
    graph.faults = vec![
        fault(2, 2.0, errors),
        // What those who follow have not had yet is lost.
        fault(2, 3.4, FaultKind::Demote),
        fault(1, 4.0, crash(Callers::Reset, QueueFate::Lost)),
        fault(2, 6.0, crash(Callers::Silence, QueueFate::Kept)),
        // Nobody tries again for those whom this one resets.
        fault(0, 8.0, crash(Callers::Reset, QueueFate::Lost)),
    ];
    graph
}

/// A graph in whose runs a column is used.
fn full_of(entry: Entry) -> Graph {
    match entry {
        Entry::ConnectionsLent
        | Entry::ConnectionsReturned
        | Entry::KeysTaken
        | Entry::KeysGivenBack => pools_and_keys(1),
        _ => eventful(),
    }
}

#[test]
fn every_column_is_used_and_everything_is_accounted_for() {
    let graphs = (0..5).flat_map(|seed| [(seed, eventful()), (seed, pools_and_keys(seed))]);
    let runs: Vec<_> = graphs
        .map(|(seed, graph)| {
            let finished = run(&graph, Seed::new(seed), &Plan::default());
            finished.unwrap_or_else(|error| panic!("seed {seed}: {error}"))
        })
        .collect();
    for entry in Entry::ALL {
        let counted: u64 = runs.iter().map(|run| run.ledger().books().sum(entry)).sum();
        assert!(counted > 0, "{entry:?} is unused");
    }
}

/// Workers of a service that break down one by one, about once a second each.
fn breaking(service: u32, work: QueueFate) -> Fault {
    let when = When::Random(Breakdowns {
        from: Time::from_secs(1.0),
        until: Time::from_secs(11.0),
        up: Dist::exp(1e9),
        down: Dist::exp(3e8),
        together: false,
        while_busy: false,
    });
    Fault { when, ..fault(service, 1.0, FaultKind::Worker { work }) }
}

#[test]
fn doors_queues_and_workers_out_of_the_ordinary_lose_nothing() {
    for seed in 0..5 {
        let mut graph = workloads::w2l_out_of_the_ordinary(12.0);
        graph.services.iter_mut().for_each(|service| {
            service.cancel_queued = CancelQueued::Remove;
            service.cancel_in_service = CancelInService::Stop;
        });
        graph.links[0] = Link { latency: Dist::exp(1e6), loss: 0.01 };
        let slow = FaultKind::Slow { by: 3.0 };
        let stall = FaultKind::Stall { freezes_service: true };
        let errors = FaultKind::Errors { ratio: 0.2, when: ErrorsWhen::AfterWork };
        graph.faults = vec![
            fault(0, 2.0, crash(Callers::Reset, QueueFate::Kept)),
            fault(1, 3.5, crash(Callers::Reset, QueueFate::Lost)),
            fault(2, 5.0, crash(Callers::Silence, QueueFate::Kept)),
            fault(1, 6.5, slow),
            fault(2, 6.7, slow),
            fault(0, 8.0, stall),
            fault(2, 8.2, stall),
            fault(2, 9.5, errors),
            breaking(0, QueueFate::Kept),
            breaking(1, QueueFate::Lost),
        ];
        let finished = run(&graph, Seed::new(seed), &workloads::plan(&graph));
        let finished = finished.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert!(finished.ledger().books().sum(Entry::DoorRejected) > 100, "seed {seed}");
    }
}

/// A script with branches that have to wait for workers of their own, and a piece of work that is
/// done twice.
fn branches_and_repeats() -> Vec<Step> {
    let work = |mean| Step::Work(Dist::exp(mean));
    let branches = vec![vec![work(1e6)], vec![Step::Sleep(Dist::exp(1e6)), work(1e6)]];
    let parallel = Parallel { branches, times: 2, join: Join::Quorum(3) };
    vec![Step::Repeat { times: 2, steps: vec![work(1e6)] }, Step::Parallel(parallel)]
}

#[test]
fn scripts_deadlines_and_cuts_lose_nothing_at_doors_out_of_the_ordinary() {
    let entries = [Entry::DoorLost, Entry::BranchesAborted, Entry::BranchesLost];
    let mut seen = [0; 3];
    for seed in 0..5 {
        let mut graph = workloads::w2l_out_of_the_ordinary(12.0);
        for service in &mut graph.services {
            service.drop_expired = true;
            service.expired_in_service = ExpiredInService::Stop;
            service.deadlines = Deadlines::Propagate { reserve: Span::from_millis(1) };
            service.cancel_queued = CancelQueued::Remove;
            service.cancel_in_service = CancelInService::Stop;
            service.endpoints[0].steps.splice(0..0, branches_and_repeats());
        }
        graph.services[1].while_calling = WhileCalling::Held;
        let cut = |to, of| FaultKind::Capacity { to, of };
        let wear = When::Random(Breakdowns {
            from: Time::from_secs(8.0),
            until: Time::from_secs(11.0),
            up: Dist::exp(2e8),
            down: Dist::exp(1e8),
            together: false,
            while_busy: true,
        });
        let stall = FaultKind::Stall { freezes_service: true };
        graph.faults = vec![
            fault(0, 1.0, cut(0.3, CapacityOf::Workers)),
            fault(1, 2.5, cut(0.0, CapacityOf::Workers)),
            fault(2, 4.0, cut(0.2, CapacityOf::Speed)),
            fault(1, 5.5, FaultKind::BlackHole),
            fault(0, 7.0, crash(Callers::Reset, QueueFate::Kept)),
            Fault { when: wear.clone(), ..fault(0, 8.0, stall) },
            Fault { when: wear.clone(), ..fault(1, 8.0, stall) },
            Fault { when: wear, ..fault(2, 8.0, crash(Callers::Silence, QueueFate::Kept)) },
        ];
        let finished = run(&graph, Seed::new(seed), &workloads::plan(&graph));
        let finished = finished.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let books = finished.ledger().books();
        for (seen, entry) in seen.iter_mut().zip(entries) {
            *seen += books.sum(entry);
        }
    }
    // How many of each one seed has is luck.
    assert!(seen.iter().all(|seen| *seen > 50), "{seen:?}");
}

#[test]
fn stores_lose_nothing_under_crashes_flushes_deadlines_and_cancels() {
    for seed in 0..5 {
        let mut graph = workloads::w2l_out_of_the_ordinary(12.0);
        for service in &mut graph.services {
            service.expired_in_service = ExpiredInService::Stop;
            service.statement_timeout = Some(Span::from_millis(40));
            service.cancel_queued = CancelQueued::Remove;
            service.cancel_in_service = CancelInService::Stop;
            lock_rows(service, 100);
            look_up(service);
        }
        graph.services[1].while_calling = WhileCalling::Held;
        graph.faults = vec![
            fault(0, 2.0, crash(Callers::Reset, QueueFate::Kept)),
            fault(1, 4.0, crash(Callers::Reset, QueueFate::Lost)),
            fault(2, 6.0, crash(Callers::Silence, QueueFate::Kept)),
            fault(1, 8.0, FaultKind::CacheFlush),
            fault(2, 9.0, FaultKind::Slow { by: 5.0 }),
        ];
        let finished = run(&graph, Seed::new(seed), &workloads::plan(&graph));
        let finished = finished.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let books = finished.ledger().books();
        for entry in
            [Entry::LocksTaken, Entry::LookUpsHit, Entry::LookUpsMissed, Entry::LookUpsLeft]
        {
            assert!(books.sum(entry) > 10, "seed {seed}: {entry:?}");
        }
    }
}

/// Pools and keys in every layer of a chain, and whatever else can end a call.
pub(crate) fn pools_and_keys(number: u64) -> Graph {
    let all = [InFlight::Wait, InFlight::Conflict, InFlight::Race];
    let mut graph = workloads::w2l(10.0);
    for (place, service) in graph.services.iter_mut().enumerate() {
        service.expired_in_service = ExpiredInService::Stop;
        service.statement_timeout = Some(Span::from_millis(60));
        service.deadlines = Deadlines::Propagate { reserve: Span::ZERO };
        service.cancel_queued = CancelQueued::Remove;
        service.cancel_in_service = CancelInService::Stop;
        remember(service, all[(place + number as usize) % 3]);
    }
    let tries = Layer::Retry(Retry { deadline_aware: false, ..Retry::times(2) });
    let timeout = Layer::Timeout(Timeout::after(Span::from_millis(40)));
    graph.stacks.push(Stack { layers: vec![tries, timeout] });
    for (site, key) in graph.sites.iter_mut().zip([KeyUse::Request, KeyUse::Call, KeyUse::Request])
    {
        (site.stack, site.key) = (StackId(2), key);
    }
    graph.services[0].pools = vec![Pool { size: 40, ..pool(1, number) }];
    graph.services[1].pools = vec![Pool { size: 20, ..pool(2, number / 2) }];
    if number.is_multiple_of(2) {
        graph.services[1].while_calling = WhileCalling::Held;
    }
    graph.links[0] = Link { latency: Dist::exp(1e6), loss: 0.01 };
    graph.faults = vec![
        fault(0, 1.0, crash(Callers::Reset, QueueFate::Kept)),
        fault(1, 2.5, crash(Callers::Silence, QueueFate::Lost)),
        fault(2, 4.0, crash(Callers::Reset, QueueFate::Lost)),
        fault(2, 5.5, crash(Callers::Silence, QueueFate::Kept)),
        fault(1, 7.0, FaultKind::Slow { by: 10.0 }),
        fault(2, 8.2, FaultKind::BlackHole),
    ];
    graph
}

#[test]
fn pools_and_keys_lose_nothing_however_calls_end() {
    for seed in 0..12 {
        let graph = pools_and_keys(seed);
        let finished = run(&graph, Seed::new(seed), &workloads::plan(&graph));
        let finished = finished.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let books = finished.ledger().books();
        for entry in [Entry::ConnectionsLent, Entry::KeysTaken] {
            assert!(books.sum(entry) > 1_000, "seed {seed}: {entry:?}");
        }
    }
}

#[test]
fn a_count_left_out_of_any_column_is_noticed() {
    for entry in Entry::ALL {
        let options = RunOptions { skip: Some(entry), ..RunOptions::default() };
        let plan = Plan::default();
        let graph = full_of(entry);
        let result = run_with::<Binary>(&graph, Seed::new(1), &plan, options, None);
        assert!(matches!(result, Err(RunError::Imbalance(_))), "{entry:?} went unnoticed");
    }
}
