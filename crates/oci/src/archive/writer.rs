//! [`ArchiveWriter`]: an image archive, member by member. Knows nothing of images.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use super::error::ArchiveError;
use crate::digest::{Digest, Hasher};
use crate::tarball::{self, Member, MemberKind};

/// Writes an uncompressed tar archive whose members belong to root and have the same time.
pub(super) struct ArchiveWriter<'a> {
    pub(super) out: &'a mut dyn Write,
    pub(super) epoch: u64,
}

impl ArchiveWriter<'_> {
    pub(super) fn dir(&mut self, path: &str) -> Result<(), ArchiveError> {
        self.header(path, MemberKind::Dir, 0o755)
    }

    pub(super) fn bytes(&mut self, path: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.header(path, MemberKind::File { size: bytes.len() as u64 }, 0o644)?;
        self.write(bytes)?;
        self.pad(bytes.len() as u64)
    }

    /// Copies a content and checks its size and digest.
    pub(super) fn copy(
        &mut self,
        path: &str,
        digest: &Digest,
        size: u64,
        read: &mut dyn Read,
    ) -> Result<(), ArchiveError> {
        self.header(path, MemberKind::File { size }, 0o644)?;
        let mut hasher = Hasher::new();
        let mut buffer = vec![0; 128 << 10];
        loop {
            let length = match read.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(source) => return Err(ArchiveError::Blob { digest: *digest, source }),
            };
            hasher.update(&buffer[..length]);
            if hasher.length() > size {
                return Err(ArchiveError::Corrupted { digest: *digest });
            }
            self.write(&buffer[..length])?;
        }
        if hasher.length() != size || hasher.finish() != *digest {
            return Err(ArchiveError::Corrupted { digest: *digest });
        }
        self.pad(size)
    }

    pub(super) fn finish(&mut self) -> Result<(), ArchiveError> {
        self.write(&tarball::END)?;
        self.out.flush().map_err(ArchiveError::Write)
    }

    fn header(&mut self, path: &str, kind: MemberKind<'_>, mode: u32) -> Result<(), ArchiveError> {
        let xattrs = BTreeMap::new();
        let member = Member { path, kind, mode, uid: 0, gid: 0, mtime: self.epoch, xattrs: &xattrs };
        let header = tarball::header(&member).map_err(ArchiveError::Header)?;
        self.write(&header)
    }

    fn pad(&mut self, size: u64) -> Result<(), ArchiveError> {
        self.write(&tarball::END[..tarball::padding(size)])
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.out.write_all(bytes).map_err(ArchiveError::Write)
    }
}
