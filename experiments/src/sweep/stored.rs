//! A sweep read back from its directory: `manifest.json` and `points.ndjson`.

use super::document::hash;
use super::record::PointRecord;
use super::results::SweepResults;
use super::told::{Told, read_sweep};
use crate::report::json::{self, Cursor, Json};
use crate::report::stored::{Broken, check_version};

/// The names of the files.
pub const MANIFEST: &str = "manifest.json";
/// The points, a line each.
pub const POINTS: &str = "points.ndjson";

/// Whether a manifest is that of a sweep.
pub fn is_of_sweep(manifest: &Json) -> bool {
    !matches!(Cursor::new(manifest).get("sweep").json(), Json::Null)
}

/// Reads the files; `read` gives the text of the one with this name.
///
/// # Errors
/// The first that cannot be read, or is not as it was written.
pub fn read(read: impl Fn(&str) -> Result<String, String>) -> Result<(Told, SweepResults), Broken> {
    let broken = |file: &str, what: String| Broken { file: file.to_owned(), what };
    let text = |name: &str| read(name).map_err(|what| broken(name, what));
    let manifest = text(MANIFEST)?;
    let manifest = json::read(&manifest).map_err(|error| broken(MANIFEST, error.to_string()))?;
    check_version(MANIFEST, &manifest)?;
    let manifest = Cursor::new(&manifest);
    let misfit = |error: json::Misfit| broken(MANIFEST, error.to_string());
    let told = Told::read(&manifest).map_err(misfit)?;
    let sweep = read_sweep(&manifest.get("sweep")).map_err(misfit)?;
    let variants = manifest.get("variant_names").texts().map_err(misfit)?;
    let lines = text(POINTS)?;
    let expected = manifest.get("points_hash").text().map_err(misfit)?;
    if hash(&lines) != expected {
        let what = "its points are others than those of manifest.json".to_owned();
        return Err(broken(POINTS, what));
    }
    let read = |(number, line): (usize, &str)| {
        PointRecord::read(line)
            .map_err(|what| broken(POINTS, format!("line {}: {what}", number + 1)))
    };
    let records = lines.lines().enumerate().map(read).collect::<Result<Vec<_>, Broken>>()?;
    Ok((told, SweepResults::of(sweep, variants, records)))
}
