//! Scripts whose calls are looked up.

use super::sites::Sites;
use super::stores;
use crate::spec::problem::Cx;
use crate::spec::script::{EndpointSpec, StepSpec};
use crate::spec::service::ServiceSpec;
use brownout_topologies::graph::{Act, Endpoint, Parallel, ServiceId, Step};

/// The endpoints of a service, in order of name. Calls that lead nowhere are left out.
pub(super) fn endpoints(
    id: ServiceId,
    service: &ServiceSpec,
    sites: &mut Sites<'_>,
    cx: &mut Cx,
) -> Vec<Endpoint> {
    let mut resolve = |endpoint: &EndpointSpec| Endpoint {
        name: endpoint.name.clone(),
        steps: steps_of(&endpoint.steps, (id, service, endpoint), sites, cx),
    };
    service.endpoints.iter().map(&mut resolve).collect()
}

fn steps_of(
    specs: &[StepSpec],
    caller: (ServiceId, &ServiceSpec, &EndpointSpec),
    sites: &mut Sites<'_>,
    cx: &mut Cx,
) -> Vec<Step> {
    let mut all = Vec::with_capacity(specs.len());
    for spec in specs {
        all.push(match spec {
            StepSpec::Work(time) => Step::Work(time.clone()),
            StepSpec::Sleep(time) => Step::Sleep(time.clone()),
            StepSpec::Fail(ratio) => Step::Fail(*ratio),
            StepSpec::Effect => Step::Effect,
            StepSpec::Call(call) => match sites.of_call(caller, call, cx) {
                Some(site) => Step::Call(site),
                None => continue,
            },
            StepSpec::Get { store, hit, miss } => {
                let place = stores::found(caller.1, store, Act::Get, cx);
                let [hit, miss] = [hit, miss].map(|own| steps_of(own, caller, sites, cx));
                match place {
                    Some(store) => Step::Get { store, hit, miss },
                    None => continue,
                }
            }
            StepSpec::Limit { call, on_error } => match sites.of_call(caller, call, cx) {
                Some(site) => Step::Limit { site, on_error: *on_error },
                None => continue,
            },
            StepSpec::At { store, act } => match stores::found(caller.1, store, *act, cx) {
                Some(place) => Step::At { store: place, act: *act },
                None => continue,
            },
            StepSpec::Repeat { times, steps } => {
                Step::Repeat { times: *times, steps: steps_of(steps, caller, sites, cx) }
            }
            StepSpec::Choice(ways) => {
                let way = |(share, own): &(f64, Vec<StepSpec>)| {
                    (*share, steps_of(own, caller, sites, cx))
                };
                Step::Choice(ways.iter().map(way).collect())
            }
            StepSpec::Parallel { branches, times, join } => {
                let branch = |own: &Vec<StepSpec>| steps_of(own, caller, sites, cx);
                let branches = branches.iter().map(branch).collect();
                Step::Parallel(Parallel { branches, times: *times, join: *join })
            }
        });
    }
    all
}
