//! Shell lines of platform files, taken apart into simple commands as far as that is safe, and put
//! together again without some of them. It runs and expands nothing.

mod pieces;

use crate::{Command, Origin, Requested};
use pieces::{Joint, Piece, pieces};

/// Words that open something that cannot be taken apart at `&&`, `;` and line ends.
const COMPOUND: &[&str] = &[
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "function",
    "{", "}", "(", ")", "!", "((", "pushd", "popd", "exec", "trap",
];

/// What only bash understands, as far as scripts of builds use it.
const OF_BASH: &[&str] =
    &["[[", "pipefail", "source ", "((", "<(", "=(", "<<<", "&>", "function ", "declare "];

/// A command, taken apart.
#[derive(Debug)]
pub(super) struct Line {
    whole: Requested<Command>,
    /// Whether it is a text that needs bash.
    bash: bool,
    statements: Vec<Statement>,
}

/// Parts that are joined by `&&`.
#[derive(Debug)]
struct Statement {
    /// What stands before it: `;` or a line end.
    joint: Joint,
    parts: Vec<Part>,
    /// What runs when they fail and does nothing: `|| true`.
    tail: Option<String>,
}

/// A part of a line.
#[derive(Debug)]
pub(super) struct Part {
    /// As it is written.
    pub(super) command: Requested<Command>,
    /// The words of the simple commands in it: more than one where they are a pipeline or
    /// alternatives, none where it is more than that.
    pub(super) commands: Vec<Vec<String>>,
    /// Whether the line has left its directory before.
    pub(super) elsewhere: bool,
    pub(super) kind: Kind,
}

/// What a part does for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It says how those behind it run.
    Prepares,
    /// It says whether those behind it run.
    Asks,
    /// It changes nothing.
    Idle,
    /// It does the work.
    Works,
}

/// What becomes of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays.
    Stays,
    /// It stays if something stays that it is for.
    Serves,
    /// It goes.
    Goes,
}

/// Takes a command apart.
pub(super) fn read(command: &Requested<Command>) -> Line {
    let opened = opened(&command.value);
    let text = match (&opened, &command.value) {
        (Some(text), _) | (None, Command::Shell(text)) => text,
        (None, Command::Exec(words)) => {
            let part = Part {
                command: command.clone(),
                commands: vec![words.clone()],
                elsewhere: false,
                kind: Kind::Works,
            };
            let statement = Statement { joint: Joint::Line, parts: vec![part], tail: None };
            return Line { whole: command.clone(), bash: false, statements: vec![statement] };
        }
    };
    let bash = opened.is_some() && needs_bash(text);
    let mut found = pieces(text);
    let is_rest = |piece: &Piece| {
        let first = piece.text.split_whitespace().next().unwrap_or_default();
        piece.is_rest || COMPOUND.contains(&first) || first.starts_with('(')
    };
    if let Some(at) = found.iter().position(is_rest) {
        // Alternatives before it are a part of it.
        let start = found[..=at].iter().rposition(|piece| piece.joint != Joint::Or).unwrap_or(at);
        found.truncate(start + 1);
        found[start].text = text[found[start].place.0..].trim_end().to_owned();
        found[start].place.1 = text.len();
        found[start].is_rest = true;
    }
    let mut statements: Vec<Statement> = Vec::new();
    let mut elsewhere = false;
    let mut found = found.into_iter().peekable();
    while let Some(first) = found.next() {
        let mut statement = vec![first];
        while let Some(next) = found.next_if(|next| matches!(next.joint, Joint::And | Joint::Or)) {
            statement.push(next);
        }
        statements.push(Statement::new(statement, text, &command.origin, &mut elsewhere));
    }
    Line { whole: command.clone(), bash, statements }
}

