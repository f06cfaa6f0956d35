//! Steps at the same time: that they overlap, and that nothing else shows it. They meet over
//! files in their caches, which the test's own thread reads and writes, so no test depends on how
//! long something takes.

use std::num::NonZero;
use std::path::PathBuf;

use packwright_planner::LayerKind;
use packwright_sandbox::Limits;
use packwright_store::{ActionCache, ActionResult, MemoryActions, MemoryContents, Namespace, StoreError};

use super::*;
use crate::build::{Built, ImageOptions, build};
use crate::shared_cache::SharedCache;
use crate::step::cache_name;

/// Whose caches they are.
const SUBJECT: &str = "toys";

/// Says that the step runs, and waits for leave to go on.
const MEET: &str = ": > /cache/runs; while [ ! -e /cache/go ]; do :; done";

/// A step that runs `script` and leaves `/app/out/<name>`; its cache has its own name.
fn named(name: &str, needs: &[&str], shell: &[String], script: &str) -> Step {
    let mut step = step(Network::None, shell.to_vec(), script);
    step.name = format!("toy.{name}").parse().unwrap();
    step.inputs.extend(needs.iter().map(|name| Input::Step(format!("toy.{name}").parse().unwrap())));
    step.caches[0].name = name.to_owned();
    step.outputs[0].path = format!("app/out/{name}").parse().unwrap();
    step.outputs[0].layer = Some(LayerKind::Build);
    step
}

/// A step's name, what it needs, what it runs.
type Toy<'a> = (&'a str, &'a [&'a str], String);

/// The caches' directories, for the test's thread.
struct Caches(PathBuf);

impl Caches {
    fn of(&self, step: &str) -> PathBuf {
        self.0.join(cache_name(&Cache { name: step.to_owned(), ..cache() }, SUBJECT))
    }

    fn has(&self, step: &str, file: &str) -> bool {
        self.of(step).join(file).exists()
    }

