//! [`decide`]: many files, one model. Every field is decided on its own, by the first file that
//! says something about it; what the others say is kept as losers.

use std::collections::BTreeSet;

use packwright_oci::RelPath;

use super::{AppModel, Component, Customs, Declarations, PlatformFiles, Weight, exposed};
use crate::{Decision, DeclaredProcess, Diagnostic, Loser, Origin, ProcessKind, Requested, Task, Variable, VariableValue};

/// The platform that the caller chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Its name.
    pub platform: String,
    /// The names of the platforms whose files it reads, the ones that count first; its own is
    /// among them.
    pub reads: Vec<String>,
    /// What it does differently with files that buildpacks read.
    pub customs: Customs,
}

/// Makes one model of `declared`, which is in falling precedence.
///
/// With a chosen platform only the files that it reads count, in its order; all others are
/// reported as not read. Without one, files that only give hints fill what the others leave open:
/// they are in [`Component::hints`], since what is detected in the source counts before them.
pub fn decide(declared: Vec<Declarations>, chosen: Option<&Chosen>) -> AppModel {
    let mut model = AppModel { exposed: exposed::in_files(&declared), ..AppModel::default() };
    let (mut counting, unread) = match chosen {
        None => (declared, Vec::new()),
        Some(chosen) => of_platform(declared, chosen),
    };
    counting.sort_by_key(|declared| declared.weight);
    if let Some(chosen) = chosen {
        model.diagnostics.extend(remarks_on_choice(chosen, &counting, &unread));
    }
    let mut judge = Judge { decisions: Vec::new() };
    model.name = judge.first("name", counting.iter().filter_map(|file| file.name.clone()));
    let mut dirs: Vec<Option<RelPath>> =
        counting.iter().flat_map(|file| file.components.iter().map(|part| part.dir().cloned())).collect();
    dirs.sort();
    dirs.dedup();
    if dirs.is_empty() && chosen.is_some() {
        dirs.push(None);
    }
    for dir in dirs {
        let of = |weight: Weight| -> Vec<Component> {
            let files = counting.iter().filter(|file| file.weight == weight);
            files.filter_map(|file| collapsed(file, dir.as_ref())).collect()
        };
        let mut component = judge.component(of(Weight::Decides));
        let hints = judge.component(of(Weight::Hints));
        if component.root.is_none() {
            component.root = hints.root.clone();
        }
        component.hints = (!hints.is_empty()).then(|| Box::new(hints));
        component.customs = chosen.map(|chosen| chosen.customs.clone()).unwrap_or_default();
        model.components.push(component);
    }
    for file in counting {
        // Two files that speak of one database mean one database.
        let known: BTreeSet<_> = model.services.iter().map(|service| service.kind.clone()).collect();
        model.services.extend(file.services.into_iter().filter(|service| !known.contains(&service.kind)));
        for domain in file.domains {
            if !model.domains.iter().any(|known| known.value == domain.value) {
                model.domains.push(domain);
            }
        }
        model.overlays.extend(file.overlays);
        for remark in file.diagnostics {
            // Parts of a file that share a script have the same to say about it.
            if !model.diagnostics.contains(&remark) {
                model.diagnostics.push(remark);
            }
        }
        let PlatformFiles { platform, weight, files } =
            PlatformFiles { platform: file.platform, weight: file.weight, files: file.files };
        match model.files.iter_mut().find(|known| known.platform == platform && known.weight == weight) {
            Some(known) => known.files.extend(files),
            None => model.files.push(PlatformFiles { platform, weight, files }),
        }
    }
    model.decisions = judge.decisions;
    model
}

/// The files that the platform reads, in its order, and those that it does not read.
fn of_platform(declared: Vec<Declarations>, chosen: &Chosen) -> (Vec<Declarations>, Vec<Declarations>) {
    let place = |file: &Declarations| chosen.reads.iter().position(|name| *name == file.platform);
    let (mut read, unread): (Vec<_>, Vec<_>) = declared.into_iter().partition(|file| place(file).is_some());
    read.sort_by_key(|file| place(file));
    for file in &mut read {
        file.weight = Weight::Decides;
    }
    (read, unread)
}

