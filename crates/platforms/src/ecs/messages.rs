//! Messages of the reader of task definitions that more than one of its files reports.

use packwright_planner::{Diagnostic, Origin};

use crate::table::Document;

/// Says that something has to be given from elsewhere.
pub(super) fn elsewhere(document: &Document, at: Origin, what: &str) {
    document.say(
        Diagnostic::info("ecs/elsewhere", format!("{at}: {what}"))
            .fix("give the variables that the application needs when the image runs")
            .at(at),
    );
}
