//! The grammar of a Dockerfile: from text to instructions with their lines. It knows line syntax, and
//! nothing about the effect of an instruction.
//!
//! It is written here because the kept crates for this stop short of files as they are:
//! `dockerfile-parser` knows no here-documents; `parse-dockerfile` only those in front of a command
//! (not `RUN python3 <<EOF`), gives up at the first line it does not know, and leaves continuation
//! lines and variables as they are.
//!
//! Source: docs.docker.com, "Dockerfile reference", "Format", "Parser directives",
//! "Here-documents"; moby/buildkit, `frontend/dockerfile/parser`.

use packwright_documents::{Content, json_strict};

use super::word;

/// A Dockerfile as a list of instructions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    /// The instructions in order.
    pub(super) instructions: Vec<Instruction>,
    /// What is no instruction: the line, and what is wrong with it.
    pub(super) problems: Vec<(u32, String)>,
    /// The character that escapes: `\`, or a backtick.
    pub(super) escape: char,
}

/// An instruction, continuation lines joined.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    /// Its name in capitals: `RUN`.
    pub(super) name: String,
    /// Its flags without dashes, and their values.
    pub(super) flags: Vec<(String, String)>,
    /// What is behind the name and the flags.
    pub(super) rest: Joined,
    /// The texts of its here-documents.
    pub(super) documents: Vec<Joined>,
    /// The line of its name.
    pub(super) line: u32,
}

/// A text of several lines as one, that knows which part is from which line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Joined {
    /// The text.
    pub(super) text: String,
    /// Where the parts of a line start, and the line.
    starts: Vec<(usize, u32)>,
}

/// The two forms of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// A list of words in JSON.
    Exec(Vec<String>),
    /// A line for a shell.
    Shell(String),
}

/// The names of all instructions.
const NAMES: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// The instructions that have flags.
const FLAGGED: &[&str] = &["ADD", "COPY", "FROM", "HEALTHCHECK", "RUN"];

/// The directives that comments at the top may be.
const DIRECTIVES: &[&str] = &["syntax", "escape", "check"];

impl Joined {
    /// The line of the byte at `at`.
    pub(super) fn line(&self, at: usize) -> u32 {
        let part = self.starts.partition_point(|(start, _)| *start <= at);
        part.checked_sub(1).and_then(|part| self.starts.get(part)).map_or(1, |(_, line)| *line)
    }

    fn push(&mut self, text: &str, line: u32) {
        self.starts.push((self.text.len(), line));
        self.text.push_str(text);
    }

    /// What is left behind the first `bytes`, blanks at its ends aside.
    fn behind(&self, bytes: usize) -> Joined {
        let tail = self.text.get(bytes..).unwrap_or_default();
        let cut = bytes + (tail.len() - tail.trim_start().len());
        let first = self.line(cut);
        let later = self.starts.iter().filter(|(start, _)| *start > cut);
        let starts =
            std::iter::once((0, first)).chain(later.map(|(start, line)| (start - cut, *line))).collect();
        Joined { text: tail.trim().to_owned(), starts }
    }
}

impl Instruction {
    /// Its argument as a command: JSON where it is a list of texts, a line for the shell otherwise.
    pub(super) fn form(&self) -> Form {
        form(&self.rest.text)
    }

    /// The value of the flag called `name`.
    pub(super) fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A text as a command.
pub(super) fn form(text: &str) -> Form {
    match list(text) {
        Some(words) => Form::Exec(words),
        None => Form::Shell(text.to_owned()),
    }
}

/// The words of a list in JSON. What follows the list is not looked at, as in BuildKit.
pub(super) fn list(text: &str) -> Option<Vec<String>> {
    let value = json_strict(&text[..end_of_list(text)?]).ok()?;
    let Content::List(items) = &value.content else { return None };
    items.iter().map(|item| item.text().map(str::to_owned)).collect()
}

/// The place behind the bracket that closes the one at the start.
fn end_of_list(text: &str) -> Option<usize> {
    let (mut depth, mut is_text, mut is_escaped) = (0, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_text => is_escaped = true,
            '"' => is_text = !is_text,
            '[' if !is_text => depth += 1,
            ']' if !is_text => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (letter == ']').then_some(at + 1);
        }
    }
    None
}

