//! [`Manifests`]: a file of manifests that was read.

use packwright_documents::Value;

use crate::table::Document;

/// A file of manifests.
pub(super) struct Manifests {
    pub(super) document: Document,
    pub(super) values: Vec<Value>,
}
