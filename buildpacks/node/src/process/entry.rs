//! Programs without a start script: which file is started, with what, and whether it is a server.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use packwright_buildpack::planner::{Diagnostic, Origin, Overridden, RelPath, Requested, text};

use super::analysis::{is_development, resolved};
use crate::application::{AppContext, ImageProgram};
use crate::manager::PackageManager;
use crate::manifest::PackageJson;
use crate::messages;
use crate::page;
use crate::syntax::JsSource;

/// A file to start.
#[derive(Debug, Clone)]
pub(crate) struct EntryFile {
    /// Its path from the application's directory.
    pub(crate) file: String,
    /// Who names it.
    pub(crate) origin: Origin,
    /// What else could have been started, or was named and is not there.
    pub(crate) overridden: Vec<Overridden>,
    /// The words that start it.
    pub(crate) words: Vec<String>,
    /// What it needs besides packages.
    pub(crate) program: ImageProgram,
    /// Why it cannot be started as it is.
    pub(crate) problem: Option<Diagnostic>,
}

/// Names of main files, the likeliest first.
const NAMES: &[&str] = &["server", "index", "app", "main", "bot", "worker"];
/// Where main files are.
const PLACES: &[&str] = &["", "src/"];
/// How they end.
const ENDS: &[&str] = &["js", "mjs", "cjs", "ts", "mts"];

/// Packages that answer HTTP, and what people call them.
pub(crate) const HTTP: &[(&str, &str)] = &[
    ("@adonisjs/core", "adonis"),
    ("@apollo/server", "apollo"),
    ("@elysiajs/node", "elysia"),
    ("@feathersjs/express", "feathers"),
    ("@feathersjs/koa", "feathers"),
    ("@google-cloud/functions-framework", "functions-framework"),
    ("@hapi/hapi", "hapi"),
    ("@hono/node-server", "hono"),
    ("@keystone-6/core", "keystone"),
    ("@loopback/rest", "loopback"),
    ("@medusajs/medusa", "medusa"),
    ("@modelcontextprotocol/express", "mcp"),
    ("@modelcontextprotocol/fastify", "mcp"),
    ("@modelcontextprotocol/hono", "mcp"),
    ("@modelcontextprotocol/node", "mcp"),
    ("@nestjs/platform-express", "nest"),
    ("@nestjs/platform-fastify", "nest"),
    ("@strapi/strapi", "strapi"),
    ("@trpc/server", "trpc"),
    ("apollo-server", "apollo"),
    ("apollo-server-express", "apollo"),
    ("apollo-server-fastify", "apollo"),
    ("apollo-server-koa", "apollo"),
    ("connect", "connect"),
    ("directus", "directus"),
    ("elysia", "elysia"),
    ("express", "express"),
    ("fastify", "fastify"),
    ("ghost", "ghost"),
    ("grafserv", "grafserv"),
    ("graphql-yoga", "graphql-yoga"),
    ("h3", "h3"),
    ("hono", "hono"),
    ("json-server", "json-server"),
    ("koa", "koa"),
    ("mercurius", "mercurius"),
    ("micro", "micro"),
    ("moleculer-web", "moleculer"),
    ("nitropack", "nitro"),
    ("parse-server", "parse"),
    ("polka", "polka"),
    ("postgraphile", "postgraphile"),
    ("probot", "probot"),
    ("restify", "restify"),
    ("sails", "sails"),
    ("socket.io", "socket.io"),
    ("srvx", "srvx"),
    ("uWebSockets.js", "uWebSockets"),
    ("ws", "ws"),
    ("xmcp", "mcp"),
];

/// How many files are read to find out whether a program is a server.
const FILES: usize = 60;

/// The file that the manifest names, or that is called as main files are; the problem when there
/// is none. `built`: whether the build may make files.
pub(crate) fn find(subject: &AppContext<'_>, built: bool) -> Result<EntryFile, Diagnostic> {
    let mut overridden = Vec::new();
    let mut looked = Vec::new();
    let mut chosen: Option<(String, Origin)> = None;
    for Requested { value, origin } in named(subject) {
        let file = value.trim_start_matches("./").to_owned();
        let there = resolved(subject, &file);
        let made = there.is_none() && built && !file.starts_with("..");
        match there.or(made.then_some(file.clone())) {
            Some(file) if chosen.is_none() => chosen = Some((file, origin)),
            Some(file) if chosen.as_ref().is_some_and(|(known, _)| *known == file) => {}
            Some(file) => overridden.push(Overridden { value: file, origin }),
            None => {
                looked.push(format!("`{file}` ({origin})"));
                overridden.push(Overridden { value: format!("{file} (no such file)"), origin });
            }
        }
    }
    for file in conventional(subject) {
        let origin = Origin::Detected(format!("{file} is there"));
        match &chosen {
            None => chosen = Some((file, origin)),
            Some((known, _)) if *known == file => {}
            Some(_) => overridden.push(Overridden { value: file, origin }),
        }
    }
    let Some((file, origin)) = chosen else {
        return Err(messages::nothing_starts(&subject.project.app.path, &looked, NAMES));
    };
    Ok(start(subject, file, origin, overridden))
}

