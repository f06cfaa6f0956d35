//! Turns a Nixpacks plan into a [`Component`], and reports the settings that have no effect here.

use std::collections::BTreeMap;

use packwright_planner::{
    BuildWork, Command, Component, Diagnostic, Origin, Phase as Declared, Requested, Scope, Task, Variable,
};

use super::messages;
use super::plan::{self, Item, List, NixpacksPlan, Phase, is_hole, items};
use super::variables::{self, Meaning};
use crate::names::translation::{Named, Present};
use crate::names::{self, ComponentBuilder};
use crate::nixpacks::variables::PLATFORM;

/// The phases that every build has, with what each comes behind.
///
/// Source: railwayapp/nixpacks, `src/nixpacks/plan/merge.rs`.
const USUAL: [(&str, Option<&str>); 3] =
    [("setup", None), ("install", Some("setup")), ("build", Some("install"))];

/// Directories of programs that are on the path of every image with their language.
const ON_THE_PATH: &[&str] =
    &["/app/node_modules/.bin", "node_modules/.bin", "/opt/venv/bin", "/app/.venv/bin"];

/// The component that `plan` describes, and what there is to say about it.
pub(super) fn component(
    plan: &NixpacksPlan,
    given: &[(String, Item)],
    present: Present,
) -> (Component, Vec<Diagnostic>) {
    let mut made = PlanReader { gathered: ComponentBuilder::new(present) };
    made.variables(plan, given);
    made.packages(plan);
    made.providers(plan);
    made.phases(plan);
    made.start(plan);
    made.leave(plan);
    (made.gathered.component, made.gathered.told)
}

struct PlanReader {
    gathered: ComponentBuilder,
}

impl PlanReader {
    /// The caller's variables first: in Nixpacks they come before files.
    fn variables(&mut self, plan: &NixpacksPlan, given: &[(String, Item)]) {
        for (name, item) in given {
            self.speaks(name, item, true);
        }
        for (name, item) in &plan.variables {
            match name.starts_with(variables::PREFIX) {
                true => self.speaks(name, item, false),
                false => self.gathered.variable(Variable::literal(name, &item.value, item.origin.clone())),
            }
        }
    }

    /// A variable that speaks to Nixpacks.
    fn speaks(&mut self, name: &str, item: &Item, by_caller: bool) {
        match variables::meaning(name) {
            None => self.gathered.say(messages::unknown_variable(PLATFORM, name, &item.origin)),
            Some(Meaning::Plan) if by_caller => {}
            Some(Meaning::Plan) => self.gathered.say(messages::only_by_caller(PLATFORM, name, &item.origin)),
            Some(Meaning::Version(tool)) => self.gathered.wish(tool, item),
            Some(Meaning::Manager) => self.manager(item),
            Some(Meaning::Site | Meaning::Script) => self.gathered.site(item),
            Some(Meaning::Application) => self.gathered.say(messages::application(PLATFORM, name, item)),
            Some(Meaning::Nothing(why)) => {
                self.gathered.say(messages::nothing(PLATFORM, name, &item.origin, why))
            }
            Some(Meaning::Refused(why)) => {
                self.gathered.say(messages::refused(PLATFORM, name, &item.origin, why))
            }
        }
    }

    fn manager(&mut self, item: &Item) {
        let manager = match item.value.as_str() {
            "auto" => return,
            "skip" => {
                self.gathered.component.phases.push(Declared::of("install", BuildWork::Install, Vec::new()));
                return;
            }
            "requirements" | "setuptools" => "pip",
            known @ ("poetry" | "pdm" | "uv" | "pipenv") => known,
            _ => {
                self.gathered.say(messages::unknown_manager(item));
                return;
            }
        };
        if self.gathered.component.manager.is_none() {
            self.gathered.component.manager =
                Some(Requested { value: manager.to_owned(), origin: item.origin.clone() });
        }
    }

    fn packages(&mut self, plan: &NixpacksPlan) {
        for phase in plan.phases.values() {
            for item in items(&phase.nix_pkgs).chain(items(&phase.nix_libs)) {
                let named = names::nix(PLATFORM, item, &self.gathered.present);
                self.gathered.take(named);
            }
            for item in items(&phase.apt_pkgs) {
                let named = names::apt(PLATFORM, item, Scope::Run);
                self.gathered.take(named);
            }
        }
    }

