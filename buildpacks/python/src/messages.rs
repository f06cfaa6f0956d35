//! Every word that the buildpack says to people. Nothing here decides anything.
//!
//! A message is lower case without a full stop and names file and line; `why` gives the facts,
//! `fix` says what to do.

mod applications;
mod managers;
mod manifests;
mod versions;

use packwright_planner::{Diagnostic, Origin};

pub(crate) use applications::*;
pub(crate) use managers::*;
pub(crate) use manifests::*;
pub(crate) use versions::*;

fn error_at(code: &str, origin: &Origin, message: String) -> Diagnostic {
    Diagnostic::error(code, message).at(origin.clone())
}
