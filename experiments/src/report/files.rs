//! Files on disk: all of them or none, each whole.

use super::json::Json;
use super::{Summary, csv, document, manifest, timeline};
use std::io;
use std::path::{Path, PathBuf};

/// A file's name and what is in it.
pub type File = (String, Vec<u8>);

/// Everything that a run leaves behind, worked out before anything is written.
///
/// # Errors
/// When a figure cannot be drawn.
pub fn files(
    summary: &Summary<'_>,
    file: &str,
    command: &str,
) -> Result<Vec<File>, brownout_plots::DrawError> {
    let mut files = Vec::new();
    for (name, figure) in timeline::figures(summary) {
        files.push((format!("{name}.svg"), brownout_plots::to_svg(&figure)?.into_bytes()));
        files.push((format!("{name}.png"), brownout_plots::to_png(&figure)?));
    }
    let text = |json: Json| json.document().into_bytes();
    files.push(("series.csv".to_owned(), csv::series(summary).into_bytes()));
    files.push(("summary.json".to_owned(), text(document::document(summary))));
    files.push(("manifest.json".to_owned(), text(manifest::manifest(summary, file, command))));
    Ok(files)
}

/// Writes `files` into `directory`, each to a temporary name first.
///
/// # Errors
/// When the directory or a file cannot be made; what was written under temporary names is removed.
pub fn write(directory: &Path, files: &[File]) -> io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let temporary = |name: &str| directory.join(format!(".{name}.{}", std::process::id()));
    let mut written: Vec<(PathBuf, PathBuf)> = Vec::with_capacity(files.len());
    let mut write_all = || -> io::Result<()> {
        for (name, bytes) in files {
            written.push((temporary(name), directory.join(name)));
            std::fs::write(temporary(name), bytes)?;
        }
        for (from, to) in &written {
            std::fs::rename(from, to)?;
        }
        Ok(())
    };
    let result = write_all();
    if result.is_err() {
        for (from, _) in &written {
            // The first error is the one to tell.
            let _ = std::fs::remove_file(from);
        }
    }
    result
}

/// Where a run's files go if nothing is said: `out/` and the experiment's name.
pub fn default_directory(experiment: &str) -> PathBuf {
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    Path::new("out").join(experiment.chars().map(plain).collect::<String>())
}
