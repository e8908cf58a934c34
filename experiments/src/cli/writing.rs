//! A file that is written as it comes, under a temporary name, so that it is whole or not there.

use super::exit::Refusal;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Has `make` write the file at `path`. What it returns is returned if everything was written.
pub(super) fn whole<T>(
    path: &Path,
    make: impl FnOnce(&mut dyn Write) -> anyhow::Result<(io::Result<()>, T)>,
) -> anyhow::Result<T> {
    let refused =
        |error: io::Error| Refusal::usage(format!("cannot write to {}: {error}", path.display()));
    if path.is_dir() {
        return Err(Refusal::usage(format!("{} is a directory; name a file", path.display())));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.ok_or_else(|| Refusal::usage(format!("{} names no file", path.display())))?;
    let temporary = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let write = || -> anyhow::Result<T> {
        let mut out = BufWriter::new(File::create(&temporary).map_err(refused)?);
        let (written, made) = make(&mut out)?;
        written.and_then(|()| out.flush()).map_err(refused)?;
        std::fs::rename(&temporary, path).map_err(refused)?;
        Ok(made)
    };
    let result = write();
    if result.is_err() {
        // The first error is the one to tell.
        let _ = std::fs::remove_file(&temporary);
    }
    result
}
