//! Making room.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use packwright_oci::Digest;
use packwright_store::{DiskUsage, Namespace, PrunePolicy, Store, StoreError, StoreUsage};

use crate::{store, tree};

const HOUR: Duration = Duration::from_secs(3600);

/// Pretends that an entry was last used some hours ago.
fn unused_for(path: &Path, hours: u32) {
    let then = SystemTime::now() - HOUR * hours;
    let times = fs::FileTimes::new().set_modified(then);
    fs::File::open(path).unwrap().set_times(times).unwrap();
}

/// A step's record with a tree of one file of `size` bytes, its root, and a blob.
fn step(store: &Store, name: &str, size: usize, hours: u32) -> Digest {
    let key = Digest::of(name.as_bytes());
    let content = name.repeat(size.div_ceil(name.len()));
    let tree = store.put_tree(&tree(store, &[("own*", &content), ("shared", "shared")])).unwrap();
    store.root(&tree, &mut |_| true).unwrap();
    let (blob, _) = store.add_blob(&mut format!("blob {name}").as_bytes(), None).unwrap();
    store.commit().unwrap();
    let value = serde_json::json!({ "output": { "tree": tree }, "blobs": [blob] });
    store.put_record(Namespace::new("step"), &key, &value).unwrap();
    unused_for(&store.path().join("records/step").join(key.hex()), hours);
    tree
}

fn counts(usage: &StoreUsage) -> [u64; 6] {
    [usage.files, usage.blobs, usage.trees, usage.roots, usage.records, usage.caches].map(|room| room.count)
}

#[test]
fn what_no_record_names_goes() {
    let (_dir, mut store) = store();
    let kept = step(&store, "kept", 10, 0);
    store.add_file(&mut "loose".as_bytes()).unwrap();
    store.add_blob(&mut "loose".as_bytes(), None).unwrap();
    let loose = store.put_tree(&tree(&store, &[("x", "loose tree")])).unwrap();
    store.root(&loose, &mut |_| true).unwrap();
    assert_eq!(counts(&store.usage().unwrap()), [5, 2, 2, 2, 1, 0]);
    let pruned = store.prune(&PrunePolicy::default()).unwrap();
    assert_eq!(counts(&pruned), [2, 1, 1, 1, 0, 0]);
    assert!(pruned.bytes() > 0);
    assert_eq!(counts(&store.usage().unwrap()), [3, 1, 1, 1, 1, 0]);
    let root = store.root(&kept, &mut |_| true).unwrap();
    assert!(fs::read_to_string(root.join("own")).unwrap().starts_with("kept"));
    assert!(store.has_all_of(&store.tree(&kept).unwrap()));
    assert_eq!(counts(&store.prune(&PrunePolicy::default()).unwrap()), [0; 6]);
}

#[test]
fn what_was_not_used_for_long_goes() {
    let (_dir, mut store) = store();
    let old = step(&store, "old", 10, 48);
    let new = step(&store, "new", 10, 1);
    let used = Digest::of(b"used again");
    store.put_record(Namespace::new("solve"), &used, &1).unwrap();
    unused_for(&store.path().join("records/solve").join(used.hex()), 48);
    store.record::<u32>(Namespace::new("solve"), &used).unwrap();
    let cache = store.cache_dir("pip").unwrap();
    crate::write(&cache, "wheels/x", "x");
    unused_for(&cache, 48);
    store.cache_dir("uv").unwrap();

    let policy = PrunePolicy::default().with_older_than(Some(24 * HOUR));
    let pruned = store.prune(&policy).unwrap();
    assert_eq!(counts(&pruned), [2, 1, 1, 1, 1, 1]);
    assert!(store.tree(&old).is_err());
    assert!(store.tree(&new).is_ok());
    assert!(!cache.exists());
    assert!(store.record::<u32>(Namespace::new("solve"), &used).unwrap().is_some());
}

/// A clock that was wrong once must not keep an entry until it would be right.
#[test]
fn a_use_in_the_future_keeps_nothing() {
    let (_dir, mut store) = store();
    let ahead = step(&store, "ahead", 10, 0);
    let new = step(&store, "new", 10, 1);
    let record = store.path().join("records/step").join(Digest::of(b"ahead").hex());
    let times = fs::FileTimes::new().set_modified(SystemTime::now() + HOUR * 24 * 365);
    fs::File::open(record).unwrap().set_times(times).unwrap();
    store.prune(&PrunePolicy::default().with_older_than(Some(24 * HOUR))).unwrap();
    assert!(store.tree(&ahead).is_err());
    assert!(store.tree(&new).is_ok());
}

