//! Groups of processes: their names, commands, and which of them a part of the file is about.

use std::collections::BTreeSet;

use packwright_documents::Content;
use packwright_planner::{
    Command, DeclaredProcess, Diagnostic, Origin, ProcessKind, ProcessName, Requested, is_shell,
};

use crate::container::names::process_name;
use crate::container::{ContainerStart, start};
use crate::table::{Document, Table};

/// The group of a file that names none.
const DEFAULT: &str = "app";

/// All groups, in the order of the file.
pub(super) struct Groups {
    pub(super) all: Vec<Group>,
    /// The group that a part of the file without `processes` is about.
    default: String,
}

/// One group.
pub(super) struct Group {
    /// Its name in the file.
    pub(super) name: String,
    /// Its process, called `web` until names are given.
    pub(super) process: DeclaredProcess,
    /// Whether what reaches it speaks HTTP: of several groups that are reached it is the one that answers requests.
    pub(super) speaks_http: bool,
    /// Whether a process of an image that Packwright made is named as its command.
    named: Option<ProcessName>,
}

impl Groups {
    /// Reads `processes`, and the commands of `experimental` that replace the image's.
    pub(super) fn read(document: &Document, table: &Table<'_>) -> Groups {
        let mut all: Vec<Group> = Vec::new();
        match table.entry("processes").map(|entry| (entry, &entry.value.content)) {
            Some((_, Content::List(items))) if items.is_empty() => {}
            Some((entry, Content::List(_))) => {
                let why = "Fly.io takes a map of names and commands, and drops a list";
                document.without_effect(entry.line, "the list `processes`", why);
            }
            _ => {
                for (name, command) in table.pairs("processes") {
                    let start = match command.value.trim().is_empty() {
                        true => ContainerStart::Bare,
                        false => words(document, &command).unwrap_or(ContainerStart::Bare),
                    };
                    all.push(Group::new(&name, start, command.origin));
                }
            }
        }
        if all.is_empty() {
            all.push(Group::new(DEFAULT, ContainerStart::Bare, table.origin()));
        }
        let names: BTreeSet<&str> = all.iter().map(|group| group.name.as_str()).collect();
        let default = match names.contains(DEFAULT) {
            true => DEFAULT.to_owned(),
            false => names.first().map_or(DEFAULT, |name| name).to_owned(),
        };
        let mut groups = Groups { all, default };
        groups.experimental(table);
        groups
    }

    /// The groups that a table is about: those in its `processes`, or the default one.
    pub(super) fn of(&mut self, document: &Document, table: &Table<'_>) -> Vec<&mut Group> {
        let wanted = table.texts("processes");
        for name in wanted.iter().filter(|name| !self.all.iter().any(|group| group.name == name.value)) {
            if let Origin::File { line: Some(line), .. } = name.origin {
                let message = format!("there is no process `{}`", name.value);
                document.refuse(line, &message, "write a name that is in `[processes]`");
            }
        }
        let default = &self.default;
        let meant = |group: &&mut Group| match wanted.is_empty() {
            true => group.name == *default,
            false => wanted.iter().any(|name| name.value == group.name),
        };
        self.all.iter_mut().filter(meant).collect()
    }

    /// The processes: the first one that is reached by HTTP is `web`, else the first one that is reached.
    pub(super) fn into_processes(self, document: &Document) -> Vec<DeclaredProcess> {
        let is_web = |group: &Group| group.process.kind == ProcessKind::Web;
        let by_http = self.all.iter().position(|group| is_web(group) && group.speaks_http);
        let web = by_http.or_else(|| self.all.iter().position(is_web));
        let mut taken: BTreeSet<ProcessName> =
            ["release", "seed"].iter().filter_map(|name| process_name(name)).collect();
        taken.extend(web.and_then(|_| process_name("web")));
        let mut processes = Vec::new();
        for (index, Group { name, mut process, named, .. }) in self.all.into_iter().enumerate() {
            if Some(index) != web {
                let wanted = named.map_or(name.clone(), |named| named.to_string());
                process.name = free(&wanted, &taken);
            }
            if process.name.as_str() != name && process.command.is_some() {
                document.say(renamed(&name, &process.name, &process.origin));
            }
            taken.insert(process.name.clone());
            processes.push(process);
        }
        processes
    }

