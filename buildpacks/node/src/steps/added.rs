//! `node.added-lock` and `node.added`: packages that a framework needs and no manifest names. They lie in
//! `/node_modules`, where Node looks last, so that they are in the way of nothing that the application has.

use packwright_buildpack::planner::{Command, LayerKind, Output, Scope, Step};
use packwright_buildpack::step::{after, answer, answering, exec, path};

use super::context::StepContext;
use crate::application::AddedPackage;
use crate::toolchain;

/// Where they are installed before they get to their place.
const DIR: &str = "/tmp/added";
const LOCK: &str = "added-lock.json";

/// The name of the step that installs them.
pub(super) const STEP: &str = "node.added";

/// The steps; none where nothing is added.
pub(super) fn steps(work: &StepContext<'_>) -> Vec<Step> {
    let added = &work.application.added;
    if added.is_empty() {
        return Vec::new();
    }
    let names: Vec<&str> = added.iter().map(|added| added.name).collect();
    let names = names.join(", ");
    let lock_file = answer("node", LOCK);
    let mut lock = toolchain::npm_step("node.added-lock", &format!("finds the versions of {names}"));
    // Peers are the application's own packages.
    let npm = [toolchain::NPM, "--prefix", DIR, "--legacy-peer-deps", "--ignore-scripts"];
    let with = |more: &[&str]| exec(&[&npm[..], more].concat());
    lock.commands = manifest(added).into();
    lock.commands.push(with(&["install", "--package-lock-only", "--omit-lockfile-registry-resolved"]));
    lock.commands.push(Command::Shell(format!(
        "mkdir -p /packwright/node && cp {DIR}/package-lock.json /{lock_file}"
    )));
    let lock = answering(lock, "node", &[LOCK]);
    let mut install = toolchain::npm_step(STEP, &format!("installs {names}"));
    install.inputs.push(after("node.added-lock"));
    install.commands = manifest(added).into();
    install.commands.push(Command::Shell(format!("cp /{lock_file} {DIR}/package-lock.json")));
    install.commands.push(with(&["ci"]));
    install.commands.push(Command::Shell(format!("mv {DIR}/node_modules /node_modules")));
    let in_image = work.owns() && added.iter().any(|added| added.scope == Scope::Run);
    let layer = in_image.then_some(LayerKind::Dependencies);
    let scrub = vec![".package-lock.json".to_owned()];
    install.outputs.push(Output { path: path("node_modules"), layer, scrub });
    vec![lock, install]
}

fn manifest(added: &[AddedPackage]) -> [Command; 2] {
    let wanted: Vec<String> =
        added.iter().map(|added| format!("{:?}: {:?}", added.name, added.range)).collect();
    let text = format!("{{ \"private\": true, \"dependencies\": {{ {} }} }}", wanted.join(", "));
    [exec(&["mkdir", "-p", DIR]), Command::write(&format!("{DIR}/package.json"), &text)]
}
