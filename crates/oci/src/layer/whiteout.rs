//! The names that delete files of the layers below.
//!
//! Source: OCI image-spec, layer.md, "Whiteouts" and "Opaque Whiteout".

/// The prefix of a whiteout's name: `.wh.a` deletes `a`.
pub(super) const PREFIX: &str = ".wh.";

/// The member that hides everything the layers below have in its directory.
pub(super) const OPAQUE: &str = ".wh..wh..opq";
