//! Stores by their names, and whether they can do what a step asks of them.

use crate::spec::document::System;
use crate::spec::named::Named;
use crate::spec::problem::{Cx, Place, Problem};
use crate::spec::service::ServiceSpec;
use brownout_topologies::graph::Act;

/// Most keys of all stores of all replicas together: each takes some ten bytes.
const KEYS_MAX: u64 = 20_000_000;

/// Complains of more keys than there is room for.
pub(super) fn check_size(system: &System, cx: &mut Cx) {
    let of_service = |service: &ServiceSpec| {
        let keys = service.stores.iter().filter_map(|own| own.store);
        let keys: u64 = keys.map(|(keys, _)| u64::from(keys.number)).sum();
        keys.saturating_mul(u64::from(service.replicas))
    };
    let all = system.services.iter().map(of_service).fold(0, u64::saturating_add);
    if all > KEYS_MAX {
        let most = system.services.iter().max_by_key(|service| of_service(service));
        let place = most.map_or_else(Place::default, |service| service.name.place);
        cx.push(
            Problem::error(place, format!("the stores have {all} keys, counted for each replica"))
                .label(format!("expected at most {KEYS_MAX}; this service has the most of them")),
        );
    }
}

/// The place of a service's store of this name, if it can do this.
pub(super) fn found(service: &ServiceSpec, named: &Named, act: Act, cx: &mut Cx) -> Option<u16> {
    let Some(place) = service.stores.iter().position(|store| store.name == named.text) else {
        if service.stores.is_empty() {
            cx.complain(|_| {
                let message = format!("`{}` keeps nothing", service.name.text);
                Problem::error(named.place, message)
                    .label("a step at a store runs where the store is")
                    .help(format!("give the service stores: {{\"{}\": Rows}}", named.text))
            });
        } else {
            let known = service.stores.iter().map(|store| store.name.as_str());
            named.unknown("store", known, cx);
        }
        return None;
    };
    let store = &service.stores[place].store;
    if let Some((_, kind)) = store.as_ref().filter(|(_, kind)| !kind.does(act)) {
        cx.complain(|_| {
            let is_apart = matches!(act, Act::Read | Act::Write { unchanged: false });
            let help = (is_apart && kind.does(Act::Admit)).then(|| {
                "what is read and written apart has to be one number: a RateLimit without `like`".to_owned()
            });
            let can = Act::ALL.into_iter().filter(|act| kind.does(*act)).map(Act::name);
            let can = can.collect::<Vec<&str>>().join(", ");
            let message = format!("a store of kind {} does not know {}", kind.name(), act.name());
            Problem::error(named.place, message)
                .label(format!("it knows {can}"))
                .maybe_help(help)
        });
        return None;
    }
    Some(place as u16)
}
