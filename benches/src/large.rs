//! The store with more files than an ordinary application has.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use packwright::oci::{Entry, Tree};
use packwright::planner::PlanOptions;
use packwright::store::Store;
use packwright::{Catalog, Source};

/// Prints rows for a root of 15,000 files and a source tree of 10,000, with 30,000 more that
/// are never looked at.
pub(crate) fn measure(room: &Path) {
    let store = Store::open(&room.join("large-store")).expect("the room is writable");
    let mut tree = Tree::new();
    for index in 0..15_000 {
        let content = format!("content {index} ").repeat(1 + index % 500);
        let (digest, size) = store.add_file(&mut content.as_bytes()).expect("the room is writable");
        let name = format!("usr/lib/package-{}/dir/file-{index}", index % 1500);
        tree.insert(name.parse().expect("a path"), Entry::file(digest, size, 0o644)).expect("a tree");
    }
    let digest = store.put_tree(&tree).expect("the room is writable");
    store.commit().expect("the room is writable");
    let made = time(|| drop(store.root(&digest, &mut |_| true).expect("the files are there")));
    crate::row("a root of 15,000 files out of the store", &crate::seconds(made), "1 s");

    let app = room.join("large");
    fill(&app, "src", 10_000);
    fill(&app, "node_modules", 30_000);
    fs::write(app.join("main.py"), "print('hello')\n").expect("the room is writable");
    let catalog = Catalog::default();
    let plan = time(|| {
        let source = Source::dir(&app).expect("it can be scanned");
        assert!(catalog.plan(&source, &PlanOptions::default()).is_ok());
    });
    crate::row("scan and plan of 10,000 files beside 30,000 in node_modules", &crate::seconds(plan), "20 ms");
    // Files younger than two seconds are read again, since a later write may carry the same time.
    std::thread::sleep(Duration::from_millis(2500));
    let snapshot = || drop(Source::dir(&app).expect("scanned").snapshot(&store).expect("taken in"));
    snapshot();
    crate::row("taking in 10,000 files that did not change", &crate::seconds(time(snapshot)), "60 ms");
}

fn fill(app: &Path, dir: &str, files: usize) {
    for index in 0..files {
        let dir = app.join(dir).join(format!("package-{}", index % 500));
        fs::create_dir_all(&dir).expect("the room is writable");
        fs::write(dir.join(format!("file-{index}.txt")), format!("content {index} ").repeat(1 + index % 50))
            .expect("the room is writable");
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
