//! [`Image`]: what is looked at.

use packwright_oci::{ImageConfig, Tree};
use packwright_planner::Process;

use crate::files::Contents;

/// A finished image, as values.
#[derive(Clone, Copy)]
pub struct Image<'a> {
    /// All its files, the layers applied to each other.
    pub tree: &'a Tree,
    /// What they hold.
    pub contents: &'a dyn Contents,
    /// Environment, user, working directory, volumes, architecture.
    pub config: &'a ImageConfig,
    /// What it can run, each with who says so.
    pub processes: &'a [Process],
}
