//! Scripts whose calls are looked up.

use super::sites::Sites;
use crate::spec::problem::Cx;
use crate::spec::script::{EndpointSpec, StepSpec};
use crate::spec::service::ServiceSpec;
use brownout_topologies::graph::{Endpoint, ServiceId, Step};

/// The endpoints of a service, in order of name. Calls that lead nowhere are left out.
pub(super) fn endpoints(
    id: ServiceId,
    service: &ServiceSpec,
    sites: &mut Sites<'_>,
    cx: &mut Cx,
) -> Vec<Endpoint> {
    let mut resolve = |endpoint: &EndpointSpec| {
        let caller = (id, service, endpoint);
        let steps = endpoint.steps.iter().filter_map(|step| match step {
            StepSpec::Work(time) => Some(Step::Work(time.clone())),
            StepSpec::Call(call) => sites.of_call(caller, call, cx).map(Step::Call),
        });
        Endpoint { name: endpoint.name.clone(), steps: steps.collect() }
    };
    service.endpoints.iter().map(&mut resolve).collect()
}
