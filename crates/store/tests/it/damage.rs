//! Bits that flip, files that lost their end: found, reported, removed, made anew.

use std::fs;
use std::io::Read;
use std::path::Path;

use packwright_oci::{ContentSource, Digest};
use packwright_store::{Namespace, Store, StoreError};

use crate::{chmod, store, tree};

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
    for harm in ["truncated", "number", "shape"] {
        store.put_record(Namespace::new("step"), &key, &12_345).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        match harm {
            "truncated" => fs::write(&file, &text[..text.len() - 1]).unwrap(),
            "number" => fs::write(&file, text.replace("12345", "12344")).unwrap(),
            _ => store.put_record(Namespace::new("step"), &key, &"no number").unwrap(),
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
