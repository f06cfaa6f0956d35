//! Whole plans from whole trees: what a person would see.

mod fixtures;

use packwright_planner::{
    Base, Buildpack, Input, MemoryTree, Network, Plan, PlanError, PlanOptions, Scope, plan,
};
use packwright_python::Python;

/// Plans `tree` with this buildpack and the platform readers.
fn planned(tree: &MemoryTree, options: &PlanOptions) -> Result<Plan, PlanError> {
    let packs: [&dyn Buildpack; 1] = [&Python];
    plan(tree, &packs, &packwright_platforms::read(tree), options)
}

/// The plan in the lines that matter, or the problems.
fn describe(result: &Result<Plan, PlanError>) -> String {
    match result {
        Ok(plan) => describe_plan(plan),
        Err(error) => error
            .problems()
            .iter()
            .map(|problem| {
                let mut out = format!("{:?} {}: {}\n", problem.severity, problem.code, problem.message);
                if let Some(why) = &problem.why {
                    out += &format!("  why: {why}\n");
                }
                if let Some(fix) = &problem.fix {
                    out += &format!("  fix: {fix}\n");
                }
                out
            })
            .collect(),
    }
}

fn describe_plan(plan: &Plan) -> String {
    let Base::Debian { suite, .. } = &plan.base;
    let mut out = format!("suite {suite}\n");
    for version in &plan.versions {
        out += &format!("{} {} by {}\n", version.tool, version.wanted, version.origin);
    }
    for scope in [Scope::Run, Scope::Build] {
        let names: Vec<_> = plan
            .packages
            .iter()
            .filter(|package| package.scope == scope && package.layer != packwright_planner::LayerKind::Base)
            .map(|package| package.name.as_str())
            .collect();
        out += &format!("{scope:?}: {}\n", names.join(" "));
    }
    for step in &plan.steps {
        let network = if step.network == Network::Fetch { " fetch" } else { "" };
        let resolves = if step.resolves { " resolves" } else { "" };
        out += &format!("step {}{network}{resolves}\n", step.name);
        for input in &step.inputs {
            out += &match input {
                Input::Step(name) => format!("  < {name}\n"),
                Input::Source(selection) => format!("  < source {}\n", selection.include.join(" ")),
            };
        }
        for command in &step.commands {
            out += &format!("  $ {}\n", command.to_string().replace('\n', "\n    "));
        }
        for output in &step.outputs {
            let layer = output.layer.map_or(String::new(), |layer| format!(" {layer:?}"));
            out += &format!("  > {}{layer}\n", output.path);
        }
    }
    for (name, setting) in &plan.environment {
        if !matches!(
            name.as_str(),
            "HOME" | "LANG" | "PORT" | "PATH" | "PYTHONUNBUFFERED" | "PYTHONDONTWRITEBYTECODE"
        ) {
            out += &format!("env {name}={}\n", setting.value);
        }
    }
    for process in &plan.processes {
        out += &format!("{}: {} by {}\n", process.name, process.command, process.origin);
    }
    for decision in &plan.decisions {
        out += &format!("{} = {} by {}\n", decision.subject, decision.value, decision.origin);
        for loser in &decision.losers {
            out += &format!("  not {} by {}\n", loser.value, loser.origin);
        }
    }
    for found in &plan.diagnostics {
        out += &format!("{:?} {}: {}\n", found.severity, found.code, found.message);
    }
    out
}
