//! Vite without a server framework: an application in the browser, of whatever flavour.

use packwright_buildpack::planner::{Fallback, Origin, RelPath, Requested};

use super::build_result::{BuildResult, BuiltSite, default_dir};
use super::view::{AppView, ConfigFile, Findings};
use crate::manifest::beside;

const ENDS: &[&str] = &["js", "mjs", "ts", "cjs", "mts", "cts"];

/// The configuration, by `--config` when the build script has it.
fn config(look: &AppView<'_>) -> Option<ConfigFile> {
    look.config("vite.config", ENDS)
}

/// Whether `vite build` makes something else than a site: a library, the server's half of an
/// application, the assets of another language's templates.
pub(super) fn is_no_site(look: &AppView<'_>) -> Option<Origin> {
    let config = config(look)?;
    for path in [&["build", "lib"][..], &["build", "ssr"]] {
        if let Some(origin) = config.place(path) {
            return Some(origin);
        }
    }
    let templates = ["laravel-vite-plugin", "vite-plugin-ruby", "vite-plugin-rails", "@adonisjs/vite/client"];
    config.import(|name| templates.contains(&name)).map(|(_, origin)| origin)
}

/// Source: Vite documentation, "Build Options" and "Shared Options".
pub(super) fn shape(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let config = config(look);
    let text =
        |path: &[&str], notes: &mut Findings| config.as_ref().and_then(|config| config.text(path, notes));
    let root = look
        .argument("vite build")
        .filter(|root| !root.value.contains('$'))
        .or_else(|| text(&["root"], notes));
    let root: Option<RelPath> = root.and_then(|root| beside(None, &root.value));
    let by_option = look.option("vite build", &["--outDir"]);
    let from_here =
        by_option.is_none() && config.as_ref().is_some_and(|config| config.is_path(&["build", "outDir"]));
    let root = root.filter(|_| !from_here);
    let out = by_option.or_else(|| text(&["build", "outDir"], notes));
    let out = out.unwrap_or_else(|| default_dir("dist", "vite build"));
    let dir = within(root.as_ref(), out, look.app.dir.as_ref());
    let assets = text(&["build", "assetsDir"], notes).map_or("assets".to_owned(), |dir| dir.value);
    let immutable = format!("{}/**", assets.trim_matches('/'));
    if look.dependency(&["vike", "vite-plugin-ssr"]).is_some() {
        let dir = Requested { value: format!("{}/client", dir.value), origin: dir.origin };
        return BuiltSite::shape(dir, Fallback::NotFound, &[&immutable]);
    }
    let pages = text(&["appType"], notes).is_some_and(|kind| kind.value == "mpa");
    BuiltSite::shape(dir, if pages { Fallback::NotFound } else { Fallback::Index }, &[&immutable])
}

/// The directory seen from the application: it is named from Vite's root. A path from the root
/// of the file system stays as it is, and is reported as outside of the tree.
fn within(root: Option<&RelPath>, mut dir: Requested<String>, app: Option<&RelPath>) -> Requested<String> {
    let name = dir.value.strip_prefix("/app/").unwrap_or(&dir.value).to_owned();
    // The path is resolved as one of the tree, so that `..` may lead out of the application and
    // not out of the tree; what is inside the application is then named from there.
    let whole: Vec<&str> = app.iter().chain(root.iter()).map(|dir| dir.as_str()).collect();
    let base: Option<RelPath> = whole.join("/").parse().ok();
    dir.value = match beside(base.as_ref(), &name) {
        Some(path) => match app {
            None => path.to_string(),
            Some(app) => path.below(app).map_or(format!("/{path}"), |inner| inner.to_string()),
        },
        None => name,
    };
    dir
}
