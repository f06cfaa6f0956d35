//! Finds the application object of a web framework in the project's files: which module, which
//! name, object or factory. Looks into the files in the order in which people put it there, and
//! stops where it is found.

use std::collections::{BTreeMap, BTreeSet};

use packwright_planner::{FileKind, Origin, RelPath, SourceTree};
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};

use crate::framework::{FRAMEWORKS, Framework};
use crate::syntax::{Module, string};

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
    for group in files.chunk_by(|a, b| depth(a) == depth(b)) {
        for &path in group {
            let Ok(bytes) = tree.read(path) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            if FRAMEWORKS.iter().any(|one| one.words.iter().any(|word| text.contains(word))) {
                let dotted = dotted(path).join(".");
                let module = Module::parse(&text, &dotted, stem(path) == "__init__");
                for framework in FRAMEWORKS {
                    if module.imported().contains(framework.module) {
                        found.imported.entry(framework.id).or_insert_with(|| path.clone());
                    }
                }
                modules.push((path, module));
            }
        }
        let factories = factories(&modules);
        found.entries =
            modules.iter().flat_map(|(path, module)| entries(tree, path, module, &factories)).collect();
        if found.entries.iter().any(|entry| entry.kind == EntryKind::Object) {
            break;
        }
    }
    found.entries.sort_by(|a, b| (a.rank(), &a.path, a.line).cmp(&(b.rank(), &b.path, b.line)));
    found
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

/// Functions that give an application, by dotted path.
type Factories = BTreeMap<String, &'static Framework>;

fn factories(modules: &[(&RelPath, Module)]) -> Factories {
    let mut found = Factories::new();
    for (path, module) in modules {
        for statement in module.top_level() {
            if let Stmt::FunctionDef(function) = statement
                && let Some(framework) = made_in(module, function)
            {
                let mut parts = dotted(path);
                parts.push(function.name.as_str());
                found.insert(parts.join("."), framework);
                if parts.first() == Some(&"src") {
                    found.insert(parts[1..].join("."), framework);
                }
            }
        }
    }
    found
}

/// The framework whose application `function` makes and returns.
fn made_in(module: &Module, function: &StmtFunctionDef) -> Option<&'static Framework> {
    let needs_argument = function
        .parameters
        .posonlyargs
        .iter()
        .chain(&function.parameters.args)
        .chain(&function.parameters.kwonlyargs)
        .any(|parameter| parameter.default.is_none());
    if function.is_async || needs_argument {
        return None;
    }
    let mut making = Making { module, made: Vec::new(), returned: BTreeSet::new(), returns_call: None };
    making.visit_body(&function.body);
    making.returns_call.or_else(|| {
        making.made.iter().find(|(name, _)| making.returned.contains(name)).map(|&(_, framework)| framework)
    })
}

struct Making<'m> {
    module: &'m Module,
    made: Vec<(String, &'static Framework)>,
    returned: BTreeSet<String>,
    returns_call: Option<&'static Framework>,
}

impl<'a> Visitor<'a> for Making<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            // What an inner function returns is its own affair.
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => return,
            Stmt::Return(back) => match back.value.as_deref() {
                Some(Expr::Name(name)) => {
                    self.returned.insert(name.id.to_string());
                }
                Some(value) => self.returns_call = self.returns_call.or(made_by(self.module, value)),
                None => {}
            },
            _ => {
                for (name, value) in assignments(statement) {
                    if let Some(framework) = made_by(self.module, value) {
                        self.made.push((name.to_owned(), framework));
                    }
                }
            }
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        walk_expr(self, expression);
    }
}

/// The framework whose class `expression` calls; classes of this module that derive from it
/// count.
fn made_by(module: &Module, expression: &Expr) -> Option<&'static Framework> {
    let Expr::Call(call) = expression else {
        return None;
    };
    let class_of = |class: &Expr| {
        FRAMEWORKS.iter().copied().find(|one| one.classes.iter().any(|path| module.names(class, path)))
    };
    class_of(&call.func).or_else(|| {
        let Expr::Name(name) = &*call.func else {
            return None;
        };
        module.top_level().into_iter().find_map(|statement| match statement {
            Stmt::ClassDef(class) if class.name.as_str() == name.id.as_str() => {
                class.arguments.iter().flat_map(|bases| &bases.args).find_map(class_of)
            }
            _ => None,
        })
    })
}

