//! From what a build makes to what the image has and runs.

use packwright_planner::{
    Claim, Decision, Diagnostic, Fallback, Loser, Origin, Requested, Selection, Setting, StaticSite,
};

use super::shape::{Server, Ship, Site};
use super::{Case, build, keeps_script, start_missing, started};
use crate::application::{Application, Modules, Program};
use crate::messages;
use crate::process::{self, Serving, Start};

/// Files that the build makes, served by the image's own server. A script that starts a real
/// program wins, since somebody wrote it.
pub(super) fn site(case: &mut Case<'_>, site: Site) -> Application {
    if case
        .starts
        .start
        .as_ref()
        .is_some_and(|start| site.instead_of.contains(&start.judgement.program.as_str()))
    {
        case.starts.other = case.starts.start.take();
    }
    if let Some(start) = case.starts.start.take() {
        let loser = Loser { value: format!("files of {}", site.dir.value), origin: site.dir.origin.clone() };
        return run(case, start, Some(loser), true);
    }
    if keeps_script(case.subject)
        && let Some(start) = case.starts.other.take()
    {
        let loser = Loser { value: format!("files of {}", site.dir.value), origin: site.dir.origin.clone() };
        return run(case, start, Some(loser), true);
    }
    let mut application = case.application(Claim::Site);
    let Some(dir) = build::app_path(case, &site.dir.value).filter(|path| path.as_str() != "app") else {
        case.warn(messages::outside_of_tree(&site.dir.value, &site.dir.origin));
        return application;
    };
    application.claim.origin = site.dir.origin.clone();
    let dirs = vec![site.dir.value.clone()];
    let ship = Ship::Alone(dirs.clone());
    application.build = match case.row {
        Some(_) => build::framework(case, &dirs, &ship, &site.layout),
        None => build::script(case).map(|mut built| {
            built.outputs.retain(|_| false);
            built.outputs.extend(build::directory(case, &site.dir.value));
            built
        }),
    };
    let other = case.starts.other.take();
    application.decisions.push(Decision {
        subject: "served files".to_owned(),
        value: site.dir.value.clone(),
        origin: site.dir.origin.clone(),
        losers: other
            .iter()
            .map(|other| Loser { value: other.text.clone(), origin: other.origin.clone() })
            .collect(),
    });
    if let Some(other) = other {
        application.diagnostics.push(messages::static_server_takes_over(
            &other.text,
            &site.dir.value,
            &other.origin,
        ));
    }
    let step = application.build.as_ref().map(|_| "node.build".parse().expect("a step name"));
    if step.is_none() {
        case.warn(messages::build_missing(&case.subject.project.app.path, &site.dir.value, &site.dir.origin));
    }
    let inner = dir.below(&"app".parse().expect("a constant path"));
    application.site = Some(StaticSite {
        dir: inner,
        step,
        fallback: site.fallback,
        immutable: site.immutable,
        origin: site.dir.origin,
    });
    application.modules = Modules::None;
    application.source = Selection::of(Vec::<String>::new());
    declared(case, &mut application);
    built(case, &mut application);
    application
}

