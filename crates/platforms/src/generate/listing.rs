//! Declarations as lines of text for snapshots: one line for each leaf, with its origin.

use std::fmt::{Debug, Write};

use packwright_planner::{Component, Declarations, DeclaredProcess, Origin, Requested, Task};

/// Everything that files declare and report.
pub(crate) fn listing(files: &[Declarations]) -> String {
    let mut out = String::new();
    for file in files {
        let names: Vec<&str> = file.files.iter().map(|path| path.as_str()).collect();
        let _ = writeln!(out, "{} {:?} {}", file.platform, file.weight, names.join(" "));
        leaf(&mut out, "name", file.name.as_ref());
        for part in &file.components {
            component(&mut out, part);
        }
        for service in &file.services {
            let about = (&service.version, &service.plan, &service.tells);
            let _ =
                writeln!(out, "  {} service {} {:?} {about:?}", service.origin, service.name, service.kind);
        }
        for domain in &file.domains {
            leaf(&mut out, "domain", Some(domain));
        }
        for overlay in &file.overlays {
            leaf(&mut out, "overlay", Some(&overlay.name));
            for variable in &overlay.environment {
                let _ = writeln!(out, "    {} {} {:?}", variable.origin, variable.name, variable.value);
            }
            for service in &overlay.services {
                let _ = writeln!(out, "    {} service {} {:?}", service.origin, service.name, service.plan);
            }
            overlay.processes.iter().for_each(|known| process(&mut out, known));
        }
        for found in &file.diagnostics {
            let _ = writeln!(out, "  {:?} {} {}", found.severity, found.code, found.message);
        }
    }
    out
}

fn component(out: &mut String, part: &Component) {
    let _ = writeln!(out, "  component {}", part.dir().map_or(".", |dir| dir.as_str()));
    leaf(out, "name", part.name.as_ref());
    leaf(out, "language", part.language.as_ref());
    leaf(out, "manager", part.manager.as_ref());
    leaf(out, "strategy", part.strategy.as_ref());
    leaf(out, "publish", part.publish.as_ref());
    for wish in &part.versions {
        leaf(out, &wish.tool, Some(&wish.version));
    }
    for package in &part.packages {
        let _ = writeln!(out, "  {} package {} {:?}", package.name.origin, package.name.value, package.scope);
    }
    for phase in &part.phases {
        let _ = writeln!(out, "  phase {} {:?}", phase.name, phase.work);
        for task in &phase.tasks {
            match task {
                Task::Detected => out.push_str("    what is detected\n"),
                Task::Run(command) => {
                    let _ = writeln!(out, "    {} {:?}", command.origin, command.value);
                }
            }
        }
    }
    part.processes.iter().for_each(|known| process(out, known));
    for variable in &part.environment {
        let _ = writeln!(
            out,
            "  {} {} {:?} {:?}",
            variable.origin, variable.name, variable.scope, variable.value
        );
    }
    for mount in &part.statics {
        let about = (&mount.dir, &mount.expires, &mount.fallback);
        let _ = writeln!(out, "  {} serves {} {about:?}", mount.url.origin, mount.url.value);
    }
    for volume in &part.volumes {
        let about = (&volume.name, volume.megabytes);
        let _ = writeln!(out, "  {} volume {} {about:?}", volume.path.origin, volume.path.value);
    }
    for pattern in &part.ignore {
        leaf(out, "ignores", Some(pattern));
    }
}

fn process(out: &mut String, process: &DeclaredProcess) {
    let _ = writeln!(out, "  {} {} {:?} {:?}", process.origin, process.name, process.kind, process.command);
    about(out, "port", process.port.as_ref());
    about(out, "health", process.health.as_ref());
    about(out, "scale", process.scale.as_ref());
    about(out, "size", process.size.as_ref());
    about(out, "stop", process.stop.as_ref());
}

fn about<T: Debug>(out: &mut String, what: &str, value: Option<&Requested<T>>) {
    if let Some(value) = value {
        let _ = writeln!(out, "    {} {what} {:?}", value.origin, value.value);
    }
}

fn leaf<T: Debug>(out: &mut String, what: &str, value: Option<&Requested<T>>) {
    if let Some(value) = value {
        let _ = writeln!(out, "  {} {what} {:?}", value.origin, value.value);
    }
}

/// What every reader must hold, whatever it is given: lines lie within the file, names of
/// processes are there once in a part, nothing that looks like a secret is kept.
pub(crate) fn breaches(files: &[Declarations], lines: usize) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut line = |origin: &Origin| {
        if let Origin::File { line: Some(line), .. } = origin
            && !(1..=lines.max(1) as u32).contains(line)
        {
            breaches.push(format!("{origin} is not in the file"));
        }
    };
    for file in files {
        for found in &file.diagnostics {
            found.at.iter().for_each(&mut line);
        }
        file.name.iter().for_each(|name| line(&name.origin));
        for part in &file.components {
            part.name.iter().for_each(|name| line(&name.origin));
            part.processes.iter().for_each(|process| line(&process.origin));
            part.environment.iter().for_each(|variable| line(&variable.origin));
            part.versions.iter().for_each(|wish| line(&wish.version.origin));
        }
        file.services.iter().for_each(|service| line(&service.origin));
        file.overlays.iter().for_each(|overlay| line(&overlay.name.origin));
    }
    for part in files.iter().flat_map(|file| &file.components) {
        let mut names: Vec<_> = part.processes.iter().map(|process| &process.name).collect();
        names.sort();
        let count = names.len();
        names.dedup();
        if names.len() < count {
            breaches.push("two processes of one name".to_owned());
        }
        for variable in &part.environment {
            if let packwright_planner::VariableValue::Literal(value) = &variable.value
                && packwright_planner::is_secret_value(value)
            {
                breaches.push(format!("{} keeps a secret", variable.name));
            }
        }
    }
    breaches
}
