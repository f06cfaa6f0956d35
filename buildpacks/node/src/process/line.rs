//! A line for the shell, taken apart as far as it takes to see which programs it starts.
//!
//! What the shell would do beyond quotes and lists (substitutions, groups, loops) is not
//! understood here: such a line stays as it is.

use std::fmt;

/// One word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// As it is written.
    pub(crate) raw: String,
    /// Without quotes.
    pub(crate) text: String,
    /// Whether the shell does nothing to it but take its quotes away.
    pub(crate) plain: bool,
}

/// A simple command and what stands around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    /// What joins it to the one before: `&&`, `||`, `;`, `|`, `&`; nothing for the first.
    pub(crate) joint: &'static str,
    /// How many groups open before it.
    pub(crate) opens: usize,
    /// How many groups close behind it.
    pub(crate) closes: usize,
    /// Its words.
    pub(crate) words: Vec<Word>,
    /// Whether it goes to the background.
    pub(crate) background: bool,
}

/// Words that begin something that is more than a simple command.
const KEYWORDS: &[&str] = &[
    "if", "then", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "{", "}", "!",
    "function",
];

impl Word {
    /// Whether it sets a variable: `NAME=value`.
    pub(crate) fn assigns(&self) -> bool {
        let Some((name, _)) = self.raw.split_once('=') else { return false };
        !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
    }

    /// Whether it sends input or output elsewhere.
    fn redirects(&self) -> bool {
        self.raw.trim_start_matches(|first: char| first.is_ascii_digit()).starts_with(['<', '>'])
    }
}

impl Segment {
    /// A command of its own.
    pub(crate) fn new(words: Vec<Word>) -> Segment {
        Segment { joint: "", opens: 0, closes: 0, words, background: false }
    }

    /// The words that set variables, and the others.
    pub(crate) fn split(&self) -> (&[Word], &[Word]) {
        let start = self.words.iter().take_while(|word| word.assigns()).count();
        self.words.split_at(start)
    }

    /// The texts of the command's words, without variables before them.
    pub(crate) fn texts(&self) -> Vec<&str> {
        self.split().1.iter().map(|word| word.text.as_str()).collect()
    }

    /// Whether a program can be started with these words without a shell.
    pub(crate) fn needs_no_shell(&self) -> bool {
        let (variables, words) = self.split();
        let builtin = words.first().is_some_and(|word| {
            ["cd", "exec", "export", "set", "source", ".", ":"].contains(&word.text.as_str())
        });
        variables.is_empty()
            && !builtin
            && !self.background
            && !words.is_empty()
            && words.iter().all(|word| word.plain && !word.redirects())
    }
}

/// The commands of a line; `None` when it holds more than lists of simple commands.
pub(crate) fn parse(line: &str) -> Option<Vec<Segment>> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut current = Segment::new(Vec::new());
    let mut characters = line.trim().chars().peekable();
    while let Some(&character) = characters.peek() {
        match character {
            ' ' | '\t' | '\r' => {
                characters.next();
            }
            '\n' | '(' | ')' | '`' => return None,
            '#' => return None,
            '&' | '|' | ';' => {
                characters.next();
                let double = character != ';' && characters.next_if_eq(&character).is_some();
                let joint = match (character, double) {
                    ('&', true) => "&&",
                    ('|', true) => "||",
                    ('|', false) => "|",
                    ('&', false) => "&",
                    _ => ";",
                };
                if current.words.is_empty() {
                    return None;
                }
                current.background = joint == "&";
                let next = Segment { joint, ..Segment::new(Vec::new()) };
                segments.push(std::mem::replace(&mut current, next));
            }
            _ => current.words.push(word(&mut characters)?),
        }
    }
    let dangling = current.words.is_empty();
    match (dangling, current.joint) {
        (false, _) => segments.push(current),
        (true, "" | ";" | "&") => {}
        (true, _) => return None,
    }
    let simple =
        |segment: &Segment| segment.words.first().is_some_and(|word| !KEYWORDS.contains(&word.raw.as_str()));
    segments.iter().all(simple).then_some(segments)
}

