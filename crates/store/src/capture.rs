//! Reads the directory that a step wrote into as a tree, and copies the contents of its files into the store.
//!
//! The directory is untrusted: names may be any bytes, links may point anywhere, modes may forbid
//! reading, and there may be any number of files. Limits are in [`CaptureRules`].

mod error;
mod rules;
pub(crate) mod walk;

use std::collections::BTreeMap;
use std::os::fd::AsFd;
use std::path::Path;

use packwright_oci::{Entry, Node, RelPath, Tree};

pub use error::CaptureError;
pub use rules::{CaptureRules, Layering, Modes, StrippedEntry};
pub use walk::SpecialKind;

use crate::confined_dir::ConfinedDir;
use crate::error::StoreError;
use crate::store::Store;
use crate::xattrs;
use walk::{CaptureWalk, WalkEntry};

/// The result of a capture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Captured {
    /// The entries; of an upper directory also whiteouts.
    pub tree: Tree,
    /// Opaque directories: they hide what the lower layer has in them. Sorted.
    pub opaque: Vec<RelPath>,
    /// Entries that no tree can hold. Sorted by path.
    pub skipped: Vec<SkippedEntry>,
    /// Files and directories that lost rights to the rules. Sorted by path.
    pub stripped: Vec<StrippedEntry>,
}

/// An entry that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedEntry {
    /// Where it is.
    pub path: RelPath,
    /// What it is.
    pub kind: SpecialKind,
}

/// Threads that read and hash files.
const THREADS: usize = 2;

/// Reads the directory `dir` into a tree; file contents go into `store`. Symbolic links are
/// never followed. Hard links among the files are kept: the first name in byte order is the
/// file. Attributes `user.*` are kept. Rights that a program has beyond its user's (setuid, setgid, sticky, the
/// attribute `security.capability`) are kept where modes are kept as found; with normalised modes they are all
/// left out, and told in [`Captured::stripped`]. The modes of directories and files that
/// their owner may not read are changed for the duration of the call.
///
/// Errors: all names that are not UTF-8 at once; more than the rules allow.
pub fn capture(store: &Store, dir: &Path, rules: &CaptureRules) -> Result<Captured, CaptureError> {
    let top = ConfinedDir::open(dir).map_err(CaptureError::io("open", dir))?;
    capture_below(store, &top, rules)
}

/// [`capture`] of a directory that is already open.
pub(crate) fn capture_below(
    store: &Store,
    top: &ConfinedDir,
    rules: &CaptureRules,
) -> Result<Captured, CaptureError> {
    let mut walk = CaptureWalk::new(top, rules);
    walk.run()?;
    let contents = contents(store, &walk)?;
    assemble(top.path(), rules, &walk, contents)
}

/// Node and attributes of a file whose content was stored.
type Content = (Node, BTreeMap<String, Vec<u8>>);

/// Stores the contents of all files once per inode, in the order of the items.
fn contents(store: &Store, walk: &CaptureWalk<'_>) -> Result<Vec<Option<Content>>, CaptureError> {
    let share = walk.items.len().div_ceil(THREADS).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = walk
            .items
            .chunks(share)
            .map(|part| {
                scope.spawn(|| {
                    part.iter().map(|item| content(store, walk, item)).collect::<Result<Vec<_>, _>>()
                })
            })
            .collect();
        let mut contents = Vec::with_capacity(walk.items.len());
        for worker in workers {
            match worker.join() {
                Ok(part) => contents.extend(part?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(contents)
    })
}

fn content(store: &Store, walk: &CaptureWalk<'_>, item: &WalkEntry) -> Result<Option<Content>, CaptureError> {
    let WalkEntry::File { path, first, .. } = item else { return Ok(None) };
    if first.is_some() {
        return Ok(None);
    }
    let at = walk.top.path().join(path.as_str());
    let mut file = walk.top.file(path.as_str()).map_err(CaptureError::io("open", &at))?;
    let (attributes, marks) =
        xattrs::read(file.as_fd()).map_err(CaptureError::io("read attributes of", &at))?;
    let length = file.metadata().map_err(CaptureError::io("look at", &at))?.len();
    if walk.rules.is_whiteout(&marks) && length == 0 {
        return Ok(Some((Node::Whiteout, BTreeMap::new())));
    }
    let (digest, size) = store.add_file(&mut file).map_err(|error| match error.downcast::<StoreError>() {
        Ok(error) => CaptureError::Store(error),
        Err(error) => CaptureError::io("read", &at)(error),
    })?;
    Ok(Some((Node::File { digest, size }, attributes)))
}

fn assemble(
    dir: &Path,
    rules: &CaptureRules,
    walk: &CaptureWalk<'_>,
    contents: Vec<Option<Content>>,
) -> Result<Captured, CaptureError> {
    let mut captured = Captured::default();
    let mut files: BTreeMap<RelPath, Entry> = BTreeMap::new();
    for (item, content) in walk.items.iter().zip(contents) {
        let (path, node, mode, attributes) = match item {
            WalkEntry::Dir { path, mode, attributes, opaque } => {
                if *opaque {
                    captured.opaque.push(path.clone());
                }
                (path, Node::Dir, rules.dir_mode(*mode), attributes.clone())
            }
            WalkEntry::Symlink { path, target } => {
                (path, Node::Symlink { target: target.clone() }, 0o777, BTreeMap::new())
            }
            WalkEntry::Whiteout { path } => (path, Node::Whiteout, 0, BTreeMap::new()),
            WalkEntry::Special { path, kind } => {
                captured.skipped.push(SkippedEntry { path: path.clone(), kind: *kind });
                continue;
            }
            WalkEntry::File { path, mode, first } => {
                let mode = rules.file_mode(*mode);
                match (content, first) {
                    (Some((Node::Whiteout, _)), _) => (path, Node::Whiteout, 0, BTreeMap::new()),
                    (Some((node, attributes)), _) => (path, node, mode, attributes),
                    (None, Some(target)) => match files.get(target) {
                        Some(file) => {
                            (path, Node::Hardlink { target: target.clone() }, mode, file.xattrs.clone())
                        }
                        // All names of a whiteout are whiteouts.
                        None => (path, Node::Whiteout, 0, BTreeMap::new()),
                    },
                    (None, None) => continue,
                }
            }
        };
        let owner = match node {
            Node::Whiteout => (0, 0),
            _ => (rules.uid, rules.gid),
        };
        let mut entry = Entry { node, mode, uid: owner.0, gid: owner.1, xattrs: attributes };
        captured.stripped.extend(rules.strip(path, item.mode(), &mut entry));
        if matches!(entry.node, Node::File { .. }) {
            files.insert(path.clone(), entry.clone());
        }
        captured
            .tree
            .insert(path.clone(), entry)
            .map_err(|source| CaptureError::Changing { path: dir.to_owned(), source })?;
    }
    captured.opaque.sort();
    captured.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(captured)
}
