//! [`CachedTree`]: a source tree that reads each of its files once, however many languages ask.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use packwright_oci::RelPath;

use crate::source::{SourceFile, SourceTree};

/// A tree that remembers what was read of another one. A file that cannot be read is asked for again.
pub struct CachedTree<'a> {
    tree: &'a dyn SourceTree,
    contents: Mutex<BTreeMap<RelPath, Vec<u8>>>,
}

impl<'a> CachedTree<'a> {
    /// The same files as `tree`, nothing read yet.
    pub fn new(tree: &'a dyn SourceTree) -> CachedTree<'a> {
        CachedTree { tree, contents: Mutex::default() }
    }
}

impl SourceTree for CachedTree<'_> {
    fn files(&self) -> &[SourceFile] {
        self.tree.files()
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        // The map is whole between any two of its calls, so a panic elsewhere leaves nothing half done.
        let known = |contents: &BTreeMap<RelPath, Vec<u8>>| contents.get(path).cloned();
        if let Some(content) = known(&self.contents.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(content);
        }
        let content = self.tree.read(path)?;
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        contents.insert(path.clone(), content.clone());
        Ok(content)
    }
}
