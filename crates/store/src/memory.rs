//! Both ports in memory: for tests, and for builds whose results are not kept.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Mutex, MutexGuard, PoisonError};

use packwright_oci::{Digest, Tree};

use crate::error::StoreError;
use crate::namespace::Namespace;
use crate::ports::{ActionCache, ActionResult, ContentStore, expect};
use crate::{store, trees};

/// A [`ContentStore`] in memory.
#[derive(Debug, Default)]
pub struct MemoryContents {
    contents: Mutex<BTreeMap<Digest, Vec<u8>>>,
}

impl MemoryContents {
    /// How many contents are stored.
    pub fn len(&self) -> usize {
        locked(&self.contents).len()
    }

    /// Whether no content is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl ContentStore for MemoryContents {
    fn has(&self, digest: &Digest, size: u64) -> Result<bool, StoreError> {
        Ok(locked(&self.contents).get(digest).is_some_and(|bytes| bytes.len() as u64 == size))
    }

    fn open(&self, digest: &Digest) -> Result<Box<dyn Read + '_>, StoreError> {
        let found = locked(&self.contents).get(digest).cloned();
        let bytes = found.ok_or(StoreError::Missing { part: "contents", digest: *digest })?;
        Ok(Box::new(std::io::Cursor::new(bytes)))
    }

    fn put(
        &self,
        content: &mut dyn Read,
        expected: Option<(Digest, u64)>,
    ) -> Result<(Digest, u64), StoreError> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes).map_err(|source| StoreError::Backend {
            action: "take in a content",
            place: "memory".to_owned(),
            source: Box::new(source),
        })?;
        let found = expect((Digest::of(&bytes), bytes.len() as u64), expected)?;
        locked(&self.contents).insert(found.0, bytes);
        Ok(found)
    }
}

/// An [`ActionCache`] in memory.
#[derive(Debug, Default)]
pub struct MemoryActions {
    results: Mutex<BTreeMap<(Namespace, Digest), ActionResult>>,
}

impl ActionCache for MemoryActions {
    fn get(&self, namespace: Namespace, key: &Digest) -> Result<Option<ActionResult>, StoreError> {
        Ok(locked(&self.results).get(&(namespace, *key)).cloned())
    }

    fn put(&self, namespace: Namespace, key: &Digest, tree: &Tree) -> Result<Digest, StoreError> {
        trees::refuse_loose_links(tree)?;
        let digest = Digest::of(&trees::json(tree)?);
        let result = ActionResult { tree: tree.clone(), digest, written: store::now() };
        locked(&self.results).insert((namespace, *key), result);
        Ok(digest)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
