//! Finds the call by which a program starts a server of its own, and reads address and port from its
//! arguments. `script` and `web` decide what follows from it.

use packwright_buildpack::listening::{Listening, PORT};
use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, Requested};

use crate::syntax::ast::{Expr, Number};
use crate::syntax::{Call, Module, string};

/// A function that listens.
struct Listener {
    /// A dotted path, or `.method`.
    path: &'static str,
    /// The module that must be imported, for a method.
    module: &'static str,
    /// Names of the arguments for address and port, and where they stand without a name.
    address: (&'static str, Option<usize>),
    port: (&'static str, Option<usize>),
    /// What it takes when nothing is said: whether that is this machine alone, and the port.
    is_local: bool,
    default_port: Option<u16>,
}

const fn listener(
    path: &'static str,
    module: &'static str,
    positions: (Option<usize>, Option<usize>),
    is_local: bool,
    default_port: Option<u16>,
) -> Listener {
    Listener {
        path,
        module,
        address: ("host", positions.0),
        port: ("port", positions.1),
        is_local,
        default_port,
    }
}

/// Functions that listen, with their defaults. Source: each one's own signature.
const LISTENERS: &[Listener] = &[
    listener("uvicorn.run", "", (None, None), true, Some(8000)),
    listener("uvicorn.Config", "", (None, None), true, Some(8000)),
    listener("aiohttp.web.run_app", "", (None, None), false, Some(8080)),
    listener("aiohttp.web.TCPSite", "", (Some(1), Some(2)), false, Some(8080)),
    listener("waitress.serve", "", (None, None), false, Some(8080)),
    listener("bottle.run", "", (None, None), true, Some(8080)),
    listener("nicegui.ui.run", "", (None, None), false, Some(8080)),
    listener("wsgiref.simple_server.make_server", "", (Some(0), Some(1)), false, None),
    listener("asyncio.start_server", "", (Some(1), Some(2)), false, None),
    listener("websockets.serve", "", (Some(1), Some(2)), false, None),
    listener("websockets.asyncio.server.serve", "", (Some(1), Some(2)), false, None),
    listener("eventlet.listen", "", (None, None), false, None),
    listener("gevent.pywsgi.WSGIServer", "", (None, None), false, None),
    listener("http.server.HTTPServer", "", (None, None), false, None),
    listener("http.server.ThreadingHTTPServer", "", (None, None), false, None),
    listener("socketserver.TCPServer", "", (None, None), false, None),
    listener("socketserver.ThreadingTCPServer", "", (None, None), false, None),
    listener("cherrypy.quickstart", "", (None, None), true, Some(8080)),
    listener(".run", "flask", (Some(0), Some(1)), true, Some(5000)),
    listener(".run", "flask_socketio", (Some(1), Some(2)), true, Some(5000)),
    listener(".run", "quart", (Some(0), Some(1)), true, Some(5000)),
    listener(".run", "sanic", (Some(0), Some(1)), true, Some(8000)),
    listener(".run", "dash", (Some(0), Some(1)), true, Some(8050)),
    listener(".run_server", "dash", (Some(0), Some(1)), true, Some(8050)),
    listener(".start", "robyn", (Some(0), Some(1)), true, Some(8080)),
    Listener {
        address: ("address", Some(1)),
        ..listener(".listen", "tornado", (None, Some(0)), false, None)
    },
    GRADIO,
];

/// Its arguments have names that no other function has: with one of them, the module need not import Gradio.
const GRADIO: Listener = Listener {
    address: ("server_name", None),
    port: ("server_port", None),
    ..listener(".launch", "gradio", (None, None), true, Some(7860))
};

/// Those of [`LISTENERS`] that are servers, to which a program gives an application.
const SERVERS: &[&str] = &["eventlet.listen", "gevent.pywsgi.WSGIServer", "cherrypy.quickstart", ".listen"];

/// What a module does about listening.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ModuleListening {
    /// The line of the first call that listens.
    pub(super) line: Option<u32>,
    /// The port that is written there, or that the function takes by itself.
    port: Option<Port>,
    /// Whether only this machine is listened to, and who says so.
    local: Option<StatedBy>,
    /// Whether it starts a server of its own choice, which is none of a framework for developers.
    pub(super) has_server: bool,
    /// Whether the environment variable is read.
    pub(super) reads_port: bool,
    /// Options of the command line that the program knows: `--port`, `--host`.
    pub(super) options: Vec<&'static str>,
}

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StatedBy {
    /// The call.
    Here,
    /// The default of the function, when the call does not say.
    ByDefault,
}

/// A port.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Port {
    text: String,
    /// The argument that names it.
    argument: &'static str,
    said: StatedBy,
}

