//! [`Descriptor`]: names a blob by digest and size; [`verified`] checks bytes against it.

use std::collections::BTreeMap;

use oci_spec::image as wire;

use super::error::ImageError;
use crate::digest::Digest;

/// Names a blob by media type, digest and size.
///
/// Source: OCI image-spec, descriptor.md. `urls` and `data` are neither read nor written: `urls` names other
/// places to fetch the content from, `data` embeds it in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// The media type.
    pub media_type: String,
    /// The digest.
    pub digest: Digest,
    /// The length in bytes.
    pub size: u64,
    /// The type of the artifact, for a manifest that is not an image.
    pub artifact_type: Option<String>,
    /// What the image runs on; for manifests in an index.
    pub platform: Option<Platform>,
    /// Free text by key.
    pub annotations: BTreeMap<String, String>,
}

/// The platform that an image runs on, in Go's terms: `amd64`, `linux`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// The processor, as `GOARCH` has it.
    pub architecture: String,
    /// The operating system, as `GOOS` has it.
    pub os: String,
    /// The variant of the processor: `v8` of `arm64`.
    pub variant: Option<String>,
}

impl Descriptor {
    /// A descriptor with the required fields only.
    pub fn new(media_type: &str, digest: Digest, size: u64) -> Descriptor {
        Descriptor {
            media_type: media_type.to_owned(),
            digest,
            size,
            artifact_type: None,
            platform: None,
            annotations: BTreeMap::new(),
        }
    }

    /// The descriptor of `bytes`.
    pub fn of(media_type: &str, bytes: &[u8]) -> Descriptor {
        Descriptor::new(media_type, Digest::of(bytes), bytes.len() as u64)
    }

    pub(super) fn to_wire(&self) -> wire::Descriptor {
        let digest: wire::Digest = self
            .digest
            .to_string()
            .parse()
            .expect("a Digest is always a digest of the specification's grammar");
        let mut descriptor = wire::Descriptor::new(self.media_type.as_str().into(), self.size, digest);
        if let Some(artifact_type) = &self.artifact_type {
            descriptor.set_artifact_type(Some(artifact_type.as_str().into()));
        }
        if let Some(platform) = &self.platform {
            let mut wired = wire::Platform::default();
            wired.set_architecture(platform.architecture.as_str().into());
            wired.set_os(platform.os.as_str().into());
            wired.set_variant(platform.variant.clone());
            descriptor.set_platform(Some(wired));
        }
        descriptor.set_annotations(to_wire_map(&self.annotations));
        descriptor
    }

    pub(super) fn from_wire(wired: &wire::Descriptor) -> Result<Descriptor, ImageError> {
        let digest = wired.digest().to_string();
        Ok(Descriptor {
            media_type: wired.media_type().to_string(),
            digest: digest.parse().map_err(|_| ImageError::DigestAlgorithm(digest.clone()))?,
            size: wired.size(),
            artifact_type: wired.artifact_type().as_ref().map(ToString::to_string),
            platform: wired.platform().as_ref().map(|platform| Platform {
                architecture: platform.architecture().to_string(),
                os: platform.os().to_string(),
                variant: platform.variant().clone(),
            }),
            annotations: from_wire_map(wired.annotations()),
        })
    }
}

pub(super) fn to_wire_map(
    map: &BTreeMap<String, String>,
) -> Option<std::collections::HashMap<String, String>> {
    // The hash map's order never shows: canonical_json sorts.
    (!map.is_empty()).then(|| map.clone().into_iter().collect())
}

pub(super) fn from_wire_map(
    map: &Option<std::collections::HashMap<String, String>>,
) -> BTreeMap<String, String> {
    map.iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Gives `bytes` back if they have the size and digest of `descriptor`. Call it before parsing.
pub fn verified<'a>(bytes: &'a [u8], descriptor: &Descriptor) -> Result<&'a [u8], ImageError> {
    if bytes.len() as u64 != descriptor.size {
        return Err(ImageError::Size {
            digest: descriptor.digest,
            expected: descriptor.size,
            found: bytes.len() as u64,
        });
    }
    let found = Digest::of(bytes);
    if found != descriptor.digest {
        return Err(ImageError::Digest { expected: descriptor.digest, found });
    }
    Ok(bytes)
}
