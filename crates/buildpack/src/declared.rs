//! Commands that platform files declare: what a command is to a language, by rows of words, and the
//! declared build in the place of what would be detected. Runs nothing and expands nothing.

use packwright_planner::{
    Command, CommandKind, Component, Decision, DeclaredBuild, Origin, Overridden, Requested, Task,
};
use packwright_shell_syntax::{self as syntax, Dialect, Joint, parse};

/// Words that stand one after the other.
pub type Words = &'static [&'static str];

/// The commands of a language. Programs are compared without the directory before them.
#[derive(Debug, Clone, Copy)]
pub struct Commands {
    /// Programs that run others in the environment of a project, as the words before the other's:
    /// `poetry run`. They are not there in an image.
    pub runners: &'static [Words],
    /// Whether a program runs files and, with `-m`, modules of the language.
    pub is_interpreter: fn(&str) -> bool,
    /// Other programs of the language.
    pub programs: Words,
    /// Commands that only prepare to install, as words at their start.
    pub prepares: &'static [Words],
    /// Commands that install, as words at their start; options may stand between the words.
    pub installs: &'static [Words],
    /// Commands that install when they have no other word: `yarn`.
    pub installs_alone: Words,
    /// Options of those that are followed by a value.
    pub with_value: Words,
    /// Options of those that install into a directory of its own, which no step of the plan does.
    pub into: Words,
    /// Packages that are installers themselves: the plan's own steps have what they need.
    pub installers: Words,
    /// Programs that change databases, besides the language's other programs.
    pub migrators: Words,
    /// Commands that change a database, as words that stand anywhere in them.
    pub migrations: &'static [Words],
}

impl Commands {
    /// A language without commands.
    pub const NONE: Commands = Commands {
        runners: &[],
        is_interpreter: |_| false,
        programs: &[],
        prepares: &[],
        installs: &[],
        installs_alone: &[],
        with_value: &[],
        into: &[],
        installers: &[],
        migrators: &[],
        migrations: &[],
    };

    /// What a simple command is to the language, by its words; `None` when it is not the language's.
    pub fn classify(&self, words: &[String]) -> Option<CommandKind> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let words = self.inner(&words);
        let program = base(words.first()?);
        let is_interpreter = (self.is_interpreter)(program);
        let is_known = is_interpreter || self.programs.contains(&program);
        if is_known || self.migrators.contains(&program) {
            let found = |wanted: &Words| words.windows(wanted.len()).any(|part| same(part, wanted));
            if self.migrations.iter().any(found) {
                return Some(CommandKind::Releases);
            }
        }
        let called = match words {
            [_, "-m", module @ ..] if is_interpreter => module,
            _ => words,
        };
        let alone = |program: &&str| called.len() == 1 && called[0] == *program;
        if self.installs_alone.iter().any(alone)
            || self.prepares.iter().any(|row| begins(called, row).is_some())
        {
            return Some(CommandKind::Installs);
        }
        if let Some(arguments) = self.installs.iter().find_map(|row| begins(called, row)) {
            return Some(match self.names_nothing_new(arguments) {
                true => CommandKind::Installs,
                false => CommandKind::Runs,
            });
        }
        is_known.then_some(CommandKind::Runs)
    }

    /// The command behind a runner.
    pub fn inner<'a, 'b>(&self, words: &'a [&'b str]) -> &'a [&'b str] {
        let runs = |runner: &&Words| words.len() > runner.len() && words.starts_with(runner);
        self.runners.iter().find(runs).map_or(words, |runner| &words[runner.len()..])
    }

    /// A declared command as it starts in the image, where its runner is not there; `None` where
    /// nothing changes.
    pub fn launch(&self, command: &Command) -> Option<Command> {
        let launched = match command {
            Command::Exec(words) => {
                let borrowed: Vec<&str> = words.iter().map(String::as_str).collect();
                Command::Exec(self.inner(&borrowed).iter().map(|&word| word.to_owned()).collect())
            }
            Command::Shell(line) => Command::Shell(self.without_runners(line)),
        };
        Some(launched).filter(|launched| launched != command)
    }

    /// `line` without the runners that stand where a command starts. What only looks like one, as a quoted text
    /// or an argument, stays.
    fn without_runners(&self, line: &str) -> String {
        let script = parse(line, Dialect::Bash);
        let mut removed: Vec<std::ops::Range<usize>> = script
            .commands()
            .into_iter()
            .filter_map(|command| {
                let skipped = command.words.iter().take_while(|word| word.raw == "exec").count();
                let words = &command.words[skipped..];
                let raw: Vec<&str> = words.iter().map(|word| word.raw.as_str()).collect();
                let inner = self.inner(&raw);
                let (first, next) = (words.first()?, &words[words.len() - inner.len()..].first()?.start);
                // Offsets in backquotes count in a text of their own.
                line[first.start..].starts_with(&first.raw).then_some(first.start..*next)
            })
            .collect();
        removed.sort_by_key(|range| std::cmp::Reverse(range.start));
        let mut line = line.to_owned();
        removed.into_iter().for_each(|range| line.replace_range(range, ""));
        line
    }

    /// Whether an installer is given nothing but manifests, the project itself and installers.
    fn names_nothing_new(&self, arguments: &[&str]) -> bool {
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            if self.into.contains(&argument.split('=').next().unwrap_or_default()) {
                return false;
            }
            if self.with_value.contains(argument) {
                arguments.next();
                continue;
            }
            let is_own = argument.starts_with('-')
                || *argument == "."
                || argument.starts_with("./")
                || argument.starts_with(".[");
            if !is_own && !self.installers.contains(&package(argument)) {
                return false;
            }
        }
        true
    }
}

