//! The process that a Dockerfile's image runs, by `ENTRYPOINT` and `CMD`, with its port, health check and
//! stop signal. Nothing is started.
//!
//! Source: docs.docker.com, "Dockerfile reference", "Understand how CMD and ENTRYPOINT interact".

use packwright_planner::{Command, DeclaredProcess, Health, Port, ProcessKind, Requested, Stop, is_shell};
use packwright_shell_syntax::{Dialect, Word, parse};

use super::instruction::Form;
use super::stage::{Check, Stage, Told};
use super::{File, messages};
use crate::container;

impl File<'_> {
    /// The process that the image runs.
    pub(super) fn process(&mut self, last: &Stage) -> Option<DeclaredProcess> {
        let command = self.command(last);
        let port = last.ports.first();
        let (origin, line) = match (&command, port) {
            (Some((_, line)), _) => (self.line(*line), *line),
            (None, Some(port)) => (self.line(port.line), port.line),
            (None, None) => return None,
        };
        if let Some((command, line)) = &command {
            self.remarks(command, *line, last);
        }
        if last.ports.len() > 1 {
            let others: Vec<String> = last.ports[1..].iter().map(|port| port.value.to_string()).collect();
            self.say(
                messages::ports(&self.line(last.ports[1].line), last.ports[0].value, &others),
                last.ports[1].line,
            );
        }
        let name = "web".parse().expect("a process name");
        let mut process = DeclaredProcess::bare(name, ProcessKind::Web, origin);
        match command {
            Some((command, _)) if !is_idle(&command) => process.command = Some(command),
            Some((command, _)) => {
                self.say(messages::idle(&self.line(line), &command), line);
                port?;
            }
            None => {}
        }
        process.port =
            port.map(|port| Requested { value: Port::Fixed(port.value), origin: self.line(port.line) });
        process.health = last.health.as_ref().and_then(|check| self.health(check, last));
        process.stop = last.signal.as_ref().map(|signal| Requested {
            value: Stop { signal: Some(signal.value.clone()), grace: None },
            origin: self.line(signal.line),
        });
        Some(process)
    }

    /// `ENTRYPOINT` and `CMD` as one command, by Docker's table.
    fn command(&mut self, last: &Stage) -> Option<(Command, u32)> {
        let shell = last.shell.as_ref().map(|shell| shell.value.as_slice());
        let words = |told: &Told<Form>| match &told.value {
            Form::Exec(words) => words.clone(),
            Form::Shell(line) => in_shell(shell, line),
        };
        match (&last.entry, &last.cmd) {
            (None, Some(cmd)) => match &cmd.value {
                Form::Exec(words) => some(words.clone()).map(|command| (command, cmd.line)),
                Form::Shell(line) => Some((of_shell(shell, line), cmd.line)),
            },
            (None, None) => None,
            (Some(entry), cmd) => match &entry.value {
                Form::Shell(line) => {
                    if let Some(cmd) = cmd {
                        self.say(messages::ignored(&self.line(cmd.line), entry.line), cmd.line);
                    }
                    Some((of_shell(shell, line), entry.line))
                }
                Form::Exec(first) => {
                    let first = without_init(first);
                    let line = if first.is_empty() {
                        cmd.as_ref().map_or(entry.line, |cmd| cmd.line)
                    } else {
                        entry.line
                    };
                    if let (true, Some(Told { value: Form::Shell(text), .. })) = (first.is_empty(), cmd) {
                        return Some((of_shell(shell, text), line));
                    }
                    let all: Vec<String> = first.into_iter().chain(cmd.iter().flat_map(words)).collect();
                    some(all).map(|command| (command, line))
                }
            },
        }
    }

    fn remarks(&mut self, command: &Command, line: u32, last: &Stage) {
        let at = self.line(line);
        if let Command::Exec(words) = command {
            let by_shell = words.iter().any(|word| is_shell(word));
            if let Some(word) = words.iter().find(|word| word.contains('$')).filter(|_| !by_shell) {
                self.say(messages::no_shell(&at, word), line);
            }
        }
        let dir = last.dir.as_ref().map_or("/", |dir| dir.value.as_str());
        let script = parse(&command.script(), Dialect::Bash);
        let words: Vec<String> = script.words().into_iter().map(Word::unquoted).collect();
        let mut paths = words.iter().flat_map(|word| word.split(['=', ':'])).filter(|word| {
            dir != "/" && dir != "/app" && word.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
        });
        if let Some(path) = paths.next() {
            self.say(messages::elsewhere(&at, path, dir), line);
        }
    }

    fn health(&mut self, check: &Told<Check>, last: &Stage) -> Option<Requested<Health>> {
        let shell = last.shell.as_ref().map(|shell| shell.value.as_slice());
        let command = match check.value.command.as_ref()? {
            Form::Exec(words) => Command::Exec(words.clone()),
            Form::Shell(line) => of_shell(shell, line),
        };
        let mut flag = |name: &str| {
            let text = check.value.flags.get(name)?;
            let seconds = seconds(text);
            if seconds.is_none() {
                self.say(
                    messages::value(
                        &self.line(check.line),
                        &format!("`--{name}={text}` is no time such as `30s`"),
                    ),
                    check.line,
                );
            }
            seconds
        };
        let (interval, timeout, grace) = (flag("interval"), flag("timeout"), flag("start-period"));
        let retries = check.value.flags.get("retries").and_then(|text| text.parse().ok());
        let value = Health { probe: container::probe(command), interval, timeout, grace, retries };
        Some(Requested { value, origin: self.line(check.line) })
    }
}

