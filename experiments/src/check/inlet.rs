//! How a service takes work in and serves it, in words, where that is out of the ordinary.

use super::describe_load::dist;
use crate::expect::Unit;
use brownout_policies::shed;
use brownout_policies::stack::settings_in_words;
use brownout_topologies::graph::{Class, Discipline, Service};

/// What comes after the class of a load, if it has one.
pub(super) fn class(class: &Class) -> String {
    let priority = match class.priority {
        0 => String::new(),
        priority => format!(", priority {priority}"),
    };
    match class.name.as_str() {
        "" => priority,
        name => format!(", class {name}{priority}"),
    }
}

/// A line for each thing that is out of the ordinary.
pub(super) fn lines(service: &Service) -> Vec<String> {
    let (entrance, serving) = (&service.entrance, &service.serving);
    let mut lines = Vec::new();
    for (place, gate) in entrance.admission.iter().enumerate() {
        let only = entrance.only_for.get(place).copied().flatten();
        let only = only.map_or(String::new(), |endpoint| {
            format!(" for {}", service.endpoints[usize::from(endpoint)].name)
        });
        let settings = gate.settings_in_words();
        lines.push(format!("    {} at the door{only}: {settings}", gate.name()));
    }
    if let Some(rule) = entrance.shed {
        lines.push(format!("    sheds: {}", settings_in_words(rule, shed::DIALECTS)));
    }
    let next = match entrance.discipline {
        Discipline::Fifo | Discipline::Adaptive => None,
        Discipline::Lifo => Some("serves who came last first"),
        Discipline::Priority { preemptive: false } => Some("serves the most important first"),
        Discipline::Priority { preemptive: true } => {
            Some("serves the most important first, and interrupts who is less important")
        }
        Discipline::EarliestDeadline => Some("serves whose caller's time is up first"),
        Discipline::Fair => Some("serves each class in turn"),
        Discipline::Random => Some("serves anyone, with equal chances"),
    };
    lines.extend(next.map(|next| format!("    {next}")));
    if let Some(patience) = &entrance.patience {
        lines.push(format!("    waits for a worker end after {}", dist(patience)));
    }
    if let Some(timeout) = service.statement_timeout {
        lines.push(format!("    stops what it has been at for {timeout}"));
    }
    if let Some(sharing) = serving.sharing {
        lines.push(match sharing.most {
            Some(most) => format!("    at most {most} share the workers as processors"),
            None => "    all in service share the workers as processors".to_owned(),
        });
    }
    if let Some(slowdown) = serving.slowdown {
        let share = |share| Unit::Share.human(share);
        lines.push(format!(
            "    n in service are slower by contention of {} and coherency of {}",
            share(slowdown.contention),
            share(slowdown.coherency)
        ));
    }
    if let Some(pauses) = &serving.pauses {
        let (every, lasts) = (pauses.every, dist(&pauses.lasts));
        lines.push(format!("    stands still for {lasts} after every {every} pieces of work"));
    }
    if let Some(warm_up) = serving.warm_up {
        let from = Unit::Share.human(warm_up.from);
        lines
            .push(format!("    starts at {from} of its speed, and is warm after {}", warm_up.over));
    }
    lines
}
