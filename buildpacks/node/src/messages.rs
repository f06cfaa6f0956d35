//! Every word that the buildpack says to people. Nothing here decides anything.
//!
//! A message is lower case without a full stop and names file and line; `why` gives the facts,
//! `fix` says what to do.

mod applications;
mod managers;
mod manifests;
mod versions;
mod workspaces;

#[allow(unused_imports, reason = "each file fills up in its own time")]
pub(crate) use {applications::*, managers::*, manifests::*, versions::*, workspaces::*};
