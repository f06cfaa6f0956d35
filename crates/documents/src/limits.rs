//! How much a text may ask for. What lies above is [`Broken`](crate::Broken) with its place.

/// How deep values may lie in each other: a text in a map in a list at the top lies two deep.
pub const DEPTH: usize = 64;

/// How long a text may be, in bytes. The largest lock files of public repositories have a third.
pub const SIZE: usize = 16 * 1024 * 1024;

/// How much the aliases of one YAML text may stand for, all together: a value counts as one, and so
/// do every 16 bytes of text.
pub const ALIASED: usize = 100_000;

/// How much may lie below the anchors of one YAML text, counted as for [`ALIASED`]; what lies below
/// two anchors counts twice.
pub const ANCHORED: usize = 1_000_000;
