//! Same input, same digest: over users, paths, times, masks, locales, threads, stores and rungs.

use std::fs::{self, FileTimes, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use walkdir::WalkDir;

use crate::command::{finish, say};
use crate::fixture::{Fixture, build, destination, packwright, packwright_on};
use crate::layout::Layout;
use crate::place::{self, is_root};

/// Every fixture: a store in which it was never built, another path, one thread, another mask.
macro_rules! each {
    ($($module:ident: $name:literal),* $(,)?) => {
        $(#[test]
        fn $module() {
            super::builds_twice_the_same(&super::Fixture::read($name));
        })*
    };
}

mod every_fixture {
    every_fixture!(each);
}

/// Two builds of one lock under conditions that differ in everything that must not matter.
fn builds_twice_the_same(fixture: &Fixture) {
    let checkout = fixture.checkout();
    let first = checkout.build();
    let lock = checkout.beside("packwright.lock");
    finish(checkout.with(packwright(["lock", "-o"]).arg(&lock))).ok();

    // Another path at another depth, other times, other modes.
    let above = place::new_dir("elsewhere-with-another-name");
    let dir = above.path().join("some/where/else");
    fs::create_dir_all(dir.parent().unwrap()).unwrap();
    fixture.copy_to(&dir);
    age(&dir, Duration::from_secs(40_000_000));
    let temporary = above.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    let layout = above.path().join("image");
    // Copying a root is dear: the applications that install little show that it makes no difference.
    let isolation: &[&str] =
        if fixture.name.starts_with("python-p") { &["--isolation", "copy"] } else { &[] };
    let mut build = packwright_on(&place::other_store(), ["build", "--jobs", "1", "--lock"]);
    let mut again = under_umask("077", fixture.with(build.arg(&lock).args(isolation), &dir));
    again.args(["-o", &destination("oci", &layout)]);
    again
        .env("TMPDIR", &temporary)
        .env("TZ", "Pacific/Chatham")
        .env("LC_ALL", "tr_TR.UTF-8")
        .env("LANG", "C");
    finish(&mut again).ok();
    assert_same(&first, &Layout::open(&layout));
}

#[test]
fn check_finds_no_difference() {
    let checkout = Fixture::read("python-fastapi").checkout();
    let told = finish(packwright(["check"]).arg(&checkout.dir)).ok();
    let digest = build(&checkout.dir).digest().to_owned();
    assert_eq!(told.stdout(), format!("same {digest}\n"));
}

#[test]
fn check_tells_what_differs() {
    let checkout = Fixture::read("python-procfile").checkout();
    let mut plan = crate::fixture::plan(&checkout.dir);
    plan["steps"].as_array_mut().unwrap().push(serde_json::json!({
        "name": "test.dice", "why": "differs each time",
        "commands": [{ "shell": "mkdir /app/dice && cat /proc/sys/kernel/random/uuid > /app/dice/thrown" }],
        "outputs": [{ "path": "app/dice", "layer": "build" }],
    }));
    let file = checkout.beside("plan.json");
    fs::write(&file, plan.to_string()).unwrap();
    let told = finish(packwright(["check", "--plan"]).arg(&file).arg(&checkout.dir));
    assert_eq!(told.code(), 1, "{}", told.story());
    assert!(told.stdout().starts_with("different\n"), "{}", told.story());
    assert!(told.stdout().contains("`app/dice/thrown` differs in"), "{}", told.story());
    assert!(!told.stdout().contains("opt/venv"), "{}", told.story());
}

/// One condition of the full matrix, on FastAPI, against the build of the shared store.
struct Condition {
    what: &'static str,
    args: &'static [&'static str],
    umask: &'static str,
    variables: &'static [(&'static str, &'static str)],
    /// How much older the files are.
    age: u64,
    warm: bool,
}

const MATRIX: &[Condition] = &[
    Condition {
        what: "one thread, mask 077, warm store",
        args: &["--jobs", "1"],
        umask: "077",
        variables: &[("TZ", "America/St_Johns"), ("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")],
        age: 1_000,
        warm: true,
    },
    Condition {
        what: "two threads, mask 022, empty store",
        args: &["--jobs", "2"],
        umask: "022",
        variables: &[("TZ", "Asia/Kathmandu"), ("LANG", "ja_JP.UTF-8"), ("COLUMNS", "40")],
        age: 300_000_000,
        warm: false,
    },
    Condition {
        what: "one thread, mask 000, empty store, copied root",
        args: &["--jobs", "1", "--isolation", "copy"],
        umask: "000",
        variables: &[("TZ", "UTC"), ("LC_ALL", "POSIX"), ("PYTHONHASHSEED", "7"), ("HOSTNAME", "elsewhere")],
        age: 0,
        warm: false,
    },
];

