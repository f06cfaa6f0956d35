//! Writes one application, with its keys in the order of the platform's documentation.

use packwright_planner::{AppModel, Command, Component, Origin, Requested, Task};

use crate::entries::Entries;
use crate::platformsh::dialect::Dialect;
use crate::platformsh::reader::from_app;
use crate::write::{Converted, Loss};

/// The least that a disk of Platform.sh can be asked for, in megabytes.
const DISK: u64 = 512;

/// An application while it is written.
pub(super) struct ApplicationWriter<'a> {
    pub(super) dialect: Dialect,
    pub(super) model: &'a AppModel,
    pub(super) part: &'a Component,
    pub(super) converted: &'a mut Converted,
}

impl ApplicationWriter<'_> {
    pub(super) fn write(&mut self, entries: &mut Entries) {
        let part = self.part;
        let language = self.runtime(entries);
        if let Some(dir) = part.dir() {
            let mut source = Entries::default();
            source.text("root", format!("/{dir}"));
            entries.map("source", source);
        }
        self.relationships(entries);
        self.variables(entries);
        self.volumes(entries);
        self.hooks(entries, language);
        self.web(entries);
        self.workers(entries);
        self.crons(entries);
        for package in &part.packages {
            let what = format!("the system's package `{}` cannot be asked for", package.name.value);
            let instead = "use the platform's composable image with `stack`, if it has the package";
            self.lose(Loss::Packages, what, instead, &package.name.origin);
        }
        for pattern in &part.ignore {
            let what = format!("`{}` is not left out of the source", pattern.value);
            self.lose(Loss::Ignore, what, "leave the files out of the repository", &pattern.origin);
        }
        if let Some(strategy) = &part.strategy {
            let instead =
                "the platform builds by its own `hooks.build`; write what the other build did there";
            self.lose(Loss::Build, "the way to build the image is not written", instead, &strategy.origin);
        }
    }

    pub(super) fn lose(&mut self, loss: Loss, what: impl Into<String>, instead: &str, origin: &Origin) {
        self.converted.lose(loss, what, instead, Some(origin));
    }

    /// A command as a line for the shell.
    pub(super) fn line(&mut self, command: &Command, origin: &Origin) -> String {
        match command {
            Command::Shell(line) => line.clone(),
            Command::Exec(_) => {
                let line = command.to_string();
                let what = format!("`{line}` is run by a shell");
                self.lose(
                    Loss::ExecForm,
                    what,
                    "begin it with `exec`, if signals have to reach the program",
                    origin,
                );
                line
            }
        }
    }

    /// The hook of the build.
    pub(super) fn build(&mut self, language: Option<&'static str>) -> Option<String> {
        let part = self.part;
        let tasks: Vec<(bool, &Task)> = part
            .phases
            .iter()
            .flat_map(|phase| phase.tasks.iter().map(|task| (is_whole(phase), task)))
            .collect();
        let detected = tasks.iter().any(|(_, task)| matches!(task, Task::Detected));
        if detected || tasks.is_empty() && language == Some("python") {
            let what = "what is detected for the build is not written: the platform installs nothing for Python by itself";
            let what = match language {
                Some("python") => what,
                _ => "what is detected for the build is not written",
            };
            let wish = part.versions.first().map(|wish| &wish.version.origin);
            let beside = tasks.iter().find_map(|(_, task)| match task {
                Task::Run(command) => Some(&command.origin),
                Task::Detected => None,
            });
            let origin = beside.or(part.language.as_ref().map(|language| &language.origin)).or(wish);
            self.converted.lose(
                Loss::Build,
                what,
                "write the commands that install and build into `hooks.build`",
                origin,
            );
        }
        let commands: Vec<(bool, &Requested<Command>)> = tasks
            .iter()
            .filter_map(|(whole, task)| match task {
                Task::Run(command) => Some((*whole, command)),
                Task::Detected => None,
            })
            .collect();
        let several = commands.len() > 1;
        let mut lines = Vec::new();
        for (whole, Requested { value, origin }) in commands {
            let line = self.line(value, origin);
            let kept = line.trim_end() == line && !line.is_empty();
            if several || !whole || !kept {
                self.lose(
                    Loss::Build,
                    format!("`{line}` is a line of one script"),
                    "nothing, if their order is right",
                    origin,
                );
            }
            lines.push(line);
        }
        if several {
            // A script goes on where a command fails, unless it says otherwise.
            lines.insert(0, "set -e".to_owned());
        }
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn volumes(&mut self, entries: &mut Entries) {
        let mut mounts = Entries::default();
        let source = match self.dialect {
            Dialect::Platformsh => "local",
            Dialect::Upsun => "storage",
        };
        let mut written = Vec::new();
        for volume in &self.part.volumes {
            let path = &volume.path.value;
            let here = match path.strip_prefix('/') {
                None => Some(path.as_str()),
                Some(absolute) => absolute.strip_prefix("app/"),
            };
            let Some(here) = here else {
                let what = format!("the volume `{path}` is outside of the application's directory");
                self.lose(
                    Loss::Volume,
                    what,
                    "let the application write below its own directory",
                    &volume.path.origin,
                );
                continue;
            };
            let here = from_app(here);
            if here != *path {
                let what = format!("the volume `{path}` is `{here}` below the application's directory");
                self.lose(Loss::Volume, what, "nothing, if that is the same place", &volume.path.origin);
            }
            let mut mount = Entries::default();
            mount.text("source", source).maybe("source_path", volume.name.as_deref());
            mounts.map(&here, mount);
            written.push(volume);
        }
        let sizes: Vec<u64> = written.iter().filter_map(|volume| volume.megabytes).collect();
        if self.dialect == Dialect::Upsun {
            for volume in written.iter().filter(|volume| volume.megabytes.is_some()) {
                let what = format!("the size of the volume `{}` is not written", volume.path.value);
                self.lose(Loss::Volume, what, "set it with `upsun resources:set`", &volume.path.origin);
            }
        } else if let Some(first) = written.first() {
            if sizes.is_empty() {
                let what = format!("the disk for `{}` gets {DISK} MB", first.path.value);
                self.lose(Loss::Volume, what, "change `disk`, if that is too little", &first.path.origin);
            } else if written.len() > 1 {
                for volume in &written {
                    let what = format!("the volume `{}` shares one disk with the others", volume.path.value);
                    self.lose(Loss::Volume, what, "nothing, if the sum is enough", &volume.path.origin);
                }
            }
            let sum: u64 = sizes.iter().fold(0, |sum, size| sum.saturating_add(*size));
            entries.number("disk", if sizes.is_empty() { DISK } else { sum });
        }
        entries.map("mounts", mounts);
    }
}

/// Whether a phase is the whole build, as the platform's hook is.
fn is_whole(phase: &packwright_planner::Phase) -> bool {
    phase.work == packwright_planner::BuildWork::All
}
