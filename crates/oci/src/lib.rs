//! Digests, file trees and the OCI image as pure bytes.
//!
//! This crate turns values into bytes and bytes into values: a [`Tree`] into a layer, layers
//! and a configuration into an image, an image into a layout or an archive. It opens no file
//! and no socket; content comes through [`ContentSource`], results leave through `io::Write`.
//!
//! Images are read and written through two ports, [`ImageSource`] and [`ImageSink`]. Layouts and archives
//! implement them here; a registry client can implement them in another crate.

pub mod archive;
pub mod conformance;
mod contents;
mod digest;
pub mod image;
mod json;
mod layer;
pub mod layout;
mod memory;
mod path;
mod ports;
mod profile;
mod tarball;
mod tree;

pub use archive::ArchiveError;
pub use contents::{ContentSink, ContentSource, MemoryStore};
pub use digest::{DiffId, Digest, DigestError, Hasher};
pub use image::{
    Descriptor, History, Image, ImageConfig, ImageError, Index, LayerDescriptor, Manifest, ManifestOrIndex,
    Platform,
};
pub use json::canonical_json;
pub use layer::{
    Compression, DecodedLayer, EncodedLayer, LayerError, LayerOptions, OmittedMember, decode_layer,
    encode_layer, uncompressed,
};
pub use layout::{Layout, LayoutError, LayoutFile};
pub use memory::MemoryLayout;
pub use path::{PathError, RelPath};
pub use ports::{ImageSink, ImageSource, TransferError, pull};
pub use profile::{Profile, UnknownProfile};
pub use tarball::{ArchiveLimits, HeaderError, TarError};
pub use tree::{Entry, Node, Tree, TreeError};
