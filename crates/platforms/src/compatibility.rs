//! Tests that hold `COMPATIBILITY.md` true: each line's example is read, and its class must be what the
//! readers do. This file has no other code.

use std::collections::BTreeSet;

use packwright_planner::{Component, Declarations, MemoryTree, Severity};

use crate::dir_view::DirView;
use crate::nixpacks::tests::variables_of;
use crate::test_languages::LANGUAGES;
use crate::{nixpacks, railpack};

const PAGE: &str = include_str!("../COMPATIBILITY.md");

/// The keys that Nixpacks reads.
///
/// Source: railwayapp/nixpacks, `src/nixpacks/plan/{mod,phase}.rs`.
const OF_NIXPACKS: &str = "providers buildImage variables staticAssets phases.NAME.name phases.NAME.dependsOn \
    phases.NAME.cmds phases.NAME.commands phases.NAME.nixPkgs phases.NAME.nixPackages phases.NAME.nixLibs \
    phases.NAME.nixLibraries phases.NAME.nixOverlays phases.NAME.nixpkgsArchive phases.NAME.aptPkgs \
    phases.NAME.aptPackages phases.NAME.onlyIncludeFiles phases.NAME.cacheDirectories phases.NAME.paths \
    phases.NAME.envPaths start.cmd start.runImage start.onlyIncludeFiles start.user";

/// The keys that Railpack reads.
///
/// Source: railwayapp/railpack, `core/config/config.go` and `core/plan/step.go`.
const OF_RAILPACK: &str = "provider buildAptPackages packages caches secrets exclude steps.NAME.inputs \
    steps.NAME.commands steps.NAME.secrets steps.NAME.assets steps.NAME.variables steps.NAME.caches \
    steps.NAME.deployOutputs deploy.aptPackages deploy.base deploy.inputs deploy.startCommand deploy.variables \
    deploy.paths";

/// A line of a table.
struct Line<'a> {
    key: &'a str,
    class: &'a str,
    example: &'a str,
}

/// The lines of the table under a heading.
fn lines(heading: &str) -> Vec<Line<'static>> {
    let part = PAGE.split("\n## ").find(|part| part.starts_with(heading)).expect("the page has the heading");
    let rows = part.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> =
            row.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`')).collect();
        assert_eq!(cells.len(), 4, "{row}");
        Line { key: cells[0], class: cells[1], example: cells[2] }
    })
    .collect()
}

/// What an example declares.
fn read(file: Option<&str>, example: &str) -> Vec<Declarations> {
    let others = "//- /other.toml\n[start]\ncmd = \"x\"\n//- /other.json\n{\"deploy\": {\"startCommand\": \"x\"}}\n//- /run.sh\n#!/bin/sh\n";
    let (tree, variables) = match file {
        Some(file) => (format!("{others}//- /{file}\n{example}\n"), String::new()),
        None => (others.to_owned(), example.to_owned()),
    };
    let (tree, variables) = (MemoryTree::parse(&tree), variables_of(&variables));
    let view = DirView { tree: &tree, dir: None, languages: LANGUAGES, environment: &variables };
    [nixpacks::reader::declarations(&view), railpack::declarations(&view)].concat()
}

fn parts(found: &[Declarations]) -> Vec<Component> {
    found.iter().flat_map(|file| file.components.clone()).collect()
}

fn check(heading: &str, file: Option<&str>) {
    for Line { key, class, example } in lines(heading) {
        let found = read(file, example);
        let worst = found.iter().flat_map(|file| &file.diagnostics).map(|told| told.severity).max();
        let word = key.rsplit('.').next().unwrap_or(key);
        let misspelt = match file {
            Some(_) => example.replacen(&format!("{word} ="), "zzz =", 1).replacen(
                &format!("\"{word}\":"),
                "\"zzz\":",
                1,
            ),
            None => example.replacen(word, "OTHER", 1),
        };
        assert_ne!(misspelt, example, "the example of {key} has the key");
        let changes = parts(&found) != parts(&read(file, &misspelt));
        let is = match (changes, worst) {
            (_, Some(Severity::Warning | Severity::Error)) => "refused",
            (true, _) => "effect",
            (false, _) => "no effect",
        };
        assert_eq!(
            is,
            class,
            "{key}: `{example}`: {:?}",
            found.iter().map(|file| &file.diagnostics).collect::<Vec<_>>()
        );
    }
}

#[test]
fn every_line_about_files_is_true() {
    check("Nixpacks: `nixpacks.toml`", Some("nixpacks.toml"));
    check("Railpack: `railpack.json`", Some("railpack.json"));
}

#[test]
fn every_line_about_variables_is_true() {
    check("Nixpacks: variables", None);
    check("Railpack: variables", None);
}

#[test]
fn no_key_is_missing() {
    let listed = |heading: &str| -> BTreeSet<String> {
        lines(heading).iter().map(|line| line.key.to_owned()).collect()
    };
    let words = |text: &str| -> BTreeSet<String> { text.split_whitespace().map(str::to_owned).collect() };
    assert_eq!(listed("Nixpacks: `nixpacks.toml`"), words(OF_NIXPACKS));
    assert_eq!(listed("Railpack: `railpack.json`"), words(OF_RAILPACK));
    assert_eq!(listed("Nixpacks: variables"), nixpacks::variables_known().collect());
    assert_eq!(listed("Railpack: variables"), railpack::variables_known().collect());
}
