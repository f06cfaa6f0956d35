//! No way out of a directory.

use std::os::unix::fs::symlink;

use super::*;

#[test]
fn links_are_not_followed_by_either_way_of_opening() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path().join("top");
    std::fs::create_dir_all(top.join("a/b")).unwrap();
    std::fs::write(top.join("a/b/file"), "x").unwrap();
    std::fs::write(dir.path().join("secret"), "x").unwrap();
    symlink("..", top.join("up")).unwrap();
    symlink(dir.path(), top.join("abs")).unwrap();
    symlink("b", top.join("a/same")).unwrap();
    symlink("file", top.join("a/b/link")).unwrap();
    let below = ConfinedDir::open(&top).unwrap();
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    for path in ["a/b/file", "a/b", "."] {
        below.open_at(path, OFlags::RDONLY).unwrap();
        below.open_by_parts(path, flags).unwrap();
    }
    for path in ["up/secret", "abs/secret", "a/same/file", "a/b/link", "up", "a/nothing"] {
        assert!(below.open_at(path, OFlags::RDONLY).is_err(), "{path}");
        assert!(below.open_by_parts(path, flags).is_err(), "{path}");
    }
    assert!(below.file("a/b").is_err(), "a directory is no file");
    assert!(below.dir("a/b/file").is_err(), "a file is no directory");
}
