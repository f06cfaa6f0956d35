//! The servers that run an application object, and which of them is taken.

use packwright_planner::{Command, Diagnostic};

use crate::dependencies::Dependencies;
use crate::entry::{Entry, EntryKind};
use crate::messages;

/// The protocol between server and application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gateway {
    /// PEP 3333.
    Wsgi,
    /// The asynchronous one.
    Asgi,
}

/// What a server is asked to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target<'a> {
    /// The dotted module.
    pub(super) module: &'a str,
    /// The name in it.
    pub(super) name: &'a str,
    /// What the name stands for.
    pub(super) kind: EntryKind,
}

/// One server: the requirement that brings it, what it speaks, how it starts.
struct Server {
    name: &'static str,
    gateway: Gateway,
    line: fn(Target<'_>) -> String,
}

/// The first of each gateway is the one that is added when there is none.
const SERVERS: &[Server] = &[
    Server {
        name: "gunicorn",
        gateway: Gateway::Wsgi,
        line: |target| {
            let Target { module, name, .. } = target;
            match target.kind {
                EntryKind::Object => format!("gunicorn --bind 0.0.0.0:$PORT {module}:{name}"),
                EntryKind::Factory => format!("gunicorn --bind 0.0.0.0:$PORT '{module}:{name}()'"),
            }
        },
    },
    Server {
        name: "waitress",
        gateway: Gateway::Wsgi,
        line: |target| {
            let Target { module, name, .. } = target;
            match target.kind {
                EntryKind::Object => {
                    format!("waitress-serve --listen=0.0.0.0:$PORT {module}:{name}")
                }
                EntryKind::Factory => {
                    format!("waitress-serve --listen=0.0.0.0:$PORT --call {module}:{name}")
                }
            }
        },
    },
    Server {
        name: "uvicorn",
        gateway: Gateway::Asgi,
        line: |target| {
            let Target { module, name, .. } = target;
            let factory = match target.kind {
                EntryKind::Object => "",
                EntryKind::Factory => "--factory ",
            };
            format!("uvicorn {factory}{module}:{name} --host 0.0.0.0 --port $PORT")
        },
    },
    Server {
        name: "hypercorn",
        gateway: Gateway::Asgi,
        line: |target| {
            let Target { module, name, .. } = target;
            match target.kind {
                EntryKind::Object => format!("hypercorn --bind 0.0.0.0:$PORT {module}:{name}"),
                EntryKind::Factory => {
                    format!("hypercorn --bind 0.0.0.0:$PORT '{module}:{name}()'")
                }
            }
        },
    },
    Server {
        name: "daphne",
        gateway: Gateway::Asgi,
        line: |Target { module, name, .. }| format!("daphne -b 0.0.0.0 -p $PORT {module}:{name}"),
    },
];

/// A way to start the application.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) command: Command,
    /// The server, when it is not among the requirements.
    pub(super) added: Option<&'static str>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The command that serves `target`: by the first server of the gateway among the requirements,
/// otherwise by the gateway's default, which is then added.
pub(super) fn serve(gateway: Gateway, target: Target<'_>, dependencies: &Dependencies) -> Start {
    let fitting = || {
        SERVERS.iter().filter(|server| {
            server.gateway == gateway && !(server.name == "daphne" && target.kind == EntryKind::Factory)
        })
    };
    let present = fitting().find(|server| dependencies.have(server.name));
    let server = present.or_else(|| fitting().next()).expect("every gateway has a server in the table");
    let added = present.is_none().then_some(server.name);
    Start {
        command: Command::shell((server.line)(target)),
        added,
        diagnostics: added.map(messages::server_added).into_iter().collect(),
    }
}

impl<'a> Target<'a> {
    pub(super) fn of(entry: &'a Entry) -> Target<'a> {
        Target { module: &entry.module, name: &entry.name, kind: entry.kind }
    }
}
