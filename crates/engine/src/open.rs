//! [`open_image`]: an image that is somewhere already, as values.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use packwright_oci::archive::read_oci_archive;
use packwright_oci::{
    ArchiveLimits, ContentSink, Descriptor, Digest, Image, ImageConfig, ImageSource, Platform, TransferError,
    Tree, decode_layer, pull,
};
use packwright_store::Store;

use crate::context::BuildContext;
use crate::destination::Destination;
use crate::error::BuildError;
use crate::layout_dir::LayoutDir;
use crate::packages::Files;

/// An image that was read.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Its documents.
    pub image: Image,
    /// Its configuration.
    pub config: ImageConfig,
    /// All its files, the layers applied to each other.
    pub root: Tree,
}

/// Reads the image at `place`, an OCI layout or an archive of one. Its files are in the store
/// afterwards. Every digest is checked.
///
/// Errors: a docker archive, which only leaves; damaged or hostile layers; no such image there.
pub fn open_image(context: &BuildContext<'_>, place: &Destination) -> Result<Opened, BuildError> {
    match place {
        Destination::Layout { dir, tag } => {
            open_from(context, &LayoutDir { dir: dir.clone(), tag: tag.clone() })
        }
        Destination::OciArchive { file, tag } => {
            let archive =
                fs::File::open(file).map_err(|source| BuildError::Disk { path: file.clone(), source })?;
            let layout = read_oci_archive(archive, &mut Blobs(context.store), &ArchiveLimits::default())?;
            let descriptor = layout.find(Some(tag))?.clone();
            open_from(context, &Unpacked { store: context.store, descriptor })
        }
        Destination::DockerArchive { file, .. } => {
            Err(BuildError::NotReadable { path: Path::new(file).to_owned() })
        }
    }
}

/// An archive whose blobs are in the store.
struct Unpacked<'a> {
    store: &'a Store,
    descriptor: Descriptor,
}

impl ImageSource for Unpacked<'_> {
    fn descriptor(&self) -> Result<Descriptor, TransferError> {
        Ok(self.descriptor.clone())
    }

    fn open(&self, descriptor: &Descriptor) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.store.open_blob(&descriptor.digest)?))
    }
}

/// Reads the image that `source` has for the context's architecture. Its files are in the store
/// afterwards. Every digest is checked.
pub fn open_from(context: &BuildContext<'_>, source: &dyn ImageSource) -> Result<Opened, BuildError> {
    let platform = Platform {
        os: "linux".to_owned(),
        architecture: context.architecture.name().to_owned(),
        variant: None,
    };
    let image = pull(source, &platform)?;
    let (config, _) = ImageConfig::parse(&image.config)?;
    let mut root = Tree::new();
    for layer in &image.layers {
        context.check_stop()?;
        let blob = source.open(&layer.descriptor()).map_err(|source| context.disk(source))?;
        // The diff id is the digest of all that was decoded, so it stands for the stored bytes.
        let decoded = decode_layer(blob, &mut Files(context.store), &ArchiveLimits::default())?;
        if decoded.diff_id != layer.diff_id {
            return Err(BuildError::LayerDiffers { expected: layer.diff_id, found: decoded.diff_id });
        }
        root = decoded.over(root);
    }
    Ok(Opened { image, config, root })
}

/// The store as the place where an archive puts its blobs.
struct Blobs<'a>(&'a Store);

impl ContentSink for Blobs<'_> {
    fn store(&mut self, content: &mut dyn Read) -> io::Result<(Digest, u64)> {
        self.0.add_blob(content, None).map_err(io::Error::other)
    }
}
