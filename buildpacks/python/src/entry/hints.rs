//! Finds the applications that the project itself runs: `uvicorn.run("shop.api:app")`, `app.run()`,
//! `FLASK_APP` in `.flaskenv`. Such an application is preferred to all others, whatever its name.

use packwright_buildpack::planner::{Origin, SourceTree};

use super::candidates::dotted;
use super::parsed::Parsed;
use super::types::AppEntry;
use crate::framework::kinds::AppKind;
use crate::manifest::text;
use crate::syntax::ast::Expr;
use crate::syntax::{Behaviour, string};

/// Functions whose first argument is the application, or its name.
const RUNNERS: &[&str] = &[
    "uvicorn.run",
    "uvicorn.Config",
    "waitress.serve",
    "aiohttp.web.run_app",
    "bottle.run",
    "hypercorn.asyncio.serve",
    "hypercorn.trio.serve",
    "granian.Granian",
    "wsgiref.simple_server.make_server",
];

/// Sets the hint of every entry that some module runs by name. What a module runs in the file
/// in which it is made counts less than what another file runs.
pub(super) fn apply(entries: &mut [AppEntry], modules: &[Parsed], tree: &dyn SourceTree) {
    let flask = flask_app(tree);
    let mut named: Vec<(String, Origin)> = Vec::new();
    for read in modules {
        let Behaviour { calls, imports, .. } = read.module.behaviour();
        let here = dotted(&read.path).join(".");
        for call in &calls {
            let target = match RUNNERS.iter().any(|runner| call.is(runner)) {
                true => call.node.arguments.args.first().and_then(|first| match first {
                    Expr::Name(name) => {
                        let name = name.id.as_str();
                        let elsewhere = imports.get(name).cloned();
                        Some(elsewhere.unwrap_or_else(|| format!("{here}.{name}")))
                    }
                    other => string(other).map(|text| text.trim_end_matches("()").replace(':', ".")),
                }),
                false => (call.method == Some("run"))
                    .then(|| call.path.as_deref()?.strip_suffix(".run"))
                    .flatten()
                    .map(|path| match path.contains('.') {
                        true => path.to_owned(),
                        false => format!("{here}.{path}"),
                    }),
            };
            if let Some(target) = target {
                named.push((target, Origin::line(&read.path, read.module.line(call.node))));
            }
        }
    }
    for entry in entries.iter_mut().filter(|entry| entry.kind != AppKind::File) {
        let mut parts = dotted(&entry.path);
        parts.push(&entry.name);
        let full = parts.join(".");
        let seen = format!("{}.{}", entry.module, entry.name);
        let other_file =
            |origin: &Origin| !matches!(origin, Origin::File { path, .. } if *path == entry.path);
        entry.hint = named
            .iter()
            .find(|(target, origin)| (*target == full || *target == seen) && other_file(origin))
            .map(|(_, origin)| origin.clone());
        if let Some((module, name, origin)) = &flask
            && [dotted(&entry.path).join("."), entry.module.clone()].contains(module)
            && name.as_ref().is_none_or(|name| *name == entry.name)
        {
            entry.hint.get_or_insert_with(|| origin.clone());
        }
    }
}

/// What `FLASK_APP` in `.flaskenv` names: the dotted module, and the name in it when one is given.
///
/// Source: Flask documentation, "Application Discovery".
fn flask_app(tree: &dyn SourceTree) -> Option<(String, Option<String>, Origin)> {
    let path = ".flaskenv".parse().expect("a relative path");
    let source = text(tree, &path).ok()??;
    let (number, value) = source.lines().enumerate().find_map(|(number, line)| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let value = line.strip_prefix("FLASK_APP")?.trim_start().strip_prefix('=')?;
        Some((number, value.trim().trim_matches(['"', '\''])))
    })?;
    let (file, name) = match value.split_once(':') {
        Some((file, name)) => (file, name.split('(').next().map(str::to_owned)),
        None => (value, None),
    };
    let module = file.trim_start_matches("./").trim_end_matches(".py").replace('/', ".");
    Some((module, name, Origin::line(&path, number as u32 + 1)))
}
