//! The ways of isolation: which there are on this machine, and which one a fixture is tried on.

use crate::fixture::Fixture;
use crate::place::is_root;

/// A way of isolation that this machine should offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// A user namespace with an overlay.
    Overlay,
    /// A user namespace with a copied root.
    Copy,
    /// Root without user namespaces.
    Chroot,
}

impl Isolation {
    /// All that this user should have.
    pub fn all() -> &'static [Isolation] {
        match is_root() {
            true => &[Isolation::Overlay, Isolation::Copy, Isolation::Chroot],
            false => &[Isolation::Overlay, Isolation::Copy],
        }
    }

    /// The one on which the test command tries `fixture`: they take turns, so that each has some.
    pub fn turn_of(fixture: &Fixture) -> Isolation {
        let mut tried = Fixture::all();
        tried.retain(|one| one.demands.stands_for.is_some());
        let turn = tried.iter().position(|one| one.name == fixture.name).unwrap_or_default();
        Isolation::all()[turn % Isolation::all().len()]
    }

    /// Its value of `--isolation`.
    pub fn flag(self) -> &'static str {
        match self {
            Isolation::Overlay => "overlay",
            Isolation::Copy => "copy",
            Isolation::Chroot => "chroot",
        }
    }

    /// Its name in messages.
    pub fn words(self) -> &'static str {
        match self {
            Isolation::Overlay => "user namespace with overlay",
            Isolation::Copy => "user namespace with copied root",
            Isolation::Chroot => "root with chroot",
        }
    }
}
