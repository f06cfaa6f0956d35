//! Trees as directories.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::atomic::{AtomicBool, Ordering};

use packwright_oci::{Entry, Node, Tree};
use packwright_store::{CopiedModes, FILE_TIME, StoreError};

use crate::{mode, path, store, tree};

#[test]
fn a_root_looks_like_its_tree() {
    let (_dir, store) = store();
    let mut tree = tree(&store, &[("bin/tool*", "run"), ("etc/conf", "x"), ("etc/copy", "x")]);
    tree.insert(path("bin/sh"), Entry::symlink("tool")).unwrap();
    tree.insert(path("out"), Entry::symlink("/etc/shadow")).unwrap();
    tree.insert(path("var/empty"), Entry::dir(0o700)).unwrap();
    let link = Node::Hardlink { target: path("bin/tool") };
    tree.insert(path("bin/other"), Entry { node: link, ..Entry::dir(0o755) }).unwrap();
    let digest = store.put_tree(&tree).unwrap();
    let root = store.root(&digest, &mut |_| true).unwrap();
    assert_eq!(root, store.root(&digest, &mut |_| true).unwrap());

    assert_eq!(fs::read_to_string(root.join("bin/tool")).unwrap(), "run");
    assert_eq!(mode(&root.join("bin/tool")), 0o555);
    assert_eq!(mode(&root.join("etc/conf")), 0o444);
    assert_eq!(mode(&root.join("var/empty")), 0o755);
    assert_eq!(fs::read_link(root.join("bin/sh")).unwrap().to_str(), Some("tool"));
    assert_eq!(fs::read_link(root.join("out")).unwrap().to_str(), Some("/etc/shadow"));
    let inode = |name: &str| fs::metadata(root.join(name)).unwrap().ino();
    assert_eq!(inode("bin/tool"), inode("bin/other"));
    assert_eq!(inode("etc/conf"), inode("etc/copy"));
    for name in ["", "bin", "bin/tool", "bin/sh", "var", "var/empty"] {
        assert_eq!(fs::symlink_metadata(root.join(name)).unwrap().mtime(), FILE_TIME, "{name:?}");
    }
    let mut names: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["bin", "etc", "out", "var"]);
}

#[test]
fn the_same_content_plain_and_executable() {
    let (_dir, store) = store();
    let tree = tree(&store, &[("plain", "same"), ("run*", "same")]);
    let digest = store.put_tree(&tree).unwrap();
    let root = store.root(&digest, &mut |_| true).unwrap();
    assert_eq!((mode(&root.join("plain")), mode(&root.join("run"))), (0o444, 0o555));
}

#[test]
fn contents_that_others_store_meanwhile_are_linked() {
    const NAMES: usize = 30_000;
    let (dir, store) = store();
    let mut tree = tree(&store, &[("name*", "run")]);
    let entry = tree.get("name").unwrap().clone();
    (0..NAMES).for_each(|number| drop(tree.insert(path(&format!("name-{number}")), entry.clone())));
    let digest = store.put_tree(&tree).unwrap();
    let done = AtomicBool::new(false);
    let root = std::thread::scope(|scope| {
        // What every build does that finds the content missing, at the same time as others.
        scope.spawn(|| {
            let hex = packwright_oci::Digest::of(b"run").hex();
            let stored = dir.path().join(format!("store/files/{}/{hex}.x", &hex[..2]));
            let draft = dir.path().join("draft");
            while !done.load(Ordering::SeqCst) {
                fs::write(&draft, "run").unwrap();
                fs::set_permissions(&draft, fs::Permissions::from_mode(0o555)).unwrap();
                fs::rename(&draft, &stored).unwrap();
            }
        });
        let root = store.root(&digest, &mut |_| true);
        done.store(true, Ordering::SeqCst);
        root
    });
    assert_eq!(fs::read_dir(root.unwrap()).unwrap().count(), NAMES + 1);
}

