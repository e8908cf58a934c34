//! Classes of requests, and what of a queue does not go together.

use crate::spec::document::System;
use crate::spec::load::LoadSpec;
use crate::spec::problem::{Cx, Problem};
use crate::spec::service::ServiceSpec;
use brownout_topologies::graph::{Class, ClassId, Discipline, Entrance, FullQueue};

/// The classes of a graph, as they grow.
pub(super) struct Classes {
    pub(super) all: Vec<Class>,
}

impl Default for Classes {
    fn default() -> Classes {
        Classes { all: vec![Class::default()] }
    }
}

impl Classes {
    /// The class of a load's requests.
    pub(super) fn of(&mut self, spec: &LoadSpec, cx: &mut Cx) -> ClassId {
        let known = self.all.iter().position(|class| *class == spec.class);
        let place = known.unwrap_or(self.all.len());
        if place >= ClassId::MOST {
            cx.complain(|_| {
                let message = format!("more than {} classes of requests", ClassId::MOST);
                Problem::error(spec.place, message).label("give this load the class of another")
            });
            return ClassId::default();
        }
        if known.is_none() {
            self.all.push(spec.class.clone());
        }
        ClassId(place as u8)
    }
}

/// Complains of what does not go together in a service.
pub(super) fn check(spec: &ServiceSpec, system: &System, cx: &mut Cx) {
    let (full, place) = spec.full_queue.unwrap_or((system.full_queue, spec.name.place));
    let discipline = spec.entrance.discipline;
    let in_order = matches!(
        discipline,
        Discipline::Fifo | Discipline::Lifo | Discipline::Adaptive | Discipline::Fair
    );
    let name = &spec.name.text;
    if full == FullQueue::DropOldest && !in_order {
        cx.push(
            Problem::error(place, format!("the queue of `{name}` does not know its oldest"))
                .label("DropOldest needs Fifo, Lifo, AdaptiveLifo, CoDel or Fair"),
        );
    }
    if full == FullQueue::DropLowest && !matches!(discipline, Discipline::Priority { .. }) {
        cx.push(
            Problem::error(place, format!("the queue of `{name}` knows no priorities"))
                .label("DropLowest needs a Priority queue")
                .help("write queue: Priority(limit: 100), and priorities for the loads"),
        );
    }
    if spec.serving.sharing.is_some() && spec.workers.is_none() {
        let message = format!("`{name}` has no processors to share: it has unlimited workers");
        cx.push(
            Problem::error(spec.name.place, message)
                .label("with ProcessorSharing `workers` is how many processors there are"),
        );
    }
}

/// Who is let in, with the endpoints that gates are for.
pub(super) fn entrance(spec: &ServiceSpec, cx: &mut Cx) -> Entrance {
    let mut entrance = spec.entrance.clone();
    if spec.gates_of.iter().all(Option::is_none) {
        return entrance;
    }
    for named in &spec.gates_of {
        let Some(named) = named else {
            entrance.only_for.push(None);
            continue;
        };
        let names = || spec.endpoints.iter().map(|own| own.name.as_str());
        match names().position(|name| name == named.text) {
            Some(place) => entrance.only_for.push(Some(place as u16)),
            None => {
                named.unknown("endpoint", names(), cx);
                entrance.only_for.push(None);
            }
        }
    }
    entrance
}
