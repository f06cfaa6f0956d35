//! `node.build`: what the rules for frameworks build, without network, from the installed packages
//! and the source.

use packwright_planner::{Input, LayerKind, Output, Role, Selection, Step};

use super::{Work, after, app_output, step};
use crate::framework;
use crate::manifest::Manifest;
use crate::messages;
use crate::workspace::Runner;

/// The step on top of that of the packages; `None` when there is nothing to build.
pub(super) fn build(work: &Work<'_>, last: Option<&str>) -> Option<Step> {
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
    build.outputs = match work.project.given.role {
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
fn owned(work: &Work<'_>, mut outputs: Vec<Output>) -> Vec<Output> {
    let project = work.project;
    for output in outputs.iter_mut().filter(|output| output.path == super::path("app")) {
        // What yarn put beside the source when it installed.
        output.scrub.extend([".yarn", ".pnp.cjs", ".pnp.loader.mjs"].map(str::to_owned));
    }
    let Some(workspace) = project.workspace.filter(|_| work.modules_in_image()) else { return outputs };
    for member in workspace.needed_by(project.app) {
        let Some(dir) = &member.dir else { continue };
        if member.script("build").is_none() {
            continue;
        }
        let Ok(path) = super::path("app").join(dir.as_str()) else { continue };
        if !outputs.iter().any(|output| path.is_within(&output.path)) {
            let scrub =
                ["**/node_modules", ".turbo", ".cache", "**/*.tsbuildinfo"].map(str::to_owned).to_vec();
            outputs.push(Output { path, layer: Some(LayerKind::Build), scrub });
        }
    }
    outputs
}

/// The source that the build sees: in a workspace, the application, libraries and what belongs to
/// nobody; other applications only by their manifests, by which tools know what the workspace is.
fn source(work: &Work<'_>) -> Vec<Input> {
    let strangers = strangers(work);
    let mut exclude = vec!["**/node_modules".to_owned()];
    exclude.extend(
        strangers.iter().filter_map(|member| Some(Selection::literal(member.dir.as_ref()?.as_str()))),
    );
    let mut inputs = vec![Input::Source(Selection { exclude, ..Selection::all() })];
    if !strangers.is_empty() {
        inputs.push(Input::Source(Selection::files(strangers.iter().map(|member| &member.path))));
    }
    inputs
}

/// The members that have nothing to do with the application: other applications that it does not
/// need. A library is for everybody: many are reached by an alias or a path, and declared nowhere.
pub(crate) fn strangers<'a>(work: &Work<'a>) -> Vec<&'a Manifest> {
    let project = work.project;
    let Some(workspace) = project.workspace else { return Vec::new() };
    // nx reads the whole repository to know what depends on what.
    let reads_all = workspace.runner.as_ref().is_some_and(|runner| runner.value != Runner::Turbo);
    let Some(dir) = project.app.dir.as_ref().filter(|_| !reads_all) else { return Vec::new() };
    let needed = workspace.needed_by(project.app);
    let has_part = |member: &Manifest| {
        let known = needed.iter().filter_map(|other| other.dir.as_ref()).chain([dir]);
        member.dir.as_ref().is_none_or(|own| known.into_iter().any(|known| known.is_within(own)))
    };
    let runs =
        |member: &Manifest| framework::speaks(project.given.tree, member, workspace.needs(member)).is_some();
    workspace.members.iter().filter(|member| !has_part(member) && runs(member)).collect()
}
