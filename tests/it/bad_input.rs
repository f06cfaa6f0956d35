//! Bad input gets its message and its status, and harms neither the output nor the store.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use serde::Deserialize;

use crate::command::{Finished, finish};
use crate::fixture::{self, Checkout, Fixture, build, destination, packwright, packwright_on};
use crate::layout::contents;
use crate::place;
use crate::shared::Shared;
use crate::stores::OwnStore;

/// What `bad/<scenario>.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bad {
    #[expect(dead_code, reason = "for people")]
    about: String,
    #[serde(default)]
    empty: bool,
    command: String,
    #[serde(default)]
    args: Vec<String>,
    exit: i32,
    says: Vec<String>,
}

/// Builds `dir` over an earlier image: the status and words are `judge`'s to check, the image
/// must be as before, and the good application must still build, from what is there.
#[track_caller]
fn harms_nothing(dir: &Path, store: &Path, more: &[&str], judge: impl FnOnce(Finished)) {
    let good = Fixture::read("python-procfile").checkout();
    let image = good.dir.with_extension("oci");
    let good_build = || {
        let mut command = packwright_on(store, ["build", "-o", &destination("oci", &image)]);
        finish(command.arg(&good.dir)).ok()
    };
    good_build();
    let before = contents(&image);
    let mut command = packwright_on(store, ["build", "-o", &destination("oci", &image)]);
    judge(finish(command.args(more).arg(dir)));
    assert_eq!(contents(&image), before, "the earlier output changed");
    let told = good_build();
    assert!(told.stderr().contains("step python.install: reused"), "{}", told.story());
    assert_eq!(contents(&image), before);
}

/// One scenario of `fixtures/bad`.
fn scenario(name: &str) {
    let bad = fixture::dir().join("bad");
    let text = fs::read_to_string(bad.join(format!("{name}.toml"))).unwrap();
    let expected: Bad = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}.toml: {error}"));
    let above = place::new_dir(name);
    let dir = above.path().join("app");
    match expected.empty {
        true => fs::create_dir(&dir).unwrap(),
        false => place::copy(&bad.join(name), &dir),
    }
    if expected.command == "plan" {
        finish(packwright(["plan"]).args(&expected.args).arg(&dir)).failed(expected.exit, &expected.says);
    }
    let args: Vec<&str> = expected.args.iter().map(String::as_str).collect();
    harms_nothing(&dir, &Shared::First.path(), &args, |told| {
        let told = told.failed(expected.exit, &expected.says);
        assert!(told.stderr().contains("fix:"), "no remedy: {}", told.story());
    });
}

macro_rules! scenarios {
    ($($test:ident: $name:literal),* $(,)?) => {
        $(#[test]
        fn $test() {
            scenario($name);
        })*

        #[test]
        fn no_scenario_is_forgotten() {
            let mut known = vec![$($name),*];
            known.sort();
            let mut found: Vec<String> = fs::read_dir(fixture::dir().join("bad"))
                .unwrap()
                .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".toml").map(str::to_owned))
                .collect();
            found.sort();
            assert_eq!(known, found);
        }
    };
}

scenarios! {
    broken_pyproject: "broken-pyproject",
    django_without_wsgi: "django-without-wsgi",
    empty: "empty",
    fastapi_without_app: "fastapi-without-app",
    hash_mismatch: "hash-mismatch",
    managers_conflict: "managers-conflict",
    node_app_ambiguous: "node-app-ambiguous",
    node_broken_manifest: "node-broken-manifest",
    node_lock_out_of_step: "node-lock-out-of-step",
    node_postinstall_needs_network: "node-postinstall-needs-network",
    node_private_package: "node-private-package",
    node_script_fails: "node-script-fails",
    node_two_managers: "node-two-managers",
    node_version_unknown: "node-version-unknown",
    procfile_bad_line: "procfile-bad-line",
    python_version_too_old: "python-version-too-old",
    python_version_unknown: "python-version-unknown",
    requirement_missing: "requirement-missing",
}

#[test]
fn an_index_that_does_not_answer_may_answer_later() {
    let checkout = Fixture::read("python-flask").checkout();
    let store = OwnStore::with_packages();
    let build = |unreachable: &[&str]| {
        let mut command = packwright_on(store.path(), ["build"]);
        command.arg(&checkout.dir);
        for name in unreachable {
            // Nothing listens on port 1.
            command.env(name, "http://127.0.0.1:1/simple/");
        }
        finish(&mut command)
    };
    build(&["PIP_INDEX_URL", "UV_DEFAULT_INDEX"]).failed(75, &["python.uv", "fix:"]);
    build(&[]).ok();
    // uv is there now, and pip's index is what it was; uv's own is the one that does not answer.
    fs::write(checkout.dir.join("requirements.txt"), "flask\nhumanize\n").unwrap();
    build(&["UV_DEFAULT_INDEX"]).failed(75, &["python.resolve", "fix:"]);
    build(&[]).ok();
}

