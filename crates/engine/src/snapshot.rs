//! [`snapshot`]: a source tree becomes a value, its contents in the store, so that nothing that
//! happens to the files afterwards can reach the build.

use packwright_oci::{Entry, RelPath, Tree};
use packwright_planner::{FileKind, Plan, SourceTree};
use packwright_store::{Attributes, DiskTree, Store};

use crate::BuildError;
use crate::build::APP_USER;

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

/// The files of a scanned directory below `app`, as the image has them.
pub fn snapshot_dir(store: &Store, source: &DiskTree) -> Result<Tree, BuildError> {
    let (uid, gid) = APP_USER;
    let attributes = Attributes { uid, gid, file: FILE_MODE, executable: EXECUTABLE_MODE, dir: DIR_MODE };
    let tree = source.tree(store, &attributes)?;
    Ok(tree.moved_below(&Plan::app_dir(), Entry::dir(DIR_MODE).owned_by(uid, gid))?)
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
