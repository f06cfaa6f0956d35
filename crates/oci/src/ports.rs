//! The ports of images: [`ImageSource`], where one is read from, and [`ImageSink`], where one is
//! written to. Layouts and archives are behind them here; a registry client is another crate's.

use std::error::Error;
use std::io::{self, Read};

use crate::archive::ArchiveError;
use crate::contents::ContentSource;
use crate::image::{Descriptor, Image, Platform};
use crate::layout::{LayoutError, read_image};

/// A place that has an image, or an index of images for several platforms. It need not check what
/// it gives: [`pull`] and the reader of a layer do.
pub trait ImageSource {
    /// The image's manifest, or the index that leads to it.
    fn descriptor(&self) -> Result<Descriptor, TransferError>;

    /// The bytes of a document or a layer that this source's documents name. The descriptor's
    /// media type says which; a registry asks elsewhere for manifests than for blobs.
    fn open(&self, descriptor: &Descriptor) -> io::Result<Box<dyn Read + '_>>;
}

/// A place that takes images in. What every implementation promises is in
/// [`conformance::image_sink`](crate::conformance::image_sink).
pub trait ImageSink {
    /// Takes in `image`; `layers` has the stored bytes of its layers by digest, and may be asked
    /// from several threads and more than once for each. Layers that are there already may be left
    /// alone. The image can be found when everything it names is there, and not before.
    fn put(&mut self, image: &Image, layers: &dyn ContentSource) -> Result<(), TransferError>;
}

/// Why an image was not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// A layout, or a document of an image.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// An archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A source or sink of another crate.
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}

impl TransferError {
    /// What the user can do about it. Of an error of another crate, that crate knows.
    pub fn fix(&self) -> Option<String> {
        match self {
            TransferError::Layout(error) => error.fix(),
            TransferError::Archive(error) => error.fix(),
            TransferError::Other(_) => None,
        }
    }
}

/// The documents of the image that `source` has for `platform`, each checked by size and digest
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
