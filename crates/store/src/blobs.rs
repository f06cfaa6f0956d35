//! Stored bytes by digest: packages, indexes, compressed layers, configurations.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use packwright_oci::{ContentSource, Digest, Hasher};

use crate::error::StoreError;
use crate::store::Store;
use crate::verified_reader::VerifiedReader;

/// Writes one blob. When it is dropped before [`BlobWriter::finish`] or [`BlobWriter::finish_unflushed`], nothing is
/// stored.
pub struct BlobWriter<'a> {
    store: &'a Store,
    draft: PathBuf,
    file: File,
    hasher: Hasher,
    finished: bool,
}

/// The blobs of a store as [`ContentSource`].
#[derive(Debug, Clone, Copy)]
pub struct StoreBlobs<'a>(pub &'a Store);

impl Store {
    /// Starts to write a blob.
    pub fn blob_writer(&self) -> Result<BlobWriter<'_>, StoreError> {
        let draft = self.draft_path();
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o444)
            .open(&draft)
            .map_err(StoreError::io("write", &draft))?;
        Ok(BlobWriter { store: self, draft, file, hasher: Hasher::new(), finished: false })
    }

    /// Stores what `content` reads to its end.
    ///
    /// Errors: [`StoreError::Mismatch`] when it is not the `expected` digest and length in
    /// bytes; nothing is stored then.
    pub fn add_blob(
        &self,
        content: &mut dyn Read,
        expected: Option<(Digest, u64)>,
    ) -> Result<(Digest, u64), StoreError> {
        let mut writer = self.blob_writer()?;
        io::copy(content, &mut writer).map_err(StoreError::io("write", &writer.draft))?;
        writer.finish(expected)
    }

    /// Whether the blob `digest` is stored, with `size` bytes when that is known. Looks at the
    /// length alone; reading checks the rest.
    pub fn has_blob(&self, digest: &Digest, size: Option<u64>) -> bool {
        fs::metadata(self.blob_path(digest)).is_ok_and(|found| size.is_none_or(|size| found.len() == size))
    }

    /// Whether the blob `digest` is stored and whole. Reads it; a damaged one is removed and reported by
    /// [`Store::take_damage`].
    pub fn verify_blob(&self, digest: &Digest) -> bool {
        let blob = self.open_blob(digest).map_err(io::Error::from);
        blob.and_then(|mut blob| io::copy(&mut blob, &mut io::sink())).is_ok()
    }

    /// Opens the blob `digest` and checks it while it is read.
    pub fn open_blob(&self, digest: &Digest) -> Result<VerifiedReader<'_>, StoreError> {
        let path = self.blob_path(digest);
        match File::open(&path) {
            Ok(file) => Ok(VerifiedReader::new(self, file, path, *digest)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(StoreError::Missing { part: "blobs", digest: *digest })
            }
            Err(error) => Err(StoreError::io("open", &path)(error)),
        }
    }

    /// The whole blob `digest`, checked.
    pub fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        let path = self.blob_path(digest);
        match self.open_blob(digest)?.read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(StoreError::Corrupted { path, digest: *digest })
            }
            Err(error) => Err(StoreError::io("read", path)(error)),
        }
    }
}

impl BlobWriter<'_> {
    /// How many bytes were written so far.
    pub fn length(&self) -> u64 {
        self.hasher.length()
    }

    /// Flushes the blob to the disk and stores it under its digest; gives digest and length in bytes. One that is
    /// stored already is read: it stays when it is whole, and is replaced when it is not.
    ///
    /// Errors: [`StoreError::Mismatch`] when it is not what was `expected`.
    pub fn finish(self, expected: Option<(Digest, u64)>) -> Result<(Digest, u64), StoreError> {
        self.finish_with(expected, true)
    }

    /// [`BlobWriter::finish`] without the flush, for one of many blobs: a crash can take it back or leave another
    /// content of its length. A record that names it must not be written before [`Store::commit`];
    /// [`Store::put_records`] sees to that itself.
    ///
    /// Errors: [`StoreError::Mismatch`] when it is not what was `expected`.
    pub fn finish_unflushed(self, expected: Option<(Digest, u64)>) -> Result<(Digest, u64), StoreError> {
        self.finish_with(expected, false)
    }

    fn finish_with(
        mut self,
        expected: Option<(Digest, u64)>,
        flushed: bool,
    ) -> Result<(Digest, u64), StoreError> {
        let size = self.hasher.length();
        let digest = std::mem::take(&mut self.hasher).finish();
        match expected {
            Some((expected, expected_size)) if (expected, expected_size) != (digest, size) => {
                return Err(StoreError::Mismatch {
                    expected,
                    expected_size,
                    found: digest,
                    found_size: size,
                });
            }
            _ => {}
        }
        let path = self.store.blob_path(&digest);
        let flush = |file: &File| if flushed { file.sync_data() } else { Ok(()) };
        if self.store.has_blob(&digest, Some(size)) && self.store.verify_blob(&digest) {
            // Whoever stored it may not have flushed it.
            File::open(&path).and_then(|file| flush(&file)).map_err(StoreError::io("write", &path))?;
            return Ok((digest, size));
        }
        flush(&self.file)
            .and_then(|()| fs::rename(&self.draft, &path))
            .map_err(StoreError::io("write", &path))?;
        self.finished = true;
        Ok((digest, size))
    }
}

impl Write for BlobWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for BlobWriter<'_> {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_file(&self.draft);
        }
    }
}

impl ContentSource for StoreBlobs<'_> {
    fn open(&self, digest: &Digest) -> io::Result<Box<dyn Read + '_>> {
        match self.0.open_blob(digest) {
            Ok(reader) => Ok(Box::new(reader)),
            Err(error) => Err(error.into()),
        }
    }
}