/// Names that `statement` assigns, with the value.
pub(crate) fn assignments(statement: &Stmt) -> Vec<(&str, &Expr)> {
    match statement {
        Stmt::Assign(assign) => assign
            .targets
            .iter()
            .filter_map(|target| match target {
                Expr::Name(name) => Some((name.id.as_str(), &*assign.value)),
                _ => None,
            })
            .collect(),
        Stmt::AnnAssign(assign) => match (&*assign.target, &assign.value) {
            (Expr::Name(name), Some(value)) => vec![(name.id.as_str(), &**value)],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
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

/// The directory from which the module's imports of the project's own files can be found, when
/// it is not the root: of all directories above the file, the one with the most hits; the
/// outermost among equals, but `src` before the root when nothing speaks against it.
fn import_root(tree: &dyn SourceTree, path: &RelPath, module: &Module) -> Option<RelPath> {
    let mut roots: Vec<Option<RelPath>> = vec![None];
    let mut dir = path.parent();
    let mut above = Vec::new();
    while let Some(inner) = dir {
        dir = inner.parent();
        above.push(Some(inner));
    }
    roots.extend(above.into_iter().rev());
    let hits = |root: &Option<RelPath>| {
        module
            .imported()
            .into_iter()
            .filter(|name| {
                let base = root.as_ref().map_or(String::new(), |dir| format!("{dir}/"));
                let file = format!("{base}{name}.py");
                file == path.as_str()
                    || packwright_planner::has(tree, &file)
                    || has_directory(tree, &format!("{base}{name}/"))
            })
            .count()
    };
    let is_src = |root: &Option<RelPath>| {
        root.as_ref().is_some_and(|dir| dir.as_str() == "src")
            && !packwright_planner::has(tree, "src/__init__.py")
    };
    // A package is imported as a whole: a directory with `__init__.py` is no root, unless its
    // imports can only be found there.
    roots
        .into_iter()
        .enumerate()
        .max_by_key(|(index, root)| (hits(root), is_src(root), std::cmp::Reverse(*index)))
        .and_then(|(_, root)| root)
}

fn has_directory(tree: &dyn SourceTree, prefix: &str) -> bool {
    let files = tree.files();
    let at = files.partition_point(|file| file.path.as_str() < prefix);
    files.get(at).is_some_and(|file| file.path.as_str().starts_with(prefix))
}

/// The value that `module` gives to the environment variable `name` unless it is set.
pub(crate) fn default_of_variable<'m>(module: &'m Module, name: &str) -> Option<(&'m str, u32)> {
    struct Find<'n, 'a> {
        name: &'n str,
        found: Option<&'a Expr>,
    }
    impl<'a> Visitor<'a> for Find<'_, 'a> {
        fn visit_stmt(&mut self, statement: &'a Stmt) {
            if let Stmt::Assign(assign) = statement
                && let [Expr::Subscript(target)] = assign.targets.as_slice()
                && string(&target.slice) == Some(self.name)
            {
                self.found.get_or_insert(&assign.value);
            }
            walk_stmt(self, statement);
        }
        fn visit_expr(&mut self, expression: &'a Expr) {
            if let Expr::Call(call) = expression
                && let Expr::Attribute(attribute) = &*call.func
                && attribute.attr.as_str() == "setdefault"
                && let [name, value] = &*call.arguments.args
                && string(name) == Some(self.name)
            {
                self.found.get_or_insert(value);
            }
            walk_expr(self, expression);
        }
    }
    let mut find = Find { name, found: None };
    find.visit_body(module.body());
    let value = find.found?;
    Some((string(value)?, module.line(value)))
}

#[cfg(test)]
mod tests;
