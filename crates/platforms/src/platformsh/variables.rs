//! `variables` and `relationships`: the application's environment and its service bindings.

use std::collections::BTreeSet;

use packwright_documents::Content;
use packwright_planner::{
    Diagnostic, Origin, Scoped, ServiceKind, ServiceReference, Task, Variable, VariableValue,
};

use crate::platformsh::dialect::Dialect;
use crate::platformsh::reader::ApplicationReader;
use crate::table::Table;

/// The variable in which all relationships are told.
pub(super) const RELATIONSHIPS: &str = "PLATFORM_RELATIONSHIPS";

/// The parts of a relationship that Upsun tells each in a variable, by the end of its name.
pub(super) const PARTS: &[(&str, &str)] = &[
    ("HOST", "host"),
    ("PORT", "port"),
    ("USERNAME", "user"),
    ("PASSWORD", "password"),
    ("PATH", "database"),
];

/// Reads `variables`; those of one instance alone are reported.
pub(super) fn variables(app: &mut ApplicationReader<'_>, table: &Table<'_>, instance: Option<&str>) {
    let Some(variables) = table.table("variables") else { return };
    for entry in variables.entries() {
        match (entry.key.as_str(), instance) {
            ("env", None) => env(app, &variables),
            ("env", Some(name)) => app.document.say(
                Diagnostic::warning(
                    &app.code("instance-variables"),
                    format!("{}: `variables` of `{name}` alone are not set", app.document.line(entry.line)),
                )
                .why("all processes of an image have the same variables")
                .fix("set them where that process runs")
                .at(app.document.line(entry.line)),
            ),
            ("php", _) => {
                app.document.without_effect(
                    entry.line,
                    "`variables.php`",
                    "it is settings of the platform's PHP",
                );
            }
            (prefix, _) => app.document.say(
                Diagnostic::warning(
                    &app.code("variable-prefix"),
                    format!("{}: the variables of `{prefix}` are not set", app.document.line(entry.line)),
                )
                .why(format!("{} tells them in PLATFORM_VARIABLES alone", app.dialect.title()))
                .fix("put what the application reads from its environment below `env`")
                .at(app.document.line(entry.line)),
            ),
        }
    }
}

fn env(app: &mut ApplicationReader<'_>, variables: &Table<'_>) {
    let Some(env) = variables.table("env") else { return };
    for entry in env.entries() {
        let origin = app.document.line(entry.line);
        if matches!(entry.value.content, Content::List(_) | Content::Map(_)) {
            app.document.say(
                Diagnostic::warning(
                    &app.code("complex-variable"),
                    format!("{origin}: the value of {} is {} and is not set", entry.key, entry.value.kind()),
                )
                .why(format!("{} makes JSON of it when it deploys", app.dialect.title()))
                .fix("write the JSON itself as a text")
                .at(origin),
            );
            continue;
        }
        let value = match &entry.value.content {
            Content::Text(text) | Content::Number(text) => text.as_str(),
            Content::Bool(true) => "true",
            Content::Bool(false) => "false",
            _ => "",
        };
        app.component.environment.push(Variable::literal(&entry.key, value, origin));
    }
}

/// Reads `relationships`: the services that the application may speak to, by its own names.
pub(super) fn relationships(app: &mut ApplicationReader<'_>, table: &Table<'_>) {
    let Some(relationships) = table.table("relationships") else { return };
    let mut told = Vec::new();
    for entry in relationships.entries() {
        let name = entry.key.as_str();
        let (service, endpoint) = match &entry.value.content {
            Content::Null => (name.to_owned(), String::new()),
            Content::Text(text) => match text.split_once(':') {
                Some((service, endpoint)) => (service.to_owned(), endpoint.to_owned()),
                None => (text.clone(), String::new()),
            },
            Content::Map(_) => {
                let Some(relationship) = relationships.table(name) else { continue };
                let service = relationship.text("service").map_or_else(|| name.to_owned(), |text| text.value);
                (service, relationship.text("endpoint").map_or_else(String::new, |text| text.value))
            }
            _ => {
                let message = format!("the relationship `{name}` is {}", entry.value.kind());
                app.document.refuse(entry.line, &message, "write `service:endpoint`");
                continue;
            }
        };
        told.push(match name == service {
            true => name.to_owned(),
            false => format!("{name} ({service})"),
        });
        if app.dialect == Dialect::Upsun {
            upsuns(app, name, &service, &endpoint, entry.line);
        }
    }
    if told.is_empty() || app.component.variable(RELATIONSHIPS).is_some() {
        return;
    }
    let origin = relationships.origin();
    let places = format!("the relationships {}", told.join(", "));
    let variable = Variable::new(RELATIONSHIPS, VariableValue::Elsewhere(places.clone()), origin.clone());
    app.component.environment.push(Variable { scope: Scoped::Run, ..variable });
    if app.dialect == Dialect::Platformsh {
        app.document.say(
            Diagnostic::info(
                &app.code("relationships"),
                format!("{origin}: {places} are told in {RELATIONSHIPS}, which no other platform sets"),
            )
            .fix("set the variables that the application's settings read, DATABASE_URL for example, where the image runs")
            .at(origin),
        );
    }
    environment_file(app);
}

