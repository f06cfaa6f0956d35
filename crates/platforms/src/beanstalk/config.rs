//! A file of `.ebextensions`: YAML or JSON with any of eleven keys.

use packwright_documents::{Content, json};
use packwright_planner::{
    Command, FileWeight, PackageSystem, Requested, Scope, SystemPackage, is_secret_name, is_secret_value,
};

use super::{commands, messages};
use crate::beanstalk::bundle::{Bundle, PLATFORM};
use crate::container;
use crate::dir_view::DirView;
use crate::table::{Document, Table};

/// Keys of CloudFormation, which makes what they describe.
const RESOURCES: &[&str] =
    &["Resources", "Outputs", "Parameters", "Conditions", "Mappings", "Metadata", "Rules"];

/// Packages of Amazon Linux that Debian has under one other name. Source: the package lists of
/// both; only libraries and programs that applications ask for.
const YUM: &[(&str, &[(&str, Scope)])] = &[
    ("postgresql-devel", &[("libpq-dev", Scope::Build), ("libpq5", Scope::Run)]),
    ("libpq-devel", &[("libpq-dev", Scope::Build), ("libpq5", Scope::Run)]),
    ("postgresql", &[("postgresql-client", Scope::Run)]),
    ("mysql-devel", &[("default-libmysqlclient-dev", Scope::Build), ("libmariadb3", Scope::Run)]),
    ("mariadb-devel", &[("default-libmysqlclient-dev", Scope::Build), ("libmariadb3", Scope::Run)]),
    ("python3-devel", &[("python3-dev", Scope::Build)]),
    ("python-devel", &[("python3-dev", Scope::Build)]),
    ("gcc", &[("gcc", Scope::Build)]),
    ("gcc-c++", &[("g++", Scope::Build)]),
    ("make", &[("make", Scope::Build)]),
    ("cmake", &[("cmake", Scope::Build)]),
    ("git", &[("git", Scope::Build)]),
    ("libffi-devel", &[("libffi-dev", Scope::Build), ("libffi8", Scope::Run)]),
    ("openssl-devel", &[("libssl-dev", Scope::Build), ("libssl3t64 | libssl3", Scope::Run)]),
    ("libxml2-devel", &[("libxml2-dev", Scope::Build), ("libxml2", Scope::Run)]),
    ("libxslt-devel", &[("libxslt1-dev", Scope::Build), ("libxslt1.1", Scope::Run)]),
    ("libjpeg-turbo-devel", &[("libjpeg62-turbo-dev", Scope::Build), ("libjpeg62-turbo", Scope::Run)]),
    ("libjpeg-devel", &[("libjpeg62-turbo-dev", Scope::Build), ("libjpeg62-turbo", Scope::Run)]),
    ("zlib-devel", &[("zlib1g-dev", Scope::Build), ("zlib1g", Scope::Run)]),
    (
        "libmemcached-devel",
        &[("libmemcached-dev", Scope::Build), ("libmemcached11t64 | libmemcached11", Scope::Run)],
    ),
    ("freetype-devel", &[("libfreetype-dev", Scope::Build), ("libfreetype6", Scope::Run)]),
    ("gcc-gfortran", &[("gfortran", Scope::Build)]),
    ("readline-devel", &[("libreadline-dev", Scope::Build)]),
    ("lapack-devel", &[("liblapack-dev", Scope::Build), ("liblapack3", Scope::Run)]),
    ("blas-devel", &[("libblas-dev", Scope::Build), ("libblas3", Scope::Run)]),
    ("gettext", &[("gettext", Scope::Run)]),
    ("ImageMagick", &[("imagemagick", Scope::Run)]),
    ("ghostscript", &[("ghostscript", Scope::Run)]),
    ("poppler-utils", &[("poppler-utils", Scope::Run)]),
    ("tesseract", &[("tesseract-ocr", Scope::Run)]),
    ("redis", &[("redis-tools", Scope::Run)]),
    ("cairo", &[("libcairo2", Scope::Run)]),
    ("pango", &[("libpango-1.0-0", Scope::Run), ("libpangocairo-1.0-0", Scope::Run)]),
];

/// Reads a file.
pub(super) fn read(view: &DirView<'_>, name: &str, found: &mut Bundle) {
    let Some(seen) = found.seen(view, name) else { return };
    found.files.push(seen.path.clone());
    let value = match seen.text.trim_start().starts_with('{') {
        true => match seen.parsed(PLATFORM, FileWeight::Decides, json) {
            Ok(value) => value,
            Err(refused) => return found.told.extend(refused.diagnostics),
        },
        false => match found.yaml(&seen) {
            Some(value) => value,
            None => return,
        },
    };
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    if let Some(table) = document.table(&value) {
        found.options.read(&table, "option_settings");
        packages(&table, found);
        container_commands(&table, found);
        for key in ["commands", "files", "services", "sources", "users", "groups"] {
            machine(&table, key);
        }
        for key in RESOURCES.iter().filter(|key| table.has(key)) {
            let line = table.entry(key).map_or(1, |entry| entry.line);
            let why = "CloudFormation makes what it describes, beside the application";
            document.without_effect(line, &format!("`{key}`"), why);
        }
    }
    found.told.extend(document.into_diagnostics());
}

