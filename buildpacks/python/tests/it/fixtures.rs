//! The repository's fixtures: what their `.toml` expects of the plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use packwright_buildpack::planner::{Decision, MemoryTree, Plan, PlanOptions};
use serde::Deserialize;

use super::planned;

#[derive(Deserialize)]
struct Fixture {
    plan: Expected,
}

#[derive(Deserialize)]
struct Expected {
    version: String,
    manager: String,
    framework: String,
    processes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Bad {
    #[serde(default)]
    empty: bool,
    command: String,
    #[serde(default)]
    args: Vec<String>,
    says: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn load(dir: &Path) -> MemoryTree {
    let mut tree = MemoryTree::new();
    let mut open = vec![dir.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_str().unwrap().parse().unwrap();
                tree.add(name, std::fs::read(&path).unwrap());
            }
        }
    }
    tree
}

/// The `.toml` files of `dir` with their names.
fn descriptions(dir: &Path) -> Vec<(String, String)> {
    let mut found: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    found.sort();
    found
}

fn decided<'p>(plan: &'p Plan, subject: &str) -> &'p Decision {
    plan.decisions.iter().find(|decision| decision.subject == subject).unwrap()
}

#[test]
fn every_fixture_is_planned_as_expected() {
    let all = descriptions(&root());
    assert!(all.iter().filter(|(name, _)| name.starts_with("python-")).count() >= 7);
    for (name, text) in all.iter().filter(|(name, _)| name.starts_with("python-")) {
        let expected = toml::from_str::<Fixture>(text).unwrap().plan;
        if NEEDS_MORE.contains(&name.as_str()) {
            continue;
        }
        let mut tree = load(&root().join(name));
        if expected.manager == "uv" {
            // The lock holds registry addresses and is made by whoever builds the fixture.
            tree.add("uv.lock".parse().unwrap(), UV_LOCK);
        }
        let plan =
            planned(&tree, &PlanOptions::default()).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert!(plan.versions[0].wanted.starts_with(&expected.version), "{name}");
        assert_eq!(decided(&plan, "python package manager").value, expected.manager, "{name}");
        assert_eq!(decided(&plan, "python framework").value, expected.framework, "{name}");
        let processes: BTreeMap<String, String> = plan
            .processes
            .iter()
            .map(|process| (process.name.to_string(), process.command.to_string()))
            .collect();
        assert_eq!(processes, expected.processes, "{name}");
    }
}

/// Fixtures that need more than this buildpack and their files: a lock that is made when they are
/// built, another language. The house's own tests plan them.
const NEEDS_MORE: &[&str] = &["python-workspace", "python-django-vite"];

const UV_LOCK: &str = r#"version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "bookshelf"
version = "1.0.0"
source = { virtual = "." }
dependencies = [{ name = "fastapi" }, { name = "uvicorn" }]

[[package]]
name = "fastapi"
version = "0.115.0"
source = { registry = "https://index.example/simple" }

[[package]]
name = "uvicorn"
version = "0.34.0"
source = { registry = "https://index.example/simple" }
"#;

#[test]
fn every_bad_fixture_for_plan_is_answered_as_expected() {
    let all = descriptions(&root().join("bad"));
    for (name, text) in &all {
        let bad: Bad = toml::from_str(text).unwrap();
        if bad.command != "plan" || bad.empty || name.starts_with("node-") {
            continue;
        }
        let tree = load(&root().join("bad").join(name));
        let options =
            PlanOptions { strict: bad.args.iter().any(|arg| arg == "--strict"), ..PlanOptions::default() };
        let text = super::HARNESS.told(&planned(&tree, &options), &[]);
        assert!(planned(&tree, &options).is_err(), "{name}");
        for part in &bad.says {
            assert!(text.contains(part), "{name}: no `{part}` in\n{text}");
        }
    }
}
