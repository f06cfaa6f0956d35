//! [`ArchiveError`]: why an image archive cannot be written or read.

use std::io;

use crate::tarball::{HeaderError, TarError};
use crate::{Digest, LayoutError, RelPath};

/// Why an image archive cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The destination refused the bytes.
    #[error("the image archive cannot be written")]
    Write(#[source] io::Error),
    /// A time that no tar header can hold.
    #[error("a member of the image archive cannot be written")]
    Header(#[source] HeaderError),
    /// A blob cannot be opened, read or stored.
    #[error("the blob {digest} cannot be copied")]
    Blob {
        /// The blob.
        digest: Digest,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A blob is not what its name says.
    #[error("the blob {digest} has other bytes than its digest and size say")]
    Corrupted {
        /// What the blob should be.
        digest: Digest,
    },
    /// A name that `docker load` would not take.
    #[error("`{0}` is not an image name with a tag")]
    Name(String),
    /// The archive is broken, ambiguous or too large.
    #[error("the image archive is refused")]
    Tar(#[from] TarError),
    /// A member that does not belong in a layout, or that occurs twice.
    #[error("the image archive has the member `{path}`, which {problem}")]
    Member {
        /// The member.
        path: RelPath,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A file that every layout has is missing.
    #[error("the image archive has no `{0}`")]
    Missing(RelPath),
    /// The layout in the archive is not valid.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

impl ArchiveError {
    /// What the user can do about it.
    pub fn fix(&self) -> Option<String> {
        match self {
            ArchiveError::Write(_) => {
                Some("check the free space and rights where the archive is written".to_owned())
            }
            ArchiveError::Blob { .. } | ArchiveError::Corrupted { .. } => {
                Some("the local store or the archive is damaged: build or fetch again".to_owned())
            }
            ArchiveError::Name(_) => Some("give a name such as `app:latest`".to_owned()),
            ArchiveError::Layout(error) => error.fix(),
            ArchiveError::Tar(_) | ArchiveError::Member { .. } | ArchiveError::Missing(_) => {
                Some("give an archive made by `oci-archive:`".to_owned())
            }
            ArchiveError::Header(_) => Some("set SOURCE_DATE_EPOCH to a time before 2242".to_owned()),
        }
    }
}
