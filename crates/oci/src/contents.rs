//! Bytes by digest: [`ContentSource`] reads them, [`ContentSink`] stores them, [`MemoryStore`] does both in
//! memory.

use std::collections::BTreeMap;
use std::io::{self, Read};

use crate::digest::Digest;

/// Opens file contents by digest.
pub trait ContentSource: Sync {
    /// A reader over the whole content. Fails with `NotFound` for an unknown digest.
    fn open(&self, digest: &Digest) -> io::Result<Box<dyn Read + '_>>;
}

/// Stores contents under their digest.
pub trait ContentSink {
    /// Stores what `content` reads to its end; gives its digest and length in bytes.
    fn store(&mut self, content: &mut dyn Read) -> io::Result<(Digest, u64)>;
}

/// Contents held in memory by digest: file contents as well as an image's blobs. For tests and
/// for small images; the store crate keeps them on disk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryStore {
    contents: BTreeMap<Digest, Vec<u8>>,
}

impl MemoryStore {
    /// A store that holds nothing.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// Stores `content`; gives its digest.
    pub fn insert(&mut self, content: impl Into<Vec<u8>>) -> Digest {
        let content = content.into();
        let digest = Digest::of(&content);
        self.contents.insert(digest, content);
        digest
    }

    /// The content with this digest.
    pub fn get(&self, digest: &Digest) -> Option<&[u8]> {
        self.contents.get(digest).map(Vec::as_slice)
    }

    /// Everything held, in the order of digests.
    pub fn iter(&self) -> impl Iterator<Item = (&Digest, &[u8])> {
        self.contents.iter().map(|(digest, content)| (digest, content.as_slice()))
    }
}

impl ContentSource for MemoryStore {
    fn open(&self, digest: &Digest) -> io::Result<Box<dyn Read + '_>> {
        match self.contents.get(digest) {
            Some(content) => Ok(Box::new(content.as_slice())),
            None => Err(io::Error::new(io::ErrorKind::NotFound, format!("no content {digest}"))),
        }
    }
}

impl ContentSink for MemoryStore {
    fn store(&mut self, content: &mut dyn Read) -> io::Result<(Digest, u64)> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        let length = bytes.len() as u64;
        Ok((self.insert(bytes), length))
    }
}
