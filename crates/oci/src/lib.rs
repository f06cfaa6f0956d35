//! Digests, file trees and the OCI image as pure bytes.
//!
//! This crate turns values into bytes and bytes into values: a [`Tree`] into a layer, layers
//! and a configuration into an image, an image into a layout or an archive. It opens no file
//! and no socket; content comes through [`Contents`], results leave through `io::Write`.

mod digest;
mod path;
mod tree;

pub use digest::{DiffId, Digest, DigestError, Hasher};
pub use path::{PathError, RelPath};
pub use tree::{Contents, Entry, Node, Tree, TreeError};
