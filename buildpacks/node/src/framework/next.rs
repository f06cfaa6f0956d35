//! Next.js: a server, a server that stands alone, or files, as `output` in its configuration
//! says.

use packwright_buildpack::planner::{Fallback, Origin, Requested};

use super::build::quoted;
use super::build_result::{BuildResult, BuiltServer, BuiltSite, Shipped};
use super::view::{AppView, ConfigFile, Findings};
use crate::syntax::JsLiteral;
use crate::{messages, process};

/// Source: Next.js documentation, "output" and "distDir".
pub(super) fn shape(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let config = look.config("next.config", &["js", "mjs", "ts", "mts", "cjs"]);
    let text =
        |path: &[&str], notes: &mut Findings| config.as_ref().and_then(|config| config.text(path, notes));
    let output = text(&["output"], notes);
    let dist = text(&["distDir"], notes);
    let dist_dir = dist.as_ref().map_or(".next".to_owned(), |dist| dist.value.trim_matches('/').to_owned());
    match output.as_ref().map(|output| output.value.as_str()) {
        Some("export") => {
            let by_output = || output.as_ref().map(|output| output.origin.clone());
            let dir = match dist {
                Some(dist) => dist,
                None => Requested {
                    value: "out".to_owned(),
                    origin: by_output().unwrap_or(Origin::Default("where next build writes".to_owned())),
                },
            };
            BuiltSite::shape(dir, Fallback::NotFound, &["_next/static/**"]).instead_of(&["next"])
        }
        Some("standalone") => {
            BuildResult::Server(standalone(look, config.as_ref(), output, &dist_dir, notes))
        }
        _ => {
            let origin = look.dependency(&["next"]).unwrap_or(Origin::Default("Next.js".to_owned()));
            BuildResult::Server(BuiltServer {
                same: &["next start"],
                environment: vec![TELEMETRY],
                also: config.as_ref().map_or_else(Vec::new, |config| loaded(look, config)),
                unneeded: compiler(config.as_ref()),
                ..BuiltServer::new(&["next", "start"], Shipped::With(vec![dist_dir]), origin)
            })
        }
    }
}

/// The compiler, of which no manifest says that only builds need it: `next start` compiles nothing
/// but a configuration in TypeScript. It is most of what Next weighs.
fn compiler(config: Option<&ConfigFile>) -> &'static [&'static str] {
    let typed = config.is_some_and(|config| config.path.as_str().ends_with("ts"));
    if typed { &[] } else { &["**/node_modules/@next/swc-*"] }
}

/// The development dependencies that `next start` needs to read its configuration: the packages
/// that this imports, and TypeScript where it is written in it.
fn loaded(look: &AppView<'_>, config: &ConfigFile) -> Vec<Requested<String>> {
    let typed = config.path.as_str().ends_with("ts").then(|| ("typescript".to_owned(), 1));
    let imports = config.script.imports().into_iter().filter(|(name, _)| !name.starts_with(['.', '/', '#']));
    let imported = imports.map(|(name, line)| (process::package_of(name).to_owned(), line));
    let mut found: Vec<Requested<String>> = Vec::new();
    for (value, line) in typed.into_iter().chain(imported) {
        if look.is_development(&value) && found.iter().all(|known| known.value != value) {
            found.push(Requested { value, origin: Origin::line(&config.path, line) });
        }
    }
    found
}

/// A variable of every image with Next in it.
const TELEMETRY: (&str, &str, &str) = ("NEXT_TELEMETRY_DISABLED", "1", "an image reports to nobody");

fn standalone(
    look: &AppView<'_>,
    config: Option<&ConfigFile>,
    output: Option<Requested<String>>,
    dist_dir: &str,
    notes: &mut Findings,
) -> BuiltServer {
    let dir = format!("{dist_dir}/standalone");
    let inner = match below_root(look, config, notes) {
        Some(inner) => format!("{dir}/{inner}"),
        None => dir.clone(),
    };
    let server = format!("{inner}/server.js");
    let (made, missing) = (quoted(&server), quoted(&messages::standalone_missing(&server)));
    let (from, into) = (quoted(&format!("{dist_dir}/static")), quoted(&format!("{inner}/{dist_dir}/static")));
    let (around, public) = (quoted(&format!("{inner}/{dist_dir}")), quoted(&format!("{inner}/public")));
    let layout = vec![
        format!("test -f {made} || {{ echo {missing} >&2; exit 1; }}"),
        format!("rm -rf {into} {public}"),
        format!("mkdir -p {around}"),
        format!("cp -R {from} {into}"),
        format!("if test -d public; then cp -R public {public}; fi"),
    ];
    let origin = output.map_or(Origin::Default("Next.js".to_owned()), |output| output.origin);
    BuiltServer {
        same: &["next start", "node .next/standalone/server.js", "node server.js"],
        environment: vec![
            TELEMETRY,
            (
                "HOSTNAME",
                "0.0.0.0",
                "Next listens on the address of this name, which would be the container's own",
            ),
        ],
        layout,
        ..BuiltServer::new(&["node", &server], Shipped::Alone(vec![dir]), origin)
    }
}

/// The application's directory below the one that Next takes for the root of all files: the
/// outermost with a lock file, unless the configuration names another.
fn below_root(look: &AppView<'_>, config: Option<&ConfigFile>, notes: &mut Findings) -> Option<String> {
    let dir = look.app.dir.as_ref()?;
    let settings: [&[&str]; 3] =
        [&["outputFileTracingRoot"], &["experimental", "outputFileTracingRoot"], &["turbopack", "root"]];
    for path in settings {
        let Some(config) = config else { break };
        match config.script.property(path).map(|found| found.value) {
            Some(JsLiteral::Text(root) | JsLiteral::Path(root)) => {
                let root = crate::manifest::beside(Some(dir), &root);
                return match root {
                    // `beside` has no path for the root of the tree itself.
                    None => Some(dir.to_string()),
                    Some(root) => dir.below(&root).map(|inner| inner.to_string()),
                };
            }
            Some(JsLiteral::Call(_) | JsLiteral::Computed) => {
                let _ = config.text(path, notes);
            }
            _ => {}
        }
    }
    Some(dir.to_string())
}
