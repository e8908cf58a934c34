//! What is wrong with the structure of a graph, and what only looks as if it were.

use crate::workloads::{graph, service, site, users};
use brownout_policies::stack::Stack;
use brownout_topologies::graph::*;
use brownout_topologies::validate::{Finding, validate};

/// Services with these calls (from, to) and routes (from, to, probability); users call the first.
fn built(number: u32, calls: &[(u32, u32)], routes: &[(u32, u32, f64)]) -> Graph {
    let mut services: Vec<Service> =
        (0..number).map(|at| service(&format!("s{at}"), 1, 1e6)).collect();
    let mut sites = vec![site("users", Caller::Load(LoadId(0)), 0, 0)];
    for &(from, to) in calls {
        let id = SiteId(sites.len() as u32);
        sites.push(site("a call", Caller::Service(ServiceId(from)), to, 0));
        services[from as usize].endpoints[0].steps.push(Step::Call(id));
    }
    for &(from, to, probability) in routes {
        let (to, link) = (ServiceId(to), LinkId(0));
        services[from as usize].next.push(Route { probability, to, endpoint: 0, link });
    }
    graph(services, users(1.0), sites, vec![Stack::default()], 1.0)
}

fn part(service: u32) -> (ServiceId, u16) {
    (ServiceId(service), 0)
}

#[test]
fn a_chain_and_a_diamond_are_in_order() {
    assert_eq!(validate(&built(3, &[(0, 1), (1, 2)], &[])), []);
    assert_eq!(validate(&built(4, &[(0, 1), (0, 2), (1, 3), (2, 3)], &[])), []);
}

#[test]
fn one_who_calls_itself_is_named_by_its_call_and_is_no_circle() {
    let found = validate(&built(2, &[(0, 1), (1, 1)], &[]));
    assert_eq!(found, [Finding::SelfCall { site: SiteId(2) }]);
    assert!(found[0].is_error());
}

#[test]
fn a_circle_of_calls_is_the_shortest_from_its_first_member() {
    let longer = [(0, 1), (1, 2), (2, 3), (3, 1), (2, 1)];
    let found = validate(&built(4, &longer, &[]));
    assert_eq!(found, [Finding::CallCycle { parts: vec![part(1), part(2)] }]);
}

#[test]
fn two_circles_are_two_findings() {
    let found = validate(&built(5, &[(0, 1), (1, 0), (0, 3), (3, 4), (4, 3)], &[]));
    let circle = |a, b| Finding::CallCycle { parts: vec![part(a), part(b)] };
    assert_eq!(found[..2], [circle(0, 1), circle(3, 4)]);
    assert_eq!(found[2..], [Finding::Unreachable { part: part(2) }]);
    assert!(!found[2].is_error());
}

#[test]
fn a_job_routed_back_to_its_caller_would_be_called_again() {
    let found = validate(&built(3, &[(0, 1)], &[(1, 2, 0.5), (2, 0, 0.5)]));
    assert_eq!(found, [Finding::RouteIntoCall { parts: vec![part(0), part(1), part(2)] }]);
}

#[test]
fn routes_may_go_round_as_long_as_some_jobs_leave() {
    assert_eq!(validate(&built(2, &[], &[(0, 1, 1.0), (1, 0, 0.999)])), []);
    let endless = validate(&built(3, &[], &[(0, 1, 1.0), (1, 2, 1.0), (2, 1, 0.6), (2, 0, 0.4)]));
    let services = vec![ServiceId(0), ServiceId(1), ServiceId(2)];
    assert_eq!(endless, [Finding::EndlessRoutes { services }]);
    // Tenths have no exact sum.
    let tenths: Vec<_> = (0..10).map(|_| (1, 0, 0.1)).chain([(0, 1, 1.0)]).collect();
    assert_eq!(validate(&built(2, &[], &tenths)).len(), 1);
}

#[test]
fn a_route_that_nobody_takes_leads_nowhere() {
    let found = validate(&built(2, &[], &[(0, 1, 0.0)]));
    assert_eq!(found, [Finding::Unreachable { part: part(1) }]);
}
