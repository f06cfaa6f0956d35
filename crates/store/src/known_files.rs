//! [`KnownFiles`]: digests of files outside of the store, read again when their stamps are others. The blobs of an
//! image layout are compared with them.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use packwright_oci::{Digest, RelPath};
use rustix::fs::OFlags;

use crate::error::StoreError;
use crate::proof::digest_of;
use crate::stat_cache::{self, Stamp, StatCacheEntry};
use crate::store::{self, Store};

/// The purpose under which the stamps are kept.
const KIND: &[u8] = b"files outside of the store";

/// The files of one directory. What was read is kept by [`KnownFiles::save`], for files that were not written
/// just before.
#[derive(Debug)]
pub struct KnownFiles<'a> {
    store: &'a Store,
    dir: PathBuf,
    before: Vec<StatCacheEntry>,
    now: Vec<StatCacheEntry>,
}

impl Store {
    /// The files below `dir`, a directory that exists.
    pub fn known_files(&self, dir: &Path) -> Result<KnownFiles<'_>, StoreError> {
        let dir = dir.canonicalize().map_err(StoreError::io("find", dir))?;
        let before = stat_cache::load_as(self, KIND, &dir)?;
        Ok(KnownFiles { store: self, now: before.clone(), before, dir })
    }
}

impl KnownFiles<'_> {
    /// The digest of the regular file at `path`; `None` when something else is there, or nothing.
    ///
    /// Errors: those of opening and reading it.
    pub fn digest(&mut self, path: &RelPath) -> io::Result<Option<Digest>> {
        let read_at = store::now();
        let Some(mut file) = regular_file(&self.dir.join(path.as_str()))? else { return Ok(None) };
        let stamp = Stamp::of(&rustix::fs::fstat(&file)?);
        if let Some(known) = self.now.iter().find(|known| known.0 == *path && known.1 == stamp) {
            return Ok(Some(known.2));
        }
        let digest = digest_of(&mut file)?;
        self.now.retain(|known| known.0 != *path);
        if stamp.is_settled(read_at) && Stamp::of(&rustix::fs::fstat(&file)?) == stamp {
            self.now.push(StatCacheEntry(path.clone(), stamp, digest));
        }
        Ok(Some(digest))
    }

    /// Keeps what was read for the next time.
    pub fn save(mut self) -> Result<(), StoreError> {
        self.now.retain(|known| self.dir.join(known.0.as_str()).exists());
        self.now.sort_by(|one, other| one.0.cmp(&other.0));
        match self.now == self.before {
            true => Ok(()),
            false => stat_cache::save_as(self.store, KIND, &self.dir, &self.now),
        }
    }
}

/// The file at `path`, opened without following a link and without waiting for a pipe's other end.
fn regular_file(path: &Path) -> io::Result<Option<File>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    match OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path) {
        Ok(file) => Ok(file.metadata()?.is_file().then_some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => Ok(None),
        Err(error) => Err(error),
    }
}
