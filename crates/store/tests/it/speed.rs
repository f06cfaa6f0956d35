//! Measurements with the limits that the design sets. Run with
//! `cargo test --release -p packwright-store --test it -- --ignored --nocapture speed`.

use std::time::{Duration, Instant};

use packwright_oci::{Entry, Tree};
use packwright_store::{Attributes, CaptureRules, capture, scan};

use crate::{path, store, write};

fn timed<T>(what: &str, limit_ms: u64, work: impl FnOnce() -> T) -> T {
    let (begin, begin_busy) = (Instant::now(), busy());
    let result = work();
    let (took, was_busy) = (begin.elapsed(), busy() - begin_busy);
    println!("{what}: {took:?}, this thread was busy for {was_busy:?}");
    assert!(took < Duration::from_millis(limit_ms), "{what} took {took:?}");
    result
}

/// How long this thread has been running on a processor.
fn busy() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

#[test]
#[ignore = "a measurement, for a quiet machine and a release build"]
fn roots() {
    let (_dir, store) = store();
    let mut tree = Tree::new();
    // Makes 15,000 inodes, which is up to the file system and to who else writes to it.
    timed("store 15,000 contents", 60_000, || {
        for index in 0..15_000 {
            let content = format!("content {index} ").repeat(1 + index % 500);
            let (digest, size) = store.add_file(&mut content.as_bytes()).unwrap();
            let mode = if index % 20 == 0 { 0o755 } else { 0o644 };
            let name = format!("usr/lib/package-{}/dir/file-{index}", index % 1500);
            tree.insert(path(&name), Entry::file(digest, size, mode)).unwrap();
        }
    });
    let digest = timed("store the tree", 500, || store.put_tree(&tree).unwrap());
    timed("commit", 60_000, || store.commit().unwrap());
    let root = timed("make the root", 1000, || store.root(&digest, &mut |_| true).unwrap());
    timed("find the root", 5, || store.root(&digest, &mut |_| true).unwrap());
    timed("read the tree", 200, || store.tree(&digest).unwrap());
    std::fs::write(root.with_extension("made"), "another boot").unwrap();
    timed("check the root", 300, || store.root(&digest, &mut |_| true).unwrap());
    timed("capture it", 2000, || capture(&store, &root, &CaptureRules::default()).unwrap());
}

#[test]
#[ignore = "a measurement, for a quiet machine and a release build"]
fn scans() {
    let (dir, store) = store();
    let top = dir.path().join("app");
    write(&top, ".gitignore", "*.pyc\nbuild/\n");
    for index in 0..10_000 {
        let content = format!("content {index} ").repeat(1 + index % 500);
        write(&top, &format!("src/package-{}/file-{index}.py", index % 500), &content);
    }
    std::thread::sleep(Duration::from_millis(2500));
    let attributes = Attributes { uid: 1000, gid: 0, file: 0o664, executable: 0o775, dir: 0o775 };
    let tree = timed("scan", 100, || scan(&top).unwrap());
    timed("take in", 2000, || tree.tree(&store, &attributes).unwrap());
    timed("scan and take in again", 60, || scan(&top).unwrap().tree(&store, &attributes).unwrap());
}
