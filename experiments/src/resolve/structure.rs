//! Findings about the structure of a graph, brought to their places in the file.

use crate::spec::document::System;
use crate::spec::problem::{Cx, Place, Problem, listed};
use brownout_topologies::graph::{Graph, ServiceId};
use brownout_topologies::validate::{Finding, validate};

/// Complains of what [`validate`] finds. `sites` says where each call is written.
pub(crate) fn check(graph: &Graph, system: &System, sites: &[Place], cx: &mut Cx) {
    let name = |id: ServiceId| graph.services[id.index()].name.as_str();
    let place = |id: ServiceId| system.services[id.index()].name.place;
    // What no load reaches is no news where a load's target is misspelt.
    let is_whole = !cx.has_errors();
    for finding in validate(graph) {
        match finding {
            Finding::SelfCall { site } => {
                let own = name(graph.sites[site.index()].target);
                cx.push(
                    Problem::error(sites[site.index()], format!("`{own}` calls itself"))
                        .label("a service cannot be its own dependency")
                        .help(
                            "work that comes back to the same service is a route, as in \
                             next: [(0.1, \"db\")]",
                        ),
                );
            }
            Finding::CallCycle { services } => {
                let call = closing_call(graph, sites, &services);
                cx.push(
                    Problem::error(call, format!("a cycle of calls: {}", circle(&services, name)))
                        .label("this call closes the cycle")
                        .help("each would wait for the next for ever; remove one of the calls"),
                );
            }
            Finding::RouteIntoCall { services } => {
                let message =
                    format!("a call comes back to its caller: {}", circle(&services, name));
                cx.push(
                    Problem::error(place(services[0]), message)
                        .label("its call is answered only after it has called again")
                        .help("let the route end elsewhere, or make the call a route too"),
                );
            }
            Finding::EndlessRoutes { services } => {
                let names: Vec<&str> = services.iter().map(|id| name(*id)).collect();
                cx.push(
                    Problem::error(
                        place(services[0]),
                        format!("jobs never leave {}", listed(&names)),
                    )
                    .label("every job is routed on, with probability 1 in all")
                    .help("leave some probability over: the rest is answered"),
                );
            }
            Finding::Unreachable { service } if is_whole => {
                cx.push(
                    Problem::warning(
                        place(service),
                        format!("no load reaches `{}`", name(service)),
                    )
                    .label("it stands idle"),
                );
            }
            Finding::Unreachable { .. } => {}
        }
    }
}

/// Where the last service of a circle calls the first.
fn closing_call(graph: &Graph, sites: &[Place], services: &[ServiceId]) -> Place {
    use brownout_topologies::graph::Caller;
    let (first, last) = (services[0], services[services.len() - 1]);
    let closing = graph
        .sites
        .iter()
        .position(|site| site.caller == Caller::Service(last) && site.target == first);
    closing.map_or_else(Place::default, |at| sites[at])
}

/// `a → b → a`.
fn circle<'n>(services: &[ServiceId], name: impl Fn(ServiceId) -> &'n str) -> String {
    const SHOWN: usize = 12;
    let mut names: Vec<&str> = services.iter().take(SHOWN).map(|id| name(*id)).collect();
    if services.len() > SHOWN {
        names.push("…");
    }
    names.push(name(services[0]));
    names.join(" → ")
}
