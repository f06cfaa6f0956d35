//! Putting things in and getting them back.

use std::io::{Read, Write};

use packwright_oci::{ContentSource, Digest};
use packwright_store::{Namespace, Store, StoreBlobs, StoreError};

use crate::{mode, path, store, tree};

#[test]
fn contents_come_back_whatever_their_length() {
    let (_dir, store) = store();
    for length in [0, 1, 262_143, 262_144, 262_145, 1_000_000] {
        let content: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
        let (digest, size) = store.add_file(&mut content.as_slice()).unwrap();
        assert_eq!((digest, size), (Digest::of(&content), length as u64));
        assert!(store.has_file(&digest, size));
        assert!(!store.has_file(&digest, size + 1));
        let mut back = Vec::new();
        store.open(&digest).unwrap().read_to_end(&mut back).unwrap();
        assert!(back == content, "{length} bytes");
    }
    let error = store.open(&Digest::of(b"never stored")).err().unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

/// Fails in the middle, as a download or a decompressor does.
struct Breaking(u64);

impl Read for Breaking {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            return Err(std::io::Error::other("broken"));
        }
        let count = buffer.len().min(self.0 as usize);
        self.0 -= count as u64;
        Ok(count)
    }
}

#[test]
fn a_content_that_breaks_off_leaves_nothing() {
    let (dir, store) = store();
    for length in [10, 1_000_000] {
        let error = store.add_file(&mut Breaking(length)).unwrap_err();
        assert_eq!(error.to_string(), "broken");
        assert!(store.add_blob(&mut Breaking(length), None).is_err());
    }
    let usage = store.usage().unwrap();
    assert_eq!((usage.files.count, usage.blobs.count), (0, 0));
    assert_eq!(drafts(dir.path()), 0);
}

/// How many temporary files there are.
fn drafts(dir: &std::path::Path) -> usize {
    std::fs::read_dir(dir.join("store/scratch"))
        .unwrap()
        .flat_map(|scratch| std::fs::read_dir(scratch.unwrap().path()).unwrap())
        .count()
}

#[test]
fn contents_are_read_only_and_carry_the_fixed_time() {
    let (dir, store) = store();
    let (digest, _) = store.add_file(&mut "hello".as_bytes()).unwrap();
    let hex = digest.hex();
    let file = dir.path().join("store/files").join(&hex[..2]).join(&hex);
    assert_eq!(mode(&file), 0o444);
    let modified = std::fs::metadata(&file).unwrap().modified().unwrap();
    let seconds = modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert_eq!(seconds as i64, packwright_store::FILE_TIME);
}

#[test]
fn blobs_must_be_what_was_expected() {
    let (_dir, store) = store();
    let right = Digest::of(b"package");
    let wrong = Digest::of(b"other");
    for expected in [(wrong, 7), (right, 8)] {
        let error = store.add_blob(&mut "package".as_bytes(), Some(expected)).unwrap_err();
        assert!(matches!(error, StoreError::Mismatch { found_size: 7, .. }), "{error}");
        assert!(!store.has_blob(&right, None));
    }
    let mut writer = store.blob_writer().unwrap();
    writer.write_all(b"pack").unwrap();
    writer.write_all(b"age").unwrap();
    assert_eq!(writer.length(), 7);
    assert_eq!(writer.finish(Some((right, 7))).unwrap(), (right, 7));
    assert!(store.has_blob(&right, Some(7)));
    assert!(!store.has_blob(&right, Some(6)));
    assert_eq!(store.blob(&right).unwrap(), b"package");
    assert_eq!(std::fs::read(store.blob_path(&right)).unwrap(), b"package");
    let mut back = String::new();
    StoreBlobs(&store).open(&right).unwrap().read_to_string(&mut back).unwrap();
    assert_eq!(back, "package");
    assert!(matches!(store.blob(&wrong), Err(StoreError::Missing { part: "blobs", .. })));
}

