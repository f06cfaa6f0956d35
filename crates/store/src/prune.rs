//! How much the store holds, and making it hold less: mark what recent records and caches name,
//! sweep the rest.

use std::collections::BTreeSet;
use std::fs::{self, Metadata, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use packwright_oci::{Digest, Node};

use crate::{Kind, Store, StoreError, records, remove_tree, store};

/// What may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// Everything goes.
    pub all: bool,
    /// What was last used longer ago goes.
    pub older_than: Option<Duration>,
    /// What was used longest ago goes until no more than so many bytes are left.
    pub max_size: Option<u64>,
}

/// One part of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Room {
    /// How many entries.
    pub count: u64,
    /// Space on disk in bytes, without what other parts share by hard links.
    pub bytes: u64,
}

/// What the store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Info {
    /// File contents, twins of executables among them.
    pub files: Room,
    /// Packages, indexes, layers, configurations.
    pub blobs: Room,
    /// Trees.
    pub trees: Room,
    /// Directories of trees.
    pub roots: Room,
    /// Results of earlier work.
    pub records: Room,
    /// Directories that steps keep for themselves.
    pub caches: Room,
}

/// What was removed.
pub type Pruned = Info;

impl Info {
    /// All parts together, in bytes.
    pub fn bytes(&self) -> u64 {
        [self.files, self.blobs, self.trees, self.roots, self.records, self.caches]
            .iter()
            .map(|room| room.bytes)
            .sum()
    }
}

impl Room {
    fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }
}

/// Something that is used or not, and keeps other things.
struct Keeper {
    path: PathBuf,
    used: SystemTime,
    bytes: u64,
    /// Of a record; `None` for a cache.
    names: Option<Vec<Digest>>,
}

/// What stays.
#[derive(Default)]
struct Marked {
    trees: BTreeSet<Digest>,
    contents: BTreeSet<Digest>,
    bytes: u64,
}

impl Store {
    /// How much each part holds. Others may be writing meanwhile.
    pub fn info(&self) -> Result<Info, StoreError> {
        let mut info = Info::default();
        self.each_content("files", &mut |_, found, _| Ok(info.files.add(on_disk(found))))?;
        self.each_content("blobs", &mut |_, found, _| Ok(info.blobs.add(on_disk(found))))?;
        for (path, found) in entries(&self.path().join("trees"))? {
            let _ = path;
            info.trees.add(on_disk(&found));
        }
        for (path, found) in entries(&self.path().join("roots"))? {
            if found.is_dir() {
                info.roots.add(usage(&path)?);
            }
        }
        for keeper in self.keepers()? {
            match keeper.names {
                Some(_) => info.records.add(keeper.bytes),
                None => info.caches.add(keeper.bytes),
            }
        }
        Ok(info)
    }

    /// Removes what `policy` lets go: records and caches first, then every tree, root, content
    /// and blob that no record names, directly or through a tree. Gives what was removed.
    ///
    /// What was stored since the last record was written goes too: keep nothing in hand.
    ///
    /// Errors: [`StoreError::Busy`] while anybody else has the store open.
    pub fn prune(&mut self, policy: &Policy) -> Result<Pruned, StoreError> {
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

    fn prune_alone(&self, policy: &Policy) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned::default();
        let mut keepers = self.keepers()?;
        keepers.sort_by(|a, b| b.used.cmp(&a.used).then_with(|| a.path.cmp(&b.path)));
        let oldest = policy.older_than.and_then(|age| store::now().checked_sub(age));
        let mut marked = Marked::default();
        let mut full = policy.all;
        for keeper in keepers {
            let too_old = oldest.is_some_and(|oldest| keeper.used < oldest);
            if !full && !too_old {
                let before = marked.bytes;
                marked.bytes += keeper.bytes;
                let mut added = Marked::default();
                for name in keeper.names.iter().flatten() {
                    self.mark(name, &marked, &mut added)?;
                }
                marked.bytes += added.bytes;
                full = policy.max_size.is_some_and(|most| marked.bytes > most);
                if !full {
                    marked.trees.extend(added.trees);
                    marked.contents.extend(added.contents);
                    continue;
                }
                marked.bytes = before;
            }
            remove_tree_or_file(&keeper.path)?;
            match keeper.names {
                Some(_) => pruned.records.add(keeper.bytes),
                None => pruned.caches.add(keeper.bytes),
            }
        }
        self.sweep(&marked, &mut pruned)?;
        Ok(pruned)
    }

