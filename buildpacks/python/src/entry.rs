//! Finds the application object of a web framework in the project's files: which module, which
//! name, object or factory. Looks into the files in the order in which people put it there, and
//! stops where it is found.

mod import_root;
mod making;

use std::collections::BTreeMap;

use packwright_planner::{FileKind, Origin, RelPath, SourceTree};
use ruff_python_ast::{Expr, Stmt};

use crate::framework::{FRAMEWORKS, Framework};
use crate::syntax::{Module, assignments};
use import_root::import_root;
use making::{Factories, made_by};

/// A place where a framework's application can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The framework.
    pub(crate) framework: &'static Framework,
    /// The file.
    pub(crate) path: RelPath,
    /// The line of the assignment or the function.
    pub(crate) line: u32,
    /// The module's dotted path, seen from `root`.
    pub(crate) module: String,
    /// The directory that must be on Python's path besides `/app`, if another one.
    pub(crate) root: Option<RelPath>,
    /// The object's name, or the factory's.
    pub(crate) name: String,
    /// What stands there.
    pub(crate) kind: EntryKind,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EntryKind {
    /// The application.
    Object,
    /// A function without needed arguments that gives the application.
    Factory,
}

/// What a search has seen.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Search {
    /// What was found, the best first.
    pub(crate) entries: Vec<Entry>,
    /// Frameworks that some file imports, by identifier, with the first such file.
    pub(crate) imported: BTreeMap<&'static str, RelPath>,
}

/// File stems in which an application is looked for first.
const STEMS: &[&str] =
    &["main", "app", "server", "wsgi", "asgi", "api", "application", "run", "__init__", "__main__"];

/// Names that an application has when there are several.
const NAMES: &[&str] = &["app", "application", "api", "server", "service"];

/// Directories in which no application is looked for.
const SKIPPED: &[&str] = &[
    "test",
    "tests",
    "testing",
    "doc",
    "docs",
    "example",
    "examples",
    "venv",
    "env",
    "migrations",
    "alembic",
    "site-packages",
    "build",
    "dist",
];

/// At most so many files are read.
const MAX_FILES: usize = 300;

/// No source file worth reading is larger, in bytes.
const MAX_SIZE: u64 = 1 << 20;

impl Entry {
    /// Where it stands.
    pub(crate) fn origin(&self) -> Origin {
        Origin::line(&self.path, self.line)
    }

    /// `module:name`, with `()` for a factory.
    pub(crate) fn reference(&self) -> String {
        match self.kind {
            EntryKind::Object => format!("{}:{}", self.module, self.name),
            EntryKind::Factory => format!("{}:{}()", self.module, self.name),
        }
    }

    fn rank(&self) -> (EntryKind, usize, usize, usize, usize) {
        let position =
            |list: &[&str], name: &str| list.iter().position(|&known| known == name).unwrap_or(list.len());
        let framework = FRAMEWORKS.iter().position(|&one| one == self.framework);
        (
            self.kind,
            depth(&self.path),
            position(STEMS, stem(&self.path)),
            framework.unwrap_or(usize::MAX),
            position(NAMES, &self.name),
        )
    }
}

/// Searches the tree.
pub(crate) fn search(tree: &dyn SourceTree) -> Search {
    let mut found = Search::default();
    let files = candidates(tree);
    let mut modules: Vec<(&RelPath, Module)> = Vec::new();
    let mut others: Vec<(&RelPath, String)> = Vec::new();
    for group in files.chunk_by(|a, b| depth(a) == depth(b)) {
        for &path in group {
            let Ok(bytes) = tree.read(path) else { continue };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if !FRAMEWORKS.iter().any(|one| one.words.iter().any(|word| text.contains(word))) {
                others.push((path, text));
                continue;
            }
            let module = parse(path, &text);
            for framework in FRAMEWORKS.iter().filter(|one| module.imported().contains(one.module)) {
                found.imported.entry(framework.id).or_insert_with(|| path.clone());
            }
            modules.push((path, module));
        }
        found.entries = all_entries(tree, &modules);
        if found.entries.iter().any(|entry| entry.kind == EntryKind::Object) {
            break;
        }
    }
    // `app = create_app()` often stands in a file that does not know the framework.
    if !found.entries.is_empty() && found.entries.iter().all(|entry| entry.kind == EntryKind::Factory) {
        let names: Vec<String> = found.entries.iter().map(|entry| entry.name.clone()).collect();
        let calls = |text: &str| names.iter().any(|name| text.contains(name));
        modules.extend(others.into_iter().filter(|(_, text)| calls(text)).map(|(path, text)| {
            let module = parse(path, &text);
            (path, module)
        }));
        found.entries = all_entries(tree, &modules);
    }
    found.entries.sort_by(|a, b| (a.rank(), &a.path, a.line).cmp(&(b.rank(), &b.path, b.line)));
    found
}

