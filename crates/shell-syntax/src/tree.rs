//! The commands of a script as a tree of values. What they do, and what their words expand to, is for
//! the callers.

use crate::parser::Dialect;
use crate::parts::Parts;

/// A script: its readable commands, and what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The commands up to the first that cannot be read.
    pub list: List,
    /// Where reading ended before the end of the text.
    pub rest: Option<Rest>,
}

impl Script {
    /// Its simple commands at any depth, those in blocks, functions and substitutions among them. A command
    /// comes before those in its own words.
    pub fn commands(&self) -> Vec<&Simple> {
        Found::of(self).commands
    }

    /// Its lists of commands at any depth.
    pub fn lists(&self) -> Vec<&List> {
        Found::of(self).lists
    }

    /// Its words at any depth: those of commands, values of assignments, targets of redirections, lists of
    /// loops, patterns, and words within words. Texts of here-documents are none.
    pub fn words(&self) -> Vec<&Word> {
        Found::of(self).words
    }
}

/// What a script holds at any depth, in its order.
#[derive(Default)]
struct Found<'a> {
    lists: Vec<&'a List>,
    commands: Vec<&'a Simple>,
    words: Vec<&'a Word>,
}

impl<'a> Found<'a> {
    fn of(script: &'a Script) -> Found<'a> {
        let mut found = Found::default();
        found.list(&script.list);
        found
    }

    fn list(&mut self, list: &'a List) {
        self.lists.push(list);
        list.iter().flat_map(|entry| &entry.pipeline.commands).for_each(|command| self.command(command));
    }

    fn command(&mut self, command: &'a ShellCommand) {
        let redirections = match command {
            ShellCommand::Simple(simple) => {
                self.commands.push(simple);
                let values = simple.assignments.iter().map(|(_, value)| value);
                values.chain(&simple.words).for_each(|word| self.word(word));
                &simple.redirections
            }
            ShellCommand::Compound(compound, redirections) => {
                self.compound(compound);
                redirections
            }
        };
        redirections.iter().for_each(|redirection| self.word(&redirection.target));
    }

    fn compound(&mut self, compound: &'a Compound) {
        match compound {
            Compound::If { branches, otherwise } => {
                let lists = branches.iter().flat_map(|(condition, body)| [condition, body]);
                lists.chain([otherwise]).for_each(|list| self.list(list));
            }
            Compound::Case { word, arms } => {
                self.word(word);
                for (patterns, list) in arms {
                    patterns.iter().for_each(|word| self.word(word));
                    self.list(list);
                }
            }
            Compound::For { words, body, .. } => {
                words.iter().flatten().for_each(|word| self.word(word));
                self.list(body);
            }
            Compound::While { condition, body } => {
                self.list(condition);
                self.list(body);
            }
            Compound::Group(list) | Compound::Subshell(list) => self.list(list),
            Compound::Function { body, .. } => self.command(body),
            Compound::Test | Compound::Arithmetic => {}
        }
    }

    fn word(&mut self, word: &'a Word) {
        self.words.push(word);
        for part in &word.parts {
            match part {
                WordPart::Substitution { script, .. } => self.list(&script.list),
                WordPart::Parameter { operation, .. } => {
                    operation.word().into_iter().for_each(|word| self.word(word));
                }
                _ => {}
            }
        }
    }
}

/// The part of a script that cannot be read: all from one command on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// What separates it from the command before.
    pub joint: Joint,
    /// The offset of the command in which reading ended, in bytes.
    pub start: usize,
    /// The offset at which reading ended.
    pub at: usize,
    /// The line at which reading ended, trimmed.
    pub line: String,
}

/// Commands in their order.
pub type List = Vec<ListItem>;

/// A pipeline in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListItem {
    /// What separates it from the one before; [`Joint::Newline`] for the first of a list. `&&` and `||`
    /// bind equally strongly, from left to right.
    pub joint: Joint,
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Whether `&` sends it, with all that `&&` and `||` join it to, to the background.
    pub is_background: bool,
}

impl ListItem {
    /// The simple command that it is; `None` for a pipeline of several, a compound, a job, and where the outcome
    /// is turned around.
    pub fn simple(&self) -> Option<&Simple> {
        match self.pipeline.commands.as_slice() {
            [ShellCommand::Simple(simple)] if !self.is_background && !self.pipeline.is_negated => {
                Some(simple)
            }
            _ => None,
        }
    }
}

/// What separates two commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;`
    Semicolon,
    /// `&`
    Background,
    /// A line end.
    Newline,
}

impl Joint {
    /// Whether the outcome of the one command decides if the other runs.
    pub fn is_conditional(self) -> bool {
        matches!(self, Joint::And | Joint::Or)
    }
}

/// Commands joined by `|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// Whether `!` turns its outcome around.
    pub is_negated: bool,
    /// Whether bash's `time` measures it.
    pub is_timed: bool,
    /// The commands; at least one.
    pub commands: Vec<ShellCommand>,
    /// The offset of its first byte.
    pub start: usize,
    /// The offset behind its last byte, here-documents that follow on later lines aside.
    pub end: usize,
    /// The offset behind the here-documents that are announced in it and follow behind its end.
    pub documents_end: Option<usize>,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShellCommand {
    /// Assignments, a program or builtin with its arguments, redirections.
    Simple(Simple),
    /// What holds other commands, with the redirections behind it.
    Compound(Compound, Vec<Redirection>),
}

