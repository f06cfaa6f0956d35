//! Web applications of the frameworks in the table: which of those found is started, and how.

use packwright_buildpack::planner::{Command, Decision, Diagnostic, Origin, Overridden, Process, SourceTree};

use super::application::Application;
use super::kinds::AppKind;
use super::listening::ModuleListening;
use super::server::{self, ServeTarget, ServerCommand, serve};
use super::table::{Launch, WEB};
use crate::dependencies::Dependencies;
use crate::entry::{self, AppEntry, Search, is_identifier};
use crate::manifest::text;
use crate::messages;
use crate::syntax::Module;

/// `None` when no file holds a web application.
pub(super) fn recognise(
    tree: &dyn SourceTree,
    search: &Search,
    dependencies: &Dependencies,
) -> Option<Application> {
    let (chosen, others) = search.web.split_first()?;
    let start = start(tree, chosen, dependencies);
    let mut diagnostics = start.diagnostics;
    // A protocol needs no package.
    if let Some(package) = chosen.framework.packages.first()
        && !chosen.framework.is_required(|name| dependencies.have(name))
        && !dependencies.is_open()
    {
        let origin = chosen.origin();
        diagnostics.push(messages::framework_not_required(chosen.framework.name, package, &origin));
    }
    diagnostics.extend(rivals(chosen, others));
    let entry_decision = Decision::new(
        "application",
        chosen.reference(),
        chosen.hint.clone().unwrap_or_else(|| chosen.origin()),
    )
    .over(others.iter().map(|other| Overridden::new(other.reference(), other.origin())));
    let what = match chosen.kind {
        AppKind::File => format!("{} application in {}", chosen.framework.name, chosen.origin()),
        _ => format!("{} application `{}` in {}", chosen.framework.name, chosen.name, chosen.origin()),
    };
    Some(Application {
        processes: vec![Process::web(start.command, Origin::Detected(what))],
        file: Some(chosen.path.clone()),
        added_server: start.added,
        import_roots: chosen.root.iter().cloned().collect(),
        decisions: vec![framework_decision(chosen.framework.id, chosen.origin()), entry_decision],
        diagnostics,
        ..Application::default()
    })
}

/// An application that no framework made, for a server that is asked for or that its file shows.
pub(super) fn callable(tree: &dyn SourceTree, dependencies: &Dependencies) -> Option<Application> {
    let web = entry::callables(tree, server::asked(dependencies));
    recognise(tree, &Search { web, ..Search::default() }, dependencies)
}

/// The application for a project that requires and imports a web framework but constructs no
/// application of it: an error. Starting some file as a script would only seem to work.
pub(super) fn missing(search: &Search, dependencies: &Dependencies) -> Option<Application> {
    let (framework, origin) = WEB.iter().filter(|one| !one.is_library_too).find_map(|framework| {
        let origin = search.imported.get(framework.id)?;
        framework.packages.iter().any(|name| dependencies.ask_for(name)).then_some((framework, origin))
    })?;
    let near: Vec<_> =
        search.near.iter().filter(|(id, _)| *id == framework.id).map(|(_, near)| near.clone()).collect();
    Some(Application {
        process_missing: Some(messages::application_missing(framework, origin, &near)),
        decisions: vec![framework_decision(framework.id, origin.clone())],
        ..Application::default()
    })
}

pub(super) fn framework_decision(id: &str, origin: Origin) -> Decision {
    Decision::new("python framework", id, origin)
}

/// Other applications that could be meant as well: those of the same kind, unless something runs
/// the chosen one by name.
fn rivals(chosen: &AppEntry, others: &[AppEntry]) -> Option<Diagnostic> {
    if chosen.hint.is_some() || chosen.kind > AppKind::File {
        return None;
    }
    let stands_out = |other: &AppEntry| other.is_imported && !chosen.is_imported;
    let rival = others.iter().find(|other| match chosen.kind {
        AppKind::File => {
            other.kind <= AppKind::File
                && other.path != chosen.path
                && !(other.framework == chosen.framework && stands_out(other))
        }
        // What wraps another application of its own file is not its rival, nor is a second name of the same one.
        _ => {
            other.kind == AppKind::Object
                && (other.path != chosen.path
                    || (other.framework == chosen.framework && other.line != chosen.line))
        }
    })?;
    Some(messages::several_applications(
        chosen.framework.name,
        (&chosen.reference(), &chosen.origin()),
        (&rival.reference(), &rival.origin()),
    ))
}

fn start(tree: &dyn SourceTree, entry: &AppEntry, dependencies: &Dependencies) -> ServerCommand {
    let (line, factory) = match entry.sign.launch {
        Launch::Server(gateway) => {
            return serve(gateway, ServeTarget::of(entry), entry.framework.brings, dependencies);
        }
        Launch::Program(line, factory) => (line, factory),
    };
    let line = match entry.kind {
        AppKind::Factory | AppKind::Coroutine => factory.unwrap_or(line),
        AppKind::Object | AppKind::File => line,
    };
    let filled = fill(line, entry);
    // Without `$PORT` on its command line, the program itself must choose where to listen.
    let listening = listening(tree, entry);
    let told = filled.contains("$PORT");
    let mut diagnostics = Vec::new();
    let arguments = match &listening {
        Some(listening) if !told => listening.arguments(),
        _ => String::new(),
    };
    if line.contains("python ")
        && let Some(listening) = &listening
    {
        diagnostics = listening.diagnostics(&entry.path, told);
    }
    ServerCommand { command: command(&format!("{filled}{arguments}")), added: None, diagnostics }
}

/// The words of a line of the table for `entry`.
pub(super) fn fill(line: &str, entry: &AppEntry) -> String {
    // A file that is run by its path has no package to import from.
    let is_module = entry.module.contains('.') && entry.module.split('.').all(is_identifier);
    let line = match entry.is_relative && is_module {
        true => line.replace("python {file}", "python -m {module}"),
        false => line.to_owned(),
    };
    let filled = line
        .replace("{module}", &entry.module)
        .replace("{name}", &entry.name)
        .replace("{file}", &Command::Exec(vec![entry.path.to_string()]).to_string());
    // Programs that are given a file look for modules beside it, and nowhere else.
    match line.contains("{file}") && entry.uses_root && entry.path.depth() > 1 {
        true => format!("PYTHONPATH=/app {filled}"),
        false => filled,
    }
}

/// A line for a shell when it needs one.
pub(super) fn command(line: &str) -> Command {
    let needs_shell = line.contains(['$', '\'', '"', '=', '*']);
    match needs_shell {
        true => Command::shell(line),
        false => Command::Exec(line.split(' ').map(str::to_owned).collect()),
    }
}

fn listening(tree: &dyn SourceTree, entry: &AppEntry) -> Option<ModuleListening> {
    let source = text(tree, &entry.path).ok()??;
    Some(ModuleListening::of(&Module::parse(&source, &entry.module, false)))
}
