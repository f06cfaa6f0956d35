//! What a package registry asks of the crates, and what those who build with them may rely on.

use std::fs;
use std::path::PathBuf;

use super::{files, manifest, root};

/// The crates that are for this house alone.
const OURS: &[&str] = &["tests", "tests/embedding", "benches"];

/// Crates of other projects that promise nothing between two versions begin so.
const UNSTABLE: &str = "ruff_";

/// The folders of all crates.
fn dirs() -> Vec<PathBuf> {
    let manifests = files(&root(), "toml").into_iter().filter(|path| path.ends_with("Cargo.toml"));
    manifests.map(|path| path.parent().unwrap().to_owned()).filter(|dir| *dir != root()).collect()
}

#[test]
fn every_crate_can_be_published() {
    let mut breaches = Vec::new();
    for dir in dirs() {
        let package = manifest(&dir)["package"].clone();
        let inherits = |key: &str| package.get(key).and_then(|value| value.get("workspace")).is_some();
        let ours = OURS.iter().any(|name| dir == root().join(name));
        let mut wants = |what: &str, holds: bool| {
            if !holds {
                breaches.push(format!("{}: {what}", dir.display()));
            }
        };
        for key in ["version", "edition", "rust-version", "license", "repository"] {
            wants(&format!("`{key}.workspace = true`"), inherits(key));
        }
        wants("a description", package.get("description").is_some_and(|text| text.as_str().is_some()));
        if ours {
            wants("`publish = false`", package.get("publish").and_then(toml::Value::as_bool) == Some(false));
        } else {
            wants("no `publish`", package.get("publish").is_none());
            wants("keywords", package.get("keywords").is_some());
            wants("categories", package.get("categories").is_some());
            wants("a README", inherits("readme") || dir.join("README.md").exists());
        }
    }
    assert_eq!(breaches, Vec::<String>::new());
}

#[test]
fn versions_of_dependencies_stand_in_the_workspace() {
    let workspace = manifest(&root())["workspace"].clone();
    let version = workspace["package"]["version"].clone();
    let mut breaches = Vec::new();
    for (name, dependency) in workspace["dependencies"].as_table().unwrap() {
        if dependency.get("path").is_some() && dependency.get("version") != Some(&version) {
            breaches.push(format!("{name} has not the version {version} beside its path"));
        }
        let wanted = dependency.as_str().or_else(|| dependency.get("version")?.as_str()).unwrap_or_default();
        if name.starts_with(UNSTABLE) && !wanted.starts_with('=') {
            breaches.push(format!("{name} {wanted} is not pinned exactly"));
        }
    }
    assert_eq!(breaches, Vec::<String>::new());
}

/// The oldest compiler is stated where people look for it.
#[test]
fn the_oldest_compiler_is_documented() {
    let oldest = manifest(&root())["workspace"]["package"]["rust-version"].clone();
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    assert!(
        text.contains(&format!("Rust {}", oldest.as_str().unwrap())),
        "CONTRIBUTING.md does not say {oldest}"
    );
}
