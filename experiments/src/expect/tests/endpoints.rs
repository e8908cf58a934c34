//! Endpoints as targets: only where a service has several are they anything but the service.

use super::{graph, service};
use crate::expect::{BindContext, parse_measure};
use brownout_topologies::graph::{Endpoint, EndpointId, Graph, ServiceId};
use brownout_topologies::ledger::query::{Callee, Level, Metric, Phase, Stat, Target};

/// The usual graph, whose `checkout` has two endpoints and whose `ledger` has a named one.
fn divided() -> Graph {
    let mut graph = graph();
    let named = |name: &str| Endpoint { name: name.to_owned(), steps: Vec::new() };
    graph.services[1].endpoints = vec![named("fast"), named("slow")];
    graph.services[2].endpoints = vec![named("get")];
    graph.services.push(service("zoo"));
    graph.services[4].endpoints = vec![named("default"), named("feed")];
    graph
}

fn asked(sentence: &str) -> Result<Metric, String> {
    let graph = divided();
    let measure = parse_measure(sentence).expect("the sentence is well formed");
    let bound = measure.bind(&BindContext { variants: &[("base", &graph)], batches: None });
    bound.map(|bound| bound.queries()[0].1.metric).map_err(|error| error.to_string())
}

#[test]
fn an_endpoint_is_a_target_and_the_only_one_of_a_service_is_the_service() {
    let slow = Target::Endpoint(EndpointId(1));
    assert_eq!(asked("availability(checkout.slow)"), Ok(Metric::Availability(slow)));
    assert_eq!(asked("queue('checkout.slow')"), Ok(Metric::Level(slow, Level::Queue)));
    let feed = Callee::Endpoint(EndpointId(3));
    let wait = Metric::Inside(feed, Phase::Wait, Stat::Quantile(0.99));
    assert_eq!(asked("wait.p99(zoo.feed)"), Ok(wait));
    let ledger = Metric::Wasted(Callee::Service(ServiceId(2)));
    assert_eq!(asked("wasted(ledger.get)"), Ok(ledger));
    let checkout = Metric::Wasted(Callee::Service(ServiceId(1)));
    assert_eq!(asked("wasted(checkout)"), Ok(checkout));
}

#[test]
fn what_an_endpoint_has_not_is_said() {
    let said = asked("utilisation(checkout.fast)").expect_err("workers are shared");
    assert!(
        said.contains("utilisation is of a service, \"checkout.fast\" is an endpoint"),
        "{said}"
    );
    let said = asked("p99(checkout.fats)").expect_err("there is none");
    assert!(said.contains("checkout.fast"), "{said}");
}
