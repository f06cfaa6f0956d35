//! Manifest and index: strict readers, canonical writers.

use std::collections::BTreeMap;

use oci_spec::image as wire;
use serde_json::Value;

use super::descriptor::{Descriptor, Platform, from_wire_map, to_wire_map};
use super::error::ImageError;
use super::media_type;
use crate::canonical_json;
use crate::json::strict_json;

/// One image, or one artifact that belongs to an image.
///
/// Source: OCI image-spec, manifest.md.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The manifest's own media type: the OCI one, or Docker's.
    pub media_type: String,
    /// The kind of artifact; `None` for images.
    pub artifact_type: Option<String>,
    /// The configuration.
    pub config: Descriptor,
    /// The layers from the base up.
    pub layers: Vec<Descriptor>,
    /// The manifest that this one describes; for SBOMs, provenance and signatures.
    pub subject: Option<Descriptor>,
    /// Free text by key.
    pub annotations: BTreeMap<String, String>,
}

/// Several manifests under one name, usually one per platform.
///
/// Source: OCI image-spec, image-index.md.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// The index's own media type: the OCI one, or Docker's.
    pub media_type: String,
    /// The kind of artifact; `None` for images.
    pub artifact_type: Option<String>,
    /// The manifests. If two match a platform, the first is used.
    pub manifests: Vec<Descriptor>,
    /// The manifest that this index describes.
    pub subject: Option<Descriptor>,
    /// Free text by key.
    pub annotations: BTreeMap<String, String>,
}

/// What a name in a registry can stand for: a manifest or an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestOrIndex {
    /// One image.
    Manifest(Manifest),
    /// Several images.
    Index(Index),
}

impl ManifestOrIndex {
    /// Reads a manifest or an index. `declared` is the media type its descriptor or the
    /// registry's answer gave; the document must agree with it.
    pub fn parse(bytes: &[u8], declared: Option<&str>) -> Result<ManifestOrIndex, ImageError> {
        let value = fields(bytes, "manifest")?;
        let document = if value.get("manifests").is_some() {
            ManifestOrIndex::Index(Index::parse(bytes)?)
        } else {
            ManifestOrIndex::Manifest(Manifest::parse(bytes)?)
        };
        let (name, found) = match &document {
            ManifestOrIndex::Manifest(manifest) => ("manifest", &manifest.media_type),
            ManifestOrIndex::Index(index) => ("index", &index.media_type),
        };
        match declared {
            Some(declared) if declared != found => {
                Err(ImageError::MediaType { document: name, found: found.clone() })
            }
            _ => Ok(document),
        }
    }
}

impl Manifest {
    /// Reads a manifest. The caller has checked its digest with [`verified`](super::verified).
    pub fn parse(bytes: &[u8]) -> Result<Manifest, ImageError> {
        let document = "manifest";
        let value = fields(bytes, document)?;
        let known = [media_type::MANIFEST, media_type::DOCKER_MANIFEST];
        let own = own_media_type(&value, document, known)?;
        let wired: wire::ImageManifest = typed(value, document)?;
        Ok(Manifest {
            media_type: own,
            artifact_type: wired.artifact_type().as_ref().map(ToString::to_string),
            config: Descriptor::from_wire(wired.config())?,
            layers: descriptors(wired.layers())?,
            subject: wired.subject().as_ref().map(Descriptor::from_wire).transpose()?,
            annotations: from_wire_map(wired.annotations()),
        })
    }

    /// The manifest's canonical JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, ImageError> {
        let mut wired = wire::ImageManifestBuilder::default()
            .schema_version(wire::SCHEMA_VERSION)
            .media_type(self.media_type.as_str())
            .config(self.config.to_wire())
            .layers(self.layers.iter().map(Descriptor::to_wire).collect::<Vec<_>>())
            .build()
            .expect("all required fields are set just above");
        wired.set_artifact_type(self.artifact_type.as_deref().map(Into::into));
        wired.set_subject(self.subject.as_ref().map(Descriptor::to_wire));
        wired.set_annotations(to_wire_map(&self.annotations));
        canonical_json(&wired).map_err(|source| ImageError::Json { document: "manifest", source })
    }
}