/// A copy of a good application to which `spoil` adds something.
fn spoilt(spoil: impl FnOnce(&Path)) -> Checkout {
    let checkout = Fixture::read("python-procfile").checkout();
    spoil(&checkout.dir);
    checkout
}

#[test]
fn links_that_lead_out_are_refused() {
    for (name, target) in
        [("absolute", "/etc/passwd"), ("climbing", "../../etc/passwd"), ("roundabout", "deep/../../outside")]
    {
        let checkout = spoilt(|dir| symlink(target, dir.join(name)).unwrap());
        harms_nothing(&checkout.dir, &Shared::First.path(), &[], |told| {
            drop(told.failed(1, &[name, "leads out", target, "fix:"]));
        });
    }
}

/// A link is kept as a link and never followed, so that a loop is nothing special.
#[test]
fn loops_of_links_end() {
    let checkout = spoilt(|dir| {
        symlink("second", dir.join("first")).unwrap();
        symlink("first", dir.join("second")).unwrap();
        symlink(".", dir.join("itself")).unwrap();
        fs::create_dir(dir.join("deep")).unwrap();
        symlink("..", dir.join("deep/up")).unwrap();
    });
    let layout = build(&checkout.dir);
    let paths: Vec<String> = layout.paths().into_iter().map(|(_, path)| path).collect();
    for link in ["app/first", "app/second", "app/itself", "app/deep/up"] {
        assert!(paths.iter().any(|path| path == link), "{link} is missing");
    }
    assert!(!paths.iter().any(|path| path.starts_with("app/itself/")), "a link was followed");
}

#[test]
fn names_that_are_not_text_are_named() {
    let checkout = spoilt(|dir| fs::write(dir.join(OsStr::from_bytes(b"caf\xe9.txt")), "x").unwrap());
    harms_nothing(&checkout.dir, &Shared::First.path(), &[], |told| {
        drop(told.failed(1, &["caf\\xe9.txt", "not UTF-8", "rename"]));
    });
    let checkout = spoilt(|dir| symlink(OsStr::from_bytes(b"\xff\xfe"), dir.join("link")).unwrap());
    harms_nothing(&checkout.dir, &Shared::First.path(), &[], |told| {
        drop(told.failed(1, &["not UTF-8", "fix:"]))
    });
}

/// A socket, a pipe: left over from a program that ran here, so that they are worth a word and
/// no failure; under `--strict` an error.
#[test]
fn sockets_and_pipes_are_left_out_and_said() {
    let checkout = spoilt(|dir| {
        drop(UnixListener::bind(dir.join("s.sock")).unwrap());
        finish(std::process::Command::new("mkfifo").arg(dir.join("pipe"))).ok();
    });
    let image = checkout.beside("image");
    let mut command = packwright(["build", "-o", &destination("oci", &image)]);
    let told = finish(command.arg(&checkout.dir)).ok();
    for name in ["s.sock", "pipe"] {
        assert!(told.stderr().contains(name), "{name} is not named: {}", told.story());
    }
    let layout = crate::layout::Layout::open(&image);
    assert!(layout.paths().iter().all(|(_, path)| path != "app/s.sock" && path != "app/pipe"));
    harms_nothing(&checkout.dir, &Shared::First.path(), &["--strict"], |told| {
        drop(told.failed(1, &["s.sock", "pipe", "fix:"]));
    });
}

#[test]
fn output_over_somebodys_files_is_refused() {
    let checkout = Fixture::read("python-procfile").checkout();
    let dir = checkout.beside("documents");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("letter.txt"), "dear reader").unwrap();
    let before = contents(&dir);
    let path = dir.display().to_string();
    finish(packwright(["build", "-o", &destination("oci", &dir)]).arg(&checkout.dir))
        .failed(1, &[path.as_str(), "fix:"]);
    assert_eq!(contents(&dir), before);
}

#[test]
fn wrong_usage_has_its_own_status() {
    let checkout = Fixture::read("python-procfile").checkout();
    for args in [["build", "--no-such-flag"], ["build", "-o=nowhere"], ["build", "--plan=/no/such/plan"]] {
        finish(packwright(args).arg(&checkout.dir)).failed(2, &["error"]);
    }
    finish(&mut packwright(["plan", "/no/such/directory"])).failed(2, &["/no/such/directory"]);
}
