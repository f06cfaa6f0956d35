//! `project.toml` of Cloud Native Buildpacks: the buildpacks that build an application, their variables, and
//! the files that they see. Both the older schema (0.1) and the current one (0.2) are read.
//!
//! Buildpacks are not run; those that are scripts in the file itself are commands of the build.
//!
//! Source: buildpacks/spec, `extensions/project-descriptor.md`; buildpacks/pack, `pkg/project`;
//! heroku/buildpacks-deb-packages, README.

mod group;
mod line;

use packwright_documents::Value;
use packwright_planner::{
    Component, Declarations, DeclaredProcess, Diagnostic, FileWeight, Origin, ProcessKind, Requested, Scope,
    Scoped, Strategy, Variable, VersionRequest,
};

use crate::cnb::line::line_of;
use crate::dir_view::DirView;
use crate::heroku::{is_name, package};
use crate::names;
use crate::table::{Document, Table};
use group::{Groups, language};

/// The name of this reader.
const PLATFORM: &str = "cnb";

/// The file's name.
const FILE: &str = "project.toml";

/// Tables that only a project descriptor has; every other may be somebody's own.
const TELLING: &[&str] = &["_", "io", "com", "project", "build"];

/// Variables of buildpacks that say a version, and of what.
///
/// Source: paketo.io/docs/howto; cloud.google.com/docs/buildpacks, "Service configuration".
const VERSIONS: &[(&str, &str)] = &[
    ("BP_CPYTHON_VERSION", "python"),
    ("BP_NODE_VERSION", "node"),
    ("BP_GO_VERSION", "go"),
    ("BP_JVM_VERSION", "java"),
    ("BP_MRI_VERSION", "ruby"),
    ("BP_PHP_VERSION", "php"),
    ("BP_BUN_VERSION", "bun"),
    ("BP_PIP_VERSION", "pip"),
    ("BP_PIPENV_VERSION", "pipenv"),
    ("BP_POETRY_VERSION", "poetry"),
    ("GOOGLE_PYTHON_VERSION", "python"),
    ("GOOGLE_NODEJS_VERSION", "node"),
    ("GOOGLE_GO_VERSION", "go"),
];

/// Reads `project.toml`.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let seen = match view.read(PLATFORM, FileWeight::Decides, FILE) {
        None => return Vec::new(),
        Some(Err(refused)) => return vec![refused],
        Some(Ok(seen)) => seen,
    };
    let value = match seen.parsed(PLATFORM, FileWeight::Decides, packwright_documents::toml) {
        Ok(value) => value,
        Err(refused) => return vec![refused],
    };
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Decides);
    if let Some(why) = foreign(&value) {
        declared.diagnostics.push(
            Diagnostic::info(
                "cnb/foreign-file",
                format!("{} is no project descriptor and is not read", seen.path),
            )
            .why(why)
            .at(Origin::file(&seen.path)),
        );
        return vec![declared];
    }
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    if let Some(table) = document.table(&value) {
        descriptor(table, &mut declared);
    }
    declared.diagnostics.extend(document.into_diagnostics());
    vec![declared]
}

/// Why the file is not a project descriptor.
fn foreign(value: &Value) -> Option<&'static str> {
    let entries = value.entries();
    let has = |key: &str| value.get(key).is_some();
    let project = |key: &str| value.at(&["project", key]).is_some();
    if has("build-system") || project("dependencies") || project("requires-python") {
        return Some("it says what a pyproject.toml says; Python's tools read it under that name only");
    }
    let any = entries.iter().any(|entry| TELLING.contains(&entry.key.as_str()));
    (!entries.is_empty() && !any)
        .then_some("it has none of the tables `_`, `io.buildpacks`, `project` and `build`")
}

fn descriptor(root: Table<'_>, declared: &mut Declarations) {
    let document = root.document();
    let mut component = Component::default();
    let about = root.table("_");
    let version = about.as_ref().and_then(|about| about.text("schema-version"));
    let old = version.as_ref().is_none_or(|version| version.value == "0.1");
    if let Some(version) = version.filter(|version| !["0.1", "0.2", "0.3"].contains(&version.value.as_str()))
    {
        let message = format!("`{}` is no version of this format that is known", version.value);
        document.refuse(line_of(&version.origin), &message, "write `0.2`");
    }
    for about in about.into_iter().chain(root.table("project")) {
        declared.name = declared.name.take().or_else(|| about.text("name")).or_else(|| about.text("id"));
        about.leave_rest();
    }
    let mut builder = None;
    let mut groups = Groups::default();
    if let Some(io) = root.table("io") {
        if let Some(table) = io.table("buildpacks") {
            builder = table.text("builder");
            table.leave(&["exec-env"]);
            files(&table, &mut component);
            for (key, place) in [("pre", group::GroupPosition::Before), ("post", group::GroupPosition::After)]
            {
                if let Some(table) = table.table(key) {
                    groups.read(&table, "group", place);
                }
            }
            groups.read(&table, "group", group::GroupPosition::Among);
            let build = table.table("build").map(|build| build.tables("env"));
            let mistyped = || table.table("env").map(|env| env.tables("build"));
            for row in build.or_else(mistyped).unwrap_or_default() {
                variable(&row, &mut component);
            }
        }
        // Other tables below `io` are somebody's own.
        io.leave_rest();
    }
    if let Some(table) = root.table("build").filter(|_| old) {
        builder = builder.or_else(|| table.text("builder"));
        files(&table, &mut component);
        groups.read(&table, "buildpacks", group::GroupPosition::Among);
        for row in table.tables("env") {
            variable(&row, &mut component);
        }
    }
    if let Some(com) = root.table("com") {
        let heroku = com.table("heroku").and_then(|heroku| {
            let packs = heroku.table("buildpacks");
            heroku.leave_rest();
            packs
        });
        if let Some(packs) = heroku {
            if let Some(debian) = packs.table("deb-packages") {
                packages(&debian, &mut component);
            }
            packs.leave_rest();
        }
        com.leave_rest();
    }
    root.leave_rest();
    component.language = language(&groups);
    component.phases = groups.phases();
    if let Some((list, origin)) =
        groups.list().or(builder.as_ref().map(|builder| (Vec::new(), builder.origin.clone())))
    {
        let builder = builder.map(|builder| builder.value);
        component.strategy = Some(Requested { value: Strategy::Buildpacks { builder, list }, origin });
    }
    if !component.is_empty() {
        declared.components.push(component);
    }
}

