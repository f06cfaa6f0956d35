//! The programs that a command certainly starts, from its text alone. Looks at no file, and leaves out what only a
//! running shell knows.

use std::collections::BTreeSet;

use packwright_planner::{BUILTINS, Command, is_shell};
use packwright_shell_syntax::{Compound, Dialect, Joint, List, ListItem, ShellCommand, Simple, Word, parse};

use crate::place::absolute;
use crate::wrapper::{Wrapped, opened, wrapped};

/// A program that a command starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    /// As it is written, without quotes.
    pub(crate) word: String,
    /// The directory it is started in, absolute; `None` when that is not known.
    pub(crate) dir: Option<String>,
    /// Whether a program was started before it, which may have made it.
    pub(crate) follows: bool,
    /// Whether the command itself may say where libraries are.
    pub(crate) has_own_libraries: bool,
    /// Its arguments; `None` for one that the shell would expand.
    pub(crate) arguments: Vec<Option<String>>,
}

/// Where a command is started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The working directory, an absolute path.
    pub(crate) dir: &'a str,
    /// Whether bash reads a file before anything else (`BASH_ENV`), which may change every variable.
    pub(crate) has_bash_env: bool,
}

/// The programs that `command` starts at `place`, in their order. Programs that are found by name are left out where
/// `PATH` is not the image's.
pub(crate) fn programs(command: &Command, place: Place<'_>) -> Vec<Program> {
    let mut walk = Walk {
        dir: Some(place.dir.to_owned()),
        follows: false,
        known: Known::ALL,
        is_changed: false,
        has_bash_env: place.has_bash_env,
        functions: BTreeSet::new(),
        found: Vec::new(),
    };
    match command {
        Command::Exec(words) => walk.words(&words.iter().cloned().map(Some).collect::<Vec<_>>()),
        Command::Shell(line) => {
            if place.has_bash_env {
                walk.known = Known::NOTHING;
            }
            walk.script(line);
        }
    }
    walk.found
}

/// Of which variables the image's own value is the one that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    /// `PATH`, by which programs are found.
    path: bool,
    /// `LD_LIBRARY_PATH`, by which libraries are.
    libraries: bool,
}

impl Known {
    const ALL: Known = Known { path: true, libraries: true };
    const NOTHING: Known = Known { path: false, libraries: false };

    /// After the variable `name` was set.
    fn without(self, name: &str) -> Known {
        Known { path: self.path && name != "PATH", libraries: self.libraries && name != "LD_LIBRARY_PATH" }
    }
}

/// What is known at one place of a command.
#[derive(Clone)]
struct Walk {
    dir: Option<String>,
    follows: bool,
    known: Known,
    /// Whether a command changed what is known for those behind it.
    is_changed: bool,
    has_bash_env: bool,
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
        let before = self.known;
        self.known = simple.assignments.iter().fold(before, |known, (name, _)| known.without(name));
        let words: Vec<Option<String>> = simple.words.iter().map(literal).collect();
        if words.is_empty() {
            return Then::GoesOn;
        }
        self.is_changed = false;
        let then = self.shell_words(&words);
        // Assignments are for that command alone, unless it changes variables itself.
        if !self.is_changed {
            self.known = before;
        }
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
                self.is_changed = true;
                for word in arguments {
                    self.known = word.as_ref().map_or(Known::NOTHING, |word| {
                        self.known.without(word.split('=').next().unwrap_or_default())
                    });
                }
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
        if !word.is_empty() && (word.contains('/') || self.known.path) {
            self.found.push(Program {
                word: word.clone(),
                dir: self.dir.clone(),
                follows: self.follows,
                has_own_libraries: !self.known.libraries,
                arguments: arguments.to_vec(),
            });
        }
        let name = word.rsplit('/').next().unwrap_or(word);
        if is_shell(word) {
            if let Some(opened) = opened(arguments) {
                let mut own = Walk { found: Vec::new(), ..self.clone() };
                if opened.reads_profile || name == "bash" && self.has_bash_env {
                    own.known = Known::NOTHING;
                }
                own.script(opened.text);
                self.found.extend(own.found);
            }
        } else if let Some(Wrapped { sets, rest }) = wrapped(name, arguments) {
            let before = self.known;
            self.known = sets.into_iter().fold(before, Known::without);
            self.words(rest);
            self.known = before;
        }
        self.follows = true;
    }

    /// What may run, and may change what is known.
    fn unknown(&mut self, item: &ListItem) {
        let moves = |command: &ShellCommand| match command {
            ShellCommand::Simple(simple) => {
                let first = simple.words.first().map(Word::unquoted);
                simple.words.is_empty()
                    && simple.assignments.iter().any(|(name, _)| Known::ALL.without(name) != Known::ALL)
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
        self.known = Known::NOTHING;
        self.is_changed = true;
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
