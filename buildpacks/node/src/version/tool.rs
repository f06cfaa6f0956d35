//! The runtimes whose version is chosen, and why a request for a version can mean none.

use packwright_planner::RelPath;

/// A runtime whose version is chosen here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum JsRuntime {
    /// Node.
    Node,
    /// Bun.
    Bun,
}

impl JsRuntime {
    /// What plans and programs call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            JsRuntime::Node => "node",
            JsRuntime::Bun => "bun",
        }
    }

    /// What people call it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            JsRuntime::Node => "Node",
            JsRuntime::Bun => "Bun",
        }
    }

    /// The variable by which the caller chooses.
    pub(crate) fn option(self) -> &'static str {
        match self {
            JsRuntime::Node => "PACKWRIGHT_NODE_VERSION",
            JsRuntime::Bun => "PACKWRIGHT_BUN_VERSION",
        }
    }

    /// Files that hold a version and nothing else.
    pub(super) fn files(self) -> &'static [&'static str] {
        match self {
            JsRuntime::Node => &[".nvmrc", ".node-version"],
            JsRuntime::Bun => &[".bun-version"],
        }
    }

    /// What `.tool-versions` and mise call it.
    pub(super) fn is_called(self, name: &str) -> bool {
        let name = name.strip_prefix("core:").unwrap_or(name);
        match self {
            JsRuntime::Node => matches!(name, "node" | "nodejs"),
            JsRuntime::Bun => name == "bun",
        }
    }

    /// The name of the step that finds the exact version.
    pub(crate) fn version_step(self) -> &'static str {
        match self {
            JsRuntime::Node => "node.version",
            JsRuntime::Bun => "node.bun-version",
        }
    }

    /// The name of the step that installs it.
    pub(crate) fn runtime_step(self) -> &'static str {
        match self {
            JsRuntime::Node => "node.runtime",
            JsRuntime::Bun => "node.bun",
        }
    }

    /// The path of the answer of [`Tool::version_step`].
    pub(crate) fn version_answer(self) -> RelPath {
        format!("packwright/node/{}-version", self.name()).parse().expect("a path of constant parts")
    }
}

/// Why a request for a version means none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unclear {
    /// Neither a range nor a known name.
    Unknown,
    /// The version of the machine: an image stands on none.
    System,
    /// io.js, which Node 4 took the place of.
    IoJs,
    /// No release satisfies it: its parts exclude each other.
    Nothing,
}
