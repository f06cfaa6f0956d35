//! Trees that `std::fs::remove_dir_all` cannot remove, or should not.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

#[test]
fn directories_without_permissions_go() {
    let home = tempfile::tempdir().unwrap();
    let tree = home.path().join("tree");
    fs::create_dir_all(tree.join("closed/inner")).unwrap();
    fs::write(tree.join("closed/inner/file"), "x").unwrap();
    for path in ["closed/inner", "closed"] {
        fs::set_permissions(tree.join(path), fs::Permissions::from_mode(0o000)).unwrap();
    }
    remove_tree(&tree).unwrap();
    assert!(!tree.exists());
}

#[test]
fn links_are_removed_and_not_followed() {
    let home = tempfile::tempdir().unwrap();
    let (tree, other) = (home.path().join("tree"), home.path().join("other"));
    fs::create_dir(&tree).unwrap();
    fs::create_dir(&other).unwrap();
    fs::write(other.join("kept"), "x").unwrap();
    symlink(&other, tree.join("link")).unwrap();
    remove_tree(&tree).unwrap();
    assert!(other.join("kept").exists());
    symlink(&other, &tree).unwrap();
    remove_tree(&tree).unwrap();
    assert!(other.join("kept").exists());
    assert!(!tree.exists());
}

#[test]
fn depth_has_no_limit() {
    let home = tempfile::tempdir().unwrap();
    let tree = home.path().join("tree");
    fs::create_dir(&tree).unwrap();
    let mut directory = rustix::fs::open(&tree, DIRECTORY, Mode::empty()).unwrap();
    for _ in 0..3000 {
        rustix::fs::mkdirat(&directory, c"deep", Mode::RWXU).unwrap();
        directory = rustix::fs::openat(&directory, c"deep", DIRECTORY, Mode::empty()).unwrap();
    }
    remove_tree(&tree).unwrap();
    assert!(!tree.exists());
}

#[test]
fn nothing_to_remove_is_fine() {
    let home = tempfile::tempdir().unwrap();
    remove_tree(&home.path().join("none")).unwrap();
    remove_tree(&home.path().join("none/below")).unwrap();
}
