//! A directory of the user's as a source tree: one pruned walk that decides which files there
//! are. Asks neither clock nor environment, and changes nothing.

mod error;
mod walk;

use std::path::Path;

use packwright_planner::Ignoring;

pub use error::{ScanError, ScanProblem};

use crate::confined_dir::ConfinedDir;
use crate::disk_tree::DiskTree;

/// Reads which files `dir` holds; their contents are read when they are asked for.
///
/// Left out is what `ignoring` says, extended by the ignore files of the directory. Symbolic links that stay inside are kept, whatever they lead
/// to. Sockets, pipes and devices are left out with a diagnostic.
///
/// Errors: everything that cannot become part of an image, all at once.
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
