//! Steps whose downloads are recorded for the lock, and steps that get what the lock has and nothing else.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use packwright_gateway::{HostRule, Rules};
use packwright_planner::LockedDownload;
use packwright_store::Namespace;

use super::gateway::PAGE;
use super::*;
use crate::downloading::Downloading;
use crate::downloads::StoreDownloads;
use crate::entered;
use crate::network::StepNetwork;
use crate::pin::fetch;

/// A server whose answer can be changed, a store, and the lock that a step was recorded in.
struct Case {
    dir: tempfile::TempDir,
    port: u16,
    says: Arc<Mutex<Option<String>>>,
    asked: Arc<AtomicUsize>,
    /// How many of the next answers break off.
    cuts: Arc<AtomicUsize>,
    lock: Lock,
}

/// The part of a step's script that fetches `/a`, and goes on whatever comes of it.
const FETCHES: &str = "page 127.0.0.1 $PORT 127.0.0.1:$PORT > /app/out/answer || true";

impl Case {
    fn new() -> Case {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (says, asked) = (Arc::new(Mutex::new(Some("first".to_owned()))), Arc::new(AtomicUsize::new(0)));
        let (answer, count) = (Arc::clone(&says), Arc::clone(&asked));
        let cuts = Arc::new(AtomicUsize::new(0));
        let cuts_left = Arc::clone(&cuts);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let lines = BufReader::new(&stream).lines().map_while(Result::ok);
                lines.take_while(|line| !line.is_empty()).for_each(drop);
                count.fetch_add(1, Ordering::SeqCst);
                if cuts_left
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
                    .is_ok()
                {
                    let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nevil");
                    // Two reads: the first one's bytes are passed on when more follows.
                    std::thread::sleep(Duration::from_millis(200));
                    let _ = write!(stream, "more");
                    continue;
                }
                if let Some(body) = &*answer.lock().unwrap() {
                    let head = format!("Content-Length: {}\r\nConnection: close", body.len());
                    let _ = write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}");
                }
            }
        });
        Case { dir: tempfile::tempdir().unwrap(), port, says, asked, cuts, lock: lock() }
    }

    /// A machine with an empty store, and the same lock and server.
    fn elsewhere(&self) -> Case {
        let (says, asked) = (Arc::clone(&self.says), Arc::clone(&self.asked));
        let (dir, cuts) = (tempfile::tempdir().unwrap(), Arc::clone(&self.cuts));
        Case { dir, port: self.port, says, asked, cuts, lock: self.lock.clone() }
    }

    fn says(&self, body: Option<&str>) {
        *self.says.lock().unwrap() = body.map(str::to_owned);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Does `work` with a build of the application `toy` whose step runs `script`.
    fn with<T>(
        &self,
        downloading: Downloading,
        script: &str,
        work: impl FnOnce(&BuildContext<'_>, &Plan, &Tree) -> T,
    ) -> (T, Vec<Event>) {
        let store = Arc::new(Store::open(&self.dir.path().join("store")).unwrap());
        let client = Client::new(ClientOptions::default()).unwrap();
        let stop = Cancellation::new().unwrap();
        let told = Mutex::new(Vec::new());
        let events = |event: Event| told.lock().unwrap().push(event);
        let rule: HostRule = format!("127.0.0.1:{}", self.port).parse().unwrap();
        let context = BuildContext {
            isolation: best_isolation(&store, &[]).unwrap(),
            network: StepNetwork::Gateway(Rules { allow: vec![rule], ..Rules::default() }),
            downloads: Some(Arc::new(StoreDownloads::new(Arc::clone(&store)))),
            downloading,
            retry: Retry {
                tries: 3,
                first_pause: Duration::from_millis(10),
                longest_pause: Duration::from_millis(10),
            },
            subject: Some("toy".to_owned()),
            ..BuildContext::new(&store, &client, &stop, SystemTime::now(), &events)
        };
        let (source, shell) = program(&store, "bash");
        let script = format!("{PAGE}\nPORT={}\n{script}", self.port);
        let plan = plan(vec![step(Network::Fetch, shell, &script)]);
        let done = work(&context, &plan, &source);
        drop(context);
        (done, told.into_inner().unwrap())
    }

    /// Runs the step, or finds its result; with why it ran.
    fn run(
        &self,
        downloading: Downloading,
        script: &str,
    ) -> (Result<StepResult, BuildError>, Option<String>) {
        let (done, told) = self.with(downloading, script, |context, plan, source| {
            let roots = Roots::new(context, plan, &self.lock, StoreCheck::Trusted);
            let steps = Steps::new(plan, source, &roots, &self.lock.resolutions, |_| true).unwrap();
            tasks::run(context, steps.needs(), &|number, context| steps.run(number, context))?;
            Ok(steps.done(0).expect("the step was run").1.clone())
        });
        let reason = told.into_iter().find_map(|event| match event {
            Event::StepStarted { reason, .. } => Some(reason),
            _ => None,
        });
        (done, reason)
    }

    /// Notes in the lock what the step got.
    fn record(&mut self, script: &str) {
        let (done, _) = self.run(Downloading::Recorded, script);
        let entered = done.unwrap().entered.expect("it is known");
        self.lock.fetched.insert("toy.fetch".parse().unwrap(), entered::for_lock(&entered));
    }

    fn download(&self, body: &str) -> LockedDownload {
        let address = format!("http://127.0.0.1:{}/a", self.port);
        LockedDownload {
            address,
            digest: Digest::of(body.as_bytes()),
            size: body.len() as u64,
            looks_up: false,
        }
    }

    fn fetched(&self) -> BTreeMap<StepName, Vec<LockedDownload>> {
        self.lock.fetched.clone()
    }
}

#[test]
fn what_entered_is_recorded_and_its_result_is_found() {
    let mut case = Case::new();
    case.record(FETCHES);
    let expected = BTreeMap::from([("toy.fetch".parse().unwrap(), vec![case.download("first")])]);
    assert_eq!(case.fetched(), expected);
    case.says(None);
    for downloading in [Downloading::Recorded, Downloading::Locked, Downloading::Free] {
        let (done, ran) = case.run(downloading, FETCHES);
        assert!(done.is_ok() && ran.is_none(), "{downloading:?}: {done:?} {ran:?}");
    }
    assert_eq!(case.asked(), 1);
}

#[test]
fn a_step_that_gets_other_bytes_fails_whatever_its_program_says() {
    let mut case = Case::new();
    case.record(FETCHES);
    let elsewhere = case.elsewhere();
    elsewhere.says(Some("other"));
    let error = elsewhere.run(Downloading::Locked, FETCHES).0.unwrap_err();
    assert_eq!(error.to_string(), "the step `toy.fetch` fetched what is not in the lock");
    let BuildError::NotInLock { network, .. } = &error else { panic!("{error:?}") };
    let (found, wanted) = (Digest::of(b"other"), Digest::of(b"first"));
    let port = case.port;
    let named = format!(
        "`http://127.0.0.1:{port}/a` is refused: its bytes have the digest {found}, and the lock has {wanted}"
    );
    assert_eq!(network.iter().map(ToString::to_string).collect::<Vec<_>>(), [named]);
    assert!(error.fix().unwrap().contains("`packwright lock`"));
    assert!(!error.is_transient());
    // Nothing of it was kept.
    elsewhere.says(Some("first"));
    let (done, ran) = elsewhere.run(Downloading::Locked, FETCHES);
    assert_eq!(ran.as_deref(), Some("it runs for the first time"));
    assert!(done.is_ok(), "{done:?}");
}

#[test]
fn a_result_that_was_made_of_other_bytes_is_made_again() {
    let mut case = Case::new();
    case.record(FETCHES);
    let elsewhere = case.elsewhere();
    elsewhere.says(Some("other"));
    // It knows a cache of the application's, so that it is not known what entered.
    assert!(elsewhere.run(Downloading::Free, FETCHES).0.is_ok());
    elsewhere.says(Some("first"));
    let (_, ran) = elsewhere.run(Downloading::Locked, FETCHES);
    assert_eq!(ran.as_deref(), Some("it is not known what it fetched the last time"));
    let changed = case.elsewhere();
    changed.says(Some("other"));
    assert!(changed.run(Downloading::Recorded, FETCHES).0.is_ok());
    changed.says(Some("first"));
    let (_, ran) = changed.run(Downloading::Locked, FETCHES);
    assert_eq!(ran.as_deref(), Some("the last time it fetched what is not in the lock"));
    let (_, ran) = changed.run(Downloading::Locked, FETCHES);
    assert_eq!(ran, None);
}

#[test]
fn a_lock_without_downloads_demands_none() {
    let case = Case::new();
    assert!(case.run(Downloading::Locked, FETCHES).0.is_ok());
    case.says(Some("other"));
    assert!(case.run(Downloading::Locked, &format!("{FETCHES}; : again")).0.is_ok());
    // A step that got nothing is in the lock with nothing.
    let mut none = case.elsewhere();
    none.record("echo > /app/out/answer");
    assert_eq!(none.fetched(), BTreeMap::from([("toy.fetch".parse().unwrap(), Vec::new())]));
    let error = none.run(Downloading::Locked, FETCHES).0.unwrap_err();
    assert!(matches!(error, BuildError::NotInLock { .. }), "{error:?}");
}

#[test]
fn what_is_recorded_needs_no_server() {
    let mut case = Case::new();
    case.record(FETCHES);
    case.says(None);
    let store = Store::open(&case.dir.path().join("store")).unwrap();
    forget(&store, crate::namespace::STEP);
    drop(store);
    let (done, ran) = case.run(Downloading::Locked, FETCHES);
    assert_eq!(ran.as_deref(), Some("its result is no longer in the store"));
    assert!(done.is_ok(), "{done:?}");
    assert_eq!(case.asked(), 1);
}

/// Removes all results of a kind.
fn forget(store: &Store, namespace: Namespace) {
    std::fs::remove_dir_all(store.path().join("records").join(namespace.name())).unwrap();
}

#[test]
fn what_is_in_a_cache_does_not_stand_for_a_download() {
    let mut case = Case::new();
    let script = format!("if [ -e /cache/a ]; then echo > /app/out/answer; else {FETCHES}; : > /cache/a; fi");
    assert!(case.run(Downloading::Free, &script).0.is_ok());
    assert!(case.run(Downloading::Free, &format!("{script}; : again")).0.is_ok());
    assert_eq!(case.asked(), 1, "the second one found it in the cache of its application");
    case.record(&format!("{script}; : again"));
    let expected = BTreeMap::from([("toy.fetch".parse().unwrap(), vec![case.download("first")])]);
    assert_eq!(case.fetched(), expected);
}

#[test]
fn a_lock_has_what_its_steps_fetched() {
    let case = Case::new();
    let (fetched, told) = case.with(Downloading::Recorded, FETCHES, |context, plan, source| {
        fetch(context, plan, source, &lock(), StoreCheck::Trusted)
    });
    assert_eq!(
        fetched.unwrap(),
        BTreeMap::from([("toy.fetch".parse().unwrap(), vec![case.download("first")])])
    );
    assert!(told.iter().any(|event| matches!(event, Event::StepStarted { .. })));
    let (fetched, told) = case.with(Downloading::Free, FETCHES, |context, plan, source| {
        fetch(context, plan, source, &lock(), StoreCheck::Trusted)
    });
    assert!(fetched.unwrap().is_empty() && told.is_empty());
}

/// Of a download that breaks off, bytes are in the step and in its caches, whatever the program makes of it. They are
/// compared with nothing, so the next try begins from nothing.
#[test]
fn a_download_that_breaks_off_is_tried_again_from_nothing() {
    let script = format!("[ ! -e /cache/a ] || echo > /app/out/stale; : > /cache/a; {FETCHES}");
    let mut case = Case::new();
    for downloading in [Downloading::Recorded, Downloading::Locked] {
        let fresh = case.elsewhere();
        fresh.cuts.store(1, Ordering::SeqCst);
        let (done, told) = fresh.with(downloading, &script, |context, plan, source| {
            let roots = Roots::new(context, plan, &fresh.lock, StoreCheck::Trusted);
            let steps = Steps::new(plan, source, &roots, &fresh.lock.resolutions, |_| true).unwrap();
            tasks::run(context, steps.needs(), &|number, context| steps.run(number, context)).unwrap();
            steps.done(0).expect("the step was run").1.clone()
        });
        let again = told.iter().filter(|event| matches!(event, Event::StepRetried { .. })).count();
        assert_eq!(again, 1, "{downloading:?}: {told:?}");
        assert!(done.tree.get("app/out/stale").is_none(), "{downloading:?}: the first try's cache is there");
        let entered = entered::for_lock(&done.entered.expect("it is known"));
        assert_eq!(entered, [case.download("first")], "{downloading:?}");
        case.lock.fetched.insert("toy.fetch".parse().unwrap(), entered);
    }
    // Where nothing is to be known, the step may go on; what entered is not known then.
    let free = case.elsewhere();
    free.cuts.store(1, Ordering::SeqCst);
    assert_eq!(free.run(Downloading::Free, &script).0.unwrap().entered, None);
}
