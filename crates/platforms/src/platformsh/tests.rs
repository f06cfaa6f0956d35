//! Platform.sh's files: a whole project, several applications, and unusual forms.

pub(crate) mod hostile;
mod project;

use std::collections::BTreeMap;

use packwright_planner::{Declarations, DeclaredProcess, MemoryTree, Task};

use super::*;
use crate::test_languages::LANGUAGES;

/// What declarations say, in one line for each leaf.
pub(crate) fn describe(found: &[Declarations]) -> String {
    let mut out = String::new();
    for declared in found {
        let files: Vec<&str> = declared.files.iter().map(RelPath::as_str).collect();
        out += &format!("{} of {}\n", declared.platform, files.join(", "));
        if let Some(name) = &declared.name {
            out += &format!("{} name {}\n", name.origin, name.value);
        }
        for part in &declared.components {
            let name = part.name.as_ref().map_or("-", |name| &name.value);
            out += &format!("component {name} in {}\n", part.dir().map_or("the top", RelPath::as_str));
            for (what, text) in
                [("language", &part.language), ("manager", &part.manager), ("publish", &part.publish)]
            {
                if let Some(text) = text {
                    out += &format!("  {} {what} {}\n", text.origin, text.value);
                }
            }
            for wish in &part.versions {
                out += &format!("  {} {} {}\n", wish.version.origin, wish.tool, wish.version.value);
            }
            if let Some(strategy) = &part.strategy {
                out += &format!("  {} strategy {:?}\n", strategy.origin, strategy.value);
            }
            for package in &part.packages {
                let name = &package.name;
                out += &format!(
                    "  {} package {} {:?} {:?}\n",
                    name.origin, name.value, package.system, package.scope
                );
            }
            for phase in &part.phases {
                for task in &phase.tasks {
                    out += &match task {
                        Task::Detected => format!("  {} {:?} as detected\n", phase.name, phase.work),
                        Task::Run(run) => {
                            format!("  {} {} {:?} {:?}\n", run.origin, phase.name, phase.work, run.value)
                        }
                    };
                }
            }
            part.processes.iter().for_each(|process| out += &of_process(process));
            for variable in &part.environment {
                let scope = format!("{:?}", variable.scope).to_lowercase();
                out += &format!("  {} {scope} {} = {:?}\n", variable.origin, variable.name, variable.value);
            }
            for mount in &part.statics {
                let rest = (&mount.expires, &mount.fallback);
                out += &format!(
                    "  {} static {} from {} {rest:?}\n",
                    mount.url.origin, mount.url.value, mount.dir
                );
            }
            for volume in &part.volumes {
                let rest = (&volume.name, volume.megabytes);
                out += &format!("  {} volume {} {rest:?}\n", volume.path.origin, volume.path.value);
            }
        }
        for service in &declared.services {
            let rest = (&service.version, &service.plan, &service.tells);
            out += &format!("{} service {} {:?} {rest:?}\n", service.origin, service.name, service.kind);
        }
        for domain in &declared.domains {
            out += &format!("{} domain {}\n", domain.origin, domain.value);
        }
        for told in &declared.diagnostics {
            out += &format!("{:?} {} {}\n", told.severity, told.code, told.message);
            out += &told.fix.iter().map(|fix| format!("    fix: {fix}\n")).collect::<String>();
        }
    }
    out
}

fn of_process(process: &DeclaredProcess) -> String {
    let command =
        process.command.as_ref().map_or("as the image does".to_owned(), |command| format!("{command:?}"));
    let mut line = format!("  {} {} {:?} {command}", process.origin, process.name, process.kind);
    let mut say = |what: &str, text: Option<String>| {
        line += &text.map_or_else(String::new, |text| format!(" {what} {text}"));
    };
    say("port", process.port.as_ref().map(|port| format!("{:?}", port.value)));
    say("health", process.health.as_ref().map(|health| format!("{:?}", health.value)));
    say("scale", process.scale.as_ref().map(|scale| format!("{:?}", scale.value)));
    say("size", process.size.as_ref().map(|size| size.value.clone()));
    say("stop", process.stop.as_ref().map(|stop| format!("{:?}", stop.value)));
    line + "\n"
}

/// What a reader finds in a tree, at the top or in a directory.
pub(crate) fn seen(
    read: fn(&DirView<'_>) -> Vec<Declarations>,
    tree: &MemoryTree,
    dir: Option<&RelPath>,
) -> Vec<Declarations> {
    let environment = BTreeMap::new();
    read(&DirView { tree, dir, languages: LANGUAGES, environment: &environment })
}
