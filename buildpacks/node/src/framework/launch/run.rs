//! An application whose process is a script of the project.

use packwright_buildpack::planner::{Claim, Overridden};

use super::finish::{built, declared};
use super::start::{begin, keys};
use crate::application::Application;
use crate::framework::build;
use crate::framework::build_result::Shipped;
use crate::framework::recognition::Recognition;
use crate::process::StartCommand;

/// An application that starts with this.
pub(crate) fn run(
    case: &mut Recognition<'_>,
    start: StartCommand,
    loser: Option<Overridden>,
    is_web: bool,
) -> Application {
    let mut application = case.application(Claim::Program);
    case.needs_keys = case.row.is_some_and(|row| row.id == "next");
    application.build = match case.row {
        Some(_) => build::framework(case, &[], &Shipped::Whole, &[]).or_else(|| build::script(case)),
        None => build::script(case),
    };
    keys(case, &mut application);
    begin(case, &mut application, start, loser, is_web);
    declared(case, &mut application);
    built(case, &mut application);
    application
}
