//! The image's documents: configuration, manifest, index. Values in, canonical JSON out, and
//! strict readers for documents of other tools. `oci-spec` knows the wire format; the types
//! here are what the rest of Packwright works with.

mod config;
mod descriptor;
mod error;
mod manifest;
mod time;
mod validate;

use std::collections::BTreeMap;

pub use config::{History, ImageConfig};
pub use descriptor::{Descriptor, Platform, verified};
pub use error::ImageError;
pub use manifest::{Document, Index, Manifest};
pub use time::{parse_rfc3339, rfc3339};
pub use validate::{Violation, validate};

use crate::{Compression, DiffId, Digest, EncodedLayer};

/// Media types that Packwright reads or writes.
///
/// Source: OCI image-spec, media-types.md, and its table of compatible Docker types.
pub mod media_type {
    /// An image index.
    pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    /// An image manifest.
    pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    /// An image configuration.
    pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
    /// The empty configuration `{}` of an artifact that needs none.
    pub const EMPTY: &str = "application/vnd.oci.empty.v1+json";
    /// Docker's image index.
    pub const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
    /// Docker's image manifest.
    pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
    /// Docker's image configuration.
    pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
    /// Docker's layer: a tar archive with gzip, the same bytes as the OCI type's.
    pub const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
}

/// A whole image but for its layers' bytes. The documents are kept as bytes, because their
/// digests are the image's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The configuration document; its digest is what Docker calls the image's id.
    pub config: Vec<u8>,
    /// The manifest document.
    pub manifest: Vec<u8>,
    /// The layers from the base up.
    pub layers: Vec<LayerDescriptor>,
    /// Digest of the manifest: the image's name in a registry.
    pub digest: Digest,
}

/// One layer of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerDescriptor {
    /// How the bytes are stored.
    pub media_type: String,
    /// Digest of the stored bytes.
    pub digest: Digest,
    /// Length of the stored bytes.
    pub size: u64,
    /// Digest of the uncompressed archive.
    pub diff_id: DiffId,
    /// The annotations of the layer's descriptor.
    pub annotations: BTreeMap<String, String>,
}

impl From<&EncodedLayer> for LayerDescriptor {
    fn from(layer: &EncodedLayer) -> LayerDescriptor {
        LayerDescriptor {
            media_type: layer.media_type.to_owned(),
            digest: layer.digest,
            size: layer.size,
            diff_id: layer.diff_id,
            annotations: BTreeMap::new(),
        }
    }
}

impl LayerDescriptor {
    /// The layer as a manifest names it.
    pub fn descriptor(&self) -> Descriptor {
        Descriptor {
            annotations: self.annotations.clone(),
            ..Descriptor::new(&self.media_type, self.digest, self.size)
        }
    }
}

impl Image {
    /// Makes the documents of an image from its configuration and its layers, the base first.
    /// `annotations` go into the manifest. Layers of Docker's media type, as older bases have
    /// them, get the OCI name of the same thing, since an image should not mix the two.
    ///
    /// Errors: a configuration or annotations that [`validate`] would object to; all objections
    /// are in the error.
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

    /// Takes in the documents of an image made elsewhere; their bytes stay as they are.
    ///
    /// Errors: documents that contradict each other. The caller has checked the manifest's
    /// digest with [`verified`]; the configuration's is checked here.
    pub fn from_documents(manifest: Vec<u8>, config: Vec<u8>) -> Result<Image, ImageError> {
        let parsed = Manifest::parse(&manifest)?;
        verified(&config, &parsed.config)?;
        if !matches!(parsed.config.media_type.as_str(), media_type::CONFIG | media_type::DOCKER_CONFIG) {
            return Err(ImageError::MediaType { document: "configuration", found: parsed.config.media_type });
        }
        let (_, diff_ids) = ImageConfig::parse(&config)?;
        if diff_ids.len() != parsed.layers.len() {
            return Err(ImageError::LayerCount { config: diff_ids.len(), manifest: parsed.layers.len() });
        }
        let layers = parsed.layers.into_iter().zip(diff_ids).map(|(layer, diff_id)| LayerDescriptor {
            media_type: layer.media_type,
            digest: layer.digest,
            size: layer.size,
            diff_id,
            annotations: layer.annotations,
        });
        let layers = layers.collect();
        Ok(Image { digest: Digest::of(&manifest), config, manifest, layers })
    }

    /// The media type the manifest gives itself.
    pub fn media_type(&self) -> Result<String, ImageError> {
        Ok(Manifest::parse(&self.manifest)?.media_type)
    }

    /// The image as an index names it, with the platform of its configuration.
    pub fn descriptor(&self) -> Result<Descriptor, ImageError> {
        let (config, _) = ImageConfig::parse(&self.config)?;
        Ok(Descriptor {
            platform: Some(config.platform()),
            ..Descriptor::of(&self.media_type()?, &self.manifest)
        })
    }

    /// Digest of the configuration.
    pub fn config_digest(&self) -> Digest {
        Digest::of(&self.config)
    }
}

#[cfg(test)]
mod tests;
