//! Steps that run, in a real sandbox with the host's shell, which they are given as a source file:
//! which failures are tried again, how often, and that nothing of a failed try is left.

mod credentials;
mod deletions;
mod gateway;
mod limits;
mod locked;
mod parallel;
mod subjects;
mod tunnel;
mod walls;

use std::path::Path;
use std::process::Command as Host;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use packwright_oci::{Digest, Entry};
use packwright_planner::{
    Base, Cache, Command, LOCK_FORMAT, Lock, Network, Origin, Output, PLAN_FORMAT, Selection,
};
use packwright_remote::{Client, ClientOptions, Retry};
use packwright_sandbox::{Isolation, Limits};
use packwright_store::Store;

use super::*;
use crate::cancellation::Cancellation;
use crate::context::{STEP_LIMITS, best_isolation};
use crate::event::Event;
use crate::packages::StoreCheck;
use crate::secret::Secret;
use crate::tasks;

/// What the network's failures are known by here.
const TRANSIENT: &str = "ECONNRESET";

/// Succeeds the second time: the cache says whether there was a first. What the first try leaves
/// in its root would be seen in the output.
const SECOND: &str = r#"
    if [ -e /cache/tried ]; then
        [ ! -e /app/half ] && echo whole > /app/out/answer
    else
        : > /cache/tried; : > /app/half; : > /app/out/half
        echo "fetching: read ECONNRESET" >&2; exit 7
    fi
"#;

/// A store, and what happened.
struct Case {
    dir: tempfile::TempDir,
    subject: Option<String>,
    settings: BTreeMap<String, String>,
    isolation: Option<Isolation>,
    limits: Limits,
    secrets: Vec<Secret>,
    pause: Duration,
    events: Mutex<Vec<Event>>,
}

impl Case {
    fn new() -> Case {
        let dir = tempfile::tempdir().unwrap();
        Case {
            dir,
            subject: None,
            settings: BTreeMap::new(),
            isolation: None,
            limits: STEP_LIMITS,
            secrets: Vec::new(),
            pause: Duration::from_millis(1),
            events: Mutex::new(Vec::new()),
        }
    }

    /// Runs a step with `network` that runs `script`; the event is passed to `hear` as well.
    fn run(
        &self,
        network: Network,
        script: &str,
        hear: &(dyn Fn(&Event, &Cancellation) + Sync),
    ) -> Result<StepResult, BuildError> {
        let store = Store::open(&self.dir.path().join("store")).unwrap();
        let client = Client::new(ClientOptions::default()).unwrap();
        let stop = Cancellation::new().unwrap();
        let events = |event: Event| {
            hear(&event, &stop);
            self.events.lock().unwrap().push(event);
        };
        let retry = Retry { tries: 3, first_pause: self.pause, longest_pause: self.pause * 4 };
        let context = BuildContext {
            isolation: self.isolation.or_else(|| best_isolation(&store, &[]).unwrap()),
            limits: self.limits.clone(),
            retry,
            subject: self.subject.clone(),
            settings: self.settings.clone(),
            secrets: self.secrets.clone(),
            ..BuildContext::new(&store, &client, &stop, SystemTime::UNIX_EPOCH, &events)
        };
        let (source, shell) = shell(&store);
        let mut step = step(network, shell, script);
        step.secrets = self.secrets.iter().map(|secret| secret.name.clone()).collect();
        let plan = plan(vec![step]);
        let lock = lock();
        let roots = Roots::new(&context, &plan, &lock, StoreCheck::Trusted);
        let steps = Steps::new(&plan, &source, &roots, &lock.resolutions, |_| true)?;
        tasks::run(&context, steps.needs(), &|number, context| steps.run(number, context))?;
        Ok(steps.done(0).expect("the step was run").1.clone())
    }

    /// The next tries that were told: number, most, pause in milliseconds, line.
    fn retries(&self) -> Vec<(u32, u32, u64, String)> {
        let events = self.events.lock().unwrap();
        let told = events.iter().filter_map(|event| match event {
            Event::StepRetried { line, next, most, pause_ms, .. } => {
                Some((*next, *most, *pause_ms, line.clone()))
            }
            _ => None,
        });
        told.collect()
    }

