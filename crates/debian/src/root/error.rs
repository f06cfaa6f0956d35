//! Why packages do not make a root, and what to do about it.

use std::collections::BTreeSet;

use packwright_oci::RelPath;

use crate::scripts::Unsupported;

/// Why packages do not make a root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// Scripts with unknown commands, of packages that are not reviewed. All of them, sorted by package.
    #[error("unsupported maintainer script: {}", list(scripts))]
    UnsupportedScripts {
        /// The scripts.
        scripts: Vec<Unsupported>,
    },
    /// Two packages bring the same path with different content.
    #[error("`{path}` is in both `{first}` and `{second}`")]
    FileConflict {
        /// The path.
        path: RelPath,
        /// A package that has it.
        first: String,
        /// Another one.
        second: String,
    },
    /// A package is given twice.
    #[error("the package `{package}` is given twice")]
    Twice {
        /// The package.
        package: String,
    },
    /// A path that every root has cannot be added to the packages' tree.
    #[error("`{path}` cannot be made: {reason}")]
    Blocked {
        /// The path.
        path: String,
        /// Why.
        reason: String,
    },
}

fn list(scripts: &[Unsupported]) -> String {
    let one = |script: &Unsupported| format!("{} of `{}` (`{}`)", script.script, script.package, script.line);
    scripts.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl RootError {
    /// What to do about it.
    pub fn fix(&self) -> String {
        match self {
            RootError::UnsupportedScripts { scripts } => {
                let names: BTreeSet<&str> = scripts.iter().map(|script| script.package.as_str()).collect();
                let names: Vec<&str> = names.into_iter().collect();
                format!("do without {}, or use an OCI image that has it as the base", names.join(", "))
            }
            RootError::FileConflict { first, second, .. } => format!("do without `{first}` or `{second}`"),
            RootError::Twice { .. } => "give each package once".to_owned(),
            RootError::Blocked { .. } => "do without the package that has it".to_owned(),
        }
    }
}
