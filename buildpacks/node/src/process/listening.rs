//! Where a program listens: read from the first call in its files that says so. Reads; what is made
//! of it is said elsewhere.

use packwright_buildpack::planner::{Origin, RelPath, Requested};

use super::entry::{self, ReachedFiles};
use crate::application::AppContext;
use crate::syntax::{JsSource, ListenCall};

/// Where a program listens, as far as that is written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Address {
    /// The port, where it is a number and `PORT` is not asked for beside it.
    pub(crate) port: Option<Requested<u16>>,
    /// The call that listens to this machine alone.
    pub(crate) local: Option<Origin>,
}

/// Packages that listen to this machine alone when a call names no address, and how they are
/// called: with an object, with a port in front. Source: Fastify's documentation, "Server",
/// `listen`; Nest's, "Performance (Fastify)".
const LOCAL_BY_DEFAULT: &[(&str, Called)] =
    &[("fastify", Called::WithObject), ("@nestjs/platform-fastify", Called::WithPort)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Called {
    WithObject,
    WithPort,
}

/// What the files of a program say about listening.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listening {
    /// The line that shows that it answers HTTP.
    pub(crate) evidence: Option<Origin>,
    /// Where it listens.
    pub(crate) address: Address,
}

/// Reads these files and what they import, up to the first one that listens or asks for `PORT`.
pub(super) fn heard(subject: &AppContext<'_>, files: &ReachedFiles<'_>, starts: Vec<String>) -> Listening {
    let mut heard = Listening::default();
    for start in starts {
        for (path, script) in files.reached(start) {
            if heard.evidence.is_none() {
                heard.evidence = listens(&script).map(|line| Origin::line(&path, line));
            }
            if let Some(address) = said(subject, &path, &script) {
                return Listening { address, ..heard };
            }
        }
    }
    heard
}

/// What one file says; `None` when it says nothing about listening.
fn said(subject: &AppContext<'_>, path: &RelPath, script: &JsSource) -> Option<Address> {
    let asks = script.word("PORT").is_some();
    let mut address = Address::default();
    if let Some(ListenCall { port, line, is_local, has_object }) = script.listener() {
        let origin = Origin::line(path, line);
        let called = if has_object { Called::WithObject } else { Called::WithPort };
        let by_default = || {
            let depends = |package: &str| subject.project.app.dependencies.contains_key(package);
            LOCAL_BY_DEFAULT.iter().any(|(package, way)| *way == called && depends(package))
        };
        address.port = port.filter(|_| !asks).map(|value| Requested { value, origin: origin.clone() });
        address.local = is_local.unwrap_or_else(by_default).then_some(origin);
    }
    (asks || address != Address::default()).then_some(address)
}

/// The line that shows that a file answers HTTP, or asks where to.
fn listens(script: &JsSource) -> Option<u32> {
    let import =
        script.imports().into_iter().find(|(name, _)| entry::HTTP.iter().any(|(package, _)| package == name));
    import
        .map(|(_, line)| line)
        .or_else(|| script.word("PORT"))
        .or_else(|| script.word("createServer"))
        .or_else(|| script.calls(&["Bun", "serve"]))
        .or_else(|| script.calls(&["Deno", "serve"]))
        .or_else(|| script.names(&["listen"]).and_then(|_| script.calls(&["listen"])))
}
