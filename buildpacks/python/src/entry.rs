//! Finds the applications of frameworks in the project's files: which file, which module, which
//! name. The likely files come first, and the search stops as soon as it has found what is
//! required. Reads syntax trees; the tables of [`crate::framework::table`] say what to look for.

mod callables;
mod candidates;
mod constructors;
mod hints;
mod import_root;
mod incomplete;
mod parsed;
mod signs;
pub(crate) mod types;

use packwright_buildpack::planner::{RelPath, SourceTree};

use crate::framework::kinds::AppKind;
use crate::framework::table::{Framework, Mark, Sign, WEB, WORKERS};
pub(crate) use callables::callables;
pub(crate) use candidates::{SKIPPED, depth, files, is_identifier, is_runnable};
pub(crate) use import_root::{import_root, imports_from};
use parsed::{Parsed, read};
pub(crate) use types::{AppEntry, Search};

/// Searches the tree. `have` tells which requirements there are: a worker's program must be among
/// them, and of several web frameworks the one that is asked for is meant.
pub(crate) fn search(tree: &dyn SourceTree, have: &dyn Fn(&str) -> bool) -> Search {
    let required = |framework: &Framework| framework.is_required(have);
    let workers: Vec<&'static Framework> = WORKERS.iter().filter(|one| required(one)).collect();
    let anyone = !WEB.iter().any(required);
    let table: Vec<&'static Framework> = WEB.iter().chain(workers.iter().copied()).collect();
    let mut found = Search::default();
    let mut modules: Vec<Parsed> = Vec::new();
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
        let is_strong = |entry: &AppEntry| {
            matches!(entry.kind, AppKind::Object | AppKind::File) && (anyone || required(entry.framework))
        };
        let all_work = workers.iter().all(|one| found.workers.iter().any(|entry| entry.framework == *one));
        if found.web.iter().any(is_strong) && all_work {
            break;
        }
    }
    // `app = create_app()` and `app.run()` often stand in files that do not know the framework.
    let factories = signs::factories(&modules);
    let runs = found.web.len() > 1;
    let before = modules.len();
    for (path, text) in others {
        let calls = factories.iter().any(|name| text.contains(name.as_str()));
        if calls || (runs && text.contains("run(")) {
            modules.extend(read(path, &text));
        }
    }
    if modules.len() > before {
        found = signs::look(tree, &modules, &table);
    }
    hints::apply(&mut found.web, &modules, tree);
    incomplete::sort_out(&mut found.web, &modules, tree);
    let by_rank = |a: &AppEntry, b: &AppEntry| {
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
