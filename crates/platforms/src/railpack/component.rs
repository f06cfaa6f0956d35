//! Turns a Railpack configuration into a [`Component`], and reports the settings that have no effect here.

use std::collections::{BTreeMap, BTreeSet};

use packwright_planner::{
    BuildWork, Command as Line, Component, Diagnostic, Origin, Phase, Requested, Scope, Scoped, Task,
    Variable, VariableValue,
};

use super::config::{Command, Config, From, Layer, Step};
use super::messages;
use super::variables::{self, meaning};
use crate::dir_view::DirView;
use crate::names::translation::Present;
use crate::names::{self, ComponentBuilder};
use crate::nixpacks::plan::{Item, is_hole, items, ordered};
use crate::nixpacks::{Meaning, added_path, messages as shared, with_path};
use crate::railpack::messages::PLATFORM;

/// What the usual steps come behind.
const USUAL: [(&str, Option<&str>); 2] = [("install", None), ("build", Some("install"))];

/// The component that `config` describes, and what there is to say about it.
pub(super) fn component(
    view: &DirView<'_>,
    config: Config,
    given: &[(String, Item)],
    present: Present,
) -> (Component, Vec<Diagnostic>) {
    let mut made = ConfigReader { gathered: ComponentBuilder::new(present), values: BTreeMap::new() };
    for (name, item) in given {
        made.speaks(view, name, item);
    }
    made.provider(&config);
    made.packages(&config);
    made.steps(&config);
    made.deploy(&config);
    made.secrets(view, &config);
    made.exclude(&config);
    (made.gathered.component, made.gathered.told)
}

struct ConfigReader {
    gathered: ComponentBuilder,
    /// The variables of steps.
    values: BTreeMap<String, String>,
}

impl ConfigReader {
    /// A variable that speaks to Railpack.
    fn speaks(&mut self, view: &DirView<'_>, name: &str, item: &Item) {
        let told = match meaning(name) {
            None => shared::unknown_variable(PLATFORM, name, &item.origin),
            Some(Meaning::Plan | Meaning::Manager) => return,
            Some(Meaning::Version(tool)) => return self.gathered.wish(tool, item),
            Some(Meaning::Site) => return self.gathered.site(item),
            Some(Meaning::Script) => return self.script(view, item),
            Some(Meaning::Application) => shared::application(PLATFORM, name, item),
            Some(Meaning::Nothing(why)) => shared::nothing(PLATFORM, name, &item.origin, why),
            Some(Meaning::Refused(why)) => shared::refused(PLATFORM, name, &item.origin, why),
        };
        self.gathered.say(told);
    }

    /// The script that is started, by the shell that its first line names.
    fn script(&mut self, view: &DirView<'_>, item: &Item) {
        let name = item.value.trim_start_matches("./");
        let Some(Ok(seen)) = view.read(PLATFORM, packwright_planner::FileWeight::Decides, name) else {
            return self.gathered.say(messages::no_script(item));
        };
        let first = seen.text.lines().next().unwrap_or_default();
        let shell =
            ["bash", "zsh"].into_iter().find(|shell| first.starts_with("#!") && first.contains(shell));
        self.gathered.web(Line::Exec(vec![shell.unwrap_or("sh").to_owned(), name.to_owned()]), item);
    }

    fn provider(&mut self, config: &Config) {
        const PROVIDERS: &[(&str, &str)] = &[("golang", "go"), ("staticfile", "static")];
        const SAME: &[&str] = &[
            "php", "java", "rust", "ruby", "elixir", "python", "deno", "dotnet", "node", "gleam", "cpp",
            "shell",
        ];
        let Some(item) = &config.provider else { return };
        let name = item.value.to_lowercase();
        let renamed = PROVIDERS.iter().find(|(known, _)| *known == name).map(|(_, language)| *language);
        match renamed.or_else(|| SAME.iter().find(|known| **known == name).copied()) {
            Some(language) => {
                let language = Requested { value: language.to_owned(), origin: item.origin.clone() };
                self.gathered.component.language = Some(language);
            }
            None => self.gathered.say(messages::unknown_provider(item)),
        }
    }

    fn packages(&mut self, config: &Config) {
        for item in items(&config.build_apt) {
            self.gathered.take(names::apt(PLATFORM, item, Scope::Build));
        }
        for item in items(&config.deploy.apt) {
            // What both need is needed when it runs; the build has that too.
            self.gathered.forget(&item.value);
            self.gathered.take(names::apt(PLATFORM, item, Scope::Run));
        }
        for (name, version) in &config.packages {
            let named = names::mise(PLATFORM, name, version, &self.gathered.present);
            self.gathered.take(named);
        }
    }

