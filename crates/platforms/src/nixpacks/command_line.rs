//! The options of a `nixpacks` command line, for programs that are called in its place.
//!
//! A plan that is passed back is compared with the plan that was printed: what is still the same
//! stays what is detected, so that a plan that nobody edited builds what no plan would build.

use std::collections::BTreeMap;

use packwright_planner::{
    AppModel, Declarations, DeclaredProcess, Language, ProcessKind, RelPath, Requested, SourceTree, decide,
};

use super::plan::{Item, NixpacksPlan, Phase, is_hole};
use super::variables;
use crate::dir_view::{DirView, Seen};
use crate::nixpacks::reader::{Config, declared};
use crate::nixpacks::variables::PLATFORM;

/// The options of a command line that are about the plan.
#[derive(Debug, Clone, Default)]
pub struct CommandLine {
    /// `--config`: the file that is read in place of those in the source.
    pub config: Option<ConfigFile>,
    /// `--json-plan`: a plan as JSON.
    pub json_plan: Option<String>,
    /// `--install-cmd`.
    pub install: Option<String>,
    /// `--build-cmd`.
    pub build: Option<String>,
    /// `--start-cmd`.
    pub start: Option<String>,
    /// `--pkgs`.
    pub pkgs: Vec<String>,
    /// `--apt`.
    pub apt: Vec<String>,
    /// `--libs`.
    pub libs: Vec<String>,
}

/// A file of the caller's.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// Its name for people, a path below some directory; it ends in `.toml` or `.json`.
    pub name: RelPath,
    /// Its text.
    pub text: String,
}

impl ConfigFile {
    /// The variables in it. A file that the caller names is the caller's word: whoever reads it
    /// gives them like those of `--env`. None when it cannot be read, which [`model`] reports.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let read = crate::nixpacks::reader::read(&Seen { path: self.name.clone(), text: self.text.clone() });
        let found = read.map(|found| found.plan.variables).unwrap_or_default();
        found.into_iter().map(|(name, item)| (name, item.value)).collect()
    }
}

/// What of a printed plan stands for things that are detected.
#[derive(Debug, Clone, Default)]
pub struct Printed {
    /// The base image.
    pub build_image: Option<String>,
    /// Commands by phase.
    pub cmds: BTreeMap<String, Vec<String>>,
    /// Packages of the system.
    pub apt: Vec<String>,
    /// The start command.
    pub start: Option<String>,
}

/// The variables in the configuration of `tree` that speak to Nixpacks: what a plan that is printed
/// has to have of them, since it takes the configuration's place. None when it cannot be read.
pub fn speaking(
    tree: &dyn SourceTree,
    languages: &[&Language],
    environment: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let view = DirView { tree, dir: None, languages, environment };
    let found = crate::nixpacks::reader::config(&view, &variables::given(environment))
        .map(|found| found.plan.variables);
    let named = found.unwrap_or_default().into_iter().filter(|(name, _)| variables::meaning(name).is_some());
    named.map(|(name, item)| (name, item.value)).collect()
}

/// The model of `tree` as Nixpacks would have it: its own files and variables and the Procfile
/// count, in its order, and the command line before all. `languages` are those that take part in the plan. `printed` is the plan that an earlier call
/// printed for the same source, if a plan is passed back.
pub fn model(
    tree: &dyn SourceTree,
    languages: &[&Language],
    environment: &BTreeMap<String, String>,
    line: &CommandLine,
    printed: Option<&Printed>,
) -> AppModel {
    let view = DirView { tree, dir: None, languages, environment };
    let mut read = own(&view, line, printed);
    let names = |declared: &Declarations| {
        declared.components.iter().any(|part| part.processes.iter().any(is_started))
    };
    let starts = read.iter().any(names);
    for mut file in crate::procfile::declarations(&view) {
        for part in &mut file.components {
            started(&mut part.processes, starts);
        }
        read.push(file);
    }
    let chosen = crate::platform(PLATFORM).map(crate::Platform::chosen);
    let mut model = decide(read, chosen.as_ref());
    // The command was called for Nixpacks, whether it has a file here or not.
    model.diagnostics.retain(|found| found.code != "platform/no-file");
    model
}

/// Whether a process is one that an image starts.
pub(crate) fn is_started(process: &DeclaredProcess) -> bool {
    !process.is_release() && process.command.is_some()
}

/// Nixpacks and Railpack start one process of a Procfile: `web`, else `worker`, else the first by name.
pub(crate) fn started(processes: &mut [DeclaredProcess], elsewhere: bool) {
    if elsewhere || processes.iter().any(|process| process.name.as_str() == "web") {
        return;
    }
    let mut names: Vec<String> = processes
        .iter()
        .filter(|process| is_started(process))
        .map(|process| process.name.to_string())
        .collect();
    names.sort_by_key(|name| (name != "worker", name.clone()));
    let Some(first) = names.first() else { return };
    if let Some(process) = processes.iter_mut().find(|process| process.name.as_str() == first) {
        process.name = "web".parse().expect("a process name");
        process.kind = ProcessKind::Web;
    }
}

