//! Nixpacks configurations: its own examples, and files from real repositories.

mod description;
mod hostile;

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use packwright_planner::{Declarations, FileWeight, MemoryTree, Origin, Requested};

use super::reader::{declarations, stand_in};
use super::*;
use crate::dir_view::DirView;
use crate::test_languages::LANGUAGES;

pub(crate) use description::described;

/// `NAME=value` lines as the caller's variables.
pub(crate) fn variables_of(lines: &str) -> BTreeMap<String, String> {
    let pairs = lines.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.to_owned())).collect()
}

fn read_with(tree: &str, variables: &str) -> Vec<Declarations> {
    let tree = MemoryTree::parse(tree);
    declarations(&DirView {
        tree: &tree,
        dir: None,
        languages: LANGUAGES,
        environment: &variables_of(variables),
    })
}

fn check(tree: &str, variables: &str, expected: Expect) {
    expected.assert_eq(&described(&read_with(tree, variables)));
}

#[test]
fn nothing_is_declared_without_a_file() {
    check("//- /app.py\n", "OTHER=1", expect![[""]]);
}

#[test]
fn packages_phases_variables_and_start() {
    check(
        r#"//- /package.json
{}
//- /nixpacks.toml
providers = ["...", "python"]

[variables]
HELLO = "hey there"
API_TOKEN = "abcdef"
NIXPACKS_NODE_VERSION = "20"

[phases.setup]
nixPkgs = ["...", "python311", "ffmpeg", "zlib.dev", "nodejs_22", "cacert", "frobnicate"]
nixLibs = ["stdenv.cc.cc.lib", "libGL"]
aptPkgs = ["...", "libpq-dev", "imagemagick"]

[phases.install]
cmds = ["...", "npm run bindings"]

[phases.lint]
dependsOn = ["install"]
cmds = ["npm run lint"]

[phases.prepare]
cmds = ["./prepare"]

[phases.build]
commands = ["npm run one", "...", "npm run two"]

[start]
cmd = "node server.js"
"#,
        "",
        expect![[r#"
            nixpacks.toml:6 wants node 20
            nixpacks.toml:9 wants python 3.11
            nixpacks.toml:9 wants node 22
            nixpacks.toml:9 package python3 (Run)
            nixpacks.toml:9 package python-is-python3 (Run)
            nixpacks.toml:9 package ffmpeg (Run)
            nixpacks.toml:9 package zlib1g (Run)
            nixpacks.toml:9 package zlib1g-dev (Build)
            nixpacks.toml:9 no package for frobnicate (Run)
            nixpacks.toml:10 package libstdc++6 (Run)
            nixpacks.toml:10 package libgcc-s1 (Run)
            nixpacks.toml:10 package libgomp1 (Run)
            nixpacks.toml:10 package libgl1 (Run)
            nixpacks.toml:10 package libgl-dev (Build)
            nixpacks.toml:11 package libpq-dev (Build)
            nixpacks.toml:11 package libpq5 (Run)
            nixpacks.toml:11 package imagemagick (Run)
            phase prepare (Setup)
              nixpacks.toml:21 ./prepare
            phase install (Install)
              ...
              nixpacks.toml:14 npm run bindings
            phase build (Build)
              nixpacks.toml:24 npm run one
              ...
              nixpacks.toml:24 npm run two
              nixpacks.toml:18 npm run lint
            nixpacks.toml:27 web Web = node server.js
            nixpacks.toml:5 API_TOKEN=a secret, not shown (Both)
            nixpacks.toml:4 HELLO=hey there (Both)
            Info nixpacks/package-version nixpacks.toml:9: `python311` is Debian's, whatever its version; asked for is 3.11
            Info nixpacks/package-there nixpacks.toml:9: `cacert` needs no package
            Warning nixpacks/unknown-package nixpacks.toml:9: no Debian package is known for `frobnicate` of Nixpkgs
        "#]],
    );
}

#[test]
fn holes_are_filled_as_nixpacks_does() {
    // The file's list has no hole, the variable's has one: what is detected comes back.
    check(
        "//- /nixpacks.toml\n[phases.build]\ncmds = [\"a\"]\n[phases.setup]\naptPkgs = [\"jq\"]\n",
        "NIXPACKS_APT_PKGS=tree,file\nNIXPACKS_BUILD_CMD=b\nNIXPACKS_START_CMD=run",
        expect![[r#"
            --env NIXPACKS_APT_PKGS package tree (Run)
            --env NIXPACKS_APT_PKGS package file (Run)
            nixpacks.toml:4 package jq (Run)
            phase build (Build)
              --env NIXPACKS_BUILD_CMD b
            --env NIXPACKS_START_CMD web Web = run
        "#]],
    );
    let item = |value: &str| Requested { value: value.to_owned(), origin: Origin::Option("x".to_owned()) };
    let list = |values: &[&str]| Some(values.iter().map(|value| item(value)).collect::<Vec<_>>());
    let filled = |under: &[&str], over: &[&str]| -> Vec<String> {
        plan::filled(list(under), list(over)).unwrap().into_iter().map(|item| item.value).collect()
    };
    // Source: railwayapp/nixpacks, `src/nixpacks/plan/utils.rs`, the example of `fill_auto_in_vec`.
    assert_eq!(filled(&["a", "b", "c"], &["x", "...", "z"]), ["x", "...", "a", "b", "c", "z"]);
    assert_eq!(filled(&["a"], &["@auto", "b", "@auto"]), ["@auto", "a", "b", "@auto", "a"]);
    assert_eq!(filled(&["a", "..."], &["..."]), ["...", "a", "..."]);
    assert_eq!(plan::filled(list(&["a"]), None).unwrap().len(), 1);
    assert!(plan::filled(list(&["a"]), list(&[])).unwrap().is_empty());
}

#[test]
fn phases_are_ordered_by_what_they_wait_for() {
    let order = |needs: &[(&str, &[&str])]| {
        let needs = needs.iter().map(|(name, needs)| {
            ((*name).to_owned(), needs.iter().map(|need| (*need).to_owned()).collect::<Vec<_>>())
        });
        plan::ordered(needs.collect())
    };
    assert_eq!(order(&[("a", &["c"]), ("b", &[]), ("c", &["b", "gone"])]).unwrap(), ["b", "c", "a"]);
    assert_eq!(order(&[("a", &["b"]), ("b", &["a"]), ("c", &[])]).unwrap_err(), ["a", "b"]);
    check(
        "//- /nixpacks.toml\n[phases.one]\ndependsOn = [\"two\"]\ncmds = [\"x\"]\n[phases.two]\ndependsOn = [\"one\"]\n",
        "",
        expect![[r#"
            Error nixpacks/circle nixpacks.toml:1: the phases one, two wait for each other
        "#]],
    );
}

#[test]
fn no_providers_leave_nothing_detected() {
    check(
        "//- /nixpacks.toml\nproviders = []\n[start]\ncmd = \"run\"\n",
        "",
        expect![[r#"
        phase install (Install)
        phase build (Build)
        nixpacks.toml:3 web Web = run
    "#]],
    );
}

#[test]
fn every_kind_of_variable() {
    check(
        "//- /app.py\n",
        "NIXPACKS_PYTHON_VERSION=3.12\nNIXPACKS_PYTHON_PACKAGE_MANAGER=uv\nNIXPACKS_INSTALL_CMD=a\nb\n\
         NIXPACKS_PKGS=cowsay ripgrep\nNIXPACKS_LIBS=zlib\nNIXPACKS_NX_APP_NAME=shop\nNIXPACKS_NO_CACHE=1\n\
         NIXPACKS_MOON_BUILD_TASK=x\nNIXPACKS_FROB=1\nNIXPACKS_STATICFILE_ROOT=./public/\nNIXPACKS_EMPTY=",
        expect![[r#"
            --env NIXPACKS_PYTHON_PACKAGE_MANAGER manager uv
            --env NIXPACKS_STATICFILE_ROOT site public
            --env NIXPACKS_PYTHON_VERSION wants python 3.12
            --env NIXPACKS_PKGS package cowsay (Run)
            --env NIXPACKS_PKGS package ripgrep (Run)
            --env NIXPACKS_LIBS package zlib1g (Run)
            --env NIXPACKS_LIBS package zlib1g-dev (Build)
            phase install (Install)
              --env NIXPACKS_INSTALL_CMD export PATH="/usr/games:$PATH" && a
            Warning nixpacks/unknown-variable --env NIXPACKS_FROB: `NIXPACKS_FROB` is no variable that nixpacks knows
            Warning nixpacks/not-done --env NIXPACKS_MOON_BUILD_TASK: what `NIXPACKS_MOON_BUILD_TASK` asks for is not done
            Info nixpacks/without-effect --env NIXPACKS_NO_CACHE: `NIXPACKS_NO_CACHE` has no effect
            Warning nixpacks/application --env NIXPACKS_NX_APP_NAME: `NIXPACKS_NX_APP_NAME` does not choose the application
        "#]],
    );
}

#[test]
fn skipping_the_install_says_so() {
    check(
        "//- /app.py\n",
        "NIXPACKS_PYTHON_PACKAGE_MANAGER=skip",
        expect![[r#"
        phase install (Install)
    "#]],
    );
    check(
        "//- /app.py\n",
        "NIXPACKS_PYTHON_PACKAGE_MANAGER=conda",
        expect![[r#"
        Error nixpacks/value --env NIXPACKS_PYTHON_PACKAGE_MANAGER: `conda` is no package manager of Python
    "#]],
    );
}

#[test]
fn what_is_not_done_is_said() {
    check(
        r#"//- /Procfile
release: ./migrate
web: ./serve
//- /nixpacks.json
{}
//- /nixpacks.toml
buildImage = "ghcr.io/me/base"
unknown = 1
[staticAssets]
"page.html" = "<p>"
[phases.setup]
nixOverlays = ["https://example.com/overlay.tar.gz"]
nixpkgsArchive = "abc"
nixpkgs = ["misspelt"]
[phases.build]
cacheDirectories = [".cache"]
onlyIncludeFiles = ["a"]
paths = ["/opt/venv/bin", "tools"]
cmds = ["make"]
[start]
cmd = "serve"
runImage = "debian"
user = "me"
onlyIncludeFiles = ["b"]
[variables]
NIXPACKS_BUILD_CMD = "no"
"#,
        "",
        expect![[r#"
            phase build (Build)
              nixpacks.toml:13 export PATH="/app/tools:$PATH" && make
            nixpacks.toml:15 web Web = export PATH="/app/tools:$PATH" && serve
            Warning nixpacks/unknown-key nixpacks.toml:2: `unknown` is no key that is known
            Warning nixpacks/unknown-key nixpacks.toml:8: `phases.setup.nixpkgs` is no key that is known
            Warning nixpacks/second-file nixpacks.json is not read: nixpacks.toml comes before it
            Warning nixpacks/not-done nixpacks.toml:20: `NIXPACKS_BUILD_CMD` has no effect in a file
            Warning nixpacks/not-done nixpacks.toml:1: what `buildImage` asks for is not done
            Warning nixpacks/not-done nixpacks.toml:16: what `start.runImage` asks for is not done
            Warning nixpacks/not-done nixpacks.toml:4: what `staticAssets.page.html` asks for is not done
            Info nixpacks/without-effect nixpacks.toml:17: `start.user` has no effect
            Info nixpacks/without-effect nixpacks.toml:18: `start.onlyIncludeFiles` has no effect
            Info nixpacks/without-effect nixpacks.toml:11: `phases.build.onlyIncludeFiles` has no effect
            Info nixpacks/without-effect nixpacks.toml:10: `phases.build.cacheDirectories` has no effect
            Info nixpacks/without-effect nixpacks.toml:6: `phases.setup.nixOverlays` has no effect
            Info nixpacks/without-effect nixpacks.toml:7: `phases.setup.nixpkgsArchive` has no effect
            Info nixpacks/release-in-build Procfile:1: `release` is run before a version starts, not in the build
        "#]],
    );
}

#[test]
fn a_named_file_is_read_and_must_be_there() {
    let tree = "//- /nixpacks.toml\n[start]\ncmd = \"no\"\n//- /deploy/other.json\n{\"start\": {\"cmd\": \"yes\"}}\n";
    check(
        tree,
        "NIXPACKS_CONFIG_FILE=deploy/other.json",
        expect![[r#"
        deploy/other.json:1 web Web = yes
    "#]],
    );
    check(
        tree,
        "NIXPACKS_CONFIG_FILE=gone.toml",
        expect![[r#"
        Error nixpacks/no-file --env NIXPACKS_CONFIG_FILE: there is no file `gone.toml`
    "#]],
    );
    check(
        "//- /nixpacks.toml\n[start\n",
        "",
        expect![[r#"
        Error nixpacks/syntax nixpacks.toml:1: column 7: unclosed table, expected `]`
    "#]],
    );
    check(
        "//- /nixpacks.toml\nproviders = [\"nodejs\"]\n[phases.build]\ncmds = [1, [2]]\n",
        "",
        expect![[r#"
        phase build (Build)
          nixpacks.toml:3 1
        Error nixpacks/type nixpacks.toml:3: `phases.build.cmds`[1] is a list, not a text
        Error nixpacks/value nixpacks.toml:1: `nodejs` is no provider of Nixpacks
    "#]],
    );
}

#[test]
fn a_plan_that_nobody_edited_is_no_plan() {
    let printed = Printed {
        build_image: Some("debian:trixie".to_owned()),
        cmds: BTreeMap::from([
            ("install".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
            ("build".to_owned(), vec!["c".to_owned()]),
        ]),
        apt: vec!["python3".to_owned()],
        start: Some("run".to_owned()),
    };
    let with = |text: &str| {
        let config = ConfigFile { name: "plan.json".parse().unwrap(), text: text.to_owned() };
        let line = CommandLine { config: Some(config), ..CommandLine::default() };
        let tree = MemoryTree::parse("//- /Procfile\nworker: work\n");
        let model = model(&tree, LANGUAGES, &BTreeMap::new(), &line, Some(&printed));
        let declared = Declarations {
            components: model.components,
            diagnostics: model.diagnostics,
            ..Declarations::new("x", &stand_in(), FileWeight::Decides)
        };
        described(&[declared])
    };
    let unedited = r#"{"providers": [], "buildImage": "debian:trixie", "variables": {"X": "1"}, "phases": {
        "setup": {"aptPkgs": ["python3"]},
        "install": {"dependsOn": ["setup"], "cmds": ["a", "b"]},
        "build": {"dependsOn": ["install"], "cmds": ["c"]}}, "start": {"cmd": "run"}}"#;
    expect![[r#"
        Procfile:1 web Web = work
    "#]]
    .assert_eq(&with(unedited));
    let edited = r#"{"providers": [], "buildImage": "debian:trixie", "variables": {"X": "2", "Y": "3"}, "phases": {
        "setup": {"aptPkgs": ["python3", "curl", "wget"]},
        "install": {"dependsOn": ["setup"], "cmds": ["a", "b", "more"]}}, "start": {"cmd": "run it"}}"#;
    let config = ConfigFile { name: "plan.json".parse().unwrap(), text: edited.to_owned() };
    assert_eq!(config.variables(), variables_of("X=2\nY=3"));
    expect![[r#"
        plan.json:2 package curl (Run)
        plan.json:2 package wget (Run)
        phase install (Install)
          ...
          plan.json:3 more
        phase build (Build)
        plan.json:3 web Web = run it
    "#]]
    .assert_eq(&with(edited));
}

#[test]
fn the_command_line_comes_before_all() {
    let tree = MemoryTree::parse(
        "//- /nixpacks.toml\n[phases.build]\ncmds = [\"a\"]\n[phases.setup]\naptPkgs = [\"jq\"]\n//- /Procfile\nbeat: b\nclock: c\n",
    );
    let line = CommandLine {
        json_plan: Some(r#"{"phases": {"build": {"cmds": ["...", "json"]}}}"#.to_owned()),
        apt: vec!["tree".to_owned()],
        install: Some("make deps".to_owned()),
        ..CommandLine::default()
    };
    let model = model(&tree, LANGUAGES, &variables_of("NIXPACKS_BUILD_CMD=env"), &line, None);
    let declared = Declarations {
        components: model.components,
        diagnostics: model.diagnostics,
        ..Declarations::new("x", &stand_in(), FileWeight::Decides)
    };
    expect![[r#"
        --apt package tree (Run)
        nixpacks.toml:4 package jq (Run)
        phase install (Install)
          --install-cmd make deps
        phase build (Build)
          ...
          --env NIXPACKS_BUILD_CMD env
          json-plan.json:1 json
        Procfile:1 web Web = b
        Procfile:2 clock Worker = c
    "#]]
    .assert_eq(&described(&[declared]));
}