fn remarks_on_choice(chosen: &Chosen, read: &[Declarations], unread: &[Declarations]) -> Vec<Diagnostic> {
    let mut remarks = Vec::new();
    if !read.iter().any(|file| file.platform == chosen.platform) {
        let message = format!("there is no file of {}", chosen.platform);
        remarks.push(
            Diagnostic::info("platform/no-file", message)
                .why("`--platform` chooses it; its rules apply to what is detected")
                .fix("leave the flag out to let the files of other platforms count"),
        );
    }
    remarks.extend(unread.iter().map(|file| {
        let names: Vec<&str> = file.files.iter().map(RelPath::as_str).collect();
        let message = format!("{} is not read: {} does not read it", names.join(", "), chosen.platform);
        Diagnostic::info("platform/not-read", message)
            .fix(format!("choose `--platform {}`, or none, to let it count", file.platform))
            .at(Origin::file(&file.files[0]))
    }));
    remarks
}

/// All components of a file in one directory, as one.
fn collapsed(file: &Declarations, dir: Option<&RelPath>) -> Option<Component> {
    let mut parts = file.components.iter().filter(|part| part.dir() == dir).cloned();
    let mut whole = parts.next()?;
    for part in parts {
        // The part that answers requests gives the name.
        let answers = |part: &Component| part.processes.iter().any(|process| process.kind == ProcessKind::Web);
        if answers(&part) && !answers(&whole) {
            whole.name = part.name.or(whole.name);
        }
        whole.language = whole.language.or(part.language);
        whole.manager = whole.manager.or(part.manager);
        whole.strategy = whole.strategy.or(part.strategy);
        whole.publish = whole.publish.or(part.publish);
        if whole.phases.is_empty() {
            whole.phases = part.phases;
        }
        add_new(&mut whole.versions, part.versions, |a, b| a.tool == b.tool && a.version.value == b.version.value);
        add_new(&mut whole.packages, part.packages, |a, b| a.name.value == b.name.value);
        add_new(&mut whole.processes, part.processes, |a, b| a.name == b.name);
        add_new(&mut whole.environment, part.environment, |a, b| a.name == b.name);
        add_new(&mut whole.statics, part.statics, |a, b| a.url.value == b.url.value);
        add_new(&mut whole.volumes, part.volumes, |a, b| a.path.value == b.path.value);
        add_new(&mut whole.ignore, part.ignore, |a, b| a.value == b.value);
    }
    Some(whole)
}

/// Adds what is not there yet.
fn add_new<T>(known: &mut Vec<T>, more: Vec<T>, same: impl Fn(&T, &T) -> bool) {
    for item in more {
        if !known.iter().any(|known| same(known, &item)) {
            known.push(item);
        }
    }
}

/// Decides, and remembers what lost.
struct Judge {
    decisions: Vec<Decision>,
}

impl Judge {
    /// One component of what several files say about one directory, in falling precedence.
    fn component(&mut self, parts: Vec<Component>) -> Component {
        let mut whole = Component::default();
        let of = |field: fn(&Component) -> &Option<Requested<String>>| -> Vec<Requested<String>> {
            parts.iter().filter_map(|part| field(part).clone()).collect()
        };
        whole.name = of(|part| &part.name).into_iter().next();
        whole.root = parts.iter().find_map(|part| part.root.clone());
        whole.language = self.first("declared language", of(|part| &part.language).into_iter());
        whole.manager = self.first("package manager", of(|part| &part.manager).into_iter());
        whole.publish = self.first("directory of the site", of(|part| &part.publish).into_iter());
        whole.strategy = parts.iter().find_map(|part| part.strategy.clone());
        whole.processes = self.processes(&parts);
        whole.phases = self.phases(&parts);
        whole.environment = self.environment(&parts);
        for part in parts {
            add_new(&mut whole.versions, part.versions, |a, b| {
                a.tool == b.tool && a.version == b.version
            });
            add_new(&mut whole.packages, part.packages, |a, b| a.name.value == b.name.value);
            add_new(&mut whole.statics, part.statics, |a, b| a.url.value == b.url.value);
            add_new(&mut whole.volumes, part.volumes, |a, b| a.path.value == b.path.value);
            add_new(&mut whole.ignore, part.ignore, |a, b| a.value == b.value);
        }
        whole
    }

    /// The first value; a decision when others differ from it.
    fn first(
        &mut self,
        subject: &str,
        values: impl Iterator<Item = Requested<String>>,
    ) -> Option<Requested<String>> {
        let mut values = values;
        let winner = values.next()?;
        let losers: Vec<Loser> = values
            .filter(|value| value.value != winner.value)
            .map(|value| Loser { value: value.value, origin: value.origin })
            .collect();
        self.decided(subject.to_owned(), winner.value.clone(), &winner.origin, losers);
        Some(winner)
    }

    fn decided(&mut self, subject: String, value: String, origin: &Origin, losers: Vec<Loser>) {
        if !losers.is_empty() {
            self.decisions.push(Decision { subject, value, origin: origin.clone(), losers });
        }
    }

