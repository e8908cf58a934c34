//! Which run a command is about: by its id, by its file, or by the directory of its results.

use super::argument::{SeedArgument, Setting};
use super::exit::Refusal;
use super::{file, output};
use brownout::experiment::Experiment;
use brownout::incident::id::RunId;
use brownout::incident::recorded::{Manifest, manifests_below};
use brownout::report::files;
use brownout_core::random::Seed;
use brownout_topologies::graph::Graph;
use brownout_topologies::run::RunError;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// For whom a command about runs prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Reader {
    /// Text for people.
    Human,
    /// One JSON document.
    Json,
}

/// What names one run.
#[derive(Debug, Args)]
pub(super) struct TargetArguments {
    /// An experiment's file, the directory of a run, or the id of a run.
    #[arg(value_name = "FILE|DIR|ID")]
    what: String,
    /// With an id: where its file or its directory is (default: what is under `out/`).
    #[arg(value_name = "FILE|DIR")]
    place: Option<PathBuf>,
    /// The seed, and of it the replication (default: the file's seed, replication 0).
    #[arg(long, value_name = "N|N#I")]
    seed: Option<SeedArgument>,
    /// The variant (default: the first).
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// Change a setting, as in `services.ledger.workers=24`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<Setting>,
}

/// One run, ready to be run again.
pub(super) struct Target {
    pub(super) experiment: Experiment,
    /// The variant's place.
    pub(super) place: usize,
    pub(super) seed: Seed,
    pub(super) id: RunId,
    /// Where its digest is recorded, and which it is.
    pub(super) recorded: Option<(PathBuf, String)>,
}

impl Target {
    pub(super) fn graph(&self) -> &Graph {
        &self.experiment.variants[self.place].graph
    }
}

/// The file, its settings, and what else is known before it is read.
struct Lead {
    file: PathBuf,
    settings: Vec<Setting>,
    manifest: Option<Manifest>,
    id: Option<RunId>,
}

/// The run that the arguments name.
pub(super) fn target(arguments: &TargetArguments) -> anyhow::Result<Target> {
    let lead = lead(arguments)?;
    let experiment = file::experiment(&lead.file, &lead.settings)?;
    refuse_another_file(&lead, &experiment)?;
    let names: Vec<&str> = experiment.variants.iter().map(|one| &*one.name).collect();
    let wanted = arguments.variant.as_deref().or(lead.id.as_ref().map(|id| &*id.variant));
    let place = match wanted {
        None => 0,
        Some(name) => names.iter().position(|own| *own == name).ok_or_else(|| {
            Refusal::usage(format!("no variant \"{name}\"; there is {}", names.join(", ")))
        })?,
    };
    if wanted.is_none() && names.len() > 1 {
        let others = names.join(", ");
        output::warning(&format!("variant \"{}\" of {others}; --variant takes another", names[0]));
    }
    let own = Seed { seed: experiment.seed, replication: 0 };
    let known =
        lead.id.as_ref().map(|id| id.seed).or(lead.manifest.as_ref().and_then(|one| one.seed));
    let seed = match arguments.seed {
        None => known.unwrap_or(own),
        Some(given) => Seed { seed: given.seed, replication: given.replication.unwrap_or(0) },
    };
    let id = RunId::of(&experiment, place, seed);
    let manifest = lead.manifest.or_else(|| {
        let directory = files::default_directory(&experiment.name);
        Manifest::in_directory(&directory).ok()
    });
    let recorded = manifest.and_then(|manifest| {
        let digest = manifest.digest(&id)?;
        Some((manifest.path, digest))
    });
    Ok(Target { experiment, place, seed, id, recorded })
}

fn lead(arguments: &TargetArguments) -> anyhow::Result<Lead> {
    let what = &arguments.what;
    let path = Path::new(what);
    if !path.exists() && RunId::resembles(what) {
        let id = RunId::parse(what).map_err(Refusal::usage)?;
        return lead_of_id(arguments, id);
    }
    if let Some(second) = &arguments.place {
        let message = format!("{what} is no id, so what is {} for?", second.display());
        return Err(Refusal::usage(message));
    }
    match path.is_dir() {
        true => lead_of_directory(arguments, path, None),
        false => Ok(Lead {
            file: path.to_owned(),
            settings: arguments.set.clone(),
            manifest: None,
            id: None,
        }),
    }
}