impl Index {
    /// Reads an index. The caller has checked its digest with [`verified`](super::verified),
    /// unless it is a layout's `index.json`, which has none.
    pub fn parse(bytes: &[u8]) -> Result<Index, ImageError> {
        let document = "index";
        let value = fields(bytes, document)?;
        let own = own_media_type(&value, document, [media_type::INDEX, media_type::DOCKER_INDEX])?;
        let wired: wire::ImageIndex = typed(value, document)?;
        Ok(Index {
            media_type: own,
            artifact_type: wired.artifact_type().as_ref().map(ToString::to_string),
            manifests: descriptors(wired.manifests())?,
            subject: wired.subject().as_ref().map(Descriptor::from_wire).transpose()?,
            annotations: from_wire_map(wired.annotations()),
        })
    }

    /// The index's canonical JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, ImageError> {
        let mut wired = wire::ImageIndexBuilder::default()
            .schema_version(wire::SCHEMA_VERSION)
            .media_type(self.media_type.as_str())
            .manifests(self.manifests.iter().map(Descriptor::to_wire).collect::<Vec<_>>())
            .build()
            .expect("all required fields are set just above");
        wired.set_artifact_type(self.artifact_type.as_deref().map(Into::into));
        wired.set_subject(self.subject.as_ref().map(Descriptor::to_wire));
        wired.set_annotations(to_wire_map(&self.annotations));
        canonical_json(&wired).map_err(|source| ImageError::Json { document: "index", source })
    }

    /// The first manifest for `platform`. An entry without a variant matches every variant, and so does
    /// a `platform` without one.
    pub fn select(&self, platform: &Platform) -> Option<&Descriptor> {
        self.manifests.iter().find(|descriptor| {
            descriptor.platform.as_ref().is_some_and(|offered| {
                offered.architecture == platform.architecture
                    && offered.os == platform.os
                    && (offered.variant.is_none()
                        || platform.variant.is_none()
                        || offered.variant == platform.variant)
            })
        })
    }
}

/// Parses the document and refuses one that could be read as a manifest and as an index.
///
/// Source: CVE-2021-41190; OCI image-spec, manifest.md, "mediaType".
fn fields(bytes: &[u8], document: &'static str) -> Result<Value, ImageError> {
    let value: Value = strict_json(bytes).map_err(|source| ImageError::Json { document, source })?;
    let has = |name: &str| value.get(name).is_some();
    if has("manifests") && (has("layers") || has("config")) || has("fsLayers") {
        return Err(ImageError::Ambiguous);
    }
    match value.get("schemaVersion") {
        Some(version) if version.as_u64() == Some(2) => Ok(value),
        version => {
            let found = version.map_or("none".to_owned(), Value::to_string);
            Err(ImageError::SchemaVersion { document, found })
        }
    }
}

/// The media type in the document, or the OCI type if the document has none.
fn own_media_type(
    value: &Value,
    document: &'static str,
    known: [&'static str; 2],
) -> Result<String, ImageError> {
    match value.get("mediaType") {
        None => Ok(known[0].to_owned()),
        Some(Value::String(text)) if known.contains(&text.as_str()) => Ok(text.clone()),
        Some(found) => {
            let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
            Err(ImageError::MediaType { document, found })
        }
    }
}

fn typed<T: serde::de::DeserializeOwned>(value: Value, document: &'static str) -> Result<T, ImageError> {
    serde_json::from_value(value).map_err(|source| ImageError::Json { document, source })
}

fn descriptors(wired: &[wire::Descriptor]) -> Result<Vec<Descriptor>, ImageError> {
    wired.iter().map(Descriptor::from_wire).collect()
}
