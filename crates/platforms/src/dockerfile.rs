//! `Dockerfile`, or `Containerfile`: the description of an image that another program builds.
//!
//! It is read for hints: which versions, which port, which command, which variables. No instruction
//! is run, and the diagnostics say so. Files with other names (`Dockerfile.dev`, `api.Dockerfile`)
//! are read only where another platform's file names them, by [`read`].
//!
//! Source: docs.docker.com, "Dockerfile reference".

mod instruction;
pub(crate) mod messages;
mod packages;
mod process;
mod stage;
mod word;

use packwright_planner::{
    Component, Declarations, Diagnostic, FileWeight, Language, Origin, PackageSystem, RelPath, Requested,
    Scope, Scoped, SystemPackage, Variable, VariableValue, VersionRequest, Volume,
};

use crate::dir_view::{DirView, Seen};
use crate::{names, tool_names};
use stage::Stage;

/// The name of this reader.
const PLATFORM: &str = "dockerfile";

/// The names of files that Docker and podman look for by themselves.
const FILES: &[&str] = &["Dockerfile", "Containerfile"];

/// Reads the Dockerfile of a directory.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    FILES.iter().find_map(|name| read(view, name)).into_iter().collect()
}

/// Reads the Dockerfile called `name`; a path from the sight's directory is a name too.
pub(crate) fn read(view: &DirView<'_>, name: &str) -> Option<Declarations> {
    match view.read(PLATFORM, FileWeight::Hints, name)? {
        Ok(seen) => Some(parse(&seen, view.languages)),
        Err(refused) => Some(refused),
    }
}

/// Whether the image of the Dockerfile called `name` is made of the source: files of the source are copied, and not only
/// as settings of another program that the image starts from. Nothing when there is no such file that can be read.
pub(crate) fn is_of_source(view: &DirView<'_>, name: &str) -> Option<bool> {
    let seen = view.read(PLATFORM, FileWeight::Hints, name)?.ok()?;
    let (stages, _) = stage::stages(&instruction::script(&seen.text));
    let of_image = lineage(&stages, stages.len().checked_sub(1)?);
    let copies = |at: &usize| stages[*at].copies;
    let elsewhere = (0..stages.len()).filter(|at| !of_image.contains(at)).any(|at| copies(&at));
    let start =
        of_image.iter().find_map(|&at| stages[at].image.as_ref().filter(|_| stages[at].base.is_none()));
    let is_program = start.is_some_and(|image| crate::container::is_program(&image.value));
    Some(elsewhere || of_image.iter().any(copies) && !is_program)
}

fn parse(seen: &Seen, languages: &[&Language]) -> Declarations {
    let script = instruction::script(&seen.text);
    let (stages, problems) = stage::stages(&script);
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Hints);
    let mut file = File { path: &seen.path, languages, told: Vec::new() };
    // Of a template people get one word, not one for each of its lines.
    let marks = |line: &str| line.trim_start().starts_with("{%") || line.trim_start().starts_with("{{");
    let template = seen.text.split('\n').position(marks);
    if let Some(at) = template {
        let line = at as u32 + 1;
        file.say(messages::template(&file.line(line)), line);
    }
    for (line, problem) in script.problems.iter().chain(&problems).filter(|_| template.is_none()) {
        file.say(messages::value(&file.line(*line), problem), *line);
    }
    match stages.last() {
        Some(last) => declared.components.push(file.component(last, &stages)),
        None => file.say(messages::no_stage(&seen.path), 1),
    }
    file.told.sort_by_key(|(line, _)| *line);
    declared.diagnostics = file.told.into_iter().map(|(_, diagnostic)| diagnostic).collect();
    declared
}

/// A file that is being read, and what there is to say about it.
struct File<'a> {
    path: &'a RelPath,
    languages: &'a [&'a Language],
    told: Vec<(u32, Diagnostic)>,
}

