//! Programs that scripts and files of the project name.

use packwright_planner::{Claim, Origin, Overridden};

use super::super::shape::Ship;
use super::super::{Case, build, keeps_script};
use super::{begin, built, declared, keys, site};
use crate::application::Application;
use crate::messages;
use crate::process::{self, Serving, Start};

/// No framework that builds: a program that scripts or files name, files that a script serves, or
/// tools only.
pub(in crate::framework) fn program(case: &mut Case<'_>) -> Application {
    if let Some(start) = case.starts.start.take() {
        return run(case, start, None, false);
    }
    match case.starts.other.take() {
        Some(other) if other.judgement.serving == Serving::Files && !keeps_script(case.subject) => {
            return site::files(case, other);
        }
        Some(other) => {
            if other.judgement.serving == Serving::Development {
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

/// An application that starts with this.
pub(in crate::framework) fn run(
    case: &mut Case<'_>,
    start: Start,
    loser: Option<Overridden>,
    is_web: bool,
) -> Application {
    let mut application = case.application(Claim::Program);
    case.needs_keys = case.row.is_some_and(|row| row.id == "next");
    application.build = match case.row {
        Some(_) => build::framework(case, &[], &Ship::Whole, &[]).or_else(|| build::script(case)),
        None => build::script(case),
    };
    keys(case, &mut application);
    begin(case, &mut application, start, loser, is_web);
    declared(case, &mut application);
    built(case, &mut application);
    application
}
