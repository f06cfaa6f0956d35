//! The rules of the house, held by a test: who may use whom, which crates are pure, how files
//! begin and how long they may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

mod circles;
mod names;
mod publishing;

/// Who may use whom among our own crates. A buildpack is any crate below `buildpacks/`.
const USES: &[(&str, &[&str])] = &[
    ("crates/oci", &[]),
    ("crates/shell-syntax", &[]),
    ("crates/debian", &["packwright-oci", "packwright-shell-syntax"]),
    ("crates/planner", &["packwright-oci", "packwright-shell-syntax"]),
    ("crates/documents", &[]),
    ("crates/buildpack", &["packwright-planner", "packwright-documents", "packwright-shell-syntax"]),
    ("crates/platforms", &["packwright-planner", "packwright-documents", "packwright-shell-syntax"]),
    ("crates/store", &["packwright-oci", "packwright-planner"]),
    ("crates/remote", &["packwright-oci"]),
    ("crates/gateway", &["packwright-oci", "packwright-remote"]),
    ("crates/sandbox", &[]),
    (
        "crates/engine",
        &[
            "packwright-oci",
            "packwright-planner",
            "packwright-debian",
            "packwright-store",
            "packwright-remote",
            "packwright-gateway",
            "packwright-sandbox",
            "packwright-verify",
        ],
    ),
    ("crates/verify", &["packwright-oci", "packwright-planner", "packwright-shell-syntax"]),
    ("crates/packwright", FACE_USES),
    ("crates/cli", &["packwright"]),
];

/// The face for embedders brings everything together.
const FACE_USES: &[&str] = &[
    "packwright-engine",
    "packwright-platforms",
    "packwright-go",
    "packwright-node",
    "packwright-python",
    "packwright-shell",
    "packwright-static",
];

const BUILDPACK_USES: &[&str] =
    &["packwright-buildpack", "packwright-planner", "packwright-documents", "packwright-shell-syntax"];

/// Crates that are functions over values.
const PURE: &[&str] = &[
    "crates/oci",
    "crates/planner",
    "crates/documents",
    "crates/buildpack",
    "crates/shell-syntax",
    "crates/platforms",
    "crates/debian",
    "crates/verify",
    "buildpacks",
];

/// What a pure crate must not name.
const EFFECTS: &[&str] =
    &["std::fs", "std::net", "std::process", "std::env", "std::thread::sleep", "SystemTime", "Instant"];

/// The longest file, generated tables aside.
const LONGEST: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the house").to_owned()
}

/// All files below `dir` with the ending `ending`, build output left out.
fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = WalkDir::new(dir)
        .into_iter()
        .filter_entry(|entry| !matches!(entry.file_name().to_str(), Some("target" | ".git" | "fixtures")))
        .map(|entry| entry.expect("the house can be walked").into_path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    found.sort();
    found
}

/// The folders of the crates directly below `dir`.
fn crates_below(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut dirs: Vec<PathBuf> = entries.filter(|path| path.join("Cargo.toml").exists()).collect();
    dirs.sort();
    dirs
}

fn manifest(dir: &Path) -> toml::Table {
    let path = dir.join("Cargo.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The crates of ours that `dir` uses outside its tests.
fn uses(dir: &Path) -> BTreeSet<String> {
    manifest(dir)
        .get("dependencies")
        .and_then(toml::Value::as_table)
        .map(|table| table.keys().filter(|name| name.starts_with("packwright")).cloned().collect())
        .unwrap_or_default()
}

#[test]
fn crates_use_only_whom_they_may() {
    let root = root();
    let mut rules: BTreeMap<PathBuf, &[&str]> =
        USES.iter().map(|(dir, may)| (root.join(dir), *may)).collect();
    for dir in crates_below(&root.join("buildpacks")) {
        rules.insert(dir, BUILDPACK_USES);
    }
    let mut breaches = Vec::new();
    for (dir, may) in &rules {
        for used in uses(dir) {
            if !may.contains(&used.as_str()) {
                breaches.push(format!("{} uses {used}", dir.display()));
            }
        }
    }
    for dir in crates_below(&root.join("crates")) {
        if !rules.contains_key(&dir) {
            breaches.push(format!("{} has no rule in {}", dir.display(), file!()));
        }
    }
    assert_eq!(breaches, Vec::<String>::new());
}

#[test]
fn pure_crates_name_no_effect() {
    let root = root();
    let mut breaches = Vec::new();
    for path in PURE.iter().flat_map(|dir| files(&root.join(dir), "rs")) {
        // Integration tests and examples may read fixtures; the library may not.
        if path.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "examples"))) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (index, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(effect) = EFFECTS.iter().find(|effect| code.contains(**effect)) {
                breaches.push(format!("{}:{}: {effect}", path.display(), index + 1));
            }
        }
    }
    assert_eq!(breaches, Vec::<String>::new());
}

#[test]
fn unsafe_code_is_in_the_sandbox_only() {
    let root = root();
    let sandbox = root.join("crates/sandbox");
    let breaches: Vec<PathBuf> = files(&root, "rs")
        .into_iter()
        .filter(|path| !path.starts_with(&sandbox) && !path.ends_with("it/house.rs"))
        .filter(|path| fs::read_to_string(path).unwrap().contains("allow(unsafe_code)"))
        .collect();
    assert_eq!(breaches, Vec::<PathBuf>::new());
}

#[test]
fn files_say_what_they_are_and_stay_readable() {
    let mut breaches = Vec::new();
    for path in files(&root(), "rs") {
        let text = fs::read_to_string(&path).unwrap();
        if !text.starts_with("//!") {
            breaches.push(format!("{} does not open with //!", path.display()));
        }
        let lines = text.lines().count();
        if lines > LONGEST {
            breaches.push(format!("{} has {lines} lines", path.display()));
        }
    }
    assert_eq!(breaches, Vec::<String>::new());
}

#[test]
fn every_crate_takes_its_lints_from_the_workspace() {
    let mut breaches = Vec::new();
    for path in files(&root(), "toml").into_iter().filter(|path| path.ends_with("Cargo.toml")) {
        let dir = path.parent().unwrap();
        if dir == root() {
            continue;
        }
        let inherits = manifest(dir)
            .get("lints")
            .and_then(|lints| lints.get("workspace"))
            .and_then(toml::Value::as_bool);
        if inherits != Some(true) {
            breaches.push(path);
        }
    }
    assert_eq!(breaches, Vec::<PathBuf>::new());
}
