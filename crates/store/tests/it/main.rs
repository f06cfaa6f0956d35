//! The store as its users see it: on a real disk, with other processes, and with files that
//! mean harm.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a failed unwrap fails the test"
)]

mod captures;
mod damage;
mod ownership;
mod ports;
mod processes;
mod pruning;
mod roots;
mod scans;
mod storing;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use packwright_oci::{Entry, RelPath, Tree};
use packwright_store::Store;

/// A store in a directory of its own.
fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("store")).unwrap();
    (dir, store)
}

fn path(text: &str) -> RelPath {
    text.parse().unwrap()
}

/// Writes a file and the directories above it.
fn write(dir: &Path, path: &str, content: &str) {
    let path = dir.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// A tree of `path = content` files, which are stored; executables end in `*`.
fn tree(store: &Store, files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new();
    for (name, content) in files {
        let (digest, size) = store.add_file(&mut content.as_bytes()).unwrap();
        let (name, mode) = match name.strip_suffix('*') {
            Some(name) => (name, 0o755),
            None => (*name, 0o644),
        };
        tree.insert(path(name), Entry::file(digest, size, mode)).unwrap();
    }
    tree
}
