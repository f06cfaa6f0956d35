//! The OCI image layout as a list of files: which files to write, and how to read them back. The caller decides
//! where the files are.
//!
//! ```text
//! blobs/sha256/<hex>   layers, configuration, manifest
//! oci-layout           {"imageLayoutVersion":"1.0.0"}
//! index.json           the images by name; written last, since it makes the rest visible
//! ```
//!
//! Source: OCI image-spec, image-layout.md.

use std::collections::BTreeSet;
use std::io;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::image::{Descriptor, Image, ImageError, Index, ManifestOrIndex, Platform, media_type, verified};
use crate::json::strict_json;
use crate::{Digest, RelPath, canonical_json};

/// The annotation that names an image in a layout.
const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// The version of the layout that is read and written.
const VERSION: &str = "1.0.0";

/// The largest manifest, index or configuration that is read, in bytes. Registries must accept
/// manifests of at least 4 MiB, and few accept more.
pub const MAX_DOCUMENT_SIZE: u64 = 8 << 20;

/// The name of an image for which nobody chose one.
pub const DEFAULT_NAME: &str = "latest";

/// How deep an index may lie in an index.
const MAX_INDEX_DEPTH: usize = 4;

/// Why a layout cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// A file of the layout cannot be read.
    #[error("`{path}` of the image layout cannot be read")]
    Read {
        /// The file below the layout's root.
        path: RelPath,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A document is not what the specification wants.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The layout has an unknown version.
    #[error("the image layout has the version `{0}`, only 1.0.0 is known")]
    Version(String),
    /// A name that the specification does not allow.
    #[error("`{0}` cannot name an image in a layout")]
    Name(String),
    /// The layout has no image of that name.
    #[error("the layout has no image named `{wanted}`, only: {}", names(.known))]
    NoSuchName {
        /// The name asked for.
        wanted: String,
        /// The names there are, in the order of the index.
        known: Vec<String>,
    },
    /// No name was given and there is not exactly one image.
    #[error("the layout has {count} images named: {}", names(.known))]
    NotOne {
        /// How many images there are.
        count: usize,
        /// The names there are, in the order of the index.
        known: Vec<String>,
    },
    /// The index has no image for the platform.
    #[error("there is no image for {os}/{architecture}, only for: {}", names(.known))]
    NoSuchPlatform {
        /// The operating system asked for.
        os: String,
        /// The processor asked for.
        architecture: String,
        /// The platforms in the index.
        known: Vec<String>,
    },
    /// A document that is larger than any valid one.
    #[error("{digest} should be a document but has {size} bytes")]
    TooLarge {
        /// The document.
        digest: Digest,
        /// Its size.
        size: u64,
    },
    /// Indexes are nested too deeply.
    #[error("the index {0} lies too deep in other indexes")]
    TooDeep(Digest),
}

fn names(known: &[String]) -> String {
    if known.is_empty() { "(none)".to_owned() } else { known.join(", ") }
}

impl LayoutError {
    /// What the user can do about it.
    pub fn fix(&self) -> Option<String> {
        match self {
            LayoutError::Image(error) => error.fix(),
            LayoutError::Name(_) => {
                Some("use letters and digits, joined by one of `-._:@+/`, such as `app:1.0`".to_owned())
            }
            LayoutError::NoSuchName { .. } | LayoutError::NotOne { .. } => {
                Some("give one of the names after the path: `oci:DIR:NAME`".to_owned())
            }
            LayoutError::NoSuchPlatform { .. } => {
                Some("ask for one of these platforms or use another image".to_owned())
            }
            LayoutError::Read { .. } => Some("check that the layout is complete".to_owned()),
            LayoutError::Version(_) | LayoutError::TooLarge { .. } | LayoutError::TooDeep(_) => {
                Some("use an image that follows the OCI image specification".to_owned())
            }
        }
    }
}

/// The content of a file of a layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayoutFile {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A layer, which the caller copies from its own storage.
    Blob {
        /// Its digest.
        digest: Digest,
        /// Its length in bytes.
        size: u64,
    },
}

/// The path of a blob in a layout.
pub fn blob_path(digest: &Digest) -> RelPath {
    fixed(&format!("blobs/sha256/{}", digest.hex()))
}