fn own(view: &DirView<'_>, line: &CommandLine, printed: Option<&Printed>) -> Vec<Declarations> {
    let given = variables::given(view.environment);
    let found = match &line.config {
        None => crate::nixpacks::reader::config(view, &given),
        Some(file) => {
            crate::nixpacks::reader::read(&Seen { path: file.name.clone(), text: file.text.clone() })
        }
    };
    let mut found = match found {
        Ok(found) => found,
        Err(refused) => return vec![*refused],
    };
    let mut plan = std::mem::take(&mut found.plan);
    if line.config.is_some() {
        // They are the caller's, and given like those of `--env`: see [`ConfigFile::variables`].
        plan.variables.clear();
    }
    if let (Some(printed), Some(_)) = (printed, &line.config) {
        settle(&mut plan, printed);
    }
    let mut over = match json_plan(line) {
        Ok(Config { plan, diagnostics, .. }) => {
            found.diagnostics.extend(diagnostics);
            plan
        }
        Err(refused) => return vec![*refused],
    };
    over = over.under(options(line));
    let plan = plan.under(variables::plan(&given)).under(over);
    vec![declared(view, found, &plan, &given)]
}

fn json_plan(line: &CommandLine) -> Result<Config, Box<Declarations>> {
    let Some(text) = &line.json_plan else { return Ok(Config::default()) };
    let path: RelPath = "json-plan.json".parse().expect("a name without slashes is a path");
    crate::nixpacks::reader::read(&Seen { path, text: text.clone() })
}

/// The plan that the single options are.
fn options(line: &CommandLine) -> NixpacksPlan {
    let mut plan = NixpacksPlan::default();
    let item = |option: &str, value: &str| -> Item {
        Requested { value: value.to_owned(), origin: packwright_planner::Origin::Option(option.to_owned()) }
    };
    let mut list = |option: &str, values: &[String], place: fn(&mut Phase) -> &mut Option<Vec<Item>>| {
        if !values.is_empty() {
            let values = values.iter().map(String::as_str).chain(["..."]).map(|value| item(option, value));
            *place(plan.phase("setup")) = Some(values.collect());
        }
    };
    list("--pkgs", &line.pkgs, |phase| &mut phase.nix_pkgs);
    list("--apt", &line.apt, |phase| &mut phase.apt_pkgs);
    list("--libs", &line.libs, |phase| &mut phase.nix_libs);
    let phases = [
        ("--install-cmd", &line.install, "install", "setup"),
        ("--build-cmd", &line.build, "build", "install"),
    ];
    for (option, value, name, after) in phases {
        if let Some(value) = value {
            let phase = plan.phase(name);
            phase.cmds = Some(vec![item(option, value)]);
            phase.depends_on = Some(vec![item(option, after)]);
        }
    }
    plan.start.cmd = line.start.as_ref().map(|value| item("--start-cmd", value));
    plan
}

/// Takes out of a plan what was printed into it and is still the same.
fn settle(plan: &mut NixpacksPlan, printed: &Printed) {
    let same = |item: &Option<Item>, printed: &Option<String>| {
        item.as_ref().map(|item| item.value.trim()) == printed.as_deref().map(str::trim)
    };
    if same(&plan.build_image, &printed.build_image) {
        plan.build_image = None;
    }
    if same(&plan.start.cmd, &printed.start) {
        plan.start.cmd = None;
    }
    for (name, phase) in &mut plan.phases {
        if let Some(list) = &mut phase.apt_pkgs {
            list.retain(|item| !printed.apt.contains(&item.value));
        }
        if let (Some(list), Some(printed)) = (&mut phase.cmds, printed.cmds.get(name)) {
            unprint(list, printed);
        }
    }
    // A printed plan names no providers: all that they do is in its phases.
    let holds = plan.phases.values().any(|phase| phase.cmds.iter().flatten().any(is_hole));
    if plan.providers.as_ref().is_some_and(Vec::is_empty) && (holds || printed.cmds.is_empty()) {
        plan.providers = None;
        for name in ["install", "build"] {
            // What was printed and is gone is not to be done; what was not printed is nothing.
            if printed.cmds.contains_key(name) && !plan.phases.contains_key(name) {
                plan.phase(name).cmds = Some(Vec::new());
            }
        }
    }
}

/// Puts a hole in the place of the commands that were printed, where they are still together.
fn unprint(list: &mut Vec<Item>, printed: &[String]) {
    if printed.is_empty() || list.len() < printed.len() {
        return;
    }
    let same = |window: &[Item]| window.iter().map(|item| &item.value).eq(printed.iter());
    let Some(start) = list.windows(printed.len()).position(same) else { return };
    let hole = Requested { value: "...".to_owned(), origin: list[start].origin.clone() };
    list.splice(start..start + printed.len(), [hole]);
}
