//! Steps for which one directory of the source is `/app`: trees on the way between where such a step
//! sees them and where they are for every other step and in the image. Reads and runs nothing.

use std::borrow::Cow;

use packwright_oci::{Node, RelPath, Tree};
use packwright_planner::{Plan, Step};

use crate::error::BuildError;

/// `tree` as `step` sees it: of what is below `/app`, its directory alone, as `/app`.
pub(crate) fn seen_by<'a>(step: &Step, tree: &'a Tree) -> Result<Cow<'a, Tree>, BuildError> {
    let Some(dir) = &step.dir else { return Ok(Cow::Borrowed(tree)) };
    let app = Plan::app_dir();
    let dir = app.join(dir.as_str())?;
    moved(tree, |path| match (path.below(&dir), path.is_within(&app)) {
        (Some(inner), _) => Ok(Some(app.join(inner.as_str())?)),
        (None, true) => Ok(None),
        (None, false) => Ok(Some(path.clone())),
    })
    .map(Cow::Owned)
}

/// What `step` left, as it is for all others.
pub(crate) fn placed(step: &Step, tree: Tree) -> Result<Tree, BuildError> {
    if step.dir.is_none() {
        return Ok(tree);
    }
    moved(&tree, |path| place(step, path).map(Some))
}

/// Where the path of an output of `step` is for all others.
pub(crate) fn place(step: &Step, path: &RelPath) -> Result<RelPath, BuildError> {
    let app = Plan::app_dir();
    let Some(dir) = step.dir.as_ref().filter(|_| path.is_within(&app)) else { return Ok(path.clone()) };
    let dir = app.join(dir.as_str())?;
    Ok(match path.below(&app) {
        Some(inner) => dir.join(inner.as_str())?,
        None => dir,
    })
}

/// The entries of `tree` at their new places; those without a place are left out.
fn moved(
    tree: &Tree,
    place: impl Fn(&RelPath) -> Result<Option<RelPath>, BuildError>,
) -> Result<Tree, BuildError> {
    let mut moved = Tree::new();
    for (path, entry) in tree.iter() {
        let Some(new) = place(path)? else { continue };
        let mut entry = entry.clone();
        if let Node::Hardlink { target } = &mut entry.node {
            let Some(new) = place(target)? else { continue };
            *target = new;
        }
        moved.insert(new, entry)?;
    }
    Ok(moved)
}

#[cfg(test)]
mod tests {
    use packwright_oci::{Digest, Entry};

    use super::*;

    fn tree(paths: &[&str]) -> Tree {
        let mut tree = Tree::new();
        for path in paths {
            tree.insert(path.parse().unwrap(), Entry::file(Digest::of(b""), 0, 0o644)).unwrap();
        }
        tree
    }

    fn files(tree: &Tree) -> Vec<&str> {
        tree.iter().filter(|(_, entry)| !entry.is_dir()).map(|(path, _)| path.as_str()).collect()
    }

    fn step(dir: Option<&str>) -> Step {
        Step { dir: dir.map(|dir| dir.parse().unwrap()), ..Step::new("node.build".parse().unwrap(), "") }
    }

    #[test]
    fn a_step_with_a_directory_sees_it_as_the_application() {
        let source = tree(&["app/go.mod", "app/ui/package.json", "app/ui/src/a.js", "app/uix/b", "opt/node"]);
        let seen = seen_by(&step(Some("ui")), &source).unwrap();
        assert_eq!(files(&seen), ["app/package.json", "app/src/a.js", "opt/node"]);
        assert_eq!(*seen_by(&step(None), &source).unwrap(), source);
    }

    #[test]
    fn what_it_leaves_lies_in_the_directory() {
        let left = tree(&["app/build/index.html", "opt/node"]);
        let placed_there = placed(&step(Some("web/ui")), left.clone()).unwrap();
        assert_eq!(files(&placed_there), ["app/web/ui/build/index.html", "opt/node"]);
        assert_eq!(*seen_by(&step(Some("web/ui")), &placed_there).unwrap(), left);
        assert_eq!(placed(&step(None), left.clone()).unwrap(), left);
        assert_eq!(place(&step(Some("ui")), &"app".parse().unwrap()).unwrap().as_str(), "app/ui");
        assert_eq!(place(&step(Some("ui")), &"opt".parse().unwrap()).unwrap().as_str(), "opt");
    }
}
