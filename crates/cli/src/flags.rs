//! The command line: commands, the groups of flags that they share, and the grammar of values.

pub(crate) mod commands;
pub(crate) mod compat;
pub(crate) mod groups;
pub(crate) mod nixpacks;
pub(crate) mod platforms;
pub(crate) mod railpack;
pub(crate) mod values;