impl Statement {
    fn new(mut pieces: Vec<Piece>, text: &str, origin: &Origin, elsewhere: &mut bool) -> Statement {
        let joint = pieces[0].joint;
        let alternatives = pieces.iter().filter(|piece| piece.joint == Joint::Or).count();
        let mut tail = None;
        let harmless = |piece: &Piece| {
            let words = split_words(&piece.text);
            piece.joint == Joint::Or
                && matches!(words.first().map(String::as_str), Some("true" | ":" | "echo"))
        };
        if alternatives == 1 && pieces.last().is_some_and(harmless) {
            tail = pieces.pop().map(|piece| format!("|| {}", piece.text));
        }
        let is_one = tail.is_none() && alternatives > 0;
        if is_one {
            let all_or = alternatives + 1 == pieces.len() && !pieces.iter().any(|piece| piece.is_rest);
            let words = pieces.iter().map(|piece| split_words(&piece.text));
            let commands = words.filter(|words| kind(words) == Kind::Works).collect();
            let (from, to) = (pieces[0].place.0, pieces[pieces.len() - 1].place.1);
            let part = Part {
                command: Requested {
                    value: Command::shell(text[from..to].trim()),
                    origin: below(origin, pieces[0].lines),
                },
                commands: if all_or { commands } else { Vec::new() },
                elsewhere: *elsewhere,
                kind: Kind::Works,
            };
            return Statement { joint, parts: vec![part], tail };
        }
        let parts = pieces.into_iter().map(|piece| Part::new(piece, origin, elsewhere)).collect();
        Statement { joint, parts, tail }
    }

    fn text(&self, parts: &[&Part]) -> String {
        let mut text =
            parts.iter().map(|part| part.command.value.to_string()).collect::<Vec<_>>().join(" && ");
        if let Some(tail) = &self.tail {
            text = format!("{text} {tail}");
        }
        text
    }
}

impl Part {
    fn new(piece: Piece, origin: &Origin, elsewhere: &mut bool) -> Part {
        let origin = below(origin, piece.lines);
        let words = split_words(&piece.text);
        let kind = if piece.is_rest { Kind::Works } else { kind(&words) };
        let commands = match piece.is_rest {
            true => Vec::new(),
            false => words.split(|word| word == "|").map(<[String]>::to_vec).collect(),
        };
        let part = Part {
            command: Requested { value: Command::Shell(piece.text), origin },
            commands,
            elsewhere: *elsewhere,
            kind,
        };
        *elsewhere |= words.first().is_some_and(|word| word == "cd");
        part
    }
}

impl Line {
    /// The parts in their order.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.statements.iter().flat_map(|statement| &statement.parts)
    }

    /// The parts of a line that is one chain of `&&`, all of which run or the line fails.
    pub(super) fn chain(&self) -> Option<&[Part]> {
        match self.statements.as_slice() {
            [only] if only.tail.is_none() && !only.parts.iter().any(|part| part.kind == Kind::Asks) => {
                Some(&only.parts)
            }
            _ => None,
        }
    }

    /// The line with those parts that stay, and what serves them; the line itself when none goes,
    /// nothing when none stays.
    pub(super) fn kept(&self, fate: impl Fn(&Part) -> Fate) -> Option<Requested<Command>> {
        if !self.parts().any(|part| fate(part) == Fate::Goes) {
            return Some(self.whole.clone());
        }
        let stays = |part: &Part| fate(part) == Fate::Stays;
        let last = self.statements.iter().rposition(|statement| statement.parts.iter().any(stays))?;
        let mut text = String::new();
        let mut origin = None;
        for statement in &self.statements[..=last] {
            let parts: Vec<&Part> = statement.parts.iter().filter(|part| fate(part) != Fate::Goes).collect();
            // A question that nothing is behind of does nothing.
            let end = parts.iter().rposition(|part| part.kind != Kind::Asks).map_or(0, |at| at + 1);
            let (Some(first), parts) = (parts.first(), &parts[..end]) else { continue };
            if parts.is_empty() {
                continue;
            }
            origin.get_or_insert_with(|| first.command.origin.clone());
            if !text.is_empty() {
                text.push_str(if statement.joint == Joint::Line { "\n" } else { "; " });
            }
            text.push_str(&statement.text(parts));
        }
        let value = match self.bash {
            true => Command::Exec(vec!["bash".to_owned(), "-euc".to_owned(), text]),
            false => Command::Shell(text),
        };
        Some(Requested { value, origin: origin.unwrap_or_else(|| self.whole.origin.clone()) })
    }

    /// The parts that `moves` as one command on one line, with what prepares them.
    pub(super) fn taken(&self, moves: impl Fn(&Part) -> bool) -> Option<Requested<Command>> {
        let mut texts = Vec::new();
        let mut origin = None;
        let mut preparing = Vec::new();
        for statement in &self.statements {
            let mut questions: Vec<&Part> = Vec::new();
            for part in &statement.parts {
                let text = part.command.value.to_string();
                match part.kind {
                    _ if moves(part) => {
                        origin.get_or_insert_with(|| part.command.origin.clone());
                        texts.append(&mut preparing);
                        let work = statement.text(&[part]);
                        let work = if statement.tail.is_some() { format!("{{ {work}; }}") } else { work };
                        texts.push(match questions.is_empty() {
                            true => work,
                            false => {
                                let asked: Vec<String> =
                                    questions.iter().map(|part| part.command.value.to_string()).collect();
                                format!("if {}; then {work}; fi", asked.join(" && "))
                            }
                        });
                    }
                    // How a shell goes on after a failure is not for another one to know; that it
                    // exports what it reads is.
                    Kind::Prepares if text.starts_with("set ") && !text.contains('a') => {}
                    Kind::Prepares => preparing.push(text),
                    Kind::Asks => questions.push(part),
                    Kind::Idle | Kind::Works => {}
                }
            }
        }
        let text = match texts.as_slice() {
            [only] if only.starts_with("{ ") => only[2..only.len() - 3].to_owned(),
            _ => texts.join(" && "),
        };
        origin.map(|origin| Requested { value: Command::Shell(text), origin })
    }
}

