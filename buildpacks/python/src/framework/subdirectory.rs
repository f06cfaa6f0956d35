//! A program in a directory of the project, below manifests at the root: `server/main.py`,
//! `src/bot/main.py`. Without this rule the directory would be taken for the application, and the
//! packages of the root's manifest would be missing in the image.

use packwright_buildpack::planner::{Command, Origin, RelPath, SourceTree};

use super::program::Program;
use crate::entry::{self, is_identifier};
use crate::manifest::text;
use crate::project_files::{MAIN_FILES, MANIFESTS};
use crate::syntax::Module;
use crate::syntax::ast::{Expr, Stmt};

/// The main files of the only directory that has some, the best first; `src` itself counts before
/// the others. None where another directory has a manifest: it may be the application.
pub(super) fn programs(tree: &dyn SourceTree) -> Vec<Program> {
    if !has_manifest_at_top_alone(tree) {
        return Vec::new();
    }
    let found = entry::files(tree);
    let mains: Vec<&RelPath> = found
        .into_iter()
        .filter(|path| path.depth() > 1 && entry::depth(path) <= 2 && MAIN_FILES.contains(&path.name()))
        .collect();
    let dirs: Vec<RelPath> = mains.iter().filter_map(|path| path.parent()).collect();
    let Some(first) = dirs.iter().min_by_key(|dir| (dir.as_str() != "src", dir.depth(), dir.as_str())) else {
        return Vec::new();
    };
    if first.as_str() != "src" && dirs.iter().any(|dir| dir != first) {
        return Vec::new();
    }
    let rank = |path: &RelPath| MAIN_FILES.iter().position(|&name| name == path.name());
    let mut own: Vec<&RelPath> =
        mains.into_iter().filter(|path| path.parent().as_ref() == Some(first)).collect();
    own.sort_by_key(|path| rank(path));
    own.into_iter().filter_map(|path| program(tree, path)).collect()
}

/// Whether the top has a manifest and no other directory has one, of which it could be the application.
pub(crate) fn has_manifest_at_top_alone(tree: &dyn SourceTree) -> bool {
    let is_manifest = |path: &RelPath| path.name() == "package.json" || MANIFESTS.contains(&path.name());
    let mut manifests =
        tree.files().iter().map(|file| &file.path).filter(|path| is_manifest(path)).peekable();
    manifests.peek().is_some() && manifests.all(|path| path.depth() == 1)
}

fn program(tree: &dyn SourceTree, path: &RelPath) -> Option<Program> {
    let source = text(tree, path).ok().flatten()?;
    let module = Module::parse(&source, "", false);
    if !module.is_program() && !module.body().iter().any(does_something) {
        return None;
    }
    let root = entry::import_root(tree, path, &module);
    let below = root.as_ref().map_or(String::new(), |root| format!("{root}/"));
    let inner = path.as_str().strip_prefix(&below).unwrap_or(path.as_str()).trim_end_matches(".py");
    let parts: Vec<&str> = inner.split('/').collect();
    // A file that is run by its path has no package, and sees its own directory but not the root.
    let in_package =
        module.has_relative_imports() || (root.is_none() && entry::imports_from(tree, path, &module));
    let line = match in_package && parts.iter().all(|part| is_identifier(part)) {
        true => format!("python -m {}", parts.join(".")),
        false => format!("python {}", Command::Exec(vec![path.to_string()])),
    };
    Some(Program {
        label: path.to_string(),
        line,
        origin: Origin::file(path),
        file: Some(path.clone()),
        root,
    })
}

/// A statement that is there for what it does: a call, or a loop.
fn does_something(statement: &Stmt) -> bool {
    match statement {
        Stmt::Expr(one) => matches!(&*one.value, Expr::Call(_) | Expr::Await(_)),
        Stmt::While(_) => true,
        _ => false,
    }
}
