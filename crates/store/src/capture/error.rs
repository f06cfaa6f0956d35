//! [`CaptureError`]: why a directory cannot be captured, and what the user can do about it.

use std::io;
use std::path::PathBuf;

use packwright_oci::{RelPath, TreeError};

use crate::error::StoreError;

/// Why a directory cannot be captured.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The operating system refused.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried, a verb.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Names or link texts that an image built by us cannot hold.
    #[error("names or link texts are not UTF-8: {}", names.join(", "))]
    NotUtf8 {
        /// The paths with escaped bytes, in order.
        names: Vec<String>,
    },
    /// Names that would be whiteouts in a layer.
    #[error("names start with `.wh.`, which marks deletions in layers: {}", names.join(", "))]
    Reserved {
        /// The paths, in order.
        names: Vec<String>,
    },
    /// More entries than the rules allow.
    #[error("more than {limit} files and directories below `{}`", path.display())]
    TooMany {
        /// The captured directory.
        path: PathBuf,
        /// The rules' limit.
        limit: usize,
    },
    /// A path with more parts than the rules allow.
    #[error("`{path}` has more than {limit} parts")]
    TooDeep {
        /// The first such path.
        path: RelPath,
        /// The rules' limit.
        limit: usize,
    },
    /// The contents cannot be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The directory changed into something else while it was read.
    #[error("`{}` changes while it is read", path.display())]
    Changing {
        /// The captured directory.
        path: PathBuf,
        /// What does not fit together.
        source: TreeError,
    },
}

impl CaptureError {
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> CaptureError {
        let path = path.into();
        move |source| CaptureError::Io { action, path, source }
    }

    /// What the user can do about it.
    pub fn fix(&self) -> Option<String> {
        match self {
            CaptureError::Io { .. } => None,
            CaptureError::Store(error) => error.fix(),
            CaptureError::NotUtf8 { .. } | CaptureError::Reserved { .. } => {
                Some("let the step give these files other names, or remove them at its end".into())
            }
            CaptureError::TooMany { .. } | CaptureError::TooDeep { .. } => {
                Some("let the step remove what the image does not need, or declare fewer outputs".into())
            }
            CaptureError::Changing { .. } => {
                Some("make sure that nothing is left running at the end of the step".into())
            }
        }
    }
}
