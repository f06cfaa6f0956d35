//! Bits that flip, files that lost their end: found, reported, removed, made anew.

use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, SystemTime};

use packwright_oci::{ContentSource, Digest, Entry};
use packwright_store::{ActionCache, CopiedModes, FILE_TIME, Namespace, Store, StoreError};

use crate::{chmod, path, store, tree};

const STEP: Namespace = Namespace::new("step");

/// Changes one byte without changing the length.
fn flip(path: &Path) {
    chmod(path, 0o644);
    let mut bytes = fs::read(path).unwrap();
    bytes[0] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn truncate(path: &Path) {
    chmod(path, 0o644);
    fs::write(path, "").unwrap();
}

fn file_path(store: &Store, digest: &Digest) -> std::path::PathBuf {
    let hex = digest.hex();
    store.path().join("files").join(&hex[..2]).join(hex)
}

#[test]
fn a_changed_content_is_never_given_out() {
    let (_dir, store) = store();
    let (digest, size) = store.add_file(&mut "content".as_bytes()).unwrap();
    flip(&file_path(&store, &digest));
    let mut bytes = Vec::new();
    let error = store.open(&digest).unwrap().read_to_end(&mut bytes).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    assert!(error.to_string().contains("was damaged"), "{error}");
    assert!(!store.has_file(&digest, size), "it must not be found again");
    let damage = store.take_damage();
    assert_eq!(damage.len(), 1);
    assert_eq!(damage[0].code, "store/damaged");
    store.add_file(&mut "content".as_bytes()).unwrap();
    store.open(&digest).unwrap().read_to_end(&mut bytes).unwrap();
}

#[test]
fn a_shortened_content_is_written_anew() {
    let (_dir, store) = store();
    let (digest, size) = store.add_file(&mut "content".as_bytes()).unwrap();
    truncate(&file_path(&store, &digest));
    assert!(!store.has_file(&digest, size));
    store.add_file(&mut "content".as_bytes()).unwrap();
    assert!(store.has_file(&digest, size));
}

#[test]
fn a_changed_blob_is_never_given_out() {
    let (_dir, store) = store();
    let (digest, _) = store.add_blob(&mut "package".as_bytes(), None).unwrap();
    flip(&store.blob_path(&digest));
    let error = store.blob(&digest).unwrap_err();
    assert!(matches!(error, StoreError::Corrupted { .. }), "{error}");
    assert!(error.fix().is_some());
    assert!(matches!(store.blob(&digest), Err(StoreError::Missing { .. })));
    store.add_blob(&mut "package".as_bytes(), Some((digest, 7))).unwrap();
    assert_eq!(store.blob(&digest).unwrap(), b"package");
}

#[test]
fn a_shortened_blob_is_replaced() {
    let (_dir, store) = store();
    let (digest, _) = store.add_blob(&mut "package".as_bytes(), None).unwrap();
    truncate(&store.blob_path(&digest));
    store.add_blob(&mut "package".as_bytes(), None).unwrap();
    assert_eq!(store.blob(&digest).unwrap(), b"package");
}

#[test]
fn a_changed_tree_is_gone() {
    let (dir, store) = store();
    let digest = store.put_tree(&tree(&store, &[("a", "1")])).unwrap();
    let file = dir.path().join(format!("store/trees/{}.json", digest.hex()));
    // Still valid JSON, and still a valid tree.
    let json = fs::read_to_string(&file).unwrap().replace("420", "421");
    fs::write(&file, json).unwrap();
    assert!(matches!(store.tree(&digest), Err(StoreError::Corrupted { .. })));
    assert!(matches!(store.tree(&digest), Err(StoreError::Missing { .. })));
}

#[test]
fn a_changed_record_is_as_good_as_none() {
    let (dir, store) = store();
    let key = Digest::of(b"key");
    let file = dir.path().join("store/records/step").join(key.hex());
    for harm in ["truncated", "number"] {
        store.put_record(Namespace::new("step"), &key, &12_345).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        match harm {
            "truncated" => fs::write(&file, &text[..text.len() - 1]).unwrap(),
            _ => fs::write(&file, text.replace("12345", "12344")).unwrap(),
        }
        assert_eq!(store.record::<u32>(Namespace::new("step"), &key).unwrap(), None, "{harm}");
        assert!(!file.exists(), "{harm}");
        assert_eq!(store.take_damage().len(), 1, "{harm}");
    }
}

#[test]
fn a_root_is_not_made_from_damage() {
    let (_dir, store) = store();
    let tree = tree(&store, &[("a", "1"), ("b*", "22")]);
    let digest = store.put_tree(&tree).unwrap();
    let short = Digest::of(b"1");
    truncate(&file_path(&store, &short));
    let error = store.root(&digest, &mut |_| true).unwrap_err();
    assert!(matches!(error, StoreError::Corrupted { digest, .. } if digest == short), "{error}");
    let error = store.root(&digest, &mut |_| true).unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
    // The twin for executables is a copy, so its source is read and checked.
    store.add_file(&mut "1".as_bytes()).unwrap();
    flip(&file_path(&store, &Digest::of(b"22")));
    let error = store.root(&digest, &mut |_| true).unwrap_err();
    assert!(matches!(error, StoreError::Corrupted { .. }), "{error}");
    store.add_file(&mut "22".as_bytes()).unwrap();
    store.root(&digest, &mut |_| true).unwrap();
}

#[test]
fn a_record_of_another_version_is_no_damage() {
    let (dir, store) = store();
    let key = Digest::of(b"key");
    store.put_record(STEP, &key, &"no number").unwrap();
    assert_eq!(store.record::<u32>(STEP, &key).unwrap(), None);
    assert_eq!(store.take_damage(), []);
    assert!(dir.path().join("store/records/step").join(key.hex()).exists(), "the other version needs it");
}

#[test]
fn a_damaged_tree_or_blob_of_the_same_length_is_replaced() {
    let (dir, store) = store();
    let tree = tree(&store, &[("a", "1")]);
    let digest = store.put_tree(&tree).unwrap();
    flip(&dir.path().join(format!("store/trees/{}.json", digest.hex())));
    store.put_tree(&tree).unwrap();
    assert_eq!(store.tree(&digest).unwrap(), tree);

    let (digest, _) = store.add_blob(&mut "package".as_bytes(), None).unwrap();
    flip(&store.blob_path(&digest));
    store.add_blob(&mut "package".as_bytes(), None).unwrap();
    assert_eq!(store.blob(&digest).unwrap(), b"package");

    let (digest, size) = store.add_file(&mut "content".as_bytes()).unwrap();
    flip(&file_path(&store, &digest));
    assert!(!store.has_file(&digest, size), "a write has changed the time");
}

/// Changes a file as a damaged disk does: neither length nor modification time tell.
fn rot(path: &Path) {
    flip(path);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(FILE_TIME as u64);
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    chmod(path, 0o444);
}

/// What damages the root at a path.
type Harm<'a> = &'a dyn Fn(&Path);

#[test]
fn a_root_is_what_its_tree_says_whatever_happened_to_it() {
    let harms: [(&str, Harm<'_>); 8] = [
        ("a byte", &|root| rot(&root.join("lib/a"))),
        ("a file less", &|root| fs::remove_file(root.join("lib/b")).unwrap()),
        ("a file more", &|root| fs::write(root.join("lib/evil"), "x").unwrap()),
        ("a link to elsewhere", &|root| {
            fs::remove_file(root.join("link")).unwrap();
            symlink("elsewhere", root.join("link")).unwrap();
        }),
        ("a mode", &|root| chmod(&root.join("lib/a"), 0o555)),
        ("half of it", &|root| fs::remove_dir_all(root.join("lib")).unwrap()),
        ("a directory that is a link", &|root| {
            fs::rename(root.join("lib"), root.join("other")).unwrap();
            symlink("other", root.join("lib")).unwrap();
        }),
        ("all of it", &|root| fs::remove_dir_all(root).unwrap()),
    ];
    for (harm, damage) in harms {
        let (_dir, store) = store();
        let files = [("lib/a", "first"), ("lib/b", "second"), ("bin/tool*", "run")];
        let mut tree = tree(&store, &files);
        tree.insert(path("link"), Entry::symlink("lib/a")).unwrap();
        let digest = store.put_tree(&tree).unwrap();
        let root = store.root(&digest, &mut |_| true).unwrap();
        let key = Digest::of(b"step");
        store.put_result(STEP, &key, &tree, &[digest]).unwrap();
        assert!(ActionCache::get(&store, STEP, &key).unwrap().is_some());

        damage(&root);
        let again = store.root(&digest, &mut |_| true).or_else(|_| {
            // What it was made of was damaged with it; the caller stores that anew.
            files.iter().for_each(|(_, content)| {
                store.add_file(&mut content.as_bytes()).unwrap();
            });
            store.root(&digest, &mut |_| true)
        });
        assert_eq!(again.unwrap(), root, "{harm}");
        for (name, content) in files {
            let name = name.trim_end_matches('*');
            assert_eq!(fs::read_to_string(root.join(name)).unwrap(), content, "{harm}");
        }
        assert_eq!(fs::read_link(root.join("link")).unwrap().to_str(), Some("lib/a"), "{harm}");
        let names = |dir: &Path| fs::read_dir(dir).unwrap().count();
        assert_eq!((names(&root), names(&root.join("lib"))), (3, 2), "{harm}");
        assert_eq!(crate::mode(&root.join("lib/a")), 0o444, "{harm}");
        if harm != "all of it" {
            assert!(ActionCache::get(&store, STEP, &key).unwrap().is_none(), "{harm}: its results go");
            assert!(!store.take_damage().is_empty(), "{harm}");
        }
    }
}

#[test]
fn damage_found_in_a_content_drops_what_was_made_from_it() {
    let (dir, store) = store();
    let bad = store.put_tree(&tree(&store, &[("a", "first"), ("b", "second")])).unwrap();
    let good = store.put_tree(&tree(&store, &[("b", "second")])).unwrap();
    for tree in [&bad, &good] {
        store.root(tree, &mut |_| true).unwrap();
    }
    let result = tree(&store, &[("out", "result")]);
    let keys = ["of both", "of the good one", "of nothing"].map(|key| Digest::of(key.as_bytes()));
    store.put_result(STEP, &keys[0], &result, &[good, bad]).unwrap();
    store.put_result(STEP, &keys[1], &result, &[good]).unwrap();
    store.put_result(STEP, &keys[2], &result, &[]).unwrap();
    store.put_record(STEP, &Digest::of(b"earlier"), &serde_json::json!({ "tree": good })).unwrap();

    let content = Digest::of(b"first");
    rot(&file_path(&store, &content));
    assert!(store.open(&content).unwrap().read_to_end(&mut Vec::new()).is_err());
    let is_there = |key: &Digest| ActionCache::get(&store, STEP, key).unwrap().is_some();
    assert_eq!(keys.map(|key| is_there(&key)), [false, true, true]);
    assert!(!is_there(&Digest::of(b"earlier")), "an earlier version did not note what it is made from");
    let marker = |tree: &Digest| dir.path().join(format!("store/roots/{}.made", tree.hex())).exists();
    assert_eq!((marker(&bad), marker(&good)), (false, true));

    // The root still has the damaged file, and the store has the content again.
    store.add_file(&mut "first".as_bytes()).unwrap();
    let root = store.root(&bad, &mut |_| true).unwrap();
    assert_eq!(fs::read_to_string(root.join("a")).unwrap(), "first");
}

#[test]
fn a_copied_root_is_what_its_tree_says() {
    let (dir, store) = store();
    let tree = tree(&store, &[("a", "first")]);
    rot(&file_path(&store, &Digest::of(b"first")));
    let target = dir.path().join("copy");
    fs::create_dir(&target).unwrap();
    let error = store.copy_root(&tree, &target, CopiedModes::OfRoots).unwrap_err();
    assert!(matches!(error, StoreError::Corrupted { .. }), "{error}");
    assert!(!store.has_all_of(&tree));
}

#[test]
fn what_lies_unused_is_verified_on_request() {
    let (_dir, store) = store();
    let tree = tree(&store, &[("a", "first"), ("b*", "second")]);
    let digest = store.put_tree(&tree).unwrap();
    let root = store.root(&digest, &mut |_| true).unwrap();
    let (blob, _) = store.add_blob(&mut "package".as_bytes(), None).unwrap();
    store.put_result(STEP, &blob, &tree, &[digest]).unwrap();
    let whole = store.verify(&mut || true).unwrap();
    // Two contents, the copy for executables, a blob, a tree, a record, a root.
    assert_eq!((whole.entries, whole.damaged), (7, 0));
    rot(&root.join("a"));
    flip(&store.blob_path(&blob));
    let found = store.verify(&mut || true).unwrap();
    assert_eq!(found.damaged, 3, "content, blob and root");
    assert!(!root.exists());
    assert_eq!(store.verify(&mut || true).unwrap().damaged, 0);
    assert!(matches!(store.verify(&mut || false), Err(StoreError::Cancelled)));
}
