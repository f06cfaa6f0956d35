//! Declarations of Nixpacks, Railpack and Railway files as lines of text for snapshots.

use packwright_planner::{Declarations, PackageSystem, Task};

/// What files declare, a line for each thing: where it is said, what it is.
pub(crate) fn described(found: &[Declarations]) -> String {
    let mut out = String::new();
    for file in found {
        for part in &file.components {
            let root = part.root.iter().map(|root| ("root", root.value.to_string(), &root.origin));
            let of = |what, value: &Option<packwright_planner::Requested<String>>| {
                value.clone().map(|value| format!("{} {what} {}\n", value.origin, value.value))
            };
            root.for_each(|(what, value, origin)| out += &format!("{origin} {what} {value}\n"));
            out.extend(
                [
                    of("name", &part.name),
                    of("language", &part.language),
                    of("manager", &part.manager),
                    of("site", &part.publish),
                ]
                .into_iter()
                .flatten(),
            );
            for wish in &part.versions {
                out += &format!("{} wants {} {}\n", wish.version.origin, wish.tool, wish.version.value);
            }
            if let Some(strategy) = &part.strategy {
                out += &format!("{} builds with {:?}\n", strategy.origin, strategy.value);
            }
            for package in &part.packages {
                let whose =
                    if package.system == PackageSystem::Debian { "package" } else { "no package for" };
                out += &format!(
                    "{} {whose} {} ({:?})\n",
                    package.name.origin, package.name.value, package.scope
                );
            }
            for phase in &part.phases {
                out += &format!("phase {} ({:?})\n", phase.name, phase.work);
                for task in &phase.tasks {
                    out += &match task {
                        Task::Detected => "  ...\n".to_owned(),
                        Task::Run(command) => format!("  {} {}\n", command.origin, command.value),
                    };
                }
            }
            for process in &part.processes {
                let command =
                    process.command.as_ref().map_or("as the image does".to_owned(), ToString::to_string);
                out += &format!("{} {} {:?} = {command}\n", process.origin, process.name, process.kind);
                let facts = [
                    process.health.as_ref().map(|health| format!("{:?}", health.value)),
                    process.scale.as_ref().map(|scale| format!("{:?}", scale.value)),
                    process.stop.as_ref().map(|stop| format!("{:?}", stop.value)),
                ];
                facts.into_iter().flatten().for_each(|fact| out += &format!("  {fact}\n"));
            }
            for variable in &part.environment {
                out += &format!(
                    "{} {}={} ({:?})\n",
                    variable.origin,
                    variable.name,
                    variable.value.description(),
                    variable.scope
                );
            }
            part.ignore
                .iter()
                .for_each(|ignore| out += &format!("{} ignores {}\n", ignore.origin, ignore.value));
        }
        for overlay in &file.overlays {
            out += &format!("{} in {}:\n", overlay.name.origin, overlay.name.value);
            for process in &overlay.processes {
                let command =
                    process.command.as_ref().map_or("as the image does".to_owned(), ToString::to_string);
                out += &format!("  {} {} {:?} = {command}\n", process.origin, process.name, process.kind);
            }
        }
        for found in &file.diagnostics {
            out += &format!("{:?} {} {}\n", found.severity, found.code, found.message);
        }
    }
    out
}
