use brownout_core::dist::Dist;
use brownout_core::random::Seed;
use brownout_core::{Span, Time};
use brownout_policies::backoff::*;
use brownout_policies::stack::*;
use brownout_topologies::fault::*;
use brownout_topologies::graph::*;
use brownout_topologies::ledger::query::*;
use brownout_topologies::ledger::Plan;
use brownout_topologies::run::run;
use std::time::Instant;

fn service(name: &str, workers: u32, mean: f64) -> Service {
    Service {
        name: name.into(), replicas: 1, workers: Some(workers), queue_limit: None, queue_timeout: None,
        full_queue: FullQueue::Refuse, drop_expired: false, while_calling: WhileCalling::Released,
        cancel_queued: CancelQueued::Keep, cancel_in_service: CancelInService::Keep,
        balance: Balance::RoundRobin, steps: vec![Step::Work(Dist::exp(mean))], next: vec![], clock: ClockSpec::default(),
    }
}
fn site(name: &str, caller: Caller, target: u32, stack: u32) -> Site {
    Site { name: name.into(), caller, ordinal: 0, target: ServiceId(target), stack: StackId(stack), link: LinkId(0) }
}
fn w1(n: f64) -> Graph {
    Graph {
        services: vec![service("a", 1, 1e9)],
        loads: vec![Load { name: "l".into(), site: SiteId(0), arrivals: Arrivals::Poisson(Profile::level(0.9)) }],
        sites: vec![site("l", Caller::Load(LoadId(0)), 0, 0)],
        stacks: vec![Stack::default()],
        links: vec![Link { latency: Dist::constant(0.0), loss: 0.0 }],
        faults: vec![], semantics: Semantics { late_answers: LateAnswers::Discard }, verdict: VerdictRule::default(),
        time: Span::from_secs(n / 0.9), warmup: Span::ZERO,
    }
}
fn w2(fault: bool, secs: f64) -> Graph {
    let mut s = vec![service("a", 10, 1e7), service("b", 10, 1e7), service("c", 10, 1e7)];
    s[0].steps.push(Step::Call(SiteId(1)));
    s[1].steps.push(Step::Call(SiteId(2)));
    let wait = Backoff::Exponential { from: Span::from_millis(100), factor: 2.0, cap: Span::from_millis(10_000), jitter: Jitter::Full, first: 0 };
    Graph {
        services: s,
        loads: vec![Load { name: "l".into(), site: SiteId(0), arrivals: Arrivals::Poisson(Profile::level(700.0)) }],
        sites: vec![site("l", Caller::Load(LoadId(0)), 0, 1), site("ab", Caller::Service(ServiceId(0)), 1, 0), site("bc", Caller::Service(ServiceId(1)), 2, 0)],
        stacks: vec![Stack::default(), Stack { layers: vec![Layer::Retry(Retry { times: 3, wait, budget: None, deadline_aware: true }), Layer::Timeout(Timeout { after: Span::from_millis(500), patience: false })] }],
        links: vec![Link { latency: Dist::constant(0.0), loss: 0.0 }],
        faults: if fault { vec![Fault { name: "o".into(), kind: FaultKind::Errors { ratio: 1.0, when: ErrorsWhen::AtOnce }, service: ServiceId(2), replica: None, at: Time::from_secs(20.0), lasts: Span::from_secs(10.0) }] } else { vec![] },
        semantics: Semantics { late_answers: LateAnswers::Discard }, verdict: VerdictRule::default(),
        time: Span::from_secs(secs), warmup: Span::ZERO,
    }
}
fn main() {
    let graphs = [("W1", w1(if std::env::args().count() > 1 { 5e4 } else { 1e6 })), ("W2", w2(true, 60.0)), ("W2L", w2(false, 60.0))];
    let only = std::env::args().nth(1);
    for (name, g) in &graphs {
        if only.as_deref().is_some_and(|o| o != *name) { continue; }
        let t = Target::Service(ServiceId(0));
        let window = Window { from: Time::ZERO, to: Time::ZERO + g.time };
        let ms = [Metric::Latency(t, Stat::Mean), Metric::Latency(t, Stat::Quantile(0.5)), Metric::Latency(t, Stat::Quantile(0.99)), Metric::Offered(t), Metric::Goodput(t), Metric::Amplification(ServiceId(0)), Metric::Tipped(t), Metric::Stuck(t), Metric::Utilisation(ServiceId(0))];
        let queries: Vec<Query> = ms.iter().map(|m| Query { metric: *m, window }).collect();
        let plan = Plan { queries: queries.clone(), watch: vec![t] };
        let mut best = f64::MAX; let mut out = None;
        for _ in 0..(if std::env::args().count() > 1 { 1 } else { 7 }) {
            let t0 = Instant::now();
            let r = run(g, Seed::new(1), &plan).unwrap_or_else(|e| panic!("{e}"));
            best = best.min(t0.elapsed().as_secs_f64());
            out = Some(r);
        }
        let r = out.unwrap();
        println!("{name}: {:.1} ms, events {}, handled {}, {:.1} ns/event, digest {}", best * 1e3, r.events(), r.handled, best * 1e9 / r.events() as f64, r.digest());
        for q in &queries { if only.is_none() { println!("   {:?} = {:?}", q.metric, r.answer(g, q)); } }
    }
}
