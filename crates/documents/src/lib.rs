//! Texts of JSON, YAML and TOML as one type of value that knows its lines.
//!
//! A reader ([`json()`], [`yaml()`], [`toml()`]) takes text and gives a [`Value`] or says where and why
//! it cannot be read; what the value means is decided elsewhere. A printer ([`to_json`], [`to_yaml`],
//! [`to_toml`]) makes a text of a value. Nothing here opens a file, and no text makes a reader panic,
//! recurse without a limit or take more than linear time (but for sorting keys): see [`limits`].
//!
//! What is the same for all formats: a byte order mark at the start is skipped, lines end with LF,
//! CR LF or CR, lines and columns are counted from 1, columns in characters, and a number keeps its
//! spelling, since `1.10` is a version more often than not.
//!
//! The grammars are those of kept crates (`jsonc-parser`, `granit-parser`, `toml`), which track
//! positions; `serde` would lose them.

mod json;
pub mod limits;
mod place;
mod print;
mod toml;
mod value;
mod yaml;

pub use crate::print::scalars::Unprintable;
pub use json::{json, json_strict, json5};
pub use place::Broken;
pub use print::{to_json, to_toml, to_yaml};
pub use toml::toml;
pub use value::{Content, Entry, Value};
pub use yaml::yaml;
