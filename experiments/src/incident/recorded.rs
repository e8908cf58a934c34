//! What runs left behind about themselves: the manifests of runs, sweeps and hunts, read back.

use super::id::RunId;
use crate::report::json::{self, Cursor, Json, Misfit};
use crate::sweep::record::PointRecord;
use crate::sweep::stored::{POINTS, is_of_sweep};
use brownout_core::random::Seed;
use std::path::{Path, PathBuf};

/// The names of files that tell of runs.
const NAMES: [&str; 2] = ["manifest.json", "hunt.json"];

/// What a directory of results tells of its runs.
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
    /// The first replication of the run; none of a sweep or a hunt, whose runs have settings of
    /// their own.
    pub seed: Option<Seed>,
    runs: Runs,
}

/// Where the digest of each run is.
#[derive(Debug, Clone)]
enum Runs {
    /// By id.
    Here(Vec<(String, String)>),
    /// In the points of a sweep.
    InPoints(PathBuf),
}

impl Manifest {
    /// The manifest in a directory of results.
    ///
    /// # Errors
    /// Why there is none, for a person.
    pub fn in_directory(directory: &Path) -> Result<Manifest, String> {
        let named = NAMES.into_iter().map(|name| directory.join(name));
        let path = named.clone().find(|path| path.exists()).unwrap_or(directory.join(NAMES[0]));
        let shown = path.display();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {shown}: {error}"))?;
        let value = json::read(&text).map_err(|error| format!("{shown}: {error}"))?;
        Manifest::of(path.clone(), &value).map_err(|misfit| {
            format!("{shown} is no manifest that this version wrote: {misfit}; run it again")
        })
    }

    fn of(path: PathBuf, value: &Json) -> Result<Manifest, Misfit> {
        let root = Cursor::new(value);
        let is_hunt = !matches!(root.get("searches").json(), Json::Null);
        let (seed, runs) = match (is_of_sweep(value), is_hunt) {
            (true, _) => (None, Runs::InPoints(path.with_file_name(POINTS))),
            (_, true) => (None, Runs::Here(root.get("bad_runs").each(listed)?)),
            _ => {
                let variants = root.get("variants").items()?;
                let runs = variants.iter().map(of_variant).collect::<Result<Vec<_>, _>>()?;
                (Some(first_seed(&root)?), Runs::Here(runs.concat()))
            }
        };
        Ok(Manifest {
            file: PathBuf::from(root.get("file").text()?),
            hash: root.get("file_hash").text()?.to_owned(),
            settings: root.get("settings").each(Cursor::setting)?,
            seed,
            runs,
            path,
        })
    }

    /// The digest of a run, if it is recorded.
    pub fn digest(&self, id: &RunId) -> Option<String> {
        let id = id.to_string();
        match &self.runs {
            Runs::Here(runs) => {
                runs.iter().find(|(own, _)| *own == id).map(|(_, digest)| digest.clone())
            }
            Runs::InPoints(path) => {
                let text = std::fs::read_to_string(path).ok()?;
                let quoted = Json::text(&id).tight();
                let line = text.lines().find(|line| line.contains(&quoted))?;
                let point = PointRecord::read(line).ok()?;
                point.variants().iter().find_map(|variant| {
                    let place = variant.ids.iter().position(|own| *own == id)?;
                    variant.digests.get(place).cloned()
                })
            }
        }
    }

    /// The experiment's file, if it is where it was, or beside its results.
    pub fn find_file(&self) -> Option<PathBuf> {
        let beside = self.path.parent().map(|directory| directory.join(&self.file));
        [Some(self.file.clone()), beside].into_iter().flatten().find(|path| path.is_file())
    }
}

/// The runs of a variant, by id.
fn of_variant(variant: &Cursor<'_>) -> Result<Vec<(String, String)>, Misfit> {
    let digests = variant.get("replications");
    let keys = digests.fields()?.iter();
    let digests = keys.map(|(seed, _)| Ok(digests.get(seed).text()?.to_owned()));
    let digests = digests.collect::<Result<Vec<String>, Misfit>>()?;
    Ok(variant.get("ids").texts()?.into_iter().zip(digests).collect())
}

/// A run in a list.
fn listed(run: &Cursor<'_>) -> Result<(String, String), Misfit> {
    Ok((run.get("id").text()?.to_owned(), run.get("digest").text()?.to_owned()))
}

/// The first replication.
fn first_seed(root: &Cursor<'_>) -> Result<Seed, Misfit> {
    let variants = root.get("variants");
    let first = variants.items()?.into_iter().next();
    let first = first.ok_or_else(|| variants.misfit("a list of one or more"))?;
    let replications = first.get("replications");
    let key = replications.fields()?.first().and_then(|(key, _)| key.split_once('#'));
    let seed = key.and_then(|(seed, replication)| {
        Some(Seed { seed: seed.parse().ok()?, replication: replication.parse().ok()? })
    });
    seed.ok_or_else(|| replications.misfit("an object by seeds such as 42#0"))
}

/// Every manifest in a directory below `root`, in order of path.
pub fn manifests_below(root: &Path) -> Vec<Manifest> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let mut directories: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    directories.sort();
    directories.iter().filter_map(|directory| Manifest::in_directory(directory).ok()).collect()
}