/// `include` or `exclude`, in the syntax of `.gitignore`.
fn files(table: &Table<'_>, component: &mut Component) {
    let document = table.document();
    let (include, exclude) = (table.texts("include"), table.texts("exclude"));
    if let (Some(first), false) = (include.first(), exclude.is_empty()) {
        let fix = "keep the one that is shorter";
        document.refuse(line_of(&first.origin), "`include` and `exclude` are both there", fix);
        return;
    }
    component.ignore.extend(exclude);
    let Some(first) = include.first() else { return };
    let plain = |pattern: &Requested<String>| {
        let name = pattern.value.trim_matches('/');
        !name.is_empty() && !name.contains('/') && !name.starts_with(['!', '#'])
    };
    if !include.iter().all(plain) {
        let origin = first.origin.clone();
        document.say(
            Diagnostic::warning(
                "cnb/include",
                format!("{origin}: `include` is not used: all files are part of the image"),
            )
            .why("only names at the top of the repository can be turned into what is left out")
            .fix("say with `exclude` what is left out, or list names without `/` inside")
            .at(origin),
        );
        return;
    }
    component.ignore.push(Requested { value: "/*".to_owned(), origin: first.origin.clone() });
    for pattern in include {
        let value = format!("!/{}", pattern.value.trim_start_matches('/'));
        component.ignore.push(Requested { value, origin: pattern.origin });
    }
}

/// The version that a variable of buildpacks asks for.
pub(crate) fn version_request(name: &str, value: &Requested<String>) -> Option<VersionRequest> {
    let (_, tool) = VERSIONS.iter().find(|(known, _)| *known == name)?;
    Some(VersionRequest { tool: (*tool).to_owned(), version: value.clone() })
}

/// A variable of the build.
fn variable(row: &Table<'_>, component: &mut Component) {
    row.leave(&["exec-env"]);
    let (name, value) = (row.text("name"), row.text("value"));
    let Some(name) = name.filter(|name| is_name(&name.value)) else {
        row.document().refuse(
            line_of(&row.origin()),
            "a variable of the build has no `name` that can be one",
            "name it",
        );
        return;
    };
    let value = value.unwrap_or_else(|| Requested { value: String::new(), origin: name.origin.clone() });
    if let Some(request) = version_request(&name.value, &value) {
        component.versions.push(request);
        return;
    }
    if name.value == "GOOGLE_ENTRYPOINT" && !value.value.trim().is_empty() {
        if let Ok(web) = "web".parse() {
            let command = packwright_planner::Command::shell(value.value.trim());
            let bare = DeclaredProcess::bare(web, ProcessKind::Web, value.origin);
            component.processes.retain(|known| known.name != bare.name);
            component.processes.push(DeclaredProcess { command: Some(command), ..bare });
        }
        return;
    }
    let variable =
        Variable { scope: Scoped::Build, ..Variable::literal(&name.value, &value.value, value.origin) };
    component.environment.retain(|known| known.name != variable.name);
    component.environment.push(variable);
}

/// Heroku's buildpack for packages of the operating system.
fn packages(table: &Table<'_>, component: &mut Component) {
    let document = table.document();
    let Some(value) = table.value("install") else {
        sources(table);
        return;
    };
    for item in value.items() {
        let name = match item.word() {
            Some(word) => Some(Requested { value: word.to_owned(), origin: document.line(item.line) }),
            None => document.table(item).and_then(|row| {
                row.leave(&["skip_dependencies", "force"]);
                row.text("name")
            }),
        };
        let Some(name) = name else { continue };
        match package(&name.value) {
            Ok(plain) => {
                let name = Requested { value: plain.to_owned(), origin: name.origin };
                let named = names::apt(PLATFORM, &name, Scope::Run);
                component.packages.extend(named.packages);
                named.told.into_iter().for_each(|told| document.say(told));
            }
            Err(()) => {
                let message = format!("`{}` is no name of a package", name.value);
                document.refuse(line_of(&name.origin), &message, "write the name of a Debian package");
            }
        }
    }
    if value.items().is_empty() {
        // A value that is no list is reported.
        let _ = table.texts("install");
    }
    sources(table);
}

fn sources(table: &Table<'_>) {
    for key in ["sources", "download"] {
        if let Some(entry) = table.entry(key) {
            let document = table.document();
            let origin = document.line(entry.line);
            document.say(
                Diagnostic::warning(
                    "cnb/package-source",
                    format!("{origin}: `{key}` of `deb-packages` is not used"),
                )
                .why("packages come from the archive that the build is given, which is checked by its key")
                .fix("use Debian's own packages, or build on an image that has the package")
                .at(origin),
            );
        }
    }
}

#[cfg(test)]
mod tests;