    fn wait_for(&self, step: &str, file: &str) {
        let began = Instant::now();
        while !self.has(step, file) {
            assert!(began.elapsed() < Duration::from_secs(60), "{step} never had {file}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn let_go(&self, step: &str) {
        std::fs::create_dir_all(self.of(step)).unwrap();
        std::fs::write(self.of(step).join("go"), "").unwrap();
    }
}

/// A build of `toys` in a store of its own with `jobs`, while `meanwhile` runs on another thread:
/// its result, and what the caller heard.
fn built(
    toys: &[Toy<'_>],
    jobs: usize,
    meanwhile: impl FnOnce(&Caches, &Cancellation) + Send,
) -> (Result<Built, BuildError>, Vec<Event>) {
    built_with(toys, jobs, None, meanwhile)
}

fn built_with(
    toys: &[Toy<'_>],
    jobs: usize,
    shared: Option<SharedCache<'_>>,
    meanwhile: impl FnOnce(&Caches, &Cancellation) + Send,
) -> (Result<Built, BuildError>, Vec<Event>) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("store")).unwrap();
    let client = Client::new(ClientOptions::default()).unwrap();
    let stop = Cancellation::new().unwrap();
    let heard = Mutex::new(Vec::new());
    let events = |event: Event| {
        let event = match event {
            Event::StepEnded { step, .. } => Event::StepEnded { step, elapsed_ms: 0 },
            other => other,
        };
        heard.lock().unwrap().push(event);
    };
    let context = BuildContext {
        isolation: best_isolation(&store, &[]).unwrap(),
        jobs: NonZero::new(jobs).unwrap(),
        subject: Some(SUBJECT.to_owned()),
        shared,
        limits: Limits { time: Some(Duration::from_secs(60)), ..Limits::default() },
        ..BuildContext::new(&store, &client, &stop, SystemTime::UNIX_EPOCH, &events)
    };
    let (source, shell) = shell(&store);
    let plan = plan(toys.iter().map(|(name, needs, script)| named(name, needs, &shell, script)).collect());
    let caches = Caches(store.path().join("caches"));
    let result = std::thread::scope(|scope| {
        let meanwhile = scope.spawn(|| meanwhile(&caches, &stop));
        let result = build(&context, &plan, &lock(), &source, &ImageOptions::default());
        meanwhile.join().unwrap();
        result
    });
    (result, heard.into_inner().unwrap())
}

fn digest(result: Result<Built, BuildError>) -> Digest {
    result.unwrap().image.digest
}

#[test]
fn independent_steps_overlap_and_neither_digest_nor_events_tell() {
    let toys = ["one", "two"].map(|name| {
        (name, &[] as &[&str], format!("{MEET}; echo {name} is done; echo {name} > /app/out/{name}"))
    });
    // None goes on before both run.
    let (both, heard) = built(&toys, 4, |caches, _| {
        caches.wait_for("one", "runs");
        caches.wait_for("two", "runs");
        caches.let_go("two");
        caches.let_go("one");
    });
    let (single, heard_single) = built(&toys, 1, |caches, _| {
        caches.wait_for("one", "runs");
        assert!(!caches.has("two", "runs"), "one job runs one step");
        caches.let_go("one");
        caches.let_go("two");
    });
    assert_eq!(digest(both), digest(single));
    assert_eq!(heard, heard_single);
    let told: Vec<&str> = heard
        .iter()
        .filter_map(|event| match event {
            Event::StepOutput { line, .. } => Some(line.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["begun", "one is done", "begun", "two is done"]);
}

#[test]
fn a_diamond_joins_what_its_sides_left() {
    let write = |name: &str, text: &str| format!("echo {text} > /app/out/{name}");
    let toys: [Toy<'_>; 4] = [
        ("base", &[], write("base", "base")),
        ("left", &["base"], format!("read -r below < /app/out/base; {}", write("left", "left of $below"))),
        ("right", &["base"], write("right", "right")),
        (
            "top",
            &["left", "right"],
            format!(
                "read -r l < /app/out/left; read -r r < /app/out/right; echo $l, $r; {}",
                write("top", "$l $r")
            ),
        ),
    ];
    let runs: Vec<(Digest, Vec<Event>)> = [1, 2, 4]
        .map(|jobs| {
            let (result, heard) = built(&toys, jobs, |_, _| {});
            (digest(result), heard)
        })
        .into();
    assert!(runs.iter().all(|run| *run == runs[0]));
    let joined =
        |event: &Event| matches!(event, Event::StepOutput { line, .. } if line == "left of base, right");
    assert!(runs[0].1.iter().any(joined));
}

#[test]
fn a_step_listed_before_one_it_needs_runs_after_it() {
    let toys: [Toy<'_>; 2] = [
        ("late", &["early"], "read -r early < /app/out/early; echo $early > /app/out/late".to_owned()),
        ("early", &[], "echo early > /app/out/early".to_owned()),
    ];
    let (result, heard) = built(&toys, 4, |_, _| {});
    result.unwrap();
    let started: Vec<&str> = heard
        .iter()
        .filter_map(|event| match event {
            Event::StepStarted { step, .. } => Some(step.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(started, ["toy.early", "toy.late"]);
}

#[test]
fn a_failure_stops_the_later_step_that_runs_beside_it() {
    let toys: [Toy<'_>; 2] = [
        ("fails", &[], format!("{MEET}; exit 3")),
        // Nobody lets it go.
        ("runs", &[], MEET.to_owned()),
    ];
    let (result, heard) = built(&toys, 2, |caches, _| {
        caches.wait_for("runs", "runs");
        caches.let_go("fails");
    });
    match result {
        Err(BuildError::StepFailed(failure)) => assert_eq!(failure.step.as_str(), "toy.fails"),
        other => panic!("{other:?}"),
    }
    let of_later =
        |event: &Event| matches!(event, Event::StepStarted { step, .. } if step.as_str() == "toy.runs");
    assert!(!heard.iter().any(of_later), "one job would not have begun it: {heard:?}");
}

#[test]
fn the_first_failing_step_of_the_plan_decides_the_error() {
    let toys: [Toy<'_>; 3] = [
        ("good", &[], "echo good > /app/out/good".to_owned()),
        ("slow", &["good"], format!("{MEET}; exit 4")),
        ("quick", &[], ": > /cache/fails; exit 5".to_owned()),
    ];
    let (parallel, heard) = built(&toys, 3, |caches, _| {
        // The later step has failed, or is just about to.
        caches.wait_for("quick", "fails");
        caches.let_go("slow");
    });
    let (single, heard_single) = built(&toys, 1, |caches, _| caches.let_go("slow"));
    for result in [parallel, single] {
        match result {
            Err(BuildError::StepFailed(failure)) => {
                assert_eq!(failure.step.as_str(), "toy.slow");
                assert_eq!(failure.outcome, packwright_sandbox::Outcome::Exited(4));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(heard, heard_single);
}

#[test]
fn a_stop_reaches_every_step_that_runs() {
    let toys: [Toy<'_>; 2] = [("one", &[], MEET.to_owned()), ("two", &[], MEET.to_owned())];
    let began = Instant::now();
    let (result, _) = built(&toys, 2, |caches, cancellation| {
        caches.wait_for("one", "runs");
        caches.wait_for("two", "runs");
        cancellation.cancel();
    });
    assert!(matches!(result, Err(BuildError::Cancelled)), "{result:?}");
    // Else their time of a minute would have ended them.
    assert!(began.elapsed() < Duration::from_secs(50));
}

#[test]
fn steps_with_one_cache_run_one_after_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let (source, shell) = shell(&store);
    let mut steps: Vec<Step> = ["one", "two", "three"].map(|name| named(name, &[], &shell, "echo")).into();
    steps[2].caches[0].name = "one".to_owned();
    let plan = plan(steps);
    let lock = lock();
    let client = Client::new(ClientOptions::default()).unwrap();
    let stop = Cancellation::new().unwrap();
    let context = BuildContext::new(&store, &client, &stop, SystemTime::UNIX_EPOCH, &|_| {});
    let roots = Roots::new(&context, &plan, &lock, StoreCheck::Trusted);
    let steps = Steps::new(&plan, &source, &roots, &lock.resolutions, |_| true).unwrap();
    assert_eq!(steps.needs(), [vec![], vec![], vec![0]]);
}

/// How many steps ran, and how many were reused; how many layers were encoded.
fn counts(heard: &[Event]) -> (usize, usize, usize) {
    let count = |is: &dyn Fn(&Event) -> bool| heard.iter().filter(|event| is(event)).count();
    (
        count(&|event| matches!(event, Event::StepStarted { .. })),
        count(&|event| matches!(event, Event::StepReused { .. })),
        count(&|event| matches!(event, Event::Layer(layer) if !layer.reused)),
    )
}

#[test]
fn what_one_machine_made_the_next_takes_from_the_shared_cache() {
    let toys: [Toy<'_>; 2] = [
        ("one", &[], "echo one > /app/out/one".to_owned()),
        ("two", &["one"], "echo two > /app/out/two".to_owned()),
    ];
    let (actions, contents) = (MemoryActions::default(), MemoryContents::default());
    let shared = Some(SharedCache { actions: &actions, contents: &contents });
    let (first, heard_first) = built_with(&toys, 2, shared, |_, _| {});
    // A store of its own, that is another machine.
    let (second, heard_second) = built_with(&toys, 2, shared, |_, _| {});
    assert_eq!(digest(first), digest(second));
    let (ran, reused, encoded) = counts(&heard_first);
    assert_eq!((ran, reused), (2, 0));
    assert!(encoded > 0);
    assert_eq!(counts(&heard_second), (0, 2, 0));
}

/// A cache whose server is gone.
struct Gone;

impl Gone {
    fn error() -> StoreError {
        let source = std::io::Error::other("no route");
        StoreError::Backend { action: "ask", place: "the cache".to_owned(), source: Box::new(source) }
    }
}

impl ActionCache for Gone {
    fn get(&self, _: Namespace, _: &Digest) -> Result<Option<ActionResult>, StoreError> {
        Err(Gone::error())
    }

    fn put(&self, _: Namespace, _: &Digest, _: &Tree) -> Result<Digest, StoreError> {
        Err(Gone::error())
    }
}

#[test]
fn a_shared_cache_that_fails_is_said_and_does_not_fail_the_build() {
    let toys: [Toy<'_>; 1] = [("one", &[], "echo one > /app/out/one".to_owned())];
    let contents = MemoryContents::default();
    let shared = Some(SharedCache { actions: &Gone, contents: &contents });
    let (result, heard) = built_with(&toys, 2, shared, |_, _| {});
    assert_eq!(digest(result), digest(built(&toys, 2, |_, _| {}).0));
    let warned = |event: &Event| matches!(event, Event::Noticed(notice) if notice.code == "cache/shared");
    assert!(heard.iter().any(warned), "{heard:?}");
}
