//! [`Diagnostic`]: a message for people about the plan or the build, with its code and remedy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Origin;

/// Something people should know: what, why, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable name to search for and to filter by, `python/server-added` for example.
    pub code: String,
    /// What is the case: lower case, no full stop, names the file.
    pub message: String,
    /// The facts behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// The place that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Origin>,
}

/// How bad a [`Diagnostic`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Probably not what was meant; an error under `--strict`.
    Warning,
    /// Nothing can be built.
    Error,
}

impl Diagnostic {
    /// Good to know.
    pub fn info(code: &str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Info, code, message)
    }

    /// Probably not what was meant.
    pub fn warning(code: &str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, code, message)
    }

    /// Nothing can be built.
    pub fn error(code: &str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, code, message)
    }

    fn new(severity: Severity, code: &str, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity,
            code: code.to_owned(),
            message: message.into(),
            why: None,
            fix: None,
            at: None,
        }
    }

    /// Adds the facts behind it.
    pub fn why(mut self, why: impl Into<String>) -> Diagnostic {
        self.why = Some(why.into());
        self
    }

    /// Adds what to do.
    pub fn fix(mut self, fix: impl Into<String>) -> Diagnostic {
        self.fix = Some(fix.into());
        self
    }

    /// Adds the place.
    pub fn at(mut self, origin: Origin) -> Diagnostic {
        self.at = Some(origin);
        self
    }
}