    /// The first provider is the language; those behind it bring their programs.
    fn providers(&mut self, plan: &NixpacksPlan) {
        let Some(named) = &plan.providers else { return };
        for (number, item) in named.iter().enumerate().filter(|(_, item)| !is_hole(item)) {
            let Some(language) = crate::nixpacks::providers::provider(&item.value) else {
                self.gathered.say(messages::unknown_provider(item));
                continue;
            };
            if number == 0 {
                self.gathered.component.language =
                    Some(Requested { value: language.to_owned(), origin: item.origin.clone() });
            }
            let program = Requested { value: language.to_owned(), origin: item.origin.clone() };
            let added = match language {
                // What is no program of its own brings nothing.
                "static" | "shell" => Named::default(),
                _ => names::tool_of(&program, &self.gathered.present),
            };
            self.gathered.take(added);
        }
    }

    /// Directories of programs of the packages that are on no image's path; with Nix they would be.
    fn path(&self) -> Vec<String> {
        let (dir, names) = names::GAMES;
        let is_there = self
            .gathered
            .component
            .packages
            .iter()
            .any(|package| names.contains(&package.name.value.as_str()));
        is_there.then(|| dir.to_owned()).into_iter().collect()
    }

    fn phases(&mut self, plan: &NixpacksPlan) {
        // Without providers nothing fills the holes, and nothing is done that the plan does not say.
        let none = plan.providers.as_ref().filter(|providers| providers.is_empty()).is_some();
        let mut needs: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, before) in USUAL {
            needs.insert(name.to_owned(), before.map(str::to_owned).into_iter().collect());
        }
        for (name, phase) in &plan.phases {
            if let Some(list) = &phase.depends_on {
                let usual = needs.remove(name).unwrap_or_default();
                let origin = Origin::Default("the usual order".to_owned());
                let usual =
                    usual.into_iter().map(|value| Requested { value, origin: origin.clone() }).collect();
                let list = plan::filled(Some(usual), Some(list.clone()));
                needs.insert(name.clone(), items(&list).map(|item| item.value.clone()).collect());
            } else {
                needs.entry(name.clone()).or_default();
            }
        }
        let order = match plan::ordered(needs) {
            Ok(order) => order,
            Err(circle) => {
                let first = circle.iter().find_map(|name| plan.phases.get(name)?.origin.clone());
                self.gathered.say(messages::circle(PLATFORM, &circle, first));
                return;
            }
        };
        let mut built: Option<Declared> = None;
        let mut path = self.path();
        for name in order {
            let phase = plan.phases.get(&name);
            path.extend(
                phase
                    .into_iter()
                    .flat_map(|phase| items(&phase.paths))
                    .filter_map(|item| added_path(&item.value)),
            );
            let tasks = phase.and_then(|phase| tasks(&phase.cmds, none, &path));
            match (name.as_str(), &mut built) {
                ("setup", None) => self.declare("setup", BuildWork::Setup, tasks.map(without_detected)),
                ("install", None) => {
                    let nothing = none.then(Vec::new);
                    self.declare("install", BuildWork::Install, tasks.or(nothing));
                }
                ("build", _) => {
                    let nothing = none.then(Vec::new);
                    let tasks = tasks.or(nothing);
                    let said = tasks.is_some();
                    let tasks = tasks.unwrap_or_else(|| vec![Task::Detected]);
                    built = Some(Declared { name: "build".to_owned(), work: BuildWork::Build, tasks });
                    if !said {
                        // It counts only when something comes behind it.
                        continue;
                    }
                }
                // What comes behind the build is done in its step, as its last commands.
                (_, Some(build)) => build.tasks.extend(tasks.map(without_detected).unwrap_or_default()),
                (_, None) => self.declare(&name, BuildWork::Setup, tasks.map(without_detected)),
            }
        }
        self.gathered.component.phases.extend(built.filter(|build| build.tasks != [Task::Detected]));
    }

    fn declare(&mut self, name: &str, work: BuildWork, tasks: Option<Vec<Task>>) {
        let known = self.gathered.component.phases.iter().any(|phase| phase.name == name);
        match tasks {
            // A phase that leaves everything as it would be says nothing.
            Some(tasks) if tasks == [Task::Detected] || known => {}
            Some(tasks) if tasks.is_empty() && work == BuildWork::Setup => {}
            Some(tasks) => {
                self.gathered.component.phases.push(Declared { name: name.to_owned(), work, tasks })
            }
            None => {}
        }
    }

    fn start(&mut self, plan: &NixpacksPlan) {
        let Some(cmd) = &plan.start.cmd else { return };
        if cmd.value.trim().is_empty() {
            self.gathered.say(messages::empty_start(PLATFORM, &cmd.origin));
            return;
        }
        let paths = plan.phases.values().flat_map(|phase| items(&phase.paths));
        let path: Vec<String> =
            self.path().into_iter().chain(paths.filter_map(|item| added_path(&item.value))).collect();
        self.gathered.web(Command::Shell(with_path(&cmd.value, &path)), cmd);
    }

    /// Says what of the plan is not done, or has no effect.
    fn leave(&mut self, plan: &NixpacksPlan) {
        let refused = [("buildImage", &plan.build_image), ("start.runImage", &plan.start.run_image)];
        for (key, item) in refused {
            if let Some(item) = item {
                self.gathered.say(messages::refused(PLATFORM, key, &item.origin, messages::OTHER_IMAGE));
            }
        }
        for (name, item) in &plan.static_assets {
            let key = format!("staticAssets.{name}");
            self.gathered.say(messages::refused(PLATFORM, &key, &item.origin, messages::ASSETS));
        }
        let mut nothing = |key: String, item: Option<&Item>, why: &str| {
            self.gathered.told.extend(item.map(|item| messages::nothing(PLATFORM, &key, &item.origin, why)));
        };
        nothing("start.user".to_owned(), plan.start.user.as_ref(), messages::USER);
        nothing(
            "start.onlyIncludeFiles".to_owned(),
            items(&plan.start.only_include_files).next(),
            messages::INPUTS,
        );
        for (name, phase) in &plan.phases {
            let Phase { nix_overlays, nixpkgs_archive, only_include_files, cache_directories, .. } = phase;
            let key = |key: &str| format!("phases.{name}.{key}");
            nothing(key("nixOverlays"), items(nix_overlays).next(), messages::NO_NIX);
            nothing(key("nixpkgsArchive"), nixpkgs_archive.as_ref(), messages::NO_NIX);
            nothing(key("onlyIncludeFiles"), items(only_include_files).next(), messages::INPUTS);
            nothing(key("cacheDirectories"), items(cache_directories).next(), messages::CACHES);
        }
    }
}

