//! Same input, same digest: over paths, times, masks, locales, jobs, stores, isolations, and ways to the network.

use std::fs::{self, FileTimes, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use walkdir::WalkDir;

use super::Subject;
use super::isolation::Isolation;
use crate::command::finish;
use crate::fixture::{destination, packwright_on};
use crate::layout::Layout;
use crate::place;
use crate::shared::Shared;

/// What differs between two builds of one lock.
struct Condition {
    what: &'static str,
    jobs: &'static str,
    umask: &'static str,
    variables: &'static [(&'static str, &'static str)],
    /// How many seconds older the files are.
    age: u64,
    /// The store; none: an empty one.
    store: Option<Shared>,
    /// None: what the machine offers first.
    isolation: Option<Isolation>,
    /// How steps reach the network, as `--network` names it.
    network: &'static str,
}

/// Another path at another depth, other times and modes, one job and not four, another environment, another
/// store, the host's network and not the gateway; under `isolation`.
pub fn builds_twice_the_same(subject: &Subject, isolation: Isolation) {
    builds_the_same(
        subject,
        &Condition {
            what: "second store",
            jobs: "1",
            umask: "077",
            variables: &[
                ("TZ", "Pacific/Chatham"),
                ("LC_ALL", "tr_TR.UTF-8"),
                ("LANG", "C"),
                ("PYTHONHASHSEED", "7"),
                ("HOSTNAME", "elsewhere"),
                ("COLUMNS", "40"),
            ],
            age: 40_000_000,
            store: Some(Shared::Second),
            isolation: Some(isolation),
            network: "host",
        },
    );
}

/// The isolation that only root has, in a store of its own. An ordinary user has nothing to try here: overlays
/// and copies are compared by [`builds_twice_the_same`].
pub fn builds_the_same_as_root(subject: &Subject) {
    if Isolation::all().contains(&Isolation::Chroot) {
        builds_the_same(
            subject,
            &Condition {
                what: "isolation of root",
                jobs: "2",
                umask: "022",
                variables: &[],
                age: 0,
                store: Some(Shared::Chroot),
                isolation: Some(Isolation::Chroot),
                network: "gateway",
            },
        );
    }
}

const MATRIX: &[Condition] = &[
    Condition {
        what: "one job, mask 077, warm store",
        jobs: "1",
        umask: "077",
        variables: &[("TZ", "America/St_Johns"), ("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")],
        age: 1_000,
        store: Some(Shared::First),
        isolation: None,
        network: "gateway",
    },
    Condition {
        what: "two jobs, mask 022, empty store",
        jobs: "2",
        umask: "022",
        variables: &[("TZ", "Asia/Kathmandu"), ("LANG", "ja_JP.UTF-8"), ("COLUMNS", "40")],
        age: 300_000_000,
        store: None,
        isolation: None,
        network: "gateway",
    },
    Condition {
        what: "one job, mask 000, empty store, copied root",
        jobs: "1",
        umask: "000",
        variables: &[("TZ", "UTC"), ("LC_ALL", "POSIX"), ("PYTHONHASHSEED", "7"), ("HOSTNAME", "elsewhere")],
        age: 0,
        store: None,
        isolation: Some(Isolation::Copy),
        network: "gateway",
    },
];

/// Empty stores and a warm one, each under conditions of its own.
pub fn builds_the_same_in_empty_stores(subject: &Subject) {
    for condition in MATRIX {
        builds_the_same(subject, condition);
    }
}

/// Builds `subject` once more from its own lock under `condition`, and demands the same image.
#[track_caller]
fn builds_the_same(subject: &Subject, condition: &Condition) {
    let (fixture, lock, first) = (&subject.fixture, subject.lock(), subject.layout());
    let above = place::new_dir("elsewhere-with-another-name");
    let dir = above.path().join("some/where/else").join("x".repeat(condition.what.len()));
    fs::create_dir_all(dir.parent().unwrap()).unwrap();
    fixture.copy_to(&dir);
    age(&dir, Duration::from_secs(condition.age));
    let temporary = above.path().join("t m p");
    fs::create_dir(&temporary).unwrap();
    let layout = above.path().join("image");
    let own = above.path().join("store");
    let store = condition.store.map_or_else(|| own.clone(), Shared::path);

    let mut build =
        packwright_on(&store, ["build", "--network", condition.network, "--jobs", condition.jobs, "--lock"]);
    build.arg(lock).args(condition.isolation.iter().flat_map(|isolation| ["--isolation", isolation.flag()]));
    let mut again = under_umask(condition.umask, fixture.with(&mut build, &dir));
    again.args(["-o", &destination("oci", &layout)]);
    again.env("TMPDIR", &temporary).envs(condition.variables.iter().copied());
    let told = finish(&mut again).ok();
    if let Some(isolation) = condition.isolation {
        assert!(told.stderr().contains(isolation.words()), "{}", told.story());
    }
    assert_same(condition.what, first, &Layout::open(&layout));
    if own.exists() {
        place::remove(&own);
    }
}

/// `command` under the file mode mask `mask`.
fn under_umask(mask: &str, command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("umask {mask} && exec \"$0\" \"$@\"")]).arg(command.get_program());
    shell.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// Gives all files below `dir` other times, and modes that say less than they could.
fn age(dir: &Path, by: Duration) {
    let then = SystemTime::now() - by;
    for entry in WalkDir::new(dir).contents_first(true) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let executable = entry.metadata().unwrap().permissions().mode() & 0o111 != 0;
            let mode = if executable { 0o700 } else { 0o600 };
            fs::set_permissions(entry.path(), Permissions::from_mode(mode)).unwrap();
        }
        let file = fs::File::open(entry.path()).unwrap();
        file.set_times(FileTimes::new().set_modified(then).set_accessed(then)).unwrap();
    }
}

/// Demands the same image, and tells where the first difference is when it is another.
#[track_caller]
pub fn assert_same(what: &str, first: &Layout, second: &Layout) {
    if first.digest() == second.digest() {
        return;
    }
    for (number, (one, other)) in first.layers().iter().zip(&second.layers()).enumerate() {
        if one != other {
            let (one, other) = (first.members(one), second.members(other));
            let missing: Vec<_> = one.iter().filter(|member| !other.contains(member)).take(10).collect();
            let added: Vec<_> = other.iter().filter(|member| !one.contains(member)).take(10).collect();
            panic!(
                "{what}: layer {number} differs\nonly in the first: {missing:#?}\nonly in the second: {added:#?}"
            );
        }
    }
    assert_eq!(first.config(), second.config(), "{what}: the configurations differ");
    panic!("{what}: {} and {} have equal layers and configurations", first.digest(), second.digest());
}
