//! React Router and its forerunner Remix: a server, or an application in the browser.

use packwright_buildpack::planner::{Fallback, Origin, Requested};

use super::build_result::{BuildResult, BuiltServer, BuiltSite, Shipped};
use super::view::{AppView, ConfigFile, Findings};
use crate::messages;

const ENDS: &[&str] = &["ts", "mts", "js", "mjs"];

/// Framework mode; as a library it needs a bundler that has a row of its own.
///
/// Source: React Router documentation, "react-router.config.ts".
pub(super) fn react_router(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let config = look.config("react-router.config", ENDS);
    let ssr = config.as_ref().and_then(|config| config.switch(&["ssr"], notes));
    let dir = build_dir(config.as_ref(), &["buildDirectory"], notes);
    if let Some(Requested { value: false, origin }) = ssr {
        return browser(&dir, origin);
    }
    let evidence = look.dependency(&["@react-router/dev"]);
    let evidence = evidence.unwrap_or(Origin::Default("React Router".to_owned()));
    let mut server = BuiltServer::new(
        &["react-router-serve", &format!("./{dir}/server/index.js")],
        Shipped::With(vec![dir]),
        evidence.clone(),
    );
    if look.dependency(&["@react-router/serve"]).is_none() {
        server.start = None;
    }
    BuildResult::Server(server)
}

/// Remix 2 with Vite, and with its own compiler before.
///
/// Source: Remix documentation, "vite.config.ts" and "remix.config.js".
pub(super) fn remix(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let evidence = look.dependency(&["@remix-run/dev"]).unwrap_or(Origin::Default("Remix".to_owned()));
    let vite = look.config("vite.config", ENDS);
    let option = ["plugins", "[]", "()"];
    let ssr =
        vite.as_ref().and_then(|config| config.switch(&[option[0], option[1], option[2], "ssr"], notes));
    let dir = build_dir(vite.as_ref(), &[option[0], option[1], option[2], "buildDirectory"], notes);
    if let Some(Requested { value: false, origin }) = ssr {
        return browser(&dir, origin);
    }
    let mut server = match vite {
        Some(_) => BuiltServer::new(
            &["remix-serve", &format!("./{dir}/server/index.js")],
            Shipped::With(vec![dir]),
            evidence,
        ),
        None => BuiltServer::new(&["remix-serve", "./build/index.js"], Shipped::Whole, evidence),
    };
    if look.dependency(&["@remix-run/serve"]).is_none() {
        server.start = None;
    }
    BuildResult::Server(server)
}

fn build_dir(config: Option<&ConfigFile>, path: &[&str], notes: &mut Findings) -> String {
    let named = config.and_then(|config| config.text(path, notes));
    named.map_or("build".to_owned(), |dir| dir.value.trim_start_matches("./").trim_matches('/').to_owned())
}

/// Where a rendered front page is taken, the page for all other paths has a name of its own.
fn browser(dir: &str, origin: Origin) -> BuildResult {
    let dir = Requested { value: format!("{dir}/client"), origin };
    BuiltSite::shape(dir, Fallback::Index, &["assets/**"]).instead_of(&["react-router-serve", "remix-serve"])
}

/// What is said when nothing starts the server that such a build makes.
pub(super) fn serve_missing(id: &str, origin: &Origin) -> Option<packwright_buildpack::planner::Diagnostic> {
    let package = match id {
        "react-router" => "@react-router/serve",
        "remix" => "@remix-run/serve",
        _ => return None,
    };
    Some(messages::server_missing(package, origin))
}
