//! The packages of the source tree that a lock file needs.

use packwright_buildpack::planner::{Diagnostic, Origin, SourceTree};

use crate::manifest::directory;
use crate::manifest::local::Local;
use crate::manifest::locked::Locked;

/// The packages of the tree that `locked` needs. `seen` gets the files that say what the lock's
/// packages of the tree need, so that the lock can be checked against them.
///
/// Errors: a directory that is not in the tree, or is no package.
pub(super) fn locals(
    tree: &dyn SourceTree,
    locked: &Locked,
    seen: &mut Vec<String>,
) -> Result<Vec<Local>, Vec<Diagnostic>> {
    let at = Origin::file(&locked.path);
    let mut locals = Vec::new();
    let mut problems = Vec::new();
    for place in &locked.local {
        let read = directory(&locked.path, &place.dir, &at)
            .map_err(|problem| vec![problem])
            .and_then(|dir| Local::read(tree, dir, false, &at));
        match read {
            Ok(local) => {
                seen.extend(local.manifests.iter().cloned());
                locals.extend((place.needed && place.builds).then_some(local));
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(locals) } else { Err(problems) }
}
