//! Frameworks that Nitro makes a server of: TanStack Start, SolidStart, Analog, Nitro itself.

use packwright_buildpack::planner::{Fallback, Origin, Requested, Scope};

use super::build_result::{BuildResult, BuiltServer, BuiltSite, Shipped};
use super::nuxt::served_by;
use super::view::{AppView, Findings};
use crate::application::AddedPackage;

const ENDS: &[&str] = &["ts", "mts", "js", "mjs"];

/// Source: TanStack Start documentation, "Hosting".
pub(super) fn start(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let packages = ["@tanstack/react-start", "@tanstack/solid-start", "@tanstack/start"];
    let evidence = look.dependency(&packages).unwrap_or(Origin::Default("TanStack Start".to_owned()));
    let config = look.config("vite.config", ENDS);
    let spa = ["plugins", "[]", "()", "spa", "enabled"];
    if let Some(config) = &config
        && let Some(Requested { value: true, origin }) = config.switch(&spa, notes)
    {
        let dir = Requested { value: "dist/client".to_owned(), origin };
        let mut shape = BuiltSite::shape(dir, Fallback::Index, &["assets/**"]);
        if let BuildResult::Site(site) = &mut shape {
            site.layout = vec![
                "test -f dist/client/index.html || cp dist/client/_shell.html dist/client/index.html"
                    .to_owned(),
            ];
        }
        return shape;
    }
    if look.dependency(&["nitro", "nitropack", "@tanstack/nitro-v2-vite-plugin", "vinxi"]).is_some() {
        return nitro(look, notes);
    }
    let served = Shipped::With(vec!["dist".to_owned()]);
    match look.dependency(&["srvx"]) {
        Some(origin) => {
            let words = ["srvx", "--prod", "-s", "../client", "dist/server/server.js"];
            BuildResult::Server(BuiltServer::new(&words, served, origin))
        }
        // The build makes a handler of requests, and the documentation's server for it is srvx.
        None => {
            let words = ["/node_modules/.bin/srvx", "--prod", "-s", "../client", "dist/server/server.js"];
            let added =
                AddedPackage { name: "srvx", range: "^1", scope: Scope::Run, origin: evidence.clone() };
            let server = BuiltServer::new(&words, served, evidence);
            BuildResult::Server(BuiltServer { added: vec![added], ..server })
        }
    }
}

/// A server in `.output`, as Nitro's preset for Node makes it.
pub(super) fn nitro(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let packages = ["nitro", "nitropack", "@tanstack/nitro-v2-vite-plugin", "vinxi", "@solidjs/start"];
    let evidence = look.dependency(&packages).unwrap_or(Origin::Default("Nitro".to_owned()));
    let places: [(&str, &[&str]); 4] = [
        ("nitro.config", &["preset"]),
        ("vite.config", &["plugins", "[]", "()", "preset"]),
        ("app.config", &["server", "preset"]),
        ("vite.config", &["nitro", "preset"]),
    ];
    let preset = places.iter().find_map(|(stem, path)| look.config(stem, ENDS)?.text(path, notes));
    served_by(preset, evidence)
}

/// Source: Analog documentation, "Deployment".
pub(super) fn analog(look: &AppView<'_>, _notes: &mut Findings) -> BuildResult {
    let evidence = look.dependency(&["@analogjs/platform"]).unwrap_or(Origin::Default("Analog".to_owned()));
    let ship = Shipped::Alone(vec!["dist/analog".to_owned()]);
    BuildResult::Server(BuiltServer::new(&["node", "dist/analog/server/index.mjs"], ship, evidence))
}
