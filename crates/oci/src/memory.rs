//! [`MemoryLayout`]: an image layout in memory, for tests and for callers without a disk.

use std::collections::BTreeMap;
use std::io::{self, Read};

use crate::contents::ContentSource;
use crate::image::{Descriptor, Image};
use crate::layout::{Layout, LayoutFile, blob_path, index_path, layout_files};
use crate::path::RelPath;
use crate::ports::{ImageSink, ImageSource, TransferError};

/// An image layout in memory: a sink that adds or replaces the image of its name, and a source of
/// that image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryLayout {
    /// The name of the image that is put or read; the only image when `None`.
    pub name: Option<String>,
    /// The layout's files.
    pub files: BTreeMap<RelPath, Vec<u8>>,
}

impl MemoryLayout {
    /// The same layout, for the image called `name`.
    pub fn named(mut self, name: &str) -> MemoryLayout {
        self.name = Some(name.to_owned());
        self
    }

    fn file(&self, path: &RelPath) -> io::Result<&[u8]> {
        self.files.get(path).map(Vec::as_slice).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl ImageSource for MemoryLayout {
    fn descriptor(&self) -> Result<Descriptor, TransferError> {
        let layout = Layout::read(&mut |path| self.file(path).map(<[u8]>::to_vec))?;
        Ok(layout.find(self.name.as_deref())?.clone())
    }

    fn open(&self, descriptor: &Descriptor) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.file(&blob_path(&descriptor.digest))?))
    }
}

impl ImageSink for MemoryLayout {
    fn put(&mut self, image: &Image, layers: &dyn ContentSource) -> Result<(), TransferError> {
        let existing = self.files.get(&index_path()).map(Vec::as_slice);
        for (path, part) in layout_files(image, self.name.as_deref(), existing)? {
            let bytes = match part {
                LayoutFile::Bytes(bytes) => bytes,
                LayoutFile::Blob { digest, size } => {
                    let mut bytes = Vec::new();
                    let read = layers.open(&digest).and_then(|mut blob| blob.read_to_end(&mut bytes));
                    read.map_err(|source| crate::ArchiveError::Blob { digest, source })?;
                    if crate::Digest::of(&bytes) != digest || bytes.len() as u64 != size {
                        return Err(crate::ArchiveError::Corrupted { digest }.into());
                    }
                    bytes
                }
            };
            self.files.insert(path, bytes);
        }
        Ok(())
    }
}
