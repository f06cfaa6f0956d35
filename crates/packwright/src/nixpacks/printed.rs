//! A plan in the format of Nixpacks.
//!
//! It shows what is done: the commands of the plan's own steps, the packages of Debian. Passed back
//! with `build -c`, what was not edited stands for what is detected, and what was edited counts.
//!
//! Source: railwayapp/nixpacks, `src/nixpacks/plan/{mod,phase}.rs`.

use std::collections::BTreeMap;

use packwright_engine::planner::{self, Base, LayerKind, Network, Origin, Step, Task};
use packwright_platforms::nixpacks::Printed;
use serde::Serialize;

use super::caller::Caller;
use super::planned::Planned;
use crate::catalog::Catalog;

/// A plan as Nixpacks prints it, to be written as JSON or TOML.
#[derive(Debug, Serialize)]
pub struct PrintedPlan {
    /// Always empty, as in all plans that Nixpacks prints: what they do is in the phases.
    providers: Vec<String>,
    #[serde(rename = "buildImage")]
    build_image: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<String, String>,
    phases: BTreeMap<String, Phase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<Start>,
}

#[derive(Debug, Default, Serialize)]
struct Phase {
    #[serde(rename = "dependsOn", skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    #[serde(rename = "aptPkgs", skip_serializing_if = "Vec::is_empty")]
    apt_pkgs: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cmds: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
struct Start {
    cmd: String,
}

/// The base of an image of which nothing is known yet.
const NO_SUITE: &str = "debian";

impl PrintedPlan {
    /// What is printed for a plan; for none, what Nixpacks prints for an empty directory.
    pub fn new(made: Option<&Planned>, caller: &Caller) -> PrintedPlan {
        let Some(made) = made else {
            return PrintedPlan {
                providers: Vec::new(),
                build_image: NO_SUITE.to_owned(),
                variables: caller.environment.clone(),
                phases: BTreeMap::new(),
                start: None,
            };
        };
        let shown = stands_for(&made.plan);
        PrintedPlan {
            providers: Vec::new(),
            build_image: shown.build_image.unwrap_or_else(|| NO_SUITE.to_owned()),
            variables: variables(made, caller),
            phases: phases(made, shown.apt),
            start: shown.start.map(|cmd| Start { cmd }),
        }
    }
}

/// The phases: those that are declared, with what is detected in their holes, and those that are
/// detected, each behind the one before it.
fn phases(made: &Planned, apt: Vec<String>) -> BTreeMap<String, Phase> {
    let detected = |name: &str| made.detected.cmds.get(name).cloned();
    let declared = |name: &str| made.declared.phases.iter().find(|phase| phase.name == name);
    let cmds = |name: &str| match declared(name) {
        None => detected(name),
        Some(phase) => {
            let lines = phase.tasks.iter().flat_map(|task| match task {
                Task::Detected => detected(name).unwrap_or_default(),
                Task::Run(command) => vec![command.value.to_string()],
            });
            Some(lines.collect())
        }
    };
    let usual = ["setup", "install", "build"];
    let own =
        made.declared.phases.iter().map(|phase| phase.name.as_str()).filter(|name| !usual.contains(name));
    let mut phases = BTreeMap::new();
    let setup = Phase { apt_pkgs: apt, cmds: cmds("setup"), ..Phase::default() };
    phases.insert("setup".to_owned(), setup);
    let mut before = "setup".to_owned();
    for name in own.chain(["install", "build"]) {
        if let Some(cmds) = cmds(name) {
            phases.insert(
                name.to_owned(),
                Phase { depends_on: vec![before], cmds: Some(cmds), ..Phase::default() },
            );
            before = name.to_owned();
        }
    }
    phases
}

/// What of a printed plan stands for what is detected.
pub(super) fn stands_for(plan: &planner::Plan) -> Printed {
    let Base::Debian { suite, .. } = &plan.base;
    let mut cmds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for step in &plan.steps {
        let lines = step.commands.iter().map(ToString::to_string);
        cmds.entry(phase(step).to_owned()).or_default().extend(lines);
    }
    cmds.retain(|_, lines| !lines.is_empty());
    let asked = plan.packages.iter().filter(|package| package.layer != LayerKind::Base);
    Printed {
        build_image: Some(format!("{NO_SUITE}:{suite}")),
        cmds,
        apt: asked.map(|package| package.name.clone()).collect(),
        start: plan.default_process().map(|process| process.command.to_string()),
    }
}

/// The phase that a step's commands are shown in.
fn phase(step: &Step) -> &'static str {
    let leaves = |kind: LayerKind| step.outputs.iter().any(|output| output.layer == Some(kind));
    match step.network == Network::Fetch || step.resolves || leaves(LayerKind::Dependencies) {
        _ if leaves(LayerKind::Runtime) => "setup",
        true => "install",
        false => "build",
    }
}

/// The variables of the image, and all that the caller gave.
fn variables(made: &Planned, caller: &Caller) -> BTreeMap<String, String> {
    let plan = &made.plan;
    let set = plan.environment.iter().filter(|(name, _)| *name != "PATH");
    let mut variables: BTreeMap<String, String> =
        set.map(|(name, setting)| (name.clone(), setting.value.clone())).collect();
    if !plan.buildpacks.is_empty() {
        let names: Vec<&str> = plan.buildpacks.iter().map(|name| provider(name)).collect();
        variables.insert("NIXPACKS_METADATA".to_owned(), names.join(","));
    }
    variables.extend(made.speaking.clone());
    variables.extend(caller.environment.clone());
    variables
}

/// The versions that a configuration of Nixpacks asks for, as variables: they would be lost with
/// that file.
pub(super) fn versions(catalog: &Catalog, plan: &planner::Plan) -> BTreeMap<String, String> {
    let by_nixpacks = |origin: &Origin| match origin {
        Origin::File { path, .. } => path.name().starts_with("nixpacks."),
        _ => false,
    };
    let buildpacks = catalog.buildpacks();
    let asked = plan.versions.iter().filter(|version| by_nixpacks(&version.origin));
    let known = asked.filter(|version| buildpacks.iter().any(|known| known.language().name == version.tool));
    known
        .map(|version| (format!("NIXPACKS_{}_VERSION", version.tool.to_uppercase()), version.wanted.clone()))
        .collect()
}

/// What Nixpacks calls a language.
pub fn provider(buildpack: &str) -> &str {
    match buildpack {
        "static" => "staticfile",
        other => other,
    }
}
