//! Shell lines of platform files, taken apart into simple commands as far as that is safe, and put
//! together again without some of them. It runs and expands nothing.

mod bash;
mod pieces;
mod place;
mod words;

use crate::command::Opened;
use crate::{Command, Origin, Requested};
pub(super) use bash::needs_bash;
use packwright_shell_syntax::Joint;
use pieces::{Piece, pieces};
use place::Walk;
pub(super) use words::Kind;

/// A command, taken apart.
#[derive(Debug)]
pub(super) struct Line {
    whole: Requested<Command>,
    /// The text that was taken apart.
    text: String,
    /// The shell that the command names for the text.
    shell: Option<Opened>,
    statements: Vec<Statement>,
}

/// Parts that are joined by `&&`.
#[derive(Debug)]
pub(super) struct Statement {
    /// What stands before it: `;` or a line end.
    joint: Joint,
    pub(super) parts: Vec<Part>,
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
    /// Whether the line has left its directory before, or may have.
    pub(super) elsewhere: bool,
    pub(super) kind: Kind,
    /// Where it begins and ends in the text, in bytes.
    place: (usize, usize),
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
    let (text, shell) = match (command.value.opened(), &command.value) {
        (Some(opened), _) => (opened.text.clone(), Some(opened)),
        (None, Command::Shell(text)) => (text.clone(), None),
        (None, Command::Exec(words)) => {
            let part = Part {
                command: command.clone(),
                commands: vec![words.clone()],
                elsewhere: false,
                kind: Kind::Works,
                place: (0, 0),
            };
            let statement = Statement { joint: Joint::Newline, parts: vec![part], tail: None };
            let statements = vec![statement];
            return Line { whole: command.clone(), text: String::new(), shell: None, statements };
        }
    };
    let mut statements: Vec<Statement> = Vec::new();
    let mut walk = Walk::new();
    let mut found = pieces(&text).into_iter().peekable();
    while let Some(first) = found.next() {
        let mut statement = vec![first];
        while let Some(next) = found.next_if(|next| next.joint.is_conditional()) {
            statement.push(next);
        }
        statements.push(Statement::new(statement, &text, &command.origin, &mut walk));
    }
    Line { whole: command.clone(), text, shell, statements }
}

impl Statement {
    fn new(mut pieces: Vec<Piece>, text: &str, origin: &Origin, walk: &mut Walk) -> Statement {
        let joint = pieces[0].joint;
        let alternatives = pieces.iter().filter(|piece| piece.joint == Joint::Or).count();
        let mut tail = None;
        let is_tail = |piece: &Piece| piece.joint == Joint::Or && words::is_harmless(&piece.text);
        if alternatives == 1 && pieces.last().is_some_and(is_tail) {
            tail = pieces.pop().map(|piece| format!("|| {}", piece.text));
        }
        if tail.is_none() && alternatives > 0 {
            let part = Part::of_alternatives(&pieces, alternatives, text, origin, walk);
            return Statement { joint, parts: vec![part], tail };
        }
        let parts = pieces.into_iter().map(|piece| Part::new(piece, origin, walk)).collect();
        Statement { joint, parts, tail }
    }

    /// Whether all its parts run, or it fails.
    pub(super) fn is_chain(&self) -> bool {
        self.tail.is_none() && !self.parts.iter().any(|part| part.kind == Kind::Asks)
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
    fn new(piece: Piece, origin: &Origin, walk: &mut Walk) -> Part {
        let origin = below(origin, piece.lines);
        let elsewhere = walk.is_elsewhere();
        let (kind, commands) = match piece.is_whole {
            true => (Kind::Works, Vec::new()),
            false => {
                let commands = words::commands(&piece.text);
                if let [only] = commands.as_slice() {
                    walk.follow(&only.words);
                }
                (words::kind(&commands), words::of(commands))
            }
        };
        let command = Requested { value: Command::Shell(piece.text), origin };
        Part { command, commands, elsewhere, kind, place: piece.place }
    }

    /// All of a statement with alternatives.
    fn of_alternatives(
        pieces: &[Piece],
        alternatives: usize,
        text: &str,
        origin: &Origin,
        walk: &mut Walk,
    ) -> Part {
        let elsewhere = walk.is_elsewhere();
        let found: Vec<_> = pieces.iter().map(|piece| words::commands(&piece.text)).collect();
        let leaves =
            |words: &[String]| matches!(words.first().map(String::as_str), Some("cd" | "pushd" | "popd"));
        if found.iter().flatten().any(|command| leaves(&command.words)) {
            walk.lose();
        }
        let all_or = alternatives + 1 == pieces.len() && !pieces.iter().any(|piece| piece.is_whole);
        let place = (pieces[0].place.0, pieces[pieces.len() - 1].place.1);
        let value = Command::shell(text[place.0..place.1].trim());
        let command = Requested { value, origin: below(origin, pieces[0].lines) };
        let works = found.into_iter().filter(|commands| words::kind(commands) == Kind::Works);
        let commands = if all_or { works.flat_map(words::of).collect() } else { Vec::new() };
        Part { command, commands, elsewhere, kind: Kind::Works, place }
    }

    /// Whether it makes the shell end at the first failure.
    pub(super) fn stops_at_failure(&self) -> bool {
        matches!(self.commands.as_slice(), [words] if words::stops_at_failure(words))
    }

    /// Whether it stands from one part to another.
    pub(super) fn is_between(&self, first: &Part, last: &Part) -> bool {
        first.place.0 <= self.place.0 && self.place.1 <= last.place.1
    }

    /// Whether it says how its own shell goes on, and nothing to programs.
    pub(super) fn is_of_shell(&self) -> bool {
        matches!(self.commands.as_slice(), [words] if words::is_of_shell(words))
    }
}

impl Line {
    /// The parts in their order.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.statements.iter().flat_map(|statement| &statement.parts)
    }

