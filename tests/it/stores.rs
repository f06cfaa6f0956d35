//! Stores of their own, for tests that damage one or must know all that is in it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::finish;
use crate::fixture::{Fixture, build, packwright_on};
use crate::place;

/// A store that no other test uses, gone when dropped.
pub(crate) struct OwnStore {
    above: tempfile::TempDir,
    path: PathBuf,
}

impl OwnStore {
    /// A store that is not there yet.
    pub(crate) fn new() -> OwnStore {
        let above = place::new_dir("store");
        let path = above.path().join("store");
        OwnStore { above, path }
    }

    /// A store that has the packages of the shared one, to spare the download, and no work.
    pub(crate) fn with_packages() -> OwnStore {
        build(&Fixture::read("python-procfile").checkout().dir);
        let store = OwnStore::new();
        finish(&mut packwright_on(&store.path, ["doctor"]));
        let blobs = place::store().join("blobs/sha256");
        for entry in fs::read_dir(blobs).unwrap() {
            let path = entry.unwrap().path();
            // Names of drafts are not digests; drafts may be gone by now.
            if path.file_name().is_some_and(|name| name.len() == 64) && is_package(&path) {
                fs::copy(&path, store.path.join("blobs/sha256").join(path.file_name().unwrap())).unwrap();
            }
        }
        store
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The directory above the store, for files that go with it.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
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

/// Debian packages are `ar` archives.
fn is_package(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"!<arch>\n"))
}

/// Whether `wanted` is in the bytes, as they are or in what they hold compressed by gzip.
pub(crate) fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
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
pub(crate) fn holders(dir: &Path, wanted: &str) -> Vec<PathBuf> {
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
