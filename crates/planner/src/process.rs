//! [`Process`]: a named command that the image can run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::command::Command;
use crate::name::ProcessName;
use crate::origin::Origin;

/// A named command that the image can run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Its name.
    pub name: ProcessName,
    /// How it starts, in `/app`.
    pub command: Command,
    /// Who says so.
    pub origin: Origin,
}

impl Process {
    /// The process that answers requests from outside, `web`.
    pub fn web(command: Command, origin: Origin) -> Process {
        Process { name: ProcessName::web(), command, origin }
    }

    /// A process that answers nobody from outside, `worker`.
    pub fn worker(command: Command, origin: Origin) -> Process {
        Process { name: ProcessName::worker(), command, origin }
    }
}
