//! What every implementation of the ports of images promises, as tests that any crate can run on
//! its own. Each function gives the first promise that is broken.

use std::collections::BTreeMap;
use std::io::Read;

use crate::contents::MemoryStore;
use crate::digest::{DiffId, Digest};
use crate::image::{Image, ImageConfig, LayerDescriptor};
use crate::ports::{ImageSink, ImageSource, TransferError, pull};

/// A promise that is broken, in words.
pub type Broken = String;

fn hold(holds: bool, promise: &str) -> Result<(), Broken> {
    match holds {
        true => Ok(()),
        false => Err(promise.to_owned()),
    }
}

fn works<T>(result: Result<T, TransferError>, what: &str) -> Result<T, Broken> {
    result.map_err(|error| format!("{what}: {error:?}"))
}

/// A small image with one uncompressed layer of `bytes`, which is in the store.
pub fn image(bytes: &[u8]) -> Result<(Image, MemoryStore), Broken> {
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

/// The promises of an [`ImageSink`]. `visible` is what a reader of the sink's place finds: the
/// digest of the image under the sink's name.
pub fn image_sink<S: ImageSink>(sink: &mut S, visible: &dyn Fn(&S) -> Option<Digest>) -> Result<(), Broken> {
    let (first, layers) = image(&[1; 3_000])?;
    let (second, more) = image(&[2; 70_000])?;

    hold(sink.put(&first, &MemoryStore::new()).is_err(), "an image without its layers is refused")?;
    hold(visible(sink).is_none(), "an image that was refused cannot be found")?;

    works(sink.put(&first, &layers), "putting an image")?;
    hold(visible(sink) == Some(first.digest), "an image that was put is found")?;
    works(sink.put(&first, &layers), "putting it again")?;
    hold(visible(sink) == Some(first.digest), "the same image may be put twice")?;

    works(sink.put(&second, &more), "putting another image under the name")?;
    hold(visible(sink) == Some(second.digest), "the last image put has the name")
}

/// The promises of an [`ImageSource`] that has `image` with its `layers`.
pub fn image_source(source: &dyn ImageSource, image: &Image, layers: &MemoryStore) -> Result<(), Broken> {
    let platform =
        works(image.descriptor().map_err(|error| TransferError::Layout(error.into())), "describing")?
            .platform
            .ok_or("the suite's image has a platform")?;
    let found = works(pull(source, &platform), "pulling")?;
    hold(found == *image, "the image pulled is the one that is there")?;
    for layer in &found.layers {
        let mut bytes = Vec::new();
        let read = source.open(&layer.descriptor()).and_then(|mut blob| blob.read_to_end(&mut bytes));
        hold(read.is_ok() && layers.get(&layer.digest) == Some(&bytes), "a layer has its stored bytes")?;
    }
    let absent = crate::image::Descriptor::of("application/octet-stream", b"what no image has");
    hold(source.open(&absent).is_err(), "what is not there cannot be opened")
}