#[test]
fn nothing_around_a_build_reaches_the_image() {
    let fixture = Fixture::read("python-fastapi");
    let checkout = fixture.checkout();
    let first = build(&checkout.dir);
    let lock = checkout.beside("packwright.lock");
    finish(packwright(["lock", "-o"]).arg(&lock).arg(&checkout.dir)).ok();
    for (number, condition) in MATRIX.iter().enumerate() {
        let above = place::new_dir(&format!("matrix-{number}"));
        let dir = above.path().join(format!("path-{}", "x".repeat(number * 20)));
        fixture.copy_to(&dir);
        age(&dir, Duration::from_secs(condition.age));
        let temporary = above.path().join("t m p");
        fs::create_dir(&temporary).unwrap();
        let own = above.path().join("store");
        let store = if condition.warm { place::store() } else { own.clone() };
        let mut again = under_umask(condition.umask, &packwright_on(&store, ["build", "--lock"]));
        let layout = above.path().join("image");
        again.arg(&lock).args(condition.args).arg(&dir).args(["-o", &destination("oci", &layout)]);
        again.env("TMPDIR", &temporary).envs(condition.variables.iter().copied());
        finish(&mut again).ok();
        let layout = Layout::open(&layout);
        assert_eq!(layout.digest(), first.digest(), "{}", condition.what);
        assert_same(&first, &layout);
        if !condition.warm {
            place::remove(&own);
        }
    }
}

/// As root: the same build as an ordinary user, in that user's own home. As an ordinary user the
/// other user cannot be had; the test then says so and compares two homes.
#[test]
fn another_user_gets_the_same_image() {
    const NOBODY: &str = "65534";
    let fixture = Fixture::read("python-fastapi");
    let checkout = fixture.checkout();
    let first = build(&checkout.dir);
    let lock = checkout.beside("packwright.lock");
    finish(packwright(["lock", "-o"]).arg(&lock).arg(&checkout.dir)).ok();

    // The house may lie where another user cannot go.
    let home = tempfile::Builder::new().prefix("packwright-home-").tempdir().unwrap();
    let program = home.path().join("packwright");
    fs::copy(place::program(), &program).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    fs::copy(&lock, home.path().join("lock")).unwrap();
    let dir = home.path().join("application");
    fixture.copy_to(&dir);
    let mut again = match is_root() {
        true => {
            finish(Command::new("chown").args(["-R", &format!("{NOBODY}:{NOBODY}")]).arg(home.path())).ok();
            let mut command = Command::new("setpriv");
            command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--"]).arg(&program);
            command
        }
        false => {
            say("not root: another user is not tried, another home is");
            Command::new(&program)
        }
    };
    let layout = home.path().join("image");
    again
        .args(["build", "-o", &destination("oci", &layout), "--lock"])
        .arg(home.path().join("lock"))
        .arg(&dir);
    again.current_dir(home.path()).env("HOME", home.path()).env("USER", "nobody").env("LOGNAME", "nobody");
    again.env_remove("PACKWRIGHT_STORE").env_remove("XDG_CACHE_HOME").env_remove("SOURCE_DATE_EPOCH");
    finish(&mut again).ok();
    assert!(home.path().join(".cache/packwright/format").exists(), "the store is in the user's home");
    assert_same(&first, &Layout::open(&layout));
    place::remove(&home.path().join(".cache"));
}

#[test]
fn the_order_of_directories_does_not_matter() {
    let fixture = Fixture::read("python-django");
    let checkout = fixture.checkout();
    let first = build(&checkout.dir);
    let elsewhere = place::new_dir("shuffled");
    let dir = elsewhere.path().join("app");
    // Made in the opposite order, with files in between that are gone again.
    let mut entries: Vec<PathBuf> =
        WalkDir::new(&checkout.dir).into_iter().map(|entry| entry.unwrap().into_path()).collect();
    entries.sort();
    for (number, path) in entries.iter().rev().filter(|path| path.is_file()).enumerate() {
        let target = dir.join(path.strip_prefix(&checkout.dir).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target.with_file_name(format!("filler-{number}")), "x").unwrap();
        fs::copy(path, &target).unwrap();
        fs::remove_file(target.with_file_name(format!("filler-{number}"))).unwrap();
    }
    assert_same(&first, &build(&dir));
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
fn assert_same(first: &Layout, second: &Layout) {
    if first.digest() == second.digest() {
        return;
    }
    for (number, (one, other)) in first.layers().iter().zip(&second.layers()).enumerate() {
        if one != other {
            let (one, other) = (first.members(one), second.members(other));
            let missing: Vec<_> = one.iter().filter(|member| !other.contains(member)).take(10).collect();
            let added: Vec<_> = other.iter().filter(|member| !one.contains(member)).take(10).collect();
            panic!("layer {number} differs\nonly in the first: {missing:#?}\nonly in the second: {added:#?}");
        }
    }
    assert_eq!(first.config(), second.config(), "the configurations differ");
    panic!("{} and {} have equal layers and configurations", first.digest(), second.digest());
}
