//! The ports through which a build keeps results: [`ContentStore`] for bytes by digest, [`ActionCache`] for
//! trees by the key of the work that made them. Implemented by a directory and in memory here; a client of a
//! server can implement them elsewhere.

use std::io::{self, Read};
use std::time::SystemTime;

use packwright_oci::{Digest, Node, Tree};
use serde::{Deserialize, Serialize};

use crate::blobs::StoreBlobs;
use crate::error::StoreError;
use crate::namespace::Namespace;
use crate::store::Store;

/// Bytes by digest, from any thread. What every implementation promises is in
/// [`conformance::content_store`](crate::conformance::content_store).
pub trait ContentStore: Sync {
    /// Whether `digest` is stored with `size` bytes. An implementation may check the length only.
    fn has(&self, digest: &Digest, size: u64) -> Result<bool, StoreError>;

    /// Opens the bytes of `digest`. Reading to the end verifies them: for damaged bytes the last read fails
    /// with [`io::ErrorKind::InvalidData`].
    ///
    /// Errors: [`StoreError::Missing`].
    fn open(&self, digest: &Digest) -> Result<Box<dyn Read + '_>, StoreError>;

    /// Stores what `content` reads to its end; gives its digest and length in bytes.
    ///
    /// Errors: [`StoreError::Mismatch`] when it is not the `expected` digest and length; then nothing
    /// is stored under the expected digest.
    fn put(
        &self,
        content: &mut dyn Read,
        expected: Option<(Digest, u64)>,
    ) -> Result<(Digest, u64), StoreError>;
}

/// Results of work by key, from any thread. A result is a tree; the contents of its files are in
/// the [`ContentStore`] that is used together with the cache. What every implementation promises is in
/// [`conformance::action_cache`](crate::conformance::action_cache).
pub trait ActionCache: Sync {
    /// The result stored under `key`; `None` when there is none, or when it is damaged.
    fn get(&self, namespace: Namespace, key: &Digest) -> Result<Option<ActionResult>, StoreError>;

    /// Stores `tree` under `key` and replaces an earlier one; gives the tree's digest. The caller stores the
    /// contents of its files first.
    ///
    /// Errors: [`StoreError::LooseLink`].
    fn put(&self, namespace: Namespace, key: &Digest, tree: &Tree) -> Result<Digest, StoreError>;
}

/// A result from an [`ActionCache`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionResult {
    /// The result.
    pub tree: Tree,
    /// The digest that [`Store::put_tree`] gives this tree.
    pub digest: Digest,
    /// When it was stored, by the clock of the machine that stored it.
    pub written: SystemTime,
}

/// Whether the contents of all files of `tree` are in `contents`.
pub fn has_all(contents: &dyn ContentStore, tree: &Tree) -> Result<bool, StoreError> {
    for (_, entry) in tree.iter() {
        if let Node::File { digest, size } = &entry.node
            && !contents.has(digest, *size)?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Copies the file contents of `tree` that `to` lacks from `from`; each is checked against its digest.
pub fn copy_all(from: &dyn ContentStore, to: &dyn ContentStore, tree: &Tree) -> Result<(), StoreError> {
    for (_, entry) in tree.iter() {
        if let Node::File { digest, size } = &entry.node
            && !to.has(digest, *size)?
        {
            to.put(&mut from.open(digest)?, Some((*digest, *size)))?;
        }
    }
    Ok(())
}

/// The file contents of a store, which its trees name and its roots link to.
#[derive(Debug, Clone, Copy)]
pub struct StoreFiles<'a>(pub &'a Store);

impl ContentStore for StoreFiles<'_> {
    fn has(&self, digest: &Digest, size: u64) -> Result<bool, StoreError> {
        Ok(self.0.has_file(digest, size))
    }

    fn open(&self, digest: &Digest) -> Result<Box<dyn Read + '_>, StoreError> {
        Ok(Box::new(self.0.open_file(digest)?))
    }

    fn put(
        &self,
        content: &mut dyn Read,
        expected: Option<(Digest, u64)>,
    ) -> Result<(Digest, u64), StoreError> {
        let found = self.0.add_file(content).map_err(|error| self.own(error))?;
        expect(found, expected)
    }
}

