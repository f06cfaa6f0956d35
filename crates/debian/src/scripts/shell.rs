//! Just enough of the shell's grammar to know every command a maintainer script could run: a
//! script in, its commands as a tree out. What it cannot read is an error with its line; it
//! must never guess. Runs nothing.
//!
//! Source: POSIX.1-2024, Shell Command Language, 2.2 to 2.10.

mod reader;
#[cfg(test)]
mod tests;
mod words;

/// One thing the shell does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// Assignments, a command with its arguments, redirections.
    Simple(Simple),
    /// Commands joined by pipes; more than one, or `!` before one.
    Pipeline {
        /// Whether `!` turns its outcome around.
        negated: bool,
        /// The commands.
        commands: Vec<Node>,
    },
    /// `left && right`.
    And(Box<Node>, Box<Node>),
    /// `left || right`.
    Or(Box<Node>, Box<Node>),
    /// `if … elif … else … fi`.
    If {
        /// Conditions with what follows them.
        branches: Vec<(Vec<Node>, Vec<Node>)>,
        /// What happens otherwise.
        otherwise: Vec<Node>,
    },
    /// `case … esac`.
    Case {
        /// What is looked at.
        word: Word,
        /// Patterns with what follows them.
        arms: Vec<(Vec<Word>, Vec<Node>)>,
    },
    /// `for name in words`; without `in`, no words and `arguments`.
    For {
        /// The variable.
        name: String,
        /// What it goes through.
        words: Vec<Word>,
        /// Whether it goes through the arguments instead.
        arguments: bool,
        /// The body.
        body: Vec<Node>,
    },
    /// `while` or `until`: the condition, then the body.
    While {
        /// The condition.
        condition: Vec<Node>,
        /// The body.
        body: Vec<Node>,
    },
    /// `{ … }`, perhaps with redirections.
    Group(Vec<Node>, Vec<Redirection>),
    /// `( … )`, perhaps with redirections.
    Subshell(Vec<Node>, Vec<Redirection>),
    /// `name() { … }`.
    Function {
        /// Its name.
        name: String,
        /// Its body.
        body: Box<Node>,
    },
}

/// A simple command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Simple {
    /// `name=word` before the command.
    pub(crate) assignments: Vec<(String, Word)>,
    /// The command and its arguments.
    pub(crate) words: Vec<Word>,
    /// Where its input and output go.
    pub(crate) redirections: Vec<Redirection>,
    /// The command as written, on one line.
    pub(crate) text: String,
}

/// A redirection to or from a file; those between descriptors do nothing and are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redirection {
    /// Whether the file is written.
    pub(crate) writes: bool,
    /// The file.
    pub(crate) target: Word,
    /// The redirection as written.
    pub(crate) text: String,
}

/// A word before expansion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) Vec<Part>);

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text as it is; `quoted` text is no pattern.
    Text {
        /// The text.
        text: String,
        /// Whether it was quoted.
        quoted: bool,
    },
    /// `$name`, `${name}`, `${name:-word}`.
    Parameter {
        /// The name: a variable's, a number, or a sign.
        name: String,
        /// What follows the name in braces.
        operation: Operation,
        /// Whether it was quoted.
        quoted: bool,
    },
    /// `$(…)` or backquotes: their commands.
    Substitution(Vec<Node>),
}

/// What `${name…}` does besides giving the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Nothing.
    Value,
    /// `${name:-word}`, `${name-word}` (and `=`): the word where there is no value.
    Default(Word),
    /// `${name:+word}`, `${name+word}`: the word where there is a value.
    Instead {
        /// The word.
        word: Word,
        /// Whether an empty value counts as none.
        empty_is_none: bool,
    },
    /// Anything else. Its words are kept for the commands in them.
    Other(Word),
}

/// What could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// The line, as written.
    pub(crate) line: String,
}

/// Reads a whole script.
pub(crate) fn read(script: &str) -> Result<Vec<Node>, Unreadable> {
    reader::Reader::new(script).script()
}

impl Word {
    /// The word when nothing in it needs expansion.
    pub(crate) fn literal(&self) -> Option<String> {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }
}
