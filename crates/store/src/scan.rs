//! Reads a directory of the user as a source tree: one walk that skips ignored directories. It reads neither
//! clock nor environment, and changes nothing.

mod error;
mod walk;

use std::path::Path;

use packwright_planner::Ignoring;

pub use error::{ScanError, ScanProblem};

use crate::confined_dir::ConfinedDir;
use crate::disk_tree::DiskTree;

/// Lists the files of `dir`; their contents are read only when they are asked for.
///
/// What `ignoring` and the ignore files of the directory name is left out. Symbolic links that stay
/// inside the directory are kept, even when their target does not exist. Sockets, pipes and devices are left
/// out with a warning.
///
/// Errors: all files that cannot become part of an image, not only the first.
pub fn scan(dir: &Path, ignoring: &Ignoring) -> Result<DiskTree, ScanError> {
    let top =
        ConfinedDir::open(dir).map_err(|source| ScanError::Directory { path: dir.to_owned(), source })?;
    let mut walk = walk::ScanWalk::new(&top);
    walk.run(ignoring)?;
    walk.follow_links();
    if !walk.problems.is_empty() {
        walk.problems.sort_by(|a, b| a.place().cmp(b.place()));
        return Err(ScanError::Unusable { problems: walk.problems });
    }
    walk.files.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    let (files, stamps) = walk.files.into_iter().unzip();
    let (ignored, diagnostics) = (walk.ignored, walk.diagnostics);
    Ok(DiskTree::new(top, files, stamps, ignored, diagnostics))
}