    /// The first file with a process to run has the say about which ones there are; what others
    /// know about processes of the same names is added. A release command and processes that are
    /// started by the clock are decided for themselves: not every file can have them.
    fn processes(&mut self, parts: &[Component]) -> Vec<DeclaredProcess> {
        let counted = |process: &&DeclaredProcess| {
            process.command.is_some()
                && !process.is_release()
                && !matches!(process.kind, ProcessKind::Cron(_))
        };
        let has_say = parts.iter().position(|part| part.processes.iter().any(|process| counted(&process)));
        let mut chosen: Vec<DeclaredProcess> = Vec::new();
        let mut losers: Vec<(String, String, Origin, Vec<Loser>)> = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let decides = has_say.is_none_or(|say| say == number);
            for process in &part.processes {
                if let Some(known) = chosen.iter_mut().find(|known| known.name == process.name) {
                    if let (Some(new), Some(old)) = (&process.command, &known.command)
                        && new != old
                    {
                        losers.push(lost(known, Loser { value: new.to_string(), origin: process.origin.clone() }));
                    }
                    known.add(process);
                    continue;
                }
                if decides || !counted(&process) && (process.command.is_some() || has_say.is_none()) {
                    chosen.push(process.clone());
                }
            }
        }
        if let Some(say) = has_say {
            // In a second pass: the file with the say may come after a file without commands.
            let names: Vec<_> = chosen.iter().map(|process| process.name.clone()).collect();
            let first = chosen.iter().find(counted).map(|process| process.origin.clone());
            for process in parts[say + 1..].iter().flat_map(|part| &part.processes) {
                if let (Some(command), Some(origin), false) =
                    (&process.command, &first, names.contains(&process.name))
                {
                    let loser = Loser { value: command.to_string(), origin: process.origin.clone() };
                    let origin = whole_file(origin);
                    losers.push((format!("process {}", process.name), "none".to_owned(), origin, vec![loser]));
                }
            }
        }
        for (subject, value, origin, losers) in losers {
            match self.decisions.iter_mut().find(|known| known.subject == subject && known.origin == origin) {
                Some(known) => known.losers.extend(losers),
                None => self.decided(subject, value, &origin, losers),
            }
        }
        chosen
    }

    /// The build as the first file that describes one has it.
    fn phases(&mut self, parts: &[Component]) -> Vec<super::Phase> {
        let mut described = parts.iter().filter(|part| !part.phases.is_empty());
        let Some(winner) = described.next() else { return Vec::new() };
        let told = |part: &Component| -> Option<Loser> {
            let mut commands = part.phases.iter().flat_map(|phase| &phase.tasks).filter_map(|task| match task {
                Task::Run(command) => Some(command),
                Task::Detected => None,
            });
            let first = commands.next()?;
            let all: Vec<String> =
                std::iter::once(first).chain(commands).map(|command| command.value.to_string()).collect();
            Some(Loser { value: all.join(" && "), origin: first.origin.clone() })
        };
        if let Some(won) = told(winner) {
            let losers = described.filter_map(told).filter(|loser| loser.value != won.value).collect();
            self.decided("build commands".to_owned(), won.value, &won.origin, losers);
        }
        winner.phases.clone()
    }

    fn environment(&mut self, parts: &[Component]) -> Vec<Variable> {
        let mut chosen: Vec<Variable> = Vec::new();
        let mut losers: Vec<(usize, Loser)> = Vec::new();
        for variable in parts.iter().flat_map(|part| &part.environment) {
            let Some(at) = chosen.iter().position(|known| known.name == variable.name) else {
                chosen.push(variable.clone());
                continue;
            };
            if chosen[at].value != variable.value {
                let loser = Loser { value: variable.value.told(), origin: variable.origin.clone() };
                losers.push((at, loser));
            }
        }
        for (at, variable) in chosen.iter().enumerate() {
            let of: Vec<Loser> =
                losers.iter().filter(|(of, _)| *of == at).map(|(_, loser)| loser.clone()).collect();
            self.decided(format!("variable {}", variable.name), variable.value.told(), &variable.origin, of);
        }
        chosen
    }
}

fn lost(known: &DeclaredProcess, loser: Loser) -> (String, String, Origin, Vec<Loser>) {
    let value = known.command.as_ref().map_or_else(|| "as detected".to_owned(), ToString::to_string);
    (format!("process {}", known.name), value, known.origin.clone(), vec![loser])
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

impl VariableValue {
    /// The value for people, without what must not be shown.
    pub fn told(&self) -> String {
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

#[cfg(test)]
mod tests;