/// A server that the framework makes, or that the project starts itself.
pub(super) fn server(case: &mut Case<'_>, server: Server) -> Application {
    let Some(row) = case.row else { return program(case) };
    let start = case.starts.start.take();
    let own = start.filter(|start| !is_same(&server, start));
    let declared_web =
        case.subject.project.given.model.processes.iter().any(|process| process.name.as_str() == "web");
    let mut application = case.application(Claim::Server);
    application.claim.origin = server.origin.clone();
    let alone = matches!(server.ship, Ship::Alone(_)) && own.is_none() && !declared_web;
    let ship = match server.ship {
        Ship::Alone(dirs) if alone => Ship::Alone(dirs),
        // Whoever starts something else may need whatever else there is.
        _ if own.as_ref().is_some_and(|own| !is_like(&server.start, own)) => Ship::Whole,
        Ship::Alone(_) => Ship::Whole,
        other => other,
    };
    let dirs = match &ship {
        Ship::Alone(dirs) | Ship::With(dirs) => dirs.clone(),
        Ship::Whole => Vec::new(),
    };
    case.needs_keys = true;
    application.build = build::framework(case, &dirs, &ship, &server.layout);
    keys(case, &mut application);
    for (name, value, why) in &server.environment {
        let setting = Setting { value: (*value).to_owned(), origin: Origin::Default((*why).to_owned()) };
        application.environment.insert((*name).to_owned(), setting);
    }
    let starts_itself = |own: &Start| is_like(&server.start, own) && !own.text.contains("build");
    if own.as_ref().is_none_or(starts_itself) && case.subject.project.given.model.processes.is_empty() {
        application.unneeded = server.unneeded.to_vec();
    }
    let other = case.starts.other.take();
    match (own, server.start) {
        (Some(start), words) => {
            let instead = words.map(|words| Loser {
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
            decision.losers.dedup();
            application.decisions.push(decision);
            take(&mut application, &start);
            let (process, _) = process::process(case.subject, &start, true);
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
fn is_same(server: &Server, start: &Start) -> bool {
    server.same.contains(&start.text.as_str()) && server.start.is_some()
}

/// Whether the project's script starts the framework's own program with words of its own.
fn is_like(words: &Option<Vec<String>>, start: &Start) -> bool {
    let Some(words) = words else { return false };
    let program = words.first().is_some_and(|program| *program == start.judgement.program);
    let file = start.judgement.file.as_deref().map(|file| file.trim_start_matches("./"));
    program && (file.is_none() || words.iter().any(|word| Some(word.trim_start_matches("./")) == file))
}

/// The framework's own way to start.
fn default_start(case: &Case<'_>, words: &[String], name: &str, alone: bool) -> Start {
    let text = words.join(" ");
    let segments = process::parse(&text).unwrap_or_default();
    let origin = Origin::Default(format!("how {name} is started"));
    let mut judgement = process::judge(case.subject, &segments, &origin, true);
    if alone {
        judgement.modules = Modules::None;
    }
    let command = process::words_command(case.subject, words);
    Start { command, origin, judgement, text, losers: Vec::new() }
}

/// A framework whose build makes nothing that runs here, unless a script of the project does.
pub(super) fn broken(case: &mut Case<'_>, mut problem: Diagnostic) -> Application {
    let declares = !case.subject.project.given.model.processes.is_empty();
    if let Some(start) = case.starts.start.take() {
        problem.severity = packwright_planner::Severity::Warning;
        case.warn(problem);
        return run(case, start, None, true);
    }
    let mut application = case.application(Claim::Server);
    application.build = build::framework(case, &[], &Ship::Whole, &[]);
    match declares {
        true => {
            problem.severity = packwright_planner::Severity::Warning;
            case.warn(problem);
        }
        false => {
            problem.severity = packwright_planner::Severity::Error;
            application.process_missing = Some(problem);
        }
    }
    declared(case, &mut application);
    built(case, &mut application);
    application
}

/// No framework that builds: a program that scripts or files name, files that a script serves, or
/// tools only.
pub(super) fn program(case: &mut Case<'_>) -> Application {
    if let Some(start) = case.starts.start.take() {
        return run(case, start, None, false);
    }
    match case.starts.other.take() {
        Some(other) if other.judgement.serving == Serving::Files && !keeps_script(case.subject) => {
            return files(case, other);
        }
        Some(other) => {
            if other.judgement.serving == Serving::Development {
                case.warn(messages::development_server(&other.text, &other.origin));
            }
            return run(case, other, None, true);
        }
        None => {}
    }
    match process::from_entry(case.subject, case.built()) {
        Ok(start) => run(case, start, None, false),
        Err(missing) => {
            let mut application = case.application(Claim::Tools);
            application.claim.origin = Origin::file(&case.subject.project.app.path);
            application.build = build::script(case);
            application.process_missing = Some(missing);
            declared(case, &mut application);
            built(case, &mut application);
            application
        }
    }
}

/// A script that only serves files: the image's own server does, without Node.
fn files(case: &mut Case<'_>, other: Start) -> Application {
    let words: Vec<&str> = other.text.split_whitespace().collect();
    let at = words.iter().position(|word| *word == other.judgement.program).unwrap_or_default();
    let arguments = &words[(at + 1).min(words.len())..];
    let valued = ["-l", "--listen", "-p", "--port", "-a", "-c", "-d", "-g", "--config"];
    let named = arguments.iter().enumerate().find(|(index, word)| {
        !word.starts_with('-')
            && !index.checked_sub(1).is_some_and(|before| valued.contains(&arguments[before]))
    });
    let single = arguments.iter().any(|word| matches!(*word, "-s" | "--single" | "--spa"));
    let named = named.map_or(".", |(_, dir)| dir).trim_start_matches("./").trim_matches('/').to_owned();
    let public = other.judgement.program == "http-server" && case.subject.project.has("public/index.html");
    let dir = match named.as_str() {
        "" | "." if public => "public".to_owned(),
        "" | "." => String::new(),
        named => named.to_owned(),
    };
    let fallback = if single { Fallback::Index } else { Fallback::NotFound };
    if !dir.is_empty() && case.script.is_some() {
        let site = Site {
            dir: Requested { value: dir, origin: other.origin.clone() },
            fallback,
            immutable: Vec::new(),
            layout: Vec::new(),
            instead_of: &[],
        };
        case.starts.other = Some(other);
        return self::site(case, site);
    }
    let mut application = case.application(Claim::Site);
    application.claim.origin = other.origin.clone();
    let shown = if dir.is_empty() { "the source" } else { &dir };
    application.diagnostics.push(messages::static_server_takes_over(&other.text, shown, &other.origin));
    application.modules = Modules::None;
    application.build = build::script(case);
    let inner = case.subject.project.path(&dir).or(case.subject.project.dir().cloned());
    application.source = match &inner {
        Some(inner) => Selection::of([inner]),
        None => Selection {
            exclude: [
                "package.json",
                "package-lock.json",
                "yarn.lock",
                "pnpm-lock.yaml",
                "bun.lock",
                "Procfile",
            ]
            .map(str::to_owned)
            .to_vec(),
            ..Selection::all()
        },
    };
    application.decisions.push(Decision {
        subject: "served files".to_owned(),
        value: shown.to_owned(),
        origin: other.origin.clone(),
        losers: vec![Loser { value: other.text, origin: other.origin.clone() }],
    });
    application.site =
        Some(StaticSite { dir: inner, step: None, fallback, immutable: Vec::new(), origin: other.origin });
    declared(case, &mut application);
    built(case, &mut application);
    application
}

/// An application that starts with this.
pub(super) fn run(case: &mut Case<'_>, start: Start, loser: Option<Loser>, is_web: bool) -> Application {
    let mut application = case.application(Claim::Program);
    case.needs_keys = case.row.is_some_and(|row| row.id == "next");
    application.build = match case.row {
        Some(_) => build::framework(case, &[], &Ship::Whole, &[]).or_else(|| build::script(case)),
        None => build::script(case),
    };
    keys(case, &mut application);
    begin(case, &mut application, start, loser, is_web);
    declared(case, &mut application);
    built(case, &mut application);
    application
}

/// Lets every process of Node load the keys that the build of Next does not ship.
fn keys(case: &Case<'_>, application: &mut Application) {
    if !case.needs_keys || case.row.is_none_or(|row| row.id != "next") {
        return;
    }
    let origin = Origin::Default(
        "the keys of server actions and draft mode are made at start, or taken from NEXT_SERVER_ACTIONS_ENCRYPTION_KEY".to_owned(),
    );
    let setting = Setting { value: format!("--require=/{}", build::KEYS_FILE), origin };
    application.environment.insert("NODE_OPTIONS".to_owned(), setting);
    if let Some(options) = case.subject.project.given.options.environment.get("NODE_OPTIONS") {
        application.diagnostics.push(messages::keys_not_loaded(options, build::KEYS_FILE));
    }
}

/// Adds the process of a start that the project names.
fn begin(
    case: &Case<'_>,
    application: &mut Application,
    mut start: Start,
    loser: Option<Loser>,
    is_web: bool,
) {
    start.losers.extend(loser.filter(|loser| loser.value != start.text));
    if case.needs_keys {
        start.command = process::with_options(start.command);
    }
    application.decisions.push(started(&start, &start.text, &start.origin, None));
    take(application, &start);
    if application.modules == Modules::Production
        && let Some((package, origin)) = process::entry::development(case.subject, &start.judgement.files)
    {
        application.modules = Modules::All;
        application.diagnostics.push(messages::development_loaded(&package, &origin));
    }
    let (process, evidence) = process::process(case.subject, &start, is_web);
    if case.row.is_none() {
        let found = process::entry::framework(case.subject);
        let (value, origin) = match found {
            Some((name, origin)) => (name.to_owned(), origin),
            None => ("none".to_owned(), Origin::Default("no framework among the dependencies".to_owned())),
        };
        let subject = "node framework".to_owned();
        application.framework = Requested { value: value.clone(), origin: origin.clone() };
        application.decisions.insert(0, Decision { subject, value, origin, losers: Vec::new() });
    }
    match evidence {
        Some(evidence) if is_web => application.claim = Claim::Server.by(evidence),
        Some(evidence) => {
            application.claim = Claim::Server.by(evidence.clone());
            let origin = evidence;
            let value = "web".to_owned();
            application.decisions.push(Decision {
                subject: "kind of process".to_owned(),
                value,
                origin,
                losers: Vec::new(),
            });
        }
        None => {
            application.claim = Claim::Program.by(start.origin.clone());
            let origin = Origin::Detected("nothing in it answers HTTP or reads PORT".to_owned());
            let value = "worker".to_owned();
            application.decisions.push(Decision {
                subject: "kind of process".to_owned(),
                value,
                origin,
                losers: Vec::new(),
            });
        }
    }
    application.processes.push(process);
}

/// Takes over what a start needs and says.
fn take(application: &mut Application, start: &Start) {
    application.modules = start.judgement.modules;
    application.programs.extend(start.judgement.programs.iter().copied());
    application.diagnostics.extend(start.judgement.diagnostics.iter().cloned());
}

/// What declared processes need.
fn declared(case: &Case<'_>, application: &mut Application) {
    let model = case.subject.project.given.model;
    if model.processes.is_empty() {
        return;
    }
    let (modules, programs) = process::declared(case.subject);
    application.programs.extend(programs);
    // They may start anything of the source, with any of the packages.
    application.source = Selection::all();
    if application.modules != Modules::All {
        application.modules = modules;
    }
    let runs_node =
        application.programs.contains(&Program::Node) || application.programs.contains(&Program::Manager);
    if runs_node {
        application.claim = Claim::Server.by(model.processes[0].origin.clone());
    }
}

/// The decision on the build, and order in what was collected.
fn built(case: &Case<'_>, application: &mut Application) {
    application.programs.sort();
    application.programs.dedup();
    if let Some(built) = &application.build {
        let text = match (&case.build, case.row) {
            (Some(build), _) => process::line(&build.segments),
            (None, Some(row)) => row.build.unwrap_or_default().to_owned(),
            (None, None) => built.commands.first().map_or(String::new(), ToString::to_string),
        };
        application.decisions.push(Decision {
            subject: "build command".to_owned(),
            value: text,
            origin: built.origin.clone(),
            losers: Vec::new(),
        });
    }
}
