//! Garbage collection: mark what recent records and caches name, sweep the rest.

use std::collections::BTreeSet;
use std::fs::{self, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use packwright_oci::{Digest, Node};

use crate::error::StoreError;
use crate::lock::{self, LockKind, LockWait};
use crate::store::{self, IN_USE, Store, TURN};
use crate::usage::{StoreUsage, entries, on_disk, size_of_dir, space};

/// What [`Store::prune`] removes. By default only what no record names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PrunePolicy {
    /// Remove everything.
    pub all: bool,
    /// Remove records and caches that were last used longer ago than this.
    pub older_than: Option<Duration>,
    /// Remove the least recently used records and caches until at most this many bytes are left.
    pub max_size: Option<u64>,
}

impl PrunePolicy {
    /// The same policy with another `all`.
    pub fn with_all(mut self, all: bool) -> PrunePolicy {
        self.all = all;
        self
    }

    /// The same policy with another `older_than`.
    pub fn with_older_than(mut self, older_than: Option<Duration>) -> PrunePolicy {
        self.older_than = older_than;
        self
    }

    /// The same policy with another `max_size`.
    pub fn with_max_size(mut self, max_size: Option<u64>) -> PrunePolicy {
        self.max_size = max_size;
        self
    }
}

/// What was removed.
pub type Pruned = StoreUsage;

/// What is reachable from the records and caches that stay.
#[derive(Default)]
struct Reachable {
    trees: BTreeSet<Digest>,
    contents: BTreeSet<Digest>,
    bytes: u64,
}

