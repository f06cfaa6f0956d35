//! Railpack configurations: its own examples, and files from real repositories.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use packwright_planner::MemoryTree;
use proptest::prelude::*;

use super::*;
use crate::dir_view::DirView;
use crate::nixpacks::tests::{described, variables_of};
use crate::test_languages::LANGUAGES;

fn check(tree: &str, variables: &str, expected: Expect) {
    let tree = MemoryTree::parse(tree);
    let found = declarations(&DirView {
        tree: &tree,
        dir: None,
        languages: LANGUAGES,
        environment: &variables_of(variables),
    });
    expected.assert_eq(&described(&found));
}

#[test]
fn the_example_with_everything_of_another_image() {
    // Source: railwayapp/railpack, `examples/config-file/railpack.other.json`, shortened.
    check(
        r#"//- /railpack.json
{
  "buildAptPackages": ["cowsay"],
  "steps": {
    "cowsay": {"commands": ["...", {"path": "/usr/games"}, "cowsay hello"]},
    "custom": {"commands": ["echo 'world' > /hello"], "deployOutputs": [{"include": ["/hello"]}]},
  },
  "deploy": {
    "inputs": [
      {"image": "macabees/neofetch", "include": ["/usr/bin/neofetch"]},
      {"local": true, "include": ["custom-start.sh"]}
    ],
    "aptPackages": ["cowsay"],
    // not on the path
    "paths": ["/usr/games"],
    "startCommand": "cowsay hello && ./custom-start.sh"
  }
}
"#,
        "",
        expect![[r#"
            railpack.json:12 package cowsay (Run)
            phase cowsay (Setup)
              railpack.json:4 export PATH="/usr/games:$PATH" && cowsay hello
            phase custom (Setup)
              railpack.json:5 echo 'world' > /hello
            railpack.json:15 web Web = export PATH="/usr/games:$PATH" && cowsay hello && ./custom-start.sh
            Warning railpack/not-done railpack.json:5: what `steps.custom.deployOutputs` asks for is not done
            Warning railpack/not-done railpack.json:9: what `deploy.inputs` asks for is not done
            Info railpack/without-effect railpack.json:10: `deploy.inputs` has no effect
        "#]],
    );
}

#[test]
fn steps_in_all_spellings() {
    check(
        r#"//- /railpack.json
{
  "provider": "golang",
  "steps": {
    "install": {"commands": [
      {"src": "package.json", "dest": "package.json"}, {"src": ".", "dest": "."}, "npm ci",
      {"cmd": "sh -c 'a && b'", "customName": "both"}, {"src": "conf/a.ini", "dest": "etc/b.ini"},
      {"src": "/x", "dest": "y", "image": "alpine"}, "COPY:a b", "RUN#name:make it", "PATH:/opt/tool/bin", "tool",
      {"cmd": "it's"}
    ], "deployOutputs": []},
    "build": {"inputs": [{"step": "install"}, "$gen", "."], "commands": ["...", "npm ci"], "variables": {"HELLO": "world"}},
    "gen": {"commands": [{"path": "conf/app.env", "name": "env", "mode": 420}, {"path": "/etc/x", "name": "env"},
      {"path": "y", "name": "gone"}], "assets": {"env": "A=1\n"}, "secrets": ["*"], "caches": ["c"]},
    "last": {"inputs": [{"step": "build"}], "commands": ["./last"], "variables": {"HELLO": "moon"}}
  },
  "caches": {"c": {"directory": "/c", "type": "shared"}}
}
"#,
        "",
        expect![[r#"
            railpack.json:2 language go
            phase gen (Setup)
              railpack.json:11 mkdir -p conf
            cat > conf/app.env <<'END'
            A=1
            END
            chmod 644 conf/app.env
            phase install (Install)
              railpack.json:5 npm ci
              railpack.json:6 sh -c 'a && b'
              railpack.json:6 mkdir -p etc && cp -R conf/a.ini etc/b.ini
              railpack.json:7 cp -R a b
              railpack.json:7 make it
              railpack.json:7 export PATH="/opt/tool/bin:$PATH" && tool
            phase build (Build)
              ...
              railpack.json:10 npm ci
              railpack.json:13 ./last
            railpack.json:10 HELLO=world (Build)
            Info railpack/without-effect railpack.json:12: `steps.gen.secrets` has no effect
            Info railpack/without-effect railpack.json:12: `steps.gen.caches` has no effect
            Warning railpack/not-done railpack.json:11: what `path` asks for is not done
            Error railpack/value railpack.json:12: the step has no asset `gone`
            Warning railpack/not-done railpack.json:7: what `image` asks for is not done
            Error railpack/value railpack.json:8: the quotes of `it's` do not match
            Warning railpack/two-values railpack.json:13: another step gives `HELLO` another value
            Info railpack/without-effect railpack.json:15: `caches` has no effect
        "#]],
    );
}

#[test]
fn the_file_comes_before_the_variables() {
    check(
        r#"//- /main.py
//- /railpack.json
{
  "packages": {"python": "3.12", "jq": "1.7", "pipx:httpie": "latest"},
  "secrets": ["...", "STRIPE_KEY", "GIVEN"],
  "exclude": ["docs", "!docs/keep"],
  "steps": {"build": {"commands": ["from the file"]}},
  "deploy": {"variables": {"LANG": "C", "API_TOKEN": "abcdef"}, "startCommand": "file"}
}
"#,
        "RAILPACK_BUILD_CMD=variable\nRAILPACK_INSTALL_CMD=install\nRAILPACK_START_CMD=variable\nGIVEN=1\n\
         RAILPACK_PACKAGES=node@22 python@3.9 tree\nRAILPACK_BUILD_APT_PACKAGES=dnsutils\nRAILPACK_DEPLOY_APT_PACKAGES=curl libpq-dev",
        expect![[r#"
            --env RAILPACK_PACKAGES wants node 22
            railpack.json:2 wants python 3.12
            --env RAILPACK_BUILD_APT_PACKAGES package bind9-dnsutils (Build)
            --env RAILPACK_DEPLOY_APT_PACKAGES package curl (Run)
            --env RAILPACK_DEPLOY_APT_PACKAGES package libpq-dev (Build)
            --env RAILPACK_DEPLOY_APT_PACKAGES package libpq5 (Run)
            railpack.json:2 package jq (Run)
            --env RAILPACK_PACKAGES package nodejs (Run)
            railpack.json:2 no package for pipx:httpie (Run)
            --env RAILPACK_PACKAGES package tree (Run)
            phase install (Install)
              --env RAILPACK_INSTALL_CMD install
            phase build (Build)
              railpack.json:5 from the file
            railpack.json:6 web Web = file
            railpack.json:6 API_TOKEN=a secret, not shown (Run)
            railpack.json:6 LANG=C (Run)
            railpack.json:3 STRIPE_KEY=required (Both)
            railpack.json:4 ignores docs
            Warning railpack/package-version railpack.json:2: `jq` is Debian's, whatever its version; asked for is 1.7
            Info railpack/package-version --env RAILPACK_PACKAGES: `node` is Debian's, whatever its version; asked for is 22
            Warning railpack/unknown-package railpack.json:2: no Debian package is known for `pipx:httpie` of mise
            Warning railpack/not-done railpack.json:4: what `exclude` asks for is not done
        "#]],
    );
}

#[test]
fn every_kind_of_variable() {
    check(
        "//- /run.sh\n#!/bin/bash\necho\n",
        "RAILPACK_SHELL_SCRIPT=run.sh\nRAILPACK_PYTHON_VERSION=3.12\nRAILPACK_NX_APP=shop\nRAILPACK_NO_SPA=1\n\
         RAILPACK_PRUNE_DEPS=1\nRAILPACK_FROB=1\nRAILPACK_SPA_OUTPUT_DIR=dist\nRAILPACK_CONFIG=x",
        expect![[r#"
            --env RAILPACK_SPA_OUTPUT_DIR site dist
            --env RAILPACK_PYTHON_VERSION wants python 3.12
            --env RAILPACK_SHELL_SCRIPT web Web = bash run.sh
            Warning railpack/unknown-variable --env RAILPACK_CONFIG: `RAILPACK_CONFIG` is no variable that railpack knows
            Warning railpack/unknown-variable --env RAILPACK_FROB: `RAILPACK_FROB` is no variable that railpack knows
            Warning railpack/not-done --env RAILPACK_NO_SPA: what `RAILPACK_NO_SPA` asks for is not done
            Warning railpack/application --env RAILPACK_NX_APP: `RAILPACK_NX_APP` does not choose the application
            Info railpack/without-effect --env RAILPACK_PRUNE_DEPS: `RAILPACK_PRUNE_DEPS` has no effect
        "#]],
    );
    check(
        "//- /x\n",
        "RAILPACK_SHELL_SCRIPT=gone.sh",
        expect![[r#"
        Warning railpack/no-script --env RAILPACK_SHELL_SCRIPT: there is no file `gone.sh`
    "#]],
    );
    check(
        "//- /x\n",
        "RAILPACK_CONFIG_FILE=gone.json",
        expect![[r#"
        Error railpack/no-file --env RAILPACK_CONFIG_FILE: there is no file `gone.json`
    "#]],
    );
    check(
        "//- /x\n//- /a/b.json\n{\"deploy\": {\"startCommand\": \"yes\"}}\n",
        "RAILPACK_CONFIG_FILE=./a/b.json",
        expect![[r#"
        a/b.json:1 web Web = yes
    "#]],
    );
}

#[test]
fn keys_of_railway_are_recognised() {
    check(
        "//- /railpack.json\n{\"build\": {\"builder\": \"RAILPACK\"}, \"deploy\": {\"startCommand\": \"x\"}}\n",
        "",
        expect![[r#"
            Info railpack/foreign-file railpack.json has the keys of railway.json and is not read
        "#]],
    );
    check(
        "//- /railpack.json\n{\"deploy\": {\"healthcheckPath\": \"/\"}}\n",
        "",
        expect![[r#"
        Info railpack/foreign-file railpack.json has the keys of railway.json and is not read
    "#]],
    );
}

#[test]
fn what_is_wrong_is_named() {
    check(
        "//- /railpack.json\n{\"steps\": {\"commands\": [\"npm install\"]}}\n",
        "",
        expect![[r#"
        Error railpack/type railpack.json:1: `steps.commands` is a list, not a map
    "#]],
    );
    check(
        "//- /railpack.json\n{\"invalid\": json here}\n",
        "",
        expect![[r#"
        Error railpack/syntax railpack.json:1: column 13: unexpected word
    "#]],
    );
    check(
        "//- /railpack.json\n{\"provider\": \"cobol\", \"steps\": {\"a\": {\"inputs\": [{\"step\": \"b\"}], \"commands\": [1, {}]},\n\
         \"b\": {\"inputs\": [\"$a\", \"x\", 2]}}, \"deploy\": {\"startcommand\": \"x\"}}\n",
        "",
        expect![[r#"
            Error railpack/value railpack.json:1: a command is a number, not a text or a map
            Error railpack/value railpack.json:1: the command has none of `cmd`, `path` and `src`
            Error railpack/value railpack.json:2: `x` is no layer
            Error railpack/value railpack.json:2: a layer is a number, not a map
            Warning railpack/unknown-key railpack.json:2: `deploy.startcommand` is no key that is known
            Warning railpack/value railpack.json:1: `cobol` is no provider of Railpack
            Error railpack/circle the phases a, b wait for each other
        "#]],
    );
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        answered(&text);
    }

    #[test]
    fn any_keys_are_answered(pairs in prop::collection::vec((
        prop::sample::select(vec!["steps", "deploy", "build", "install", "x", "commands", "inputs", "secrets", "packages",
            "exclude", "assets", "variables", "startCommand", "provider", "caches", "aptPackages", "cmd", "path", "TOKEN"]),
        prop::sample::select(vec!["1", "[]", "{}", "null", "\"...\"", "\"hunter2hunter2\"", "[\"...\", {\"path\": \"/x\"}]",
            "{\"build\": {\"commands\": [\"a:b\", {\"cmd\": \"'\"}]}}", "{\"TOKEN\": \"hunter2hunter2\"}", "[\"a\", 1]",
            "{\"a\": {\"inputs\": [\"$b\"]}, \"b\": {\"inputs\": [\"$a\"]}}"]),
    ), 0..8)) {
        let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
        answered(&format!("{{{}}}", pairs.join(",\n")));
    }
}

fn answered(text: &str) {
    let tree = MemoryTree::parse(&format!("//- /railpack.json\n{text}\n"));
    let read = declarations(&DirView {
        tree: &tree,
        dir: None,
        languages: LANGUAGES,
        environment: &BTreeMap::new(),
    });
    assert_eq!(read.len(), 1);
    let lines = text.lines().count().max(1) as u32 + 1;
    let kept: Vec<String> = read
        .iter()
        .flat_map(|file| &file.components)
        .flat_map(|part| &part.environment)
        .map(|variable| variable.value.description())
        .collect();
    assert!(!kept.iter().any(|value| value.contains("hunter2")), "{kept:?}");
    let told = packwright_planner::decide(read, None).to_json();
    let found: Vec<u32> = told
        .split("\"line\": ")
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
        .collect();
    assert!(found.iter().all(|line| (1..=lines).contains(line)), "{found:?} of {lines}");
}
