//! Workspaces: their packages, the choice of the application among them, and how scripts of members
//! are run.

pub(crate) mod choice;
pub(crate) mod packages;
pub(crate) mod scripts;
