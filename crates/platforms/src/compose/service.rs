//! [`Service`]: a service of a Compose file, as far as the file says what it is.

use packwright_planner::{Origin, Requested};

use crate::container::ContainerStart;
use crate::table::Table;

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