    /// How often the script began: it says so.
    fn begun(&self) -> usize {
        let events = self.events.lock().unwrap();
        let line = |event: &&Event| matches!(event, Event::StepOutput { line, .. } if line == "begun");
        events.iter().filter(line).count()
    }
}

/// The host's shell with its libraries below `app`, and the words that start it there.
fn shell(store: &Store) -> (Tree, Vec<String>) {
    program(store, "sh")
}

/// The same for another shell of the host's.
fn program(store: &Store, name: &str) -> (Tree, Vec<String>) {
    let program = &*format!("/bin/{name}");
    let listed = Host::new("ldd").arg(program).output().expect("ldd says what the shell needs");
    let listed = String::from_utf8(listed.stdout).unwrap();
    let libraries: Vec<&str> =
        listed.split_whitespace().filter(|word| word.starts_with('/') && !word.ends_with(':')).collect();
    let loader = libraries.iter().find(|path| path.contains("/ld-")).expect("the shell has a loader");
    let mut tree = Tree::new();
    for path in libraries.iter().chain([&program]) {
        let (digest, size) = store.add_file(&mut std::fs::File::open(path).unwrap()).unwrap();
        let place = format!("app/{}", Path::new(path).file_name().unwrap().to_str().unwrap());
        tree.insert(place.parse().unwrap(), Entry::file(digest, size, 0o755)).unwrap();
    }
    let loader = Path::new(loader).file_name().unwrap().to_str().unwrap();
    let words = [&format!("/app/{loader}"), "--library-path", "/app", &format!("/app/{name}"), "-euc"];
    (tree, words.map(str::to_owned).to_vec())
}

fn cache() -> Cache {
    Cache { name: "toy".to_owned(), path: "cache".parse().unwrap() }
}

fn step(network: Network, shell: Vec<String>, script: &str) -> Step {
    let mut words = shell;
    words.push(format!("echo begun\n{script}"));
    let mut step = Step::new("toy.fetch".parse().unwrap(), "fetches");
    step.transient = vec![TRANSIENT.to_owned()];
    step.inputs = vec![Input::Source(Selection::all())];
    step.commands = vec![Command::Exec(words)];
    step.caches = vec![cache()];
    step.settings = vec!["TOY_*".to_owned()];
    step.network = network;
    let path = "app/out/answer".parse().unwrap();
    step.outputs = vec![Output { path, layer: None, scrub: Vec::new() }];
    step
}

fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        format: PLAN_FORMAT.to_owned(),
        buildpacks: vec!["toy".to_owned()],
        root: None,
        base: Base::Debian { suite: "trixie".to_owned(), origin: Origin::Default("toy".to_owned()) },
        versions: Vec::new(),
        packages: Vec::new(),
        steps,
        source: Selection::all(),
        environment: BTreeMap::new(),
        port: None,
        processes: Vec::new(),
        question: None,
        decisions: Vec::new(),
        diagnostics: Vec::new(),
    }
}

/// A lock of a plan without packages.
fn lock() -> Lock {
    Lock {
        format: LOCK_FORMAT.to_owned(),
        requests: Digest::of(b""),
        profile: packwright_oci::Profile::CURRENT.number(),
        architecture: "amd64".to_owned(),
        releases: Vec::new(),
        substituted: Vec::new(),
        packages: Vec::new(),
        added: Vec::new(),
        resolutions: BTreeMap::new(),
        fetched: BTreeMap::new(),
    }
}

