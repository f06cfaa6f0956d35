//! Where a program listens: read from the first call in its files that says so. Reads; what is made
//! of it is said elsewhere.

use packwright_buildpack::listening::{Listening, PORT};
use packwright_buildpack::planner::{Origin, RelPath, Requested};

use super::entry::{self, ReachedFiles};
use crate::application::AppContext;
use crate::syntax::{JsSource, ListenCall};

/// Packages that listen to this machine alone when a call names no address, and how they are
/// called: with an object, with a port in front. Source: Fastify's documentation, "Server",
/// `listen`; Nest's, "Performance (Fastify)".
const LOCAL_BY_DEFAULT: &[(&str, Called)] =
    &[("fastify", Called::WithObject), ("@nestjs/platform-fastify", Called::WithPort)];

/// What servers of the Model Context Protocol name when they answer HTTP; others speak with the program that started
/// them. Source: the protocol's TypeScript SDK, "Streamable HTTP"; FastMCP's documentation, "HTTP Streaming".
const MCP_OVER_HTTP: &[&str] = &["StreamableHTTPServerTransport", "SSEServerTransport", "httpStream"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Called {
    WithObject,
    WithPort,
}

/// Reads these files and what they import, up to the first one that listens or asks for `PORT`.
pub(super) fn listening(
    subject: &AppContext<'_>,
    files: &ReachedFiles<'_>,
    starts: Vec<String>,
) -> Listening {
    let mut evidence = None;
    for start in starts {
        for (path, script) in files.reached(start) {
            if evidence.is_none() {
                evidence = listens(&script).map(|line| Origin::line(&path, line));
            }
            let found = in_file(subject, &path, &script);
            if found != Listening::default() {
                return Listening { evidence, ..found };
            }
        }
    }
    Listening { evidence, ..Listening::default() }
}

/// What one file says about where it listens; nothing where it does not.
fn in_file(subject: &AppContext<'_>, path: &RelPath, script: &JsSource) -> Listening {
    let mut found = Listening { reads_port: script.word(PORT).is_some(), ..Listening::default() };
    if let Some(ListenCall { port, line, is_local, has_object }) = script.listener() {
        // `const PORT = 8080` asks nobody.
        found.reads_port &= port.is_none() || script.word("env").is_some();
        let origin = Origin::line(path, line);
        let called = if has_object { Called::WithObject } else { Called::WithPort };
        let by_default = || {
            let depends = |package: &str| subject.project.app.dependencies.contains_key(package);
            LOCAL_BY_DEFAULT.iter().any(|(package, way)| *way == called && depends(package))
        };
        found.port = port.map(|value| Requested { value, origin: origin.clone() });
        found.local = is_local.unwrap_or_else(by_default).then_some(origin);
    }
    found
}

/// The line that shows that a file answers HTTP, or asks where to.
fn listens(script: &JsSource) -> Option<u32> {
    let import =
        script.imports().into_iter().find(|(name, _)| entry::HTTP.iter().any(|(package, _)| package == name));
    import
        .map(|(_, line)| line)
        .or_else(|| script.word(PORT))
        .or_else(|| script.word("createServer"))
        .or_else(|| MCP_OVER_HTTP.iter().find_map(|name| script.word(name)))
        .or_else(|| script.calls(&["Bun", "serve"]))
        .or_else(|| script.calls(&["Deno", "serve"]))
        .or_else(|| script.names(&["listen"]).and_then(|_| script.calls(&["listen"])))
}
