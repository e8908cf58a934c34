//! What can be said about an experiment without running it.
//!
//! Each warning is a file with one function; its test is a pair of files in
//! `tests/corpus/warnings`, one that triggers it and a near miss that does not.

mod amplification;
mod describe;
mod describe_load;
mod expectation;
mod fault;
mod flow;
mod impatience;
mod inlet;
mod once;
mod order;
mod outlived;
mod overload;
mod parts;
mod script;
mod store;

use crate::experiment::Experiment;
use brownout_topologies::graph::Graph;

pub use describe::describe;
pub(crate) use describe_load::dist;
pub use overload::capacities;

/// What is probably not as meant, one text each; those that only some variants deserve say which.
pub fn warnings(experiment: &Experiment) -> Vec<String> {
    const EVERY: [fn(&Graph) -> Vec<String>; 5] = [
        overload::warnings,
        amplification::warnings,
        impatience::warnings,
        outlived::warnings,
        order::warnings,
    ];
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    for warnings in EVERY {
        for variant in &experiment.variants {
            for text in warnings(&variant.graph) {
                match found.iter_mut().find(|(known, _)| *known == text) {
                    Some((_, names)) => names.push(&variant.name),
                    None => found.push((text, vec![&variant.name])),
                }
            }
        }
    }
    let total = experiment.variants.len();
    let told = |(text, names): (String, Vec<&str>)| match names.len() == total {
        true => text,
        false => format!("on {}: {text}", names.join(", ")),
    };
    found.into_iter().map(told).chain(expectation::warnings(experiment)).collect()
}
