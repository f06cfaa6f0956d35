//! [`DiskTree`]: a scanned directory as a `SourceTree`. It reads a file only when its content is asked for, and
//! through the open directory, so that neither a renamed parent nor a new link can lead to another file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::Path;

use packwright_oci::{Digest, Entry, RelPath, Tree, TreeError};
use packwright_planner::{Diagnostic, FileKind, LARGEST_TEXT, SourceFile, SourceTree, find};

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
    ignored: BTreeMap<String, u64>,
    diagnostics: Vec<Diagnostic>,
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
    /// A file was written while it was read, several times over.
    #[error("`{path}` changes while it is read")]
    Changing {
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
            IngestError::Changing { .. } | IngestError::Inconsistent(_) => {
                Some("stop what writes there, or name it in .slugignore, then try again".to_owned())
            }
        }
    }
}

/// Threads that read and hash files.
const THREADS: usize = 2;

/// How often a file is read again when it changed while it was read.
const TRIES: usize = 3;

impl DiskTree {
    pub(crate) fn new(
        top: ConfinedDir,
        files: Vec<SourceFile>,
        stamps: Vec<Option<Stamp>>,
        ignored: BTreeMap<String, u64>,
        diagnostics: Vec<Diagnostic>,
    ) -> DiskTree {
        DiskTree { top, files, stamps, ignored, diagnostics }
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
        &self.ignored
    }

    /// The files as a tree; their contents go into `store`. A file whose time stamp proves that it did not
    /// change since the last call is not read again.
    pub fn tree(&self, store: &Store, attributes: &SourceAttributes) -> Result<Tree, IngestError> {
        let digests = self.digests(store)?;
        let owned = |entry: Entry| entry.owned_by(attributes.uid, attributes.gid);
        let mut tree = Tree::new();
        let mut dirs: BTreeSet<RelPath> = BTreeSet::new();
        for (file, content) in self.files.iter().zip(digests) {
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

    /// Digest and length of each file; `None` for links.
    fn digests(&self, store: &Store) -> Result<Vec<Option<(Digest, u64)>>, IngestError> {
        let known = stat_cache::load(store, self.path())?;
        let mut settled = Vec::with_capacity(self.files.len());
        let mut digests = vec![None; self.files.len()];
        let mut unknown = Vec::new();
        let mut candidates = known.iter().peekable();
        for (index, (file, stamp)) in self.files.iter().zip(&self.stamps).enumerate() {
            let Some(stamp) = stamp else { continue };
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
        settled.sort_by(|a, b| a.0.cmp(&b.0));
        if settled != known {
            stat_cache::save(store, self.path(), &settled)?;
        }
        Ok(digests)
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
        let unreadable = |source| IngestError::Unreadable { path: path.clone(), source };
        for _ in 0..TRIES {
            let read_at = store::now();
            let mut file = self.top.file(path.as_str()).map_err(unreadable)?;
            let stamp = |file: &std::fs::File| {
                rustix::fs::fstat(file).map(|stat| Stamp::of(&stat)).map_err(io::Error::from)
            };
            let before = stamp(&file).map_err(unreadable)?;
            let (digest, size) =
                store.add_file(&mut file).map_err(|error| match error.downcast::<StoreError>() {
                    Ok(error) => IngestError::Store(error),
                    Err(error) => unreadable(error),
                })?;
            let after = stamp(&file).map_err(unreadable)?;
            if before == after && size == before.size() {
                let trusted = before.is_settled(read_at).then_some(before);
                return Ok((index, digest, size, trusted));
            }
        }
        Err(IngestError::Changing { path: path.clone() })
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
        Ok(bytes)
    }
}
