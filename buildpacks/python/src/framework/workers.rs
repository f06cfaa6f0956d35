//! Adds a process for each queue worker that was found, beside a web application or alone.

use packwright_buildpack::planner::{Decision, Origin, Overridden, Process, RelPath, SourceTree};

use super::application::Application;
use super::kinds::AppKind;
use super::table::{Launch, WORKERS};
use super::web::{command, fill, framework_decision};
use crate::entry::{AppEntry, Search};
use crate::manifest::text;
use crate::messages;
use crate::syntax::ast::{Expr, Stmt};
use crate::syntax::{Module, string};

/// Names under which celery finds its application by itself.
const CELERY_NAMES: &[&str] = &["app", "celery"];

/// Adds the workers that the search has found. The first is called `worker`, others by their
/// framework.
pub(super) fn add(tree: &dyn SourceTree, search: &Search, application: &mut Application) {
    for framework in WORKERS {
        let entries: Vec<&AppEntry> =
            search.workers.iter().filter(|entry| entry.framework == framework).collect();
        let Some((&chosen, others)) = entries.split_first() else { continue };
        let takes_one = !line(chosen).contains("{modules}");
        if takes_one
            && chosen.kind == AppKind::Object
            && let Some(other) = others.iter().find(|other| other.kind == AppKind::Object)
        {
            application.diagnostics.push(messages::several_workers(
                framework.name,
                (&chosen.reference(), &chosen.origin()),
                (&other.reference(), &other.origin()),
            ));
        }
        let name = match application.processes.iter().any(|process| process.name.as_str() == "worker") {
            true => framework.id,
            false => "worker",
        };
        push(
            application,
            name,
            &filled(tree, chosen, &entries),
            format!("{} in {}", framework.name, chosen.origin()),
        );
        application.import_roots.extend(chosen.root.iter().cloned());
        if framework.id == "celery"
            && let Some((scheduler, origin)) = schedule(tree, &entries)
        {
            // The state of the schedule must not need a writable `/app`.
            let line = format!("celery -A {} beat --loglevel=INFO {scheduler}", celery_target(chosen));
            push(application, "beat", line.trim_end(), format!("Celery's schedule in {origin}"));
        }
        application.decisions.push(
            Decision::new(format!("{} application", framework.id), chosen.reference(), chosen.origin())
                .over(others.iter().map(|other| Overridden::new(other.reference(), other.origin()))),
        );
        if application.decisions.iter().all(|decision| decision.subject != "python framework") {
            application.decisions.push(framework_decision(framework.id, chosen.origin()));
        }
    }
    application.import_roots.sort();
    application.import_roots.dedup();
}

fn push(application: &mut Application, name: &str, line: &str, origin: String) {
    application.processes.push(Process {
        name: name.parse().expect("identifiers of frameworks are process names"),
        command: command(line),
        origin: Origin::Detected(origin),
    });
}

fn line(entry: &AppEntry) -> &'static str {
    match entry.sign.launch {
        Launch::Program(line, _) => line,
        Launch::Server(_) => unreachable!("no worker answers a server"),
    }
}

fn filled(tree: &dyn SourceTree, chosen: &AppEntry, all: &[&AppEntry]) -> String {
    let mut modules: Vec<&str> = all.iter().map(|entry| entry.module.as_str()).collect();
    modules.sort_unstable();
    modules.dedup();
    let line =
        line(chosen).replace("{celery}", &celery_target(chosen)).replace("{modules}", &modules.join(" "));
    let line = match line.contains("{queues}") {
        true => line.replace("{queues}", &queues(tree, all).join(" ")),
        false => line,
    };
    fill(line.trim_end(), chosen)
}

/// What celery's `-A` takes: the module, and the name when celery would not find it.
fn celery_target(entry: &AppEntry) -> String {
    match CELERY_NAMES.contains(&entry.name.as_str()) {
        true => entry.module.clone(),
        false => format!("{}:{}", entry.module, entry.name),
    }
}