/// A command that holds others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compound {
    /// `if … elif … else … fi`.
    If {
        /// Conditions, each with the commands behind its `then`.
        branches: Vec<(List, List)>,
        /// The commands behind `else`.
        otherwise: List,
    },
    /// `case … esac`.
    Case {
        /// The word that is compared.
        word: Word,
        /// Patterns, each group with its commands.
        arms: Vec<(Vec<Word>, List)>,
    },
    /// `for name in words`, or bash's `select`.
    For {
        /// The variable.
        name: String,
        /// The words; `None` without `in`, for the arguments.
        words: Option<Vec<Word>>,
        /// The commands between `do` and `done`.
        body: List,
    },
    /// `while` or `until`.
    While {
        /// The condition.
        condition: List,
        /// The commands between `do` and `done`.
        body: List,
    },
    /// `{ … }`
    Group(List),
    /// `( … )`
    Subshell(List),
    /// `name() …`
    Function {
        /// Its name.
        name: String,
        /// Its body.
        body: Box<ShellCommand>,
    },
    /// bash's `[[ … ]]`.
    Test,
    /// bash's `(( … ))` and `for (( … ))`.
    Arithmetic,
}

/// A simple command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simple {
    /// `name=word` before the command.
    pub assignments: Vec<(String, Word)>,
    /// The command and its arguments.
    pub words: Vec<Word>,
    /// Where its input and output go.
    pub redirections: Vec<Redirection>,
    /// The command as written, its white space as single blanks.
    pub text: String,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirection {
    /// Its operator, `>>` for example.
    pub operator: &'static str,
    /// The file, the number of a descriptor, or the delimiter of a here-document.
    pub target: Word,
    /// The redirection as written, its white space as single blanks.
    pub text: String,
}

/// A word before expansion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// The offset of its first byte in the text that was read.
    pub start: usize,
    /// As it is written.
    pub raw: String,
    /// What it consists of. `""` is an empty quoted text.
    pub parts: Vec<WordPart>,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WordPart {
    /// Text as it is; `is_quoted` text is no pattern.
    Text {
        /// The text without quotes and backslashes.
        text: String,
        /// Whether it was quoted.
        is_quoted: bool,
    },
    /// `$name`, `${name}`, `${name:-word}`.
    Parameter {
        /// The name: a variable's, a number, or a sign.
        name: String,
        /// What the braces hold besides the name.
        operation: Operation,
        /// Whether it stands in double quotes.
        is_quoted: bool,
        /// As it is written.
        raw: String,
    },
    /// `$(…)` or backquotes. Offsets within backquotes count in their unescaped text.
    Substitution {
        /// Their commands.
        script: Script,
        /// As it is written.
        raw: String,
    },
    /// What only some shells have, or no parser can know: `$'…'`, `$((…))`, `<(…)`, `(…)` of an array.
    Other {
        /// As it is written.
        raw: String,
    },
}

/// What `${name…}` does besides giving the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Nothing.
    Value,
    /// `${name:-word}`, `${name-word}` (and `=`): the word where there is no value.
    Default(Word),
    /// `${name:+word}`, `${name+word}`: the word where there is a value.
    Alternative {
        /// The word.
        word: Word,
        /// Whether an empty value counts as none.
        empty_is_none: bool,
    },
    /// Anything else. Its word is kept for the commands in it.
    Other(Word),
}

impl Operation {
    /// The word that it brings.
    pub fn word(&self) -> Option<&Word> {
        match self {
            Operation::Value => None,
            Operation::Default(word) | Operation::Other(word) | Operation::Alternative { word, .. } => {
                Some(word)
            }
        }
    }
}

impl Simple {
    /// Its words without their quotes, as [`Word::unquoted`] has them.
    pub fn unquoted(&self) -> Vec<String> {
        self.words.iter().map(Word::unquoted).collect()
    }
}

impl Word {
    /// A written word, a token's text for example. A text with an open quote is one part as it is written.
    pub fn read(raw: &str) -> Word {
        let parts = Parts { text: raw, dialect: Dialect::Bash, depth: 0 };
        let other = WordPart::Other { raw: raw.to_owned() };
        parts.word(0, raw.len(), false).unwrap_or_else(|_| Word {
            start: 0,
            raw: raw.to_owned(),
            parts: vec![other],
        })
    }

    /// The text that the word stands for; `None` when something in it is expanded. Patterns and `~` count
    /// as text: [`Word::has_patterns`] tells of them.
    pub fn literal(&self) -> Option<String> {
        let text = |part: &WordPart| match part {
            WordPart::Text { text, .. } => Some(text.clone()),
            _ => None,
        };
        self.parts.iter().map(text).collect()
    }

    /// The word without its quotes; what would be expanded stays as it is written.
    pub fn unquoted(&self) -> String {
        let text = |part: &WordPart| match part {
            WordPart::Text { text, .. } => text.clone(),
            WordPart::Parameter { raw, .. }
            | WordPart::Substitution { raw, .. }
            | WordPart::Other { raw } => raw.clone(),
        };
        self.parts.iter().map(text).collect()
    }

    /// Whether unquoted text in it may stand for the names of files, for a home directory or for several words.
    pub fn has_patterns(&self) -> bool {
        self.raw.starts_with('~')
            || self.parts.iter().any(
                |part| matches!(part, WordPart::Text { text, is_quoted: false } if text.contains(['*', '?', '[', ']', '{', '}', '!'])),
            )
    }

    /// Whether a part of it was quoted.
    pub fn is_quoted(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, WordPart::Text { is_quoted: true, .. }))
    }

    /// The name of the variable that the word sets when it stands before a command: `name=…` or bash's `name+=…`.
    pub fn assigned(&self) -> Option<&str> {
        assigned(&self.raw)
    }
}

/// The name of the variable that a written word sets.
pub(crate) fn assigned(raw: &str) -> Option<&str> {
    let (name, _) = raw.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins = !name.starts_with(|first: char| first.is_ascii_digit()) && !name.is_empty();
    (begins && name.bytes().all(is_name)).then_some(name)
}
