//! A script in words.

use super::describe_load::dist;
use super::store;
use crate::expect::Unit;
use brownout_topologies::graph::{Graph, Join, Parallel, Service, Step};

/// The steps of a script, a line each; what is inside a step is indented.
pub(super) fn script(
    (graph, service): (&Graph, &Service),
    steps: &[Step],
    indent: usize,
    lines: &mut Vec<String>,
) {
    for step in steps {
        let text = match step {
            Step::Work(time) => format!("works for {}", dist(time)),
            Step::Call(site) => format!("calls {}", graph.called(*site)),
            Step::Sleep(time) => format!("waits for {}", dist(time)),
            Step::Fail(1.0) => "fails".to_owned(),
            Step::Fail(ratio) => format!("fails {}", share(*ratio)),
            Step::Effect => "has its effect, which stands whatever comes after".to_owned(),
            Step::Repeat { times, .. } => format!("{times} times:"),
            Step::Choice(_) => "one of these:".to_owned(),
            Step::Parallel(parallel) => join(parallel),
            Step::Get { store, .. } => {
                format!("looks into {}:", service.stores[usize::from(*store)].name)
            }
            Step::Limit { site, on_error } => {
                format!("asks {}; {}", graph.called(*site), store::without(on_error))
            }
            Step::At { store, act } => store::act(&service.stores[usize::from(*store)], *act),
        };
        lines.push(format!("{}{text}", " ".repeat(indent)));
        for (number, inside) in step.inside().into_iter().enumerate() {
            let head = match step {
                Step::Choice(ways) => Some(format!("{}:", share(ways[number].0))),
                Step::Parallel(parallel) if parallel.times > 1 => {
                    Some(format!("in {} branches:", parallel.times))
                }
                Step::Parallel(_) => Some("in a branch:".to_owned()),
                Step::Get { .. } if number == 0 => Some("if it is there:".to_owned()),
                Step::Get { .. } => Some("if not:".to_owned()),
                _ => None,
            };
            let mut deeper = indent + 2;
            if let Some(head) = head {
                lines.push(format!("{}{head}", " ".repeat(deeper)));
                deeper += 2;
            }
            if inside.is_empty() {
                lines.push(format!("{}nothing", " ".repeat(deeper)));
            }
            script((graph, service), inside, deeper, lines);
        }
    }
}

fn share(share: f64) -> String {
    format!("in {} of the cases", Unit::Share.human(share))
}

fn join(parallel: &Parallel) -> String {
    let until = match parallel.join {
        Join::All => "all have succeeded".to_owned(),
        Join::Any => "one has succeeded".to_owned(),
        Join::Quorum(number) => format!("{number} of {} have succeeded", parallel.count()),
    };
    format!("at the same time, until {until}:")
}