/// A program without the directory before it.
fn base(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

fn same(words: &[&str], wanted: &[&str]) -> bool {
    words.len() == wanted.len() && words.iter().zip(wanted).all(|(word, wanted)| base(word) == *wanted)
}

/// What follows `row` at the start of `words`; options before a word of the row are passed over.
fn begins<'a, 'b>(words: &'a [&'b str], row: &[&str]) -> Option<&'a [&'b str]> {
    let mut rest = words;
    for wanted in row {
        while let Some((first, more)) = rest.split_first()
            && first.starts_with('-')
            && !wanted.starts_with('-')
        {
            rest = more;
        }
        let (first, more) = rest.split_first()?;
        if base(first) != *wanted {
            return None;
        }
        rest = more;
    }
    Some(rest)
}

/// The name of a package without version and extras; `@scope/name` keeps its first letter.
fn package(word: &str) -> &str {
    let end =
        word.char_indices().skip(1).find(|(_, c)| matches!(c, '=' | '<' | '>' | '~' | '!' | '[' | ';' | '@'));
    end.map_or(word, |(at, _)| &word[..at])
}

/// The declared build's own commands, in order.
pub fn commands(build: &DeclaredBuild) -> impl Iterator<Item = &Requested<Command>> {
    build.before.iter().chain(&build.after)
}

/// The commands of a step that builds: the declared ones around `detected`, or in its place. Without a
/// declared build they are `detected`.
///
/// A language that runs them says so with [`BuildRunner::Buildpack`](packwright_planner::BuildRunner) in
/// its proposal, and then runs all of them, also where it builds nothing itself. For any other the planner
/// runs them, in a step without the language's packages. No commands come out where the declared build only
/// installs.
pub fn around(build: Option<&DeclaredBuild>, detected: Vec<Command>) -> Vec<Command> {
    let Some(DeclaredBuild { before, detected: is_kept, after }) = build else { return detected };
    let values = |commands: &[Requested<Command>]| -> Vec<Command> {
        commands.iter().map(|command| command.value.clone()).collect()
    };
    let detected = if *is_kept { detected } else { Vec::new() };
    [values(before), detected, values(after)].concat()
}

/// The decision about the build command, where platform files declare the build: the declared
/// commands, or nothing. `replaced` is what would have been detected and is not done.
pub fn decision(model: &Component, replaced: Option<Overridden>) -> Option<Decision> {
    let build = model.build.as_ref()?;
    let lines: Vec<String> = commands(build).map(|command| command.value.to_string()).collect();
    let first = commands(build).next().map(|command| command.origin.clone());
    match first {
        Some(origin) => Some(Decision::new("build command", lines.join(" && "), origin).over(replaced)),
        // What the file declares is done by the steps that install, and nothing is built.
        None => replaced.map(|lost| Decision::new("build command", "nothing", origin(model)).over([lost])),
    }
}

/// Where the declared build begins.
pub fn origin(model: &Component) -> Origin {
    let tasks = model.phases.iter().flat_map(|phase| &phase.tasks);
    let mut origins = tasks.filter_map(|task| match task {
        Task::Run(command) => Some(command.origin.clone()),
        Task::Detected => None,
    });
    origins.next().unwrap_or_else(|| Origin::Default("the declared build has no commands".to_owned()))
}

/// A command that may stand in a chain: a line with more than one command is a group, and one that
/// leaves its directory does so for itself.
pub fn grouped(command: &Command) -> String {
    let Command::Shell(text) = command else { return command.to_string() };
    let script = parse(text, Dialect::Bash);
    let leaves = |command: &syntax::ShellCommand| match command {
        syntax::ShellCommand::Simple(simple) => simple.words.first().is_some_and(|word| word.raw == "cd"),
        syntax::ShellCommand::Compound(..) => false,
    };
    let is_chain = script.rest.is_none()
        && !text.contains('\n')
        && script.list.iter().enumerate().all(|(at, entry)| at == 0 || entry.joint == Joint::And)
        && script.list.iter().all(|entry| entry.pipeline.commands.len() == 1 && !entry.is_background);
    match script.list.iter().flat_map(|entry| &entry.pipeline.commands).any(leaves) {
        true => format!("( {}\n)", text.trim_end()),
        false if is_chain => text.clone(),
        false => format!("{{ {}\n}}", text.trim_end()),
    }
}

#[cfg(test)]
mod tests;
