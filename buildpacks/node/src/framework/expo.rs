//! Expo's export for the web.

use packwright_buildpack::files;
use packwright_buildpack::planner::{Fallback, Requested};

use super::build_result::{BuildResult, BuiltSite, default_dir};
use super::view::{AppView, Findings};
use crate::messages;

/// Source: Expo documentation, "Publish websites" and the `web` part of `app.json`.
pub(super) fn shape(look: &AppView<'_>, _notes: &mut Findings) -> BuildResult {
    let dir = look.option("expo export", &["--output-dir"]);
    let dir = dir.unwrap_or_else(|| match look.tool("expo export:web") {
        Some(_) => default_dir("web-build", "expo export:web"),
        None => default_dir("dist", "expo export"),
    });
    let immutable = ["_expo/static/**"];
    let Some(path) = look.app.beside("app.json") else {
        return BuiltSite::shape(dir, Fallback::Index, &immutable);
    };
    let config = match files::json_file(look.tree, &path).map_err(messages::unreadable) {
        Ok(config) => config.map(|config| config.value),
        Err(problem) => return BuildResult::Broken(problem),
    };
    let output = config.as_ref().and_then(|config| config.at(&["expo", "web", "output"]));
    let origin = output.map(|output| packwright_buildpack::planner::Origin::line(&path, output.line));
    match (output.and_then(|output| output.text()), origin) {
        (Some("static"), Some(origin)) => {
            BuiltSite::shape(Requested { value: dir.value, origin }, Fallback::NotFound, &immutable)
        }
        (Some("server"), Some(origin)) => BuildResult::Broken(messages::handler_without_server(
            "Expo with `web.output` set to `server`",
            &origin,
        )),
        _ => BuiltSite::shape(dir, Fallback::Index, &immutable),
    }
}
