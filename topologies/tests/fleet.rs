//! Laws of fleets: what never acts changes nothing, and whatever acts loses nothing.

use crate::workloads::{graph, service, site, users};
use brownout_core::heap::{Binary, Heap, Ladder};
use brownout_core::queue::QueueOptions;
use brownout_core::random::Seed;
use brownout_core::{Span, Time};
use brownout_policies::balance::DIALECTS;
use brownout_policies::hedge::{HedgeConfig, When};
use brownout_policies::outlier::OutlierConfig;
use brownout_policies::retry::{Kinds, Retry};
use brownout_policies::stack::{HedgeUse, Layer, Stack, Timeout};
use brownout_topologies::fault::{
    Callers, ErrorsWhen, Fault, FaultKind, Harm, Part, QueueFate, Replicas,
};
use brownout_topologies::fleet::*;
use brownout_topologies::graph::*;
use brownout_topologies::ledger::Plan;
use brownout_topologies::run::{RunOptions, run_with};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Users call `a`, two replicas of which call `b`, of which there are `replicas`.
fn two_tiers(replicas: u32, stack: Vec<Layer>) -> Graph {
    let mut services = vec![service("a", 8, 2e6), service("b", 2, 2e7)];
    services[0].replicas = 2;
    services[0].endpoints[0].steps.push(Step::Call(SiteId(1)));
    services[1].replicas = replicas;
    services[1].queue_limit = Some(10);
    let sites = vec![
        site("users", Caller::Load(LoadId(0)), 0, 0),
        site("a → b", Caller::Service(ServiceId(0)), 1, 1),
    ];
    graph(services, users(60.0), sites, vec![Stack::default(), Stack { layers: stack }], 20.0)
}

fn digest<H: Heap>(graph: &Graph, queue: QueueOptions) -> u64 {
    let (plan, options) = (Plan::default(), RunOptions { queue, ..RunOptions::default() });
    let finished = run_with::<H>(graph, Seed::new(1), &plan, options, None);
    finished.unwrap_or_else(|error| panic!("{error}")).digest().word()
}

fn plain(graph: &Graph) -> u64 {
    digest::<Binary>(graph, QueueOptions::default())
}

const CHECK: HealthCheck = HealthCheck {
    every: Span::from_millis(700),
    timeout: Span::from_millis(100),
    fall: 2,
    rise: 1,
};

/// Keeping account of replicas, asking them, and being ready to start them again.
#[test]
fn what_never_acts_changes_nothing() {
    for replicas in [1, 3] {
        let calm = two_tiers(replicas, vec![]);
        let watched = |change: &dyn Fn(&mut Fleet)| {
            let mut graph = calm.clone();
            change(&mut graph.services[1].fleet);
            plain(&graph)
        };
        let reference = plain(&calm);
        assert_eq!(watched(&|fleet| fleet.outliers = Some(OutlierConfig::ours())), reference);
        assert_eq!(watched(&|fleet| fleet.health = Some(CHECK)), reference);
        assert_eq!(watched(&|fleet| fleet.restart = Some(Restart::kubernetes())), reference);
        assert_eq!(
            watched(&|fleet| fleet.deploys.push(Rolling {
                at: Time::from_secs(30.0),
                every: Span::from_millis(1),
                drain: Span::ZERO,
                boot: Span::ZERO,
            })),
            reference
        );
    }
}

fn balance() -> impl Strategy<Value = Balance> {
    let keepers = prop_oneof![Just(At::Caller), Just(At::Proxy), Just(At::Pinned)];
    let keys = prop_oneof![Just(Key::Call), Just(Key::Caller)];
    (0..DIALECTS.len(), keepers, keys).prop_map(|(dialect, at, key)| {
        let mut config = (DIALECTS[dialect].config)();
        if let brownout_policies::balance::Rule::Maglev(rule) = &mut config.rule {
            rule.table = 251;
        }
        Balance { config, at, key, zones: Zones::Alike }
    })
}

