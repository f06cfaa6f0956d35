//! [`open_image`]: reads an existing image from a layout or an archive.

use std::io::{self, Read};
use std::path::Path;

use packwright_oci::archive::read_oci_archive;
use packwright_oci::layout::blob_path;
use packwright_oci::{
    ArchiveLimits, ContentSink, Descriptor, Digest, Hasher, Image, ImageConfig, ImageError, ImageSource,
    LayoutError, Platform, TransferError, Tree, decode_layer, pull,
};
use packwright_store::Store;

use crate::context::BuildContext;
use crate::destination::Destination;
use crate::error::BuildError;
use crate::layout_dir::LayoutDir;
use crate::packages::FileSink;
use crate::regular_file::{FinalLink, open_regular};

/// An image that was read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OpenedImage {
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
pub fn open_image(context: &BuildContext<'_>, place: &Destination) -> Result<OpenedImage, BuildError> {
    match place {
        Destination::Layout { dir, tag } => {
            open_from(context, &LayoutDir { dir: dir.clone(), tag: tag.clone() })
        }
        Destination::OciArchive { file, tag } => {
            let archive = open_regular(file, FinalLink::Followed)
                .map_err(|source| BuildError::Disk { path: file.clone(), source })?;
            let layout = read_oci_archive(archive, &mut BlobSink(context.store), &ArchiveLimits::default())?;
            let descriptor = layout.find(Some(tag))?.clone();
            open_from(context, &ArchivedImage { store: context.store, descriptor })
        }
        Destination::DockerArchive { file, .. } => {
            Err(BuildError::NotReadable { path: Path::new(file).to_owned() })
        }
    }
}

/// An archive whose blobs are in the store.
struct ArchivedImage<'a> {
    store: &'a Store,
    descriptor: Descriptor,
}

impl ImageSource for ArchivedImage<'_> {
    fn descriptor(&self) -> Result<Descriptor, TransferError> {
        Ok(self.descriptor.clone())
    }

    fn open(&self, descriptor: &Descriptor) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.store.open_blob(&descriptor.digest)?))
    }
}

/// Reads the image that `source` has for the context's architecture. Its files are in the store
/// afterwards. Every digest is checked.
pub fn open_from(context: &BuildContext<'_>, source: &dyn ImageSource) -> Result<OpenedImage, BuildError> {
    let platform = Platform {
        os: "linux".to_owned(),
        architecture: context.architecture.name().to_owned(),
        variant: None,
    };
    let image = pull(source, &platform)?;
    let (config, _) = ImageConfig::parse(&image.config)?;
    let mut root = Tree::new();
    for layer in &image.layers {
        context.check_cancelled()?;
        let descriptor = layer.descriptor();
        let blob = source.open(&descriptor).map_err(|source| unreadable(&descriptor, source))?;
        let mut stored =
            StoredLayer { read: blob.take(descriptor.size.saturating_add(1)), hasher: Hasher::new() };
        let decoded = decode_layer(&mut stored, &mut FileSink(context.store), &ArchiveLimits::default());
        // What is wrong with the stored bytes comes first: it explains what a decoder makes of them.
        stored.check(&descriptor)?;
        let decoded = decoded?;
        if decoded.diff_id != layer.diff_id {
            return Err(BuildError::LayerDiffers { expected: layer.diff_id, found: decoded.diff_id });
        }
        root = decoded.over(root);
    }
    Ok(OpenedImage { image, config, root })
}

/// The bytes of a layer on their way to the decoder.
struct StoredLayer<R> {
    read: R,
    hasher: Hasher,
}

impl<R: Read> Read for StoredLayer<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let length = self.read.read(bytes)?;
        self.hasher.update(&bytes[..length]);
        Ok(length)
    }
}