/// Names of queues that RQ's `Queue("name")` gives, in order.
fn queues(tree: &dyn SourceTree, entries: &[&AppEntry]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for entry in entries {
        let Some(module) = read(tree, &entry.path) else { continue };
        for call in
            module.behaviour().calls.iter().filter(|call| call.is("rq.Queue") || call.is("rq.queue.Queue"))
        {
            let name = call.node.arguments.args.first().or_else(|| call.keyword("name")).and_then(string);
            let name = name.unwrap_or("default").to_owned();
            let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
            if plain && !found.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

/// Where a schedule is set, and the option that finds it: on the application, in the settings of
/// Django, or in Django's database.
fn schedule(tree: &dyn SourceTree, entries: &[&AppEntry]) -> Option<(&'static str, Origin)> {
    const IN_TMP: &str = "--schedule=/tmp/celerybeat-schedule";
    const IN_DATABASE: &str = "--scheduler=django_celery_beat.schedulers:DatabaseScheduler";
    for entry in entries {
        let Some(module) = read(tree, &entry.path) else { continue };
        if let Some(line) = sets_schedule(&module) {
            return Some((IN_TMP, Origin::line(&entry.path, line)));
        }
    }
    let settings = tree.files().iter().map(|file| &file.path).filter(|path| {
        path.as_str().ends_with(".py")
            && path.depth() <= 4
            && (path.name().contains("settings")
                || path.name().contains("celery")
                || path.parent().is_some_and(|dir| dir.name() == "settings"))
    });
    for path in settings {
        let Some(source) = text(tree, path).ok().flatten() else { continue };
        if !["BEAT_SCHEDULE", "beat_schedule", "django_celery_beat"].iter().any(|word| source.contains(word))
        {
            continue;
        }
        let module = Module::parse(&source, "", false);
        let in_database = source.contains("django_celery_beat")
            && module.top_level().into_iter().any(|statement| holds(statement, "django_celery_beat"));
        if in_database {
            return Some((IN_DATABASE, Origin::file(path)));
        }
        if let Some(line) = sets_schedule(&module) {
            return Some((IN_TMP, Origin::line(path, line)));
        }
    }
    None
}

/// The line of `x.beat_schedule = …`, `CELERY_BEAT_SCHEDULE = …` or `add_periodic_task(…)`.
fn sets_schedule(module: &Module) -> Option<u32> {
    let assigned = module.top_level().into_iter().find(|statement| {
        let targets: Vec<&Expr> = match statement {
            Stmt::Assign(assign) => assign.targets.iter().collect(),
            Stmt::AnnAssign(assign) if assign.value.is_some() => vec![&assign.target],
            _ => return false,
        };
        targets.into_iter().any(|target| match target {
            Expr::Name(name) => {
                matches!(name.id.as_str(), "CELERY_BEAT_SCHEDULE" | "CELERYBEAT_SCHEDULE" | "beat_schedule")
            }
            Expr::Attribute(attribute) => attribute.attr.as_str() == "beat_schedule",
            _ => false,
        })
    });
    if let Some(statement) = assigned {
        return Some(module.line(statement));
    }
    let behaviour = module.behaviour();
    let call = behaviour.calls.iter().find(|call| {
        call.method == Some("add_periodic_task")
            || (call.method == Some("update") && call.keyword("beat_schedule").is_some())
    })?;
    Some(module.line(call.node))
}

/// Whether a statement assigns a list that holds the text `wanted`.
fn holds(statement: &Stmt, wanted: &str) -> bool {
    let value = match statement {
        Stmt::Assign(assign) => &*assign.value,
        Stmt::AugAssign(assign) => &*assign.value,
        _ => return false,
    };
    let items: &[Expr] = match value {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return false,
    };
    items.iter().any(|item| string(item) == Some(wanted))
}

fn read(tree: &dyn SourceTree, path: &RelPath) -> Option<Module> {
    let source = text(tree, path).ok()??;
    Some(Module::parse(&source, "", false))
}
