//! A program without a framework: a main file at the root, a script that the project declares, or
//! a package that can be run. What listens is `web`, anything else `worker`: nothing must send
//! HTTP to a program that never listens.

use std::collections::BTreeSet;

use packwright_planner::{Command, Decision, Loser, Origin, Process, RelPath, SourceTree, find};

use super::Application;
use super::declared::{Script, scripts};
use super::listening::Listening;
use super::web::command;
use crate::dependencies::Dependencies;
use crate::entry::SKIPPED;
use crate::manifest::text;
use crate::messages;
use crate::syntax::Module;

/// Main files in the order of preference.
pub(crate) const MAIN_FILES: &[&str] = &[
    "main.py",
    "app.py",
    "server.py",
    "bot.py",
    "start.py",
    "run.py",
    "hello.py",
    "worker.py",
    "__main__.py",
];

/// A program follows its own imports so far to see whether it listens.
const MAX_FILES: usize = 30;

/// A way to start.
struct Program {
    /// What the decision calls it.
    label: String,
    /// How it starts.
    line: String,
    /// Who says so.
    origin: Origin,
    /// The file that runs first.
    file: Option<RelPath>,
    /// The directory that must be on Python's path.
    root: Option<RelPath>,
}

/// The best program; `None` when there is nothing to start.
pub(super) fn recognise(tree: &dyn SourceTree, dependencies: &Dependencies) -> Option<Application> {
    let mut programs: Vec<Program> = main_files(tree).collect();
    let declared = scripts(tree, dependencies);
    programs.extend(declared.iter().map(|script| of_script(tree, script)));
    programs.extend(packages(tree));
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
        (true, Some((listening, _))) if listening.reads_port => ("web", "reads PORT"),
        (true, _) => ("web", "listens"),
        (false, _) => ("worker", "does not read PORT"),
    };
    Some(Application {
        processes: vec![Process {
            name: name.parse().expect("a process name"),
            command: command(&format!("{}{arguments}", chosen.line)),
            origin: Origin::Detected(format!("{} in {}, which {why}", chosen.label, chosen.origin)),
        }],
        import_roots: chosen.root.into_iter().collect(),
        decisions: vec![
            no_framework(),
            Decision {
                subject: "application".to_owned(),
                value: chosen.label,
                origin: chosen.origin,
                losers: programs.map(|other| Loser { value: other.label, origin: other.origin }).collect(),
            },
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
    Decision {
        subject: "python framework".to_owned(),
        value: "none".to_owned(),
        origin: Origin::Default("no file uses a web framework".to_owned()),
        losers: Vec::new(),
    }
}

fn main_files(tree: &dyn SourceTree) -> impl Iterator<Item = Program> {
    MAIN_FILES.iter().filter_map(|name| find(tree, name)).map(|file| Program {
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
            if SKIPPED.contains(&package) || package.contains(['-', '.', ' ']) {
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

/// Where the program listens: `file` itself, or the first of the project's modules that it
/// imports.
fn listening(tree: &dyn SourceTree, file: &RelPath, root: Option<&RelPath>) -> (Listening, RelPath) {
    let mut first = None;
    let mut open = vec![file.clone()];
    let mut seen: BTreeSet<RelPath> = BTreeSet::new();
    while let Some(path) = open.pop() {
        if seen.len() >= MAX_FILES || !seen.insert(path.clone()) {
            continue;
        }
        let Some(source) = text(tree, &path).ok().flatten() else { continue };
        let base = root.map_or(String::new(), |root| format!("{root}/"));
        let inner = path.as_str().strip_prefix(&base).unwrap_or(path.as_str());
        let is_package = path.name() == "__init__.py";
        let dotted = inner.trim_end_matches(".py").trim_end_matches("/__init__").replace('/', ".");
        let module = Module::parse(&source, &dotted, is_package);
        let found = Listening::of(&module);
        if found.listens() {
            return (found, path);
        }
        first.get_or_insert(found);
        for (_, target) in module.imports() {
            let mut parts: Vec<&str> = target.split('.').collect();
            while !parts.is_empty() {
                let stem = format!("{base}{}", parts.join("/"));
                let file = [format!("{stem}.py"), format!("{stem}/__init__.py")]
                    .iter()
                    .find_map(|path| find(tree, path));
                if let Some(file) = file {
                    open.push(file.path.clone());
                    break;
                }
                parts.pop();
            }
        }
    }
    (first.unwrap_or_default(), file.clone())
}