/// The path of the file with the layout's version.
pub fn version_path() -> RelPath {
    fixed("oci-layout")
}

/// The path of the file that lists the layout's images.
pub fn index_path() -> RelPath {
    fixed("index.json")
}

fn fixed(path: &str) -> RelPath {
    path.parse().expect("a path without odd parts is a RelPath")
}

/// The files that add `image` to a layout under `name`, in the order in which they must be written. Blobs
/// that exist already may be skipped. `existing` is the current `index.json` of the layout.
pub fn layout_files(
    image: &Image,
    name: Option<&str>,
    existing: Option<&[u8]>,
) -> Result<Vec<(RelPath, LayoutFile)>, LayoutError> {
    let index = merged_index(existing, &image.descriptor()?, name)?;
    let mut parts = Vec::new();
    let mut written = BTreeSet::new();
    for layer in &image.layers {
        // Two equal layers are one blob.
        if written.insert(layer.digest) {
            let blob = LayoutFile::Blob { digest: layer.digest, size: layer.size };
            parts.push((blob_path(&layer.digest), blob));
        }
    }
    for document in [&image.config, &image.manifest] {
        parts.push((blob_path(&Digest::of(document)), LayoutFile::Bytes(document.clone())));
    }
    parts.push((version_path(), LayoutFile::Bytes(version_file())));
    parts.push((index_path(), LayoutFile::Bytes(index)));
    Ok(parts)
}

/// The content of the file `oci-layout`.
pub fn version_file() -> Vec<u8> {
    format!(r#"{{"imageLayoutVersion":"{VERSION}"}}"#).into_bytes()
}

/// The index `existing` with `descriptor` under `name`. It replaces the image of that name, or is added at
/// the end. Other images and unknown fields are not changed.
pub fn merged_index(
    existing: Option<&[u8]>,
    descriptor: &Descriptor,
    name: Option<&str>,
) -> Result<Vec<u8>, LayoutError> {
    let invalid = |source| ImageError::Json { document: "index", source };
    let mut descriptor = descriptor.clone();
    descriptor.annotations.remove(REF_NAME);
    if let Some(name) = name {
        check_name(name)?;
        descriptor.annotations.insert(REF_NAME.to_owned(), name.to_owned());
    }
    let empty = Index {
        media_type: media_type::INDEX.to_owned(),
        artifact_type: None,
        manifests: Vec::new(),
        subject: None,
        annotations: Default::default(),
    };
    let addition = Index { manifests: vec![descriptor], ..empty.clone() }.to_json()?;
    let addition: Value = strict_json(&addition).map_err(invalid)?;
    let addition = addition["manifests"][0].clone();

    let before = match existing {
        Some(bytes) => {
            Index::parse(bytes)?;
            bytes.to_vec()
        }
        None => empty.to_json()?,
    };
    let mut index: Value = strict_json(&before).map_err(invalid)?;
    let old = index["manifests"].as_array().cloned().unwrap_or_default();
    let name_of = |entry: &Value| entry["annotations"][REF_NAME].as_str().map(str::to_owned);
    let mut manifests: Vec<Value> = Vec::new();
    let mut placed = false;
    for entry in old {
        let same_digest = entry["digest"] == addition["digest"];
        let replaced = match (name_of(&entry), name) {
            (Some(old), Some(new)) => old == new,
            (None, _) => same_digest,
            (Some(_), None) => false,
        };
        if !replaced {
            manifests.push(entry);
        } else if !placed {
            manifests.push(addition.clone());
            placed = true;
        }
    }
    if !placed {
        manifests.push(addition);
    }
    index["manifests"] = json!(manifests);
    Ok(canonical_json(&index).map_err(invalid)?)
}

/// Source: OCI image-spec, annotations.md, "org.opencontainers.image.ref.name".
fn check_name(name: &str) -> Result<(), LayoutError> {
    let plain = |part: &str| {
        let end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let joined = part.replace("--", "-");
        let joins = joined
            .as_bytes()
            .windows(2)
            .all(|pair| pair[0].is_ascii_alphanumeric() || pair[1].is_ascii_alphanumeric());
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:@+".contains(&byte);
        part.bytes().all(allowed) && joins && end(part.bytes().next()) && end(part.bytes().next_back())
    };
    if name.split('/').all(plain) { Ok(()) } else { Err(LayoutError::Name(name.to_owned())) }
}

/// The images of a layout by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    index: Index,
}

