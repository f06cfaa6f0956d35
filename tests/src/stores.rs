//! Stores of their own, for tests that damage one or must know all that is in it.

use std::fs;
use std::path::{Path, PathBuf};

use packwright_planner::Lock;

use crate::command::finish;
use crate::fixture::{Fixture, build, packwright, packwright_on};
use crate::place;
use crate::shared::Shared;

/// A store that no other test uses, gone when dropped.
pub struct OwnStore {
    above: tempfile::TempDir,
    path: PathBuf,
}

impl OwnStore {
    /// A store that is not there yet.
    pub fn empty() -> OwnStore {
        let above = place::new_dir("store");
        let path = above.path().join("store");
        OwnStore { above, path }
    }

    /// A store that has the packages that `python-procfile` needs, to spare the download, and no
    /// work. Others are downloaded when they are needed.
    pub fn with_packages() -> OwnStore {
        let checkout = Fixture::read("python-procfile").checkout();
        build(&checkout.dir);
        let lock = checkout.beside("packages.lock");
        finish(packwright(["lock", "-o"]).arg(&lock).arg(&checkout.dir)).ok();
        let lock = Lock::from_text(&fs::read_to_string(lock).unwrap()).unwrap();
        let store = OwnStore::empty();
        finish(&mut packwright_on(&store.path, ["doctor"]));
        let (from, to) = (Shared::First.path(), store.path());
        for package in lock.packages {
            let name = format!("blobs/sha256/{}", package.digest.hex());
            // What was pruned is downloaded again.
            if from.join(&name).exists() {
                fs::copy(from.join(&name), to.join(&name)).unwrap();
            }
        }
        store
    }

    /// The store.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The directory above the store, for files that go with it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.above.path().join(name)
    }
}

impl Drop for OwnStore {
    fn drop(&mut self) {
        if self.path.exists() {
            place::remove(&self.path);
        }
    }
}

/// Whether `wanted` is in the bytes, as they are or in what they hold compressed by gzip.
pub fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    let found = |bytes: &[u8]| memchr::memmem::find(bytes, wanted).is_some();
    if found(bytes) {
        return true;
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        let mut reader = flate2::read::MultiGzDecoder::new(bytes);
        if std::io::Read::read_to_end(&mut reader, &mut plain).is_ok() {
            return found(&plain);
        }
    }
    false
}

/// The files below `dir` that hold `wanted`, or whose names do.
pub fn holders(dir: &Path, wanted: &str) -> Vec<PathBuf> {
    let mut holders = Vec::new();
    for entry in walkdir::WalkDir::new(dir) {
        let entry = entry.unwrap();
        let name = entry.file_name().as_encoded_bytes();
        let link =
            if entry.path_is_symlink() { fs::read_link(entry.path()).unwrap() } else { PathBuf::new() };
        let bytes = if entry.file_type().is_file() { fs::read(entry.path()).unwrap() } else { Vec::new() };
        let parts = [name, link.as_os_str().as_encoded_bytes(), &bytes];
        if parts.iter().any(|part| holds(part, wanted.as_bytes())) {
            holders.push(entry.path().to_owned());
        }
    }
    holders
}
