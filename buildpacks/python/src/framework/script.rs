//! A program without a framework: a main file at the root, a script that the project declares, or
//! a package that can be run. What listens is `web`, anything else `worker`: nothing must send
//! HTTP to a program that never listens.

use std::collections::{BTreeSet, VecDeque};

use packwright_buildpack::files::beside;
use packwright_buildpack::planner::{
    Command, Decision, Origin, Overridden, Process, ProcessName, RelPath, SourceTree, find,
};

use super::application::Application;
use super::listening::ModuleListening;
use super::program::Program;
use super::scripts::{Script, scripts};
use super::subdirectory;
use super::web::{command, framework_decision};
use crate::dependencies::Dependencies;
use crate::entry::{AppEntry, SKIPPED, is_runnable};
use crate::manifest::text;
use crate::messages;
use crate::project_files::MAIN_FILES;
use crate::syntax::Module;

/// A program follows its own imports so far to see whether it listens.
const MAX_FILES: usize = 30;

/// The best program; `None` when there is nothing to start.
pub(super) fn recognise(tree: &dyn SourceTree, dependencies: &Dependencies) -> Option<Application> {
    start(tree, programs(tree, dependencies))
}

/// The program that serves what `factory` makes in a way of its own, so that a server that called
/// the function would not do the same: it gives it arguments and listens on `PORT`, or brings a
/// server.
pub(super) fn serving(
    tree: &dyn SourceTree,
    dependencies: &Dependencies,
    factory: &AppEntry,
) -> Option<Application> {
    let mut programs = programs(tree, dependencies);
    let at = programs.iter().position(|program| {
        let Some(file) = &program.file else { return false };
        let (listening, place) = listening(tree, file, program.root.as_ref());
        let gives_arguments = || {
            let source = text(tree, &place).ok().flatten();
            source.is_some_and(|source| {
                let module = Module::parse(&source, "", place.name() == "__init__.py");
                module.behaviour().calls.iter().any(|call| {
                    let last = call.path.as_deref().and_then(|path| path.rsplit('.').next());
                    last == Some(factory.name.as_str()) && !call.node.arguments.is_empty()
                })
            })
        };
        listening.has_server || (listening.reads_port && gives_arguments())
    })?;
    programs.swap(0, at);
    let mut application = start(tree, programs)?;
    for decision in &mut application.decisions {
        match decision.subject.as_str() {
            "python framework" => *decision = framework_decision(factory.framework.id, factory.origin()),
            _ => decision.overridden.push(Overridden::new(factory.reference(), factory.origin())),
        }
    }
    Some(application)
}

fn programs(tree: &dyn SourceTree, dependencies: &Dependencies) -> Vec<Program> {
    let mut programs: Vec<Program> = main_files(tree, None).collect();
    let declared = scripts(tree, dependencies);
    programs.extend(declared.iter().map(|script| of_script(tree, script)));
    programs.extend(packages(tree));
    programs.extend(only_program(tree));
    if programs.is_empty() {
        programs = subdirectory::programs(tree);
    }
    // A member of a workspace is seen alone, by its paths in the whole tree.
    if programs.is_empty() {
        programs = common_dir(tree).map_or(Vec::new(), |dir| main_files(tree, Some(&dir)).collect());
    }
    programs
}

/// The deepest directory that has all files.
fn common_dir(tree: &dyn SourceTree) -> Option<RelPath> {
    let mut files = tree.files().iter().map(|file| &file.path);
    let mut dir = files.next()?.parent()?;
    for file in files {
        while !file.is_within(&dir) {
            dir = dir.parent()?;
        }
    }
    Some(dir)
}

/// Starts the first of `programs`.
fn start(tree: &dyn SourceTree, programs: Vec<Program>) -> Option<Application> {
    let mut programs = programs.into_iter();
    let chosen = programs.next()?;
    let listening = chosen.file.as_ref().map(|file| listening(tree, file, chosen.root.as_ref()));
    let (listens, arguments, diagnostics) = match &listening {
        Some((listening, file)) => {
            (listening.listens(), listening.arguments(), listening.diagnostics(file, false))
        }
        None => (false, String::new(), Vec::new()),
    };
    let (name, why) = match (listens, &listening) {
        (true, Some((listening, _))) if listening.reads_port => (ProcessName::web(), "reads PORT"),
        (true, _) => (ProcessName::web(), "listens"),
        (false, _) => (ProcessName::worker(), "does not read PORT"),
    };
    Some(Application {
        processes: vec![Process {
            name,
            command: command(&format!("{}{arguments}", chosen.line)),
            origin: Origin::Detected(format!("{} in {}, which {why}", chosen.label, chosen.origin)),
        }],
        file: chosen.file,
        import_roots: chosen.root.into_iter().collect(),
        decisions: vec![
            no_framework(),
            Decision::new("application", chosen.label, chosen.origin)
                .over(programs.map(|other| Overridden::new(other.label, other.origin))),
        ],
        diagnostics,
        ..Application::default()
    })
}

/// Nothing can be started.
pub(super) fn missing() -> Application {
    Application {
        process_missing: Some(messages::main_missing(MAIN_FILES)),
        decisions: vec![no_framework()],
        ..Application::default()
    }
}

