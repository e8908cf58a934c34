//! Files on disk: all of them or none, each whole.

use super::chart::pictures;
use super::page::{self, PageError};
use super::stored::Stored;
use brownout_plots::DrawError;
use std::io;
use std::path::{Path, PathBuf};

/// A file's name and what is in it.
pub type File = (String, Vec<u8>);

/// The name of the page.
pub const PAGE: &str = "report.html";

/// Everything that a run leaves behind, worked out before anything is written: the pictures, the
/// page, and what both can be drawn from again.
///
/// # Errors
/// When a figure cannot be drawn, or the results are not as they were written.
pub fn files(stored: &Stored) -> Result<Vec<File>, PageError> {
    let mut files = vec![(PAGE.to_owned(), page::page(stored)?.into_bytes())];
    files.extend(drawn(stored)?);
    files.extend(stored.files());
    Ok(files)
}

/// The pictures that the experiment asks for, each as SVG and as PNG.
///
/// # Errors
/// When a figure cannot be drawn.
pub fn drawn(stored: &Stored) -> Result<Vec<File>, DrawError> {
    let mut files = Vec::new();
    for picture in pictures(stored) {
        let (name, figure) = (picture.file, picture.figure);
        files.push((format!("{name}.svg"), brownout_plots::to_svg(&figure)?.into_bytes()));
        files.push((format!("{name}.png"), brownout_plots::to_png(&figure)?));
    }
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
