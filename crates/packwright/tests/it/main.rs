//! The face as an embedder uses it: what it promises about ownership, errors, cancelling and
//! deadlines. Nothing here needs a network.

#![allow(clippy::unwrap_used, reason = "a test ends with the first surprise")]

mod declared_builds;
mod locked;
mod questions;

use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use packwright::debian::Mirror;
use packwright::planner::{MemoryTree, PlanOptions};
use packwright::store::Store;
use packwright::{BuildOptions, Builder, CancelToken, Catalog, Error, Event, LockUse, Source, Update};

const SITE: &str = "//- /index.html\n<h1>hello</h1>\n";

fn source() -> Source {
    MemoryTree::parse(SITE).into()
}

/// A builder with a store of its own.
fn builder() -> (Builder, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("there is room for a test");
    let store = Store::open(&dir.path().join("store")).expect("the directory is new");
    (Builder::new(store), dir)
}

/// A builder whose mirror takes connections and never answers.
fn stuck() -> (Builder, TcpListener, tempfile::TempDir) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let archive = format!("http://{}/debian", silent.local_addr().unwrap());
    let (builder, dir) = builder();
    (builder.mirror(Mirror { security: Some(archive.clone()), archive }), silent, dir)
}

#[test]
fn what_a_server_keeps_can_be_shared() {
    fn shared<T: Send + Sync + 'static>() {}
    fn sendable<T: Send + 'static>() {}
    shared::<Builder>();
    shared::<Source>();
    shared::<BuildOptions>();
    shared::<CancelToken>();
    shared::<packwright::Build>();
    sendable::<Error>();
    sendable::<Update>();
}

#[test]
fn everything_is_registered_once() {
    let names: Vec<String> =
        packwright::languages().iter().map(|buildpack| buildpack.language().name.to_owned()).collect();
    let mut unique = names.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), names.len(), "{names:?}");
    assert!(["python", "node", "static"].iter().all(|name| names.iter().any(|found| found == name)));
    assert!(packwright::platforms().iter().any(|platform| platform.name == "heroku"));
}

#[test]
fn a_plan_needs_no_store() {
    let plan = Catalog::default().plan(&source(), &PlanOptions::default()).unwrap();
    assert_eq!(plan.buildpacks, ["static"]);
    let nothing = Catalog::default().languages([]).plan(&source(), &PlanOptions::default());
    assert!(matches!(nothing, Err(Error::Plan(_))), "{nothing:?}");
}

#[test]
fn an_unknown_platform_is_an_error_that_names_the_known_ones() {
    let error = Catalog::default().as_platform("geocities").unwrap_err();
    assert_eq!(error.to_string(), "there is no platform `geocities`");
    assert!(error.fix().unwrap().contains("heroku"));
}

#[test]
fn a_missing_mirror_is_said() {
    let (builder, _dir) = builder();
    let error = builder.build(&source(), &BuildOptions::default()).unwrap_err();
    assert!(error.to_string().contains("Debian packages"), "{error}");
    assert!(error.fix().is_some());
}

#[test]
fn a_lock_that_is_demanded_must_be_there() {
    let (builder, _dir) = builder();
    let mut options = BuildOptions::default();
    options.lock = LockUse::Required;
    let error = builder.build(&source(), &options).unwrap_err();
    assert!(matches!(error, Error::LockMissing { .. }), "{error:?}");
}

#[test]
fn a_store_inside_the_source_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("index.html"), "hello").unwrap();
    let builder = Builder::new(Store::open(&dir.path().join("store")).unwrap());
    let error = builder.build(&Source::dir(dir.path()).unwrap(), &BuildOptions::default()).unwrap_err();
    assert!(matches!(&error, Error::StoreInSource { store } if store.as_str() == "store"), "{error:?}");
}

#[test]
fn cancelling_ends_a_build_that_waits() {
    let (builder, silent, _dir) = stuck();
    let (updates, received) = mpsc::channel();
    let mut options = BuildOptions::default();
    let token = options.cancel.clone();
    options = options.on_progress(move |update| drop(updates.send(update.clone())));
    let build = std::thread::spawn(move || builder.build(&source(), &options));
    // The build is in the middle of things when it has asked.
    let _connection = silent.accept().unwrap();
    let asked = Instant::now();
    token.cancel();
    let error = build.join().unwrap().unwrap_err();
    assert!(matches!(error, Error::Cancelled), "{error:?}");
    assert!(asked.elapsed() < Duration::from_secs(5), "it took {:?}", asked.elapsed());
    let updates: Vec<Update> = received.iter().collect();
    assert!(updates.iter().all(|update| update.build == updates[0].build));
}

#[test]
fn a_deadline_ends_a_build_that_waits() {
    let (builder, _silent, _dir) = stuck();
    let mut options = BuildOptions::default();
    let begun = Instant::now();
    options.deadline = Some(begun + Duration::from_millis(300));
    let error = builder.build(&source(), &options).unwrap_err();
    assert!(matches!(error, Error::DeadlineExceeded), "{error:?}");
    assert!(error.is_transient(), "{error:?}");
}

#[test]
fn builds_of_one_builder_have_numbers_of_their_own() {
    let (builder, _dir) = builder();
    let ids = std::sync::Arc::new(Mutex::new(Vec::new()));
    for _ in 0..2 {
        let seen = ids.clone();
        let mut plan = builder.plan(&source(), &PlanOptions::default()).unwrap();
        plan.diagnostics.push(packwright::planner::Diagnostic::info("test/one", "a remark"));
        let options = BuildOptions::default().on_progress(move |update| {
            if let Event::Noticed(_) = update.event {
                seen.lock().unwrap().push(update.build.to_string());
            }
        });
        builder.clone().build_plan(&source(), plan, &options).unwrap_err();
    }
    let mut ids = ids.lock().unwrap().clone();
    ids.dedup();
    assert_eq!(ids, ["1", "2"]);
}

/// The files of an image and its processes are of one moment: what changes after it was listed is planned anew.
#[test]
fn a_source_that_changed_is_listed_and_planned_anew() {
    let (builder, dir) = builder();
    let top = dir.path().join("site");
    std::fs::create_dir(&top).unwrap();
    std::fs::write(top.join("index.html"), "hello").unwrap();
    let source = Source::dir(&top).unwrap();
    let plan = builder.plan(&source, &PlanOptions::default()).unwrap();
    std::fs::write(top.join("index.html"), "hello again").unwrap();
    let error = builder.build_plan(&source, plan, &BuildOptions::default()).unwrap_err();
    assert!(error.is_source_changed(), "{error:?}");
    assert_eq!(error.to_string(), "`index.html` changed after the directory was listed");
    assert!(error.fix().is_some());
    // The next thing that is missing: the files were listed and planned anew.
    let error = builder.build(&source, &BuildOptions::default()).unwrap_err();
    assert!(error.to_string().contains("Debian packages"), "{error}");
}
