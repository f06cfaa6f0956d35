//! What every implementation of the ports of images promises, as a test suite that any crate can run on its
//! implementation. Each function returns the first promise that is broken.

use std::collections::BTreeMap;
use std::io::Read;

use crate::contents::MemoryStore;
use crate::digest::{DiffId, Digest};
use crate::image::{Image, ImageConfig, LayerDescriptor};
use crate::ports::{ImageSink, ImageSource, TransferError, pull};

/// A description of the promise that is broken.
pub type BrokenPromise = String;

fn promise(holds: bool, promise: &str) -> Result<(), BrokenPromise> {
    match holds {
        true => Ok(()),
        false => Err(promise.to_owned()),
    }
}

fn succeeds<T>(result: Result<T, TransferError>, what: &str) -> Result<T, BrokenPromise> {
    result.map_err(|error| format!("{what}: {error:?}"))
}

/// A small image with one uncompressed layer of `bytes`, and a store that holds the layer.
pub fn image(bytes: &[u8]) -> Result<(Image, MemoryStore), BrokenPromise> {
    let mut layers = MemoryStore::new();
    let digest = layers.insert(bytes);
    let layer = LayerDescriptor {
        media_type: "application/vnd.oci.image.layer.v1.tar".to_owned(),
        digest,
        size: bytes.len() as u64,
        diff_id: DiffId(digest),
        annotations: BTreeMap::new(),
    };
    let config =
        ImageConfig { architecture: "amd64".to_owned(), os: "linux".to_owned(), ..ImageConfig::default() };
    let image = Image::assemble(&config, vec![layer], BTreeMap::new())
        .map_err(|error| format!("the suite's image is not valid: {error}"))?;
    Ok((image, layers))
}

/// Tests the promises of an [`ImageSink`]. `visible` gives the digest of the image that a reader finds under
/// the sink's name.
pub fn image_sink<S: ImageSink>(
    sink: &mut S,
    visible: &dyn Fn(&S) -> Option<Digest>,
) -> Result<(), BrokenPromise> {
    let (first, layers) = image(&[1; 3_000])?;
    let (second, more) = image(&[2; 70_000])?;

    promise(sink.put(&first, &MemoryStore::new()).is_err(), "an image without its layers is refused")?;
    promise(visible(sink).is_none(), "an image that was refused cannot be found")?;

    succeeds(sink.put(&first, &layers), "putting an image")?;
    promise(visible(sink) == Some(first.digest), "an image that was put is found")?;
    succeeds(sink.put(&first, &layers), "putting it again")?;
    promise(visible(sink) == Some(first.digest), "the same image may be put twice")?;

    succeeds(sink.put(&second, &more), "putting another image under the name")?;
    promise(visible(sink) == Some(second.digest), "the last image put has the name")
}

/// Tests the promises of an [`ImageSource`] that holds `image` with its `layers`.
pub fn image_source(
    source: &dyn ImageSource,
    image: &Image,
    layers: &MemoryStore,
) -> Result<(), BrokenPromise> {
    let platform =
        succeeds(image.descriptor().map_err(|error| TransferError::Layout(error.into())), "describing")?
            .platform
            .ok_or("the suite's image has a platform")?;
    let found = succeeds(pull(source, &platform), "pulling")?;
    promise(found == *image, "the image pulled is the one that is there")?;
    for layer in &found.layers {
        let mut bytes = Vec::new();
        let read = source.open(&layer.descriptor()).and_then(|mut blob| blob.read_to_end(&mut bytes));
        promise(read.is_ok() && layers.get(&layer.digest) == Some(&bytes), "a layer has its stored bytes")?;
    }
    let absent = crate::image::Descriptor::of("application/octet-stream", b"what no image has");
    promise(source.open(&absent).is_err(), "what is not there cannot be opened")
}
