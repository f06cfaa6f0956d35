//! The parts of a word: quotes, parameters, substitutions.
//!
//! Source: POSIX.1-2024, Shell Command Language, 2.2 and 2.6.

use crate::dialect::Dialect;
use crate::lexer::{self, Inside};
use crate::parser::{Outcome, Parser};
use crate::quote;
use crate::tree::{Operation, Word, WordPart};

/// Reads the parts of words within one text.
pub(crate) struct Parts<'a> {
    pub(crate) text: &'a str,
    pub(crate) dialect: Dialect,
    pub(crate) depth: usize,
}

impl<'a> Parts<'a> {
    /// The word between two offsets; in bash's dialect every text is a word.
    pub(crate) fn word(&self, from: usize, to: usize, in_quotes: bool) -> Outcome<Word> {
        Ok(Word { start: from, raw: self.text[from..to].to_owned(), parts: self.parts(from, to, in_quotes)? })
    }

    /// The value of an assignment, which may be an array.
    pub(crate) fn value(&self, from: usize, to: usize) -> Outcome<Word> {
        match self.text[from..to].starts_with('(') {
            true => Ok(Word {
                start: from,
                raw: self.text[from..to].to_owned(),
                parts: vec![self.other(from, to)?.0],
            }),
            false => self.word(from, to, false),
        }
    }

    /// What shells read in different ways or not at all: kept as it is written, or an error at `at`.
    fn other(&self, at: usize, end: usize) -> Outcome<(WordPart, usize)> {
        match self.dialect {
            Dialect::Portable => Err(at),
            Dialect::Bash => Ok((WordPart::Other { raw: self.text[at..end].to_owned() }, end)),
        }
    }

    fn parts(&self, from: usize, to: usize, in_quotes: bool) -> Outcome<Vec<WordPart>> {
        let mut parts: Vec<WordPart> = Vec::new();
        let add = |parts: &mut Vec<WordPart>, new: &str, now: bool| match parts.last_mut() {
            Some(WordPart::Text { text, is_quoted }) if *is_quoted == now => text.push_str(new),
            _ => parts.push(WordPart::Text { text: new.to_owned(), is_quoted: now }),
        };
        let mut at = from;
        while let Some(next) = self.text[at..to].chars().next() {
            let rest = &self.text[at..to];
            match next {
                '\\' => {
                    let escaped = rest[1..].chars().next();
                    match escaped {
                        Some('\n') => {}
                        Some(letter) if in_quotes && !"$`\"\\".contains(letter) => {
                            add(&mut parts, &rest[..1 + letter.len_utf8()], true);
                        }
                        Some(letter) => add(&mut parts, letter.encode_utf8(&mut [0; 4]), true),
                        None if self.dialect == Dialect::Portable => return Err(at),
                        None => add(&mut parts, "\\", true),
                    }
                    at += 1 + escaped.map_or(0, char::len_utf8);
                }
                '\'' if !in_quotes => {
                    let end = self.end(at, to, in_quotes)?;
                    add(&mut parts, &self.text[at + 1..end - 1], true);
                    at = end;
                }
                '"' if !in_quotes => {
                    let end = self.end(at, to, in_quotes)?;
                    // An empty text is a word, too.
                    add(&mut parts, "", true);
                    parts.extend(self.parts(at + 1, end - 1, true)?);
                    at = end;
                }
                '$' | '`' => {
                    let (part, end) = self.expansion(at, to, in_quotes)?;
                    match part {
                        WordPart::Text { text, is_quoted } => add(&mut parts, &text, is_quoted),
                        part => parts.push(part),
                    }
                    at = end;
                }
                // Quotes within quotes, which shells read in different ways, arrays and process substitutions.
                '"' | '=' | '<' | '>' if next == '"' || !in_quotes && rest[1..].starts_with('(') => {
                    let begins = at + usize::from(next == '=');
                    add(&mut parts, &self.text[at..begins], false);
                    let (part, end) = self.other(begins, to)?;
                    parts.push(part);
                    at = end;
                }
                letter => {
                    add(&mut parts, letter.encode_utf8(&mut [0; 4]), in_quotes);
                    at += letter.len_utf8();
                }
            }
        }
        Ok(parts)
    }

