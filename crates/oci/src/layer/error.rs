//! [`LayerError`]: why a layer cannot be written or read.

use std::io;

use crate::tarball::{HeaderError, TarError};
use crate::{Digest, RelPath, TreeError};

/// Why a layer cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// The layer's destination refused the bytes.
    #[error("the layer cannot be written")]
    Write(#[source] io::Error),
    /// A file's content cannot be opened or read.
    #[error("the content {digest} of `{path}` cannot be read")]
    ContentUnreadable {
        /// The file.
        path: RelPath,
        /// The content its entry names.
        digest: Digest,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file's content is not what its entry says.
    #[error("the content of `{path}` is not {digest} with the size its entry gives")]
    ContentCorrupted {
        /// The file.
        path: RelPath,
        /// The content its entry names.
        digest: Digest,
    },
    /// An ordinary entry whose name means a whiteout in a layer.
    #[error("`{path}` has a name that starts with `.wh.`, which deletes files when in a layer")]
    WhiteoutName {
        /// The entry or member.
        path: String,
    },
    /// A hard link whose target is no regular file of the same layer.
    #[error("the hard link `{path}` points at `{target}`, which is no file of this layer")]
    HardlinkTarget {
        /// The link.
        path: RelPath,
        /// What it points at.
        target: String,
    },
    /// A member that no tar header can hold.
    #[error("`{path}` cannot be a member of a layer")]
    Member {
        /// The entry.
        path: RelPath,
        /// Why not.
        #[source]
        source: HeaderError,
    },
    /// The archive is broken, ambiguous or too large.
    #[error("the layer's archive is refused")]
    Archive(#[from] TarError),
    /// Two members have the same path.
    #[error("`{path}` is in the layer twice")]
    Duplicate {
        /// The path.
        path: RelPath,
    },
    /// A member lies below something other than a directory.
    #[error("the layer's members contradict each other")]
    Tree(#[from] TreeError),
    /// The sink could not keep a member's content, or did not read all of it.
    #[error("the content of `{path}` cannot be stored")]
    Store {
        /// The file.
        path: RelPath,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A compression thread ended without a result.
    #[error("the compressor failed")]
    Compressor(#[source] io::Error),
}

impl LayerError {
    /// What the user can do about it.
    pub fn fix(&self) -> Option<String> {
        match self {
            LayerError::Write(_) | LayerError::Store { .. } => {
                Some("check the free space and rights where images are written".to_owned())
            }
            LayerError::ContentUnreadable { .. } | LayerError::ContentCorrupted { .. } => Some(
                "the file changed during the build or the local store is damaged: build again".to_owned(),
            ),
            LayerError::WhiteoutName { path } => {
                Some(format!("rename or exclude `{path}`; no image can hold such a name"))
            }
            LayerError::Member { path, .. } => Some(format!("change or exclude `{path}`")),
            LayerError::HardlinkTarget { .. }
            | LayerError::Archive(_)
            | LayerError::Duplicate { .. }
            | LayerError::Tree(_) => Some(
                "use an image whose layers follow the OCI image specification, or pull it again".to_owned(),
            ),
            LayerError::Compressor(_) => None,
        }
    }
}