    /// Adds to `added` what `digest` keeps and `marked` does not have yet.
    fn mark(&self, digest: &Digest, marked: &Marked, added: &mut Marked) -> Result<(), StoreError> {
        self.mark_content(digest, marked, added);
        if marked.trees.contains(digest) || added.trees.contains(digest) {
            return Ok(());
        }
        let tree = match self.tree(digest) {
            Ok(tree) => tree,
            Err(StoreError::Missing { .. } | StoreError::Corrupted { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        added.trees.insert(*digest);
        added.bytes += space(&self.tree_path(digest));
        for (_, entry) in tree.iter() {
            if let Node::File { digest, .. } = &entry.node {
                self.mark_content(digest, marked, added);
            }
        }
        Ok(())
    }

    fn mark_content(&self, digest: &Digest, marked: &Marked, added: &mut Marked) {
        if marked.contents.contains(digest) || !added.contents.insert(*digest) {
            return;
        }
        added.bytes += space(&self.blob_path(digest))
            + space(&self.file_path(digest, false))
            + space(&self.file_path(digest, true));
    }

    fn sweep(&self, marked: &Marked, pruned: &mut Pruned) -> Result<(), StoreError> {
        for (path, found) in entries(&self.path().join("roots"))? {
            let kept = digest_of(&path).is_some_and(|digest| marked.trees.contains(&digest));
            if kept {
                continue;
            }
            if found.is_dir() {
                pruned.roots.add(usage(&path)?);
            }
            remove_tree_or_file(&path)?;
        }
        for (path, found) in entries(&self.path().join("trees"))? {
            if digest_of(&path).is_none_or(|digest| !marked.trees.contains(&digest)) {
                remove_tree_or_file(&path)?;
                pruned.trees.add(on_disk(&found));
            }
        }
        for (room, count) in [("files", &mut pruned.files), ("blobs", &mut pruned.blobs)] {
            self.each_content(room, &mut |path, found, digest| {
                if digest.is_none_or(|digest| !marked.contents.contains(&digest)) {
                    remove_tree_or_file(path)?;
                    count.add(on_disk(found));
                }
                Ok(())
            })?;
        }
        for (path, _) in entries(&self.path().join("locks"))? {
            // Nobody else has the store open, so nobody holds or awaits any of these.
            if !path.ends_with("store") && !path.ends_with("scratch") {
                remove_tree_or_file(&path)?;
            }
        }
        Ok(())
    }

    /// Calls `each` with path, metadata and digest of everything in the folders of `room`.
    fn each_content(
        &self,
        room: &str,
        each: &mut dyn FnMut(&Path, &Metadata, Option<Digest>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for (folder, found) in entries(&self.path().join(room))? {
            if !found.is_dir() {
                continue;
            }
            for (path, found) in entries(&folder)? {
                each(&path, &found, digest_of(&path))?;
            }
        }
        Ok(())
    }

    /// All records and caches. Damaged records are removed.
    fn keepers(&self) -> Result<Vec<Keeper>, StoreError> {
        let mut keepers = Vec::new();
        for kind in Kind::ALL {
            for (path, found) in entries(&self.path().join("records").join(kind.name()))? {
                let bytes = fs::read(&path).map_err(StoreError::io("read", &path))?;
                let value = records::checked(&bytes)
                    .and_then(|(json, _)| serde_json::from_slice::<serde_json::Value>(json).ok());
                let Some(value) = value else {
                    self.discard(&path, "its bytes are not those that were written");
                    continue;
                };
                let mut names = Vec::new();
                collect(&value, &mut names);
                let used = used(&found);
                keepers.push(Keeper { path, used, bytes: on_disk(&found), names: Some(names) });
            }
        }
        for (path, found) in entries(&self.path().join("caches"))? {
            let bytes = usage(&path)?;
            keepers.push(Keeper { path, used: used(&found), bytes, names: None });
        }
        Ok(keepers)
    }
}

/// All digests that stand anywhere in `value`.
fn collect(value: &serde_json::Value, names: &mut Vec<Digest>) {
    match value {
        serde_json::Value::String(text) => names.extend(text.parse::<Digest>()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                names.extend(name.parse::<Digest>());
                collect(value, names);
            }
        }
        _ => {}
    }
}

/// Records and caches carry the time of their last use.
fn used(found: &Metadata) -> SystemTime {
    found.modified().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The entries of a directory of ours. What vanishes meanwhile was never there.
fn entries(dir: &Path) -> Result<Vec<(PathBuf, Metadata)>, StoreError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(StoreError::io("list", dir))? {
        let entry = entry.map_err(StoreError::io("list", dir))?;
        match entry.metadata() {
            Ok(metadata) => found.push((entry.path(), metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::io("look at", entry.path())(error)),
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// The digest that names an entry, without its extension.
fn digest_of(path: &Path) -> Option<Digest> {
    Digest::from_hex(path.file_stem()?.to_str()?).ok()
}

fn on_disk(found: &Metadata) -> u64 {
    const UNIT: u64 = 512; // of `st_blocks`, whatever the file system
    found.blocks() * UNIT
}

fn space(path: &Path) -> u64 {
    fs::symlink_metadata(path).map_or(0, |found| on_disk(&found))
}

/// The space that removing a directory frees: without files that have other names elsewhere.
fn usage(dir: &Path) -> Result<u64, StoreError> {
    let mut bytes = space(dir);
    let mut pending = vec![dir.to_owned()];
    while let Some(dir) = pending.pop() {
        let listed = match entries(&dir) {
            // A step may have left directories that nobody may read.
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => {
                continue;
            }
            other => other?,
        };
        for (path, found) in listed {
            if found.is_dir() {
                pending.push(path);
            }
            if found.is_dir() || found.nlink() == 1 {
                bytes += on_disk(&found);
            }
        }
    }
    Ok(bytes)
}

fn remove_tree_or_file(path: &Path) -> Result<(), StoreError> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => remove_tree(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io("remove", path)(error)),
        _ => Ok(()),
    }
}
