//! [`DiskTree`]: a scanned directory as a `SourceTree`. It reads a file only when its content is asked for, and
//! through the open directory, so that neither a renamed parent nor a new link can lead to another file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use packwright_oci::{Digest, Entry, RelPath, Tree, TreeError};
use packwright_planner::{Diagnostic, FileKind, LARGEST_TEXT, SourceFile, SourceTree, find};
use rustix::io::Errno;

use crate::confined_dir::ConfinedDir;
use crate::error::StoreError;
use crate::stat_cache::{self, Stamp, StatCacheEntry};
use crate::store::{self, Store};

/// The files of a directory, as they were when it was scanned.
#[derive(Debug)]
pub struct DiskTree {
    top: ConfinedDir,
    files: Vec<SourceFile>,
    /// One for each of `files`; `None` for links.
    stamps: Vec<Option<Stamp>>,
    /// Digests of what [`SourceTree::read`] gave.
    shown: Mutex<BTreeMap<RelPath, Digest>>,
    left_out: LeftOut,
    diagnostics: Vec<Diagnostic>,
}

/// What the ignore files of a directory leave out.
#[derive(Debug)]
pub(crate) struct LeftOut {
    /// How many files and directories, by the reason.
    pub(crate) ignored: BTreeMap<String, u64>,
    /// Files of the tree that are read and are no part of the image, with the ignore file that says so.
    pub(crate) outside_image: BTreeMap<RelPath, String>,
}

/// Owners and modes of source files in an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceAttributes {
    /// Numeric owner.
    pub uid: u32,
    /// Numeric group.
    pub gid: u32,
    /// Permission bits of files.
    pub file: u32,
    /// Permission bits of files that their owner may execute.
    pub executable: u32,
    /// Permission bits of directories.
    pub dir: u32,
}