fn some(words: Vec<String>) -> Option<Command> {
    (!words.is_empty()).then_some(Command::Exec(words))
}

/// A line in the shell of the file, as words.
fn in_shell(shell: Option<&[String]>, line: &str) -> Vec<String> {
    let usual = ["/bin/sh".to_owned(), "-c".to_owned()];
    shell.unwrap_or(&usual).iter().cloned().chain([line.to_owned()]).collect()
}

fn of_shell(shell: Option<&[String]>, line: &str) -> Command {
    match shell {
        None => Command::shell(line),
        Some(_) => Command::Exec(in_shell(shell, line)),
    }
}

/// An entry point without a process that only reaps others: Packwright's images have one.
fn without_init(words: &[String]) -> Vec<String> {
    let program = words.first().map(|word| word.rsplit('/').next().unwrap_or(word));
    if !matches!(program, Some("tini" | "dumb-init" | "catatonit" | "docker-init")) {
        return words.to_vec();
    }
    words.iter().skip(1).skip_while(|word| word.starts_with('-')).cloned().collect()
}

/// Whether a command does nothing for anybody: a shell, or waiting.
fn is_idle(command: &Command) -> bool {
    let commands = command.simple_commands();
    let [words] = commands.as_slice() else { return false };
    let words: Vec<&str> = words.iter().map(|word| word.rsplit('/').next().unwrap_or(word)).collect();
    matches!(
        words.as_slice(),
        ["bash" | "sh" | "zsh" | "ash" | "python" | "python3" | "node" | "irb" | "true"]
            | ["bash" | "sh", "-l" | "--login" | "-i"]
            | ["sleep", "infinity" | "inf"]
            | ["tail", "-f" | "-F", "null"]
    )
}

/// Seconds of a time of Go, rounded up: `30s`, `1m30s`, `500ms`.
pub(super) fn seconds(text: &str) -> Option<u32> {
    let mut rest = text.trim();
    let mut total = 0.0f64;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !(letter.is_ascii_digit() || letter == '.'))?;
        let number: f64 = rest[..end].parse().ok()?;
        let unit =
            rest[end..].find(|letter: char| letter.is_ascii_digit()).map_or(rest.len(), |next| end + next);
        total += number
            * match &rest[end..unit] {
                "ns" => 1e-9,
                "us" | "µs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    (!text.trim().is_empty() && total <= f64::from(u32::MAX)).then_some(total.ceil() as u32)
}
