//! [`Converted`]: the files that a writer made from a model, and the losses: what the platform cannot express.

mod lines;

use std::collections::BTreeMap;

use packwright_planner::{
    AppModel, Command, Component, Diagnostic, Origin, ProcessKind, Variable, VariableValue,
};

use crate::container;
pub use lines::with_build_lines;

/// What a writer is given.
pub struct Conversion<'a> {
    /// What to write. Processes without a command are those that the image runs by itself.
    pub model: &'a AppModel,
    /// The reference of the built image, for platforms that run images.
    pub image: Option<&'a str>,
}

/// What a writer made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Converted {
    /// Files by their path from the top of the repository.
    pub files: BTreeMap<String, String>,
    /// What the platform has no words for.
    pub losses: Vec<Diagnostic>,
}

/// The port that a file sets in `PORT`. It counts before one that another file names, as it does in
/// the image.
pub(crate) fn told_port(component: &Component) -> Option<u16> {
    match &component.variable("PORT")?.value {
        VariableValue::Literal(text) => text.parse().ok().filter(|port| *port > 0),
        _ => None,
    }
}

/// What `write` makes of the model, without what a platform tells its own builds and processes: that
/// is no part of the application, and the other platform has its own. Says what is wrong with the
/// application on any platform.
pub(crate) fn written(conversion: &Conversion<'_>, write: fn(&Conversion<'_>) -> Converted) -> Converted {
    let mut model = conversion.model.clone();
    let is_told = |variable: &Variable| matches!(variable.origin, Origin::Default(_));
    for component in &mut model.components {
        component.environment.retain(|variable| !is_told(variable));
    }
    // A directory of which there are hints alone, a Dockerfile for one, is no part of the application.
    if model.components.iter().any(|component| !has_hints_alone(component)) {
        model.components.retain(|component| !has_hints_alone(component));
    }
    let mut made = write(&Conversion { model: &model, image: conversion.image });
    for component in &model.components {
        migrating(component, &mut made);
    }
    made
}

/// Whether only files that give hints speak of the directory of `component`.
fn has_hints_alone(component: &Component) -> bool {
    let declared = Component {
        root: None,
        hints: None,
        customs: packwright_planner::Customs::default(),
        ..component.clone()
    };
    component.hints.is_some() && component.root.is_some() && declared.is_empty()
}

/// Says which processes change a database when they start: they are written as they are.
fn migrating(component: &Component, made: &mut Converted) {
    for process in &component.processes {
        let is_started =
            matches!(process.kind, ProcessKind::Web | ProcessKind::Private | ProcessKind::Worker);
        if let Some(command @ Command::Shell(_)) = &process.command
            && is_started
            && !container::is_one_pipeline(command)
            && container::migrates(command)
        {
            let what = format!("`{}` changes the database whenever it starts", process.name);
            let instead = "make that the release command: several instances would do it at once";
            made.lose(Loss::MigrateInStart, what, instead, Some(&process.origin));
        }
    }
}

/// The ways in which a conversion loses something.
///
/// Source: facts about platform formats, "Lossy conversions", whose numbers they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Loss {
    /// L01: a line for the shell where the platform starts programs without one.
    ShellForm,
    /// L02: words without a shell where the platform takes a line.
    ExecForm,
    /// L03: the release command runs at another moment, fails differently, or is not known.
    Release,
    /// L05: a process changes the database when it starts.
    MigrateInStart,
    /// L06: a secret that one platform makes up has to be given on the other.
    Secret,
    /// L07: the variables by which a service is known have other names.
    ServiceBinding,
    /// L08: the process listens on a socket.
    Socket,
    /// L09: the platform does not serve files itself.
    StaticFiles,
    /// L10: the platform does not ask about health, or by other rules.
    Health,
    /// L11: numbers and sizes of machines.
    Scale,
    /// L12: processes started by the clock.
    Cron,
    /// L13: directories that outlive an instance.
    Volume,
    /// L14: several parts where a file holds one.
    Components,
    /// L15: what differs between environments.
    Overlay,
    /// L16: foreign buildpacks and other ways to build.
    Build,
    /// L17: packages of the operating system.
    Packages,
    /// L19: where the image is, and in which format.
    Image,
    /// L25: versions of languages, which the image has in it.
    Versions,
    /// L26: names under which the application is reached.
    Domains,
    /// L27: services that have to be made by hand.
    Services,
    /// L28: how a process is ended.
    Stop,
    /// L29: files that are left out of the source.
    Ignore,
    /// L30: variables only for the build, or only for the run.
    Scope,
    /// L31: the platform asks at a port of its own, or at one that the file has to name.
    Port,
    /// L32: variables that the platform keeps elsewhere than in a file.
    Variables,
}

impl Loss {
    /// The number and name people search for.
    fn code(self) -> &'static str {
        match self {
            Loss::ShellForm => "convert/L01-shell-form",
            Loss::ExecForm => "convert/L02-exec-form",
            Loss::Release => "convert/L03-release",
            Loss::MigrateInStart => "convert/L05-migrate-in-start",
            Loss::Secret => "convert/L06-secret",
            Loss::ServiceBinding => "convert/L07-service-binding",
            Loss::Socket => "convert/L08-socket",
            Loss::StaticFiles => "convert/L09-static-files",
            Loss::Health => "convert/L10-health",
            Loss::Scale => "convert/L11-scale",
            Loss::Cron => "convert/L12-cron",
            Loss::Volume => "convert/L13-volume",
            Loss::Components => "convert/L14-components",
            Loss::Overlay => "convert/L15-overlay",
            Loss::Build => "convert/L16-build",
            Loss::Packages => "convert/L17-packages",
            Loss::Image => "convert/L19-image",
            Loss::Versions => "convert/L25-versions",
            Loss::Domains => "convert/L26-domains",
            Loss::Services => "convert/L27-services",
            Loss::Stop => "convert/L28-stop",
            Loss::Ignore => "convert/L29-ignore",
            Loss::Scope => "convert/L30-scope",
            Loss::Port => "convert/L31-port",
            Loss::Variables => "convert/L32-variables",
        }
    }
}

impl Converted {
    /// Adds a file.
    pub(crate) fn file(&mut self, path: &str, text: String) {
        self.files.insert(path.to_owned(), text);
    }

    /// Says that something is lost: what, what to do instead, and where it is declared.
    pub(crate) fn lose(
        &mut self,
        loss: Loss,
        what: impl Into<String>,
        instead: &str,
        origin: Option<&Origin>,
    ) {
        let told = Diagnostic::warning(loss.code(), what).fix(instead);
        self.losses.push(match origin {
            Some(origin) => told.at(origin.clone()),
            None => told,
        });
    }
}

#[cfg(test)]
mod tests;
