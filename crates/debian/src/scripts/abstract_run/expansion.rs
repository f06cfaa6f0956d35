//! Words to the text they stand for, as far as that is known. Commands in them are followed.
//!
//! Source: POSIX.1-2024, Shell Command Language, 2.6.

use packwright_shell_syntax::{ListItem, Operation, ShellCommand, Simple, Word, WordPart};

use super::{Run, State};

impl Run {
    /// The fields a word becomes; `None` when not even their number is known.
    pub(super) fn fields(&mut self, word: &Word, state: &mut State) -> Option<Vec<Option<String>>> {
        match word.parts.as_slice() {
            [WordPart::Text { is_quoted: true, text: empty }, WordPart::Parameter { name, .. }]
                if name == "@" && empty.is_empty() =>
            {
                state.arguments.clone()
            }
            [WordPart::Parameter { name, is_quoted: false, .. }] => {
                if name == "@" || name == "*" {
                    return None;
                }
                let value = self.value(word, state)?;
                Some(value.split_whitespace().map(|field| Some(field.to_owned())).collect())
            }
            parts => {
                let split = parts.iter().any(|part| match part {
                    WordPart::Parameter { is_quoted: false, name, .. } => state
                        .parameter(name)
                        .flatten()
                        .is_none_or(|value| value.contains(char::is_whitespace)),
                    WordPart::Parameter { name, .. } => name == "@",
                    WordPart::Substitution { .. } => parts.len() == 1,
                    _ => false,
                });
                let value = self.value(word, state);
                if split && value.is_none() { None } else { Some(vec![value]) }
            }
        }
    }

    /// The text a word stands for, if it is known. Commands in it are walked.
    pub(super) fn value(&mut self, word: &Word, state: &mut State) -> Option<String> {
        let mut text = Some(String::new());
        for part in &word.parts {
            let piece = match part {
                WordPart::Text { text, .. } => Some(text.clone()),
                WordPart::Substitution { script, .. } => {
                    let piece = self.output(&script.list, state);
                    self.list(&script.list, &mut state.clone());
                    piece
                }
                WordPart::Parameter { name, operation, .. } => self.parameter(name, operation, state),
                // The portable dialect has no others.
                _ => None,
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
            Operation::Alternative { word, empty_is_none } => {
                let alternative = self.value(word, state);
                match there? {
                    Some(value) if !value.is_empty() || !empty_is_none => alternative,
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
    fn output(&mut self, list: &[ListItem], state: &mut State) -> Option<String> {
        let mut words = |command: &ShellCommand| -> Option<Vec<String>> {
            let ShellCommand::Simple(Simple { assignments, words, redirections, .. }) = command else {
                return None;
            };
            let is_plain = assignments.is_empty() && redirections.is_empty();
            words.iter().map(|word| self.value(word, state)).collect::<Option<_>>().filter(|_| is_plain)
        };
        let [ListItem { pipeline, .. }] = list else { return None };
        let text = match pipeline.commands.as_slice() {
            _ if pipeline.is_negated => None,
            [echo, cut] => cut_out(&words(echo)?, &words(cut)?),
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
