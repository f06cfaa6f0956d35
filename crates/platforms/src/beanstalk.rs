//! AWS Elastic Beanstalk: the configuration files of a source bundle.
//!
//! ```text
//! .ebextensions/*.config     options, commands, packages; by name, later ones count   (config.rs)
//! env.yaml                   options of the environment                               (options.rs)
//! Buildfile                  commands of the build
//! .platform/hooks/…          scripts for Amazon's machines, which are named and not run
//! Dockerrun.aws.json         an image, or several containers                          (dockerrun.rs)
//! cron.yaml                  addresses that a worker is asked for by the clock
//! .ebignore                  files that are not uploaded
//! .elasticbeanstalk/config.yml   name and platform, as the command line keeps them
//! ```
//!
//! The `Procfile` is another reader's; on Beanstalk it counts before these files. What only can
//! run on one of Amazon's machines (`yum`, `/opt/python`, `/var/app`) is reported and left out.
//! CloudFormation's resources, tags and functions are left to it.
//!
//! Source: docs.aws.amazon.com, "Elastic Beanstalk Developer Guide", "Advanced environment
//! customization with configuration files", "Using the Elastic Beanstalk Python platform"; facts
//! about platform formats, 2.7.

mod bundle;
mod commands;
mod config;
mod dockerrun;
mod messages;
mod options;

use packwright_planner::{
    BuildWork, Command, Declarations, FileWeight, Origin, Phase, Requested, Task, VersionRequest,
};

use crate::beanstalk::bundle::{Bundle, PLATFORM};
use crate::dir_view::DirView;
use crate::table::Document;
use crate::tool_names;

/// Reads Beanstalk's files of a directory: what decides, and apart from it what only counts where
/// nothing else says it.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let mut found = Bundle::default();
    for name in view.names(".ebextensions", |name| name.ends_with(".config")) {
        config::read(view, &format!(".ebextensions/{name}"), &mut found);
    }
    environment(view, &mut found);
    command_line(view, &mut found);
    buildfile(view, &mut found);
    hooks(view, &mut found);
    ignored(view, &mut found);
    if found.files.is_empty() && !view.has("Dockerrun.aws.json") {
        return Vec::new();
    }
    clock(view, &mut found);
    let mut all = Vec::new();
    let hints = dockerrun::read(view);
    if let Some(first) = found.files.first().cloned() {
        let mut declared = Declarations::new(PLATFORM, &first, FileWeight::Decides);
        declared.files.clone_from(&found.files);
        declared.diagnostics = std::mem::take(&mut found.told);
        declared.name = found.name.take();
        let web = found.options.into_declarations(&mut declared);
        let component = declared.component();
        component.versions.extend(found.versions);
        component.packages.extend(found.packages);
        component.phases.extend(found.phases);
        component.ignore.extend(found.ignore);
        if let Some(release) = found.release.into_process() {
            component.processes.push(release);
        }
        declared.components.retain(|part| !part.is_empty());
        all.push(declared);
        // What Beanstalk starts without a Procfile fills the gap where nothing else is declared.
        if let Some((web, told)) = web {
            let file = match &web.origin {
                Origin::File { path, .. } => path.clone(),
                _ => first,
            };
            let mut usual = Declarations::new(PLATFORM, &file, FileWeight::Hints);
            usual.component().processes.push(web);
            usual.diagnostics.push(told);
            all.push(usual);
        }
    }
    all.extend(hints);
    all
}

/// `env.yaml`, the manifest of an environment; other programs have files of this name.
fn environment(view: &DirView<'_>, found: &mut Bundle) {
    let Some(Ok(seen)) = view.read(PLATFORM, FileWeight::Decides, "env.yaml") else { return };
    let ours = [
        "AWSConfigurationTemplateVersion",
        "SolutionStack",
        "OptionSettings",
        "PlatformArn",
        "EnvironmentTier",
    ];
    if !ours.iter().any(|key| seen.text.lines().any(|line| line.starts_with(&format!("{key}:")))) {
        return;
    }
    found.files.push(seen.path.clone());
    let Some(value) = found.yaml(&seen) else { return };
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    if let Some(table) = document.table(&value) {
        table.leave(&[
            "AWSConfigurationTemplateVersion",
            "CName",
            "EnvironmentLinks",
            "EnvironmentName",
            "EnvironmentTier",
            "PlatformArn",
            "Platform",
            "EnvironmentConfigurationMetadata",
            "Tags",
            "VPC",
        ]);
        if let Some(stack) = table.text("SolutionStack") {
            found.versions.extend(running(&stack));
        }
        found.options.read(&table, "OptionSettings");
    }
    found.told.extend(document.into_diagnostics());
}

