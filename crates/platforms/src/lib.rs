//! Readers of the files that platforms keep in a repository: one module per platform, each from
//! a source tree to its part of an [`AppModel`].
//!
//! A reader reports what it cannot use and goes on; it decides nothing about other files. What
//! wins is the planner's affair.

pub mod procfile;

use packwright_planner::{AppModel, SourceTree};

/// Reads every platform file at the root of `tree` that is known.
///
/// What is wrong in a file is among the model's diagnostics, with file and line.
pub fn read(tree: &dyn SourceTree) -> AppModel {
    procfile::read(tree)
}
