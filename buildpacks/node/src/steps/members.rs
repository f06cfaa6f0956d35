//! Which members of a workspace a build leaves out.

use super::context::StepContext;
use crate::framework;
use crate::manifest::PackageJson;
use crate::workspace::packages::Runner;

/// The members that the build leaves out: other applications, which this one does not need. Libraries
/// stay, since many are reached by an alias or a path and declared nowhere.
pub(crate) fn unrelated_members<'a>(work: &StepContext<'a>) -> Vec<&'a PackageJson> {
    let project = work.project;
    let Some(workspace) = project.workspace else { return Vec::new() };
    // nx reads the whole repository to know what depends on what.
    let reads_all = workspace.runner.as_ref().is_some_and(|runner| runner.value != Runner::Turbo);
    let Some(dir) = project.app.dir.as_ref().filter(|_| !reads_all) else { return Vec::new() };
    let needed = workspace.needed_by(project.app);
    let has_part = |member: &PackageJson| {
        let known = needed.iter().filter_map(|other| other.dir.as_ref()).chain([dir]);
        member.dir.as_ref().is_none_or(|own| known.into_iter().any(|known| known.is_within(own)))
    };
    let runs = |member: &PackageJson| {
        framework::speaks(project.context.tree, member, workspace.needs(member)).is_some()
    };
    workspace.members.iter().filter(|member| !has_part(member) && runs(member)).collect()
}