impl Store {
    /// Removes records and caches as `policy` says, then every tree, root, content and blob that no
    /// remaining record names, directly or through a tree. Gives what was removed.
    ///
    /// Contents that no record names yet are removed as well, so call it between builds only. Roots do not
    /// count towards `max_size`, since most of their files are hard links to contents that count already.
    ///
    /// Errors: [`StoreError::Busy`] while another process or another [`Store`] has the directory open.
    pub fn prune(&mut self, policy: &PrunePolicy) -> Result<Pruned, StoreError> {
        let result = match self.in_use.try_lock() {
            Ok(()) => self.prune_alone(policy),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy { path: self.path().to_owned() }),
            Err(TryLockError::Error(source)) => Err(StoreError::io("lock", self.path())(source)),
        };
        // A failed try has given up the shared lock as well.
        //
        // Source: flock(2), "Converting a lock".
        self.in_use.lock_shared().map_err(StoreError::io("lock", self.path()))?;
        result
    }

    /// [`Store::prune`], but waits until no other process or [`Store`] has the directory open. Those that open it
    /// meanwhile wait until it is pruned, so that the turn comes in a store that is always in use.
    ///
    /// `waiting` is called before every pause, see [`Store::lock`].
    pub fn prune_when_free(
        &mut self,
        policy: &PrunePolicy,
        waiting: &mut dyn FnMut(&LockWait<'_>) -> bool,
    ) -> Result<Pruned, StoreError> {
        let (turn_path, in_use_path) = (self.path().join(TURN), self.path().join(IN_USE));
        // Another one that waits for its turn must not wait for us.
        self.in_use.unlock().map_err(StoreError::io("unlock", &in_use_path))?;
        let turn = lock::open(&turn_path)?;
        let result = lock::lock_file(&turn, &turn_path, LockKind::Exclusive, waiting)
            .and_then(|()| lock::lock_file(&self.in_use, &in_use_path, LockKind::Exclusive, waiting))
            .and_then(|()| self.prune_alone(policy));
        self.in_use.lock_shared().map_err(StoreError::io("lock", &in_use_path))?;
        result
    }

    fn prune_alone(&self, policy: &PrunePolicy) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned::default();
        let mut gc_roots = self.gc_roots()?;
        gc_roots.sort_by(|a, b| b.used.cmp(&a.used).then_with(|| a.path.cmp(&b.path)));
        let oldest = policy.older_than.and_then(|age| store::now().checked_sub(age));
        let mut marked = Reachable::default();
        let mut is_full = policy.all;
        for gc_root in gc_roots {
            if !is_full && oldest.is_none_or(|oldest| gc_root.used >= oldest) {
                let added = self.needs(gc_root.names.as_deref().unwrap_or_default(), &marked)?;
                let bytes = marked.bytes + gc_root.bytes + added.bytes;
                is_full = policy.max_size.is_some_and(|most| bytes > most);
                if !is_full {
                    marked.trees.extend(added.trees);
                    marked.contents.extend(added.contents);
                    marked.bytes = bytes;
                    continue;
                }
            }
            self.remove(&gc_root.path)?;
            match gc_root.names {
                Some(_) => pruned.records.add(gc_root.bytes),
                None => pruned.caches.add(gc_root.bytes),
            }
        }
        self.sweep(&marked, &mut pruned)?;
        Ok(pruned)
    }

    /// What is reachable from the digests `names` and not in `marked` yet.
    fn needs(&self, names: &[Digest], marked: &Reachable) -> Result<Reachable, StoreError> {
        let mut added = Reachable::default();
        for name in names {
            self.mark(name, marked, &mut added);
            if marked.trees.contains(name) || added.trees.contains(name) {
                continue;
            }
            let tree = match self.tree(name) {
                Ok(tree) => tree,
                Err(StoreError::Missing { .. } | StoreError::Corrupted { .. }) => continue,
                Err(error) => return Err(error),
            };
            added.trees.insert(*name);
            added.bytes += space(&self.tree_path(name));
            for (_, entry) in tree.iter() {
                if let Node::File { digest, .. } = &entry.node {
                    self.mark(digest, marked, &mut added);
                }
            }
        }
        Ok(added)
    }

    fn mark(&self, digest: &Digest, marked: &Reachable, added: &mut Reachable) {
        if marked.contents.contains(digest) || !added.contents.insert(*digest) {
            return;
        }
        added.bytes += space(&self.blob_path(digest))
            + space(&self.file_path(digest, false))
            + space(&self.file_path(digest, true));
    }

    fn sweep(&self, marked: &Reachable, pruned: &mut Pruned) -> Result<(), StoreError> {
        let goes = |path: &Path, kept: &BTreeSet<Digest>| {
            digest_of(path).is_none_or(|digest| !kept.contains(&digest))
        };
        for (path, found) in entries(&self.path().join("roots"))? {
            if !goes(&path, &marked.trees) {
                continue;
            }
            if found.is_dir() {
                pruned.roots.add(size_of_dir(&path)?);
                // What is noted about a root must not outlive it.
                self.remove(&path.with_extension("made"))?;
            }
            self.remove(&path)?;
        }
        for (path, found) in entries(&self.path().join("trees"))? {
            if goes(&path, &marked.trees) {
                self.remove(&path)?;
                pruned.trees.add(on_disk(&found));
            }
        }
        for (dir, count) in [("files", &mut pruned.files), ("blobs", &mut pruned.blobs)] {
            for (path, found) in self.contents(dir)? {
                if goes(&path, &marked.contents) {
                    self.remove(&path)?;
                    count.add(on_disk(&found));
                }
            }
        }
        for (path, _) in entries(&self.path().join("locks"))? {
            // The store is open here alone, so no build holds or awaits any of these locks.
            if !["store", "turn", "scratch"].iter().any(|kept| path.ends_with(kept)) {
                self.remove(&path)?;
            }
        }
        Ok(())
    }

    /// Removes a file or a whole directory; it is no error when there is none.
    fn remove(&self, path: &Path) -> Result<(), StoreError> {
        let removed = match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => self.retire(path),
            Ok(_) => fs::remove_file(path),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::io("remove", path)(error))
            }
            _ => Ok(()),
        }
    }
}

/// The digest that names an entry, without its extension.
fn digest_of(path: &Path) -> Option<Digest> {
    Digest::from_hex(path.file_stem()?.to_str()?).ok()
}
