//! Stores by their names, and whether they can do what a step asks of them.

use crate::spec::named::Named;
use crate::spec::problem::{Cx, Problem};
use crate::spec::service::ServiceSpec;
use brownout_topologies::graph::Act;

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
