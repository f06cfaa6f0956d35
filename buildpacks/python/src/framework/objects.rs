//! Frameworks whose application is an object that a server is pointed at. One more is one more
//! row in [`FRAMEWORKS`].

use packwright_planner::{Decision, Loser, Origin, Process, SourceTree};

use super::Application;
use super::server::{Gateway, Target, serve};
use crate::dependencies::Dependencies;
use crate::entry::{self, EntryKind};
use crate::messages;

/// A framework.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Framework {
    /// What people call it.
    pub(crate) name: &'static str,
    /// What plans call it; also the name of its requirement.
    pub(crate) id: &'static str,
    /// The top-level module that it is imported from.
    pub(crate) module: &'static str,
    /// Dotted paths of the application class.
    pub(crate) classes: &'static [&'static str],
    /// A file without any of these words does not use it.
    pub(crate) words: &'static [&'static str],
    /// What its application speaks.
    pub(crate) gateway: Gateway,
}

/// The frameworks, the more special before those they stand on.
pub(crate) const FRAMEWORKS: &[&Framework] = &[
    &Framework {
        name: "FastAPI",
        id: "fastapi",
        module: "fastapi",
        classes: &["fastapi.FastAPI", "fastapi.applications.FastAPI"],
        words: &["fastapi", "FastAPI"],
        gateway: Gateway::Asgi,
    },
    &Framework {
        name: "Flask",
        id: "flask",
        module: "flask",
        classes: &["flask.Flask", "flask.app.Flask"],
        words: &["flask", "Flask"],
        gateway: Gateway::Wsgi,
    },
    &Framework {
        name: "Starlette",
        id: "starlette",
        module: "starlette",
        classes: &["starlette.applications.Starlette"],
        words: &["starlette", "Starlette"],
        gateway: Gateway::Asgi,
    },
];

/// `None` when no file uses a framework.
pub(super) fn recognise(tree: &dyn SourceTree, dependencies: &Dependencies) -> Option<Application> {
    let search = entry::search(tree);
    let Some((chosen, others)) = search.entries.split_first() else {
        // A file imports the framework and the project asks for it, but nobody makes the
        // application: starting the file as a script would only seem to work.
        let (framework, path) = FRAMEWORKS.iter().find_map(|framework| {
            let path = search.imported.get(framework.id)?;
            dependencies.ask_for(framework.id).then_some((framework, path))
        })?;
        return Some(Application {
            process_missing: Some(messages::object_missing(framework.name, framework.classes[0], path)),
            decisions: vec![framework_decision(framework.id, Origin::file(path))],
            ..Application::default()
        });
    };
    let start = serve(chosen.framework.gateway, Target::of(chosen), dependencies);
    let mut diagnostics = start.diagnostics;
    if !dependencies.have(chosen.framework.id) {
        diagnostics.push(messages::framework_not_required(
            chosen.framework.name,
            chosen.framework.id,
            &chosen.origin(),
        ));
    }
    let rivals: Vec<_> = others.iter().filter(|other| other.kind == chosen.kind).collect();
    if let Some(rival) = rivals.first().filter(|_| chosen.kind == EntryKind::Object) {
        diagnostics.push(messages::several_objects(
            chosen.framework.name,
            &chosen.reference(),
            &chosen.origin(),
            &rival.reference(),
            &rival.origin(),
        ));
    }
    let entry_decision = Decision {
        subject: "application".to_owned(),
        value: chosen.reference(),
        origin: chosen.origin(),
        losers: others
            .iter()
            .map(|other| Loser { value: other.reference(), origin: other.origin() })
            .collect(),
    };
    Some(Application {
        processes: vec![Process {
            name: "web".parse().expect("a process name"),
            command: start.command,
            origin: Origin::Detected(format!(
                "{} application `{}` in {}",
                chosen.framework.name,
                chosen.name,
                chosen.origin()
            )),
        }],
        added_server: start.added,
        import_roots: chosen.root.iter().cloned().collect(),
        decisions: vec![framework_decision(chosen.framework.id, chosen.origin()), entry_decision],
        diagnostics,
        ..Application::default()
    })
}

fn framework_decision(id: &str, origin: Origin) -> Decision {
    Decision { subject: "python framework".to_owned(), value: id.to_owned(), origin, losers: Vec::new() }
}
