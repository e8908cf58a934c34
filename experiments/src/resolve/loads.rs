//! The names of loads: their own, or made from kind and target; each once.

use crate::spec::document::System;
use crate::spec::path::default_name;
use crate::spec::problem::{Cx, Problem};
use crate::spec::values::check_name;
use std::collections::BTreeSet;

/// A name for every load, in order; complains of two alike and of names of services.
pub(crate) fn names_of_loads(system: &System, cx: &mut Cx) -> Vec<String> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for name in system.loads.iter().filter_map(|load| load.name.as_ref()) {
        if !check_name(&name.text, name.place, "load", cx) {
            continue;
        }
        if !taken.insert(name.text.clone()) {
            let message = format!("two loads are called `{}`", name.text);
            cx.push(Problem::error(name.place, message).label("give this one another name"));
        } else if system.services.iter().any(|service| service.name.text == name.text) {
            let message = format!("a load has the name of the service `{}`", name.text);
            cx.push(
                Problem::error(name.place, message)
                    .label("give it another name")
                    .help("expectations speak of both by name"),
            );
        }
    }
    let named = system.loads.iter().map(|load| match &load.name {
        Some(name) => name.text.clone(),
        None => {
            let target = load.to.first().map_or("nowhere", |(_, to)| &to.text);
            unused(&default_name(load.kind, target), &mut taken)
        }
    });
    named.collect()
}

/// `name`, or `name-2`, `name-3` … if it is taken; takes it.
pub(crate) fn unused(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let free = std::iter::once(name.to_owned())
        .chain(numbered)
        .find(|name| !taken.contains(name))
        .expect("numbers do not run out");
    taken.insert(free.clone());
    free
}