/// Why the files could not be copied into the store.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// A file cannot be read, although it could be when the directory was scanned.
    #[error("cannot read `{path}`")]
    Unreadable {
        /// The file.
        path: RelPath,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file is no longer as it was when the directory was scanned.
    #[error("`{path}` changed after the directory was listed")]
    Changed {
        /// The file.
        path: RelPath,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The files do not form a tree, because they changed during the scan.
    #[error("the files changed while they were listed")]
    Inconsistent(#[from] TreeError),
}

impl IngestError {
    /// What the user can do about it.
    pub fn fix(&self) -> Option<String> {
        match self {
            IngestError::Store(error) => error.fix(),
            IngestError::Unreadable { .. } => Some("make it readable, or name it in .slugignore".to_owned()),
            IngestError::Changed { .. } | IngestError::Inconsistent(_) => {
                Some("stop what writes there, or name it in .slugignore, then try again".to_owned())
            }
        }
    }
}

/// Threads that read and hash files.
const THREADS: usize = 2;

impl DiskTree {
    pub(crate) fn new(
        top: ConfinedDir,
        files: Vec<SourceFile>,
        stamps: Vec<Option<Stamp>>,
        left_out: LeftOut,
        diagnostics: Vec<Diagnostic>,
    ) -> DiskTree {
        DiskTree { top, files, stamps, shown: Mutex::default(), left_out, diagnostics }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.top.path()
    }

    /// Warnings about the files, in the order of the scan.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// How many files and directories were left out, by the reason: the name of the ignore file, or a
    /// description. The content of a directory that was left out is not counted.
    pub fn ignored(&self) -> &BTreeMap<String, u64> {
        &self.left_out.ignored
    }

    /// Files of the tree that a plan is made from and that no image has, with the name of the ignore file that
    /// leaves each out.
    pub fn outside_image(&self) -> &BTreeMap<RelPath, String> {
        &self.left_out.outside_image
    }

    /// The files as a tree, as they were when the directory was scanned; their contents go into `store`. A file
    /// whose time stamp proves that it did not change since the last call is not read again.
    ///
    /// Errors: [`IngestError::Changed`] for a file that has another stamp than at the scan, or whose content is not
    /// the one that [`SourceTree::read`] gave. A plan that was made from what was read is a plan for this tree.
    pub fn tree(&self, store: &Store, attributes: &SourceAttributes) -> Result<Tree, IngestError> {
        self.tree_of(store, attributes, &|_| true)
    }

    /// [`DiskTree::tree`] of the files that `keep` wants; the others may change.
    pub fn tree_of(
        &self,
        store: &Store,
        attributes: &SourceAttributes,
        keep: &dyn Fn(&RelPath) -> bool,
    ) -> Result<Tree, IngestError> {
        let digests = self.digests(store, keep)?;
        let owned = |entry: Entry| entry.owned_by(attributes.uid, attributes.gid);
        let mut tree = Tree::new();
        let mut dirs: BTreeSet<RelPath> = BTreeSet::new();
        for (file, content) in self.files.iter().zip(digests).filter(|(file, _)| keep(&file.path)) {
            let mut missing = Vec::new();
            let mut above = file.path.parent();
            while let Some(dir) = above.filter(|dir| !dirs.contains(dir)) {
                above = dir.parent();
                missing.push(dir);
            }
            for dir in missing.into_iter().rev() {
                tree.insert(dir.clone(), owned(Entry::dir(attributes.dir)))?;
                dirs.insert(dir);
            }
            let entry = match (&file.kind, content) {
                (FileKind::Symlink { target }, _) => Entry::symlink(target.clone()),
                (FileKind::Regular { executable, .. }, Some((digest, size))) => {
                    let mode = if *executable { attributes.executable } else { attributes.file };
                    Entry::file(digest, size, mode)
                }
                (FileKind::Regular { .. }, None) => continue,
            };
            tree.insert(file.path.clone(), owned(entry))?;
        }
        Ok(tree)
    }

    /// Digest and length of each file that `keep` wants; `None` for links and all others.
    fn digests(
        &self,
        store: &Store,
        keep: &dyn Fn(&RelPath) -> bool,
    ) -> Result<Vec<Option<(Digest, u64)>>, IngestError> {
        let known = stat_cache::load(store, self.path())?;
        let mut settled = Vec::with_capacity(self.files.len());
        let mut digests = vec![None; self.files.len()];
        let mut unknown = Vec::new();
        let mut candidates = known.iter().peekable();
        for (index, (file, stamp)) in self.files.iter().zip(&self.stamps).enumerate() {
            let Some(stamp) = stamp.as_ref().filter(|_| keep(&file.path)) else { continue };
            while candidates.next_if(|candidate| candidate.0 < file.path).is_some() {}
            match candidates.next_if(|candidate| candidate.0 == file.path) {
                Some(found) if found.1 == *stamp && store.has_file(&found.2, stamp.size()) => {
                    digests[index] = Some((found.2, stamp.size()));
                    settled.push(found.clone());
                }
                _ => unknown.push(index),
            }
        }
        for (index, digest, size, stamp) in self.ingest(store, &unknown)? {
            digests[index] = Some((digest, size));
            if let Some(stamp) = stamp {
                settled.push(StatCacheEntry(self.files[index].path.clone(), stamp, digest));
            }
        }
        self.check_shown(&digests)?;
        settled.sort_by(|a, b| a.0.cmp(&b.0));
        if settled != known {
            stat_cache::save(store, self.path(), &settled)?;
        }
        Ok(digests)
    }

    /// A file that was written twice within one tick of the file system's clock has the stamp of the scan and
    /// another content.
    fn check_shown(&self, digests: &[Option<(Digest, u64)>]) -> Result<(), IngestError> {
        let shown = self.shown();
        for (file, content) in self.files.iter().zip(digests) {
            if let (Some(shown), Some((digest, _))) = (shown.get(&file.path), content)
                && shown != digest
            {
                return Err(IngestError::Changed { path: file.path.clone() });
            }
        }
        Ok(())
    }

    fn shown(&self) -> MutexGuard<'_, BTreeMap<RelPath, Digest>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the files at `indexes` and stores their contents.
    fn ingest(&self, store: &Store, indexes: &[usize]) -> Result<Vec<IngestedFile>, IngestError> {
        let share = indexes.len().div_ceil(THREADS).max(1);
        std::thread::scope(|scope| {
            let workers: Vec<_> = indexes
                .chunks(share)
                .map(|part| {
                    scope.spawn(|| {
                        part.iter()
                            .map(|index| self.ingest_file(store, *index))
                            .collect::<Result<Vec<_>, _>>()
                    })
                })
                .collect();
            let mut taken = Vec::with_capacity(indexes.len());
            for worker in workers {
                match worker.join() {
                    Ok(part) => taken.extend(part?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok(taken)
        })
    }

    fn ingest_file(&self, store: &Store, index: usize) -> Result<IngestedFile, IngestError> {
        let path = &self.files[index].path;
        let changed = || IngestError::Changed { path: path.clone() };
        let unreadable = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => changed(),
            // A link took its place, or that of a directory above it.
            _ if source.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => changed(),
            _ => IngestError::Unreadable { path: path.clone(), source },
        };
        let read_at = store::now();
        let mut file = self.top.file(path.as_str()).map_err(unreadable)?;
        let stamp = |file: &std::fs::File| {
            rustix::fs::fstat(file).map(|stat| Stamp::of(&stat)).map_err(io::Error::from)
        };
        let before = stamp(&file).map_err(unreadable)?;
        if self.stamps[index] != Some(before) {
            return Err(changed());
        }
        let (digest, size) =
            store.add_file(&mut file).map_err(|error| match error.downcast::<StoreError>() {
                Ok(error) => IngestError::Store(error),
                Err(error) => unreadable(error),
            })?;
        if stamp(&file).map_err(unreadable)? != before || size != before.size() {
            return Err(changed());
        }
        let tells_of_writes =
            before.is_settled(read_at) && before.is_written_back(read_at) && stat_cache::is_on_disk(&file);
        Ok((index, digest, size, tells_of_writes.then_some(before)))
    }
}

/// Index, digest, length in bytes, and the stamp if it can be trusted from now on.
type IngestedFile = (usize, Digest, u64, Option<Stamp>);

impl SourceTree for DiskTree {
    fn files(&self) -> &[SourceFile] {
        &self.files
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        let scanned = match find(self, path.as_str()) {
            Some(SourceFile { kind: FileKind::Regular { size, .. }, .. }) => *size,
            _ => 0,
        };
        // The caller has seen the size of the scan; what grew since then must not fill the memory.
        let most = scanned.max(LARGEST_TEXT);
        let mut bytes = Vec::new();
        self.top.file(path.as_str())?.take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            let grew = format!("it had {scanned} bytes and now has more than {most}");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, grew));
        }
        let digest = Digest::of(&bytes);
        match self.shown().insert(path.clone(), digest) {
            Some(before) if before != digest => Err(io::Error::other("it changed since it was read before")),
            _ => Ok(bytes),
        }
    }
}
