//! `node.prune`: what the image gets of the installed packages. It sees no source, so an edit of a
//! source file does not run it.

use packwright_buildpack::planner::{Command, LayerKind, Step};

use super::context::StepContext;
use super::nested;
use super::parts::{app_output, program};
use crate::application::Modules;
use crate::{inputs, scrub};
use packwright_buildpack::step::{after, exec, step};

/// The step, on top of the output of the step `last`.
pub(super) fn prune(work: &StepContext<'_>, last: &str) -> Step {
    // yarn has no word for some of them.
    let some = !work.application.also.is_empty();
    let all = work.application.modules == Modules::All || some && work.uses_pnp();
    let why = if all {
        "takes notes and caches out of the installed packages"
    } else {
        "takes out development dependencies"
    };
    let mut prune = step("node.prune", why);
    let by_yarn = work.uses_pnp() && !all;
    prune.inputs = if by_yarn { work.tools() } else { vec![after("node.npm")] };
    prune.inputs.push(after(last));
    prune.inputs.push(inputs::manifests_only(&work.project));
    prune.inputs.extend(nested::files(work));
    prune.commands = match (all, by_yarn) {
        (true, _) => Vec::new(),
        (false, true) => focus(work),
        (false, false) => reachable(work).into(),
    };
    if by_yarn {
        prune.environment = work.environment();
    }
    let mut without = scrub::app(work.uses_pnp());
    without.extend(work.application.unneeded.iter().map(|&pattern| pattern.to_owned()));
    prune.outputs.push(app_output(Some(LayerKind::Dependencies), without));
    prune
}

/// Keeps what can be reached from the application, from the members that it needs, and from the
/// root.
fn reachable(work: &StepContext<'_>) -> [Command; 2] {
    let project = work.project;
    let mut line = vec![".".to_owned()];
    let mut unused = Vec::new();
    if let Some(workspace) = project.workspace {
        let needed = workspace.needed_by(project.app);
        for member in &workspace.members {
            let Some(dir) = &member.dir else { continue };
            let used =
                member.path == project.app.path || needed.iter().any(|other| other.path == member.path);
            // At the root of a workspace nobody knows which members it starts.
            let list = if used || project.app.dir.is_none() { &mut line } else { &mut unused };
            list.push(dir.to_string());
        }
    }
    for dir in &work.application.nested {
        let list = if nested::is_used(work, dir) { &mut line } else { &mut unused };
        list.push(dir.to_string());
    }
    if !work.application.also.is_empty() {
        line.push(format!("--also={}", work.application.also.join(",")));
    }
    if !unused.is_empty() {
        line.push("--".to_owned());
        line.extend(unused);
    }
    program("prune.cjs", PRUNE, &line)
}

const PRUNE: &str = include_str!("prune.cjs");

/// Without `node_modules` only yarn itself knows what belongs to what. It leaves the archives of
/// what it took out; those that its map does not name go as well.
fn focus(work: &StepContext<'_>) -> Vec<Command> {
    let which = match (&work.project.app.dir, &work.project.app.name) {
        (Some(_), Some(name)) => name.value.clone(),
        _ => "--all".to_owned(),
    };
    let names = ["yarn", "workspaces", "focus", "--production", which.as_str()];
    [exec(&names)].into_iter().chain(program("archives.cjs", ARCHIVES, &[])).collect()
}

const ARCHIVES: &str = "const fs = require('node:fs');\n\
    const map = fs.readFileSync('/app/.pnp.cjs', 'utf8');\n\
    const dir = '/app/.yarn/cache';\n\
    for (const name of fs.existsSync(dir) ? fs.readdirSync(dir) : []) {\n\
    \x20 if (!map.includes(`/cache/${name}/`)) fs.rmSync(`${dir}/${name}`, { recursive: true });\n\
    }\n";
