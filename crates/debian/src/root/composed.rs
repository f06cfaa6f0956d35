//! A composed root as a value. How it is composed is for [`compose`](super::compose).

use std::collections::BTreeMap;

use packwright_oci::{Digest, Tree};

/// A composed root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// All files. Their contents are those that `unpack` wrote to its sinks, and those in `made`.
    pub tree: Tree,
    /// The contents of files that no package brings, by digest.
    pub made: BTreeMap<Digest, Vec<u8>>,
    /// What was done, or left undone, in place of maintainer scripts; sorted.
    pub notes: Vec<ScriptNote>,
}

/// What was done in place of the maintainer scripts of one package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScriptNote {
    /// The package.
    pub package: String,
    /// What its scripts do, and why that may be left undone or how it was replaced.
    pub text: String,
}
