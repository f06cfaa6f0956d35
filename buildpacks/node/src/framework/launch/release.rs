//! Commands of the build that change a database: no step reaches one, so they are what a release does.

use packwright_buildpack::planner::{Process, Role};

use crate::application::{Application, Modules};
use crate::framework::recognition::Recognition;
use crate::messages;
use crate::process::installs::Relieved;
use crate::process::{self, Segment};

/// Adds the process `release`, where the image has what its commands need, and says that the build runs without
/// them.
pub(crate) fn release(case: &Recognition<'_>, application: &mut Application, scripts: &[Relieved]) {
    let subject = case.subject;
    let Some(origin) = scripts.iter().find(|left| !left.released.is_empty()).map(|left| &left.origin) else {
        return;
    };
    let mut segments: Vec<Segment> = Vec::new();
    for segment in scripts.iter().flat_map(|left| &left.released) {
        if !segments.iter().any(|known| known.words == segment.words) {
            let joint = if segments.is_empty() { "" } else { "&&" };
            segments.push(Segment { joint, ..segment.clone() });
        }
    }
    let line = process::line(&segments);
    let declares = !subject.project.context.model.processes.is_empty();
    // A build that stands alone has neither the packages nor the files of migrations.
    let is_here = subject.project.context.role == Role::Owner
        && !declares
        && application.modules != Modules::None
        && !application.processes.is_empty();
    if is_here {
        let needs = process::analyse(subject, &segments, origin, true);
        if needs.modules == Modules::All {
            application.modules = Modules::All;
        }
        application.programs.extend(needs.programs);
        application.programs.sort();
        application.programs.dedup();
        application.diagnostics.extend(needs.diagnostics);
        let name = "release".parse().expect("a process name");
        let command = process::command(subject, &segments);
        application.processes.push(Process { name, command, origin: origin.clone() });
    }
    application.diagnostics.push(messages::released(&line, is_here, origin));
}
