//! [`ScriptContext`]: where the commands of a declared build run, and which of them a language knows.

use crate::{RelPath, SourceTree};

/// Where commands of a build run.
#[derive(Clone, Copy)]
pub(in crate::compose) struct ScriptContext<'a> {
    /// The application's directory.
    pub(in crate::compose) tree: &'a dyn SourceTree,
    /// Its path in the source.
    pub(in crate::compose) root: Option<&'a RelPath>,
    /// Whether a language knows a command by its words.
    pub(in crate::compose) known: &'a dyn Fn(&[String]) -> bool,
}
