//! The `Procfile`, and the entries of `app.json` about processes.

use std::fmt::Write;

use packwright_documents::{Content, Entry};
use packwright_planner::{Command, DeclaredProcess, Moment, Port, ProcessKind};

use crate::heroku::write::entries::{entry, text};
use crate::write::{Converted, Loss};

/// The sizes of machines that Heroku has. Source: the schema of app.json, without `free`, which ended in November
/// 2022 (devcenter.heroku.com, "Dyno Types").
const SIZES: &[&str] = &[
    "eco",
    "hobby",
    "basic",
    "standard-1x",
    "standard-2x",
    "performance-m",
    "performance-l",
    "private-s",
    "private-m",
    "private-l",
    "shield-s",
    "shield-m",
    "shield-l",
];

/// The text of the `Procfile`.
pub(super) fn procfile(processes: &[DeclaredProcess], out: &mut Converted) -> String {
    let mut lines = String::new();
    let mut released = false;
    for process in processes {
        let name = &process.name;
        let mut lose =
            |loss, what: String, instead: &str| out.lose(loss, what, instead, Some(&process.origin));
        let mut called = name.as_str();
        match &process.kind {
            ProcessKind::Release(Moment::FirstTime) => continue,
            ProcessKind::Release(Moment::AfterTraffic) => {
                lose(
                    Loss::Release,
                    format!("`{name}` is not run: Heroku has no command after a deployment"),
                    "run it by hand, or make it the process `release`",
                );
                continue;
            }
            ProcessKind::Release(_) if released => {
                lose(
                    Loss::Release,
                    format!("`{name}` is not run: Heroku runs one process `release`"),
                    "put both commands into one script",
                );
                continue;
            }
            ProcessKind::Release(moment) => {
                if *moment == Moment::BeforeTrafficAnyway {
                    lose(
                        Loss::Release,
                        format!("a failure of `{name}` stops the deployment on Heroku"),
                        "end the command with `|| true` if it may fail",
                    );
                }
                released = true;
                called = "release";
            }
            ProcessKind::Cron(schedule) => {
                lose(
                    Loss::Cron,
                    format!("`{name}` is not started by the clock (`{schedule}`)"),
                    "add the add-on Heroku Scheduler and give it the command",
                );
                continue;
            }
            ProcessKind::Private => lose(
                Loss::Components,
                format!("`{name}` gets no requests: only `web` does on Heroku"),
                "make an application of its own of it",
            ),
            ProcessKind::Web if called != "web" => lose(
                Loss::Components,
                format!("`{name}` gets no requests: only `web` does on Heroku"),
                "make an application of its own of it",
            ),
            ProcessKind::Web | ProcessKind::Worker => {}
        }
        let line = process.command.as_ref().map(|command| line(command, process, out));
        match line.filter(|line| !line.is_empty()) {
            Some(line) => {
                let _ = writeln!(lines, "{called}: {line}");
            }
            None => out.lose(
                Loss::Image,
                format!("no command is known for `{name}`"),
                "write its line into the Procfile",
                Some(&process.origin),
            ),
        }
        settings(process, out);
    }
    lines
}

/// What Heroku has no words for.
fn settings(process: &DeclaredProcess, out: &mut Converted) {
    let name = &process.name;
    match process.port.as_ref().map(|port| (&port.value, &port.origin)) {
        Some((Port::Fixed(port), origin)) => {
            let what = format!("`{name}` listens on {port}, and Heroku says with PORT where it is to");
            out.lose(Loss::Port, what, "have it listen where PORT says", Some(origin));
        }
        Some((Port::Socket(variable), origin)) => {
            let what = format!("`{name}` listens on the socket that {variable} names, which Heroku has not");
            out.lose(Loss::Socket, what, "have it listen on 0.0.0.0, where PORT says", Some(origin));
        }
        Some((Port::Variable, _)) | None => {}
    }
    if let Some(health) = &process.health {
        let what = format!("Heroku does not ask `{name}` whether it is well");
        out.lose(Loss::Health, what, "have a monitor ask it", Some(&health.origin));
    }
    if let Some(stop) = &process.stop {
        let what = format!("Heroku ends `{name}` with SIGTERM and kills it after 30 seconds");
        out.lose(Loss::Stop, what, "have it end in that time", Some(&stop.origin));
    }
}

