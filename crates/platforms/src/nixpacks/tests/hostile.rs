//! Arbitrary texts and keys as a configuration: the reader always answers, and its result keeps the rules of a
//! model.

use std::collections::BTreeMap;

use packwright_planner::MemoryTree;
use proptest::prelude::*;

use crate::dir_view::DirView;
use crate::nixpacks::reader::declarations;
use crate::test_languages::LANGUAGES;

proptest! {
    /// Any file is answered; origins are lines that it has, and no secret is kept.
    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}", json in any::<bool>()) {
        answered(&text, json);
    }

    #[test]
    fn any_keys_are_answered(lines in prop::collection::vec(
        prop::sample::select(vec![
            "[phases.setup]", "[phases.build]", "[phases.x]", "[start]", "[variables]", "providers = ['...']",
            "providers = 3", "cmds = ['a', '...']", "dependsOn = ['build', 'x']", "nixPkgs = ['python311', '(x']",
            "aptPkgs = ['a=1', 'B']", "cmd = 'run'", "user = 1", "TOKEN = 'hunter2hunter2'", "paths = ['/x']",
            "runImage = ''", "staticAssets = {a = 'b'}", "cmds = ''", "NIXPACKS_GO_BIN = 'x'", "variables = []",
        ]), 0..12)) {
        answered(&lines.join("\n"), false);
    }
}

fn answered(text: &str, json: bool) {
    let name = if json { "nixpacks.json" } else { "nixpacks.toml" };
    let tree = MemoryTree::parse(&format!("//- /{name}\n{text}\n"));
    let read = declarations(&DirView {
        tree: &tree,
        dir: None,
        languages: LANGUAGES,
        environment: &BTreeMap::new(),
    });
    assert_eq!(read.len(), 1);
    let lines = text.lines().count().max(1) as u32 + 1;
    let told = packwright_planner::decide(read, None).to_json();
    assert!(!told.contains("hunter2"), "{told}");
    let value: Vec<u32> = told
        .split("\"line\": ")
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
        .collect();
    assert!(value.iter().all(|line| (1..=lines).contains(line)), "{value:?} of {lines}");
}
