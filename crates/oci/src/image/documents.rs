//! [`Image`]: the documents of an image, and what can be read from them.

use std::collections::BTreeMap;

use super::config::ImageConfig;
use super::descriptor::{Descriptor, verified};
use super::error::ImageError;
use super::manifest::Manifest;
use super::media_type;
use crate::digest::{DiffId, Digest};
use crate::layer::EncodedLayer;

/// An image without the bytes of its layers. The documents are kept as bytes, because their
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
    /// The descriptor by which a manifest names the layer.
    pub fn descriptor(&self) -> Descriptor {
        Descriptor {
            annotations: self.annotations.clone(),
            ..Descriptor::new(&self.media_type, self.digest, self.size)
        }
    }
}

impl Image {
    /// The image of these documents, which another tool wrote; their bytes are not changed.
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

    /// The media type in the manifest.
    pub fn media_type(&self) -> Result<String, ImageError> {
        Ok(Manifest::parse(&self.manifest)?.media_type)
    }

    /// The descriptor by which an index names the image, with the platform of its configuration.
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
