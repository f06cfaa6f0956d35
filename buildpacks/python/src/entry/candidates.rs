//! Which files may hold an application, in the order in which they are searched.

use packwright_buildpack::planner::{FileKind, RelPath, SourceTree};
use unicode_ident::{is_xid_continue, is_xid_start};

/// File stems in which an application is looked for first.
const STEMS: &[&str] = &[
    "main",
    "app",
    "server",
    "wsgi",
    "asgi",
    "api",
    "application",
    "run",
    "__init__",
    "__main__",
    "streamlit_app",
    "home",
    "index",
    "web",
];

/// Directories in which no application is looked for: they hold tests, tools and
/// documentation of the project, or code of others.
pub(crate) const SKIPPED: &[&str] = &[
    "test",
    "tests",
    "testing",
    "e2e",
    "doc",
    "docs",
    "example",
    "examples",
    "sample",
    "samples",
    "tutorial",
    "tutorials",
    "script",
    "scripts",
    "notebooks",
    "benchmark",
    "benchmarks",
    "venv",
    "env",
    "virtualenv",
    "migrations",
    "alembic",
    "node_modules",
    "vendor",
    "vendored",
    "_vendor",
    "third_party",
    "site-packages",
    "build",
    "dist",
    "public",
    "static",
    "templates",
];

/// At most so many files are read.
const MAX_FILES: usize = 300;

/// No source file worth reading is larger, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// Python files in which an application may be, in the order of looking.
pub(crate) fn files(tree: &dyn SourceTree) -> Vec<&RelPath> {
    let importable = |part: &str| !SKIPPED.contains(&part) && is_identifier(part);
    // A program that takes a file does not care whether the file could be imported.
    let is_name = |stem: &str| !stem.is_empty() && !stem.starts_with('.');
    let mut files: Vec<&RelPath> = tree
        .files()
        .iter()
        .filter(|file| matches!(file.kind, FileKind::Regular { size, .. } if size <= MAX_SIZE))
        .map(|file| &file.path)
        .filter(|path| path.as_str().ends_with(".py"))
        .filter(|path| {
            let parent = path.parent();
            let name = stem(path);
            parent.iter().flat_map(|dir| dir.parts()).all(importable)
                && is_name(name)
                && !name.starts_with("test_")
                && !name.ends_with("_test")
                && !matches!(name, "conftest" | "setup" | "noxfile" | "fabfile" | "tests" | "tasks_test")
        })
        .collect();
    files.sort_by_key(|path| (depth(path), stem_rank(path), path.as_str()));
    files.truncate(MAX_FILES);
    files
}

/// Stems of a smaller rank than this are usual ones.
pub(super) const fn usual() -> usize {
    STEMS.len()
}

/// Where the file's stem stands in the order of names; smaller is better.
pub(super) fn stem_rank(path: &RelPath) -> usize {
    let lower = stem(path).to_lowercase();
    STEMS.iter().position(|&known| known == lower).unwrap_or(STEMS.len())
}

/// How deep a file lies; `src/` does not count, and a package's `__init__.py` lies where the
/// package does.
pub(crate) fn depth(path: &RelPath) -> usize {
    let parts = path.depth() - usize::from(path.as_str().starts_with("src/"));
    parts - usize::from(stem(path) == "__init__" && parts > 1)
}

pub(super) fn stem(path: &RelPath) -> &str {
    let name = path.name();
    name.strip_suffix(".py").unwrap_or(name)
}

/// Whether `name` can stand in an import.
///
/// Source: the Python language reference, "Identifiers and keywords".
pub(crate) fn is_identifier(name: &str) -> bool {
    name.starts_with(|first| first == '_' || is_xid_start(first)) && name.chars().all(is_xid_continue)
}

/// Whether `python -m` takes the package `name`: a dash is no hindrance to it.
pub(crate) fn is_runnable(name: &str) -> bool {
    name.starts_with(is_xid_continue) && name.chars().all(|letter| letter == '-' || is_xid_continue(letter))
}

/// The parts of the module's dotted path, seen from the root of the tree.
pub(super) fn dotted(path: &RelPath) -> Vec<&str> {
    let text = path.as_str();
    let text = text.strip_suffix(".py").unwrap_or(text);
    let mut parts: Vec<&str> = text.split('/').collect();
    if parts.last() == Some(&"__init__") {
        parts.pop();
    }
    parts
}
