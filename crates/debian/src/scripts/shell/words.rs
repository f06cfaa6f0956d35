//! The words of the descent: quotes, parameters, substitutions. Expands nothing.
//!
//! Source: POSIX.1-2024, Shell Command Language, 2.2 and 2.6.

use super::reader::{DEPTH, Outcome, Reader};
use super::{Operation, Part, Word};

impl Reader<'_> {
    /// A word; `None` where an operator or the end is.
    pub(super) fn word(&mut self) -> Outcome<Option<Word>> {
        let parts = self.parts(|c| " \t\n;&|()<>".contains(c), false)?;
        Ok((!parts.is_empty()).then_some(Word(parts)))
    }

    fn parts(&mut self, ends: fn(char) -> bool, within_quotes: bool) -> Outcome<Vec<Part>> {
        let mut parts: Vec<Part> = Vec::new();
        let add = |parts: &mut Vec<Part>, new: &str, now: bool| match parts.last_mut() {
            Some(Part::Text { text, quoted }) if *quoted == now => text.push_str(new),
            _ => parts.push(Part::Text { text: new.to_owned(), quoted: now }),
        };
        while let Some(c) = self.peek() {
            if ends(c) {
                break;
            }
            // A line that ends within a word puts off the text of a here-document.
            if !self.awaited.is_empty() && "\n'\"`$".contains(c) {
                return Err(self.unreadable());
            }
            match c {
                '\\' => {
                    self.next();
                    match self.next() {
                        Some('\n') => {}
                        Some(c) if within_quotes && !"$`\"\\".contains(c) => {
                            add(&mut parts, &format!("\\{c}"), true);
                        }
                        Some(c) => add(&mut parts, &c.to_string(), true),
                        None => return Err(self.unreadable()),
                    }
                }
                '\'' if !within_quotes => {
                    self.next();
                    let end = self.rest().find('\'').ok_or_else(|| self.unreadable())?;
                    add(&mut parts, &self.rest()[..end], true);
                    self.at += end + 1;
                }
                '"' if !within_quotes => {
                    self.next();
                    let inner = self.parts(|c| c == '"', true)?;
                    if !self.take("\"") {
                        return Err(self.unreadable());
                    }
                    // An empty string is a word, too.
                    add(&mut parts, "", true);
                    parts.extend(inner);
                }
                // Quotes within quotes, which shells read in different ways.
                '"' => return Err(self.unreadable()),
                '$' => parts.push(self.dollar(within_quotes)?),
                '`' => {
                    self.next();
                    parts.push(self.backquoted()?);
                }
                _ => {
                    self.next();
                    add(&mut parts, c.encode_utf8(&mut [0; 4]), within_quotes);
                }
            }
        }
        Ok(parts)
    }

    fn backquoted(&mut self) -> Outcome<Part> {
        let mut inner = String::new();
        loop {
            match self.next() {
                Some('`') => break,
                Some('\\') => match self.next() {
                    Some(c) if "$`\\".contains(c) => inner.push(c),
                    Some(c) => inner.extend(['\\', c]),
                    None => return Err(self.unreadable()),
                },
                Some(c) => inner.push(c),
                None => return Err(self.unreadable()),
            }
        }
        let reader = Reader { text: &inner, at: 0, depth: self.depth + 1, awaited: Vec::new() };
        Ok(Part::Substitution(reader.script()?))
    }

    fn dollar(&mut self, quoted: bool) -> Outcome<Part> {
        self.next();
        if self.rest().starts_with("((") {
            return Err(self.unreadable());
        }
        if self.take("(") {
            let nodes = self.list()?;
            return if self.take(")") { Ok(Part::Substitution(nodes)) } else { Err(self.unreadable()) };
        }
        if self.take("{") {
            return self.braced(quoted);
        }
        if let Some(name) = self.name() {
            return Ok(Part::Parameter { name, operation: Operation::Value, quoted });
        }
        match self.peek() {
            Some(c) if c.is_ascii_digit() || "@*#?-$!".contains(c) => {
                self.next();
                Ok(Part::Parameter { name: c.to_string(), operation: Operation::Value, quoted })
            }
            // `$'…'` and `$"…"` are strings to some shells and not to others.
            Some('\'' | '"') if !quoted => Err(self.unreadable()),
            _ => Ok(Part::Text { text: "$".to_owned(), quoted: true }),
        }
    }

    fn braced(&mut self, quoted: bool) -> Outcome<Part> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.unreadable());
        }
        let length = self.rest().starts_with('#') && !self.rest().starts_with("#}");
        if length {
            self.next();
        }
        let name = match self.name() {
            Some(name) => name,
            None => {
                let end = self.rest().find(|c: char| !c.is_ascii_digit()).unwrap_or(0).max(1);
                let name = self.rest().get(..end).ok_or_else(|| self.unreadable())?.to_owned();
                self.at += end;
                name
            }
        };
        let colon = self.take(":");
        let sign = self.peek().filter(|c| *c != '}');
        if sign.is_some() {
            self.next();
        }
        let word = Word(self.parts(|c| c == '}', quoted)?);
        if !self.take("}") {
            return Err(self.unreadable());
        }
        self.depth -= 1;
        let operation = match sign {
            None if !length && !colon => Operation::Value,
            Some('-' | '=') if !length => Operation::Default(word),
            Some('+') if !length => Operation::Instead { word, empty_is_none: colon },
            _ => Operation::Other(word),
        };
        Ok(Part::Parameter { name, operation, quoted })
    }
}
