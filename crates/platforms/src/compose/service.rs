//! [`Service`]: a service of a Compose file, as far as the file says what it is.

use packwright_planner::{Diagnostic, Origin, Requested};

use crate::container::ContainerStart;
use crate::table::{Document, Table};

/// A service of the file, as far as that says what it is.
pub(super) struct Service<'a> {
    pub(super) name: String,
    /// The line of its name.
    pub(super) origin: Origin,
    pub(super) table: Table<'a>,
    pub(super) image: Option<Requested<String>>,
    pub(super) build: Option<super::values::Build>,
    pub(super) start: ContainerStart,
    pub(super) profiles: Vec<Requested<String>>,
}

/// Leaves all keys of a service alone.
pub(super) fn ignore(table: &Table<'_>) {
    table.entries();
}

/// Says that a service does not count, and leaves its keys alone.
pub(super) fn aside(document: &Document, service: &Service<'_>, what: &str, why: &str) {
    ignore(&service.table);
    let origin = service.origin.clone();
    let told = Diagnostic::info("compose/not-counted", format!("{origin}: {what}")).why(why);
    document.say(told.at(origin));
}
