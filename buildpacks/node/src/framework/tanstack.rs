//! Frameworks that Nitro makes a server of: TanStack Start, SolidStart, Analog, Nitro itself.

use packwright_planner::{Fallback, Origin, Requested};

use super::nuxt::served_by;
use super::shape::{Server, Shape, Ship, Site};
use super::view::{Look, Notes};
use crate::messages;

const ENDS: &[&str] = &["ts", "mts", "js", "mjs"];

/// Source: TanStack Start documentation, "Hosting".
pub(super) fn start(look: &Look<'_>, notes: &mut Notes) -> Shape {
    let packages = ["@tanstack/react-start", "@tanstack/solid-start", "@tanstack/start"];
    let evidence = look.dependency(&packages).unwrap_or(Origin::Default("TanStack Start".to_owned()));
    let config = look.config("vite.config", ENDS);
    let spa = ["plugins", "[]", "()", "spa", "enabled"];
    if let Some(config) = &config
        && let Some(Requested { value: true, origin }) = config.switch(&spa, notes)
    {
        let dir = Requested { value: "dist/client".to_owned(), origin };
        let mut shape = Site::shape(dir, Fallback::Index, &["assets/**"]);
        if let Shape::Site(site) = &mut shape {
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
    let served = Ship::With(vec!["dist".to_owned()]);
    match look.dependency(&["srvx"]) {
        Some(origin) => {
            let words = ["srvx", "--prod", "-s", "../client", "dist/server/server.js"];
            Shape::Server(Server::new(&words, served, origin))
        }
        None => {
            let mut server = Server::new(&[], served, evidence);
            server.start = None;
            Shape::Server(server)
        }
    }
}

/// A server in `.output`, as Nitro's preset for Node makes it.
pub(super) fn nitro(look: &Look<'_>, notes: &mut Notes) -> Shape {
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
pub(super) fn analog(look: &Look<'_>, _notes: &mut Notes) -> Shape {
    let evidence = look.dependency(&["@analogjs/platform"]).unwrap_or(Origin::Default("Analog".to_owned()));
    let ship = Ship::Alone(vec!["dist/analog".to_owned()]);
    Shape::Server(Server::new(&["node", "dist/analog/server/index.mjs"], ship, evidence))
}

/// What is said when nothing starts what the build makes.
pub(super) fn server_missing(origin: &Origin) -> packwright_planner::Diagnostic {
    messages::server_missing("nitro", origin)
}
