//! The image's documents: configuration, manifest, index. Values in, canonical JSON out, and
//! strict readers for documents of other tools. `oci-spec` knows the wire format; the types
//! here are what the rest of Packwright works with.

mod assemble;
mod config;
mod descriptor;
mod documents;
mod error;
mod manifest;
pub mod media_type;
mod time;
mod validate;

pub use config::{History, ImageConfig};
pub use descriptor::{Descriptor, Platform, verified};
pub use documents::{Image, LayerDescriptor};
pub use error::{ImageError, Violation};
pub use manifest::{Index, Manifest, ManifestOrIndex};
pub use time::{parse_rfc3339, rfc3339};
pub use validate::validate;

#[cfg(test)]
mod tests;
