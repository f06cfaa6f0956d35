//! Layers: a [`Tree`](crate::Tree) to the bytes of a layer and back. How it is written is the
//! [`Profile`](crate::Profile)'s; nothing here asks the machine for anything.

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
