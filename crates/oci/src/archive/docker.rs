//! `docker-archive`: what `docker save` writes and `docker load` reads. Its layers are plain
//! tar archives, its configuration is the image's own, so the image keeps its id.
//!
//! ```text
//! <config digest>.json   the configuration
//! <diff id>.tar          a layer, uncompressed
//! manifest.json          [{"Config","Layers","RepoTags"}]
//! ```

use std::collections::BTreeSet;
use std::io::{self, Read, Write};

use serde_json::json;

use super::error::ArchiveError;
use super::writer::ArchiveWriter;
use crate::image::{ImageError, LayerDescriptor};
use crate::ports::{ImageSink, TransferError};
use crate::{ContentSource, Image, LayoutError, canonical_json, uncompressed};

/// `docker-archive` as a sink: each image put into it is an archive of its own in `out`.
pub struct DockerArchive<'a> {
    /// The destination of the archive.
    pub out: &'a mut dyn Write,
    /// The image's names, each with a tag.
    pub names: Vec<String>,
    /// The time of all members, in seconds since 1970.
    pub epoch: u64,
}

impl ImageSink for DockerArchive<'_> {
    fn put(&mut self, image: &Image, layers: &dyn ContentSource) -> Result<(), TransferError> {
        let mut open = |layer: &LayerDescriptor| plain(layers, layer);
        Ok(write_docker_archive(image, &self.names, &mut open, self.epoch, self.out)?)
    }
}

/// The uncompressed archive of a layer. It is read twice: a tar header has the length before the
/// bytes.
fn plain<'a>(layers: &'a dyn ContentSource, layer: &LayerDescriptor) -> io::Result<PlainLayer<'a>> {
    let size = io::copy(&mut uncompressed(layers.open(&layer.digest)?)?, &mut io::sink())?;
    Ok(PlainLayer { size, read: Box::new(uncompressed(layers.open(&layer.digest)?)?) })
}

/// A layer's uncompressed archive.
pub struct PlainLayer<'a> {
    /// Its length in bytes.
    pub size: u64,
    /// Its bytes.
    pub read: Box<dyn Read + 'a>,
}

/// Writes `image` under `names` (each with a tag: `app:latest`) to `out`, its members all of the
/// time `epoch`. `open` gives the *uncompressed* bytes of a layer; they are checked against the
/// layer's diff id on the way.
pub fn write_docker_archive<'a>(
    image: &Image,
    names: &[String],
    open: &mut dyn FnMut(&LayerDescriptor) -> io::Result<PlainLayer<'a>>,
    epoch: u64,
    out: &mut dyn Write,
) -> Result<(), ArchiveError> {
    for name in names {
        check_name(name)?;
    }
    let mut archive = ArchiveWriter { out, epoch };
    let mut written = BTreeSet::new();
    let layer_path = |layer: &LayerDescriptor| format!("{}.tar", layer.diff_id.0.hex());
    for layer in &image.layers {
        let digest = layer.diff_id.0;
        if written.insert(digest) {
            let mut plain = open(layer).map_err(|source| ArchiveError::Blob { digest, source })?;
            archive.copy(&layer_path(layer), &digest, plain.size, &mut plain.read)?;
        }
    }
    let config = format!("{}.json", image.config_digest().hex());
    archive.bytes(&config, &image.config)?;
    let manifest = json!([{
        "Config": config,
        "Layers": image.layers.iter().map(layer_path).collect::<Vec<_>>(),
        "RepoTags": names,
    }]);
    let manifest = canonical_json(&manifest)
        .map_err(|source| LayoutError::Image(ImageError::Json { document: "manifest", source }))?;
    archive.bytes("manifest.json", &manifest)?;
    archive.finish()
}

/// `repository:tag` with the characters that Docker allows.
fn check_name(name: &str) -> Result<(), ArchiveError> {
    let invalid = || ArchiveError::Name(name.to_owned());
    let (repository, tag) = name.rsplit_once(':').ok_or_else(invalid)?;
    let plain_tag = !tag.is_empty()
        && tag.len() <= 128
        && !tag.starts_with(['.', '-'])
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    let plain_repository = repository.split('/').all(|part| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.-:".contains(&byte))
    });
    if plain_tag && plain_repository { Ok(()) } else { Err(invalid()) }
}
