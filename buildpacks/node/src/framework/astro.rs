//! Astro: files, or a server when an adapter makes one.

use packwright_buildpack::planner::{Fallback, Origin};

use super::build_result::{BuildResult, BuiltServer, BuiltSite, Shipped, default_dir};
use super::view::{AppView, Findings};
use crate::messages;
use crate::syntax::JsLiteral;

/// Source: Astro documentation, "Configuration Reference" and "@astrojs/node".
pub(super) fn shape(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let config = look.config("astro.config", &["mjs", "js", "ts", "mts", "cjs"]);
    let text =
        |path: &[&str], notes: &mut Findings| config.as_ref().and_then(|config| config.text(path, notes));
    let dir = text(&["outDir"], notes).map(|mut dir| {
        dir.value = dir.value.trim_start_matches("./").trim_matches('/').to_owned();
        dir
    });
    let dir = dir.unwrap_or_else(|| default_dir("dist", "astro build"));
    let adapter = config.as_ref().and_then(|config| config.script.property(&["adapter"]));
    let has_adapter = adapter.is_some_and(|adapter| adapter.value != JsLiteral::Nothing);
    let output = text(&["output"], notes);
    let asks_server = output.as_ref().filter(|output| matches!(output.value.as_str(), "server" | "hybrid"));
    let Some(config) = config.filter(|_| has_adapter || asks_server.is_some()) else {
        return BuiltSite::shape(dir, Fallback::NotFound, &["_astro/**"]);
    };
    let is_adapter = |name: &str| name.contains("adapter") || ADAPTERS.contains(&name);
    match config.import(is_adapter) {
        Some((name, origin)) if name == "@astrojs/node" => {
            let mode = config.text(&["adapter", "()", "mode"], notes);
            let mut server = BuiltServer {
                environment: vec![(
                    "HOST",
                    "0.0.0.0",
                    "Astro listens on the container's own loopback otherwise",
                )],
                ..BuiltServer::new(
                    &["node", &format!("./{}/server/entry.mjs", dir.value)],
                    Shipped::With(vec![dir.value]),
                    origin,
                )
            };
            if mode.is_some_and(|mode| mode.value == "middleware") {
                server.start = None;
            }
            BuildResult::Server(server)
        }
        Some((name, origin)) => BuildResult::Broken(messages::built_for_elsewhere(
            &format!("the adapter `{name}`"),
            "install @astrojs/node and name it as `adapter` with `mode: 'standalone'`",
            &origin,
        )),
        None => {
            let origin = asks_server.map(|output| output.origin.clone());
            let origin = origin.or_else(|| config.place(&["adapter"])).unwrap_or(Origin::file(&config.path));
            BuildResult::Broken(messages::adapter_missing(
                "Astro",
                "install @astrojs/node and name it as `adapter` with `mode: 'standalone'`",
                &origin,
            ))
        }
    }
}

const ADAPTERS: &[&str] = &[
    "@astrojs/node",
    "@astrojs/vercel",
    "@astrojs/vercel/serverless",
    "@astrojs/vercel/static",
    "@astrojs/netlify",
    "@astrojs/netlify/functions",
    "@astrojs/cloudflare",
    "@deno/astro-adapter",
];

/// The sentence for a server that only the project can start.
pub(super) fn middleware(origin: &Origin) -> packwright_buildpack::planner::Diagnostic {
    messages::handler_without_server("@astrojs/node in the mode `middleware`", origin)
}
