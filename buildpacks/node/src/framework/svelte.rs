//! SvelteKit: what its adapter makes of it.

use packwright_buildpack::planner::{Fallback, Origin, Requested, Scope};

use super::build::quoted;
use super::build_result::{BuildResult, BuiltServer, BuiltSite, Shipped, default_dir};
use super::view::{AppView, ConfigFile, Findings};
use crate::application::AddedPackage;
use crate::messages;

const REMEDY: &str =
    "install @sveltejs/adapter-node, or @sveltejs/adapter-static for files, and name it as `adapter`";

const NODE_ADAPTER: &str = "@sveltejs/adapter-node";

/// What tells adapter-auto that the host runs Node, so that it takes adapter-node, in the version 5.
/// Source: `adapters.js` of @sveltejs/adapter-auto, "Google Cloud Run".
const HOST_WITH_NODE: &[(&str, &str)] = &[("GCP_BUILDPACKS", "packwright")];

/// Whether adapter-auto knows a host that runs Node, and adapter-node 5 fits the SvelteKit.
fn knows_node(look: &AppView<'_>) -> bool {
    look.major("@sveltejs/kit") == Some(2)
        && look.major("@sveltejs/adapter-auto").is_some_and(|major| major >= 3)
}

const ENDS: &[&str] = &["js", "ts", "mjs", "mts"];

/// The adapter is named in `svelte.config.js`, from SvelteKit 3 on in the configuration of Vite.
///
/// Source: SvelteKit documentation, "Adapters".
pub(super) fn shape(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let configs: Vec<(ConfigFile, &[&str])> = [
        (look.config("svelte.config", ENDS), &["kit", "adapter", "()"][..]),
        (look.config("vite.config", ENDS), &["plugins", "[]", "()", "adapter", "()"]),
    ]
    .into_iter()
    .filter_map(|(config, path)| config.map(|config| (config, path)))
    .collect();
    let is_adapter = |name: &str| name.contains("adapter");
    let imported = configs.iter().find_map(|(config, path)| {
        let (name, origin) = config.import(is_adapter)?;
        Some((name, origin, Some((config, *path))))
    });
    let adapter = imported.or_else(|| {
        let app = look.app;
        let mut all =
            app.all_dependencies().filter(|(_, name, _)| name.contains("svelte") && name.contains("adapter"));
        let (_, name, range) = all.next()?;
        Some((name.to_owned(), range.origin.clone(), None))
    });
    let Some((name, origin, config)) = adapter else {
        let origin = look.dependency(&["@sveltejs/kit"]).unwrap_or(Origin::Default("SvelteKit".to_owned()));
        return BuildResult::Broken(messages::adapter_missing("SvelteKit", REMEDY, &origin));
    };
    let option = |option: &str, notes: &mut Findings| {
        let (config, path) = config?;
        let path: Vec<&str> = path.iter().copied().chain([option]).collect();
        config.text(&path, notes)
    };
    match name.as_str() {
        "@sveltejs/adapter-node" => {
            let dir = option("out", notes).map_or("build".to_owned(), |dir| clean(&dir.value));
            BuildResult::Server(BuiltServer {
                same: &["node build", "node build/index.js", "node ./build", "node ./build/index.js"],
                ..BuiltServer::new(&["node", &dir], Shipped::With(vec![dir.clone()]), origin)
            })
        }
        "@sveltejs/adapter-static" => {
            let dir = option("pages", notes).map(|mut dir| {
                dir.value = clean(&dir.value);
                dir
            });
            let fallback = option("fallback", notes);
            let dir = dir.unwrap_or_else(|| default_dir("build", "@sveltejs/adapter-static"));
            fallback_site(dir, fallback)
        }
        "@sveltejs/adapter-auto" if knows_node(look) => {
            let added =
                AddedPackage { name: NODE_ADAPTER, range: "^5", scope: Scope::Build, origin: origin.clone() };
            let has_node = look.dependency(&[NODE_ADAPTER]).is_some();
            BuildResult::Server(BuiltServer {
                same: &["node build", "node build/index.js", "node ./build", "node ./build/index.js"],
                added: if has_node { Vec::new() } else { vec![added] },
                build_environment: HOST_WITH_NODE,
                ..BuiltServer::new(&["node", "build"], Shipped::With(vec!["build".to_owned()]), origin)
            })
        }
        "@sveltejs/adapter-auto" => BuildResult::Broken(messages::built_for_elsewhere(
            "@sveltejs/adapter-auto, which knows some hosts and makes nothing for any other,",
            REMEDY,
            &origin,
        )),
        "svelte-adapter-bun" => BuildResult::Server(BuiltServer::new(
            &["bun", "./build/index.js"],
            Shipped::With(vec!["build".to_owned()]),
            origin,
        )),
        _ => BuildResult::Broken(messages::built_for_elsewhere(
            &format!("the adapter `{name}`"),
            REMEDY,
            &origin,
        )),
    }
}

/// The page for paths that name no file is `index.html` here; another name is given that one too
/// unless there is a front page.
fn fallback_site(dir: Requested<String>, fallback: Option<Requested<String>>) -> BuildResult {
    let page = fallback.map(|fallback| fallback.value);
    let routed = page.as_deref().is_some_and(|page| page != "404.html");
    let into = if routed { Fallback::Index } else { Fallback::NotFound };
    let from = dir.value.clone();
    let mut shape = BuiltSite::shape(dir, into, &["_app/immutable/**"]);
    if let (BuildResult::Site(site), Some(page)) =
        (&mut shape, page.filter(|page| routed && page != "index.html"))
        && page.chars().all(|character| character.is_ascii_alphanumeric() || "-_.".contains(character))
    {
        let (front, page) = (quoted(&format!("{from}/index.html")), quoted(&format!("{from}/{page}")));
        site.layout = vec![format!("test -f {front} || cp {page} {front}")];
    }
    shape
}

fn clean(dir: &str) -> String {
    dir.trim_start_matches("./").trim_matches('/').to_owned()
}
