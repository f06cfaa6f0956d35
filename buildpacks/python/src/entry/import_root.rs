//! From which directory a module is imported: the root, `src/`, or the directory that the
//! program is usually started in.

use packwright_buildpack::planner::{RelPath, SourceTree};

use crate::syntax::Module;

/// The directory from which the module's imports of the project's own files can be found, when
/// it is not the root: of all directories above the file, the one with the most hits; the
/// outermost among equals, but `src` before the root when both have as many hits.
pub(crate) fn import_root(tree: &dyn SourceTree, path: &RelPath, module: &Module) -> Option<RelPath> {
    let mut roots: Vec<Option<RelPath>> = vec![None];
    let mut dir = path.parent();
    let mut above = Vec::new();
    while let Some(inner) = dir {
        dir = inner.parent();
        above.push(Some(inner));
    }
    roots.extend(above.into_iter().rev());
    let hits = |root: &Option<RelPath>| {
        let base = root.as_ref().map_or(String::new(), |dir| format!("{dir}/"));
        module.imported().iter().filter(|name| is_module(tree, path, &format!("{base}{name}"))).count()
    };
    let is_src = |root: &Option<RelPath>| {
        root.as_ref().is_some_and(|dir| dir.as_str() == "src")
            && !packwright_buildpack::planner::has(tree, "src/__init__.py")
    };
    // A package is imported as a whole: a directory with `__init__.py` is no root, unless its
    // imports can only be found there.
    roots
        .into_iter()
        .enumerate()
        .max_by_key(|(index, root)| (hits(root), is_src(root), std::cmp::Reverse(*index)))
        .and_then(|(_, root)| root)
}

/// Whether the module imports something of the project as seen from the root of the tree.
pub(crate) fn imports_from(tree: &dyn SourceTree, path: &RelPath, module: &Module) -> bool {
    module.imported().iter().any(|name| is_module(tree, path, name))
}

fn is_module(tree: &dyn SourceTree, own: &RelPath, base: &str) -> bool {
    let file = format!("{base}.py");
    // No module imports itself: `sqlite_web/sqlite_web.py` means the package.
    let is_file = file != own.as_str() && packwright_buildpack::planner::has(tree, &file);
    is_file || has_directory(tree, &format!("{base}/"))
}

fn has_directory(tree: &dyn SourceTree, prefix: &str) -> bool {
    let files = tree.files();
    let at = files.partition_point(|file| file.path.as_str() < prefix);
    files.get(at).is_some_and(|file| file.path.as_str().starts_with(prefix))
}
