//! Findings about the structure of a graph, brought to their places in the file.

use crate::spec::document::System;
use crate::spec::problem::{Cx, Place, Problem, listed};
use brownout_topologies::graph::{Graph, ServiceId};
use brownout_topologies::validate::{Finding, Part, validate};

/// Complains of what [`validate`] finds. `sites` says where each call is written.
pub(crate) fn check(graph: &Graph, system: &System, sites: &[Place], cx: &mut Cx) {
    let name = |id: ServiceId| graph.services[id.index()].name.as_str();
    let part_name = |part: Part| graph.part_name(part.0, part.1);
    let place = |id: ServiceId| system.services[id.index()].name.place;
    // What no load reaches is no news where a load's target is misspelt.
    let is_whole = !cx.has_errors();
    for finding in validate(graph) {
        match finding {
            Finding::SelfCall { site } => {
                let own = graph.called(site);
                cx.push(
                    Problem::error(sites[site.index()], format!("`{own}` calls itself"))
                        .label("a service cannot be its own dependency")
                        .help(
                            "work that comes back to the same service is a route, as in \
                             next: [(0.1, \"db\")]",
                        ),
                );
            }
            Finding::CallCycle { parts } => {
                let call = closing_call(graph, sites, &parts);
                cx.push(
                    Problem::error(
                        call,
                        format!("a cycle of calls: {}", circle(&parts, part_name)),
                    )
                    .label("this call closes the cycle")
                    .help("each would wait for the next for ever; remove one of the calls"),
                );
            }
            Finding::RouteIntoCall { parts } => {
                let message =
                    format!("a call comes back to its caller: {}", circle(&parts, part_name));
                cx.push(
                    Problem::error(place(parts[0].0), message)
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
            Finding::Unreachable { part } if is_whole => {
                let message = format!("no load reaches `{}`", part_name(part));
                cx.push(Problem::warning(place(part.0), message).label("it stands idle"));
            }
            Finding::Unreachable { .. } => {}
        }
    }
}

/// Where the last of a circle calls the first.
fn closing_call(graph: &Graph, sites: &[Place], parts: &[Part]) -> Place {
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    let endpoint = &graph.services[last.0.index()].endpoints[usize::from(last.1)];
    let closing = endpoint.calls().find(|site| {
        let site = &graph.sites[site.index()];
        (site.target, site.endpoint) == first
    });
    closing.map_or_else(Place::default, |site| sites[site.index()])
}

/// `a → b → a`.
fn circle(parts: &[Part], name: impl Fn(Part) -> String) -> String {
    const SHOWN: usize = 12;
    let mut names: Vec<String> = parts.iter().take(SHOWN).map(|part| name(*part)).collect();
    if parts.len() > SHOWN {
        names.push("…".to_owned());
    }
    names.push(name(parts[0]));
    names.join(" → ")
}
