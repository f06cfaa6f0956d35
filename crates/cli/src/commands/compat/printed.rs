//! A plan in the format of Nixpacks.
//!
//! It shows what is done: the commands of the plan's own steps, the packages of Debian. Passed back
//! with `build -c`, what was not edited stands for what is detected, and what was edited counts.
//!
//! Source: railwayapp/nixpacks, `src/nixpacks/plan/{mod,phase}.rs`.

use std::collections::BTreeMap;

use packwright::planner::{Base, LayerKind, Network, Origin, Step};
use packwright_platforms::nixpacks::Printed;
use serde::Serialize;

use super::caller::Caller;
use super::{Made, provider};

/// A plan as Nixpacks prints it.
#[derive(Serialize)]
pub(super) struct Plan {
    /// Always empty, as in all plans that Nixpacks prints: what they do is in the phases.
    providers: Vec<String>,
    #[serde(rename = "buildImage")]
    build_image: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<String, String>,
    phases: BTreeMap<&'static str, Phase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<Start>,
}

#[derive(Default, Serialize)]
struct Phase {
    #[serde(rename = "dependsOn", skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<&'static str>,
    #[serde(rename = "aptPkgs", skip_serializing_if = "Vec::is_empty")]
    apt_pkgs: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cmds: Vec<String>,
}

#[derive(Serialize)]
struct Start {
    cmd: String,
}

/// The base of an image of which nothing is known yet.
const NO_SUITE: &str = "debian";

impl Plan {
    /// What is printed for a plan; for none, what Nixpacks prints for an empty directory.
    pub(super) fn new(made: Option<&Made>, caller: &Caller) -> Plan {
        let Some(made) = made else {
            return Plan {
                providers: Vec::new(),
                build_image: NO_SUITE.to_owned(),
                variables: caller.environment.clone(),
                phases: BTreeMap::new(),
                start: None,
            };
        };
        let own = stands_for(made);
        let mut phases = BTreeMap::new();
        let setup = Phase { apt_pkgs: own.apt, cmds: cmds(&own.cmds, "setup"), ..Phase::default() };
        phases.insert("setup", setup);
        for (name, before) in [("install", "setup"), ("build", "install")] {
            let cmds = cmds(&own.cmds, name);
            if !cmds.is_empty() {
                phases.insert(name, Phase { depends_on: vec![before], cmds, ..Phase::default() });
            }
        }
        Plan {
            providers: Vec::new(),
            build_image: own.build_image.unwrap_or_else(|| NO_SUITE.to_owned()),
            variables: variables(made, caller),
            phases,
            start: own.start.map(|cmd| Start { cmd }),
        }
    }

    /// The plan as JSON.
    pub(super) fn json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a plan is plain text");
        format!("{text}\n")
    }

    /// The plan as TOML.
    pub(super) fn toml(&self) -> String {
        toml::to_string_pretty(self).expect("a plan is plain text")
    }
}

fn cmds(all: &BTreeMap<String, Vec<String>>, phase: &str) -> Vec<String> {
    all.get(phase).cloned().unwrap_or_default()
}

/// What of a printed plan stands for what is detected.
pub(super) fn stands_for(made: &Made) -> Printed {
    let plan = &made.plan;
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
fn variables(made: &Made, caller: &Caller) -> BTreeMap<String, String> {
    let plan = &made.plan;
    let set = plan.environment.iter().filter(|(name, _)| *name != "PATH");
    let mut variables: BTreeMap<String, String> =
        set.map(|(name, setting)| (name.clone(), setting.value.clone())).collect();
    // A version that a configuration of Nixpacks asks for would be lost with that file.
    for version in &plan.versions {
        let by_nixpacks = match &version.origin {
            Origin::File { path, .. } => path.name().starts_with("nixpacks."),
            _ => false,
        };
        let name = format!("NIXPACKS_{}_VERSION", version.tool.to_uppercase());
        if by_nixpacks && ["python", "node"].contains(&version.tool.as_str()) {
            variables.insert(name, version.wanted.clone());
        }
    }
    if !plan.buildpacks.is_empty() {
        let names: Vec<&str> = plan.buildpacks.iter().map(|name| provider(name)).collect();
        variables.insert("NIXPACKS_METADATA".to_owned(), names.join(","));
    }
    variables.extend(caller.environment.clone());
    variables
}