/// What `main`, `exports` and `bin` name.
fn named(subject: &AppContext<'_>) -> Vec<Requested<String>> {
    let app = subject.project.app;
    let mut found: Vec<Requested<String>> = app.main.iter().cloned().collect();
    let mut push = |value: Option<&packwright_buildpack::documents::Value>| {
        if let Some(value) = value
            && let Some(text) = value.text()
        {
            found.push(Requested { value: text.to_owned(), origin: app.line(value.line) });
        }
    };
    for keys in
        [&["exports"][..], &["exports", "."], &["exports", ".", "import"], &["exports", ".", "default"]]
    {
        push(app.json.at(keys));
    }
    push(app.json.get("bin"));
    if let Some([only]) = app.json.get("bin").map(|bin| bin.entries()) {
        push(Some(&only.value));
    }
    found.retain(|named| {
        let value = named.value.as_str();
        !value.contains('*')
            && !value.ends_with(".d.ts")
            && !value.ends_with(".css")
            && !value.ends_with(".json")
    });
    found
}

/// The files called as main files are, but those that pages load.
fn conventional(subject: &AppContext<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let for_browsers = page::sources(subject.project.context.tree, subject.project.app);
    for place in PLACES {
        for name in NAMES {
            let file =
                ENDS.iter().map(|end| format!("{place}{name}.{end}")).find(|file| subject.project.has(file));
            let is_program =
                |file: &String| subject.project.path(file).is_none_or(|path| !for_browsers.contains(&path));
            found.extend(file.filter(is_program));
        }
    }
    found
}

/// How a file is started: by the runtime that can read it.
fn start(subject: &AppContext<'_>, file: String, origin: Origin, overridden: Vec<Overridden>) -> EntryFile {
    let typed = file.ends_with(".ts") || file.ends_with(".mts");
    let mut problem = None;
    let runner = match () {
        _ if subject.project.manager == PackageManager::Bun => "bun",
        _ if !typed => "node",
        _ if subject.project.uses("tsx") => "tsx",
        _ if subject.project.uses("ts-node") => "ts-node",
        _ => {
            if subject.node < (22, 18) {
                problem = Some(messages::types_not_stripped(&file, subject.node, &origin));
            }
            "node"
        }
    };
    let program = if runner == "bun" { ImageProgram::Bun } else { ImageProgram::Node };
    EntryFile { words: vec![runner.to_owned(), file.clone()], file, origin, overridden, program, problem }
}

/// The source files that a program starts with: those that its line names, else the file that the
/// manifest names or that is called as main files are.
pub(super) fn sources(subject: &AppContext<'_>, files: &[String]) -> Vec<String> {
    let mut starts: Vec<String> = files.iter().filter_map(|file| source_of(subject, file)).collect();
    if files.is_empty() {
        // The line does not tell which file it comes to.
        let named = named(subject).into_iter().filter_map(|named| source_of(subject, &named.value));
        starts.extend(named.chain(conventional(subject)).take(1));
    }
    starts
}

/// The package that answers HTTP among the dependencies, by what people call it.
pub(crate) fn framework(subject: &AppContext<'_>) -> Option<(&'static str, Origin)> {
    http(subject.project.app)
}

/// The same for a manifest.
pub(crate) fn http(manifest: &PackageJson) -> Option<(&'static str, Origin)> {
    let table = &manifest.dependencies;
    HTTP.iter().find_map(|(package, name)| Some((*name, table.get(*package)?.origin.clone())))
}