/// Reads the text of a Dockerfile, whose lines end with LF. What is no instruction is a problem;
/// what follows is read nevertheless.
pub(super) fn script(text: &str) -> Script {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut script = Script { escape: escape(&lines), ..Script::default() };
    let mut at = 0;
    while at < lines.len() {
        let first = lines[at].trim_start();
        if first.is_empty() || first.starts_with('#') {
            at += 1;
            continue;
        }
        let line = number(at);
        let (joined, next) = joined(&lines, at, script.escape);
        at = next;
        match instruction(&joined, line) {
            Ok(mut instruction) => {
                at = documents(&mut instruction, &lines, at, &mut script.problems);
                script.instructions.push(instruction);
            }
            Err(problem) => script.problems.push((line, problem)),
        }
    }
    script
}

/// The character that escapes, as a directive at the top says.
fn escape(lines: &[&str]) -> char {
    for line in lines {
        let Some((key, value)) = line.trim().strip_prefix('#').and_then(|line| line.split_once('=')) else {
            break;
        };
        let key = key.trim().to_ascii_lowercase();
        if !DIRECTIVES.contains(&key.as_str()) {
            break;
        }
        if key == "escape" && value.trim() == "`" {
            return '`';
        }
    }
    '\\'
}

/// The line at `at` with those that continue it, and the place behind them. Comments and empty
/// lines between them are left out, as Docker does.
fn joined(lines: &[&str], at: usize, escape: char) -> (Joined, usize) {
    let mut joined = Joined::default();
    let (part, mut more) = continued(lines[at].trim_start(), escape);
    joined.push(part, number(at));
    let mut next = at + 1;
    while more && next < lines.len() {
        let line = lines[next];
        let start = line.trim_start();
        if !start.is_empty() && !start.starts_with('#') {
            let part;
            (part, more) = continued(line, escape);
            joined.push(part, number(next));
        }
        next += 1;
    }
    (joined, next)
}

/// A line without the character that continues it, and whether it was there; two of them at the
/// end are one that is escaped.
fn continued(line: &str, escape: char) -> (&str, bool) {
    let bare = line.trim_end_matches([' ', '\t']);
    match bare.strip_suffix(escape) {
        Some(part) if !part.ends_with(escape) => (part, true),
        _ => (line, false),
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at + 1).unwrap_or(u32::MAX)
}

fn instruction(joined: &Joined, line: u32) -> Result<Instruction, String> {
    let text = joined.text.trim_end();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let name = text[..end].to_ascii_uppercase();
    if !NAMES.contains(&name.as_str()) {
        return Err(format!("`{}` is no instruction", shortened(&text[..end])));
    }
    let mut rest = joined.behind(end);
    let mut flags = Vec::new();
    while FLAGGED.contains(&name.as_str()) && rest.text.starts_with("--") {
        let end = rest.text.find(char::is_whitespace).unwrap_or(rest.text.len());
        let flag = rest.text[2..end].to_owned();
        let (key, value) = flag.split_once('=').unwrap_or((&flag, "true"));
        flags.push((key.to_owned(), value.to_owned()));
        rest = rest.behind(end);
    }
    if rest.text.is_empty() {
        return Err(format!("`{name}` has nothing behind it"));
    }
    Ok(Instruction { name, flags, rest, documents: Vec::new(), line })
}

/// The beginning of a text, for messages.
fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Reads the here-documents of an instruction; gives the place behind them.
fn documents(
    instruction: &mut Instruction,
    lines: &[&str],
    at: usize,
    problems: &mut Vec<(u32, String)>,
) -> usize {
    let takes = ["RUN", "COPY", "ADD", "ONBUILD"].contains(&instruction.name.as_str());
    if !takes || list(&instruction.rest.text).is_some() {
        return at;
    }
    let mut at = at;
    for (name, tabs) in word::documents(&instruction.rest.text) {
        let ends = |line: &str| if tabs { line.trim_start_matches('\t') == name } else { line == name };
        let Some(length) = lines[at..].iter().position(|line| ends(line.trim_end_matches('\r'))) else {
            problems
                .push((instruction.line, format!("no line `{}` ends the here-document", shortened(&name))));
            return at;
        };
        let mut document = Joined::default();
        for (place, line) in lines[at..at + length].iter().enumerate() {
            document.push(line, number(at + place));
            document.text.push('\n');
        }
        instruction.documents.push(document);
        at += length + 1;
    }
    at
}
