//! What a person wrote: read strictly, with every complaint at its place.
//!
//! Text → tree (`parse`) → edits by path (`path`) → what the file says (`document`). Names are
//! looked up in [`crate::resolve`]; nothing here opens a file.

mod arrivals;
pub(crate) mod dist;
pub(crate) mod document;
pub(crate) mod entrance;
pub(crate) mod fault;
pub(crate) mod fleet;
mod fork;
pub(crate) mod hunt;
mod json;
pub(crate) mod lives;
pub(crate) mod load;
pub(crate) mod monitor;
pub(crate) mod named;
pub(crate) mod network;
mod numbers;
mod once;
pub(crate) mod parse;
pub(crate) mod path;
pub(crate) mod plot;
pub(crate) mod policy;
pub(crate) mod pool;
pub mod problem;
pub(crate) mod range;
pub(crate) mod rate;
pub(crate) mod reading;
mod render;
mod replication;
pub(crate) mod replications;
pub mod rewrite;
pub(crate) mod rules;
pub(crate) mod script;
pub(crate) mod service;
pub(crate) mod serving;
pub(crate) mod store;
pub(crate) mod sweep;
#[cfg(test)]
mod tests;
mod topology;
pub(crate) mod values;
mod variant;
mod zone;

use crate::experiment::Experiment;
use crate::resolve;
pub(crate) use brownout_policies::notation::fields;
use brownout_policies::notation::{ron, scan, tree};
use document::System;
use path::Edit;
use problem::Cx;
pub use problem::{Place, Problem, Problems, Severity, Source};
pub use reading::ReadFile;
use reading::Reading;
use tree::Node;
use variant::VariantSpec;

/// What a load needs besides the text.
pub struct LoadOptions<'a> {
    /// The file's path, for messages; `.json` means JSON.
    pub file_name: String,
    /// Settings to change before anything is judged: (path, value), in order.
    pub sets: Vec<(String, String)>,
    /// Reads a file beside the experiment, by its relative path.
    pub read: &'a ReadFile<'a>,
}

/// A tree times its variants: above this many nodes a file is refused rather than read for long.
const NODES_MAX: usize = 4_000_000;

/// Whether the axes of a sweep and the ranges of a hunt are tried, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trying {
    Axes,
    Nothing,
}

/// The experiment that `text` describes, or everything that is wrong with it.
pub fn load(text: &str, options: &LoadOptions<'_>) -> Result<Experiment, Problems> {
    load_trying(text, options, Trying::Axes)
}

/// The same for one point of a sweep or a hunt, whose other points are none of its business.
pub fn load_point(text: &str, options: &LoadOptions<'_>) -> Result<Experiment, Problems> {
    load_trying(text, options, Trying::Nothing)
}

fn load_trying(
    text: &str,
    options: &LoadOptions<'_>,
    trying: Trying,
) -> Result<Experiment, Problems> {
    let mut cx = Cx::new(&problem::EXPERIMENT);
    cx.add_source(&options.file_name, text);
    let experiment = read(text, options, trying, &mut cx);
    match experiment {
        Some(mut experiment) if !cx.has_errors() => {
            experiment.text_hash = hash(&cx);
            experiment.settings = options.sets.clone();
            experiment.warnings = Problems::of(cx);
            Ok(experiment)
        }
        _ => Err(Problems::of(cx)),
    }
}

