//! [`Merger`]: merges all that is declared for one directory into one component. It visits every value once,
//! so the time is linear in the number of lines.

use std::collections::{BTreeMap, BTreeSet};

use super::caller;
use crate::model::component::{Component, Phase, Strategy, Task};
use crate::model::declarations::FileWeight;
use crate::model::process::{DeclaredProcess, ProcessKind};
use crate::model::variable::{Variable, VariableValue};
use crate::{Decision, Origin, Overridden, ProcessName, Requested};

/// What one file says about one directory.
pub(super) struct FileComponents {
    pub(super) weight: FileWeight,
    /// At least one.
    pub(super) parts: Vec<Component>,
}

/// Decides, and remembers what lost.
#[derive(Default)]
pub(super) struct Merger {
    decisions: Vec<Decision>,
}

/// The items of which none is like one before it.
fn distinct<T, K: Ord>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(key(item))).collect()
}

/// All items of one field of the parts, which are left without.
fn all<'a, T: 'a>(
    parts: &'a mut [Component],
    field: fn(&mut Component) -> &mut Vec<T>,
) -> impl Iterator<Item = T> + 'a {
    parts.iter_mut().flat_map(move |part| std::mem::take(field(part)))
}

impl Merger {
    /// The decisions with overridden.
    pub(super) fn into_decisions(self) -> Vec<Decision> {
        self.decisions
    }

    /// The component of what the files say, in falling precedence.
    pub(super) fn place(&mut self, files: Vec<FileComponents>) -> Component {
        let parts = files.into_iter().map(|said| self.file(said.parts)).collect();
        self.component(parts)
    }

    /// The parts of one file, as one.
    fn file(&mut self, mut parts: Vec<Component>) -> Component {
        if parts.len() == 1
            && let Some(only) = parts.pop()
        {
            return only;
        }
        // The part that answers requests is the application: it gives the name, and what it says counts first.
        let answers =
            |part: &Component| part.processes.iter().any(|process| process.kind == ProcessKind::Web);
        parts.sort_by_key(|part| !answers(part));
        let mut whole = self.shared(&parts);
        let named = parts.iter().find(|part| answers(part)).and_then(|part| part.name.clone());
        whole.name = named.or_else(|| parts.first().and_then(|part| part.name.clone()));
        whole.versions = distinct(all(&mut parts, |part| &mut part.versions), |request| {
            (request.tool.clone(), request.version.value.clone())
        });
        let mut running = parts.iter().filter(|part| !part.processes.is_empty()).peekable();
        whole.is_job = running.peek().is_some() && running.all(|part| part.is_job);
        whole.processes =
            distinct(all(&mut parts, |part| &mut part.processes), |process| process.name.clone());
        whole.environment =
            distinct(all(&mut parts, |part| &mut part.environment), |variable| variable.name.clone());
        add_lists(&mut whole, parts);
        whole
    }

    /// One component of what several files say about one directory, in falling precedence.
    pub(super) fn component(&mut self, mut parts: Vec<Component>) -> Component {
        let mut whole = self.shared(&parts);
        whole.name = parts.iter().find_map(|part| part.name.clone());
        let called = caller::take_processes(&mut parts);
        let say = has_say(&parts);
        whole.is_job = say.is_some_and(|say| parts[say].is_job);
        whole.processes = self.processes(&parts, say);
        self.call(&mut whole.processes, called);
        whole.environment = self.environment(&parts);
        let version_requests =
            caller::first(all(&mut parts, |part| &mut part.versions), |request| &request.version.origin);
        whole.versions = distinct(version_requests, |request| {
            (request.tool.clone(), request.version.value.clone(), request.version.origin.clone())
        });
        add_lists(&mut whole, parts);
        whole
    }

    /// The fields that are decided in the same way between the parts of a file and between files.
    fn shared(&mut self, parts: &[Component]) -> Component {
        let of = |field: fn(&Component) -> &Option<Requested<String>>| {
            caller::first(parts.iter().filter_map(move |part| field(part).clone()), |value| &value.origin)
        };
        Component {
            root: parts.iter().find_map(|part| part.root.clone()),
            language: self.first("declared language", of(|part| &part.language)),
            manager: self.first("package manager", of(|part| &part.manager)),
            publish: self.first("directory of the site", of(|part| &part.publish)),
            strategy: self.strategy(parts),
            phases: self.phases(parts),
            ..Component::default()
        }
    }

    /// The first value; a decision when others differ from it.
    pub(super) fn first(
        &mut self,
        subject: &str,
        mut values: impl Iterator<Item = Requested<String>>,
    ) -> Option<Requested<String>> {
        let winner = values.next()?;
        let others = values.map(|value| Overridden { value: value.value, origin: value.origin });
        self.decided(subject.to_owned(), winner.value.clone(), &winner.origin, others);
        Some(winner)
    }

