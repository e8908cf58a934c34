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
mod json;
pub(crate) mod lives;
pub(crate) mod load;
pub(crate) mod monitor;
pub(crate) mod named;
pub(crate) mod network;
mod numbers;
pub(crate) mod parse;
pub(crate) mod path;
pub(crate) mod plot;
pub(crate) mod policy;
pub mod problem;
pub(crate) mod rate;
pub(crate) mod reading;
mod render;
pub(crate) mod replications;
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

/// The experiment that `text` describes, or everything that is wrong with it.
pub fn load(text: &str, options: &LoadOptions<'_>) -> Result<Experiment, Problems> {
    let mut cx = Cx::new(&problem::EXPERIMENT);
    cx.add_source(&options.file_name, text);
    let experiment = read(text, options, &mut cx);
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

fn read(text: &str, options: &LoadOptions<'_>, cx: &mut Cx) -> Option<Experiment> {
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
    check_axes(&root, &questions.axes, &mut reading);
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

/// Tries the ends of every axis of a sweep, so that a sweep does not fail half-way.
fn check_axes(root: &Node, axes: &[sweep::AxisSpec], reading: &mut Reading<'_>) {
    if reading.cx.has_errors() {
        // Paths can be judged all the same; values cannot.
        for spec in axes {
            let edit = Edit::of_path(&spec.axis.path, spec.place);
            edit.apply(&mut root.clone(), reading.cx);
        }
        return;
    }
    for spec in axes {
        for value in [spec.axis.values.first(), spec.axis.values.last()].into_iter().flatten() {
            let (before, sources) = (reading.cx.count(), reading.cx.sources.len());
            let mut tree = root.clone();
            let named = Edit::of_path(&spec.axis.path, spec.place);
            if !named.apply(&mut tree, reading.cx) {
                break;
            }
            let edit = Edit::from_argument("sweep", &spec.axis.path, value, reading.cx);
            edit.apply(&mut tree, reading.cx);
            document::system(&tree, reading);
            if reading.cx.count() > before {
                reading.cx.push(
                    Problem::error(spec.value_place, format!("this axis sets it to {value}"))
                        .label("the values of an axis are written as in the field itself"),
                );
                break;
            }
            // What raised no complaint needs no text to point into. Nothing is read after this.
            reading.cx.sources.truncate(sources);
        }
    }
}

/// The file's name without directories and extension.
fn file_stem(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    last.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or("experiment").to_owned()
}