/// The BLAKE3 hash of the text, the settings and the files that were read with it.
fn hash(cx: &Cx) -> String {
    let mut hasher = blake3::Hasher::new();
    for source in &cx.sources {
        hasher.update(&(source.text.len() as u64).to_le_bytes());
        hasher.update(source.text.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

fn read(text: &str, options: &LoadOptions<'_>, trying: Trying, cx: &mut Cx) -> Option<Experiment> {
    let root = parse::text(&options.file_name, text, 0, cx)?;
    let mut root = parse::unwrap(root, "Experiment", cx);
    let edits: Vec<Edit> = options
        .sets
        .iter()
        .map(|(path, value)| Edit::from_argument("--set", path, value, cx))
        .collect();
    let mut reading = Reading::new(cx, options.read);
    let (first, rest): (Vec<&Edit>, Vec<&Edit>) =
        edits.iter().partition(|edit| edit.path.text == "topology");
    for edit in first {
        edit.apply(&mut root, reading.cx);
    }
    topology::merge(&mut root, &mut reading);
    for edit in rest {
        edit.apply(&mut root, reading.cx);
    }
    let base = document::system(&root, &mut reading)?;
    let questions = document::questions(&root, reading.cx)?;
    let variants = variant::variants(&root, reading.cx);
    if root.size().saturating_mul(variants.len().max(1)) > NODES_MAX {
        let message = "the file is too large for its number of variants";
        reading.cx.push(Problem::error(root.place, message));
        return None;
    }
    let systems = systems(&root, &base, &variants, &mut reading);
    if trying == Trying::Axes {
        check_axes(&root, &questions, &mut reading);
    }
    let names: Vec<String> = match variants.as_slice() {
        [] => vec!["base".to_owned()],
        variants => variants.iter().map(|variant| variant.name.text.clone()).collect(),
    };
    let file_stem = file_stem(&options.file_name);
    let experiment = resolve::experiment(&base, &systems, names, questions, file_stem, reading.cx);
    base.warn_of_unused(&systems, reading.cx);
    experiment.map(|experiment| Experiment { files: reading.files(), ..experiment })
}

/// One system for each variant, or the base alone.
fn systems(
    root: &Node,
    base: &System,
    variants: &[VariantSpec],
    reading: &mut Reading<'_>,
) -> Vec<System> {
    if variants.is_empty() {
        return vec![base.clone()];
    }
    let mut systems = Vec::with_capacity(variants.len());
    for variant in variants {
        let tree = variant.tree(root, base, reading.cx);
        systems.extend(document::system(&tree, reading));
    }
    systems
}

/// A setting to try: where its path and its values are written, and values.
struct Trial {
    path: String,
    places: (Place, Place),
    values: Vec<String>,
}

/// Tries the ends of every axis of a sweep and of every range of a hunt, so that neither fails
/// half-way.
fn check_axes(root: &Node, questions: &document::Questions, reading: &mut Reading<'_>) {
    let ends = |values: &[String]| [values.first(), values.last()].map(|end| end.cloned());
    let axes = questions.sweep.axes.iter().map(|spec| Trial {
        path: spec.axis.path.clone(),
        places: (spec.place, spec.value_place),
        values: ends(&spec.axis.values).into_iter().flatten().collect(),
    });
    let hunts = questions.hunt.iter().flat_map(|spec| spec.hunt.over.iter().zip(&spec.places));
    let hunted = hunts.map(|(over, places)| Trial {
        path: over.path.clone(),
        places: *places,
        values: [0.0, 1.0].map(|share| over.range.at(share, 12)).to_vec(),
    });
    let trials: Vec<Trial> = axes.chain(hunted).collect();
    if reading.cx.has_errors() {
        // Paths can be judged all the same; values cannot.
        for trial in trials {
            let edit = Edit::of_path(&trial.path, trial.places.0);
            edit.apply(&mut root.clone(), reading.cx);
        }
        return;
    }
    trials.iter().for_each(|trial| check_trial(root, trial, reading));
}

fn check_trial(root: &Node, trial: &Trial, reading: &mut Reading<'_>) {
    for value in &trial.values {
        let (before, sources) = (reading.cx.count(), reading.cx.sources.len());
        let mut tree = root.clone();
        let named = Edit::of_path(&trial.path, trial.places.0);
        if !named.apply(&mut tree, reading.cx) {
            break;
        }
        let edit = Edit::from_argument("sweep", &trial.path, value, reading.cx);
        edit.apply(&mut tree, reading.cx);
        document::system(&tree, reading);
        if reading.cx.count() > before {
            reading.cx.push(
                Problem::error(trial.places.1, format!("this axis sets it to {value}"))
                    .label("the values of an axis are written as in the field itself"),
            );
            break;
        }
        // What raised no complaint needs no text to point into. Nothing is read after this.
        reading.cx.sources.truncate(sources);
    }
}

/// The file's name without directories and extension.
fn file_stem(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    last.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or("experiment").to_owned()
}
