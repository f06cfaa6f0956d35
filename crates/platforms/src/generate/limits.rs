//! [`Limits`] of generated models, and values whose origins are given when the model is whole.

use packwright_planner::{Origin, Requested};

/// What generated models may hold, for formats that are about less.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// How many parts there are at most; each has a directory of its own.
    pub(crate) components: usize,
    /// Whether commands of the build may be there.
    pub(crate) build: bool,
    /// Whether processes may be without a command.
    pub(crate) bare: bool,
    /// Whether every part has a process `web`.
    pub(crate) web: bool,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { components: 3, build: true, bare: true, web: false }
    }
}

/// An origin that is replaced by one of its own when the model is whole.
pub(crate) fn nowhere() -> Origin {
    Origin::Default("generated".to_owned())
}

/// A value whose origin is given later.
pub(crate) fn requested<T>(value: T) -> Requested<T> {
    Requested { value, origin: nowhere() }
}

/// The items, of those with one name the first.
pub(crate) fn unique<T>(items: Vec<T>, name: impl Fn(&T) -> String) -> Vec<T> {
    let mut known = std::collections::BTreeSet::new();
    items.into_iter().filter(|item| known.insert(name(item))).collect()
}