impl ModuleListening {
    /// Looks through the module.
    pub(super) fn of(module: &Module) -> ModuleListening {
        let behaviour = module.behaviour();
        let imports = |name: &str| {
            name.is_empty()
                || module.imported().contains(name)
                || behaviour.imports.values().any(|path| path.split('.').next() == Some(name))
        };
        let mut found =
            ModuleListening { reads_port: module.variables().contains(PORT), ..ModuleListening::default() };
        for call in &behaviour.calls {
            found.options.extend(options(call));
            if found.line.is_some() {
                continue;
            }
            let known = LISTENERS.iter().find(|one| call.is(one.path) && imports(one.module));
            let told = call.method == Some("run") && call.keyword("port").is_some();
            let launched = call.method == Some("launch")
                && [GRADIO.address, GRADIO.port].iter().any(|(name, _)| call.keyword(name).is_some());
            let by_arguments = told.then_some(&ANY_RUN).or(launched.then_some(&GRADIO));
            let Some(listener) = known.or(by_arguments) else { continue };
            found.line = Some(module.line(call.node));
            found.has_server = SERVERS.contains(&listener.path);
            let pair = pair(call);
            let name = listener.port.0;
            let port = argument(call, listener.port).or(pair.map(|(_, port)| port));
            found.port = match port {
                Some(value) => number(value).map(|text| Port { text, argument: name, said: StatedBy::Here }),
                None => listener.default_port.map(|port| Port {
                    text: port.to_string(),
                    argument: name,
                    said: StatedBy::ByDefault,
                }),
            };
            let address = argument(call, listener.address).filter(|_| pair.is_none());
            found.local = match address.or(pair.map(|(host, _)| host)) {
                Some(value) => {
                    matches!(string(value), Some("127.0.0.1" | "localhost" | "::1")).then_some(StatedBy::Here)
                }
                None => listener.is_local.then_some(StatedBy::ByDefault),
            };
        }
        found
    }

    /// Whether the module listens, as far as can be seen.
    pub(super) fn listens(&self) -> bool {
        self.line.is_some() || self.reads_port
    }

    /// What to add to the command line, so that it listens where it should.
    pub(super) fn arguments(&self) -> String {
        let mut words = String::new();
        if !self.reads_port && self.options.contains(&"--port") {
            words += " --port=$PORT";
            if self.options.contains(&"--host") {
                words += " --host=0.0.0.0";
            }
        }
        words
    }

    /// What keeps requests from arriving; `told` when the command line or the environment says
    /// where to listen: then only an argument of the call itself can contradict that.
    pub(super) fn diagnostics(&self, path: &RelPath, told: bool) -> Vec<Diagnostic> {
        let Some(line) = self.line.filter(|_| self.arguments().is_empty()) else {
            return Vec::new();
        };
        let at = Origin::line(path, line);
        let counts = |said: StatedBy| said == StatedBy::Here || !told;
        let stated = self.port.as_ref().filter(|port| counts(port.said));
        let port = stated.and_then(|port| port.text.parse().ok());
        let listening = Listening {
            evidence: Some(at.clone()),
            reads_port: self.reads_port,
            port: port.map(|value| Requested { value, origin: at.clone() }),
            local: self.local.is_some_and(counts).then_some(at),
        };
        let argument = stated.map_or("port", |port| port.argument);
        listening.diagnostics("python", |port| format!("{argument}=int(os.environ.get(\"PORT\", {port}))"))
    }
}

/// `.run(port=…)` of whatever it is.
const ANY_RUN: Listener = listener(".run", "", (None, None), false, None);

fn argument<'a>(call: &'a Call<'a>, (name, position): (&str, Option<usize>)) -> Option<&'a Expr> {
    call.keyword(name).or_else(|| call.node.arguments.args.get(position?))
}

/// The first argument `(host, port)`.
fn pair<'a>(call: &'a Call<'a>) -> Option<(&'a Expr, &'a Expr)> {
    match call.node.arguments.args.first()? {
        Expr::Tuple(tuple) => match tuple.elts.as_slice() {
            [host, port] => Some((host, port)),
            _ => None,
        },
        _ => None,
    }
}

fn number(expression: &Expr) -> Option<String> {
    match expression {
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(value) => Some(value.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// The options that a call declares: `add_argument("-p", "--port")`, `define("port")`.
fn options(call: &Call<'_>) -> Vec<&'static str> {
    let declares = call.is(".add_argument") || call.is("click.option") || call.is("typer.Option");
    let defines = call.is("tornado.options.define");
    if !declares && !defines {
        return Vec::new();
    }
    let texts = call.node.arguments.args.iter().filter_map(string);
    let known = |text: &str| match (text, defines) {
        ("--port", false) | ("port", true) => Some("--port"),
        ("--host", false) | ("host", true) => Some("--host"),
        _ => None,
    };
    texts.filter_map(known).collect()
}
