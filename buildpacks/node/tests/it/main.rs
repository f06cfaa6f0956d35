//! Whole plans from whole trees: what a person would see.

#![allow(clippy::unwrap_used, reason = "a test that has nothing to look at must fail")]

mod bad;
mod declared;
mod frameworks;
mod managers;
mod names;
mod native;
mod next;
mod nx;
mod processes;
mod proposals;
mod sites;
mod starting;
mod versions;
mod workspaces;

use expect_test::Expect;
use packwright_buildpack::planner::{
    Buildpack, Diagnostic, Input, LayerKind, MemoryTree, Network, Plan, PlanError, PlanOptions, Step, plan,
};
use packwright_node::Node;

/// Plans `tree` with this buildpack and the platform readers.
fn planned(tree: &MemoryTree, options: &PlanOptions) -> Result<Plan, PlanError> {
    let packs: [&dyn Buildpack; 1] = [&Node];
    plan(tree, &packs, &packwright_platforms::model, options)
}

/// What a test looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "each file of tests looks at its own parts")]
enum Part {
    /// Versions.
    Versions,
    /// Packages besides those of the base and of npm.
    Packages,
    /// Steps, without those that bring npm and the runtimes.
    Steps,
    /// Processes, environment, the source in the image.
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

/// Options that choose an application.
fn for_app(app: &str) -> PlanOptions {
    PlanOptions { app: Some(app.to_owned()), ..PlanOptions::default() }
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
        Part::Versions => {
            for version in &plan.versions {
                out += &format!("{} {} by {}\n", version.tool, version.wanted, version.origin);
            }
        }
        Part::Packages => {
            let ours = |name: &str| name.starts_with("python3-") || name.starts_with("libpython3");
            let own =
                plan.packages.iter().filter(|found| found.layer != LayerKind::Base && !ours(&found.name));
            own.for_each(|found| out += &format!("{:?} {:?} {}\n", found.scope, found.layer, found.name));
        }
        Part::Steps => plan.steps.iter().for_each(|step| out += &describe_step(step)),
        Part::Processes => {
            for (name, setting) in &plan.environment {
                if !FIXED.contains(&name.as_str()) {
                    out += &format!("env {name}={}\n", setting.value);
                }
            }
            if !plan.source.exclude.is_empty() {
                out += &format!("source without {}\n", plan.source.exclude.join(" "));
            }
            plan.processes.iter().for_each(|found| out += &format!("{}: {}\n", found.name, found.command));
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

/// Variables that every image has.
const FIXED: &[&str] = &["HOME", "LANG", "NODE_ENV", "PORT"];

/// Steps whose texts are tested where they are made.
const TOOLS: &[&str] = &["node.npm", "node.version", "node.runtime", "node.bun-version", "node.bun"];

fn describe_step(step: &Step) -> String {
    if TOOLS.contains(&step.name.as_str()) {
        return String::new();
    }
    let network = if step.network == Network::Fetch { " fetch" } else { "" };
    let resolves = if step.resolves { " resolves" } else { "" };
    let mut out = format!("{}{network}{resolves}\n", step.name);
    for input in &step.inputs {
        out += &match input {
            Input::Step(name) if TOOLS.contains(&name.as_str()) => String::new(),
            Input::Step(name) => format!("  < {name}\n"),
            Input::Source(selection) if selection.exclude.is_empty() => {
                format!("  < source {}\n", selection.include.join(" "))
            }
            Input::Source(selection) => {
                format!(
                    "  < source {} without {}\n",
                    selection.include.join(" "),
                    selection.exclude.join(" ")
                )
            }
        };
    }
    for command in &step.commands {
        out += &format!("  $ {}\n", one_line(&command.to_string()));
    }
    for output in &step.outputs {
        let layer = output.layer.map_or(String::new(), |layer| format!(" {layer:?}"));
        out += &format!("  > {}{layer}\n", output.path);
    }
    out
}

/// A command without the programs that are given to it.
fn one_line(text: &str) -> String {
    match text.split_once('\n') {
        Some((first, _)) => format!("{first} …"),
        None => text.to_owned(),
    }
}
