//! A build in a file that only gives hints: what is detected counts before it, but where nothing is built, it is
//! named. It runs nothing.

use crate::{Component, Diagnostic, Plan, Step, Task};

/// The word about the build of `component`'s hints, when `plan` builds nothing.
pub(super) fn remark(component: &Component, plan: &Plan) -> Option<Diagnostic> {
    let tasks = component.hints.iter().flat_map(|hints| &hints.phases).flat_map(|phase| &phase.tasks);
    let command = tasks.into_iter().find_map(|task| match task {
        Task::Run(command) => Some(command),
        Task::Detected => None,
    })?;
    let builds = |step: &Step| step.name.as_str().ends_with(".build");
    if !component.phases.is_empty() || plan.steps.iter().any(builds) {
        return None;
    }
    let (value, origin) = (&command.value, &command.origin);
    Some(
        Diagnostic::warning("plan/build-not-run", format!("{origin} declares the build `{value}`, which is not run"))
            .why("the file is for a service that serves the files of a site, and nothing is built here")
            .fix(
                "declare the build in a file of a platform that runs applications, or delete the file when it is of \
                 no use any more",
            )
            .at(origin.clone()),
    )
}