fn word(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Word> {
    let mut word = Word { raw: String::new(), text: String::new(), plain: true };
    while let Some(&character) = characters.peek() {
        match character {
            ' ' | '\t' | '\r' | '\n' | ';' | '|' | '(' | ')' => break,
            // `2>&1` and `&>` are redirections and no end of a command.
            '&' if !word.raw.ends_with(['>', '<']) => break,
            '`' => return None,
            '\'' | '"' => quoted(characters, &mut word)?,
            '\\' => {
                characters.next();
                let escaped = characters.next()?;
                word.raw.extend(['\\', escaped]);
                word.text.push(escaped);
            }
            _ => {
                characters.next();
                if character == '$' && characters.peek() == Some(&'(') {
                    return None;
                }
                let home = character == '~' && word.raw.is_empty();
                word.plain &= !home && !"$*?[]<>{}!".contains(character);
                word.raw.push(character);
                word.text.push(character);
            }
        }
    }
    Some(word)
}

fn quoted(characters: &mut std::iter::Peekable<std::str::Chars<'_>>, word: &mut Word) -> Option<()> {
    let quote = characters.next()?;
    word.raw.push(quote);
    loop {
        let character = characters.next()?;
        word.raw.push(character);
        match character {
            _ if character == quote => return Some(()),
            '`' if quote == '"' => return None,
            '$' if quote == '"' => {
                if characters.peek() == Some(&'(') {
                    return None;
                }
                word.plain = false;
                word.text.push(character);
            }
            '\\' if quote == '"' => {
                let escaped = characters.next()?;
                word.raw.push(escaped);
                if !"\"\\$".contains(escaped) {
                    word.text.push('\\');
                }
                word.text.push(escaped);
            }
            _ => word.text.push(character),
        }
    }
}

/// The segments as one line again.
pub(crate) fn line(segments: &[Segment]) -> String {
    let mut line = String::new();
    for segment in segments {
        match segment.joint {
            "" => {}
            ";" => line.push_str("; "),
            joint => line.push_str(&format!(" {joint} ")),
        }
        line.push_str(&"{ ".repeat(segment.opens));
        line.push_str(&segment.to_string());
        line.push_str(&"; }".repeat(segment.closes));
    }
    if segments.last().is_some_and(|last| last.background) {
        line.push_str(" &");
    }
    line
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.words.iter().map(|word| word.raw.as_str()).collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Option<Vec<(&'static str, Vec<String>)>> {
        let words = |segment: &Segment| segment.words.iter().map(|word| word.text.clone()).collect();
        parse(text).map(|all| all.iter().map(|segment| (segment.joint, words(segment))).collect())
    }

    #[test]
    fn lists_of_commands() {
        let line = "NODE_ENV=production node 'a b.js' \"c \\\" d\" --x=1 2>&1 && b;c || d | e";
        let found = texts(line).unwrap();
        let joints: Vec<&str> = found.iter().map(|(joint, _)| *joint).collect();
        assert_eq!(joints, ["", "&&", ";", "||", "|"]);
        assert_eq!(found[0].1, ["NODE_ENV=production", "node", "a b.js", "c \" d", "--x=1", "2>&1"]);
    }

    #[test]
    fn a_line_comes_back_as_it_was() {
        for text in ["a && b", "a; b", "X=1 a 'b c' || d", "a | b", "a & b", "a &", "a > x 2>&1"] {
            assert_eq!(line(&parse(text).unwrap()), text, "{text}");
        }
    }

    #[test]
    fn more_than_lists_is_left_alone() {
        for text in
            ["(a)", "a $(b)", "a `b`", "if a; then b; fi", "a 'b", "a &&", "&& a", "! a", "a \"$(b)\"", "# a"]
        {
            assert_eq!(texts(text), None, "{text}");
        }
    }

    #[test]
    fn what_needs_a_shell() {
        for (text, needs) in [
            ("node a.js", false),
            ("node 'a b' \"c\"", false),
            ("node $X", true),
            ("X=1 node", true),
            ("node *.js", true),
            ("node ~/x", true),
            ("node a > b", true),
            ("cd x", true),
            ("node \"$X\"", true),
            ("node '$X'", false),
        ] {
            assert_eq!(!parse(text).unwrap()[0].needs_no_shell(), needs, "{text}");
        }
    }
}
