//! Points as they are finished, on disk: a sweep that is cut short goes on where it was.
//!
//! The file is appended to, a line a point. Whatever ends it, at most its last line is torn, and a
//! torn line is dropped and its point run again. The first line is the key: what the points are
//! results of. Points under another key are of another sweep, and are not touched up but deleted.

use super::record::PointRecord;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The name of the file in the directory of results.
pub const NAME: &str = "points.unfinished.ndjson";

/// The file, open and ours alone.
pub struct Store {
    path: PathBuf,
    file: File,
    /// The points that an earlier sitting finished, by number.
    pub kept: BTreeMap<usize, PointRecord>,
    /// Whether there were points of another sweep, which are gone now.
    pub was_stale: bool,
}

/// Why there is no store.
#[derive(Debug)]
pub enum Refused {
    /// Another sweep writes here.
    Busy,
    /// The file cannot be read or written.
    Io(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Refused {
        Refused::Io(error)
    }
}

impl Store {
    /// Opens the store in `directory`, which is made if it is not there, and takes over the points
    /// finished under the same key, unless they are to be forgotten.
    ///
    /// # Errors
    /// When another process has it open, or when files cannot be read or written.
    pub fn open(directory: &Path, key: &str, forget: bool) -> Result<Store, Refused> {
        std::fs::create_dir_all(directory)?;
        let path = directory.join(NAME);
        let options =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).clone();
        let mut file = options.open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Refused::Busy),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let (kept, whole) = match forget {
            true => (None, 0),
            false => taken_over(&bytes, key),
        };
        let was_stale = kept.is_none() && !bytes.is_empty() && !forget;
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::Start(whole as u64))?;
        if kept.is_none() {
            file.write_all(format!("{key}\n").as_bytes())?;
        }
        Ok(Store { path, file, kept: kept.unwrap_or_default(), was_stale })
    }

    /// Writes a finished point.
    ///
    /// # Errors
    /// When the disk is full, or gone.
    pub fn keep(&mut self, point: &PointRecord) -> io::Result<()> {
        // One write, so that two lines never mix and a torn one is the last.
        self.file.write_all(format!("{}\n", point.line).as_bytes())
    }

    /// Removes the file: the results are elsewhere now.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// The points on whole lines under this key, and where the last of these lines ends. `None` where
/// the key is another one.
fn taken_over(bytes: &[u8], key: &str) -> (Option<BTreeMap<usize, PointRecord>>, usize) {
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let text = |line: &[u8]| {
        let line = line.strip_suffix(b"\n")?;
        std::str::from_utf8(line).map(str::to_owned).ok()
    };
    let Some(first) = lines.next().filter(|line| text(line).as_deref() == Some(key)) else {
        return (None, 0);
    };
    let mut end = first.len();
    let mut kept = BTreeMap::new();
    for line in lines {
        let Some(record) = text(line).and_then(|line| PointRecord::read(&line).ok()) else { break };
        end += line.len();
        kept.insert(record.point, record);
    }
    (Some(kept), end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::record::Broken;

    fn record(point: usize) -> PointRecord {
        let broken = Broken { reason: format!("no {point}"), is_defect: false };
        PointRecord::broken(point, &vec![("a.b".to_owned(), point.to_string())], &broken)
    }

    #[test]
    fn a_torn_last_line_is_dropped_and_all_before_it_kept() {
        let whole: String = (0..3).map(|point| format!("{}\n", record(point).line)).collect();
        let file = format!("key\n{whole}");
        let last = file.len() - record(2).line.len() - 1;
        for end in last..file.len() {
            let (kept, until) = taken_over(&file.as_bytes()[..end], "key");
            assert_eq!(kept.map(|kept| kept.len()), Some(2), "cut at {end}");
            assert_eq!(until, last);
        }
        let (kept, until) = taken_over(file.as_bytes(), "key");
        assert_eq!(
            kept.map(|kept| kept.into_values().collect()),
            Some(vec![record(0), record(1), record(2)])
        );
        assert_eq!(until, file.len());
    }

    #[test]
    fn points_under_another_key_are_none_of_ours() {
        let file = format!("key\n{}\n", record(0).line);
        assert_eq!(taken_over(file.as_bytes(), "other"), (None, 0));
        assert_eq!(taken_over(b"", "key"), (None, 0));
        assert_eq!(taken_over(b"ke", "key"), (None, 0));
    }
}