impl<R: Read> StoredLayer<R> {
    /// Reads what the decoder left, and refuses what is not of the size and digest of `descriptor`.
    fn check(mut self, descriptor: &Descriptor) -> Result<(), BuildError> {
        io::copy(&mut self, &mut io::sink()).map_err(|source| unreadable(descriptor, source))?;
        let (digest, expected, found) = (descriptor.digest, descriptor.size, self.hasher.length());
        if found != expected {
            return Err(ImageError::Size { digest, expected, found }.into());
        }
        match self.hasher.finish() {
            found if found != digest => Err(ImageError::Digest { expected: digest, found }.into()),
            _ => Ok(()),
        }
    }
}

fn unreadable(descriptor: &Descriptor, source: io::Error) -> BuildError {
    LayoutError::Read { path: blob_path(&descriptor.digest), source }.into()
}

/// The store as the place where an archive puts its blobs.
struct BlobSink<'a>(&'a Store);

impl ContentSink for BlobSink<'_> {
    fn store(&mut self, content: &mut dyn Read) -> io::Result<(Digest, u64)> {
        self.0.add_blob(content, None).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::SystemTime;

    use packwright_oci::ImageSink;
    use packwright_remote::{Client, ClientOptions};

    use super::*;
    use crate::cancellation::Cancellation;

    /// What opening the layout says after `change` was made to it; `change` gets its directory and the path of the
    /// layer.
    fn said(change: impl Fn(&Path, &Path)) -> String {
        let dir = tempfile::tempdir().unwrap();
        let mut layout = LayoutDir { dir: dir.path().join("layout"), tag: "app".to_owned() };
        let (image, layers) = packwright_oci::conformance::image(&[3; 100]).unwrap();
        layout.put(&image, &layers).unwrap();
        change(&layout.dir, &layout.dir.join(blob_path(&image.layers[0].digest).as_str()));
        let store = Store::open(&dir.path().join("store")).unwrap();
        let client = Client::new(ClientOptions::default()).unwrap();
        let stop = Cancellation::new().unwrap();
        let context = BuildContext::new(&store, &client, &stop, SystemTime::UNIX_EPOCH, &|_| {});
        let error = open_from(&context, &layout).unwrap_err();
        let mut text = error.to_string();
        let mut next = std::error::Error::source(&error);
        while let Some(error) = next {
            text.push_str(&format!(": {error}"));
            next = error.source();
        }
        text
    }

    fn pipe(path: &Path) {
        fs::remove_file(path).unwrap();
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    }

    fn zeros(path: &Path) {
        fs::remove_file(path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", path).unwrap();
    }

    #[test]
    fn a_layout_with_anything_but_regular_files_is_refused() {
        for put in [pipe, zeros] {
            for name in ["oci-layout", "index.json"] {
                let said = said(|dir, _| put(&dir.join(name)));
                assert!(said.ends_with("cannot be read: it is not a regular file"), "{said}");
            }
            let said = said(|_, layer| put(layer));
            assert!(said.ends_with("cannot be read: it is not a regular file"), "{said}");
        }
    }

    #[test]
    fn a_document_larger_than_any_is_refused_by_its_size() {
        let said = said(|dir, _| {
            fs::File::options().write(true).open(dir.join("index.json")).unwrap().set_len(1 << 40).unwrap();
        });
        assert!(said.ends_with("it has more than 8388608 bytes"), "{said}");
    }

    #[test]
    fn stored_bytes_of_another_size_or_digest_are_refused() {
        let longer = said(|_, layer| {
            let length = fs::metadata(layer).unwrap().len();
            fs::File::options().write(true).open(layer).unwrap().set_len(length + 1).unwrap();
        });
        assert!(longer.contains(" bytes instead of "), "{longer}");
        let shorter = said(|_, layer| fs::write(layer, "").unwrap());
        assert!(shorter.contains(" has 0 bytes instead of "), "{shorter}");
        let other = said(|_, layer| {
            let length = fs::metadata(layer).unwrap().len() as usize;
            fs::write(layer, vec![7; length]).unwrap();
        });
        assert!(other.starts_with("the content of sha256:"), "{other}");
    }
}
