//! Whole plans from whole trees: what a person would see.

#![allow(clippy::unwrap_used, reason = "a test that has nothing to look at must fail")]

mod applications;
mod declared;
mod django;
mod downloads;
mod fixtures;
mod frameworks;
mod layouts;
mod lists;
mod locks;
mod managers;
mod names;
mod native;
mod network;
mod notebooks;
mod properties;
mod published;
mod requirements;
mod variables;
mod version_requests;
mod versions;
mod workspaces;

use expect_test::Expect;
use packwright_buildpack::planner::{
    Base, Buildpack, Diagnostic, Input, LayerKind, MemoryTree, Network, Plan, PlanError, PlanOptions, Step,
    plan,
};
use packwright_python::Python;

/// Plans `tree` with this buildpack and the platform readers.
fn planned(tree: &MemoryTree, options: &PlanOptions) -> Result<Plan, PlanError> {
    let packs: [&dyn Buildpack; 1] = [&Python];
    plan(tree, &packs, &packwright_platforms::model, options)
}

/// What a test looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Suite and versions.
    Version,
    /// Packages.
    Packages,
    /// Steps, without the one that brings uv.
    Steps,
    /// Processes, environment.
    Processes,
    /// Decisions and diagnostics.
    Reasons,
    /// Diagnostics.
    Remarks,
}

/// Plans the tree written as `text` and compares the given parts, or the problems.
fn check(text: &str, parts: &[Part], expected: Expect) {
    check_with(text, &PlanOptions::default(), parts, expected);
}

fn check_with(text: &str, options: &PlanOptions, parts: &[Part], expected: Expect) {
    let result = planned(&MemoryTree::parse(text), options);
    expected.assert_eq(&describe(&result, parts));
}

/// Options with variables.
fn with_env<const N: usize>(variables: [(&str, &str); N]) -> PlanOptions {
    let environment = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    PlanOptions { environment, ..PlanOptions::default() }
}

fn describe(result: &Result<Plan, PlanError>, parts: &[Part]) -> String {
    match result {
        Ok(plan) => parts.iter().map(|&part| describe_part(plan, part)).collect(),
        Err(error) => error.problems().iter().map(describe_problem).collect(),
    }
}

fn describe_problem(problem: &Diagnostic) -> String {
    let mut out = format!("{:?} {}: {}\n", problem.severity, problem.code, problem.message);
    for (kind, text) in [("why", &problem.why), ("fix", &problem.fix)] {
        if let Some(text) = text {
            out += &format!("  {kind}: {text}\n");
        }
    }
    out
}

fn describe_part(plan: &Plan, part: Part) -> String {
    let mut out = String::new();
    match part {
        Part::Version => {
            let Base::Debian { suite, .. } = &plan.base;
            out += &format!("suite {suite}\n");
            for version in &plan.versions {
                out += &format!("{} {} by {}\n", version.tool, version.wanted, version.origin);
            }
        }
        Part::Packages => {
            for package in plan.packages.iter().filter(|package| package.layer != LayerKind::Base) {
                out += &format!("{:?} {:?} {}\n", package.scope, package.layer, package.name);
            }
        }
        Part::Steps => plan.steps.iter().for_each(|step| out += &describe_step(step)),
        Part::Processes => {
            for (name, setting) in &plan.environment {
                if !FIXED.contains(&name.as_str()) {
                    out += &format!("env {name}={}\n", setting.value);
                }
            }
            for process in &plan.processes {
                out += &format!("{}: {}\n", process.name, process.command);
            }
        }
        Part::Reasons => {
            for decision in &plan.decisions {
                out += &format!("{} = {} by {}\n", decision.subject, decision.value, decision.origin);
                for loser in &decision.overridden {
                    out += &format!("  not {} by {}\n", loser.value, loser.origin);
                }
            }
            out += &describe_part(plan, Part::Remarks);
        }
        Part::Remarks => plan.diagnostics.iter().for_each(|found| out += &describe_problem(found)),
    }
    out
}

/// Variables that every image has, or every one with gunicorn.
const FIXED: &[&str] =
    &["HOME", "LANG", "PATH", "PORT", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "XDG_RUNTIME_DIR"];

fn describe_step(step: &Step) -> String {
    if step.name.as_str() == "python.uv" {
        return String::new();
    }
    let network = if step.network == Network::Fetch { " fetch" } else { "" };
    let resolves = if step.resolves { " resolves" } else { "" };
    let mut out = format!("{}{network}{resolves}\n", step.name);
    for input in &step.inputs {
        out += &match input {
            Input::Step(name) => format!("  < {name}\n"),
            Input::Source(selection) => format!("  < source {}\n", selection.include.join(" ")),
        };
    }
    if step.name.as_str() == "python.static" {
        for (name, value) in &step.environment {
            out += &format!("  {name}={value}\n");
        }
    }
    for command in &step.commands {
        let text = command.to_string();
        let first = text.lines().next().unwrap_or_default();
        let more = if text.contains('\n') { " …" } else { "" };
        out += &format!("  $ {first}{more}\n");
    }
    for output in &step.outputs {
        let layer = output.layer.map_or(String::new(), |layer| format!(" {layer:?}"));
        out += &format!("  > {}{layer}\n", output.path);
    }
    out
}
