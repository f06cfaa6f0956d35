//! [`Origin`]: who chose a value. Every version, command and setting of a plan carries one.

use std::fmt;

use packwright_oci::RelPath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Origin {
    /// A file of the source tree.
    File {
        /// The file.
        #[schemars(with = "String")]
        path: RelPath,
        /// Line number from 1, when one line says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
    },
    /// An option of the caller, as it is written on the command line.
    Option(String),
    /// A rule of a buildpack that looked at the files; the text says at what.
    Detected(String),
    /// Nobody asked; the text says why this value.
    Default(String),
}

/// A value together with who asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requested<T> {
    /// The value.
    pub value: T,
    /// Who asked for it.
    pub origin: Origin,
}

impl Origin {
    /// A whole file.
    pub fn file(path: &RelPath) -> Origin {
        Origin::File { path: path.clone(), line: None }
    }

    /// One line of a file, counted from 1.
    pub fn line(path: &RelPath, line: u32) -> Origin {
        Origin::File { path: path.clone(), line: Some(line) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File { path, line: Some(line) } => write!(f, "{path}:{line}"),
            Origin::File { path, line: None } => write!(f, "{path}"),
            Origin::Option(text) => write!(f, "{text}"),
            Origin::Detected(text) => write!(f, "detected: {text}"),
            Origin::Default(text) => write!(f, "default: {text}"),
        }
    }
}
