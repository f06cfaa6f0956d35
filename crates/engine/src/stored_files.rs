//! [`StoredFiles`]: the files of the store as the closing check reads them. Writes nothing.

use std::io;

use packwright_oci::Digest;
use packwright_store::{Store, StoreError};
use packwright_verify::{Contents, ReadSeek, Unreadable};

use crate::error::BuildError;

/// The files of the store, to be read in parts.
pub(crate) struct StoredFiles<'a>(pub(crate) &'a Store);

impl Contents for StoredFiles<'_> {
    fn open(&self, digest: &Digest) -> io::Result<Box<dyn ReadSeek + '_>> {
        Ok(Box::new(self.0.open_file_unverified(digest)?))
    }
}

/// Damage of the store stays what it is, so that the build makes anew what was damaged.
pub(crate) fn unreadable(error: Unreadable) -> BuildError {
    match error.source.downcast::<StoreError>() {
        Ok(error) => BuildError::Store(error),
        Err(source) => BuildError::Unreadable(Unreadable { path: error.path, source }),
    }
}
