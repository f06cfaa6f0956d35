//! Qwik: what its adapter makes of it, and the adapter for Node where the project has none, as its template is made.

use packwright_buildpack::planner::{Fallback, Origin, Requested, text};
use packwright_buildpack::shell_syntax::split;

use super::build_result::{BuildResult, BuiltServer, BuiltSite, Shipped};
use super::view::{AppView, Findings};
use crate::manifest::beside;
use crate::messages;
use crate::syntax::JsSource;

const REMEDY: &str =
    "run `npm run qwik add node-server`, or `qwik add static` for files, and commit what it writes";

/// The entry and the configuration that `qwik add node-server` writes, which listen where an image does.
/// Source: `starters/adapters/node-server` of Qwik's repository.
const WRITTEN: &[(&str, &str)] = &[
    ("/tmp/entry.packwright.ts", include_str!("../../assets/qwik-entry.ts")),
    ("/tmp/packwright.vite.config.mjs", include_str!("../../assets/qwik-vite.config.mjs")),
];

/// An adapter: the directory of the module that its configuration imports, and the file of its entry.
struct Adapter {
    name: String,
    entry: Option<String>,
    origin: Origin,
}

/// Source: Qwik's documentation, "Deployments".
pub(super) fn shape(look: &AppView<'_>, _notes: &mut Findings) -> BuildResult {
    let packages = ["@builder.io/qwik-city", "@qwik.dev/router"];
    let evidence = look.dependency(&packages).unwrap_or(Origin::Default("Qwik".to_owned()));
    let served = || Shipped::With(vec!["dist".to_owned(), "server".to_owned()]);
    // What Qwik City has for Node imports it, and the template names it among the development dependencies.
    let undici = look.dependency(&["undici"]).filter(|_| look.is_development("undici"));
    let also: Vec<Requested<String>> =
        undici.into_iter().map(|origin| Requested { value: "undici".to_owned(), origin }).collect();
    let Some(Adapter { name, entry, origin }) = adapter(look) else {
        if look.dependency(&["@builder.io/qwik-city"]).is_none() {
            return BuildResult::Broken(messages::adapter_missing("Qwik", REMEDY, &evidence));
        }
        let layout = [
            "cp /tmp/entry.packwright.ts src/",
            "cp /tmp/packwright.vite.config.mjs .",
            "vite build -c packwright.vite.config.mjs",
        ];
        return BuildResult::Server(BuiltServer {
            layout: layout.map(str::to_owned).to_vec(),
            written: WRITTEN,
            also,
            ..BuiltServer::new(&["node", "server/entry.packwright.js"], served(), evidence)
        });
    };
    let entry = entry.unwrap_or_else(|| format!("entry.{name}"));
    match name.as_str() {
        "static" => {
            let dir = Requested { value: "dist".to_owned(), origin };
            BuiltSite::shape(dir, Fallback::NotFound, &["build/**", "assets/**"])
        }
        "node-server" | "cloud-run" | "bun-server" => {
            let program = if name == "bun-server" { "bun" } else { "node" };
            let words = [program, &format!("server/{entry}.js")];
            BuildResult::Server(BuiltServer { also, ..BuiltServer::new(&words, served(), origin) })
        }
        _ => BuildResult::Broken(messages::built_for_elsewhere(
            &format!("the adapter `{name}`"),
            REMEDY,
            &origin,
        )),
    }
}

/// The adapter of the script `build.server`, which `qwik build` runs.
fn adapter(look: &AppView<'_>) -> Option<Adapter> {
    let script = look.app.script("build.server")?;
    let words = split(&script.value)?;
    let at = words.iter().position(|word| word == "-c" || word == "--config")?;
    let path = beside(look.app.dir.as_ref(), words.get(at + 1)?)?;
    let source = text(look.tree, path.as_str()).ok()??;
    let script = JsSource::read(&source);
    let imports = script.imports();
    let (name, line) = imports.iter().find_map(|&(module, line)| {
        let (_, rest) = module.split_once("/adapters/")?;
        Some((rest.split('/').next()?.to_owned(), line))
    })?;
    let entry = source.split("src/entry.").nth(1).and_then(|rest| rest.split(['.', '"', '\'']).next());
    let entry = entry.map(|entry| format!("entry.{entry}"));
    Some(Adapter { name, entry, origin: Origin::line(&path, line) })
}
