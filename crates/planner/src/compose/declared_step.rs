//! The step `declared.build`: runs a declared build that no buildpack runs. It adds the step and changes
//! nothing about the commands.

use super::base;
use super::languages::Participant;
use crate::{
    BuildRunner, Command, Decision, DeclaredBuild, Input, LayerKind, Output, Package, Plan, Requested, Scope,
    Selection, Step, StepName,
};

/// Small programs that build commands take for granted on the machines of platforms, besides the core
/// utilities.
const TOOLS: &[&str] = &["findutils", "grep", "gzip", "make", "mawk", "sed", "tar"];

const HINT: &str = "the step has no network, and only small tools of Debian: further programs come with \
    `--env PACKWRIGHT_BUILD_PACKAGES=NAME`, the network with `--build-network`";

/// Adds the step to a plan for `build`, the owner's part of the declared build, unless the owner, the first
/// of `parts`, runs it. Without an owner all files that the step leaves are in the image.
pub(super) fn add(plan: &mut Plan, parts: &mut [Participant], build: Option<&DeclaredBuild>) {
    let commands: Vec<&Requested<Command>> =
        build.iter().flat_map(|build| build.before.iter().chain(&build.after)).collect();
    let Some(origin) = commands.first().map(|first| first.origin.clone()) else { return };
    let leaves = match parts.first().map(|owner| &owner.proposal.declared_build) {
        Some(BuildRunner::Buildpack) => return,
        Some(BuildRunner::Planner { leaves }) => leaves.clone(),
        None => None,
    };
    let name: StepName = "declared.build".parse().expect("a step name");
    let app = Plan::app_dir();
    let path = leaves.map_or(app.clone(), |dir| app.join(dir.as_str()).expect("a directory below another"));
    // Files that are no part of the image do not come back with what the build leaves.
    let kept_out = match parts.first() {
        Some(owner) if path == app => owner.proposal.source.exclude.clone(),
        _ => Vec::new(),
    };
    let scrub = [vec!["**/node_modules".to_owned()], kept_out].concat();
    let mut step = Step::new(name.clone(), "runs the build commands that the platform file declares")
        .hinted(HINT)
        .sees(Selection::all())
        .leaves(Output::layer(path, LayerKind::Build).without(scrub));
    step.commands = commands.into_iter().map(|command| command.value.clone()).collect();
    let lines: Vec<String> = step.commands.iter().map(ToString::to_string).collect();
    plan.decisions.push(Decision {
        subject: "build command".to_owned(),
        value: lines.join(" && "),
        origin,
        overridden: Vec::new(),
    });
    base::add(&mut plan.packages, TOOLS.iter().map(|&name| tool(name)));
    let own = parts.iter_mut().filter(|part| !part.helps).flat_map(|part| &mut part.proposal.steps);
    for other in own.filter(|other| super::steps::sees_source(other)) {
        other.inputs.push(Input::Step(name.clone()));
    }
    match parts.first_mut() {
        Some(owner) => owner.proposal.steps.insert(0, step),
        None => plan.steps.push(step),
    }
}

fn tool(name: &str) -> Package {
    let why = "build commands take it for granted".to_owned();
    Package { name: name.to_owned(), scope: Scope::Build, layer: LayerKind::System, why }
}
