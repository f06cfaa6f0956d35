//! `workers` and `crons`: processes besides the web process.

use packwright_planner::{Command, Diagnostic, ProcessKind, Requested};

use super::variables;
use crate::platformsh::reader::{ApplicationReader, is_something};
use crate::table::Table;

/// Keys of an instance that are the platform's affair alone.
pub(super) const LEFT_OF_INSTANCE: &[&str] =
    &["access", "firewall", "resources", "timezone", "container_profile", "instance_count"];

/// Reads `workers`.
pub(super) fn workers(app: &mut ApplicationReader<'_>, table: &Table<'_>) {
    for (name, worker) in table.named_tables("workers") {
        let command = commands(app, &worker);
        let size = worker.text("size");
        app.volumes(&worker);
        variables::relationships(app, &worker);
        variables::variables(app, &worker, Some(&name));
        worker.leave(LEFT_OF_INSTANCE);
        let Some(command) = command else {
            missing(app, &worker, &format!("the worker `{name}` has no `commands.start`"));
            continue;
        };
        let process = app.add(&name, ProcessKind::Worker, command.origin);
        process.command = Some(command.value);
        process.size = size;
    }
}

/// Reads `crons`.
pub(super) fn crons(app: &mut ApplicationReader<'_>, table: &Table<'_>) {
    for (name, cron) in table.named_tables("crons") {
        cron.leave(&["shutdown_timeout", "timeout"]);
        let spec = cron.text("spec").filter(is_something);
        let command = match cron.table("commands") {
            Some(commands) => {
                commands.leave(&["stop"]);
                commands.text("start")
            }
            None => cron.text("cmd"),
        };
        let (Some(spec), Some(command)) = (spec, command.filter(is_something)) else {
            missing(app, &cron, &format!("the cron `{name}` has no `spec`, or no `commands.start`"));
            continue;
        };
        let process = app.add(&name, ProcessKind::Cron(spec.value), command.origin);
        process.command = Some(Command::shell(command.value.trim_end()));
    }
}

/// The command of an instance: what runs before it starts, then the start.
pub(super) fn commands(app: &ApplicationReader<'_>, table: &Table<'_>) -> Option<Requested<Command>> {
    let commands = table.table("commands")?;
    let before = commands.text("pre_start").filter(is_something);
    let after = commands.entry("post_start");
    let start = commands.text("start").filter(is_something);
    if let Some(entry) = after {
        let why = "it runs beside the process once it is started, which an image cannot do";
        app.document.without_effect(entry.line, "`commands.post_start`", why);
    }
    let start = start?;
    let line = start.value.trim_end();
    let value = match before {
        None => Command::shell(line),
        Some(before) => {
            app.document.say(
                Diagnostic::info(
                    &app.code("pre-start"),
                    format!("{}: `pre_start` runs before the process whenever it starts", before.origin),
                )
                .why("the command of the process begins with it")
                .at(before.origin.clone()),
            );
            Command::shell(format!("{}\n{line}", before.value.trim_end()))
        }
    };
    Some(Requested { value, origin: start.origin })
}

fn missing(app: &ApplicationReader<'_>, table: &Table<'_>, message: &str) {
    let packwright_planner::Origin::File { line: Some(line), .. } = table.origin() else { return };
    app.document.refuse(line, message, "add it, or delete the entry");
}