    /// The statements in their order.
    pub(super) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Whether the line's shell ends at the first failure because it is started so.
    pub(super) fn stops_at_failure(&self) -> bool {
        self.shell.as_ref().is_some_and(|shell| words::is_flag(&shell.options, 'e'))
    }

    /// The text from one part to another, with all that stands between them.
    pub(super) fn between(&self, first: &Part, last: &Part) -> &str {
        self.text[first.place.0..last.place.1].trim_end()
    }

    /// A text as a command for the shell of this line.
    pub(super) fn command(&self, text: String) -> Command {
        match &self.shell {
            Some(Opened { shell, options, .. })
                if words::is_flag(options, 'e')
                    || words::is_flag(options, 'u')
                    || shell == "bash" && needs_bash(&text) =>
            {
                Command::Exec(vec![shell.clone(), options.clone(), text])
            }
            _ => Command::Shell(text),
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
        // A line that ended may have ended a here-document.
        let mut ended = false;
        for (number, statement) in self.statements[..=last].iter().enumerate() {
            ended |= statement.joint == Joint::Newline;
            let parts: Vec<&Part> = statement.parts.iter().filter(|part| fate(part) != Fate::Goes).collect();
            // A question that nothing is behind of does nothing, and nothing is behind the last part.
            let counts = |part: &&Part| match number == last {
                true => stays(part),
                false => part.kind != Kind::Asks,
            };
            let end = parts.iter().rposition(counts).map_or(0, |at| at + 1);
            let (Some(first), parts) = (parts.first(), &parts[..end]) else { continue };
            if parts.is_empty() {
                continue;
            }
            origin.get_or_insert_with(|| first.command.origin.clone());
            if !text.is_empty() {
                text.push_str(if ended { "\n" } else { "; " });
            }
            ended = false;
            text.push_str(&statement.text(parts));
        }
        let origin = origin.unwrap_or_else(|| self.whole.origin.clone());
        Some(Requested { value: self.command(text), origin })
    }

    /// The parts that `moves` as one command on one line, with what prepares them and does not go by
    /// itself, as `goes` says.
    pub(super) fn taken(
        &self,
        moves: impl Fn(&Part) -> bool,
        goes: impl Fn(&Part) -> bool,
    ) -> Option<Requested<Command>> {
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
                    // How a shell goes on after a failure is not for another one to know.
                    Kind::Prepares if part.is_of_shell() || goes(part) => {}
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
        let is_bash = self.shell.as_ref().is_some_and(|opened| opened.shell == "bash") && needs_bash(&text);
        let value = match is_bash {
            true => Command::Exec(vec!["bash".to_owned(), "-c".to_owned(), text]),
            false => Command::Shell(text),
        };
        origin.map(|origin| Requested { value, origin })
    }
}

/// Whether a text is a simple command or several that are joined by `&&`, so that another `&&` may follow it.
pub(super) fn is_chain(text: &str) -> bool {
    let is_joined = |(at, piece): (usize, Piece)| !piece.is_whole && (at == 0 || piece.joint == Joint::And);
    !text.ends_with(';') && pieces(text).into_iter().enumerate().all(is_joined)
}

fn below(origin: &Origin, lines: u32) -> Origin {
    match origin {
        Origin::File { path, line: Some(line) } => Origin::line(path, line + lines),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
