//! Replaces a script of the source that a declared build runs by the commands in it. Scripts are read and
//! never run.

mod context;
mod file;

use super::line::{self, Kind, Line, Part};
use crate::model::{Blotted, blotted};
use crate::{Command, Exposed, FileWeight, Origin, Requested, Task};
pub(super) use context::ScriptContext;
use file::Script;

/// How deep scripts may run each other.
const DEPTH: usize = 3;

/// How many scripts are read for one command: files of the source can name each other many times.
const SCRIPTS: usize = 32;

/// What was read for one command.
struct Reading {
    left: usize,
    exposed: Vec<Exposed>,
}

/// The command as the tasks it comes to, and the scripts with secrets: a script that it runs stands
/// there with its lines, with the script's own line for their origin. A script without a command that a
/// language knows stays what it is, and so does one that needs a secret it has in it: lines are part
/// of the plan.
pub(super) fn expanded(context: ScriptContext<'_>, command: Requested<Command>) -> (Vec<Task>, Vec<Exposed>) {
    let mut reading = Reading { left: SCRIPTS, exposed: Vec::new() };
    let tasks = lines(context, command, DEPTH, &mut reading).into_iter().map(Task::Run).collect();
    (tasks, reading.exposed)
}

fn lines(
    context: ScriptContext<'_>,
    command: Requested<Command>,
    depth: usize,
    reading: &mut Reading,
) -> Vec<Requested<Command>> {
    if depth == 0 {
        return vec![command];
    }
    let read = line::read(&command);
    let scripts = scripts(context, &read, reading);
    if scripts.iter().all(Option::is_none) {
        return vec![command];
    }
    let mut expanded = ExpandedLine {
        line: &read,
        first: None,
        last: None,
        preparing: String::new(),
        exported: String::new(),
        commands: Vec::new(),
    };
    for (part, script) in read.parts().zip(&scripts) {
        match script {
            Some(script) => {
                expanded.flush();
                let preparing = if script.is_sourced { &expanded.preparing } else { &expanded.exported };
                let value = script.command(preparing);
                let inner = Requested { value, origin: script.origin.clone() };
                expanded.commands.extend(lines(context, inner, depth - 1, reading));
            }
            None if is_for(part, &scripts) => expanded.flush(),
            None => expanded.add(part),
        }
    }
    expanded.flush();
    expanded.commands
}

/// The script that each part of a line runs, where the line can be cut there: the line ends when
/// the script fails.
fn scripts(context: ScriptContext<'_>, read: &Line, reading: &mut Reading) -> Vec<Option<Script>> {
    let mut stops = read.stops_at_failure();
    let statements = read.statements();
    let last = read.parts().count();
    let mut found = Vec::with_capacity(last);
    for statement in statements {
        let is_cut = statement.is_chain() && (stops || statements.len() == 1);
        for part in &statement.parts {
            let is_last = found.len() + 1 == last;
            let named = file::named(part).filter(|named| is_cut && (is_last || !named.is_sourced()));
            let content =
                named.as_ref().filter(|_| reading.left > 0).and_then(|named| named.content(context));
            reading.left -= usize::from(content.is_some());
            let script = named.zip(content).and_then(|(named, content)| named.script(context, content));
            found.push(script.and_then(|script| without_secrets(script, &mut reading.exposed)));
        }
        stops |= statement.parts.iter().any(Part::stops_at_failure);
    }
    found
}

/// A script whose lines take secrets from the environment that they set themselves; nothing when
/// they cannot work without one.
fn without_secrets(mut script: Script, exposed: &mut Vec<Exposed>) -> Option<Script> {
    let Some(Blotted { command, variables, lost }) = blotted(&Command::shell(&script.body)) else {
        return Some(script);
    };
    let name = variables.iter().chain(&lost).map(String::as_str).collect::<Vec<_>>().join(", ");
    let Origin::File { path, .. } = &script.origin else { return None };
    exposed.push(Exposed { name, origin: Origin::file(path), weight: FileWeight::Decides });
    match command {
        Command::Shell(body) if lost.is_empty() => {
            script.body = body;
            Some(script)
        }
        _ => None,
    }
}

/// Whether a part only makes one of the scripts executable.
fn is_for(part: &Part, scripts: &[Option<Script>]) -> bool {
    let [words] = part.commands.as_slice() else { return false };
    let path = words.last().map(|word| word.trim_start_matches("./"));
    words.first().is_some_and(|word| word == "chmod")
        && scripts.iter().flatten().any(|script| Some(script.path.as_str()) == path)
}

/// The commands that a line comes to.
struct ExpandedLine<'a> {
    line: &'a Line,
    /// The parts since the last command.
    first: Option<&'a Part>,
    last: Option<&'a Part>,
    /// What prepares all that follows, on one line.
    preparing: String,
    /// The same without what is for the shell of the line alone.
    exported: String,
    commands: Vec<Requested<Command>>,
}

impl<'a> ExpandedLine<'a> {
    fn add(&mut self, part: &'a Part) {
        self.first.get_or_insert(part);
        self.last = Some(part);
    }

    /// Ends the command that is being made; what only prepares goes on before the next one.
    fn flush(&mut self) {
        let (Some(first), Some(last)) = (self.first.take(), self.last.take()) else { return };
        let is_inside = |part: &&Part| part.is_between(first, last);
        let parts: Vec<&Part> = self.line.parts().filter(is_inside).collect();
        let text = format!("{}{}", self.preparing, self.line.between(first, last));
        if parts.iter().any(|part| part.kind != Kind::Prepares) {
            let value = self.line.command(text);
            self.commands.push(Requested { value, origin: first.command.origin.clone() });
        }
        for part in parts.iter().filter(|part| part.kind == Kind::Prepares) {
            let text = format!("{} && ", part.command.value);
            self.preparing.push_str(&text);
            if !part.is_of_shell() {
                self.exported.push_str(&text);
            }
        }
    }
}