/// `.elasticbeanstalk/config.yml`, where the command line keeps what it was told.
fn command_line(view: &DirView<'_>, found: &mut Bundle) {
    let Some(Ok(seen)) = view.read(PLATFORM, FileWeight::Decides, ".elasticbeanstalk/config.yml") else {
        return;
    };
    found.files.push(seen.path.clone());
    let Some(value) = found.yaml(&seen) else { return };
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    if let Some(table) = document.table(&value) {
        if let Some(global) = table.table("global") {
            found.name = global.text("application_name");
            if let Some(platform) = global.text("default_platform") {
                found.versions.extend(running(&platform));
            }
            global.leave_rest();
        }
        table.leave_rest();
    }
    found.told.extend(document.into_diagnostics());
}

/// The language of `64bit Amazon Linux 2023 v4.0.1 running Python 3.11`, `python-3.8` or
/// `Python 3.8 running on 64bit Amazon Linux 2`.
fn running(stack: &Requested<String>) -> Option<VersionRequest> {
    let text = stack.value.as_str();
    let text = text.split_once(" running on ").map_or(text, |(language, _)| language);
    let text = text.rsplit_once(" running ").map_or(text, |(_, language)| language);
    let name =
        Requested { value: text.trim().replace(".js", "js").replace(' ', "-"), origin: stack.origin.clone() };
    tool_names::wish(&name)
}

/// `Buildfile`: commands that run once, in order. Its name is also that of other programs' files.
fn buildfile(view: &DirView<'_>, found: &mut Bundle) {
    let Some(Ok(seen)) = view.read(PLATFORM, FileWeight::Decides, "Buildfile") else { return };
    let lines = seen.text.lines().enumerate().map(|(index, line)| (index as u32 + 1, line.trim()));
    let lines: Vec<(u32, &str)> =
        lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).collect();
    let command = |line: &str| -> Option<String> {
        let (name, command) = line.split_once(':')?;
        let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let is_name = !name.is_empty() && name.bytes().all(word);
        (is_name && !command.trim().is_empty()).then(|| command.trim().to_owned())
    };
    if lines.is_empty() || !lines.iter().all(|(_, line)| command(line).is_some()) {
        if !lines.is_empty() && !found.files.is_empty() {
            found.told.push(messages::buildfile(&seen.path));
        }
        return;
    }
    found.files.push(seen.path.clone());
    // Beanstalk installs the packages of the application before it.
    let mut tasks = vec![Task::Detected];
    for (line, text) in lines {
        let origin = Origin::line(&seen.path, line);
        let Some(text) = command(text) else { continue };
        match commands::of_machine(&text) {
            Some(why) => found.told.push(messages::not_run(&origin, &text, why)),
            None => tasks.push(Task::Run(Requested { value: Command::shell(text), origin })),
        }
    }
    found.phases.push(Phase { name: "Buildfile".to_owned(), work: BuildWork::Build, tasks });
}

/// Scripts of `.platform`, which run on Amazon's machines. Platform.sh has a directory of the same
/// name, with other files.
fn hooks(view: &DirView<'_>, found: &mut Bundle) {
    for kind in ["hooks", "confighooks"] {
        for moment in ["prebuild", "predeploy", "postdeploy"] {
            let folder = format!(".platform/{kind}/{moment}");
            for name in view.names(&folder, |name| !name.starts_with('.')) {
                let Some(path) = view.path(&format!("{folder}/{name}")) else { continue };
                found.told.push(messages::hook(&path, moment));
                found.files.push(path);
            }
        }
    }
    for folder in [".platform/nginx", ".platform/nginx/conf.d", ".platform/httpd/conf.d"] {
        for name in view.names(folder, |name| name.ends_with(".conf")) {
            let Some(path) = view.path(&format!("{folder}/{name}")) else { continue };
            found.told.push(messages::proxy(&path));
            found.files.push(path);
        }
    }
}

/// The patterns of `.ebignore`.
fn ignored(view: &DirView<'_>, found: &mut Bundle) {
    let Some(seen) = found.seen(view, ".ebignore") else { return };
    found.files.push(seen.path.clone());
    let (patterns, told) = crate::ignored::patterns(PLATFORM, &seen);
    found.ignore.extend(patterns);
    found.told.extend(told);
}

/// Says what of `cron.yaml` is no process: a worker is asked for an address by the clock.
fn clock(view: &DirView<'_>, found: &mut Bundle) {
    let Some(Ok(seen)) = view.read(PLATFORM, FileWeight::Decides, "cron.yaml") else { return };
    // Without a version it is that of App Engine.
    if !seen.text.lines().any(|line| line.starts_with("version:")) {
        return;
    }
    found.files.push(seen.path.clone());
    let Some(value) = found.yaml(&seen) else { return };
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    if let Some(table) = document.table(&value) {
        table.leave(&["version"]);
        for job in table.tables("cron") {
            let (url, schedule) = (job.text("url"), job.text("schedule"));
            if let (Some(url), Some(schedule)) = (url, schedule) {
                document.say(messages::clock(&url, &schedule.value));
            }
            job.leave(&["name"]);
        }
    }
    found.told.extend(document.into_diagnostics());
}

#[cfg(test)]
mod tests;