fn no_framework() -> Decision {
    Decision::new("python framework", "none", Origin::Default("no file uses a web framework".to_owned()))
}

fn main_files(tree: &dyn SourceTree, dir: Option<&RelPath>) -> impl Iterator<Item = Program> {
    let paths = MAIN_FILES.iter().filter_map(move |name| beside(dir, name));
    paths.filter_map(|path| find(tree, path.as_str())).map(|file| Program {
        label: file.path.to_string(),
        line: format!("python {}", file.path),
        origin: Origin::file(&file.path),
        file: Some(file.path.clone()),
        root: None,
    })
}

/// A script of the project: by its name when the project is installed, otherwise as the function
/// that it stands for.
fn of_script(tree: &dyn SourceTree, script: &Script) -> Program {
    let base = script.module.replace('.', "/");
    let in_tree = ["", "src/"].iter().find_map(|dir| {
        let file = [format!("{dir}{base}.py"), format!("{dir}{base}/__init__.py")]
            .iter()
            .find_map(|path| find(tree, path))?;
        Some((file.path.clone(), dir.trim_end_matches('/').parse::<RelPath>().ok()))
    });
    let installed = script.is_installed;
    let (file, root) = match in_tree {
        Some((file, root)) => (Some(file), root.filter(|_| !installed)),
        None => (None, None),
    };
    let first = script.function.split('.').next().unwrap_or(&script.function);
    let line = match installed {
        true => Command::Exec(vec![script.name.clone()]).to_string(),
        false => format!(
            "python -c 'import sys; from {} import {first}; sys.exit({}())'",
            script.module, script.function
        ),
    };
    Program {
        label: format!("{} ({}:{})", script.name, script.module, script.function),
        line,
        origin: script.origin.clone(),
        file,
        root,
    }
}

/// Packages with a `__main__.py`, at the root or below `src/`.
fn packages(tree: &dyn SourceTree) -> impl Iterator<Item = Program> {
    tree.files().iter().map(|file| &file.path).filter(|path| path.name() == "__main__.py").filter_map(
        |path| {
            let parts: Vec<&str> = path.parts().collect();
            let (package, root) = match parts.as_slice() {
                [package, _] => (*package, None),
                ["src", package, _] => (*package, Some("src".parse().expect("a relative path"))),
                _ => return None,
            };
            if SKIPPED.contains(&package) || !is_runnable(package) {
                return None;
            }
            Some(Program {
                label: package.to_owned(),
                line: format!("python -m {package}"),
                origin: Origin::file(path),
                file: Some(path.clone()),
                root,
            })
        },
    )
}

/// The only file at the root that does something when it is run and not when it is imported.
fn only_program(tree: &dyn SourceTree) -> Option<Program> {
    let is_tool = |name: &str| {
        matches!(name, "setup.py" | "manage.py" | "conftest.py" | "noxfile.py" | "fabfile.py" | "tests.py")
            || name.starts_with("test_")
            || name.ends_with("_test.py")
    };
    let mut programs = tree.files().iter().map(|file| &file.path).filter(|path| {
        path.depth() == 1
            && path.name().ends_with(".py")
            && !is_tool(path.name())
            && !MAIN_FILES.contains(&path.name())
            && text(tree, path)
                .ok()
                .flatten()
                .is_some_and(|source| Module::parse(&source, "", false).is_program())
    });
    let only = programs.next().filter(|_| programs.next().is_none())?;
    Some(Program {
        label: only.to_string(),
        line: format!("python {}", Command::Exec(vec![only.to_string()])),
        origin: Origin::file(only),
        file: Some(only.clone()),
        root: None,
    })
}

/// Where the program listens: `file` itself, or the first of the project's modules that it
/// imports.
fn listening(tree: &dyn SourceTree, file: &RelPath, root: Option<&RelPath>) -> (ModuleListening, RelPath) {
    let mut first = None;
    let mut open = VecDeque::from([file.clone()]);
    let mut seen: BTreeSet<RelPath> = BTreeSet::new();
    while let Some(path) = open.pop_front() {
        if seen.len() >= MAX_FILES || !seen.insert(path.clone()) {
            continue;
        }
        let Some(source) = text(tree, &path).ok().flatten() else { continue };
        let base = root.map_or(String::new(), |root| format!("{root}/"));
        let inner = path.as_str().strip_prefix(&base).unwrap_or(path.as_str());
        let is_package = path.name() == "__init__.py";
        let dotted = inner.trim_end_matches(".py").trim_end_matches("/__init__").replace('/', ".");
        let module = Module::parse(&source, &dotted, is_package);
        let found = ModuleListening::of(&module);
        if found.listens() {
            return (found, path);
        }
        first.get_or_insert(found);
        for target in module.behaviour().imports.values() {
            // A module is imported after the packages that it lies in.
            let parts: Vec<&str> = target.split('.').collect();
            for end in 1..=parts.len() {
                let stem = format!("{base}{}", parts[..end].join("/"));
                let files = [format!("{stem}/__init__.py"), format!("{stem}.py")];
                open.extend(files.iter().find_map(|path| find(tree, path)).map(|file| file.path.clone()));
            }
        }
    }
    (first.unwrap_or_default(), file.clone())
}
