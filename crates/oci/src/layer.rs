//! Layers: encodes a [`Tree`](crate::Tree) as the bytes of a layer, and decodes them. The
//! [`Profile`](crate::Profile) has the rules of the encoding. Nothing here depends on the machine.

mod blocks;
mod decode;
mod encode;
mod error;
mod options;
mod whiteout;

pub use decode::{DecodedLayer, OmittedMember, decode_layer, uncompressed};
pub use encode::{EncodedLayer, encode_layer};
pub use error::LayerError;
pub use options::{Compression, LayerOptions};
