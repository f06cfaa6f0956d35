//! [`ScanError`] and [`ScanProblem`]: why a directory cannot be a source tree, and what the user can do about it.

use std::io;
use std::path::PathBuf;

use packwright_oci::RelPath;

/// Most parts that a path may have.
pub(super) const MAX_PARTS: usize = 128;

/// Why a directory cannot be a source tree.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The directory itself cannot be read.
    #[error("cannot read the directory `{}`", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Some of the files cannot become part of an image.
    #[error("{}", listed(problems))]
    Unusable {
        /// All of them, in the order of their paths.
        problems: Vec<ScanProblem>,
    },
    /// There are too many files to be an application.
    #[error("there are more than {limit} files and directories below `{}`", path.display())]
    TooMany {
        /// The directory.
        path: PathBuf,
        /// The most there may be.
        limit: usize,
    },
}

/// A file that cannot become part of an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScanProblem {
    /// A symbolic link out of the directory.
    #[error("the symbolic link `{path}` leads out of the directory, to `{target}`")]
    LeadsOut {
        /// The link.
        path: RelPath,
        /// Its text.
        target: String,
    },
    /// A name or the text of a link is not UTF-8.
    #[error("the name or link text `{escaped}` is not UTF-8")]
    NotUtf8 {
        /// The path, or path and link text, with escaped bytes.
        escaped: String,
    },
    /// The name would be a whiteout in a layer.
    #[error("the name of `{path}` starts with `.wh.`, which marks deletions in images")]
    Reserved {
        /// The file.
        path: RelPath,
    },
    /// The file or directory may not be read.
    #[error("`{path}` cannot be read: {why}")]
    Unreadable {
        /// The file or directory.
        path: RelPath,
        /// What the operating system said.
        why: String,
    },
    /// The file lies too deep.
    #[error("`{path}` has more than {MAX_PARTS} parts")]
    TooDeep {
        /// The file or directory.
        path: RelPath,
    },
}

impl ScanProblem {
    /// What the user can do about it.
    pub fn fix(&self) -> String {
        let fix = match self {
            ScanProblem::LeadsOut { path, .. } => {
                return format!(
                    "replace the link with the file it leads to, make it relative and inside, or \
                     name `{path}` in .slugignore"
                );
            }
            ScanProblem::NotUtf8 { .. } | ScanProblem::Reserved { .. } => "rename the file",
            ScanProblem::Unreadable { .. } => "make it readable, or name it in .slugignore",
            ScanProblem::TooDeep { .. } => "name one of the directories above it in .slugignore",
        };
        fix.to_owned()
    }

    /// The path by which problems are sorted.
    pub(super) fn place(&self) -> &str {
        match self {
            ScanProblem::NotUtf8 { escaped } => escaped,
            ScanProblem::LeadsOut { path, .. }
            | ScanProblem::Reserved { path }
            | ScanProblem::Unreadable { path, .. }
            | ScanProblem::TooDeep { path } => path.as_str(),
        }
    }
}

impl ScanError {
    /// What the user can do about it.
    pub fn fix(&self) -> Option<String> {
        match self {
            ScanError::Directory { .. } => Some("check the path and its permissions".to_owned()),
            ScanError::Unusable { problems } => {
                let mut fixes: Vec<String> = problems.iter().map(ScanProblem::fix).collect();
                fixes.dedup();
                Some(fixes.join("; "))
            }
            ScanError::TooMany { .. } => Some(
                "check that this is the application's directory, and name what the application \
                 does not need in .slugignore or .gitignore"
                    .to_owned(),
            ),
        }
    }
}

fn listed(problems: &[ScanProblem]) -> String {
    problems.iter().map(ScanProblem::to_string).collect::<Vec<_>>().join("\n")
}
