//! What callers keep account of: not too much, and nothing that a route cannot know.

use crate::spec::document::System;
use crate::spec::problem::{Cx, Place, Problem};
use brownout_core::{Span, Time};
use brownout_topologies::fleet::At;
use brownout_topologies::graph::{Caller, Graph, Route, Service};

/// Most replicas in all accounts together: each takes some fifty bytes.
const ACCOUNTS_MAX: u64 = 20_000_000;

/// Complains of rules that a route cannot follow, and of accounts that are too many. `places` is
/// where each site is written.
pub(super) fn check(graph: &Graph, system: &System, places: &[Place], cx: &mut Cx) {
    for (service, spec) in graph.services.iter().zip(&system.services) {
        for (route, next) in service.next.iter().zip(&spec.next) {
            check_route(graph, *route, next.to.place, cx);
        }
    }
    let mut accounts = 0;
    for (site, place) in graph.sites.iter().zip(places) {
        if !graph.keeps_account(site) {
            continue;
        }
        let replicas = u64::from(graph.services[site.target.index()].replicas);
        let keepers = match (site.balance.at, site.caller) {
            (At::Proxy, _) => 1,
            (_, Caller::Load(load)) => u64::from(graph.loads[load.index()].clients),
            (_, Caller::Service(caller)) => u64::from(graph.services[caller.index()].replicas),
        };
        let before = accounts;
        accounts += replicas * keepers;
        if accounts > ACCOUNTS_MAX && before <= ACCOUNTS_MAX {
            let message = format!("callers keep account of {accounts} replicas together");
            cx.push(
                Problem::error(*place, message)
                    .label(format!("at most {ACCOUNTS_MAX}"))
                    .help("balance at one Proxy, or by RoundRobin or Random, which keep none"),
            );
        }
    }
}

/// Gives each service its deploys; the run takes `time`.
pub(super) fn deploys(system: &System, services: &mut [Service], time: Span, cx: &mut Cx) {
    let names = || system.services.iter().map(|service| service.name.text.as_str());
    for deploy in &system.deploys {
        let at = deploy.rolling.at;
        if at >= Time::ZERO.saturating_add(time) {
            let message = format!("the deploy begins at {at}, after the run");
            cx.push(
                Problem::error(deploy.at_place, message)
                    .label(format!("the run ends at {time}"))
                    .help("begin it earlier, or lengthen `run.time`"),
            );
        }
        match names().position(|name| name == deploy.service.text) {
            Some(place) => services[place].fleet.deploys.push(deploy.rolling),
            None => deploy.service.unknown("service", names(), cx),
        }
    }
}

fn check_route(graph: &Graph, route: Route, place: Place, cx: &mut Cx) {
    let target = &graph.services[route.to.index()];
    if target.replication.is_some() {
        let message = format!("a route to `{}`, whose replicas keep the same", target.name);
        cx.push(
            Problem::error(place, message).label("only calls find who leads; write it as a call"),
        );
    }
    if target.replicas > 1 && target.fleet.balance.listens() {
        let message = format!(
            "a route to `{}` does not hear how its jobs fare, by which the balancer goes",
            target.name
        );
        cx.push(Problem::error(place, message).help(format!(
            "give `{}` a rule that need not know, such as RoundRobin, and its callers their own: \
             (to: \"{}\", balance: …)",
            target.name, target.name
        )));
    }
}
