//! Names become ids: from what the file says to graphs that are valid by construction.

mod faults;
mod fleet;
mod graph;
mod inlet;
mod loads;
mod monitors;
mod once;
mod plots;
mod pools;
mod replication;
mod scripts;
mod semantics;
mod sentences;
mod sites;
mod stores;
mod structure;
mod words;
mod zones;

use crate::experiment::{Experiment, Statistics, Variant, Warmup};
use crate::spec::document::{Questions, System};
use crate::spec::problem::{Cx, Problem, Problems};
use crate::spec::rules::RunSpec;
use brownout_topologies::graph::Graph;

pub use semantics::semantics;
pub(crate) use words::replication;

/// The experiment of `systems`, one per name, asked what `questions` ask. `None` after complaining.
pub(crate) fn experiment(
    base: &System,
    systems: &[System],
    names: Vec<String>,
    questions: Questions,
    file_stem: String,
    cx: &mut Cx,
) -> Option<Experiment> {
    let graphs: Vec<Graph> = systems.iter().filter_map(|system| graph::graph(system, cx)).collect();
    if graphs.len() < names.len() {
        sentences::check_form(&questions, cx);
        return None;
    }
    let variants: Vec<Variant> =
        names.into_iter().zip(graphs).map(|(name, graph)| Variant { name, graph }).collect();
    let batches = base.run.and_then(|run| run.replications.batches);
    let sentences::Bound { expect, trends, measure } =
        sentences::bind(&questions, &variants, batches, cx);
    plots::check(&questions, &variants, cx);
    hunt_on(&questions, &variants, cx);
    let run = base.run?;
    if let (Some((_, place)), []) = (run.replications.until, measure.as_slice()) {
        cx.push(
            Problem::error(place, "nothing is measured, so nothing can be known well enough")
                .help("add `measure: [\"p99(NAME)\"]`, or write a number of runs"),
        );
    }
    Some(Experiment {
        name: questions.name.unwrap_or(file_stem),
        about: questions.about,
        seed: run.seed,
        runs: run.replications.runs,
        statistics: statistics(&run),
        variants,
        expect,
        trends,
        measure,
        plots: questions.plots.into_iter().map(|spec| spec.plot).collect(),
        sweep: questions.sweep.plain(),
        hunt: questions.hunt.map(|spec| spec.hunt),
        settings: Vec::new(),
        text_hash: String::new(),
        files: Vec::new(),
        warnings: Problems::default(),
    })
}

/// How the file wants its intervals.
fn statistics(run: &RunSpec) -> Statistics {
    Statistics {
        until: run.replications.until.map(|(until, _)| until),
        batches: run.replications.batches,
        warmup: if run.detect_warmup { Warmup::ToDetect } else { Warmup::Declared },
    }
}

/// Complains of a hunt in a variant that does not exist.
fn hunt_on(questions: &Questions, variants: &[Variant], cx: &mut Cx) {
    if let Some(on) = questions.hunt.as_ref().and_then(|hunt| hunt.on.as_ref())
        && !variants.iter().any(|variant| variant.name == on.text)
    {
        on.unknown("variant", variants.iter().map(|variant| variant.name.as_str()), cx);
    }
}
