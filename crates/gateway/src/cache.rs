//! [`DownloadCache`]: answers that are kept between steps and builds, for all applications and tools. Only the gateway
//! writes it; a step never can, since all it has are its own requests, and each of these is part of a key.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use packwright_oci::{Digest, Hasher};

/// Where answers are kept. Errors keep nothing from being fetched: without the cache it is fetched again.
pub trait DownloadCache: Send + Sync {
    /// What is kept under `key`.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn find(&self, key: &Digest) -> io::Result<Option<Kept>>;

    /// The content `digest`, which [`Kept`] names, to read; an error at its end when the bytes are not those.
    ///
    /// # Errors
    ///
    /// If it is not there.
    fn open(&self, digest: &Digest) -> io::Result<Box<dyn Read + '_>>;

    /// A place for a content that comes. Dropped without [`Incoming::keep`], nothing is kept.
    ///
    /// # Errors
    ///
    /// If there is no room.
    fn incoming(&self) -> io::Result<Box<dyn Incoming + '_>>;

    /// Keeps `kept` under `key`, in the place of what was there.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn keep(&self, key: &Digest, kept: &Kept) -> io::Result<()>;

    /// Makes what was kept so far outlive the process. Called at the end of a step, so that a cache on a disk need
    /// not wait for that disk at every answer.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn settle(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A content on its way into the cache.
pub trait Incoming: Write {
    /// Keeps the bytes; their digest.
    ///
    /// # Errors
    ///
    /// If they cannot be written.
    fn keep(self: Box<Self>) -> io::Result<Digest>;
}

/// An answer without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its status: 200, 206 for a part, or that it is elsewhere (a redirect) or nowhere (404, 405, 410).
    pub status: u16,
    /// Header fields that are passed back, with names in lower case.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The content's digest.
    pub content: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// When it was current for the last time, in seconds since 1970.
    pub current_at: u64,
}

/// A cache in memory, for tests and for builds without a disk.
#[derive(Debug, Default)]
pub struct MemoryDownloads(Mutex<Shelves>);

#[derive(Debug, Default)]
struct Shelves {
    kept: BTreeMap<Digest, Kept>,
    contents: BTreeMap<Digest, Vec<u8>>,
}

impl MemoryDownloads {
    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DownloadCache for MemoryDownloads {
    fn find(&self, key: &Digest) -> io::Result<Option<Kept>> {
        Ok(self.shelves().kept.get(key).cloned())
    }

    fn open(&self, digest: &Digest) -> io::Result<Box<dyn Read + '_>> {
        let content = self.shelves().contents.get(digest).cloned().ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(content)))
    }

    fn incoming(&self) -> io::Result<Box<dyn Incoming + '_>> {
        Ok(Box::new(MemoryIncoming { to: self, bytes: Vec::new() }))
    }

    fn keep(&self, key: &Digest, kept: &Kept) -> io::Result<()> {
        self.shelves().kept.insert(*key, kept.clone());
        Ok(())
    }
}

struct MemoryIncoming<'a> {
    to: &'a MemoryDownloads,
    bytes: Vec<u8>,
}

impl Write for MemoryIncoming<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Incoming for MemoryIncoming<'_> {
    fn keep(self: Box<Self>) -> io::Result<Digest> {
        let mut hasher = Hasher::new();
        hasher.update(&self.bytes);
        let digest = hasher.finish();
        self.to.shelves().contents.insert(digest, self.bytes);
        Ok(digest)
    }
}