fn lead_of_id(arguments: &TargetArguments, id: RunId) -> anyhow::Result<Lead> {
    if arguments.seed.is_some() || arguments.variant.is_some() || !arguments.set.is_empty() {
        let message = "an id says which seed, variant and settings; drop the options";
        return Err(Refusal::usage(message));
    }
    let settings = id.settings.iter();
    let settings =
        settings.map(|(path, value)| Setting { path: path.clone(), value: value.clone() });
    match &arguments.place {
        Some(place) if place.is_dir() => lead_of_directory(arguments, place, Some(id)),
        Some(file) => Ok(Lead {
            file: file.clone(),
            settings: settings.collect(),
            manifest: None,
            id: Some(id),
        }),
        None => {
            let known = manifests_below(Path::new("out"));
            let found = known.into_iter().find(|manifest| manifest.digest(&id).is_some());
            let found = found.ok_or_else(|| {
                Refusal::usage(format!(
                    "no results under out/ have the run {id}; write where its file or its \
                     directory is: brownout replay {id} FILE"
                ))
            })?;
            lead_of_manifest(found, Some(id))
        }
    }
}

fn lead_of_directory(
    arguments: &TargetArguments,
    directory: &Path,
    id: Option<RunId>,
) -> anyhow::Result<Lead> {
    if !arguments.set.is_empty() {
        let message = "results have the settings they were made with; drop --set, or name the file";
        return Err(Refusal::usage(message));
    }
    let manifest = Manifest::in_directory(directory).map_err(Refusal::usage)?;
    lead_of_manifest(manifest, id)
}

fn lead_of_manifest(manifest: Manifest, id: Option<RunId>) -> anyhow::Result<Lead> {
    let file = manifest.find_file().ok_or_else(|| {
        Refusal::usage(format!(
            "{} is of the file {}, which is not there; write where it is: brownout replay ID FILE",
            manifest.path.display(),
            manifest.file.display()
        ))
    })?;
    if manifest.seed.is_none() && id.is_none() {
        return Err(Refusal::usage(format!(
            "{} is of many settings: name one of its runs by its id",
            manifest.path.display()
        )));
    }
    let settings = id.as_ref().map_or(&manifest.settings, |id| &id.settings).iter();
    let settings =
        settings.map(|(path, value)| Setting { path: path.clone(), value: value.clone() });
    Ok(Lead { file, settings: settings.collect(), manifest: Some(manifest), id })
}

/// What was recorded of one file says nothing about another.
fn refuse_another_file(lead: &Lead, experiment: &Experiment) -> anyhow::Result<()> {
    let short = |hash: &str| hash.chars().take(8).collect::<String>();
    let file = lead.file.display();
    let found = short(&experiment.text_hash);
    let changed = |whose: &str, hash: &str| {
        Refusal::mismatch(format!(
            "{whose} is of another version of {file}: its hash began with {hash}, and is {found} \
             now; get that version back, or run this one anew"
        ))
    };
    if let Some(id) = &lead.id {
        return match id.is_of(experiment) {
            true => Ok(()),
            false => Err(changed(&format!("the run {id}"), &id.hash)),
        };
    }
    match &lead.manifest {
        Some(manifest) if manifest.hash != experiment.text_hash => {
            Err(changed(&manifest.path.display().to_string(), &short(&manifest.hash)))
        }
        Some(_) | None => Ok(()),
    }
}

/// A run without a result, as an error with its exit code.
pub(super) fn refusal(id: &RunId, error: &RunError) -> anyhow::Error {
    let message = format!("run {id}: {error}");
    match error {
        RunError::Runaway(_) => Refusal::invalid(message),
        RunError::Imbalance(_) => Refusal::internal(message),
    }
}