fn parse(path: &RelPath, text: &str) -> Module {
    Module::parse(text, &dotted(path).join("."), stem(path) == "__init__")
}

fn all_entries(tree: &dyn SourceTree, modules: &[(&RelPath, Module)]) -> Vec<Entry> {
    let factories = making::factories(modules);
    modules.iter().flat_map(|(path, module)| entries(tree, path, module, &factories)).collect()
}

/// Python files in which an application may be, in the order of looking.
fn candidates(tree: &dyn SourceTree) -> Vec<&RelPath> {
    let importable = |part: &str| {
        !SKIPPED.contains(&part)
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80)
            && !part.starts_with(|first: char| first.is_ascii_digit())
    };
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
                && importable(name)
                && !name.starts_with("test_")
                && !name.ends_with("_test")
                && !matches!(name, "conftest" | "setup")
        })
        .collect();
    files.sort_by_key(|path| {
        let position = STEMS.iter().position(|&stem_| stem_ == stem(path));
        (depth(path), position.unwrap_or(STEMS.len()), path.as_str())
    });
    files.truncate(MAX_FILES);
    files
}

/// How deep a file lies; `src/` does not count, and a package's `__init__.py` lies where the
/// package does.
fn depth(path: &RelPath) -> usize {
    let parts = path.depth() - usize::from(path.as_str().starts_with("src/"));
    parts - usize::from(stem(path) == "__init__" && parts > 1)
}

fn stem(path: &RelPath) -> &str {
    let name = path.name();
    name.strip_suffix(".py").unwrap_or(name)
}

/// The parts of the module's dotted path, seen from the root of the tree.
fn dotted(path: &RelPath) -> Vec<&str> {
    let text = path.as_str();
    let text = text.strip_suffix(".py").unwrap_or(text);
    let mut parts: Vec<&str> = text.split('/').collect();
    if parts.last() == Some(&"__init__") {
        parts.pop();
    }
    parts
}

fn entries(tree: &dyn SourceTree, path: &RelPath, module: &Module, factories: &Factories) -> Vec<Entry> {
    let parts = dotted(path);
    let root = import_root(tree, path, module);
    let below = root.as_ref().map_or(0, RelPath::depth);
    let seen_from_root = parts[below.min(parts.len())..].join(".");
    // `__init__.py` at the root is no module that can be named.
    if seen_from_root.is_empty() {
        return Vec::new();
    }
    let here = parts.join(".");
    let factory_of = |value: &Expr| match value {
        Expr::Call(call) => {
            let meaning = module.meaning(&call.func)?;
            factories.get(&meaning).or_else(|| factories.get(&format!("{here}.{meaning}"))).copied()
        }
        _ => None,
    };
    let entry = |framework, name: &str, line, kind| Entry {
        framework,
        path: path.clone(),
        line,
        module: seen_from_root.clone(),
        root: root.clone(),
        name: name.to_owned(),
        kind,
    };
    let mut found = Vec::new();
    for statement in module.top_level() {
        for (name, value) in assignments(statement) {
            if let Some(framework) = made_by(module, value).or_else(|| factory_of(value)) {
                found.push(entry(framework, name, module.line(statement), EntryKind::Object));
            }
        }
        if let Stmt::FunctionDef(function) = statement
            && let Some(&framework) = factories.get(&format!("{here}.{}", function.name))
        {
            let line = module.line(&function.name);
            found.push(entry(framework, function.name.as_str(), line, EntryKind::Factory));
        }
    }
    // A name that is assigned twice is one entry.
    found.dedup_by(|later, first| later.name == first.name && later.kind == first.kind);
    found
}