/// The words of a command, without variables that are set for it and without quotes.
fn split_words(text: &str) -> Vec<String> {
    let plain = || text.split_whitespace().map(str::to_owned).collect();
    let words: Vec<String> = shlex::split(text).unwrap_or_else(plain);
    words.into_iter().skip_while(|word| is_assignment(word)).collect()
}

/// The words of what may be the simple commands of a text that cannot be taken apart; good enough
/// to say something about them.
pub(super) fn guessed(command: &Command) -> Vec<Vec<String>> {
    let text = command.to_string();
    text.split(['&', ';', '|', '(', ')', '\n', '{', '}'])
        .map(split_words)
        .map(|words| {
            let opens = |word: &String| COMPOUND.contains(&word.as_str());
            words.into_iter().skip_while(opens).collect::<Vec<_>>()
        })
        .filter(|words| !words.is_empty())
        .collect()
}

/// Whether a text needs bash.
pub(super) fn needs_bash(text: &str) -> bool {
    OF_BASH.iter().any(|sign| text.contains(sign))
}

/// The text of `sh -c "…"`, when the command is nothing else.
fn opened(command: &Command) -> Option<String> {
    let words = match command {
        Command::Exec(words) => words.clone(),
        Command::Shell(text) => match pieces(text).as_slice() {
            [only] if !only.is_rest => shlex::split(text)?,
            _ => return None,
        },
    };
    let [shell, flag, text] = words.as_slice() else { return None };
    let is_shell = matches!(shell.rsplit('/').next(), Some("sh" | "bash" | "dash"));
    (is_shell && flag.starts_with('-') && !flag.starts_with("--") && flag.ends_with('c'))
        .then(|| text.clone())
}

fn kind(words: &[String]) -> Kind {
    match words.first().map(String::as_str) {
        None | Some("set" | "export" | "unset" | "umask" | "shopt" | "cd" | "source" | ".") => Kind::Prepares,
        Some("[" | "[[" | "test" | "command" | "which" | "type") => Kind::Asks,
        Some("true" | ":" | "echo" | "printf") if !words.iter().any(|word| word.contains('>')) => Kind::Idle,
        Some(_) => Kind::Works,
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

fn below(origin: &Origin, lines: u32) -> Origin {
    match origin {
        Origin::File { path, line: Some(line) } => Origin::line(path, line + lines),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
