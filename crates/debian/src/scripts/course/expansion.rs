//! Words to the text they stand for, as far as that is known. Commands in them are walked.
//!
//! Source: POSIX.1-2024, Shell Command Language, 2.6.

use super::{State, Walk};
use crate::scripts::shell::{Node, Operation, Part, Word};

impl Walk {
    /// The fields a word becomes; `None` when not even their number is known.
    pub(super) fn fields(&mut self, word: &Word, state: &mut State) -> Option<Vec<Option<String>>> {
        match word.0.as_slice() {
            [Part::Text { quoted: true, text: empty }, Part::Parameter { name, .. }]
                if name == "@" && empty.is_empty() =>
            {
                state.arguments.clone()
            }
            [Part::Parameter { name, quoted: false, .. }] => {
                if name == "@" || name == "*" {
                    return None;
                }
                let value = self.value(word, state)?;
                Some(value.split_whitespace().map(|field| Some(field.to_owned())).collect())
            }
            parts => {
                let split = parts.iter().any(|part| match part {
                    Part::Parameter { quoted: false, name, .. } => state
                        .parameter(name)
                        .flatten()
                        .is_none_or(|value| value.contains(char::is_whitespace)),
                    Part::Parameter { name, .. } => name == "@",
                    Part::Substitution(_) => parts.len() == 1,
                    Part::Text { .. } => false,
                });
                let value = self.value(word, state);
                if split && value.is_none() { None } else { Some(vec![value]) }
            }
        }
    }

    /// The text a word stands for, if it is known. Commands in it are walked.
    pub(super) fn value(&mut self, word: &Word, state: &mut State) -> Option<String> {
        let mut text = Some(String::new());
        for part in &word.0 {
            let piece = match part {
                Part::Text { text, .. } => Some(text.clone()),
                Part::Substitution(nodes) => {
                    let piece = self.piece(nodes, state);
                    self.list(nodes, &mut state.clone());
                    piece
                }
                Part::Parameter { name, operation, .. } => self.parameter(name, operation, state),
            };
            text = text.zip(piece).map(|(text, piece)| text + &piece);
        }
        text
    }

    fn parameter(&mut self, name: &str, operation: &Operation, state: &mut State) -> Option<String> {
        let there = state.parameter(name);
        match operation {
            Operation::Value => there.map(Option::unwrap_or_default),
            Operation::Default(word) => {
                let otherwise = self.value(word, state);
                match there? {
                    Some(value) if !value.is_empty() => Some(value),
                    _ => otherwise,
                }
            }
            Operation::Instead { word, empty_is_none } => {
                let instead = self.value(word, state);
                match there? {
                    Some(value) if !value.is_empty() || !empty_is_none => instead,
                    _ => Some(String::new()),
                }
            }
            Operation::Other(word) => {
                self.value(word, state);
                None
            }
        }
    }

    /// The output of `echo WORD | cut -dX -fN`, `dirname PATH` and `basename PATH`, which
    /// debhelper's sections use to take names apart.
    fn piece(&mut self, nodes: &[Node], state: &mut State) -> Option<String> {
        let mut words = |node: &Node| -> Option<Vec<String>> {
            let Node::Simple(simple) = node else { return None };
            let plain = simple.assignments.is_empty() && simple.redirections.is_empty();
            simple.words.iter().map(|word| self.value(word, state)).collect::<Option<_>>().filter(|_| plain)
        };
        let text = match nodes {
            [Node::Pipeline { negated: false, commands }] => match commands.as_slice() {
                [echo, cut] => cut_out(&words(echo)?, &words(cut)?),
                _ => None,
            },
            [one] => part_of_path(&words(one)?),
            _ => None,
        };
        // A function of one of these names would do something else.
        text.filter(|_| {
            !["echo", "cut", "dirname", "basename"].iter().any(|name| state.functions.contains_key(*name))
        })
    }
}

fn cut_out(echo: &[String], cut: &[String]) -> Option<String> {
    let ([echo, text], [cut, delimiter, field]) = (echo, cut) else { return None };
    let delimiter = delimiter.strip_prefix("-d")?;
    let field: usize = field.strip_prefix("-f")?.parse().ok()?;
    if echo != "echo" || cut != "cut" || delimiter.chars().count() != 1 || text.starts_with('-') {
        return None;
    }
    text.split(delimiter).nth(field.checked_sub(1)?).map(str::to_owned)
}

fn part_of_path(words: &[String]) -> Option<String> {
    let [command, path] = words else { return None };
    let (parent, name) =
        path.rsplit_once('/').filter(|(parent, name)| !parent.is_empty() && !name.is_empty())?;
    match command.as_str() {
        "dirname" => Some(parent.to_owned()),
        "basename" => Some(name.to_owned()),
        _ => None,
    }
}
