//! A program that imports packages where no file says what to install, or a module of its own that an ignore file
//! leaves out: an image of it would end at its first line. Reads imports; what is listed somewhere is `manager`'s affair.

use packwright_buildpack::planner::{Diagnostic, Origin, PlanContext, RelPath, SourceTree};

use crate::framework::application::Application;
use crate::manager::{ChosenManager, Manager};
use crate::manifest::text;
use crate::messages;
use crate::standard_library;
use crate::syntax::Module;
use crate::syntax::ast::Stmt;

/// The error for a start of our own that imports what nothing brings; `tree` is what the application is looked
/// for in. `None` where another file may bring it: a declared build, a declared process, a manager that a
/// platform's file skips.
pub(crate) fn problem(
    context: &PlanContext<'_>,
    tree: &dyn SourceTree,
    manager: &ChosenManager,
    application: &Application,
) -> Option<Diagnostic> {
    let is_empty = manager.manager == Manager::None && matches!(manager.decision.origin, Origin::Default(_));
    let is_declared = !context.model.phases.is_empty()
        || context.options.start.is_some()
        || context.model.commands().next().is_some();
    if !is_empty || is_declared {
        return None;
    }
    let (name, origin) = unknown(tree, application).into_iter().next()?;
    Some(messages::nothing_listed(&name, &origin, lists(tree).first()))
}

/// The warning for a module of the source that an ignore file leaves out of the image, and that the start imports.
pub(crate) fn left_out(tree: &dyn SourceTree, application: &Application) -> Option<Diagnostic> {
    let imported = unknown(tree, application);
    [".dockerignore", ".slugignore"].iter().find_map(|file| {
        let path: RelPath = file.parse().expect("a relative path");
        let source = text(tree, &path).ok().flatten()?;
        let (name, origin, number) = source.lines().zip(1..).find_map(|(line, number)| {
            let last = line.trim().trim_end_matches('/').rsplit('/').next()?;
            let module = last.strip_suffix(".py").unwrap_or(last);
            let (name, origin) = imported.iter().find(|(name, _)| name == module)?;
            Some((name, origin, number))
        })?;
        Some(messages::module_left_out(name, origin, &Origin::line(&path, number)))
    })
}

/// What the start imports and neither Python nor the source has, with the places.
fn unknown(tree: &dyn SourceTree, application: &Application) -> Vec<(String, Origin)> {
    let Some(file) = &application.file else { return Vec::new() };
    let Some(source) = text(tree, file).ok().flatten() else { return Vec::new() };
    let module = Module::parse(&source, "", false);
    let all = imports(&module).into_iter().filter(|(name, _)| !is_known(tree, name));
    all.map(|(name, line)| (name, Origin::line(file, line))).collect()
}

/// The modules that are imported whenever the file runs: the first part of each name, and the line. An import in a
/// `try`, an `if` or a function may be one that the program can do without.
fn imports(module: &Module) -> Vec<(String, u32)> {
    let first = |path: &str| path.split('.').next().unwrap_or(path).to_owned();
    let of = |statement: &Stmt| -> Vec<(String, u32)> {
        let line = module.line(statement);
        match statement {
            Stmt::Import(one) => one.names.iter().map(|alias| (first(alias.name.as_str()), line)).collect(),
            Stmt::ImportFrom(one) if one.level == 0 => {
                one.module.iter().map(|name| (first(name.as_str()), line)).collect()
            }
            _ => Vec::new(),
        }
    };
    module.body().iter().flat_map(of).collect()
}

/// Whether Python or the source has a module of this name, wherever it lies.
fn is_known(tree: &dyn SourceTree, name: &str) -> bool {
    let is_file = |part: &str| {
        let rest = part.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
        rest.is_some_and(|rest| ["py", "so", "pyc"].iter().any(|suffix| rest.ends_with(suffix)))
    };
    let is_here = |path: &RelPath| path.parts().any(|part| part == name || is_file(part));
    standard_library::has(name) || tree.files().iter().any(|file| is_here(&file.path))
}

/// Files that look like lists of requirements and are none that a tool reads by itself.
fn lists(tree: &dyn SourceTree) -> Vec<&RelPath> {
    let is_list = |path: &&RelPath| {
        let is_text = path.name().ends_with(".txt");
        is_text && path.parts().any(|part| part.contains("requirements"))
    };
    let mut found: Vec<&RelPath> = tree.files().iter().map(|file| &file.path).filter(is_list).collect();
    // `requirements/requirements.txt`, `base.txt` and the like before lists of development.
    let is_main =
        |path: &RelPath| ["requirements", "base", "prod"].iter().any(|stem| path.name().starts_with(stem));
    found.sort_by_key(|path| (!is_main(path), path.depth(), path.as_str()));
    found
}
