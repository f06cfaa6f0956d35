//! [`open_image`]: an image that is somewhere already, as values.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use packwright_oci::archive::read_oci_archive;
use packwright_oci::layout::{blob_path, read_image};
use packwright_oci::{
    ContentSink, Descriptor, Digest, Image, ImageConfig, Layout, Limits, Platform, Tree, decode_layer,
};
use packwright_store::Store;

use crate::packages::Files;
use crate::{BuildContext, BuildError, Destination};

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
            let layout =
                Layout::read(&mut |path| fs::read(dir.join(path.as_str()))).map_err(BuildError::Layout)?;
            let open = |digest: &Digest| fs::File::open(dir.join(blob_path(digest).as_str()));
            read(context, &layout, tag, &open)
        }
        Destination::OciArchive { file, tag } => {
            let archive =
                fs::File::open(file).map_err(|source| BuildError::Disk { path: file.clone(), source })?;
            let layout = read_oci_archive(archive, &mut Blobs(context.store), &Limits::default())?;
            let open = |digest: &Digest| context.store.open_blob(digest).map_err(io::Error::other);
            read(context, &layout, tag, &open)
        }
        Destination::DockerArchive { file, .. } => {
            Err(BuildError::NotReadable { path: Path::new(file).to_owned() })
        }
    }
}

fn read<R: Read>(
    context: &BuildContext<'_>,
    layout: &Layout,
    tag: &str,
    open: &dyn Fn(&Digest) -> io::Result<R>,
) -> Result<Opened, BuildError> {
    let platform = Platform {
        os: "linux".to_owned(),
        architecture: context.architecture.name().to_owned(),
        variant: None,
    };
    let mut document = |descriptor: &Descriptor| -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        open(&descriptor.digest)?.take(descriptor.size + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let image = read_image(layout.find(Some(tag))?, &platform, &mut document)?;
    let (config, _) = ImageConfig::parse(&image.config)?;
    let mut root = Tree::new();
    for layer in &image.layers {
        context.check_stop()?;
        let blob = open(&layer.digest).map_err(|source| context.disk(source))?;
        // The diff id is the digest of all that was decoded, so it stands for the stored bytes.
        let decoded = decode_layer(blob, &mut Files(context.store), &Limits::default())?;
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