#[test]
fn what_no_directory_can_hold_is_refused() {
    let (_dir, store) = store();
    let mut tree = Tree::new();
    tree.insert(path("it"), Entry::whiteout()).unwrap();
    let digest = store.put_tree(&tree).unwrap();
    let error = store.root(&digest, &mut |_| true).unwrap_err();
    assert!(matches!(error, StoreError::NotOnDisk { .. }), "{error}");

    for target in ["nowhere", "dir", "it"] {
        let mut tree = Tree::new();
        tree.insert(path("dir"), Entry::dir(0o755)).unwrap();
        let link = Node::Hardlink { target: path(target) };
        tree.insert(path("it"), Entry { node: link, ..Entry::dir(0o644) }).unwrap();
        let error = store.put_tree(&tree).unwrap_err();
        assert!(matches!(error, StoreError::LooseLink { .. }), "{target}: {error}");
    }
}

#[test]
fn a_root_of_another_boot_is_checked_before_use() {
    let (_dir, store) = store();
    let tree = tree(&store, &[("a", "1"), ("b", "2")]);
    let digest = store.put_tree(&tree).unwrap();
    let root = store.root(&digest, &mut |_| true).unwrap();
    let marker = root.with_extension("made");
    fs::write(&marker, "another boot").unwrap();
    let before = fs::metadata(&root).unwrap().ino();
    store.root(&digest, &mut |_| true).unwrap();
    assert_eq!(fs::metadata(&root).unwrap().ino(), before, "a whole root is kept");
    assert_ne!(fs::read_to_string(&marker).unwrap(), "another boot");

    // The bytes never reached the disk.
    fs::write(&marker, "another boot").unwrap();
    fs::remove_file(root.join("b")).unwrap();
    fs::write(root.join("b"), "").unwrap();
    store.root(&digest, &mut |_| true).unwrap();
    assert_eq!(fs::read_to_string(root.join("b")).unwrap(), "2");
}

/// What a step can see of a file without reading it: kind, permission bits, time, link text.
fn seen(root: &std::path::Path, name: &str) -> (u32, i64, i64, Option<std::path::PathBuf>) {
    let at = root.join(name);
    let found = fs::symlink_metadata(&at).unwrap();
    (found.mode(), found.mtime(), found.mtime_nsec(), fs::read_link(&at).ok())
}

#[test]
fn a_copied_root_cannot_be_told_from_the_other() {
    let (dir, store) = store();
    let mut tree = tree(&store, &[("bin/tool*", "run"), ("etc/conf", "x"), ("var/deep/er/file", "y")]);
    tree.insert(path("bin/sh"), Entry::symlink("tool")).unwrap();
    tree.insert(path("var/private"), Entry::dir(0o700)).unwrap();
    tree.insert(path("app"), Entry::dir(0o775).owned_by(1000, 0)).unwrap();
    let digest = packwright_oci::Digest::of(b"run");
    tree.insert(path("app/run.sh"), Entry::file(digest, 3, 0o775).owned_by(1000, 0)).unwrap();
    let link = Node::Hardlink { target: path("bin/tool") };
    tree.insert(path("bin/other"), Entry { node: link, ..Entry::dir(0o755) }).unwrap();

    let root = store.root(&store.put_tree(&tree).unwrap(), &mut |_| true).unwrap();
    let copy = dir.path().join("copy");
    fs::create_dir(&copy).unwrap();
    store.copy_root(&tree, &copy, CopiedModes::OfRoots).unwrap();
    for name in tree.iter().map(|(path, _)| path.as_str()).chain([""]) {
        assert_eq!(seen(&copy, name), seen(&root, name), "{name:?}");
    }

    // A process without rights of its own writes where the tree says that it may.
    let own = dir.path().join("own");
    fs::create_dir(&own).unwrap();
    store.copy_root(&tree, &own, CopiedModes::OfTree).unwrap();
    assert_eq!([mode(&own.join("app")), mode(&own.join("var/private"))], [0o775, 0o700]);
    assert_eq!([mode(&own.join("app/run.sh")), mode(&own.join("etc/conf"))], [0o775, 0o644]);
    assert_eq!(fs::metadata(own.join("var/deep")).unwrap().mtime(), FILE_TIME);
}