fn failure(result: Result<StepResult, BuildError>) -> Box<crate::error::StepFailure> {
    match result {
        Err(BuildError::StepFailed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_fetch_that_the_network_broke_is_tried_again_from_a_clean_root() {
    let broken = Case::new();
    let second = broken.run(Network::Fetch, SECOND, &|_, _| {}).unwrap();
    assert_eq!(broken.retries(), [(2, 3, 1, "fetching: read ECONNRESET".to_owned())]);
    assert_eq!(broken.begun(), 2);
    // The same step where the first try goes well leaves the same behind.
    let smooth = Case { subject: Some("toy".to_owned()), ..Case::new() };
    let store = Store::open(&smooth.dir.path().join("store")).unwrap();
    let kept = store.cache_dir(&crate::step::cache_name(&cache(), "toy")).unwrap();
    std::fs::write(kept.join("tried"), "").unwrap();
    drop(store);
    let first = smooth.run(Network::Fetch, SECOND, &|_, _| {}).unwrap();
    assert_eq!((smooth.begun(), smooth.retries().len()), (1, 0));
    assert_eq!(first.digest, second.digest);
    assert_eq!(first.tree, second.tree);
}

#[test]
fn after_three_tries_the_failure_is_the_last_ones() {
    let case = Case::new();
    let script = "echo x >> /cache/tries; read -r _ < /cache/tries; echo ECONNRESET; exit 9";
    let result = case.run(Network::Fetch, script, &|_, _| {});
    assert!(result.as_ref().is_err_and(BuildError::is_transient));
    let failure = failure(result);
    assert_eq!(failure.outcome, packwright_sandbox::Outcome::Exited(9));
    assert_eq!(failure.transient.as_deref(), Some(TRANSIENT));
    assert_eq!(failure.tail, ["begun", TRANSIENT], "the lines of the last try alone");
    assert_eq!(case.begun(), 3);
    let pauses: Vec<(u32, u64)> = case.retries().iter().map(|(next, _, pause, _)| (*next, *pause)).collect();
    assert_eq!(pauses, [(2, 1), (3, 2)]);
}

#[test]
fn what_is_no_failure_of_the_network_is_tried_once() {
    for (network, script) in [
        (Network::Fetch, "echo 'ETARGET no such version'; exit 1"),
        (Network::None, "echo ECONNRESET; exit 1"),
        // The client tried again by itself, and failed for another reason.
        (
            Network::Fetch,
            "echo ' WARN  GET toy error (ECONNRESET). Will retry in 10 ms.'; echo 'ETARGET no version'; exit 1",
        ),
        (
            Network::Fetch,
            "echo ECONNRESET; i=0; while [ $i -lt 50 ]; do echo compiling; i=$((i+1)); done; exit 1",
        ),
        // Killed: not by the network, whatever was printed before.
        (Network::Fetch, "echo ECONNRESET; kill -9 $$"),
    ] {
        let case = Case::new();
        failure(case.run(network, script, &|_, _| {}));
        assert_eq!((case.begun(), case.retries().len()), (1, 0), "{script}");
    }
}

/// Clients take a file that they cannot write for a download that broke; only the disk's owner can help.
#[test]
fn a_full_disk_is_named_and_not_tried_again() {
    let case = Case::new();
    let script = "echo 'tar: write error: No space left on device'; echo ECONNRESET; exit 1";
    let error = case.run(Network::Fetch, script, &|_, _| {}).unwrap_err();
    assert!(error.fix().unwrap().contains("the disk is full: free some space"), "{:?}", error.fix());
    assert_eq!((error.is_transient(), case.begun()), (false, 1));
}

#[test]
fn a_stop_ends_the_pause() {
    let case = Case { pause: Duration::from_secs(600), ..Case::new() };
    let began = Instant::now();
    let cancel = |event: &Event, cancellation: &Cancellation| {
        if matches!(event, Event::StepRetried { .. }) {
            cancellation.cancel();
        }
    };
    let result = case.run(Network::Fetch, "echo ECONNRESET; exit 1", &cancel);
    assert!(matches!(result, Err(BuildError::Cancelled)), "{result:?}");
    assert!(began.elapsed() < Duration::from_secs(60));
    assert_eq!(case.begun(), 1);
}

#[test]
fn a_step_knows_the_name_of_its_machine_with_network_and_without() {
    let script = "read -r name < /proc/sys/kernel/hostname
        while read -r address names; do case \" $names \" in *\" $name \"*) echo found > /app/out/answer;; esac
        done < /etc/hosts";
    for network in [Network::None, Network::Fetch] {
        let result = Case::new().run(network, script, &|_, _| {}).unwrap();
        assert!(result.tree.get("app/out/answer").is_some(), "{network:?}");
    }
}
