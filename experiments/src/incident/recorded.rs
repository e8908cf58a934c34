//! What runs left behind about themselves: their manifests, read back.

use super::id::RunId;
use brownout_core::random::Seed;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The manifest of a directory of results.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Where it lies.
    pub path: PathBuf,
    /// The experiment's file as it was written on the command line, or its name alone.
    pub file: PathBuf,
    /// The hash of the file, of what `--set` changed, and of the files read with it.
    pub hash: String,
    /// What `--set` changed.
    pub settings: Vec<(String, String)>,
    /// The first replication.
    pub seed: Seed,
    variants: Value,
}

impl Manifest {
    /// The manifest in a directory of results.
    ///
    /// # Errors
    /// Why there is none, for a person.
    pub fn in_directory(directory: &Path) -> Result<Manifest, String> {
        let path = directory.join("manifest.json");
        let shown = path.display();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {shown}: {error}"))?;
        let value: Value = serde_json::from_str(&text)
            .map_err(|error| format!("{shown} is no manifest: {error}"))?;
        Manifest::of(path.clone(), &value)
            .ok_or_else(|| format!("{shown} is no manifest that this version wrote; run it again"))
    }

    fn of(path: PathBuf, value: &Value) -> Option<Manifest> {
        let settings = value["settings"].as_array()?.iter();
        let settings = settings.map(|one| {
            let (path, value) = one.as_str()?.split_once('=')?;
            Some((path.to_owned(), value.to_owned()))
        });
        let first = value["variants"][0]["replications"].as_object()?.keys().next()?;
        let (seed, replication) = first.split_once('#')?;
        let seed = Seed { seed: seed.parse().ok()?, replication: replication.parse().ok()? };
        Some(Manifest {
            file: PathBuf::from(value["file"].as_str()?),
            hash: value["file_hash"].as_str()?.to_owned(),
            settings: settings.collect::<Option<_>>()?,
            seed,
            variants: value["variants"].clone(),
            path,
        })
    }

    /// The digest of a run, if it is recorded.
    pub fn digest(&self, id: &RunId) -> Option<&str> {
        if !self.hash.starts_with(&id.hash) {
            return None;
        }
        let mut variants = self.variants.as_array()?.iter();
        let variant = variants.find(|variant| variant["name"] == id.variant.as_str())?;
        variant["replications"][id.seed.to_string()].as_str()
    }

    /// The names of its variants.
    pub fn variants(&self) -> impl Iterator<Item = &str> {
        let variants = self.variants.as_array().into_iter().flatten();
        variants.filter_map(|variant| variant["name"].as_str())
    }

    /// The experiment's file, if it is where it was, or beside its results.
    pub fn find_file(&self) -> Option<PathBuf> {
        let beside = self.path.parent().map(|directory| directory.join(&self.file));
        [Some(self.file.clone()), beside].into_iter().flatten().find(|path| path.is_file())
    }
}

/// Every manifest in a directory below `root`, in order of path.
pub fn manifests_below(root: &Path) -> Vec<Manifest> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let mut directories: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    directories.sort();
    directories.iter().filter_map(|directory| Manifest::in_directory(directory).ok()).collect()
}