#[test]
fn trees_are_named_by_their_content() {
    let (_dir, store) = store();
    let tree = tree(&store, &[("bin/tool*", "x"), ("etc/conf", "y")]);
    let digest = store.put_tree(&tree).unwrap();
    assert_eq!(store.put_tree(&tree).unwrap(), digest);
    assert_eq!(store.tree(&digest).unwrap(), tree);
    assert!(store.has_all_of(&tree));
    let other = Digest::of(b"");
    assert!(matches!(store.tree(&other), Err(StoreError::Missing { part: "trees", .. })));
    let mut lacking = tree.clone();
    lacking.insert(path("etc/gone"), packwright_oci::Entry::file(other, 3, 0o644)).unwrap();
    assert!(!store.has_all_of(&lacking));
}

#[test]
fn records_remember_their_age() {
    let (_dir, store) = store();
    let key = Digest::of(b"key");
    assert_eq!(store.record::<Vec<u32>>(Namespace::new("solve"), &key).unwrap(), None);
    let before = std::time::SystemTime::now() - std::time::Duration::from_secs(1);
    store.put_record(Namespace::new("solve"), &key, &vec![1, 2, 3]).unwrap();
    let record = store.record::<Vec<u32>>(Namespace::new("solve"), &key).unwrap().unwrap();
    assert_eq!(record.value, [1, 2, 3]);
    assert!(record.written >= before, "{record:?}");
    assert_eq!(store.record::<Vec<u32>>(Namespace::new("step"), &key).unwrap(), None);
    store.put_record(Namespace::new("solve"), &key, &vec![4]).unwrap();
    assert_eq!(store.record::<Vec<u32>>(Namespace::new("solve"), &key).unwrap().unwrap().value, [4]);
    store.remove_record(Namespace::new("solve"), &key).unwrap();
    store.remove_record(Namespace::new("solve"), &key).unwrap();
    assert_eq!(store.record::<Vec<u32>>(Namespace::new("solve"), &key).unwrap(), None);
    assert_eq!(store.take_damage(), []);
}

#[test]
fn many_records_are_put_like_one() {
    const ONE: Namespace = Namespace::new("download");
    let (dir, store) = store();
    let key = |number: u32| Digest::of(&number.to_le_bytes());
    store.put_records::<u32>(ONE, &[]).unwrap();
    store.put_record(ONE, &key(7), &0).unwrap();
    // More than a process may have files open.
    let mut records: Vec<(Digest, u32)> = (0..3000).map(|number| (key(number), number)).collect();
    records.push((key(5), 55));
    store.put_records(ONE, &records).unwrap();
    let value = |number| store.record::<u32>(ONE, &key(number)).unwrap().unwrap().value;
    assert_eq!((value(0), value(2999)), (0, 2999));
    assert_eq!(value(7), 7, "an earlier one is replaced");
    assert_eq!(value(5), 55, "the later one of a key stays");
    assert_eq!(drafts(dir.path()), 0);
    assert_eq!(store.take_damage(), []);
}

/// A value that cannot be written every time.
struct Fragile(bool);

impl serde::Serialize for Fragile {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            true => Err(serde::ser::Error::custom("broken")),
            false => serializer.serialize_u8(1),
        }
    }
}

#[test]
fn of_records_that_cannot_all_be_written_none_is_there() {
    let (dir, store) = store();
    let (one, other) = (Digest::of(b"one"), Digest::of(b"other"));
    let records = [(one, Fragile(false)), (other, Fragile(true))];
    let error = store.put_records(Namespace::new("download"), &records).unwrap_err();
    assert!(matches!(error, StoreError::Unwritable { .. }), "{error}");
    assert_eq!(store.record::<u8>(Namespace::new("download"), &one).unwrap(), None);
    assert_eq!(drafts(dir.path()), 0);
}

