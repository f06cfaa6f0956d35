//! Several threads and processes at one store. The other processes are this very test binary,
//! told by its environment what to do.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use packwright_oci::{ContentSource, Digest};
use packwright_store::{Namespace, PrunePolicy, Store, StoreError};

use crate::{captures, scans, store, tree};

/// Names what a child process does, and where.
const TASK: &str = "PACKWRIGHT_STORE_TEST_TASK";
const PLACE: &str = "PACKWRIGHT_STORE_TEST_PLACE";

/// Not a test of its own: what the children do.
#[test]
fn child() {
    let Ok(task) = std::env::var(TASK) else { return };
    let place = PathBuf::from(std::env::var_os(PLACE).unwrap());
    match task.as_str() {
        "write-for-ever" => {
            let store = Store::open(&place).unwrap();
            for number in 0_u64.. {
                write_some(&store, number);
            }
        }
        "write-records-for-ever" => {
            let store = Store::open(&place).unwrap();
            for round in 0_u64.. {
                write_records(&store, round);
            }
        }
        "write-some" => {
            let store = Store::open(&place).unwrap();
            (0..60).for_each(|number| write_some(&store, number));
        }
        "prune-for-ever" => {
            let mut store = Store::open(&place).unwrap();
            loop {
                fill(&store);
                store.prune(&PrunePolicy::default().with_all(true)).unwrap();
            }
        }
        "hold" => {
            let store = Store::open(&place).unwrap();
            let _lock = store.lock(Namespace::new("step"), &Digest::of(b"x"), &mut |_| true).unwrap();
            let scratch = store.scratch().unwrap();
            fs::write(scratch.path().join("file"), "left behind").unwrap();
            fs::write(place.join("../ready"), scratch.path().to_str().unwrap()).unwrap();
            std::thread::sleep(Duration::from_secs(60));
        }
        "unreadable" => {
            captures::unreadable_files_are_opened_up_and_put_back(&place.join("one"));
            scans::unreadable_files_are_all_named(&place.join("two"));
        }
        other => panic!("{other}"),
    }
}

fn spawn(task: &str, place: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "processes::child", "--nocapture"])
        .env(TASK, task)
        .env(PLACE, place)
        .stdout(Stdio::null());
    command
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn write_some(store: &Store, number: u64) {
    let small = format!("content {}", number % 30);
    let (digest, _) = store.add_file(&mut small.as_bytes()).unwrap();
    store.add_blob(&mut small.repeat(100).as_bytes(), None).unwrap();
    let large = vec![(number % 7) as u8; 300_000];
    store.add_file(&mut large.as_slice()).unwrap();
    let tree = tree(store, &[("a", &small), ("b*", "same")]);
    let tree = store.put_tree(&tree).unwrap();
    store.root(&tree, &mut |_| true).unwrap();
    store.put_record(Namespace::new("step"), &digest, &[tree]).unwrap();
    store.record::<Vec<Digest>>(Namespace::new("step"), &digest).unwrap().unwrap();
}

const DOWNLOAD: Namespace = Namespace::new("download");

/// Keys whose records are written again and again.
const KEYS: u64 = 60;

fn write_records(store: &Store, round: u64) {
    let records: Vec<(Digest, Digest)> = (0..KEYS)
        .map(|number| {
            let mut writer = store.blob_writer().unwrap();
            writer.write_all(format!("content {number} of round {}", round % 20).as_bytes()).unwrap();
            (Digest::of(&number.to_le_bytes()), writer.finish_unflushed(None).unwrap().0)
        })
        .collect();
    store.put_records(DOWNLOAD, &records).unwrap();
}

#[test]
fn a_killed_writer_of_records_leaves_each_of_them_whole_or_none() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("store");
    let mut found = 0;
    for number in 0..100 {
        let child = Killed(spawn("write-records-for-ever", &place).spawn().unwrap());
        std::thread::sleep(Duration::from_millis(20 + 13 * number));
        drop(child);
        let store = Store::open(&place).unwrap();
        for key in 0..KEYS {
            if let Some(record) = store.record::<Digest>(DOWNLOAD, &Digest::of(&key.to_le_bytes())).unwrap() {
                let blob = String::from_utf8(store.blob(&record.value).unwrap()).unwrap();
                assert!(blob.starts_with(&format!("content {key} of ")), "{blob}");
                found += 1;
            }
        }
        assert_eq!(store.take_damage(), []);
        if found > 8 * KEYS {
            return;
        }
    }
    panic!("only {found} records were there after a kill");
}

/// Reads everything that there is; each thing is whole.
fn check_all(store: &Store) -> usize {
    let mut count = 0;
    let mut read = |digest: &Digest, contents: &dyn ContentSource| {
        contents.open(digest).unwrap().read_to_end(&mut Vec::new()).unwrap();
        count += 1;
    };
    for folder in fs::read_dir(store.path().join("files")).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            if !name.ends_with(".x") {
                read(&Digest::from_hex(&name).unwrap(), store);
            }
        }
    }
    for blob in fs::read_dir(store.path().join("blobs/sha256")).unwrap() {
        let name = blob.unwrap().file_name().into_string().unwrap();
        read(&Digest::from_hex(&name).unwrap(), &packwright_store::StoreBlobs(store));
    }
    for tree in fs::read_dir(store.path().join("trees")).unwrap() {
        let name = tree.unwrap().file_name().into_string().unwrap();
        let digest = Digest::from_hex(name.strip_suffix(".json").unwrap()).unwrap();
        assert!(store.has_all_of(&store.tree(&digest).unwrap()));
        store.root(&digest, &mut |_| true).unwrap();
    }
    assert_eq!(store.take_damage(), []);
    count
}