    /// Where what begins at `at` ends.
    fn end(&self, at: usize, to: usize, in_quotes: bool) -> Outcome<usize> {
        let inside = if in_quotes { Inside::Quotes } else { Inside::Nothing };
        lexer::end(&self.text[..to], at, 0, inside).ok_or(at)
    }

    fn expansion(&self, at: usize, to: usize, in_quotes: bool) -> Outcome<(WordPart, usize)> {
        let rest = &self.text[at..to];
        let raw = |end: usize| self.text[at..end].to_owned();
        if rest.starts_with('`') {
            let end = self.end(at, to, in_quotes)?;
            let inner = unescaped(&self.text[at + 1..end - 1]);
            let script = Parser::new(&inner, 0, self.dialect, self.depth + 1).script();
            return match script.rest.is_some() && self.dialect == Dialect::Portable {
                true => Err(at),
                false => Ok((WordPart::Substitution { script, raw: raw(end) }, end)),
            };
        }
        if rest.starts_with("$((") && quote::brackets(&self.text[..to], at + 1).is_some()
            || !in_quotes && (rest.starts_with("$'") || rest.starts_with("$\""))
        {
            return self.other(at, self.end(at, to, in_quotes)?);
        }
        if rest.starts_with("$(") {
            let end = self.end(at, to, in_quotes)?;
            let script = Parser::new(&self.text[..end - 1], at + 2, self.dialect, self.depth + 1).script();
            return match &script.rest {
                Some(rest) if self.dialect == Dialect::Portable => Err(rest.at),
                _ => Ok((WordPart::Substitution { script, raw: raw(end) }, end)),
            };
        }
        if rest.starts_with("${") {
            let end = self.end(at, to, in_quotes)?;
            return match self.braced(at + 2, end - 1, in_quotes) {
                Ok((name, operation)) => {
                    Ok((WordPart::Parameter { name, operation, is_quoted: in_quotes, raw: raw(end) }, end))
                }
                Err(at) if self.dialect == Dialect::Portable => Err(at),
                Err(_) => self.other(at, end),
            };
        }
        let length = match rest[1..].chars().next() {
            Some(sign) if sign.is_ascii_digit() || "@*#?-$!".contains(sign) => 1,
            _ => name_length(&rest[1..]),
        };
        if length == 0 {
            return Ok((WordPart::Text { text: "$".to_owned(), is_quoted: true }, at + 1));
        }
        let name = rest[1..=length].to_owned();
        let end = at + 1 + length;
        Ok((
            WordPart::Parameter { name, operation: Operation::Value, is_quoted: in_quotes, raw: raw(end) },
            end,
        ))
    }

    /// The name and the operation between the braces of `${…}`.
    fn braced(&self, from: usize, to: usize, in_quotes: bool) -> Outcome<(String, Operation)> {
        if self.depth > crate::parser::DEPTH {
            return Err(from);
        }
        let inner = &self.text[from..to];
        let is_length = inner.starts_with('#') && inner != "#";
        let start = from + usize::from(is_length);
        let rest = &self.text[start..to];
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let length = match name_length(rest) {
            0 if digits == 0 => rest.chars().next().map_or(0, char::len_utf8),
            0 => digits,
            length => length,
        };
        let name = rest[..length].to_owned();
        if name.is_empty() {
            return Err(from);
        }
        let has_colon = rest[length..].starts_with(':');
        let behind = &rest[length + usize::from(has_colon)..];
        let sign = behind.chars().next();
        let word_from = to - behind.len() + sign.map_or(0, char::len_utf8);
        let deeper = Parts { depth: self.depth + 1, ..*self };
        let word = deeper.word(word_from, to, in_quotes)?;
        let operation = match sign {
            None if !is_length && !has_colon => Operation::Value,
            Some('-' | '=') if !is_length => Operation::Default(word),
            Some('+') if !is_length => Operation::Alternative { word, empty_is_none: has_colon },
            _ => Operation::Other(word),
        };
        Ok((name, operation))
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
}

/// The length of the variable's name at the start of a text.
pub(crate) fn name_length(text: &str) -> usize {
    match text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        true => text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len()),
        false => 0,
    }
}

/// The commands in backquotes, which escape `$`, `` ` `` and `\`.
fn unescaped(text: &str) -> String {
    let mut inner = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, letters.clone().next()) {
            ('\\', Some(next @ ('$' | '`' | '\\'))) => {
                letters.next();
                inner.push(next);
            }
            _ => inner.push(letter),
        }
    }
    inner
}
