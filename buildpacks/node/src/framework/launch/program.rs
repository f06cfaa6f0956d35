//! Programs that scripts and files of the project name.

use packwright_buildpack::planner::{Claim, Origin};

use super::finish::{built, declared};
use super::run::run;
use super::site;
use crate::application::Application;
use crate::framework::build;
use crate::framework::recognition::{Recognition, keeps_script};
use crate::messages;
use crate::process::{self, Serving};

/// No framework that builds: a program that scripts or files name, files that a script serves, or
/// tools only.
pub(crate) fn program(case: &mut Recognition<'_>) -> Application {
    if let Some(start) = case.starts.start.take() {
        return run(case, start, None, false);
    }
    match case.starts.other.take() {
        Some(other) if other.analysis.serving == Serving::Files && !keeps_script(case.subject) => {
            return site::files(case, other);
        }
        Some(other) => {
            if other.analysis.serving == Serving::Development {
                case.warn(messages::development_server(&other.text, &other.origin));
            }
            return run(case, other, None, true);
        }
        None => {}
    }
    match process::from_entry(case.subject, case.built()) {
        Ok(start) => run(case, start, None, false),
        Err(missing) => {
            let mut application = case.application(Claim::Tools);
            application.claim.origin = Origin::file(&case.subject.project.app.path);
            application.build = build::script(case);
            application.process_missing = Some(missing);
            declared(case, &mut application);
            built(case, &mut application);
            application
        }
    }
}
