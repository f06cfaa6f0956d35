//! [`DownloadCache`]: an HTTP cache that all steps, builds and applications share. Only the gateway writes it. A step
//! influences an entry only by its request, and the whole request is the key, so it reaches nobody else's entries.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use packwright_oci::{Digest, Hasher};

/// Stores HTTP responses by the digest of their request. Implementations are used by many threads and builds at once.
/// An error of any method fails no step: the gateway fetches the response from the server instead. What they promise is
/// tested by [`conformance::download_cache`](crate::conformance::download_cache).
pub trait DownloadCache: Send + Sync {
    /// The response stored under `key`, without its content; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn find(&self, key: &Digest) -> io::Result<Option<Kept>>;

    /// Opens the content `digest`, as [`Kept::content`] names it. Reading fails at the end if the bytes have another
    /// digest.
    ///
    /// # Errors
    ///
    /// If it is not there.
    fn open(&self, digest: &Digest) -> io::Result<Box<dyn Read + '_>>;

    /// A writer for a new content. If it is dropped without [`Incoming::keep`], nothing is stored.
    ///
    /// # Errors
    ///
    /// If there is no room.
    fn incoming(&self) -> io::Result<Box<dyn Incoming + '_>>;

    /// Stores `kept` under `key`, replacing what was there. Its content has been stored before.
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

/// Writes one content into the cache. It finds the digest of what it stores by itself, as the gateway does of what it
/// passes on: a name in the cache depends on nobody else's count of the bytes, and the record on no cache. That costs a
/// second SHA-256 of each content that is kept.
pub trait Incoming: Write {
    /// Stores the bytes that were written, and returns their digest.
    ///
    /// # Errors
    ///
    /// If they cannot be written.
    fn keep(self: Box<Self>) -> io::Result<Digest>;
}

/// A stored response, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The status code: 200, 206, a redirect (301, 302, 303, 307, 308), or 404, 405, 410.
    pub status: u16,
    /// Header fields that are passed back, with names in lower case.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The content's digest.
    pub content: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// When the server sent or last confirmed it, less its `Age`; in seconds since 1970.
    pub current_at: u64,
}

/// A cache in memory, for tests and for builds without a disk.
#[derive(Debug, Default)]
pub struct MemoryDownloads(Mutex<MemoryEntries>);

#[derive(Debug, Default)]
struct MemoryEntries {
    kept: BTreeMap<Digest, Kept>,
    contents: BTreeMap<Digest, Vec<u8>>,
}

impl MemoryDownloads {
    fn lock(&self) -> MutexGuard<'_, MemoryEntries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DownloadCache for MemoryDownloads {
    fn find(&self, key: &Digest) -> io::Result<Option<Kept>> {
        Ok(self.lock().kept.get(key).cloned())
    }

    fn open(&self, digest: &Digest) -> io::Result<Box<dyn Read + '_>> {
        let content = self.lock().contents.get(digest).cloned().ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(content)))
    }

    fn incoming(&self) -> io::Result<Box<dyn Incoming + '_>> {
        Ok(Box::new(MemoryIncoming { to: self, bytes: Vec::new() }))
    }

    fn keep(&self, key: &Digest, kept: &Kept) -> io::Result<()> {
        self.lock().kept.insert(*key, kept.clone());
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
        self.to.lock().contents.insert(digest, self.bytes);
        Ok(digest)
    }
}
