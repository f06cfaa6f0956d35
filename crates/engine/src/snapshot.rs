//! [`snapshot`]: a source tree becomes a value, its contents in the store, so that nothing that
//! happens to the files afterwards can reach the build.

use std::borrow::Cow;
use std::collections::BTreeMap;

use packwright_oci::{Entry, Node, RelPath, Tree};
use packwright_planner::{FileKind, Plan, SourceTree};
use packwright_store::{DiskTree, SourceAttributes, Store};

use crate::app_user::APP_USER;
use crate::error::BuildError;

/// Modes of source files in the image: the application's user and, for platforms that start
/// containers under an arbitrary user of group 0, that group may write.
pub(crate) const FILE_MODE: u32 = 0o664;
pub(crate) const EXECUTABLE_MODE: u32 = 0o775;
pub(crate) const DIR_MODE: u32 = 0o775;

/// The files of `source` below `app`, as the image has them. For a source tree that is not a
/// directory; a directory's own snapshot is [`snapshot_dir`](crate::snapshot_dir), which reads only files that
/// changed.
pub fn snapshot(store: &Store, source: &dyn SourceTree) -> Result<Tree, BuildError> {
    let (uid, gid) = APP_USER;
    let mut tree = Tree::new();
    let app = Plan::app_dir();
    tree.insert(app.clone(), Entry::dir(DIR_MODE).owned_by(uid, gid))?;
    for file in source.files() {
        let disk = |source| BuildError::Disk { path: file.path.as_str().into(), source };
        let entry = match &file.kind {
            FileKind::Regular { executable, .. } => {
                let bytes = source.read(&file.path).map_err(disk)?;
                let (digest, size) = store.add_file(&mut bytes.as_slice()).map_err(disk)?;
                Entry::file(digest, size, if *executable { EXECUTABLE_MODE } else { FILE_MODE })
            }
            FileKind::Symlink { target } => Entry::symlink(target.clone()),
        };
        place(&mut tree, &app, &file.path, entry.owned_by(uid, gid))?;
    }
    Ok(tree)
}

/// The files of a scanned directory that `keep` wants, by their paths in it, below `app`, as the image has them.
///
/// Errors: a file that is no longer as it was at the scan.
pub fn snapshot_dir(
    store: &Store,
    source: &DiskTree,
    keep: &dyn Fn(&RelPath) -> bool,
) -> Result<Tree, BuildError> {
    let (uid, gid) = APP_USER;
    let attributes =
        SourceAttributes { uid, gid, file: FILE_MODE, executable: EXECUTABLE_MODE, dir: DIR_MODE };
    let tree = source.tree_of(store, &attributes, keep)?;
    Ok(tree.moved_below(&Plan::app_dir(), Entry::dir(DIR_MODE).owned_by(uid, gid))?)
}

/// The part of `source` that is the plan's application, below `app`: all of it, or what is in
/// the plan's directory.
pub(crate) fn rooted<'a>(plan: &Plan, source: &'a Tree) -> Result<Cow<'a, Tree>, BuildError> {
    let Some(root) = &plan.root else { return Ok(Cow::Borrowed(source)) };
    let app = Plan::app_dir();
    let dir = app.join(root.as_str())?;
    let mut tree = Tree::new();
    let (uid, gid) = APP_USER;
    tree.insert(app.clone(), Entry::dir(DIR_MODE).owned_by(uid, gid))?;
    for (path, entry) in source.iter() {
        let Some(inner) = path.below(&dir) else { continue };
        tree.insert(app.join(inner.as_str())?, entry.clone())?;
    }
    match tree.len() {
        1 => Err(BuildError::RootMissing { root: root.clone() }),
        _ => Ok(Cow::Owned(tree)),
    }
}

/// What a build left below `/app`, as the application's own: it may write there as it may write
/// to its source.
pub(crate) fn owned_by_app(tree: Tree) -> Result<Tree, BuildError> {
    let app = Plan::app_dir();
    let (uid, gid) = APP_USER;
    let mut entries: BTreeMap<RelPath, Entry> = tree.into();
    let left = |(path, entry): &(&RelPath, &mut Entry)| path.is_within(&app) && entry.node != Node::Whiteout;
    for (_, entry) in entries.iter_mut().filter(left) {
        let mode = match &entry.node {
            Node::Dir => DIR_MODE,
            Node::Symlink { .. } => entry.mode,
            _ if entry.mode & 0o111 != 0 => EXECUTABLE_MODE,
            _ => FILE_MODE,
        };
        *entry = Entry { mode, ..entry.clone() }.owned_by(uid, gid);
    }
    Ok(Tree::try_from(entries)?)
}

/// Adds `entry` at `path` below `app`, its parents owned by the application's user.
fn place(tree: &mut Tree, app: &RelPath, path: &RelPath, entry: Entry) -> Result<(), BuildError> {
    let (uid, gid) = APP_USER;
    let mut above: Vec<RelPath> = Vec::new();
    let mut dir = path.parent();
    while let Some(found) = dir {
        dir = found.parent();
        above.push(app.join(found.as_str())?);
    }
    for dir in above.into_iter().rev() {
        if tree.get(dir.as_str()).is_none() {
            tree.insert(dir, Entry::dir(DIR_MODE).owned_by(uid, gid))?;
        }
    }
    Ok(tree.insert(app.join(path.as_str())?, entry)?)
}