/// `packages`: a manager, names, versions.
fn packages(table: &Table<'_>, found: &mut Bundle) {
    let Some(packages) = table.table("packages") else { return };
    let document = table.document();
    for entry in packages.entries() {
        let Some(names) = packages.table(&entry.key) else { continue };
        for name in names.entries() {
            let origin = document.line(name.line);
            let add = |value: &str, system, scope| {
                let name = Requested { value: value.to_owned(), origin: origin.clone() };
                SystemPackage { name, system, scope }
            };
            // `postgresql15-devel`: the version of a time when Amazon had several.
            let plain: String = name.key.chars().filter(|letter| !letter.is_ascii_digit()).collect();
            let known = YUM.iter().find(|(known, _)| *known == name.key || *known == plain);
            match (entry.key.as_str(), known) {
                ("yum", Some((_, parts))) => {
                    found
                        .packages
                        .extend(parts.iter().map(|(name, scope)| add(name, PackageSystem::Debian, *scope)));
                }
                ("yum", None) => {
                    document.say(messages::package(&origin, &name.key));
                    found.packages.push(add(&name.key, PackageSystem::Yum, Scope::Run));
                }
                ("apt", _) => found.packages.push(add(&name.key, PackageSystem::Debian, Scope::Run)),
                (manager, _) => document.say(messages::other_package(&origin, manager, &name.key)),
            }
        }
    }
}

/// `container_commands`: run by their names' order, before the new version gets requests.
fn container_commands(table: &Table<'_>, found: &mut Bundle) {
    let Some(commands) = table.table("container_commands") else { return };
    let document = table.document();
    let mut rows = commands.all_tables();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, row) in rows {
        row.leave(&["cwd", "waitAfterCompletion"]);
        let entry = row.entry("command");
        let (leader, ignored, test) =
            (row_flag(&row, "leader_only"), row_flag(&row, "ignoreErrors"), row.has("test"));
        let settings = row.pairs("env");
        let Some(entry) = entry else {
            document.refuse(
                line(&row),
                &format!("`container_commands.{name}` has no `command`"),
                "write the command",
            );
            continue;
        };
        let text = match &entry.value.content {
            Content::List(items) => {
                let words: Vec<String> =
                    items.iter().filter_map(|item| item.word().map(str::to_owned)).collect();
                Command::Exec(words).to_string()
            }
            _ => entry.value.word().unwrap_or_default().to_owned(),
        };
        let origin = document.line(entry.line);
        let bare = commands::bare(&text);
        if bare.is_empty() {
            continue;
        }
        if commands::is_built(&bare) {
            document.say(messages::built(&origin, &bare));
            continue;
        }
        if let Some(why) = commands::of_machine(&bare) {
            document.say(messages::not_run(&origin, &bare, why));
            continue;
        }
        if !leader && !container::migrates(&Command::shell(bare.as_str())) {
            document.say(messages::not_run(
                &origin,
                &bare,
                "it runs on every machine before the application starts",
            ));
            continue;
        }
        if !leader {
            document.say(messages::every_machine(&origin, &bare));
        }
        if test {
            document.say(messages::test(&origin));
        }
        let secret = |name: &str, value: &str| is_secret_name(name) || is_secret_value(value);
        for (name, value) in settings.iter().filter(|(name, value)| secret(name, &value.value)) {
            document.say(messages::secret(&value.origin, name));
        }
        let kept = settings.iter().filter(|(name, value)| !secret(name, &value.value));
        let settings: Vec<String> = kept
            .map(|(name, value)| format!("{name}={} ", Command::Exec(vec![value.value.clone()])))
            .collect();
        found.release.add(&format!("{}{bare}", settings.concat()), &origin, ignored);
    }
}

/// A flag as people write it here: `true`, `"true"`.
fn row_flag(row: &Table<'_>, key: &str) -> bool {
    row.text(key).is_some_and(|flag| flag.value.eq_ignore_ascii_case("true"))
}

fn line(row: &Table<'_>) -> u32 {
    match row.origin() {
        packwright_planner::Origin::File { line: Some(line), .. } => line,
        _ => 1,
    }
}

/// A key whose entries change the machine.
fn machine(table: &Table<'_>, key: &str) {
    let Some(entry) = table.entry(key) else { return };
    let names: Vec<&str> = entry.value.entries().iter().map(|entry| entry.key.as_str()).collect();
    let document = table.document();
    document.say(messages::machine(&document.line(entry.line), key, &names));
}
