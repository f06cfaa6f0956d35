//! [`VerifiedReader`]: checks the bytes of a stored entry while they are read.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use packwright_oci::{Digest, Hasher};

use crate::error::StoreError;
use crate::store::Store;

/// Reads a stored entry. When its bytes do not have the digest, the read at the end fails with
/// `InvalidData` around [`StoreError::Corrupted`], and the entry is removed. A caller that stops before
/// the end has verified nothing.
pub struct VerifiedReader<'a> {
    store: &'a Store,
    file: File,
    path: PathBuf,
    digest: Digest,
    hasher: Option<Hasher>,
}

impl<'a> VerifiedReader<'a> {
    pub(crate) fn new(store: &'a Store, file: File, path: PathBuf, digest: Digest) -> VerifiedReader<'a> {
        VerifiedReader { store, file, path, digest, hasher: Some(Hasher::new()) }
    }

    fn check(&mut self) -> io::Result<()> {
        let Some(hasher) = self.hasher.take() else { return Ok(()) };
        if hasher.finish() == self.digest {
            return Ok(());
        }
        self.store.discard_content(&self.path, &self.digest, &format!("its content is not {}", self.digest));
        let (path, digest) = (self.path.clone(), self.digest);
        Err(io::Error::new(io::ErrorKind::InvalidData, StoreError::Corrupted { path, digest }))
    }
}

impl Read for VerifiedReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            self.check()?;
        } else if let Some(hasher) = &mut self.hasher {
            hasher.update(&buffer[..count]);
        }
        Ok(count)
    }
}
