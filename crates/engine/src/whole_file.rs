//! Files that appear whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::BuildError;

/// Writes a file beside `path` and renames it into place when it is whole and on disk.
pub(crate) fn whole_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    fs::create_dir_all(dir).map_err(|source| disk(dir, source))?;
    let draft = draft_beside(path);
    let written = (|| {
        let file = fs::File::create(&draft).map_err(|source| disk(&draft, source))?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        write(&mut out)?;
        let file = out.into_inner().map_err(|error| disk(&draft, error.into_error()))?;
        file.sync_all().map_err(|source| disk(&draft, source))?;
        fs::rename(&draft, path).map_err(|source| disk(path, source))
    })();
    if written.is_err() {
        // The draft is ours; the error that matters is the first one.
        let _ = fs::remove_file(&draft);
    }
    written
}

fn draft_beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    static DRAFTS: AtomicU64 = AtomicU64::new(0);
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{name}.packwright-{}-{number}", std::process::id()))
}

/// The disk failed at `path`.
pub(crate) fn disk(path: &Path, source: io::Error) -> BuildError {
    BuildError::Disk { path: path.to_owned(), source }
}