fn fleet() -> impl Strategy<Value = Fleet> {
    let deploy = (0u64..20_000, 1u64..4_000, 0u64..1_000, 0u64..2_000).prop_map(
        |(at, every, drain, boot)| Rolling {
            at: Time::ZERO + Span::from_millis(at),
            every: Span::from_millis(every),
            drain: Span::from_millis(drain),
            boot: Span::from_millis(boot),
        },
    );
    let scale = (1u32..3, 0.2..0.9, 100u64..3_000).prop_map(|(least, share, every)| Autoscale {
        goal: Goal::Utilisation(share),
        least,
        initial: 2,
        every: Span::from_millis(every),
        boot: Span::from_millis(every),
        drain: Span::from_millis(every / 3),
        down_after: Span::from_millis(2 * every),
        tolerance: 0.1,
    });
    let restart = (0u64..100, 1u64..2_000, 0u64..500).prop_map(|(first, wait, boot)| Restart {
        first: Span::from_millis(first),
        wait: Span::from_millis(wait),
        boot: Span::from_millis(boot),
        ..Restart::kubernetes()
    });
    let outliers = prop_oneof![Just(OutlierConfig::ours()), Just(OutlierConfig::grpc())];
    let quick = outliers.prop_map(|told| OutlierConfig {
        interval: Span::from_millis(500),
        base: Span::from_millis(900),
        ..told
    });
    (
        proptest::option::of(quick),
        proptest::option::of(Just(CHECK)),
        proptest::option::of(restart),
        proptest::collection::vec(deploy, 0..2),
        proptest::option::of(scale),
    )
        .prop_map(|(outliers, health, restart, deploys, autoscale)| Fleet {
            outliers,
            health,
            restart,
            deploys,
            autoscale,
            ..Fleet::default()
        })
}

fn fault() -> impl Strategy<Value = Fault> {
    let kinds = prop_oneof![
        Just(FaultKind::Crash { callers: Callers::Reset, queue: QueueFate::Lost }),
        Just(FaultKind::Crash { callers: Callers::Silence, queue: QueueFate::Kept }),
        Just(FaultKind::Stall { freezes_service: true }),
        Just(FaultKind::Slow { by: 20.0 }),
        Just(FaultKind::Errors { ratio: 0.7, when: ErrorsWhen::AtOnce }),
    ];
    let replicas = prop_oneof![
        Just(Replicas::All),
        (0u32..2).prop_map(Replicas::One),
        (1u32..3).prop_map(Replicas::Count),
    ];
    (kinds, replicas, 0u64..18_000, 1u64..8_000).prop_map(|(kind, replicas, at, lasts)| {
        let (at, lasts) = (Time::ZERO + Span::from_millis(at), Span::from_millis(lasts));
        let parts = vec![Part { service: ServiceId(1), replicas }];
        let harm = Harm::Replicas { parts, kind };
        Fault { harm, ..Fault::once("fault", ServiceId(1), kind, at, lasts) }
    })
}

fn stack() -> impl Strategy<Value = Vec<Layer>> {
    let delay = (0u64..200, 1u32..4, any::<bool>()).prop_map(|(delay, extra, elsewhere)| {
        let (when, delay) = (When::AfterDelay, Span::from_millis(delay));
        let rule =
            HedgeConfig { attempts: extra + 1, when, delay, elsewhere, ..HedgeConfig::ours() };
        let scope = brownout_policies::budget::Scope::Caller;
        Layer::Hedge(HedgeUse { rule, on: Kinds::TRANSIENT, budget: None, scope })
    });
    let retry = (1u32..4, any::<bool>())
        .prop_map(|(times, elsewhere)| Layer::Retry(Retry { elsewhere, ..Retry::times(times) }));
    let timeout =
        (20u64..400).prop_map(|after| Layer::Timeout(Timeout::after(Span::from_millis(after))));
    let layer = prop_oneof![delay, retry, timeout];
    proptest::collection::vec(layer, 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever comes and goes, everything is accounted for, and neither how the queue works inside
    /// nor when it is renumbered changes what comes out.
    #[test]
    fn whatever_acts_loses_nothing(
        replicas in 2u32..6,
        balance in balance(),
        fleet in fleet(),
        faults in proptest::collection::vec(fault(), 0..4),
        stack in stack(),
        cancels in any::<bool>(),
    ) {
        let mut graph = two_tiers(replicas, stack);
        graph.services[1].fleet = fleet;
        if cancels {
            graph.services[1].cancel_queued = CancelQueued::Remove;
            graph.services[1].cancel_in_service = CancelInService::Stop;
        }
        for site in &mut graph.sites {
            site.balance = balance;
        }
        graph.faults = faults;
        let reference = plain(&graph);
        let plain = QueueOptions::default();
        let no_lanes = QueueOptions { lanes: false, ..plain };
        prop_assert_eq!(digest::<Ladder>(&graph, no_lanes), reference);
        let renumbered = QueueOptions { seq_limit: 2_000, ..plain };
        prop_assert_eq!(digest::<Binary>(&graph, renumbered), reference);
    }
}
