//! [`Voice`]: one request for a Python version with its place; [`Wish`]: the same as manifests keep it.

use packwright_planner::{Diagnostic, Origin};

use super::wanted::Wanted;
use crate::messages;

/// One voice: what it wants and in which words.
pub(super) struct Voice {
    pub(super) wanted: Wanted,
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// What a manifest says about Python besides its other content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Its words.
    pub(crate) text: String,
    /// Where they stand.
    pub(crate) origin: Origin,
    /// How they are meant.
    pub(crate) form: Form,
}

/// How a wish is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A number names a version; an operator before it makes a range.
    Version,
    /// PEP 440 specifiers, or poetry's.
    Range,
}

impl Wish {
    /// A wish out of a pair as manifests keep it.
    pub(crate) fn new((text, origin): &(String, Origin), form: Form) -> Wish {
        Wish { text: text.clone(), origin: origin.clone(), form }
    }
}

pub(super) fn voice(
    wanted: Option<Wanted>,
    text: &str,
    origin: &Origin,
) -> Result<Option<Voice>, Diagnostic> {
    match wanted {
        Some(wanted) => Ok(Some(Voice { wanted, text: text.to_owned(), origin: origin.clone() })),
        None => Err(messages::version_unreadable(text, origin)),
    }
}