    /// Remembers which of `others` differ from what was decided.
    fn decided(
        &mut self,
        subject: String,
        value: String,
        origin: &Origin,
        others: impl Iterator<Item = Overridden>,
    ) {
        let overridden: Vec<Overridden> = others.filter(|other| other.value != value).collect();
        if !overridden.is_empty() {
            self.decisions.push(Decision { subject, value, origin: origin.clone(), overridden });
        }
    }

    /// The first file with a process to run has the say about which ones there are; what others
    /// know about processes of the same names is added. A release command and processes that are
    /// started by the clock are decided for themselves: not every file can have them.
    fn processes(&mut self, parts: &[Component], has_say: Option<usize>) -> Vec<DeclaredProcess> {
        let mut chosen: Vec<DeclaredProcess> = Vec::new();
        let mut places: BTreeMap<ProcessName, usize> = BTreeMap::new();
        let mut lost = Lost::default();
        for (number, part) in parts.iter().enumerate() {
            let decides = has_say.is_none_or(|say| say == number);
            for process in &part.processes {
                if let Some(&at) = places.get(&process.name) {
                    let known = &mut chosen[at];
                    if let (Some(new), Some(old)) = (&process.command, &known.command)
                        && new != old
                    {
                        lost.add(
                            &known.name,
                            old.to_string(),
                            &known.origin,
                            new.to_string(),
                            &process.origin,
                        );
                    }
                    known.add(process);
                } else if decides || !counted(&process) && (process.command.is_some() || has_say.is_none()) {
                    places.insert(process.name.clone(), chosen.len());
                    chosen.push(process.clone());
                }
            }
        }
        // In a second pass: the file with the say may come after a file without commands.
        if let Some(say) = has_say
            && let Some(first) = chosen.iter().find(counted)
        {
            let origin = whole_file(&first.origin);
            for process in parts[say + 1..].iter().flat_map(|part| &part.processes) {
                if let Some(command) = &process.command
                    && !places.contains_key(&process.name)
                {
                    lost.add(&process.name, "none".to_owned(), &origin, command.to_string(), &process.origin);
                }
            }
        }
        self.decisions.extend(lost.decisions);
        chosen
    }

    /// Starts processes as the caller says.
    fn call(&mut self, processes: &mut Vec<DeclaredProcess>, called: Vec<DeclaredProcess>) {
        for mut process in called.into_iter().rev() {
            if let Some(at) = processes.iter().position(|known| known.name == process.name) {
                let known = processes.remove(at);
                let lost = known
                    .command
                    .iter()
                    .map(|command| Overridden { value: command.to_string(), origin: known.origin.clone() });
                let value = process.command.as_ref().map(ToString::to_string).unwrap_or_default();
                self.decided(format!("process {}", process.name), value, &process.origin, lost);
                process.add(&known);
            }
            processes.insert(0, process);
        }
    }

    /// How the image is built, as the first that says so has it.
    fn strategy(&mut self, parts: &[Component]) -> Option<Requested<Strategy>> {
        let mut said = parts.iter().filter_map(|part| part.strategy.as_ref());
        let winner = said.next()?;
        let others = said.filter(|other| other.value != winner.value);
        let others =
            others.map(|other| Overridden { value: other.value.description(), origin: other.origin.clone() });
        self.decided("way to build".to_owned(), winner.value.description(), &winner.origin, others);
        Some(winner.clone())
    }

    /// The build as the first that describes one has it.
    fn phases(&mut self, parts: &[Component]) -> Vec<Phase> {
        let (called, others): (Vec<&Component>, Vec<&Component>) = parts
            .iter()
            .filter(|part| !part.phases.is_empty())
            .partition(|part| caller::has_command(&part.phases));
        let mut described = called.into_iter().chain(others);
        let Some(winner) = described.next() else { return Vec::new() };
        let build_commands = |part: &Component| -> Option<Overridden> {
            let mut commands =
                part.phases.iter().flat_map(|phase| &phase.tasks).filter_map(|task| match task {
                    Task::Run(command) => Some(command),
                    Task::Detected => None,
                });
            let first = commands.next()?;
            let all: Vec<String> =
                std::iter::once(first).chain(commands).map(|command| command.value.to_string()).collect();
            Some(Overridden { value: all.join(" && "), origin: first.origin.clone() })
        };
        if let Some(won) = build_commands(winner) {
            self.decided(
                "build commands".to_owned(),
                won.value,
                &won.origin,
                described.filter_map(build_commands),
            );
        }
        winner.phases.clone()
    }

