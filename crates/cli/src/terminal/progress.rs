//! [`Progress`]: how the events of a build are shown while it goes on. The ways of showing them are
//! chosen in [`super::show`].

use packwright::Event;

/// Shows what happens. Dropped, it leaves a clean line.
pub(crate) trait Progress: Send + Sync {
    /// Shows one event.
    fn show(&self, event: &Event);
}

/// Shows nothing.
pub(super) struct Silence;

impl Progress for Silence {
    fn show(&self, _: &Event) {}
}
