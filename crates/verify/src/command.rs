//! The programs that a command certainly starts, from its text alone. Looks at no file, and leaves out what only a
//! running shell knows.

use std::collections::BTreeSet;

use packwright_planner::{BUILTINS, Command, is_shell};
use packwright_shell_syntax::{Compound, Dialect, Joint, List, ListItem, ShellCommand, Simple, Word, parse};

use crate::place::absolute;

/// A program that a command starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    /// As it is written, without quotes.
    pub(crate) word: String,
    /// The directory it is started in, absolute; `None` when that is not known.
    pub(crate) dir: Option<String>,
    /// Whether a program was started before it, which may have made it.
    pub(crate) follows: bool,
}

/// The programs that `command` starts in `dir`, an absolute path, in their order. Programs that are found by name are
/// left out where `PATH` is not the image's.
pub(crate) fn programs(command: &Command, dir: &str) -> Vec<Program> {
    let mut walk = Walk {
        dir: Some(dir.to_owned()),
        follows: false,
        knows_path: true,
        in_shell: false,
        functions: BTreeSet::new(),
        found: Vec::new(),
    };
    match command {
        Command::Exec(words) => walk.words(&words.iter().cloned().map(Some).collect::<Vec<_>>()),
        Command::Shell(line) => walk.script(line),
    }
    walk.found
}

/// What is known at one place of a command.
#[derive(Clone)]
struct Walk {
    dir: Option<String>,
    follows: bool,
    /// Whether names are looked up in the image's `PATH`.
    knows_path: bool,
    /// Whether a shell reads the words: it has commands of its own.
    in_shell: bool,
    functions: BTreeSet<String>,
    found: Vec<Program>,
}

/// Whether what comes next is reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    GoesOn,
    Ends,
}

impl Walk {
    fn script(&mut self, text: &str) {
        self.in_shell = true;
        let script = parse(text, Dialect::Bash);
        self.list(&script.list);
    }

    fn list(&mut self, list: &List) -> Then {
        let mut rest = list.as_slice();
        while let [first, behind @ ..] = rest {
            let joined = behind.iter().take_while(|item| item.joint.is_conditional()).count();
            let chain = &rest[..=joined];
            rest = &rest[joined + 1..];
            if self.chain(first, chain) == Then::Ends {
                return Then::Ends;
            }
        }
        Then::GoesOn
    }

    /// Commands that are joined by `&&` and `||`.
    fn chain(&mut self, first: &ListItem, chain: &[ListItem]) -> Then {
        // What fails beside `||` is meant to be able to.
        if chain.iter().any(|item| item.joint == Joint::Or && !std::ptr::eq(item, first)) {
            chain.iter().for_each(|item| self.unknown(item));
            return Then::GoesOn;
        }
        for (at, item) in chain.iter().enumerate() {
            if item.pipeline.is_negated || is_test(item) {
                chain[at..].iter().for_each(|item| self.unknown(item));
                return Then::GoesOn;
            }
            if self.item(item) == Then::Ends {
                return Then::Ends;
            }
        }
        Then::GoesOn
    }

    fn item(&mut self, item: &ListItem) -> Then {
        match item.pipeline.commands.as_slice() {
            [only] if !item.is_background => self.command(only),
            several => {
                // Each in a shell of its own, at the same time.
                for command in several {
                    let mut own = Walk { found: Vec::new(), ..self.clone() };
                    own.command(command);
                    self.found.extend(own.found);
                }
                self.follows = true;
                Then::GoesOn
            }
        }
    }

    fn command(&mut self, command: &ShellCommand) -> Then {
        match command {
            ShellCommand::Simple(simple) => self.simple(simple),
            ShellCommand::Compound(Compound::Group(list), _) => self.list(list),
            ShellCommand::Compound(Compound::Subshell(list), _) => {
                let mut own = Walk { found: Vec::new(), ..self.clone() };
                own.list(list);
                self.found.extend(own.found);
                self.follows = true;
                Then::GoesOn
            }
            ShellCommand::Compound(Compound::Function { name, .. }, _) => {
                self.functions.insert(name.clone());
                Then::GoesOn
            }
            ShellCommand::Compound(..) => {
                self.anything();
                Then::GoesOn
            }
        }
    }

    fn simple(&mut self, simple: &Simple) -> Then {
        let sets_path = simple.assignments.iter().any(|(name, _)| name == "PATH");
        let words: Vec<Option<String>> = simple.words.iter().map(literal).collect();
        if words.is_empty() {
            self.knows_path &= !sets_path;
            return Then::GoesOn;
        }
        let knew = self.knows_path;
        self.knows_path &= !sets_path;
        let then = self.shell_words(&words);
        // For that command alone, unless it changed more.
        self.knows_path |= knew && sets_path && then == Then::GoesOn && self.dir.is_some();
        then
    }

    /// The words of a simple command of a shell.
    fn shell_words(&mut self, words: &[Option<String>]) -> Then {
        let [Some(name), arguments @ ..] = words else {
            self.anything();
            return Then::GoesOn;
        };
        match name.as_str() {
            name if self.functions.contains(name) => self.anything(),
            "cd" => self.dir = self.moved(arguments),
            "pushd" | "popd" => self.dir = None,
            "source" | "." | "eval" | "trap" => self.anything(),
            "export" | "declare" | "typeset" | "local" | "readonly" | "unset" => {
                let names_path =
                    |word: &Option<String>| word.as_ref().is_none_or(|word| word.starts_with("PATH"));
                self.knows_path &= !arguments.iter().any(names_path);
            }
            "exit" | "return" => return Then::Ends,
            "exec" if arguments.is_empty() => {}
            "exec" => {
                self.words(arguments);
                return Then::Ends;
            }
            "command"
                if arguments
                    .first()
                    .is_some_and(|word| word.as_ref().is_none_or(|word| word.starts_with('-'))) => {}
            "command" => self.words(arguments),
            name if BUILTINS.binary_search(&name).is_ok() => {}
            _ => self.words(words),
        }
        Then::GoesOn
    }

