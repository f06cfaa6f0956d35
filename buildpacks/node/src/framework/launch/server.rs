//! Servers that frameworks make.

use packwright_buildpack::planner::{
    Claim, Command, Diagnostic, Origin, Overridden, Requested, Scope, Selection, Setting,
};

use super::finish::{built, declared};
use super::program::program;
use super::run::run;
use super::start::{begin, keys, take};
use crate::application::{AddedPackage, Application, Modules};
use crate::framework::build_result::{BuiltServer, Shipped};
use crate::framework::recognition::{Recognition, started};
use crate::framework::row::FrameworkRow;
use crate::framework::{astro, build, router};
use crate::messages;
use crate::process::entry::ReachedFiles;
use crate::process::{self, StartCommand};

/// A server that the framework makes, or that the project starts itself.
pub(crate) fn server(case: &mut Recognition<'_>, server: BuiltServer) -> Application {
    let Some(row) = case.row else { return program(case) };
    let start = case.starts.start.take();
    let own = start.filter(|start| !is_same(&server, start));
    let declared_web =
        case.subject.project.context.model.processes.iter().any(|process| process.name.as_str() == "web");
    let mut application = case.application(Claim::Server);
    application.claim.origin = server.origin.clone();
    let alone = matches!(server.ship, Shipped::Alone(_)) && own.is_none() && !declared_web;
    let ship = match server.ship {
        Shipped::Alone(dirs) if alone => Shipped::Alone(dirs),
        // Whoever starts something else may need whatever else there is.
        _ if own.as_ref().is_some_and(|own| !is_like(&server.start, own)) => Shipped::Whole,
        Shipped::Alone(_) => Shipped::Whole,
        other => other,
    };
    let dirs = match &ship {
        Shipped::Alone(dirs) | Shipped::With(dirs) => dirs.clone(),
        Shipped::Whole => Vec::new(),
    };
    case.needs_keys = true;
    application.build = build::framework(case, &dirs, &ship, &server.layout);
    if let Some(built) = &mut application.build {
        let written = server.written.iter().map(|&(path, text)| Command::write(path, text));
        built.commands.splice(0..0, written);
        let own = server.build_environment.iter();
        built.environment.extend(own.map(|&(name, value)| (name.to_owned(), value.to_owned())));
    }
    // What only starts the server is of no use where the project starts it.
    let needed = |added: &AddedPackage| added.scope == Scope::Build || own.is_none();
    application.added = server.added.into_iter().filter(needed).collect();
    let told = application.added.iter().map(|added| messages::package_added(added.name, &added.origin));
    application.diagnostics.extend(told);
    keys(case, &mut application);
    for (name, value, why) in &server.environment {
        let setting = Setting::default(*value, *why);
        application.environment.insert((*name).to_owned(), setting);
    }
    let starts_itself = |own: &StartCommand| is_like(&server.start, own) && !own.text.contains("build");
    if own.as_ref().is_none_or(starts_itself) && case.subject.project.context.model.processes.is_empty() {
        application.unneeded = server.unneeded.to_vec();
    }
    if !alone {
        for Requested { value, origin } in server.also {
            application.diagnostics.push(messages::kept_for_start(&value, &origin));
            application.also.push(value);
        }
    }
    let other = case.starts.other.take();
    match (own, server.start) {
        (Some(start), words) => {
            let instead = words.map(|words| Overridden {
                value: words.join(" "),
                origin: Origin::Default(format!("how {} is started", row.name)),
            });
            begin(case, &mut application, start, instead, true);
        }
        (None, Some(words)) => {
            if let Some(other) = &other {
                application.diagnostics.push(messages::development_server_replaced(
                    &other.text,
                    &words.join(" "),
                    &other.origin,
                ));
            }
            let start = default_start(case, &words, row.name, alone);
            let also = other.as_ref();
            let mut decision = started(&start, &start.text, &start.origin, also);
            decision.overridden.dedup();
            application.decisions.push(decision);
            take(&mut application, &start);
            let files = ReachedFiles::of(case.subject);
            let (process, _) = process::process(case.subject, &files, &start, true);
            application.processes.push(process);
        }
        (None, None) => {
            let problem = match &other {
                Some(other) => start_missing(row, &other.origin),
                None => start_missing(row, &server.origin),
            };
            application.process_missing = Some(problem);
        }
    }
    if alone {
        application.modules = Modules::None;
        application.source = Selection::of(Vec::<String>::new());
    }
    declared(case, &mut application);
    built(case, &mut application);
    application
}

/// Whether the project's script means what the framework does anyway.
fn is_same(server: &BuiltServer, start: &StartCommand) -> bool {
    server.same.contains(&start.text.as_str()) && server.start.is_some()
}

/// Whether the project's script starts the framework's own program with words of its own.
fn is_like(words: &Option<Vec<String>>, start: &StartCommand) -> bool {
    let Some(words) = words else { return false };
    let program = words.first().is_some_and(|program| *program == start.analysis.program);
    let file = start.analysis.file.as_deref().map(|file| file.trim_start_matches("./"));
    program && (file.is_none() || words.iter().any(|word| Some(word.trim_start_matches("./")) == file))
}

/// The framework's own way to start.
fn default_start(case: &Recognition<'_>, words: &[String], name: &str, alone: bool) -> StartCommand {
    let text = words.join(" ");
    let segments = process::parse(&text).unwrap_or_default();
    let origin = Origin::Default(format!("how {name} is started"));
    let mut analysis = process::analyse(case.subject, &segments, &origin, true);
    if alone {
        analysis.modules = Modules::None;
    }
    let command = process::words_command(case.subject, words);
    StartCommand { command, origin, analysis, text, overridden: Vec::new() }
}

/// A framework whose build makes nothing that runs here, unless a script of the project does.
pub(crate) fn broken(case: &mut Recognition<'_>, mut problem: Diagnostic) -> Application {
    let declares = !case.subject.project.context.model.processes.is_empty();
    if let Some(start) = case.starts.start.take() {
        problem.severity = packwright_buildpack::planner::Severity::Warning;
        case.warn(problem);
        return run(case, start, None, true);
    }
    let mut application = case.application(Claim::Server);
    application.build = build::framework(case, &[], &Shipped::Whole, &[]);
    match declares {
        true => {
            problem.severity = packwright_buildpack::planner::Severity::Warning;
            case.warn(problem);
        }
        false => {
            problem.severity = packwright_buildpack::planner::Severity::Error;
            application.process_missing = Some(problem);
        }
    }
    declared(case, &mut application);
    built(case, &mut application);
    application
}

/// What is said when nothing starts the server that the framework's build makes.
fn start_missing(row: &FrameworkRow, origin: &Origin) -> Diagnostic {
    match row.id {
        "react-router" | "remix" => router::serve_missing(row.id, origin),
        "astro" => Some(astro::middleware(origin)),
        _ => None,
    }
    .unwrap_or_else(|| messages::handler_without_server(row.name, origin))
}
