//! The workloads that speed is measured on, as graphs.

use brownout_core::dist::Dist;
use brownout_core::{Span, Time};
use brownout_policies::backoff::{Backoff, Jitter};
use brownout_policies::bulkhead::BulkheadConfig;
use brownout_policies::concurrency::ConcurrencyConfig;
use brownout_policies::limiter::LimiterConfig;
use brownout_policies::retry::Retry;
use brownout_policies::shed::ShedConfig;
use brownout_policies::stack::{GateRule, Layer, Stack, Timeout};
use brownout_topologies::fault::{ErrorsWhen, Fault, FaultKind};
use brownout_topologies::fleet::Fleet;
use brownout_topologies::graph::*;
use brownout_topologies::ledger::Plan;
use brownout_topologies::ledger::query::{Callee, Metric, Query, Stat, Target, Window};

/// A service with one exponential piece of work, unbounded and released while calling.
pub(crate) fn service(name: &str, workers: u32, mean_ns: f64) -> Service {
    Service {
        name: name.to_owned(),
        replicas: 1,
        workers: Some(workers),
        queue_limit: None,
        queue_timeout: None,
        entrance: Entrance::default(),
        serving: Serving::default(),
        full_queue: FullQueue::Refuse,
        drop_expired: false,
        while_calling: WhileCalling::Released,
        cancel_queued: CancelQueued::Keep,
        cancel_in_service: CancelInService::Keep,
        expired_in_service: ExpiredInService::Keep,
        deadlines: Deadlines::Ignore,
        fleet: Fleet::default(),
        endpoints: vec![Endpoint::only(vec![Step::Work(Dist::exp(mean_ns))])],
        next: vec![],
        clock: ClockSpec::default(),
        clock_offsets: vec![],
        stores: vec![],
        replication: None,
        zones: vec![],
        statement_timeout: None,
        idempotency: None,
        pools: vec![],
    }
}

/// A place from which `target` is called, over link 0.
pub(crate) fn site(name: &str, caller: Caller, target: u32, stack: u32) -> Site {
    let (target, stack) = (ServiceId(target), StackId(stack));
    let (name, balance, link) = (name.to_owned(), Fleet::default().balance, LinkId(0));
    Site { name, caller, ordinal: 0, target, endpoint: 0, stack, link, balance, key: KeyUse::Call }
}

/// Users who come at a constant rate, from site 0.
pub(crate) fn users(per_s: f64) -> Load {
    let arrivals = Arrivals::Poisson(Profile::level(per_s));
    Load::plain("users", SiteId(0), arrivals)
}

/// Services, sites and stacks joined by one link that takes no time.
pub(crate) fn graph(
    services: Vec<Service>,
    load: Load,
    sites: Vec<Site>,
    stacks: Vec<Stack>,
    secs: f64,
) -> Graph {
    Graph {
        services,
        loads: vec![load],
        sites,
        stacks,
        links: vec![Link { latency: Dist::constant(0.0), loss: 0.0 }],
        zones: vec![],
        between_zones: Dist::constant(0.0),
        classes: vec![Class::default()],
        faults: vec![],
        monitors: vec![],
        semantics: Semantics { late_answers: LateAnswers::Discard },
        verdict: VerdictRule::default(),
        time: Span::from_secs(secs),
        warmup: Span::ZERO,
    }
}

/// W1: M/M/1 with utilisation 0.9 and mean service time 1 s, for about this many customers.
pub(crate) fn w1(customers: f64) -> Graph {
    let sites = vec![site("users", Caller::Load(LoadId(0)), 0, 0)];
    let services = vec![service("server", 1, 1e9)];
    graph(services, users(0.9), sites, vec![Stack::default()], customers / 0.9)
}