    /// Where `cd` leads.
    fn moved(&self, arguments: &[Option<String>]) -> Option<String> {
        match arguments {
            [Some(dir)] if !dir.starts_with('-') => Some(absolute(self.dir.as_ref()?, dir)),
            _ => None,
        }
    }

    /// A program with its arguments.
    fn words(&mut self, words: &[Option<String>]) {
        let [Some(word), arguments @ ..] = words else {
            self.anything();
            return;
        };
        if !word.is_empty() && (word.contains('/') || self.knows_path) {
            let program = Program { word: word.clone(), dir: self.dir.clone(), follows: self.follows };
            self.found.push(program);
        }
        let name = word.rsplit('/').next().unwrap_or(word);
        match arguments {
            [Some(option), Some(text), ..] if is_shell(word) && opens_text(option) => {
                let mut own = Walk { found: Vec::new(), ..self.clone() };
                own.script(text);
                self.found.extend(own.found);
            }
            arguments => {
                if let Some(rest) = wrapped(name, arguments) {
                    self.words(rest);
                }
            }
        }
        self.follows = true;
    }

    /// What may run, and may change what is known.
    fn unknown(&mut self, item: &ListItem) {
        let moves = |command: &ShellCommand| match command {
            ShellCommand::Simple(simple) => {
                let first = simple.words.first().map(Word::unquoted);
                simple.words.is_empty() && simple.assignments.iter().any(|(name, _)| name == "PATH")
                    || first.is_some_and(|name| {
                        ["cd", "pushd", "popd", "source", ".", "eval", "export"].contains(&name.as_str())
                    })
            }
            ShellCommand::Compound(..) => true,
        };
        if item.pipeline.commands.iter().any(moves) {
            self.anything();
        }
        self.follows = true;
    }

    /// After a command that may do anything.
    fn anything(&mut self) {
        self.dir = None;
        self.knows_path = false;
        self.follows = true;
    }
}

/// The text that a word stands for; `None` when the shell would expand it.
fn literal(word: &Word) -> Option<String> {
    word.literal().filter(|_| !word.has_patterns())
}

/// Whether the item only asks something, so that what follows it is conditional.
fn is_test(item: &ListItem) -> bool {
    const TESTS: &[&str] = &["[", "test", "[[", "command", "type", "hash", "which", "grep", "pgrep", "false"];
    match item.pipeline.commands.last() {
        Some(ShellCommand::Simple(simple)) => {
            let words = simple.unquoted();
            let asks = words.first().is_some_and(|name| TESTS.contains(&name.as_str()));
            // `command NAME` runs it.
            asks && (words[0] != "command" || words.get(1).is_some_and(|word| word.starts_with('-')))
        }
        Some(ShellCommand::Compound(compound, _)) => {
            matches!(compound, Compound::Test | Compound::Arithmetic)
        }
        None => false,
    }
}

/// Whether a shell's option makes the next word its script.
fn opens_text(option: &str) -> bool {
    option.starts_with('-') && !option.starts_with("--") && option.ends_with('c')
}

/// The command that the program `name` starts in turn, where its arguments say so plainly.
///
/// Source: POSIX.1-2024 (env, nice, nohup, timeout), GNU coreutils 9 (stdbuf), util-linux (setsid), the manuals of
/// tini and dumb-init.
fn wrapped<'a>(name: &str, arguments: &'a [Option<String>]) -> Option<&'a [Option<String>]> {
    let (flags, takes): (&[&str], &[&str]) = match name {
        "env" => (&[], &["-u"]),
        "nohup" => (&[], &[]),
        "nice" => (&[], &["-n"]),
        "stdbuf" => (&[], &["-i", "-o", "-e"]),
        "setsid" => (&["-c", "-f", "-w"], &[]),
        "timeout" => (&["--foreground", "--preserve-status", "-v"], &["-k", "-s"]),
        "tini" => (&["-s", "-g", "-v", "-vv", "-vvv", "-w"], &["-p", "-e"]),
        "dumb-init" => (&["-c", "-v", "--single-child", "--verbose"], &["-r"]),
        _ => return None,
    };
    let mut rest = arguments;
    loop {
        let [Some(word), behind @ ..] = rest else { return None };
        match word.as_str() {
            "--" => {
                rest = behind;
                break;
            }
            word if flags.contains(&word) => rest = behind,
            word if takes.contains(&word) => rest = behind.get(1..)?,
            word if word.starts_with('-') => {
                // A value that is written onto its option.
                takes
                    .iter()
                    .find(|option| word.len() > 2 && !word.starts_with("--") && word.starts_with(**option))?;
                rest = behind;
            }
            _ => break,
        }
    }
    if name == "env" {
        while let [Some(word), behind @ ..] = rest {
            let Some((variable, _)) = word.split_once('=') else { break };
            if variable == "PATH" {
                return None;
            }
            rest = behind;
        }
    }
    if name == "timeout" {
        rest = rest.get(1..)?;
    }
    (!rest.is_empty()).then_some(rest)
}
