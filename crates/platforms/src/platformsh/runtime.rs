//! Languages, their versions and global tools: `type`, `stack`, `dependencies`.

use packwright_documents::{Content, Value};
use packwright_planner::{Diagnostic, Requested, VersionRequest};

use crate::dir_view::DirView;
use crate::names::translation::Present;
use crate::platformsh::reader::ApplicationReader;
use crate::table::Table;
use crate::{names, tool_names};

/// Tools that install packages, by their names in the registries of their languages.
const MANAGERS: &[&str] = &["pip", "pipenv", "poetry", "uv", "pdm", "npm", "yarn", "pnpm", "bun", "deno"];

/// Versions that mean any.
const ANY: &[&str] = &["", "*", "latest", "stable"];

/// Reads `type` and `stack`.
pub(super) fn runtime(app: &mut ApplicationReader<'_>, table: &Table<'_>) {
    let composable = |kind: &Requested<String>| kind.value.starts_with("composable");
    if let Some(kind) = table.text("type").filter(|kind| !composable(kind)) {
        match tool_names::runtime(&kind.value) {
            Some((tool, _)) => {
                app.component.versions.extend(tool_names::wish(&kind));
                app.component.language = Some(Requested { value: tool.to_owned(), origin: kind.origin });
            }
            None => app.document.say(
                Diagnostic::warning(
                    &app.code("runtime"),
                    format!("{}: `{}` is no runtime that is known", kind.origin, kind.value),
                )
                .fix("the language is chosen by the files of the source; choose with `--buildpack` if that is wrong")
                .at(kind.origin.clone()),
            ),
        }
    }
    if let Some(stack) = table.value("stack") {
        layers(app, stack);
    }
}

/// The items of a composable image.
fn layers(app: &mut ApplicationReader<'_>, stack: &Value) {
    match &stack.content {
        Content::Text(_) | Content::Number(_) => layer(app, stack),
        Content::List(items) => items.iter().for_each(|item| layer(app, item)),
        Content::Map(entries) => {
            for entry in entries {
                match entry.key.as_str() {
                    "runtimes" | "packages" => layers(app, &entry.value),
                    "package" => layer(app, &entry.value),
                    "channel" => {}
                    key => named(app, key, entry.line),
                }
            }
        }
        Content::Null | Content::Bool(_) => {
            app.document.refuse(
                stack.line,
                "`stack` is no list of runtimes",
                "write a list such as `- \"python@3.12\"`",
            );
        }
    }
}

fn layer(app: &mut ApplicationReader<'_>, item: &Value) {
    match &item.content {
        Content::Text(text) | Content::Number(text) => named(app, text, item.line),
        Content::Map(entries) => match item.text_of("package") {
            Some(package) => named(app, package, item.line),
            // `php@8.3: {extensions: […]}`
            None => entries.iter().for_each(|entry| named(app, &entry.key, entry.line)),
        },
        _ => app.document.refuse(item.line, "an item of `stack` is no text", "write it as `\"python@3.12\"`"),
    }
}

fn named(app: &mut ApplicationReader<'_>, item: &str, line: u32) {
    let origin = app.document.line(line);
    let (name, version) = item.split_once('@').unwrap_or((item, ""));
    let version = (!ANY.contains(&version)).then(|| version.to_owned());
    let tool = tool_names::tool(name).or_else(|| MANAGERS.iter().find(|&&manager| manager == name).copied());
    match tool {
        Some(tool) => {
            if !MANAGERS.contains(&tool) && app.component.language.is_none() {
                app.component.language = Some(Requested { value: tool.to_owned(), origin: origin.clone() });
            }
            if let Some(value) = version {
                let version = Requested { value, origin };
                app.component.versions.push(VersionRequest { tool: tool.to_owned(), version });
            }
        }
        None => {
            let name = Requested { value: name.to_owned(), origin };
            let dir = match (app.view.dir, app.component.dir()) {
                (Some(above), Some(dir)) => above.join(dir.as_str()).ok(),
                (above, dir) => above.or(dir).cloned(),
            };
            let present = Present::of(&DirView { dir: dir.as_ref(), ..*app.view });
            let named = names::nix(app.dialect.name(), &name, &present);
            app.component.packages.extend(named.packages);
            app.component.versions.extend(named.version_requests);
            named.told.into_iter().for_each(|told| app.document.say(told));
        }
    }
}

/// Reads `dependencies`: tools of the build from the registries of languages.
pub(super) fn dependencies(app: &mut ApplicationReader<'_>, table: &Table<'_>) {
    let Some(dependencies) = table.table("dependencies") else { return };
    for entry in dependencies.entries() {
        let language = entry.key.as_str();
        if !matches!(language, "python" | "python2" | "python3" | "nodejs") {
            let what = format!("`dependencies.{language}`");
            app.document.without_effect(
                entry.line,
                &what,
                "tools of this language are not installed for the build",
            );
            continue;
        }
        let Some(packages) = dependencies.table(language) else { continue };
        for (name, version) in packages.all_pairs() {
            let any = ANY.contains(&version.value.trim());
            match name.as_str() {
                manager if MANAGERS.contains(&manager) => {
                    if !any {
                        app.component.versions.push(VersionRequest { tool: name, version });
                    }
                }
                _ => app.document.say(
                    Diagnostic::warning(
                        &app.code("dependency"),
                        format!("{}: `{name}` of `dependencies.{language}` is not installed", version.origin),
                    )
                    .why("the image has what the application's own manifests ask for")
                    .fix(match language {
                        "nodejs" => "add it to `devDependencies` in package.json",
                        _ => "add it to the application's requirements",
                    })
                    .at(version.origin.clone()),
                ),
            }
        }
    }
}
