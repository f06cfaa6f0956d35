//! Angular: `angular.json` says where the build writes, and whether there is a server in it.

use packwright_buildpack::documents::{Content, Value};
use packwright_buildpack::files;
use packwright_buildpack::planner::{Fallback, Origin, Requested};

use super::build_result::{BuildResult, BuiltServer, BuiltSite, Shipped};
use super::view::{AppView, Findings};
use crate::messages;

/// Files with a digest in their names, as the builders write them.
const IMMUTABLE: &[&str] = &[
    "chunk-*.js",
    "main-*.js",
    "polyfills-*.js",
    "scripts-*.js",
    "styles-*.css",
    "media/**",
    "main.*.js",
    "runtime.*.js",
    "polyfills.*.js",
    "styles.*.css",
];

/// Source: Angular documentation, "Angular workspace configuration"; the schemas of its builders.
pub(super) fn shape(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let evidence = look.dependency(&["@angular/cli", "@angular/build", "@angular-devkit/build-angular"]);
    let evidence = evidence.unwrap_or(Origin::Default("Angular".to_owned()));
    let Some(path) = look.app.beside("angular.json") else { return missing(&evidence) };
    let workspace = match files::json_file(look.tree, &path).map_err(messages::unreadable) {
        Ok(Some(workspace)) => workspace.value,
        Ok(None) => return missing(&evidence),
        Err(problem) => return BuildResult::Broken(problem),
    };
    let projects = workspace.get("projects").map_or(&[][..], Value::entries);
    let asked = look.option("ng build", &["--project"]).or_else(|| look.argument("ng build"));
    let default = workspace.text_of("defaultProject");
    let is_application = |entry: &&packwright_buildpack::documents::Entry| {
        entry.value.text_of("projectType") != Some("library") && target(&entry.value).is_some()
    };
    let named = |name: &str| projects.iter().find(|entry| entry.key == name);
    let chosen = asked
        .and_then(|asked| named(&asked.value))
        .or_else(|| default.and_then(named))
        .or_else(|| projects.iter().find(is_application));
    let Some((chosen, build)) = chosen.and_then(|entry| Some((entry, target(&entry.value)?))) else {
        return missing(&Origin::file(&path));
    };
    let others: Vec<&str> = projects
        .iter()
        .filter(|entry| is_application(entry) && entry.key != chosen.key)
        .map(|entry| entry.key.as_str())
        .collect();
    if !others.is_empty() {
        notes.diagnostics.push(messages::several_projects(
            &chosen.key,
            &others,
            &Origin::line(&path, chosen.line),
        ));
    }
    let options = build.get("options");
    let option = |key: &str| options.and_then(|options| options.get(key));
    let builder = build.text_of("builder").or_else(|| build.text_of("executor")).unwrap_or_default();
    let output = option("outputPath");
    let line = output.map_or(chosen.line, |output| output.line);
    let default_base = format!("dist/{}", chosen.key);
    let base =
        output.and_then(|output| output.text().or_else(|| output.text_of("base"))).unwrap_or(&default_base);
    let base = base.trim_start_matches("./").trim_matches('/').to_owned();
    let origin = Origin::line(&path, line);
    if !builder.ends_with(":application") {
        let dir = Requested { value: base, origin };
        return BuiltSite::shape(dir, Fallback::Index, IMMUTABLE);
    }
    let part = |key: &str| output.and_then(|output| output.text_of(key)).unwrap_or(key).to_owned();
    let serves = option("ssr")
        .is_some_and(|ssr| matches!(ssr.content, Content::Bool(true) | Content::Map(_)))
        && option("outputMode").and_then(Value::text) != Some("static");
    if serves {
        let server = format!("{base}/{}/server.mjs", part("server"));
        let origin = option("ssr").map_or(origin, |ssr| Origin::line(&path, ssr.line));
        return BuildResult::Server(BuiltServer::new(&["node", &server], Shipped::With(vec![base]), origin));
    }
    let browser = part("browser");
    let value = if browser.is_empty() { base } else { format!("{base}/{browser}") };
    BuiltSite::shape(Requested { value, origin }, Fallback::Index, IMMUTABLE)
}

fn target(project: &Value) -> Option<&Value> {
    project.at(&["architect", "build"]).or_else(|| project.at(&["targets", "build"]))
}

fn missing(origin: &Origin) -> BuildResult {
    BuildResult::Broken(messages::angular_without_project(origin))
}
