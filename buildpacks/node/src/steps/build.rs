//! `node.build`: what the rules for frameworks build, without network, from the installed packages
//! and the source.

use packwright_buildpack::planner::{Input, LayerKind, Output, Role, Selection, Step};

use super::context::StepContext;
use super::members::unrelated_members;
use super::parts::app_output;
use crate::messages;
use packwright_buildpack::step::{after, path, step};

/// The step on top of that of the packages; `None` when there is nothing to build.
pub(super) fn build(work: &StepContext<'_>, last: Option<&str>) -> Option<Step> {
    let wanted = work.application.build.as_ref()?;
    let mut build = step("node.build", "builds the application");
    build.hint = Some(messages::BUILD_HINT.to_owned());
    build.inputs = work.tools();
    build.inputs.extend(last.map(after));
    build.inputs.extend(source(work));
    build.commands = wanted.commands.clone();
    build.environment = work.environment();
    build.environment.insert("NODE_ENV".to_owned(), "production".to_owned());
    build.environment.extend(wanted.environment.clone());
    build.caches = wanted.caches.clone();
    build.outputs = match work.project.context.role {
        Role::Owner => owned(work, wanted.outputs.clone()),
        _ => vec![app_output(Some(LayerKind::Build), helped())],
    };
    Some(build)
}

/// What is not part of what a helper builds: packages, and the caches of builds.
fn helped() -> Vec<String> {
    [
        "**/node_modules",
        "**/.cache",
        "**/.turbo",
        "**/.nx",
        "**/.parcel-cache",
        ".pnp.cjs",
        ".pnp.loader.mjs",
        ".yarn",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// What the framework leaves behind, and what the members that the application needs do.
fn owned(work: &StepContext<'_>, mut outputs: Vec<Output>) -> Vec<Output> {
    let project = work.project;
    for output in outputs.iter_mut().filter(|output| output.path == path("app")) {
        // What yarn put beside the source when it installed.
        output.scrub.extend([".yarn", ".pnp.cjs", ".pnp.loader.mjs"].map(str::to_owned));
    }
    let Some(workspace) = project.workspace.filter(|_| work.modules_in_image()) else { return outputs };
    for member in workspace.needed_by(project.app) {
        let Some(dir) = &member.dir else { continue };
        if member.script("build").is_none() {
            continue;
        }
        let Ok(path) = path("app").join(dir.as_str()) else { continue };
        if !outputs.iter().any(|output| path.is_within(&output.path)) {
            let scrub =
                ["**/node_modules", ".turbo", ".cache", "**/*.tsbuildinfo"].map(str::to_owned).to_vec();
            outputs.push(Output { path, layer: Some(LayerKind::Build), scrub });
        }
    }
    outputs
}

/// The source that the build sees: in a workspace, the application, libraries and files of no member;
/// of other applications the manifests alone, from which tools learn what the workspace is.
fn source(work: &StepContext<'_>) -> Vec<Input> {
    let unrelated_members = unrelated_members(work);
    let mut exclude = vec!["**/node_modules".to_owned()];
    exclude.extend(
        unrelated_members.iter().filter_map(|member| Some(Selection::literal(member.dir.as_ref()?.as_str()))),
    );
    let mut inputs = vec![Input::Source(Selection { exclude, ..Selection::all() })];
    if !unrelated_members.is_empty() {
        inputs.push(Input::Source(Selection::files(unrelated_members.iter().map(|member| &member.path))));
    }
    inputs
}