/// W2 without its outage (W2L): a chain of three under a client with timeout and retries.
pub(crate) fn w2l(secs: f64) -> Graph {
    let mut services = vec![service("a", 10, 1e7), service("b", 10, 1e7), service("c", 10, 1e7)];
    services[0].endpoints[0].steps.push(Step::Call(SiteId(1)));
    services[1].endpoints[0].steps.push(Step::Call(SiteId(2)));
    let sites = vec![
        site("users", Caller::Load(LoadId(0)), 0, 1),
        site("a → b", Caller::Service(ServiceId(0)), 1, 0),
        site("b → c", Caller::Service(ServiceId(1)), 2, 0),
    ];
    let wait = (Backoff::Exponential {
        from: Span::from_millis(100),
        factor: 2.0,
        cap: Span::from_millis(10_000),
        jitter: Jitter::Full,
        first: 0,
    })
    .into();
    let retry = Retry { wait, ..Retry::times(3) };
    let timeout = Timeout::after(Span::from_millis(500));
    let client = Stack { layers: vec![Layer::Retry(retry), Layer::Timeout(timeout)] };
    graph(services, users(700.0), sites, vec![Stack::default(), client], secs)
}

/// W2L with everything about a replica's door, queue and workers out of the ordinary, and a second
/// load that is more important.
pub(crate) fn w2l_out_of_the_ordinary(secs: f64) -> Graph {
    let mut graph = w2l(secs);
    graph.classes = vec![
        Class { name: String::new(), priority: 1 },
        Class { name: "gold".to_owned(), priority: 0 },
    ];
    graph.loads[0].arrivals = Arrivals::Poisson(Profile::level(500.0));
    graph.sites.push(site("gold", Caller::Load(LoadId(1)), 0, 1));
    let gold = Load::plain("gold", SiteId(3), Arrivals::Poisson(Profile::level(200.0)));
    graph.loads.push(Load { class: ClassId(1), ..gold });
    graph.services[0].entrance.discipline = Discipline::Priority { preemptive: true };
    graph.services[0].queue_limit = Some(20);
    graph.services[0].full_queue = FullQueue::DropLowest;
    graph.services[1].serving.sharing = Some(ProcessorSharing { most: Some(12) });
    graph.services[1].serving.slowdown = Some(Slowdown { contention: 0.01, coherency: 0.0 });
    graph.services[1].serving.pauses = Some(Pauses { every: 500, lasts: Dist::exp(2e7) });
    graph.services[1].entrance.discipline = Discipline::Random;
    graph.services[1].queue_limit = Some(50);
    let longest_wait = Span::from_millis(50);
    let bulkhead = BulkheadConfig { places: 12, queue: Some(20), longest_wait };
    let limit = LimiterConfig { permits: 690, burst: 20, ..LimiterConfig::ours() };
    graph.services[2].entrance = Entrance {
        discipline: Discipline::Adaptive,
        admission: vec![
            GateRule::Limiter(limit),
            GateRule::Concurrency(ConcurrencyConfig::ours()),
            GateRule::Bulkhead(bulkhead),
        ],
        shed: Some(ShedConfig::ours()),
        patience: Some(Dist::exp(5e7)),
        ..Entrance::default()
    };
    graph
}

/// W2: c refuses everything from 20 s to 30 s.
pub(crate) fn w2(secs: f64) -> Graph {
    let kind = FaultKind::Errors { ratio: 1.0, when: ErrorsWhen::AtOnce };
    let (at, lasts) = (Time::from_secs(20.0), Span::from_secs(10.0));
    let outage = Fault::once("outage", ServiceId(2), kind, at, lasts);
    Graph { faults: vec![outage], ..w2l(secs) }
}

/// What the experiment files ask: latency, goodput, offered, amplification, the verdict.
pub(crate) fn plan(graph: &Graph) -> Plan {
    let (first, users) = (ServiceId(0), Target::Service(ServiceId(0)));
    let window = Window { from: Time::ZERO, to: Time::ZERO + graph.time };
    let metrics = [
        Metric::Latency(users, Stat::Mean),
        Metric::Latency(users, Stat::Quantile(0.5)),
        Metric::Latency(users, Stat::Quantile(0.99)),
        Metric::Offered(users),
        Metric::Goodput(users),
        Metric::Amplification(Callee::Service(first)),
        Metric::Tipped(users),
        Metric::Stuck(users),
        Metric::Utilisation(first),
    ];
    let queries = metrics.map(|metric| Query { metric, window }).to_vec();
    Plan { queries, watch: vec![users], ..Plan::default() }
}
