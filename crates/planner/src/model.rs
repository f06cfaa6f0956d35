//! [`AppModel`]: what platform files declare about the application, whichever platform wrote
//! them. Readers live in the `platforms` crate; the planner decides what wins.

use crate::{Command, Diagnostic, Origin, ProcessName};

/// What the platform files of a source tree declare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppModel {
    /// Processes in the order of the file. `release` is one of them.
    pub processes: Vec<DeclaredProcess>,
    /// What the readers have to say about the files.
    pub diagnostics: Vec<Diagnostic>,
}

/// A process that a file declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredProcess {
    /// Its name.
    pub name: ProcessName,
    /// How to start it.
    pub command: Command,
    /// The line that says so.
    pub origin: Origin,
}