    fn environment(&mut self, parts: &[Component]) -> Vec<Variable> {
        let mut chosen: Vec<(Variable, Vec<Overridden>)> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for variable in parts.iter().flat_map(|part| &part.environment) {
            let Some(&at) = places.get(variable.name.as_str()) else {
                places.insert(&variable.name, chosen.len());
                chosen.push((variable.clone(), Vec::new()));
                continue;
            };
            let (known, overridden) = &mut chosen[at];
            if known.value != variable.value {
                overridden.push(Overridden {
                    value: variable.value.description(),
                    origin: variable.origin.clone(),
                });
            }
        }
        let mut variables = Vec::with_capacity(chosen.len());
        for (variable, overridden) in chosen {
            let subject = format!("variable {}", variable.name);
            self.decided(subject, variable.value.description(), &variable.origin, overridden.into_iter());
            variables.push(variable);
        }
        variables
    }
}

/// Whether a process is one that keeps running, and says how it starts.
fn counted(process: &&DeclaredProcess) -> bool {
    process.command.is_some() && !process.is_release() && !matches!(process.kind, ProcessKind::Cron(_))
}

/// The first file with a process to run, or with a service that is a job.
fn has_say(parts: &[Component]) -> Option<usize> {
    let runs = |part: &Component| part.is_job || part.processes.iter().any(|process| counted(&process));
    parts.iter().position(runs)
}

/// The lists in which everything counts that any of the parts says.
fn add_lists(whole: &mut Component, mut parts: Vec<Component>) {
    let parts = &mut parts;
    whole.packages = distinct(all(parts, |part| &mut part.packages), |package| package.name.value.clone());
    whole.statics = distinct(all(parts, |part| &mut part.statics), |files| files.url.value.clone());
    whole.volumes = distinct(all(parts, |part| &mut part.volumes), |volume| volume.path.value.clone());
    whole.ignore = distinct(all(parts, |part| &mut part.ignore), |pattern| pattern.value.clone());
}

/// Decisions about processes, each with all that lost against its winner.
#[derive(Default)]
struct Lost {
    decisions: Vec<Decision>,
    places: BTreeMap<(ProcessName, Origin), usize>,
}

impl Lost {
    /// Adds what lost against `value`, which is from `origin`.
    fn add(&mut self, name: &ProcessName, value: String, origin: &Origin, lost: String, from: &Origin) {
        let loser = Overridden { value: lost, origin: from.clone() };
        let place = *self.places.entry((name.clone(), origin.clone())).or_insert(self.decisions.len());
        match self.decisions.get_mut(place) {
            Some(known) => known.overridden.push(loser),
            None => self.decisions.push(Decision {
                subject: format!("process {name}"),
                value,
                origin: origin.clone(),
                overridden: vec![loser],
            }),
        }
    }
}

/// The file of a line.
fn whole_file(origin: &Origin) -> Origin {
    match origin {
        Origin::File { path, .. } => Origin::file(path),
        other => other.clone(),
    }
}

impl DeclaredProcess {
    /// Adds what another file says about the same process.
    fn add(&mut self, other: &DeclaredProcess) {
        if self.command.is_none() && other.command.is_some() {
            self.command = other.command.clone();
            self.origin = other.origin.clone();
        }
        self.port = self.port.take().or_else(|| other.port.clone());
        self.health = self.health.take().or_else(|| other.health.clone());
        self.scale = self.scale.take().or_else(|| other.scale.clone());
        self.size = self.size.take().or_else(|| other.size.clone());
        self.stop = self.stop.take().or_else(|| other.stop.clone());
    }
}

impl Strategy {
    /// The way for people.
    fn description(&self) -> String {
        match self {
            Strategy::Detect => "as detected".to_owned(),
            Strategy::Dockerfile { path, target: None, .. } => format!("the Dockerfile `{path}`"),
            Strategy::Dockerfile { path, target: Some(stage), .. } => {
                format!("the stage {stage} of the Dockerfile `{path}`")
            }
            Strategy::Image(reference) => format!("the image `{reference}`"),
            Strategy::Buildpacks { builder, list } => {
                let named: Vec<&str> = builder.iter().chain(list).map(String::as_str).collect();
                format!("the buildpacks {}", named.join(", "))
            }
            Strategy::Program(name) => format!("by {name}"),
        }
    }
}

impl VariableValue {
    /// The value for people, without what must not be shown.
    pub fn description(&self) -> String {
        match self {
            VariableValue::Literal(text) => text.clone(),
            VariableValue::Withheld => "a secret, not shown".to_owned(),
            VariableValue::Required => "required".to_owned(),
            VariableValue::Optional => "optional".to_owned(),
            VariableValue::Generated => "generated by the platform".to_owned(),
            VariableValue::Service(from) => format!("{} of {}", from.property, from.service),
            VariableValue::Elsewhere(place) => format!("from {place}"),
        }
    }
}