/// The variables that Upsun makes of a relationship.
fn upsuns(app: &mut ApplicationReader<'_>, name: &str, service: &str, endpoint: &str, line: u32) {
    let letter =
        |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    let prefix: String = name.chars().map(letter).collect();
    let kind = ServiceKind::of(if endpoint.is_empty() { service } else { endpoint });
    let parts = match kind {
        ServiceKind::Postgres | ServiceKind::Mysql | ServiceKind::Mongo => PARTS,
        // Applications, caches and search engines have no user and no database.
        _ => &PARTS[..2],
    };
    for (end, property) in parts {
        let variable = format!("{prefix}_{end}");
        if app.component.variable(&variable).is_some() {
            continue;
        }
        let reference = ServiceReference { service: service.to_owned(), property: (*property).to_owned() };
        let variable = Variable::new(&variable, VariableValue::Service(reference), app.document.line(line));
        app.component.environment.push(Variable { scope: Scoped::Run, ..variable });
    }
}

/// Declares the variables of the platform that commands use, and says which of them nobody else has.
pub(super) fn used(app: &mut ApplicationReader<'_>) {
    let of_build = app.component.phases.iter().flat_map(|phase| &phase.tasks).filter_map(|task| match task {
        Task::Run(command) => Some((command.value.to_string(), command.origin.clone())),
        Task::Detected => None,
    });
    let of_processes = app
        .component
        .processes
        .iter()
        .filter_map(|process| Some((process.command.as_ref()?.to_string(), process.origin.clone())));
    let lines: Vec<(String, Origin)> = of_build.chain(of_processes).collect();
    for (line, origin) in lines {
        let mut missing = Vec::new();
        for name in platforms(&line) {
            if app.component.variable(name).is_some() {
                continue;
            }
            let value = match name {
                // The application is in the same directory in every image.
                "PLATFORM_APP_DIR" => VariableValue::Literal("/app".to_owned()),
                "PLATFORM_PROJECT_ENTROPY" => VariableValue::Generated,
                name => {
                    missing.push(name);
                    continue;
                }
            };
            app.component.environment.push(Variable::new(name, value, origin.clone()));
        }
        if missing.is_empty() {
            continue;
        }
        app.document.say(
            Diagnostic::warning(
                &app.code("platform-variable"),
                format!("{origin}: the command uses {}", missing.join(", ")),
            )
            .why(format!("{} alone sets that", app.dialect.title()))
            .fix("write `${NAME:-…}` with a value for other places, or set it where the image runs")
            .at(origin),
        );
    }
}

/// The names in a line that begin as the platform's own variables do and have no other value given.
fn platforms(line: &str) -> BTreeSet<&str> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let dollars = line.match_indices('$').map(|(at, _)| &line[at + 1..]);
    let names = dollars.filter_map(|rest| {
        let (rest, braced) = match rest.strip_prefix('{') {
            Some(inner) => (inner, true),
            None => (rest, false),
        };
        let name = &rest[..rest.find(|letter| !is_name(letter)).unwrap_or(rest.len())];
        let is_given = braced && !rest[name.len()..].starts_with('}');
        (name.starts_with("PLATFORM_") && !is_given).then_some(name)
    });
    names.collect()
}

/// Says when the application's variables are made by a script that the platform alone runs.
fn environment_file(app: &ApplicationReader<'_>) {
    let name = match app.component.dir() {
        None => ".environment".to_owned(),
        Some(dir) => format!("{dir}/.environment"),
    };
    let Some(path) = app.view.path(&name).filter(|_| app.view.has(&name)) else { return };
    app.document.say(
        Diagnostic::warning(&app.code("environment-file"), format!("{path} is not run when the image starts"))
            .why(format!("{} runs it before every command, to make variables of the relationships", app.dialect.title()))
            .fix("set the variables that it makes where the image runs, or begin the start command with `. ./.environment`")
            .at(Origin::file(&path)),
    );
}