/// The source file that `file` is, or is made of: `dist/server.js` comes from `src/server.ts`.
fn source_of(subject: &AppContext<'_>, file: &str) -> Option<String> {
    if let Some(found) = resolved(subject, file) {
        return Some(found);
    }
    let name = file.trim_start_matches("./");
    let stem = name
        .strip_suffix(".js")
        .or_else(|| name.strip_suffix(".mjs"))
        .or_else(|| name.strip_suffix(".cjs"))
        .unwrap_or(name);
    let inner = stem.split_once('/').map_or(stem, |(_, inner)| inner);
    let last = inner.rsplit('/').next().unwrap_or(inner);
    let inner = inner.strip_prefix("src/").unwrap_or(inner);
    let mut names = Vec::new();
    for stem in [format!("src/{inner}"), inner.to_owned(), format!("src/{last}"), last.to_owned()] {
        names.extend(["ts", "mts", "tsx", "js", "mjs"].iter().map(|end| format!("{stem}.{end}")));
    }
    names.into_iter().find(|name| subject.project.has(name))
}

/// A file by its path from the root, and what it says.
type Source = (RelPath, Rc<JsSource>);

/// The files of a program in JavaScript and TypeScript, each read once.
pub(crate) struct ReachedFiles<'a> {
    subject: &'a AppContext<'a>,
    read: RefCell<BTreeMap<String, Option<Source>>>,
}

impl<'a> ReachedFiles<'a> {
    /// None is read yet.
    pub(crate) fn of(subject: &'a AppContext<'a>) -> ReachedFiles<'a> {
        ReachedFiles { subject, read: RefCell::default() }
    }

    /// The file by its path from the application's directory, with that from the root.
    fn script(&self, file: &str) -> Option<(RelPath, Rc<JsSource>)> {
        let mut read = self.read.borrow_mut();
        let known = read.entry(file.to_owned()).or_insert_with(|| {
            let path = self.subject.project.path(file)?;
            let source = text(self.subject.project.context.tree, path.as_str()).ok()??;
            Some((path, Rc::new(JsSource::read(&source))))
        });
        known.clone()
    }

    /// The file and what it imports of the application, the nearest first.
    pub(super) fn reached(&self, start: String) -> impl Iterator<Item = (RelPath, Rc<JsSource>)> {
        let mut waiting = VecDeque::from([start]);
        let mut seen = BTreeSet::new();
        std::iter::from_fn(move || {
            while let Some(file) = waiting.pop_front() {
                if seen.len() == FILES || !seen.insert(file.clone()) {
                    continue;
                }
                let Some((path, script)) = self.script(&file) else { continue };
                let near = script.imports().into_iter().filter(|(name, _)| name.starts_with('.'));
                waiting.extend(near.filter_map(|(name, _)| imported(self.subject, &file, name)));
                return Some((path, script));
            }
            None
        })
    }

    /// The first development dependency that the program loads whenever it starts, and the line
    /// that does. Files in TypeScript are not asked: what they import may be types alone.
    pub(crate) fn development(&self, files: &[String]) -> Option<(String, Origin)> {
        let subject = self.subject;
        let mut waiting: VecDeque<String> = files.iter().filter_map(|file| resolved(subject, file)).collect();
        let mut seen = BTreeSet::new();
        while let Some(file) = waiting.pop_front() {
            let plain = [".js", ".mjs", ".cjs"].iter().any(|end| file.ends_with(end));
            if !plain || seen.len() == FILES || !seen.insert(file.clone()) {
                continue;
            }
            let Some((path, script)) = self.script(&file) else { continue };
            for (name, line) in script.loads() {
                if name.starts_with('.') {
                    waiting.extend(imported(subject, &file, name));
                } else if is_development(subject, package_of(name)) {
                    return Some((package_of(name).to_owned(), Origin::line(&path, line)));
                }
            }
        }
        None
    }
}

/// The package of an import: `@scope/name` or the first part.
pub(crate) fn package_of(name: &str) -> &str {
    let parts = if name.starts_with('@') { 2 } else { 1 };
    name.match_indices('/').nth(parts - 1).map_or(name, |(at, _)| &name[..at])
}

/// The file of the application that `name` means in `file`.
fn imported(subject: &AppContext<'_>, file: &str, name: &str) -> Option<String> {
    let dir = file.rsplit_once('/').and_then(|(dir, _)| dir.parse::<RelPath>().ok());
    let path = crate::manifest::beside(dir.as_ref(), name)?;
    let path = path.as_str();
    // TypeScript's modules name the file that will be made: `./app.js` is `app.ts`.
    let typed = path.strip_suffix(".js").map(|stem| format!("{stem}.ts"));
    resolved(subject, path).or_else(|| typed.filter(|typed| subject.project.has(typed)))
}