#[test]
fn a_blob_may_be_flushed_later() {
    let (dir, store) = store();
    let right = Digest::of(b"package");
    let write = || {
        let mut writer = store.blob_writer().unwrap();
        writer.write_all(b"package").unwrap();
        writer
    };
    let error = write().finish_unflushed(Some((Digest::of(b"other"), 7))).unwrap_err();
    assert!(matches!(error, StoreError::Mismatch { found_size: 7, .. }), "{error}");
    assert!(!store.has_blob(&right, None));
    for _ in 0..2 {
        assert_eq!(write().finish_unflushed(Some((right, 7))).unwrap(), (right, 7));
        assert_eq!(store.blob(&right).unwrap(), b"package");
    }
    assert_eq!(write().finish(None).unwrap(), (right, 7));
    assert_eq!(drafts(dir.path()), 0);
}

#[test]
fn reading_a_record_does_not_make_it_younger() {
    let (dir, store) = store();
    let key = Digest::of(b"key");
    store.put_record(Namespace::new("index"), &key, &"value").unwrap();
    let file = dir.path().join("store/records/index").join(key.hex());
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let times = std::fs::FileTimes::new().set_modified(old);
    std::fs::File::options().write(true).open(&file).unwrap().set_times(times).unwrap();
    let first = store.record::<String>(Namespace::new("index"), &key).unwrap().unwrap();
    let used = std::fs::metadata(&file).unwrap().modified().unwrap();
    assert!(used > old, "the use was not noted");
    let second = store.record::<String>(Namespace::new("index"), &key).unwrap().unwrap();
    assert_eq!(first, second);
    assert!(first.written <= used);
}

#[test]
fn cache_names_stay_inside() {
    let (dir, store) = store();
    let cache = store.cache_dir("pip-3.13_x").unwrap();
    assert_eq!(cache, dir.path().join("store/caches/pip-3.13_x"));
    assert!(cache.is_dir());
    for name in ["", ".", "..", "a/b", "/etc", ".hidden", "UPPER", "a\0b", "ü"] {
        assert!(matches!(store.cache_dir(name), Err(StoreError::Name { .. })), "{name:?}");
    }
    assert!(store.cache_dir(&"a".repeat(101)).is_err());
}

#[test]
fn only_a_store_or_nothing_becomes_a_store() {
    let dir = tempfile::tempdir().unwrap();
    let foreign = dir.path().join("photos");
    crate::write(&foreign, "holiday.jpg", "");
    let error = Store::open(&foreign).unwrap_err();
    assert!(matches!(error, StoreError::NotAStore { .. }), "{error}");
    assert!(error.fix().is_some());
    assert!(!foreign.join("files").exists());

    let newer = dir.path().join("newer");
    crate::write(&newer, "format", "packwright-store 2\n");
    let error = Store::open(&newer).unwrap_err();
    assert!(error.to_string().contains("`packwright-store 2`"), "{error}");

    // An opening that was cut short.
    let begun = dir.path().join("begun");
    std::fs::create_dir_all(begun.join("files/00")).unwrap();
    crate::write(&begun, "format.new", "pack");
    drop(Store::open(&begun).unwrap());
    drop(Store::open(&begun).unwrap());
}

#[test]
fn scratch_goes_with_its_owner_whatever_is_in_it() {
    let (_dir, store) = store();
    let scratch = store.scratch().unwrap();
    let top = scratch.path().to_owned();
    crate::write(&top, "a/b/c", "x");
    crate::write(&top, ".deep-0/x", "x");
    std::os::unix::fs::symlink("/", top.join("a/root")).unwrap();
    // Deeper than open files are allowed, with names that collide.
    let mut deep = top.join("a");
    for _ in 0..700 {
        deep.push("dddd");
        std::fs::create_dir(&deep).unwrap();
    }
    crate::write(&top, "a/dddd/.deep-1/y", "x");
    crate::chmod(&top.join("a/b"), 0);
    crate::chmod(&top.join("a"), 0o500);
    drop(scratch);
    assert!(!top.exists());
    packwright_store::remove_tree(&top).unwrap();
}
