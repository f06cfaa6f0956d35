//! Plans of small trees: what a person would see.

#![allow(clippy::unwrap_used, reason = "a test that has nothing to look at must fail")]

use expect_test::{Expect, expect};
use packwright_planner::{Buildpack, LayerKind, MemoryTree, PlanOptions, plan};
use packwright_shell::Shell;

fn check(text: &str, variables: &[(&str, &str)], expected: Expect) {
    let environment = variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let options = PlanOptions { environment, ..PlanOptions::default() };
    let packs: [&dyn Buildpack; 1] = [&Shell];
    let mut out = String::new();
    match plan(&MemoryTree::parse(text), &packs, &packwright_platforms::model, &options) {
        Ok(plan) => {
            for process in &plan.processes {
                out += &format!("{}: {} by {}\n", process.name, process.command, process.origin);
            }
            for package in plan.packages.iter().filter(|package| package.layer != LayerKind::Base) {
                out += &format!("{:?} {}: {}\n", package.layer, package.name, package.why);
            }
            for decision in plan.decisions.iter().filter(|decision| decision.subject == "shell") {
                out += &format!("{} = {} by {}\n", decision.subject, decision.value, decision.origin);
            }
            assert!(plan.steps.is_empty(), "a script needs no step");
            plan.diagnostics.iter().for_each(|found| out += &format!("{}: {}\n", found.code, found.message));
        }
        Err(error) => {
            for problem in error.problems() {
                out += &format!("error {}: {}\n", problem.code, problem.message);
            }
        }
    }
    expected.assert_eq(&out);
}

#[test]
fn a_script_for_bash_that_listens() {
    check(
        "//- /start.sh\n#!/usr/bin/env bash\nset -e\ncurl -fsS \"$SEED\" | jq . > seed.json\nexec ./server --port \"${PORT}\"\n",
        &[],
        expect![[r#"
            web: bash start.sh by start.sh
            Runtime findutils: scripts take it for granted
            Runtime grep: scripts take it for granted
            Runtime mawk: scripts take it for granted
            Runtime sed: scripts take it for granted
            System curl: start.sh:3 names curl
            System jq: start.sh:3 names jq
            shell = bash by start.sh:1
        "#]],
    );
}

#[test]
fn a_script_without_a_first_line_of_its_own() {
    check(
        "//- /start.sh\necho hello\n",
        &[],
        expect![[r#"
        worker: sh start.sh by start.sh
        Runtime findutils: scripts take it for granted
        Runtime grep: scripts take it for granted
        Runtime mawk: scripts take it for granted
        Runtime sed: scripts take it for granted
        shell = sh by default: start.sh names no shell in its first line
    "#]],
    );
}

#[test]
fn arguments_of_the_shell_are_kept() {
    check(
        "//- /start.sh\n#!/bin/bash -eu\nsleep 9\n",
        &[],
        expect![[r#"
        worker: bash -eu start.sh by start.sh
        Runtime findutils: scripts take it for granted
        Runtime grep: scripts take it for granted
        Runtime mawk: scripts take it for granted
        Runtime sed: scripts take it for granted
        shell = bash by start.sh:1
    "#]],
    );
}

#[test]
fn another_shell_becomes_a_package() {
    check(
        "//- /start.sh\n#!/usr/bin/env zsh\nprint hello\n",
        &[],
        expect![[r#"
        worker: zsh start.sh by start.sh
        Runtime zsh: start.sh:1 names it
        Runtime findutils: scripts take it for granted
        Runtime grep: scripts take it for granted
        Runtime mawk: scripts take it for granted
        Runtime sed: scripts take it for granted
        shell = zsh by start.sh:1
    "#]],
    );
}

#[test]
fn an_unknown_interpreter() {
    check(
        "//- /start.sh\n#!/usr/bin/env rc\n",
        &[],
        expect![[r#"
        error shell/unknown-shell: start.sh:1 names `rc`, which is no known shell
    "#]],
    );
}

#[test]
fn line_ends_of_another_system() {
    check(
        "//- /start.sh\n#!/bin/sh\r\necho hello\r\n",
        &[],
        expect![[r#"
        worker: sh start.sh by start.sh
        Runtime findutils: scripts take it for granted
        Runtime grep: scripts take it for granted
        Runtime mawk: scripts take it for granted
        Runtime sed: scripts take it for granted
        shell = sh by start.sh:1
        shell/line-ends: start.sh:1 ends with a carriage return
    "#]],
    );
}

#[test]
fn the_caller_names_the_script() {
    let tree = "//- /bin/up.sh\n#!/bin/sh\nexec server\n//- /start.sh\n#!/bin/sh\n";
    check(
        tree,
        &[("PACKWRIGHT_SHELL_SCRIPT", "./bin/up.sh")],
        expect![[r#"
        worker: sh bin/up.sh by --env PACKWRIGHT_SHELL_SCRIPT=./bin/up.sh
        Runtime findutils: scripts take it for granted
        Runtime grep: scripts take it for granted
        Runtime mawk: scripts take it for granted
        Runtime sed: scripts take it for granted
        shell = sh by bin/up.sh:1
    "#]],
    );
    check(
        tree,
        &[("PACKWRIGHT_SHELL_SCRIPT", "bin/down.sh")],
        expect![[r#"
        error shell/no-script: --env PACKWRIGHT_SHELL_SCRIPT=bin/down.sh: there is no file `bin/down.sh` in the tree
    "#]],
    );
    check(
        tree,
        &[("PACKWRIGHT_SHELL_SCRIPT", "../up.sh")],
        expect![[r#"
        error shell/no-script: --env PACKWRIGHT_SHELL_SCRIPT=../up.sh: there is no file `../up.sh` in the tree
    "#]],
    );
}

#[test]
fn a_script_of_another_name_is_nobodys() {
    check(
        "//- /run.sh\n#!/bin/sh\n",
        &[],
        expect![[r#"
        error plan/nothing-detected: no application was recognised
    "#]],
    );
}
