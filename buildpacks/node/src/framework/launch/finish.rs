//! What every application gets at the end: the needs of declared processes, and the decision on
//! its build.

use packwright_buildpack::planner::{Claim, Decision, Selection};

use crate::application::{Application, ImageProgram, Modules};
use crate::framework::recognition::Recognition;
use crate::process::{self, DeclaredNeeds};

/// What declared processes need.
pub(super) fn declared(case: &Recognition<'_>, application: &mut Application) {
    let model = case.subject.project.context.model;
    if model.processes.is_empty() {
        return;
    }
    let DeclaredNeeds { modules, programs, dirs } = process::declared(case.subject);
    application.programs.extend(programs);
    application.dirs.extend(dirs);
    // They may start anything of the source, with any of the packages.
    application.source = Selection::all();
    if application.modules != Modules::All {
        application.modules = modules;
    }
    let runs_node = application.programs.contains(&ImageProgram::Node)
        || application.programs.contains(&ImageProgram::Manager);
    if runs_node {
        application.claim = Claim::Server.by(model.processes[0].origin.clone());
    }
}

/// The decision on the build, and order in what was collected.
pub(super) fn built(case: &Recognition<'_>, application: &mut Application) {
    application.programs.sort();
    application.programs.dedup();
    if let Some(built) = &application.build {
        let text = match (&case.build, case.row) {
            (Some(build), _) => process::line(&build.segments),
            (None, Some(row)) => row.build.unwrap_or_default().to_owned(),
            (None, None) => built.commands.first().map_or(String::new(), ToString::to_string),
        };
        application.decisions.push(Decision::new("build command", text, built.origin.clone()));
    }
}
