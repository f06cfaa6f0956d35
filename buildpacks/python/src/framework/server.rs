//! The servers that run an application object, and which of them is taken.

use packwright_buildpack::planner::{Command, Diagnostic};

use super::kinds::{AppKind, Gateway};
use crate::dependencies::Dependencies;
use crate::entry::types::AppEntry;
use crate::messages;

/// What a server is asked to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ServeTarget<'a> {
    /// The dotted module.
    pub(super) module: &'a str,
    /// The name in it.
    pub(super) name: &'a str,
    /// What the name stands for.
    pub(super) kind: AppKind,
}

/// One server: the requirement that brings it, its protocol, how it starts.
struct Server {
    name: &'static str,
    gateway: Gateway,
    /// A requirement besides, without which this line is not meant.
    with: Option<&'static str>,
    /// Words with `{module}` and `{name}` for an object; `None` for what it cannot start.
    object: &'static str,
    factory: Option<&'static str>,
    /// The same for an `async def`.
    coroutine: Option<&'static str>,
}

const fn server(
    name: &'static str,
    gateway: Gateway,
    object: &'static str,
    factory: Option<&'static str>,
) -> Server {
    Server { name, gateway, with: None, object, factory, coroutine: None }
}

/// The servers. The first of each gateway whose `with` asks for nothing is the one that is added
/// when there is none.
const SERVERS: &[Server] = &[
    // Its documentation: one worker, and threads for the connections that stay open.
    Server {
        with: Some("flask-socketio"),
        ..server(
            "gunicorn",
            Gateway::Wsgi,
            "gunicorn --bind 0.0.0.0:$PORT --workers 1 --threads 100 {module}:{name}",
            Some("gunicorn --bind 0.0.0.0:$PORT --workers 1 --threads 100 '{module}:{name}()'"),
        )
    },
    server(
        "gunicorn",
        Gateway::Wsgi,
        "gunicorn --bind 0.0.0.0:$PORT {module}:{name}",
        Some("gunicorn --bind 0.0.0.0:$PORT '{module}:{name}()'"),
    ),
    server(
        "waitress",
        Gateway::Wsgi,
        "waitress-serve --listen=0.0.0.0:$PORT {module}:{name}",
        Some("waitress-serve --listen=0.0.0.0:$PORT --call {module}:{name}"),
    ),
    server(
        "uwsgi",
        Gateway::Wsgi,
        "uwsgi --http-socket 0.0.0.0:$PORT --master --die-on-term --need-app --wsgi {module}:{name}",
        Some(
            "uwsgi --http-socket 0.0.0.0:$PORT --master --die-on-term --need-app --wsgi '{module}:{name}()'",
        ),
    ),
    server(
        "uvicorn",
        Gateway::Asgi,
        "uvicorn {module}:{name} --host 0.0.0.0 --port $PORT",
        Some("uvicorn --factory {module}:{name} --host 0.0.0.0 --port $PORT"),
    ),
    server(
        "hypercorn",
        Gateway::Asgi,
        "hypercorn --bind 0.0.0.0:$PORT {module}:{name}",
        Some("hypercorn --bind 0.0.0.0:$PORT '{module}:{name}()'"),
    ),
    server(
        "granian",
        Gateway::Asgi,
        "granian --interface asgi --host 0.0.0.0 --port $PORT {module}:{name}",
        Some("granian --interface asgi --factory --host 0.0.0.0 --port $PORT {module}:{name}"),
    ),
    server("daphne", Gateway::Asgi, "daphne -b 0.0.0.0 -p $PORT {module}:{name}", None),
    server(
        "granian",
        Gateway::Wsgi,
        "granian --interface wsgi --host 0.0.0.0 --port $PORT {module}:{name}",
        Some("granian --interface wsgi --factory --host 0.0.0.0 --port $PORT {module}:{name}"),
    ),
    Server {
        coroutine: Some(
            "gunicorn --bind 0.0.0.0:$PORT --worker-class aiohttp.GunicornWebWorker {module}:{name}",
        ),
        ..server(
            "gunicorn",
            Gateway::Aiohttp,
            "gunicorn --bind 0.0.0.0:$PORT --worker-class aiohttp.GunicornWebWorker {module}:{name}",
            Some(
                "gunicorn --bind 0.0.0.0:$PORT --worker-class aiohttp.GunicornWebWorker '{module}:{name}()'",
            ),
        )
    },
    // aiohttp's own program needs a function that takes the command line, which projects rarely have.
    Server {
        coroutine: Some(AIOHTTP_FACTORY),
        ..server("aiohttp", Gateway::Aiohttp, AIOHTTP, Some(AIOHTTP_FACTORY))
    },
];

const AIOHTTP: &str = "python -c 'import os; from aiohttp.web import run_app; from {module} import {name}; \
    run_app({name}, port=int(os.environ[\"PORT\"]))'";
const AIOHTTP_FACTORY: &str = "python -c 'import os; from aiohttp.web import run_app; from {module} import {name}; \
    run_app({name}(), port=int(os.environ[\"PORT\"]))'";

/// A way to start the application.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ServerCommand {
    pub(super) command: Command,
    /// The server, when it is not among the requirements.
    pub(super) added: Option<&'static str>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Server {
    fn line(&self, kind: AppKind) -> Option<&'static str> {
        match kind {
            AppKind::Object => Some(self.object),
            AppKind::Factory => self.factory,
            AppKind::Coroutine => self.coroutine,
            AppKind::File => None,
        }
    }
}

/// The command that serves `target`: by the first server of the gateway among the requirements
/// or among those that the framework `brings`, otherwise by the gateway's default, which is then
/// added.
pub(super) fn serve(
    gateway: Gateway,
    target: ServeTarget<'_>,
    brings: &[&str],
    dependencies: &Dependencies,
) -> ServerCommand {
    let fitting = || {
        SERVERS
            .iter()
            .filter(|server| server.gateway == gateway)
            .filter(|server| server.with.is_none_or(|needed| dependencies.have(needed)))
            .filter_map(|server| Some((server, server.line(target.kind)?)))
    };
    let present = fitting().find(|(server, _)| dependencies.have(server.name));
    let brought = || fitting().find(|(server, _)| brings.contains(&server.name));
    let found = present.or_else(brought);
    let (server, line) =
        found.or_else(|| fitting().next()).expect("every gateway has a server for what its entries are");
    let added = found.is_none().then_some(server.name);
    ServerCommand {
        command: Command::shell(line.replace("{module}", target.module).replace("{name}", target.name)),
        added,
        diagnostics: added.map(messages::server_added).into_iter().collect(),
    }
}

/// The kind of the servers that the project asks for; `None` when it asks for none. ASGI where it asks for both:
/// gunicorn then only manages the others.
pub(super) fn asked(dependencies: &Dependencies) -> Option<Gateway> {
    let has = |gateway: Gateway| {
        let of = |server: &&Server| server.gateway == gateway && server.with.is_none();
        SERVERS.iter().filter(of).any(|server| dependencies.have(server.name))
    };
    [Gateway::Asgi, Gateway::Wsgi].into_iter().find(|gateway| has(*gateway))
}

impl<'a> ServeTarget<'a> {
    pub(super) fn of(entry: &'a AppEntry) -> ServeTarget<'a> {
        ServeTarget { module: &entry.module, name: &entry.name, kind: entry.kind }
    }
}
