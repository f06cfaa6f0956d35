//! Every message that people read. Nothing here decides anything.
//!
//! A message is lower case without a full stop and names file and line; `why` gives the facts,
//! `fix` says what to do.

mod applications;
mod at;
mod managers;
mod manifests;
mod versions;

pub(crate) use applications::*;
pub(crate) use managers::*;
pub(crate) use manifests::*;
pub(crate) use versions::*;
