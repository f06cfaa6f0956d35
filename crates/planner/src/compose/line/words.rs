//! The words of simple commands, and what a command does for those beside it.

use packwright_shell_syntax::{Compound, Dialect, List, ShellCommand, Word, WordPart, parse};

/// What a part does for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compose) enum Kind {
    /// It says how those behind it run.
    Prepares,
    /// It says whether those behind it run.
    Asks,
    /// It changes nothing.
    Idle,
    /// It does the work.
    Works,
}

/// A simple command.
pub(super) struct SimpleCommand {
    /// Its words without quotes, variables that are set for it and redirections.
    pub(super) words: Vec<String>,
    /// Whether it writes into files or runs other commands for its words.
    does_more: bool,
}

/// The simple commands at the top of a text.
pub(super) fn commands(text: &str) -> Vec<SimpleCommand> {
    let list = parse(text, Dialect::Bash).list;
    let commands = list.into_iter().flat_map(|entry| entry.pipeline.commands);
    let simple = |command| match command {
        ShellCommand::Simple(simple) => Some(SimpleCommand {
            words: simple.unquoted(),
            does_more: !simple.redirections.is_empty() || simple.words.iter().any(runs),
        }),
        ShellCommand::Compound(Compound::Test, _) => {
            Some(SimpleCommand { words: vec!["[[".to_owned()], does_more: false })
        }
        ShellCommand::Compound(..) => None,
    };
    commands.filter_map(simple).collect()
}

/// Whether a word has a command in it.
fn runs(word: &Word) -> bool {
    word.parts.iter().any(|part| match part {
        WordPart::Substitution { .. } | WordPart::Other { .. } => true,
        WordPart::Parameter { operation, .. } => operation.word().is_some_and(runs),
        _ => false,
    })
}

/// The words of commands; none where variables alone are set.
pub(super) fn of(commands: Vec<SimpleCommand>) -> Vec<Vec<String>> {
    commands.into_iter().map(|command| command.words).filter(|words| !words.is_empty()).collect()
}

/// What a simple command or a pipeline does for those beside it.
pub(super) fn kind(commands: &[SimpleCommand]) -> Kind {
    let [SimpleCommand { words, does_more }] = commands else { return Kind::Works };
    match words.first().map(String::as_str) {
        None if *does_more => Kind::Works,
        None => Kind::Prepares,
        Some(
            "set" | "export" | "unset" | "umask" | "ulimit" | "shopt" | "cd" | "pushd" | "popd" | "source"
            | "." | "trap" | "alias" | "declare" | "typeset" | "readonly" | "shift",
        ) => Kind::Prepares,
        Some("[" | "[[" | "test" | "command" | "which" | "type" | "hash") => Kind::Asks,
        Some("true" | ":" | "echo" | "printf") if !does_more => Kind::Idle,
        // The end of a script that has come so far.
        Some("exit" | "return") if matches!(words.get(1).map(String::as_str), None | Some("0" | "$?")) => {
            Kind::Idle
        }
        Some(_) => Kind::Works,
    }
}

/// Whether a preparation says how its own shell goes on, and nothing to programs.
pub(super) fn is_of_shell(words: &[String]) -> bool {
    match words.first().map(String::as_str) {
        // That a shell exports what it reads is for programs.
        Some("set") => !exports_all(&words[1..]),
        Some("trap" | "shopt" | "alias" | "shift") => true,
        _ => false,
    }
}

fn exports_all(options: &[String]) -> bool {
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let Some(letters) = option.strip_prefix(['-', '+']) else { return false };
        if letters.contains('a')
            || letters.ends_with('o') && options.next().is_some_and(|name| name == "allexport")
        {
            return true;
        }
    }
    false
}

/// Whether a command makes its shell end at the first failure.
pub(super) fn stops_at_failure(words: &[String]) -> bool {
    let Some("set") = words.first().map(String::as_str) else { return false };
    words.iter().skip(1).any(|word| word == "errexit" || is_flag(word, 'e'))
}

/// Whether a word has the one-letter option `letter`.
pub(super) fn is_flag(word: &str, letter: char) -> bool {
    word.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains(letter))
}

/// Whether an alternative, that what is behind `||`, does nothing but say something or give up.
pub(super) fn is_harmless(text: &str) -> bool {
    let script = parse(text, Dialect::Bash);
    script.rest.is_none() && list_is_harmless(&script.list)
}

fn list_is_harmless(list: &List) -> bool {
    list.iter().flat_map(|entry| &entry.pipeline.commands).all(|command| match command {
        ShellCommand::Simple(simple) => matches!(
            simple.unquoted().first().map(String::as_str),
            Some("true" | ":" | "echo" | "printf" | "exit" | "return")
        ),
        ShellCommand::Compound(Compound::Group(list), _) => list_is_harmless(list),
        ShellCommand::Compound(..) => false,
    })
}
