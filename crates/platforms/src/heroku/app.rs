//! `app.json`: what Heroku needs to create an application.
//!
//! Other programs have a file of this name too; one is Heroku's when its keys are. On Heroku it is
//! read when an application is created, and for review applications, never on a push.

use packwright_documents::{Content, Value, json_strict};
use packwright_planner::{
    BackingService, Command, Declarations, DeclaredProcess, Diagnostic, FileWeight, Moment, Origin, Overlay,
    ProcessKind, Requested, Scale, ServiceKind,
};

use super::{buildpack, environment};
use crate::dir_view::DirView;
use crate::heroku::source::{PLATFORM, bare, line_of};
use crate::table::{Document, Table};

/// The file's name.
const FILE: &str = "app.json";

/// The keys that Heroku knows. Source: heroku/heroku-mcp-server, app-json.schema.json.
const KEYS: &[&str] = &[
    "name",
    "description",
    "keywords",
    "website",
    "repository",
    "logo",
    "success_url",
    "scripts",
    "env",
    "formation",
    "addons",
    "buildpacks",
    "environments",
    "stack",
    "image",
    "$schema",
];

/// Of these, the ones that other programs have not.
const TELLING: &[&str] =
    &["env", "formation", "addons", "buildpacks", "environments", "stack", "success_url"];

/// Keys of other programs' files of this name, and whose they are.
const FOREIGN: &[(&str, &str)] = &[
    ("expo", "Expo"),
    ("displayName", "React Native"),
    ("pages", "a mini program"),
    ("subpackages", "a mini program"),
    ("promptDelete", "Obsidian"),
    ("alwaysUpdateLinks", "Obsidian"),
];

/// What Heroku's add-ons are called in the variables that they set.
const TELLS: &[(&str, &[&str])] = &[
    ("heroku-postgresql", &["DATABASE_URL"]),
    ("heroku-redis", &["REDIS_URL"]),
    ("heroku-kafka", &["KAFKA_URL"]),
    ("bonsai", &["BONSAI_URL"]),
    ("cleardb", &["CLEARDB_DATABASE_URL"]),
    ("cloudamqp", &["CLOUDAMQP_URL"]),
    ("cloudcube", &["CLOUDCUBE_URL"]),
    ("jawsdb", &["JAWSDB_URL"]),
    ("jawsdb-maria", &["JAWSDB_MARIA_URL"]),
    ("memcachier", &["MEMCACHIER_SERVERS", "MEMCACHIER_USERNAME", "MEMCACHIER_PASSWORD"]),
    ("mongolab", &["MONGODB_URI"]),
    ("openredis", &["OPENREDIS_URL"]),
    ("rediscloud", &["REDISCLOUD_URL"]),
    ("redistogo", &["REDISTOGO_URL"]),
    ("searchbox", &["SEARCHBOX_URL"]),
    ("sentry", &["SENTRY_DSN"]),
    ("stackhero-mysql", &["STACKHERO_MYSQL_DATABASE_URL"]),
];

/// Reads `app.json`.
pub(super) fn read(view: &DirView<'_>) -> Option<Declarations> {
    let seen = match crate::heroku::source::seen(view, FILE)? {
        Ok(seen) => seen,
        Err(refused) => return Some(refused),
    };
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Decides);
    let value = match seen.parsed(PLATFORM, FileWeight::Decides, json_strict) {
        Ok(value) => value,
        // What cannot be read cannot be recognised either, but for its most common owner.
        Err(_) if seen.text.contains("\"expo\"") => {
            declared.diagnostics.push(foreign(&declared, "Expo"));
            return Some(declared);
        }
        Err(refused) => return Some(refused),
    };
    if let Some(owner) = owner(&value) {
        declared.diagnostics.push(foreign(&declared, owner));
        return Some(declared);
    }
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    if let Some(table) = document.table(&value) {
        app(view, &table, &mut declared);
    }
    declared.diagnostics.extend(document.into_diagnostics());
    Some(declared)
}

/// Whose file it is, when it is not Heroku's.
fn owner(value: &Value) -> Option<&'static str> {
    let Content::Map(entries) = &value.content else { return Some("another program") };
    let has = |key: &str| entries.iter().any(|entry| entry.key == key);
    if let Some((_, owner)) = FOREIGN.iter().find(|(key, _)| has(key)) {
        return Some(owner);
    }
    let all = entries.iter().all(|entry| KEYS.contains(&entry.key.as_str()));
    (!all && !TELLING.iter().any(|key| has(key))).then_some("another program")
}

fn foreign(declared: &Declarations, owner: &str) -> Diagnostic {
    let path = &declared.files[0];
    Diagnostic::info("heroku/foreign-file", format!("{path} is not Heroku's and is not read"))
        .why(format!("its keys are those of {owner}"))
        .at(Origin::file(path))
}

fn app(view: &DirView<'_>, table: &Table<'_>, declared: &mut Declarations) {
    let document = table.document();
    table.leave(&["$schema", "description", "keywords", "website", "repository", "logo", "success_url"]);
    declared.name = table.text("name").filter(|name| !name.value.trim().is_empty());
    let variables = environment::variables(table, "env");
    let packs = buildpack::listed(table);
    let processes = [formation(table), postdeploy(table)].concat();
    if !(variables.is_empty() && packs.is_empty() && processes.is_empty()) {
        let component = declared.component();
        component.environment = variables;
        component.processes = processes;
        buildpack::apply(view, document, component, &packs);
    }
    declared.services = addons(table);
    declared.overlays = overlays(table);
    for (key, why) in [
        ("stack", "the image is made of Debian packages, whichever stack of Heroku is named"),
        ("image", "it names an image for a tool that Heroku no longer has"),
    ] {
        if let Some(entry) = table.entry(key) {
            document.without_effect(entry.line, &format!("`{key}`"), why);
        }
    }
}