/// A command as one line without control characters.
fn line(command: &Command, process: &DeclaredProcess, out: &mut Converted) -> String {
    let told = command.to_string();
    let told = told.trim();
    if let Command::Exec(_) = command {
        let what = format!("`{}` is started by a shell on Heroku", process.name);
        out.lose(Loss::ExecForm, what, "check what the shell makes of its words", Some(&process.origin));
    }
    if !told.chars().any(|symbol| symbol.is_control() && symbol != '\t') {
        return told.to_owned();
    }
    let what = format!("the command of `{}` has several lines, and is written as one", process.name);
    out.lose(Loss::ShellForm, what, "put the command into a script", Some(&process.origin));
    // printf takes the lines apart again; a quote ends and begins its word.
    let mut word = String::new();
    for symbol in told.chars() {
        match symbol {
            '\'' => word.push_str(r"'\''"),
            '\\' => word.push_str(r"\\"),
            '\n' => word.push_str(r"\n"),
            symbol if symbol.is_control() => {
                for byte in symbol.to_string().bytes() {
                    let _ = write!(word, "\\0{byte:o}");
                }
            }
            symbol => word.push(symbol),
        }
    }
    format!("sh -c \"$(printf '%b' '{word}')\"")
}

/// Numbers and sizes below `formation`.
pub(super) fn formation(processes: &[DeclaredProcess], out: &mut Converted) -> Vec<Entry> {
    let mut formation = Vec::new();
    for process in processes {
        let name = &process.name;
        if process.is_release() || matches!(process.kind, ProcessKind::Cron(_)) {
            continue;
        }
        let size = process.size.as_ref().filter(|size| SIZES.contains(&size.value.as_str()));
        if let (Some(told), None) = (&process.size, size) {
            let what = format!("`{}` is no size of Heroku's", told.value);
            out.lose(Loss::Scale, what, "choose one with `heroku ps:type`", Some(&told.origin));
        }
        let Some(scale) = &process.scale else {
            if let Some(size) = size {
                let what = format!("the size `{}` of `{name}` needs a number of processes", size.value);
                out.lose(Loss::Scale, what, "say how many run", Some(&size.origin));
            }
            continue;
        };
        if scale.value.max.is_some_and(|max| max != scale.value.min) {
            let what = format!("the number of `{name}` does not change by itself: {} run", scale.value.min);
            out.lose(Loss::Scale, what, "switch autoscaling on in Heroku's dashboard", Some(&scale.origin));
        }
        let mut row = vec![entry("quantity", Content::Number(scale.value.min.to_string()))];
        row.extend(size.map(|size| entry("size", text(&size.value))));
        formation.push(entry(name.as_str(), Content::Map(row)));
    }
    formation
}

/// The command that runs once, after the first version.
pub(super) fn once(processes: &[DeclaredProcess], out: &mut Converted) -> Option<String> {
    let mut script: Option<String> = None;
    for process in processes.iter().filter(|process| process.kind == ProcessKind::Release(Moment::FirstTime))
    {
        let Some(command) = &process.command else { continue };
        if script.is_some() {
            let what = format!("`{}` is not run: Heroku has one script `postdeploy`", process.name);
            out.lose(Loss::Release, what, "put both commands into one script", Some(&process.origin));
            continue;
        }
        if let Command::Exec(_) = command {
            let what = format!("`{}` is started by a shell on Heroku", process.name);
            out.lose(Loss::ExecForm, what, "check what the shell makes of its words", Some(&process.origin));
        }
        script = Some(command.to_string());
    }
    script
}