#[test]
fn what_was_used_longest_ago_goes_first() {
    let (_dir, mut store) = store();
    let trees: Vec<Digest> =
        (1..=4).map(|hours| step(&store, &format!("step {hours}"), 1_000_000, hours)).collect();
    let before = store.usage().unwrap();
    // Each step is a content and its twin: two steps fit.
    let policy = PrunePolicy::default().with_max_size(Some(5_000_000));
    let pruned = store.prune(&policy).unwrap();
    let kept: Vec<bool> = trees.iter().map(|tree| store.tree(tree).is_ok()).collect();
    assert_eq!(kept, [true, true, false, false]);
    let after = store.usage().unwrap();
    assert!(after.bytes() <= 5_000_000, "{after:?}");
    assert_eq!(before.bytes() - after.bytes(), pruned.bytes());
}

#[test]
fn everything_goes() {
    let (_dir, mut store) = store();
    step(&store, "one", 10, 0);
    store.cache_dir("pip").unwrap();
    drop(store.lock(Namespace::new("step"), &Digest::of(b"x"), &mut |_| true).unwrap());
    store.prune(&PrunePolicy::default().with_all(true)).unwrap();
    assert_eq!(store.usage().unwrap(), StoreUsage::default());
    assert_eq!(StoreUsage::default().files, DiskUsage::default());
    // And it still works.
    step(&store, "two", 10, 0);
}

#[test]
fn a_build_keeps_everything() {
    let (_dir, mut store) = store();
    let loose = store.put_tree(&tree(&store, &[("x", "in the making")])).unwrap();
    let building = Store::open(store.path()).unwrap();
    assert!(store.prune(&PrunePolicy::default().with_all(true)).is_err());
    // Twice, because a failed try gives the lock up and takes it again.
    assert!(store.prune(&PrunePolicy::default().with_all(true)).is_err());
    assert!(building.tree(&loose).is_ok());
    drop(building);
    store.prune(&PrunePolicy::default().with_all(true)).unwrap();
    assert!(store.tree(&loose).is_err());
}

/// A store that is always in use gets its turn: builds that begin after the prune asked wait for it.
#[test]
fn a_prune_that_waits_comes_before_builds_that_begin_later() {
    let (_dir, mut store) = store();
    let path = store.path().to_owned();
    let loose = store.put_tree(&tree(&store, &[("x", "in the making")])).unwrap();
    let building = Store::open(&path).unwrap();
    let (asked, has_asked) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let pruning = scope.spawn(move || {
            let policy = PrunePolicy::default().with_all(true);
            store.prune_when_free(&policy, &mut |_| asked.send(()).is_ok()).unwrap();
            store
        });
        has_asked.recv().unwrap();
        assert!(building.tree(&loose).is_ok(), "it waits for the build");
        let refused = Store::open_with(&path, &mut |_| false);
        assert!(matches!(refused, Err(StoreError::Cancelled)), "{refused:?}");
        drop(building);
        // Other calls of `waiting` come here as long as it is there.
        while has_asked.recv().is_ok() {}
        let store = pruning.join().unwrap();
        assert!(store.tree(&loose).is_err());
        drop(Store::open(&path).unwrap());
    });
}

/// Two that wait do not wait for each other, and one that is cancelled changes nothing.
#[test]
fn prunes_that_wait_do_not_hinder_each_other() {
    let (_dir, mut one) = store();
    let path = one.path().to_owned();
    let other = Store::open(&path).unwrap();
    let loose = one.put_tree(&tree(&one, &[("x", "in the making")])).unwrap();
    let policy = PrunePolicy::default().with_all(true);
    let cancelled = one.prune_when_free(&policy, &mut |_| false);
    assert!(matches!(cancelled, Err(StoreError::Cancelled)), "{cancelled:?}");
    assert!(one.tree(&loose).is_ok());
    std::thread::scope(|scope| {
        // Each has the store open until it has pruned it.
        for mut store in [one, other] {
            scope.spawn(move || store.prune_when_free(&policy, &mut |_| true).unwrap());
        }
    });
    assert!(Store::open(&path).unwrap().tree(&loose).is_err());
}

/// Work has as many keys as there are inputs; the files that it locks do not stay.
#[test]
fn locks_leave_no_files() {
    let (_dir, store) = store();
    for number in 0..5 {
        let key = Digest::of(format!("{number}").as_bytes());
        drop(store.lock(Namespace::new("step"), &key, &mut |_| true).unwrap());
    }
    step(&store, "one", 10, 0);
    let mut left: Vec<_> = fs::read_dir(store.path().join("locks"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["scratch", "store", "turn"]);
}