/// Numbers and sizes of processes: `{web: {quantity, size}}`, or the older list.
fn formation(table: &Table<'_>) -> Vec<DeclaredProcess> {
    let document = table.document();
    let rows: Vec<(String, u32, Table<'_>)> = match table.value("formation").map(|value| &value.content) {
        None => return Vec::new(),
        Some(Content::List(_)) => {
            let mut named = Vec::new();
            for row in table.tables("formation") {
                match row.text("process") {
                    Some(process) => named.push((process.value, line_of(&process.origin), row)),
                    None => {
                        row.leave(&["quantity", "size"]);
                        let line = line_of(&row.origin());
                        document.refuse(line, "an entry of `formation` has no `process`", "name it");
                    }
                }
            }
            named
        }
        Some(_) => {
            let rows = table.named_tables("formation").into_iter();
            rows.map(|(name, row)| (name, line_of(&row.origin()), row)).collect()
        }
    };
    let mut processes: Vec<DeclaredProcess> = Vec::new();
    for (name, line, row) in rows {
        let quantity = row.number("quantity").and_then(|quantity| match u32::try_from(quantity.value) {
            Ok(min) => Some(Requested { value: Scale { min, max: None }, origin: quantity.origin }),
            Err(_) => {
                document.refuse(line, "`quantity` is larger than any number of processes", "write a number");
                None
            }
        });
        let size = row.text("size");
        let Some(process) = bare(document, &name, line) else { continue };
        if processes.iter().any(|known| known.name == process.name) {
            document.refuse(line, &format!("`formation` has `{name}` twice"), "delete one of the two");
            continue;
        }
        processes.push(DeclaredProcess { scale: quantity, size, ..process });
    }
    processes
}

/// The script that runs once, after the first version is there.
fn postdeploy(table: &Table<'_>) -> Vec<DeclaredProcess> {
    let Some(scripts) = table.table("scripts") else { return Vec::new() };
    scripts.leave(&["pr-predestroy", "test", "test-setup"]);
    let command = scripts.text("postdeploy").filter(|command| !command.value.trim().is_empty());
    let process = command.and_then(|command| {
        let name = "postdeploy".parse().ok()?;
        let kind = ProcessKind::Release(Moment::FirstTime);
        let bare = DeclaredProcess::bare(name, kind, command.origin);
        Some(DeclaredProcess { command: Some(Command::shell(command.value.trim())), ..bare })
    });
    process.into_iter().collect()
}

/// Add-ons: `"slug:plan"` or `{plan, as, options}`.
pub(super) fn addons(table: &Table<'_>) -> Vec<BackingService> {
    let Some(value) = table.value("addons") else { return Vec::new() };
    let document = table.document();
    let mut services: Vec<BackingService> = Vec::new();
    let mut add = |plan: &str, alias: Option<String>, version: Option<String>, origin: Origin| {
        let (slug, plan) = match plan.split_once(':') {
            Some((slug, plan)) => (slug, Some(plan.to_owned())),
            None => (plan, None),
        };
        let name = alias.clone().unwrap_or_else(|| slug.to_owned());
        if services.iter().any(|known| known.name == name) {
            let fix = "give each a name of its own with `as`";
            document.refuse(line_of(&origin), &format!("the add-on `{name}` is there twice"), fix);
            return;
        }
        services.push(BackingService {
            name,
            kind: ServiceKind::of(slug),
            version,
            plan,
            tells: tells(slug, alias.as_deref()),
            origin,
        });
    };
    for item in value.items() {
        if let Some(plan) = item.word() {
            add(plan, None, None, document.line(item.line));
        } else if let Some(row) = document.table(item) {
            row.leave(&["url"]);
            let alias = row.text("as").map(|alias| alias.value);
            let version = row.table("options").and_then(|options| {
                let version = options.text("version").map(|version| version.value);
                options.leave_rest();
                version
            });
            match row.text("plan") {
                Some(plan) => add(&plan.value, alias, version, plan.origin),
                None => document.refuse(item.line, "an add-on has no `plan`", "name it: `heroku-postgresql`"),
            }
        }
    }
    if value.items().is_empty() {
        // A list that is none is reported.
        let _ = table.texts("addons");
    }
    services
}

/// The variables that an add-on sets: its own, or those that its name here gives it.
fn tells(slug: &str, alias: Option<&str>) -> Vec<String> {
    let own = TELLS.iter().find(|(known, _)| *known == slug).map(|(_, names)| *names).unwrap_or_default();
    match (alias, own) {
        (Some(alias), [only]) if only.ends_with("_URL") => {
            vec![format!("{}_URL", alias.to_ascii_uppercase())]
        }
        _ => own.iter().map(|&name| name.to_owned()).collect(),
    }
}

/// What is different in tests, review applications and production.
fn overlays(table: &Table<'_>) -> Vec<Overlay> {
    let mut overlays = Vec::new();
    for (name, row) in table.named_tables("environments") {
        let origin = row.origin();
        if !["test", "review", "production"].contains(&name.as_str()) {
            let message = format!("{origin}: `environments.{name}` is no environment that Heroku has");
            let told = Diagnostic::warning("heroku/unknown-environment", message);
            table.document().say(told.fix("use `test`, `review` or `production`").at(origin.clone()));
        }
        // How an environment is built is settled by production: there is one image.
        row.leave(&["buildpacks", "stack", "image"]);
        let environment = environment::variables(&row, "env");
        let processes = [formation(&row), postdeploy(&row)].concat();
        let services = addons(&row);
        overlays.push(Overlay { name: Requested { value: name, origin }, environment, services, processes });
    }
    overlays
}
