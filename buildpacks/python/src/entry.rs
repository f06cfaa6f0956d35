//! Finds the applications of frameworks in the project's files: which file, which module, which
//! name. Looks into the files in the order in which people put them there, and stops where it is
//! found. Reads syntax trees; the tables of [`crate::framework::table`] say what to look for.

mod candidates;
mod finishing;
mod hints;
mod import_root;
mod making;
mod signs;

use std::collections::BTreeMap;

use packwright_planner::{Origin, RelPath, SourceTree};

use crate::framework::table::{Framework, Mark, Sign, WEB, WORKERS};
use crate::syntax::Module;
pub(crate) use candidates::{SKIPPED, depth, files, is_identifier, is_runnable};
use candidates::{dotted, stem};
pub(crate) use import_root::{import_root, imports_from};

/// A place where a framework's application can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The framework.
    pub(crate) framework: &'static Framework,
    /// What gave it away, and how it starts.
    pub(crate) sign: &'static Sign,
    /// The file.
    pub(crate) path: RelPath,
    /// The line of the assignment, the function or the call.
    pub(crate) line: u32,
    /// The module's dotted path, seen from `root`.
    pub(crate) module: String,
    /// The directory that must be on Python's path besides `/app`, if another one.
    pub(crate) root: Option<RelPath>,
    /// Whether the file imports modules from the root of the tree.
    pub(crate) uses_root: bool,
    /// The object's name, or the factory's; of a file its stem.
    pub(crate) name: String,
    /// What stands there.
    pub(crate) kind: EntryKind,
    /// The place that runs it by name.
    pub(crate) hint: Option<Origin>,
    /// Whether another file imports the module.
    pub(crate) is_imported: bool,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EntryKind {
    /// The name is the application.
    Object,
    /// The whole file is the application.
    File,
    /// A function without needed arguments that gives the application.
    Factory,
    /// The same as `async def`.
    Coroutine,
}

/// Something that comes near to an application.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NearMiss {
    /// Where it stands.
    pub(crate) origin: Origin,
    /// Why it is none.
    pub(crate) reason: String,
}

/// What a search has seen.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Search {
    /// Applications that answer HTTP, the best first.
    pub(crate) web: Vec<Entry>,
    /// Applications that work on queues, by table and then the best first.
    pub(crate) workers: Vec<Entry>,
    /// Frameworks that some file imports, by identifier, with the first such place.
    pub(crate) imported: BTreeMap<&'static str, Origin>,
    /// What is no application and looks like one, by identifier of the framework.
    pub(crate) near: Vec<(&'static str, NearMiss)>,
}

/// Names that an application has when there are several.
const NAMES: &[&str] = &["app", "application", "api", "server", "service"];

impl Entry {
    /// Where it stands.
    pub(crate) fn origin(&self) -> Origin {
        Origin::line(&self.path, self.line)
    }

    /// `module:name`, with `()` for a factory; a file's path.
    pub(crate) fn reference(&self) -> String {
        match self.kind {
            EntryKind::Object => format!("{}:{}", self.module, self.name),
            EntryKind::File => self.path.to_string(),
            EntryKind::Factory | EntryKind::Coroutine => format!("{}:{}()", self.module, self.name),
        }
    }

    /// Smaller is better. What runs it by name is better than any guess; then what the project
    /// asks for, what stands ready, what lies higher up, and what people call it.
    fn rank(&self, is_required: bool) -> impl Ord + use<> {
        let position =
            |list: &[&str], name: &str| list.iter().position(|&known| known == name).unwrap_or(list.len());
        let of = |table: &[Framework]| table.iter().position(|one| one == self.framework);
        let sign = self.framework.signs.iter().position(|one| one == self.sign);
        (
            (!is_required, self.hint.is_none()),
            (sign > Some(0) && self.kind == EntryKind::File, self.kind > EntryKind::File),
            (depth(&self.path), self.kind == EntryKind::File && self.is_imported),
            candidates::stem_rank(&self.path),
            of(WEB).or_else(|| of(WORKERS)),
            position(NAMES, &self.name),
        )
    }
}

/// A file that was read.
struct Read {
    path: RelPath,
    module: Module,
}

/// Searches the tree. `have` tells which requirements there are: a worker's program must be among
/// them, and of several web frameworks the one that is asked for is meant.
pub(crate) fn search(tree: &dyn SourceTree, have: &dyn Fn(&str) -> bool) -> Search {
    let required = |framework: &Framework| framework.is_required(have);
    let workers: Vec<&'static Framework> = WORKERS.iter().filter(|one| required(one)).collect();
    let anyone = !WEB.iter().any(required);
    let table: Vec<&'static Framework> = WEB.iter().chain(workers.iter().copied()).collect();
    let mut found = Search::default();
    let mut modules: Vec<Read> = Vec::new();
    let mut others: Vec<(&RelPath, String)> = Vec::new();
    for group in candidates::files(tree).chunk_by(|a, b| depth(a) == depth(b)) {
        let before = modules.len();
        for &path in group {
            let Ok(bytes) = tree.read(path) else { continue };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            match table.iter().any(|one| is_mentioned(one, &text)) {
                true => modules.extend(read(path, &text)),
                false => others.push((path, text)),
            }
        }
        if modules.len() == before {
            continue;
        }
        found = signs::look(tree, &modules, &table);
        let is_strong = |entry: &Entry| {
            matches!(entry.kind, EntryKind::Object | EntryKind::File) && (anyone || required(entry.framework))
        };
        let all_work = workers.iter().all(|one| found.workers.iter().any(|entry| entry.framework == *one));
        if found.web.iter().any(is_strong) && all_work {
            break;
        }
    }
    // `app = create_app()` and `app.run()` often stand in files that do not know the framework.
    let makers = signs::makers(&modules);
    let runs = found.web.len() > 1;
    let before = modules.len();
    for (path, text) in others {
        let calls = makers.iter().any(|name| text.contains(name.as_str()));
        if calls || (runs && text.contains("run(")) {
            modules.extend(read(path, &text));
        }
    }
    if modules.len() > before {
        found = signs::look(tree, &modules, &table);
    }
    hints::apply(&mut found.web, &modules, tree);
    finishing::sort_out(&mut found.web, &modules, tree);
    let by_rank = |a: &Entry, b: &Entry| {
        (a.rank(required(a.framework)), &a.path, a.line).cmp(&(
            b.rank(required(b.framework)),
            &b.path,
            b.line,
        ))
    };
    found.web.sort_by(by_rank);
    found.workers.sort_by(by_rank);
    found
}

fn is_mentioned(framework: &Framework, text: &str) -> bool {
    let by_class = |sign: &Sign| matches!(sign.mark, Mark::Class(name) if text.contains(name));
    text.contains(framework.module) || framework.signs.iter().any(by_class)
}

/// The file, unless it is Alembic's: the environment of migrations makes an application to ask it
/// for its database, and lies wherever `alembic.ini` says.
fn read(path: &RelPath, text: &str) -> Option<Read> {
    let module = parse(path, text);
    let migrates = module.imports().any(|(_, path)| path == "alembic.context");
    (!migrates).then(|| Read { module, path: path.clone() })
}

fn parse(path: &RelPath, text: &str) -> Module {
    Module::parse(text, &dotted(path).join("."), stem(path) == "__init__")
}