#[test]
fn threads_and_processes_write_the_same_things() {
    let (_dir, store) = store();
    let children: Vec<_> =
        (0..2).map(|_| Killed(spawn("write-some", store.path()).spawn().unwrap())).collect();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..60).for_each(|number| write_some(&store, number)));
        }
    });
    for mut child in children {
        assert!(child.0.wait().unwrap().success());
    }
    // 30 small contents with their blobs, 7 large ones, and one that is in every tree.
    assert_eq!(check_all(&store), 30 + 30 + 7 + 1);
}

#[test]
fn a_killed_writer_leaves_a_store_that_opens() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("store");
    for pause in [30, 80, 150, 300] {
        let child = Killed(spawn("write-for-ever", &place).spawn().unwrap());
        std::thread::sleep(Duration::from_millis(pause));
        drop(child);
        let store = Store::open(&place).unwrap();
        check_all(&store);
        let alive = fs::read_dir(place.join("scratch")).unwrap().count();
        assert_eq!(alive, 1, "what the killed one left is still there");
    }
}

/// Names in each directory of a root and of a cache that are pruned: enough for a kill to hit their removal.
const NAMES: usize = 400;

/// A root and a cache with many files.
fn fill(store: &Store) -> Digest {
    let names: Vec<String> = (0..NAMES).map(|number| format!("dir/{number}")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "same")).collect();
    let tree = store.put_tree(&tree(store, &files)).unwrap();
    store.root(&tree, &mut |_| true).unwrap();
    // As one move, so that a kill while it is filled leaves none.
    let scratch = store.scratch().unwrap();
    names.iter().for_each(|name| crate::write(scratch.path(), name, "x"));
    let cache = store.cache_dir("pip").unwrap();
    if !cache.join("dir").exists() {
        fs::rename(scratch.path().join("dir"), cache.join("dir")).unwrap();
    }
    tree
}

#[test]
fn a_killed_prune_leaves_whole_directories_or_none() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("store");
    let mut roots = 0;
    for number in 0..40 {
        let child = Killed(spawn("prune-for-ever", &place).spawn().unwrap());
        std::thread::sleep(Duration::from_millis(40 + 15 * number));
        drop(child);
        if !place.join("roots").exists() {
            continue;
        }
        if roots >= 10 {
            break;
        }
        for entry in fs::read_dir(place.join("roots")).unwrap() {
            let root = entry.unwrap().path();
            if root.is_dir() {
                roots += 1;
                assert_eq!(fs::read_dir(root.join("dir")).unwrap().count(), NAMES, "half a root");
            }
        }
        let cache = place.join("caches/pip/dir");
        if cache.exists() {
            assert_eq!(fs::read_dir(cache).unwrap().count(), NAMES, "half a cache");
        }
    }
    assert!(roots > 0, "no kill came before a root was removed");
    let store = Store::open(&place).unwrap();
    let root = store.root(&fill(&store), &mut |_| true).unwrap();
    assert_eq!(fs::read_dir(root.join("dir")).unwrap().count(), NAMES);
    assert_eq!(store.take_damage(), []);
}

#[test]
fn locks_and_scratch_belong_to_the_living() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("store");
    let mut store = Store::open(&place).unwrap();
    let child = Killed(spawn("hold", &place).spawn().unwrap());
    let ready = dir.path().join("ready");
    let begin = Instant::now();
    let scratch = loop {
        match fs::read_to_string(&ready) {
            Ok(path) if !path.is_empty() => break PathBuf::from(path),
            _ => assert!(begin.elapsed() < Duration::from_secs(20), "the child does not start"),
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut waits = 0;
    let result = store.lock(Namespace::new("step"), &Digest::of(b"x"), &mut |_| {
        waits += 1;
        waits < 3
    });
    assert!(matches!(result, Err(StoreError::Cancelled)));
    assert_eq!(waits, 3);
    // Another key is free.
    drop(store.lock(Namespace::new("step"), &Digest::of(b"y"), &mut |_| false).unwrap());

    let error = store.prune(&PrunePolicy::default().with_all(true)).unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error}");
    assert!(error.is_transient());
    drop(Store::open(&place).unwrap());
    assert!(scratch.join("file").exists(), "the child is alive");

    drop(child);
    drop(store.lock(Namespace::new("step"), &Digest::of(b"x"), &mut |_| true).unwrap());
    drop(Store::open(&place).unwrap());
    assert!(!scratch.exists());
    store.prune(&PrunePolicy::default().with_all(true)).unwrap();
}

#[test]
fn a_lock_keeps_threads_of_one_process_apart() {
    let (_dir, store) = store();
    let inside = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let key = Digest::of(b"x");
                    let _lock = store.lock(Namespace::new("solve"), &key, &mut |_| true).unwrap();
                    assert_eq!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                    std::thread::sleep(Duration::from_millis(1));
                    inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                }
            });
        }
    });
}

/// Root may read everything, so what modes forbid is tried as nobody.
#[test]
fn as_nobody() {
    const NOBODY: u32 = 65_534;
    let dir = tempfile::tempdir().unwrap();
    for name in ["one", "two"] {
        fs::create_dir(dir.path().join(name)).unwrap();
    }
    let mut command = spawn("unreadable", dir.path());
    if rustix::process::geteuid().is_root() {
        for path in [dir.path().to_owned(), dir.path().join("one"), dir.path().join("two")] {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        // Where this binary is may be closed to others.
        let copy = dir.path().join("tests");
        fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
        let mut other = Command::new(copy);
        other.args(command.get_args());
        for (name, value) in command.get_envs() {
            other.env(name, value.unwrap());
        }
        other.uid(NOBODY).gid(NOBODY);
        command = other;
    }
    let output = command.stderr(Stdio::piped()).stdout(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{said}");
    assert!(told.contains("1 passed"), "{told}");
}
