//! The runtimes whose version is chosen: how files and people name them, and the steps that bring
//! them.

use packwright_buildpack::planner::RelPath;
use packwright_buildpack::step::answer;
use packwright_buildpack::version::{Hints, Tool, VersionFile};

/// A runtime whose version is chosen here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum JsRuntime {
    /// Node.
    Node,
    /// Bun.
    Bun,
}

const NODE: Tool = Tool {
    language: "node",
    name: "node",
    title: "Node",
    option: "PACKWRIGHT_NODE_VERSION",
    names: &["node", "nodejs"],
    prefixes: &[],
    files: &[
        VersionFile::line(".nvmrc"),
        VersionFile::line(".node-version"),
        VersionFile::TOOL_VERSIONS,
        VersionFile::MISE,
    ],
    hints: Hints::Alone,
    example: "24",
};

const BUN: Tool = Tool {
    language: "node",
    name: "bun",
    title: "Bun",
    option: "PACKWRIGHT_BUN_VERSION",
    names: &["bun"],
    prefixes: &[],
    files: &[VersionFile::line(".bun-version"), VersionFile::TOOL_VERSIONS, VersionFile::MISE],
    hints: Hints::Alone,
    example: "1.2.3",
};

impl JsRuntime {
    /// Its names, its option and its version files.
    pub(crate) fn tool(self) -> &'static Tool {
        match self {
            JsRuntime::Node => &NODE,
            JsRuntime::Bun => &BUN,
        }
    }

    /// What plans and programs call it.
    pub(crate) fn name(self) -> &'static str {
        self.tool().name
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
        answer("node", &format!("{}-version", self.name()))
    }
}