impl StoreFiles<'_> {
    /// The [`StoreError`] that the I/O error carries, or a new one.
    fn own(&self, error: io::Error) -> StoreError {
        match error.downcast::<StoreError>() {
            Ok(error) => error,
            Err(error) => StoreError::io("write", self.0.path())(error),
        }
    }
}

impl ContentStore for StoreBlobs<'_> {
    fn has(&self, digest: &Digest, size: u64) -> Result<bool, StoreError> {
        Ok(self.0.has_blob(digest, Some(size)))
    }

    fn open(&self, digest: &Digest) -> Result<Box<dyn Read + '_>, StoreError> {
        Ok(Box::new(self.0.open_blob(digest)?))
    }

    fn put(
        &self,
        content: &mut dyn Read,
        expected: Option<(Digest, u64)>,
    ) -> Result<(Digest, u64), StoreError> {
        self.0.add_blob(content, expected)
    }
}

/// The record that stores a result.
#[derive(Serialize, Deserialize)]
struct ActionRecord {
    tree: Digest,
    /// The trees that the work was done with, without the algorithm: named so, they are not kept from pruning.
    /// Absent from records of versions that did not note it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made_from: Option<Vec<String>>,
}

/// What the value of a record was made from.
pub(crate) enum MadeFrom {
    /// These trees.
    Trees(Vec<Digest>),
    /// An earlier version wrote the result and did not note it.
    Unknown,
    /// It is no result in an [`ActionCache`].
    NoResult,
}

impl MadeFrom {
    /// What the JSON of a record says.
    pub(crate) fn of_record(json: &[u8]) -> MadeFrom {
        let Ok(record) = serde_json::from_slice::<ActionRecord>(json) else { return MadeFrom::NoResult };
        let Some(names) = record.made_from else { return MadeFrom::Unknown };
        match names.iter().map(|name| Digest::from_hex(name)).collect() {
            Ok(trees) => MadeFrom::Trees(trees),
            Err(_) => MadeFrom::Unknown,
        }
    }
}

impl Store {
    /// Stores `tree` as the result under `key`, as [`ActionCache::put`] does, and notes `made_from`: the stored
    /// trees that the work was done with. When one of their contents turns out to be damaged, the result is
    /// removed.
    pub fn put_result(
        &self,
        namespace: Namespace,
        key: &Digest,
        tree: &Tree,
        made_from: &[Digest],
    ) -> Result<Digest, StoreError> {
        let digest = self.put_tree(tree)?;
        let made_from = Some(made_from.iter().map(Digest::hex).collect());
        self.put_record(namespace, key, &ActionRecord { tree: digest, made_from })?;
        Ok(digest)
    }
}

/// A result is a record that names a stored tree. `put` does not flush the contents of its files to the disk:
/// call [`Store::commit`] before.
impl ActionCache for Store {
    fn get(&self, namespace: Namespace, key: &Digest) -> Result<Option<ActionResult>, StoreError> {
        let Some(record) = self.record::<ActionRecord>(namespace, key)? else { return Ok(None) };
        let digest = record.value.tree;
        match self.tree(&digest) {
            Ok(tree) => Ok(Some(ActionResult { tree, digest, written: record.written })),
            Err(StoreError::Missing { .. } | StoreError::Corrupted { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn put(&self, namespace: Namespace, key: &Digest, tree: &Tree) -> Result<Digest, StoreError> {
        self.put_result(namespace, key, tree, &[])
    }
}

/// `found` when it is what was `expected`.
pub(crate) fn expect(
    found: (Digest, u64),
    expected: Option<(Digest, u64)>,
) -> Result<(Digest, u64), StoreError> {
    match expected {
        Some((digest, size)) if (digest, size) != found => Err(StoreError::Mismatch {
            expected: digest,
            expected_size: size,
            found: found.0,
            found_size: found.1,
        }),
        _ => Ok(found),
    }
}