/// The tasks of a list of commands; a hole is what would be detected.
fn tasks(cmds: &List, none: bool, path: &[String]) -> Option<Vec<Task>> {
    let run = |item: &Item| {
        let value = Command::Shell(with_path(&item.value, path));
        Task::Run(Requested { value, origin: item.origin.clone() })
    };
    let task = |item: &Item| match is_hole(item) {
        true => (!none).then_some(Task::Detected),
        false => (!item.value.trim().is_empty()).then(|| run(item)),
    };
    Some(cmds.as_ref()?.iter().filter_map(task).collect())
}

fn without_detected(tasks: Vec<Task>) -> Vec<Task> {
    tasks.into_iter().filter(|task| *task != Task::Detected).collect()
}

/// A directory of programs that no image has on its path by itself; as seen from the application.
pub(crate) fn added_path(path: &str) -> Option<String> {
    let path = path.trim().trim_end_matches('/');
    let added = !path.is_empty() && !ON_THE_PATH.contains(&path);
    added.then(|| if path.starts_with(['/', '~', '$']) { path.to_owned() } else { format!("/app/{path}") })
}

/// A command that finds the programs in these directories, the last one first.
pub(crate) fn with_path(command: &str, path: &[String]) -> String {
    if path.is_empty() {
        return command.to_owned();
    }
    let dirs: Vec<&str> = path.iter().rev().map(String::as_str).collect();
    let prepared = format!("export PATH=\"{}:$PATH\" && ", dirs.join(":"));
    match command.starts_with(&prepared) {
        // It comes from a plan that was printed.
        true => command.to_owned(),
        false => format!("{prepared}{command}"),
    }
}
