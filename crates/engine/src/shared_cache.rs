//! [`SharedCache`]: the two ports of a cache that machines share, as the caller gives them.

use packwright_store::{ActionCache, ContentStore};

/// A cache that machines share: a build takes results from it that the store does not have, and
/// gives it those that it makes. Contents are checked by digest on their way; that a key has the
/// right result is trusted, so that only those may write to it who may change what is built. Where
/// it fails, the build goes on without it and says so.
#[derive(Clone, Copy)]
pub struct SharedCache<'a> {
    /// Results by key.
    pub actions: &'a dyn ActionCache,
    /// The bytes that results name.
    pub contents: &'a dyn ContentStore,
}
