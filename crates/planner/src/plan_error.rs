//! [`PlanError`]: why a tree has no plan.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No buildpack recognised the tree.
    #[error("no application was recognised")]
    NothingDetected {
        /// What each buildpack looks for.
        looked_for: BTreeMap<String, Vec<String>>,
        /// The files at the top of the tree, at most ten.
        found: Vec<String>,
    },
    /// The tree was recognised and cannot be built.
    #[error("{}", .problems.first().map_or("no problem given", |problem| problem.message.as_str()))]
    Problems {
        /// All problems, at least one.
        problems: Vec<Diagnostic>,
    },
}

impl From<Diagnostic> for PlanError {
    fn from(problem: Diagnostic) -> PlanError {
        PlanError::Problems { problems: vec![problem] }
    }
}

impl PlanError {
    /// All problems, as diagnostics.
    pub fn problems(&self) -> Vec<Diagnostic> {
        match self {
            PlanError::Problems { problems } => problems.clone(),
            PlanError::NothingDetected { looked_for, found } => {
                let looked: Vec<String> =
                    looked_for.iter().map(|(name, files)| format!("{name}: {}", files.join(", "))).collect();
                let seen = match found.is_empty() {
                    true => "the directory has no files that are not ignored".to_owned(),
                    false => format!("found {}", found.join(", ")),
                };
                vec![
                    Diagnostic::error("plan/nothing-detected", self.to_string())
                        .why(format!("looked for {}; {seen}", looked.join("; ")))
                        .fix("name the directory of the application with `--root DIR`, or add one of these files; a Procfile or `--start` says how it starts"),
                ]
            }
        }
    }
}
