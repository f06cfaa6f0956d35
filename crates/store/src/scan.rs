//! Reads a directory of the user as a source tree: one walk that skips ignored directories. It reads neither
//! clock nor environment, and changes nothing.

mod error;
mod walk;

use std::path::Path;

use packwright_oci::RelPath;
use packwright_planner::{Diagnostic, Ignoring, Origin};

pub use error::{ScanError, ScanProblem};

use crate::confined_dir::ConfinedDir;
use crate::disk_tree::{DiskTree, LeftOut};

/// Lists the files of `dir`; their contents are read only when they are asked for.
///
/// What `ignoring` and the ignore files of the directory name is left out. Files that are read all the same
/// ([`Ignoring::reading`]) are in the tree, and in [`DiskTree::outside_image`]. Symbolic links that stay
/// inside the directory are kept, even when their target does not exist. Sockets, pipes and devices are left
/// out with a warning.
///
/// A `.dockerignore` that leaves out every manifest at the top is not obeyed, with a diagnostic: it
/// is written for a Dockerfile that copies what was built elsewhere.
///
/// Errors: all files that cannot become part of an image, not only the first.
pub fn scan(dir: &Path, ignoring: &Ignoring) -> Result<DiskTree, ScanError> {
    let top =
        ConfinedDir::open(dir).map_err(|source| ScanError::Directory { path: dir.to_owned(), source })?;
    let mut walk = walk::ScanWalk::new(&top, true);
    walk.run(ignoring)?;
    let is_in_image = |path: &RelPath| !walk.outside_image.contains_key(path);
    let mut kept = walk.files.iter().filter(|(file, _)| is_in_image(&file.path));
    if walk.has_docker && !kept.any(|(file, _)| ignoring.is_manifest(&file.path)) {
        let mut whole = walk::ScanWalk::new(&top, false);
        whole.run(ignoring)?;
        let manifest = whole.files.iter().find(|(file, _)| ignoring.is_manifest(&file.path));
        if let Some((manifest, _)) = manifest {
            whole.diagnostics.push(for_another_image(&manifest.path));
            walk = whole;
        }
    }
    walk.follow_links();
    if !walk.problems.is_empty() {
        walk.problems.sort_by(|a, b| a.place().cmp(b.place()));
        return Err(ScanError::Unusable { problems: walk.problems });
    }
    walk.files.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    let (files, stamps) = walk.files.into_iter().unzip();
    let left_out = LeftOut { ignored: walk.ignored, outside_image: walk.outside_image };
    let diagnostics = walk.diagnostics;
    Ok(DiskTree::new(top, files, stamps, left_out, diagnostics))
}

/// About a `.dockerignore` that is not obeyed, since it leaves out `manifest`.
fn for_another_image(manifest: &RelPath) -> Diagnostic {
    let file: RelPath = ".dockerignore".parse().expect("a constant path");
    Diagnostic::info("ignore/built-elsewhere", format!("{file} leaves out {manifest} and is not obeyed"))
        .why("it leaves out every file that an application is recognised by: it is for an image of what was built elsewhere")
        .fix("name what the application does not need in .slugignore")
        .at(Origin::file(&file))
}
