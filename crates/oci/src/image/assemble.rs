//! Assembles a new image from a configuration and layers.

use std::collections::BTreeMap;

use super::config::ImageConfig;
use super::descriptor::Descriptor;
use super::documents::{Image, LayerDescriptor};
use super::error::ImageError;
use super::manifest::Manifest;
use super::{media_type, validate::validate};
use crate::digest::{DiffId, Digest};
use crate::layer::Compression;

impl Image {
    /// Makes the documents of an image from its configuration and its layers, the base first.
    /// `annotations` go into the manifest. Layers with Docker's media type, which older bases
    /// have, get the OCI media type for the same bytes, since an image should not mix the two.
    ///
    /// Errors: a configuration or annotations that [`validate`] rejects; the error lists all
    /// violations.
    pub fn assemble(
        config: &ImageConfig,
        mut layers: Vec<LayerDescriptor>,
        annotations: BTreeMap<String, String>,
    ) -> Result<Image, ImageError> {
        for layer in layers.iter_mut().filter(|layer| layer.media_type == media_type::DOCKER_LAYER) {
            layer.media_type = Compression::Gzip.media_type().to_owned();
        }
        let diff_ids: Vec<DiffId> = layers.iter().map(|layer| layer.diff_id).collect();
        let config = config.to_json(&diff_ids)?;
        let manifest = Manifest {
            media_type: media_type::MANIFEST.to_owned(),
            artifact_type: None,
            config: Descriptor::of(media_type::CONFIG, &config),
            layers: layers.iter().map(LayerDescriptor::descriptor).collect(),
            subject: None,
            annotations,
        };
        let manifest = manifest.to_json()?;
        let image = Image { digest: Digest::of(&manifest), config, manifest, layers };
        match validate(&image) {
            violations if violations.is_empty() => Ok(image),
            violations => Err(ImageError::Invalid(violations)),
        }
    }
}