    /// What takes the place of the image's own entry point and command.
    fn experimental(&mut self, table: &Table<'_>) {
        let Some(experimental) = table.table("experimental") else { return };
        let list = |key: &str| -> Vec<Requested<String>> { experimental.texts(key) };
        let (cmd, entrypoint, exec) = (list("cmd"), list("entrypoint"), list("exec"));
        experimental.leave_rest();
        for group in &mut self.all {
            let own = match group.process.command.take() {
                Some(Command::Exec(words)) => words,
                _ => cmd.iter().map(|word| word.value.clone()).collect(),
            };
            let entry = if exec.is_empty() { &entrypoint } else { &exec };
            let told = entry.first().or(cmd.first()).map(|word| word.origin.clone());
            let entry = entry.iter().map(|word| word.value.clone());
            let words: Vec<String> = match exec.is_empty() {
                true => entry.chain(own).collect(),
                false => entry.collect(),
            };
            if !words.is_empty() {
                group.process.command = Some(Command::Exec(words));
                if let (Some(origin), true) = (told, group.process.command.is_some()) {
                    group.process.origin = origin;
                }
            }
        }
    }
}

impl Group {
    fn new(name: &str, start: ContainerStart, origin: Origin) -> Group {
        let named = match &start {
            ContainerStart::Named(name) => Some(name.clone()),
            _ => None,
        };
        let web = process_name("web").expect("a process name");
        let process = started(web, ProcessKind::Worker, start, origin);
        Group { name: name.to_owned(), process, speaks_http: false, named }
    }
}

/// A process that starts so.
pub(super) fn started(
    name: ProcessName,
    kind: ProcessKind,
    start: ContainerStart,
    origin: Origin,
) -> DeclaredProcess {
    let command = match start {
        ContainerStart::Bare | ContainerStart::Named(_) => None,
        ContainerStart::By(command) => Some(command),
        ContainerStart::Options(words) => Some(Command::Exec(words)),
    };
    DeclaredProcess { command, ..DeclaredProcess::bare(name, kind, origin) }
}

/// How a command starts, split into words as Fly.io does it; nothing when it cannot be.
pub(super) fn words(document: &Document, text: &Requested<String>) -> Option<ContainerStart> {
    let Origin::File { line, .. } = &text.origin else { return None };
    let Some(words) = packwright_shell_syntax::split(&text.value) else {
        let message = format!("`{}` cannot be split into words", text.value);
        document.refuse(line.unwrap_or(1), &message, "close the quote, or write `\\` twice");
        return None;
    };
    let shell =
        |word: &String| word == "&&" || word == "||" || word == "|" || word == ";" || word.starts_with('$');
    let by_shell = words.first().is_some_and(|word| is_shell(word));
    if let Some(word) = words.iter().find(|word| shell(word)).filter(|_| !by_shell) {
        document.say(
            Diagnostic::warning("fly/no-shell", format!("{}: `{word}` is passed on as it is", text.origin))
                .why("the command is started without a shell, which alone knows what that means")
                .fix(format!("write `sh -c '{}'`", text.value.replace('\'', "'\\''")))
                .at(text.origin.clone()),
        );
    }
    Some(start(None, Some(words)))
}

fn free(wanted: &str, taken: &BTreeSet<ProcessName>) -> ProcessName {
    let base: String = wanted.chars().take(52).collect();
    let base = if process_name(&base).is_some() { base } else { "process".to_owned() };
    let numbered = (2u64..).map(|number| format!("{base}-{number}"));
    let mut names = std::iter::once(base.clone()).chain(numbered).filter_map(|name| process_name(&name));
    names.find(|name| !taken.contains(name)).expect("one of endlessly many numbers is free")
}

fn renamed(old: &str, new: &ProcessName, origin: &Origin) -> Diagnostic {
    Diagnostic::info("fly/process-renamed", format!("{origin}: the process `{old}` is called `{new}` here"))
        .why("`web` is the process that answers requests, `release` the one that runs once for a version, and a name is letters, digits, `-` and `_`")
        .at(origin.clone())
}