impl Layout {
    /// Reads version and index through `read`, which gives the content of a file below the
    /// layout's root.
    pub fn read(read: &mut dyn FnMut(&RelPath) -> io::Result<Vec<u8>>) -> Result<Layout, LayoutError> {
        let mut file = |path: RelPath| read(&path).map_err(|source| LayoutError::Read { path, source });
        let version = file(version_path())?;
        Layout::parse(&version, &file(index_path())?)
    }

    /// Reads the contents of `oci-layout` and `index.json`.
    pub fn parse(version: &[u8], index: &[u8]) -> Result<Layout, LayoutError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Version {
            image_layout_version: String,
        }
        let version: Version =
            strict_json(version).map_err(|source| ImageError::Json { document: "layout", source })?;
        if version.image_layout_version != VERSION {
            return Err(LayoutError::Version(version.image_layout_version));
        }
        Ok(Layout { index: Index::parse(index)? })
    }

    /// The layout's index.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The image of that name; without a name, the only one. The name [`DEFAULT_NAME`] is also the only image's that has
    /// none: podman, skopeo and others write such layouts.
    pub fn find(&self, name: Option<&str>) -> Result<&Descriptor, LayoutError> {
        let manifests = &self.index.manifests;
        let known: Vec<String> =
            manifests.iter().filter_map(|entry| entry.annotations.get(REF_NAME)).cloned().collect();
        match (name, manifests.as_slice()) {
            (None, [only]) => Ok(only),
            (Some(DEFAULT_NAME), [only]) if known.is_empty() => Ok(only),
            (None, _) => Err(LayoutError::NotOne { count: manifests.len(), known }),
            (Some(name), _) => manifests
                .iter()
                .find(|entry| entry.annotations.get(REF_NAME).is_some_and(|own| own == name))
                .ok_or_else(|| LayoutError::NoSuchName { wanted: name.to_owned(), known }),
        }
    }
}

/// Follows `descriptor` to an image: through indexes to the manifest for `platform`, then to
/// the configuration. `fetch` gives a document's bytes; size and digest are checked here before
/// they are parsed.
///
/// Layouts, archives and registries are all read by it.
pub fn read_image(
    descriptor: &Descriptor,
    platform: &Platform,
    fetch: &mut dyn FnMut(&Descriptor) -> io::Result<Vec<u8>>,
) -> Result<Image, LayoutError> {
    let mut document = |descriptor: &Descriptor| -> Result<Vec<u8>, LayoutError> {
        let Descriptor { digest, size, .. } = descriptor;
        if *size > MAX_DOCUMENT_SIZE {
            return Err(LayoutError::TooLarge { digest: *digest, size: *size });
        }
        let bytes =
            fetch(descriptor).map_err(|source| LayoutError::Read { path: blob_path(digest), source })?;
        verified(&bytes, descriptor)?;
        Ok(bytes)
    };
    let mut descriptor = descriptor.clone();
    for _ in 0..MAX_INDEX_DEPTH {
        let bytes = document(&descriptor)?;
        match ManifestOrIndex::parse(&bytes, Some(&descriptor.media_type))? {
            ManifestOrIndex::Manifest(manifest) => {
                let config = document(&manifest.config)?;
                return Ok(Image::from_documents(bytes, config)?);
            }
            ManifestOrIndex::Index(index) => {
                let chosen = index.select(platform).ok_or_else(|| LayoutError::NoSuchPlatform {
                    os: platform.os.clone(),
                    architecture: platform.architecture.clone(),
                    known: platforms(&index),
                })?;
                descriptor = chosen.clone();
            }
        }
    }
    Err(LayoutError::TooDeep(descriptor.digest))
}

fn platforms(index: &Index) -> Vec<String> {
    let platforms = index.manifests.iter().filter_map(|entry| entry.platform.as_ref());
    platforms
        .map(|platform| match &platform.variant {
            Some(variant) => format!("{}/{}/{variant}", platform.os, platform.architecture),
            None => format!("{}/{}", platform.os, platform.architecture),
        })
        .collect()
}
