//! What the store holds, and how much disk space it takes.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use packwright_oci::Digest;

use crate::error::StoreError;
use crate::records;
use crate::store::{self, Store};

/// The disk usage of one part of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiskUsage {
    /// How many entries.
    pub count: u64,
    /// Space on disk in bytes. A file with hard links in other parts does not count.
    pub bytes: u64,
}

/// The disk usage of a store, by its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreUsage {
    /// File contents, with the executable copies.
    pub files: DiskUsage,
    /// Packages, indexes, layers, configurations.
    pub blobs: DiskUsage,
    /// Trees.
    pub trees: DiskUsage,
    /// Directories of trees.
    pub roots: DiskUsage,
    /// Results of earlier work.
    pub records: DiskUsage,
    /// Directories that steps keep for themselves.
    pub caches: DiskUsage,
}

/// A root of garbage collection: a record or a cache. As long as it stays, what it names stays.
pub(crate) struct GcRoot {
    pub(crate) path: PathBuf,
    pub(crate) used: SystemTime,
    pub(crate) bytes: u64,
    /// The digests in a record; `None` for a cache.
    pub(crate) names: Option<Vec<Digest>>,
}

impl StoreUsage {
    /// All parts together, in bytes.
    pub fn bytes(&self) -> u64 {
        [self.files, self.blobs, self.trees, self.roots, self.records, self.caches]
            .iter()
            .map(|dir| dir.bytes)
            .sum()
    }
}

impl DiskUsage {
    pub(crate) fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }
}

impl Store {
    /// The disk usage of each part. It is exact only while no other process writes.
    pub fn usage(&self) -> Result<StoreUsage, StoreError> {
        let mut usage = StoreUsage::default();
        let files_and_blobs = [("files", &mut usage.files), ("blobs", &mut usage.blobs)];
        for (dir, count) in files_and_blobs {
            self.contents(dir)?.iter().for_each(|(_, found)| count.add(on_disk(found)));
        }
        for (_, found) in entries(&self.path().join("trees"))? {
            usage.trees.add(on_disk(&found));
        }
        for (path, found) in entries(&self.path().join("roots"))? {
            if found.is_dir() {
                usage.roots.add(size_of_dir(&path)?);
            }
        }
        for gc_root in self.gc_roots()? {
            match gc_root.names {
                Some(_) => usage.records.add(gc_root.bytes),
                None => usage.caches.add(gc_root.bytes),
            }
        }
        Ok(usage)
    }

    /// The entries in the subdirectories of `dir`, which is `files` or `blobs`.
    pub(crate) fn contents(&self, dir: &str) -> Result<Vec<(PathBuf, Metadata)>, StoreError> {
        let mut contents = Vec::new();
        for (folder, found) in entries(&self.path().join(dir))? {
            if found.is_dir() {
                contents.extend(entries(&folder)?);
            }
        }
        Ok(contents)
    }

    /// All records and caches. Damaged records are removed.
    pub(crate) fn gc_roots(&self) -> Result<Vec<GcRoot>, StoreError> {
        let mut gc_roots = Vec::new();
        for (namespace, found) in entries(&self.path().join("records"))? {
            if !found.is_dir() {
                continue;
            }
            for (path, found) in entries(&namespace)? {
                let bytes = fs::read(&path).map_err(StoreError::io("read", &path))?;
                let value = records::checked(&bytes)
                    .and_then(|(json, _)| serde_json::from_slice::<serde_json::Value>(json).ok());
                let Some(value) = value else {
                    self.discard(&path, "its bytes are not those that were written");
                    continue;
                };
                let mut names = Vec::new();
                collect(&value, &mut names);
                let used = used(&found);
                gc_roots.push(GcRoot { path, used, bytes: on_disk(&found), names: Some(names) });
            }
        }
        for (path, found) in entries(&self.path().join("caches"))? {
            let bytes = size_of_dir(&path)?;
            gc_roots.push(GcRoot { path, used: used(&found), bytes, names: None });
        }
        Ok(gc_roots)
    }
}

/// Collects all digests in `value`, at any depth.
fn collect(value: &serde_json::Value, names: &mut Vec<Digest>) {
    match value {
        serde_json::Value::String(text) => names.extend(text.parse::<Digest>()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                names.extend(name.parse::<Digest>());
                collect(value, names);
            }
        }
        _ => {}
    }
}

/// When a record or cache was last used, which is its modification time. A time in the future, of a clock that
/// was wrong, says nothing: such an entry counts as the oldest, or it would never be old enough to be removed.
fn used(found: &Metadata) -> SystemTime {
    let used = found.modified().ok().filter(|used| *used <= store::now());
    used.unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The entries of a directory of the store, sorted by name. An entry that vanishes during the call is left out.
pub(crate) fn entries(dir: &Path) -> Result<Vec<(PathBuf, Metadata)>, StoreError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(StoreError::io("list", dir))? {
        let entry = entry.map_err(StoreError::io("list", dir))?;
        match entry.metadata() {
            Ok(metadata) => found.push((entry.path(), metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::io("look at", entry.path())(error)),
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// Space that a file takes on disk, in bytes.
pub(crate) fn on_disk(found: &Metadata) -> u64 {
    const UNIT: u64 = 512; // of `st_blocks`, whatever the file system
    found.blocks() * UNIT
}

/// The space that `path` takes on disk, in bytes; 0 when it does not exist.
pub(crate) fn space(path: &Path) -> u64 {
    fs::symlink_metadata(path).map_or(0, |found| on_disk(&found))
}

/// The space that removing a directory frees, in bytes: files with hard links elsewhere do not count.
pub(crate) fn size_of_dir(dir: &Path) -> Result<u64, StoreError> {
    let mut bytes = space(dir);
    let mut pending = vec![dir.to_owned()];
    while let Some(dir) = pending.pop() {
        let listed = match entries(&dir) {
            // A step may have left directories without any read permission.
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => {
                continue;
            }
            other => other?,
        };
        for (path, found) in listed {
            if found.is_dir() {
                pending.push(path);
            }
            if found.is_dir() || found.nlink() == 1 {
                bytes += on_disk(&found);
            }
        }
    }
    Ok(bytes)
}