impl File<'_> {
    fn line(&self, line: u32) -> Origin {
        Origin::line(self.path, line)
    }

    fn say(&mut self, diagnostic: Diagnostic, line: u32) {
        let at = self.line(line);
        self.told.push((line, diagnostic.at(at)));
    }

    fn component(&mut self, last: &Stage, stages: &[Stage]) -> Component {
        self.say(messages::not_built(self.path), 1);
        let mut component = Component { versions: self.versions(stages), ..Component::default() };
        component.environment = self.environment(last, stages);
        self.packages(&mut component, stages);
        component.processes.extend(self.process(last));
        for volume in &last.volumes {
            let path = Requested { value: volume.value.clone(), origin: self.line(volume.line) };
            component.volumes.push(Volume { name: None, path, megabytes: None });
        }
        if let Some(user) = &last.user {
            self.say(messages::user(&self.line(user.line), &user.value), user.line);
        }
        component
    }

    /// Versions of languages: those of the final image, then those of the stages before it.
    fn versions(&self, stages: &[Stage]) -> Vec<VersionRequest> {
        let mut version_requests: Vec<VersionRequest> = Vec::new();
        let last = stages.len() - 1;
        let order = lineage(stages, last).into_iter().chain((0..last).rev());
        for image in order.filter_map(|at| stages[at].image.as_ref().filter(|_| stages[at].base.is_none())) {
            for (tool, version) in runtimes(&image.value) {
                if !version_requests.iter().any(|known| known.tool == tool) {
                    let version = Requested { value: version, origin: self.line(image.line) };
                    version_requests.push(VersionRequest { tool: tool.to_owned(), version });
                }
            }
        }
        version_requests
    }

    fn environment(&mut self, last: &Stage, stages: &[Stage]) -> Vec<Variable> {
        let mut variables = Vec::new();
        let mut left: Vec<&str> = Vec::new();
        for (name, told) in &last.env {
            if is_of_the_image(name, &told.value, self.languages) {
                left.push(name);
                continue;
            }
            let origin = self.line(told.line);
            let variable = match last.unset.contains(name) {
                true => Variable::new(name, VariableValue::Optional, origin),
                false => Variable::literal(name, &told.value, origin),
            };
            if variable.value == VariableValue::Withheld {
                self.say(messages::secret(&variable), told.line);
            }
            variables.push(variable);
        }
        if let (Some((_, first)), false) = (last.env.first(), left.is_empty()) {
            self.say(messages::left_out(&self.line(first.line), &left), first.line);
        }
        let all = lineage(stages, stages.len() - 1).into_iter().flat_map(|at| &stages[at].args);
        for (name, told) in all {
            let known = variables.iter().any(|known: &Variable| known.name == *name);
            if known || PREDEFINED.contains(&name.as_str()) || is_of_the_image(name, "", self.languages) {
                continue;
            }
            let origin = self.line(told.line);
            let mut variable = match &told.value {
                Some(value) => Variable::literal(name, value, origin),
                None => Variable::new(name, VariableValue::Optional, origin),
            };
            if variable.value == VariableValue::Withheld {
                self.say(messages::secret(&variable), told.line);
            }
            variable.scope = Scoped::Build;
            variables.push(variable);
        }
        variables
    }

    /// Packages by name, with a word about them: they are installed only where the file decides.
    fn packages(&mut self, component: &mut Component, stages: &[Stage]) {
        let of_image = lineage(stages, stages.len() - 1);
        let mut known: Vec<String> = Vec::new();
        let mut foreign: Vec<String> = Vec::new();
        let mut first = None;
        for (at, stage) in stages.iter().enumerate() {
            let scope = if of_image.contains(&at) { Scope::Run } else { Scope::Build };
            for found in stage.runs.iter().flat_map(packages::installed) {
                first.get_or_insert(found.line);
                let name = Requested { value: found.name.clone(), origin: self.line(found.line) };
                match found.manager {
                    "apt" => {
                        let named = names::apt(PLATFORM, &name, scope);
                        for told in named.told {
                            self.say(told, found.line);
                        }
                        for package in named.packages {
                            add(&mut component.packages, package);
                        }
                        known.push(found.name);
                    }
                    "yum" => {
                        add(
                            &mut component.packages,
                            SystemPackage { name, system: PackageSystem::Yum, scope },
                        );
                        foreign.push(found.name);
                    }
                    _ => foreign.push(found.name),
                }
            }
        }
        if let Some(line) = first {
            known.dedup();
            if !known.is_empty() {
                self.say(messages::packages(&self.line(line), &known), line);
            }
            if !foreign.is_empty() {
                self.say(messages::foreign_packages(&self.line(line), &foreign), line);
            }
        }
    }
}

/// Arguments that builders set by themselves.
const PREDEFINED: &[&str] = &[
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SOURCE_DATE_EPOCH",
    "BUILDKIT_INLINE_CACHE",
];

/// Beginnings of names that speak to Debian's tools, to the first process of the file's image, to
/// programs that bring languages, or to the builders of platforms.
const OF_THE_SYSTEM: &[&str] =
    &["DEBIAN_", "APT_", "TINI_", "DUMB_INIT", "CONDA_", "MAMBA_", "NVM_", "NIXPACKS_", "RAILPACK_"];

/// Whether a variable is about the image that the file describes, and means nothing in another one.
fn is_of_the_image(name: &str, value: &str, languages: &[&Language]) -> bool {
    let places =
        ["PATH", "HOME", "SHELL", "PWD", "USER", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LD_PRELOAD", "TERM"];
    let searched =
        matches!(name, "PYTHONPATH" | "NODE_PATH") && value.split(':').any(|path| path.starts_with('/'));
    let of_builders = OF_THE_SYSTEM.iter().any(|start| name.starts_with(start));
    let of_clients = languages.iter().any(|language| language.obeys(name));
    places.contains(&name) || searched || of_builders || of_clients
}

/// The stages that a stage starts from, itself first.
fn lineage(stages: &[Stage], at: usize) -> Vec<usize> {
    let mut line = vec![at];
    // A base always comes before the stage.
    while let Some(base) = line.last().and_then(|&at| stages[at].base) {
        line.push(base);
    }
    line
}

/// Languages and versions that the name of an image says: `python:3.12-slim`,
/// `astral-sh/uv:python3.12-bookworm`, `nikolaik/python-nodejs:python3.11-nodejs20`.
fn runtimes(image: &str) -> Vec<(&'static str, String)> {
    let (name, tag) = image.split('@').next().unwrap_or(image).rsplit_once(':').unwrap_or((image, ""));
    // Images for development have their own version before that of the language.
    let tag = match name.contains("devcontainers/") {
        true => tag.split_once('-').map_or("", |(_, tag)| tag),
        false => tag,
    };
    let last = name.rsplit('/').next().unwrap_or(name);
    let versioned = |name: &str| tool_names::runtime(name).and_then(|(tool, version)| Some((tool, version?)));
    let whole =
        match tag.is_empty() || tool_names::runtime(last).is_some_and(|(_, version)| version.is_some()) {
            true => versioned(last),
            false => tool_names::tool(last).and_then(|_| versioned(&format!("{last}:{tag}"))),
        };
    match whole {
        Some(found) => vec![found],
        None => tag.split('-').filter_map(versioned).collect(),
    }
}

fn add(packages: &mut Vec<SystemPackage>, package: SystemPackage) {
    match packages.iter_mut().find(|known| known.name.value == package.name.value) {
        Some(known) if package.scope == Scope::Run => known.scope = Scope::Run,
        Some(_) => {}
        None => packages.push(package),
    }
}

#[cfg(test)]
mod tests;