    fn steps(&mut self, config: &Config) {
        let mut needs: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, before) in USUAL {
            needs.insert(name.to_owned(), before.map(str::to_owned).into_iter().collect());
        }
        for (name, step) in &config.steps {
            let layers = step.inputs.iter().flatten();
            let named: Vec<String> = layers
                .clone()
                .filter_map(|layer| match &layer.from {
                    From::Step(step) => Some(step.clone()),
                    _ => None,
                })
                .collect();
            let keeps = step
                .inputs
                .as_ref()
                .is_none_or(|layers| layers.iter().any(|layer| layer.from == From::Spread));
            let known = needs.entry(name.clone()).or_default();
            match keeps {
                true => known.extend(named),
                false => *known = named,
            }
        }
        let order = match ordered(needs) {
            Ok(order) => order,
            Err(circle) => return self.gathered.say(shared::circle(PLATFORM, &circle, None)),
        };
        let mut built: Option<Phase> = None;
        for name in order {
            let tasks = config.steps.get(&name).and_then(|step| self.step(&name, step));
            match (name.as_str(), &mut built) {
                ("install", _) => self.declare(&name, BuildWork::Install, tasks),
                ("build", _) => {
                    let tasks = tasks.unwrap_or_else(|| vec![Task::Detected]);
                    built = Some(Phase { name, work: BuildWork::Build, tasks });
                }
                // What comes behind the build is done in its step, as its last commands.
                (_, Some(build)) => build.tasks.extend(without_detected(tasks)),
                (_, None) => {
                    let tasks = without_detected(tasks);
                    self.declare(&name, BuildWork::Setup, (!tasks.is_empty()).then_some(tasks));
                }
            }
        }
        self.gathered.component.phases.extend(built.filter(|build| build.tasks != [Task::Detected]));
    }

    fn declare(&mut self, name: &str, work: BuildWork, tasks: Option<Vec<Task>>) {
        let tasks = tasks.filter(|tasks| *tasks != [Task::Detected]);
        self.gathered.component.phases.extend(tasks.map(|tasks| Phase {
            name: name.to_owned(),
            work,
            tasks,
        }));
    }

    /// The tasks of a step; nothing when it has no commands of its own.
    fn step(&mut self, name: &str, step: &Step) -> Option<Vec<Task>> {
        let key = |key: &str| format!("steps.{name}.{key}");
        for layer in step.inputs.iter().flatten() {
            self.layer(&key("inputs"), layer);
        }
        for layer in step.deploy_outputs.iter().flatten() {
            self.layer(&key("deployOutputs"), layer);
        }
        self.nothing(&key("secrets"), items(&step.secrets).next(), messages::STEP_SECRETS);
        self.nothing(&key("caches"), items(&step.caches).next(), messages::CACHES);
        for (name, item) in &step.variables {
            let mut variable = Variable::literal(name, &item.value, item.origin.clone());
            variable.scope = Scoped::Build;
            match self.values.get(name) {
                Some(known) if *known != item.value => {
                    self.gathered.say(messages::two_values(name, &item.origin))
                }
                _ => {
                    self.values.insert(name.clone(), item.value.clone());
                    self.gathered.variable(variable);
                }
            }
        }
        let mut path = Vec::new();
        let mut tasks = Vec::new();
        for command in step.commands.as_ref()? {
            match command {
                Command::Path(item) => path.extend(added_path(&item.value)),
                command => tasks.extend(self.task(command, step, &path)),
            }
        }
        Some(tasks)
    }

    fn task(&mut self, command: &Command, step: &Step, path: &[String]) -> Option<Task> {
        let run = |value, item: &Item| Some(Task::Run(Requested { value, origin: item.origin.clone() }));
        match command {
            Command::Spread => Some(Task::Detected),
            Command::Path(_) => None,
            Command::Shell(item) if item.value.trim().is_empty() => None,
            Command::Shell(item) => run(Line::Shell(with_path(&item.value, path)), item),
            Command::Words(item) => match packwright_shell_syntax::split(&item.value) {
                Some(words) if words.is_empty() => None,
                Some(words) if path.is_empty() => run(Line::Exec(words), item),
                Some(words) => run(Line::Shell(with_path(&Line::Exec(words).to_string(), path)), item),
                None => {
                    self.gathered.say(messages::quotes(item));
                    None
                }
            },
            Command::Copy { image: Some(image), .. } => {
                self.gathered.say(shared::refused(PLATFORM, "image", &image.origin, messages::OTHER_IMAGE));
                None
            }
            Command::Copy { image: None, from, to } => {
                let (source, target) = (within(&from.value), within(&to.value));
                // The source is there already.
                if source == target
                    || target == "." && !source.contains('/')
                    || source == "." && target == "."
                {
                    return None;
                }
                let words = |words: &[&str]| {
                    Line::Exec(words.iter().map(|&word| word.to_owned()).collect()).to_string()
                };
                let parent =
                    target.rsplit_once('/').map(|(parent, _)| parent).filter(|parent| !parent.is_empty());
                let make = parent
                    .map(|parent| format!("{} && ", words(&["mkdir", "-p", parent])))
                    .unwrap_or_default();
                run(Line::Shell(format!("{make}{}", words(&["cp", "-R", &source, &target]))), from)
            }
            Command::File { path: place, asset, mode } => {
                let Some(text) = step.assets.get(&asset.value) else {
                    self.gathered.say(messages::no_asset(asset));
                    return None;
                };
                if is_outside(&place.value) {
                    self.gathered.say(shared::refused(PLATFORM, "path", &place.origin, messages::OUTSIDE));
                    return None;
                }
                let file = within(&place.value);
                let Line::Shell(write) = Line::write(&file, &text.value) else { return None };
                let words = |words: &[&str]| {
                    Line::Exec(words.iter().map(|&word| word.to_owned()).collect()).to_string()
                };
                let parent = file.rsplit_once('/').map(|(parent, _)| parent);
                let make =
                    parent.map(|parent| format!("{}\n", words(&["mkdir", "-p", parent]))).unwrap_or_default();
                // JSON has no octal numbers: 420 is 0644.
                let mode = mode.as_ref().and_then(|mode| mode.value.parse::<u32>().ok());
                let change = mode
                    .map(|mode| format!("\n{}", words(&["chmod", &format!("{:o}", mode & 0o777), &file])));
                run(Line::Shell(format!("{make}{write}{}", change.unwrap_or_default())), place)
            }
        }
    }

    fn deploy(&mut self, config: &Config) {
        let deploy = &config.deploy;
        for layer in deploy.inputs.iter().flatten() {
            self.layer("deploy.inputs", layer);
        }
        if let Some(layer) = &deploy.base {
            self.layer("deploy.base", layer);
        }
        for (name, item) in &deploy.variables {
            let mut variable = Variable::literal(name, &item.value, item.origin.clone());
            variable.scope = Scoped::Run;
            self.gathered.variable(variable);
        }
        let path: Vec<String> = items(&deploy.paths).filter_map(|item| added_path(&item.value)).collect();
        match &deploy.start {
            Some(start) if start.value.trim().is_empty() => {
                self.gathered.say(shared::empty_start(PLATFORM, &start.origin))
            }
            Some(start) => {
                self.gathered.component.processes.clear();
                self.gathered.web(Line::Shell(with_path(&start.value, &path)), start);
            }
            None => {
                if let Some(item) = items(&deploy.paths).find(|item| added_path(&item.value).is_some()) {
                    let why =
                        "directories of programs are put in front of a start command, and there is none";
                    self.gathered.say(shared::refused(PLATFORM, "deploy.paths", &item.origin, why));
                }
            }
        }
        if let Some(origin) = &config.caches {
            self.gathered.say(shared::nothing(PLATFORM, "caches", origin, messages::CACHES));
        }
    }

    /// Says what of a layer is not done.
    fn layer(&mut self, key: &str, layer: &Layer) {
        let told = match &layer.from {
            From::Image(_) => shared::refused(PLATFORM, key, &layer.origin, messages::OTHER_IMAGE),
            _ => match layer.include.iter().find(|item| is_outside(&item.value)) {
                Some(item) => shared::refused(PLATFORM, key, &item.origin, messages::OUTSIDE),
                None if layer.include.is_empty() && layer.exclude.is_empty() => return,
                None => shared::nothing(PLATFORM, key, &layer.origin, messages::INPUTS),
            },
        };
        self.gathered.say(told);
    }

    fn nothing(&mut self, key: &str, item: Option<&Item>, why: &str) {
        self.gathered.told.extend(item.map(|item| shared::nothing(PLATFORM, key, &item.origin, why)));
    }

    /// The names of secrets: somebody has to give them.
    fn secrets(&mut self, view: &DirView<'_>, config: &Config) {
        let named: BTreeSet<(&str, &Origin)> =
            items(&config.secrets).map(|item| (item.value.as_str(), &item.origin)).collect();
        for (name, origin) in named {
            let speaks = name == "*" || name.starts_with(variables::PREFIX);
            if !speaks && !view.environment.contains_key(name) {
                self.gathered.variable(Variable::new(name, VariableValue::Required, origin.clone()));
            }
        }
    }

    fn exclude(&mut self, config: &Config) {
        for item in config.exclude.iter().flatten().filter(|item| !is_hole(item)) {
            match item.value.starts_with('!') {
                true => {
                    self.gathered.say(shared::refused(PLATFORM, "exclude", &item.origin, messages::NEGATED))
                }
                false => self.gathered.component.ignore.push(item.clone()),
            }
        }
    }
}

fn without_detected(tasks: Option<Vec<Task>>) -> Vec<Task> {
    tasks.into_iter().flatten().filter(|task| *task != Task::Detected).collect()
}

/// Whether a path is not below the application's directory.
fn is_outside(path: &str) -> bool {
    path.starts_with('/') && path != "/app" && !path.starts_with("/app/")
        || path.split('/').any(|part| part == "..")
}

/// A path as seen from the application's directory.
fn within(path: &str) -> String {
    let path = path.trim();
    let path = if path == "/app" { "." } else { path.strip_prefix("/app/").unwrap_or(path) };
    match path.trim_start_matches("./").trim_end_matches('/') {
        "" if path.starts_with('/') => "/".to_owned(),
        "" => ".".to_owned(),
        path => path.to_owned(),
    }
}
