//! The ports of images: [`ImageSource`] reads an image, [`ImageSink`] writes one. Layouts and archives
//! implement them in this crate; a registry client belongs in another one.

use std::error::Error;
use std::io::{self, Read};

use crate::archive::ArchiveError;
use crate::contents::ContentSource;
use crate::image::{Descriptor, Image, Platform};
use crate::layout::{LayoutError, read_image};

/// Gives the bytes of an image, or of an index of images for several platforms. It need not check digests:
/// [`pull`] and the reader of a layer do.
pub trait ImageSource {
    /// The image's manifest, or the index that leads to it.
    fn descriptor(&self) -> Result<Descriptor, TransferError>;

    /// Opens a document or a layer that a document of this source names. The descriptor's media type
    /// tells manifests from blobs, for which a registry has different addresses.
    fn open(&self, descriptor: &Descriptor) -> io::Result<Box<dyn Read + '_>>;
}

/// Stores images. What every implementation promises is in
/// [`conformance::image_sink`](crate::conformance::image_sink).
pub trait ImageSink {
    /// Stores `image`. `layers` has the bytes of its layers by digest; an implementation may open a layer several
    /// times and from several threads, and may skip layers that it holds already. The image must not become
    /// visible before everything that it names is stored.
    fn put(&mut self, image: &Image, layers: &dyn ContentSource) -> Result<(), TransferError>;
}

/// Why an image was not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// An image layout or a document of an image is not valid.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// An archive cannot be read or written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A source or sink of another crate failed.
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}

impl TransferError {
    /// What the user can do about it; `None` for an error of another crate.
    pub fn fix(&self) -> Option<String> {
        match self {
            TransferError::Layout(error) => error.fix(),
            TransferError::Archive(error) => error.fix(),
            TransferError::Other(_) => None,
        }
    }
}

/// Reads the documents of the image for `platform` from `source`. Size and digest of each are checked
/// before it is parsed.
pub fn pull(source: &dyn ImageSource, platform: &Platform) -> Result<Image, TransferError> {
    let mut fetch = |descriptor: &Descriptor| {
        let mut bytes = Vec::new();
        // One byte more than there should be shows that there are too many.
        source.open(descriptor)?.take(descriptor.size.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    Ok(read_image(&source.descriptor()?, platform, &mut fetch)?)
}
