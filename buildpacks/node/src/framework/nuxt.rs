//! Nuxt: a server that Nitro makes, or files when they are generated.

use packwright_buildpack::planner::{Fallback, Origin, Requested};

use super::build_result::{BuildResult, BuiltServer, BuiltSite, Shipped, default_dir};
use super::view::{AppView, Findings};
use crate::messages;

/// What Nitro makes for Node: it stands alone.
pub(super) const OUTPUT: &str = ".output";
/// How that starts.
pub(super) const SERVER: &str = ".output/server/index.mjs";

/// Presets of Nitro whose output runs with `node .output/server/index.mjs`.
const NODE_PRESETS: &[&str] = &["node-server", "node_server", "node"];
/// Presets of Nitro that make files.
const STATIC_PRESETS: &[&str] = &["static", "github-pages", "github_pages"];

/// Source: Nuxt documentation, "Deployment"; Nitro documentation, "Node.js".
pub(super) fn shape(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let evidence = look.dependency(&["nuxt", "nuxt3", "nuxt-nightly"]);
    let evidence = evidence.unwrap_or(Origin::Default("Nuxt".to_owned()));
    if look.major("nuxt") == Some(2) {
        return BuildResult::Server(BuiltServer {
            same: &["nuxt start"],
            environment: vec![(
                "HOST",
                "0.0.0.0",
                "Nuxt 2 listens on the container's own loopback otherwise",
            )],
            ..BuiltServer::new(&["nuxt", "start"], Shipped::Whole, evidence)
        });
    }
    let generates = ["nuxt generate", "nuxi generate"].iter().any(|tool| look.tool(tool).is_some());
    let config = look.config("nuxt.config", &["ts", "js", "mjs"]);
    let preset = config.as_ref().and_then(|config| config.text(&["nitro", "preset"], notes));
    let is_static = preset.as_ref().is_some_and(|preset| STATIC_PRESETS.contains(&preset.value.as_str()));
    if generates || is_static {
        let origin = preset.map(|preset| preset.origin).or(look.build.map(|build| build.origin.clone()));
        let dir = match origin {
            Some(origin) => Requested { value: ".output/public".to_owned(), origin },
            None => default_dir(".output/public", "nuxt generate"),
        };
        let rendered = config.as_ref().and_then(|config| config.switch(&["ssr"], notes));
        let fallback = match rendered {
            Some(Requested { value: false, .. }) => Fallback::Index,
            _ => Fallback::NotFound,
        };
        return BuiltSite::shape(dir, fallback, &["_nuxt/**"]).instead_of(&["nuxt", "nuxi"]);
    }
    served_by(preset, evidence)
}

/// The server that Nitro makes with this preset.
pub(super) fn served_by(preset: Option<Requested<String>>, evidence: Origin) -> BuildResult {
    let alone = || Shipped::Alone(vec![OUTPUT.to_owned()]);
    match preset {
        None => BuildResult::Server(BuiltServer {
            same: &["nuxt start", "nuxi start", "node .output/server/index.mjs", "node .output/server"],
            ..BuiltServer::new(&["node", SERVER], alone(), evidence)
        }),
        Some(preset) if NODE_PRESETS.contains(&preset.value.as_str()) => {
            BuildResult::Server(BuiltServer::new(&["node", SERVER], alone(), preset.origin))
        }
        Some(preset) if preset.value == "bun" => {
            BuildResult::Server(BuiltServer::new(&["bun", SERVER], alone(), preset.origin))
        }
        Some(preset) => BuildResult::Broken(messages::built_for_elsewhere(
            &format!("Nitro's preset `{}`", preset.value),
            "take `nitro.preset` out, or set it to `node-server`",
            &preset.origin,
        )),
    }
}
