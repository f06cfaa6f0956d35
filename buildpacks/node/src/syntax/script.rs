//! [`JsSource`]: a file in JavaScript or TypeScript, and what can be found in it.

use super::literal::JsLiteral;
use super::properties::{self, Property, SPREAD};
use super::tokens::{Token, tokens};

/// A file in JavaScript or TypeScript.
#[derive(Debug, Clone)]
pub(crate) struct JsSource {
    pub(super) tokens: Vec<(Token, u32)>,
    properties: Vec<Property>,
}

/// A value of a configuration, with the line that says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PropertyValue {
    /// The value.
    pub(crate) value: JsLiteral,
    /// The line, from 1.
    pub(crate) line: u32,
}

impl JsSource {
    /// Reads a file. Every text is a script; what is none has nothing to be found.
    pub(crate) fn read(text: &str) -> JsSource {
        let tokens = tokens(text);
        let properties = properties::properties(&tokens);
        JsSource { tokens, properties }
    }

    /// The modules that it imports by a literal name, with lines, in the order of the file.
    /// Imports of types alone do not count.
    pub(crate) fn imports(&self) -> Vec<(&str, u32)> {
        let mut found = Vec::new();
        for (index, (token, line)) in self.tokens.iter().enumerate() {
            let Token::Text(name) = token else { continue };
            let before = |back: usize| index.checked_sub(back).map(|at| &self.tokens[at].0);
            let imports = match before(1) {
                Some(Token::Word(word)) => {
                    word == "import" || word == "from" && !self.is_type_import(index - 1)
                }
                Some(Token::Mark('(')) => {
                    matches!(before(2), Some(Token::Word(word)) if word == "import" || word == "require")
                }
                _ => false,
            };
            if imports {
                found.push((name.as_str(), *line));
            }
        }
        found
    }

    /// Those of them that are loaded whenever the file is: `import` declarations, and calls of
    /// `require` outside of every block and call.
    pub(crate) fn loads(&self) -> Vec<(&str, u32)> {
        let mut depth = 0_i32;
        let mut depths = Vec::with_capacity(self.tokens.len());
        for (token, _) in &self.tokens {
            depths.push(depth);
            match token {
                Token::Mark('{' | '(' | '[') => depth += 1,
                Token::Mark('}' | ')' | ']') => depth -= 1,
                _ => {}
            }
        }
        let mut found = Vec::new();
        for (index, (token, line)) in self.tokens.iter().enumerate() {
            let Token::Text(name) = token else { continue };
            let before = |back: usize| index.checked_sub(back).map(|at| &self.tokens[at].0);
            let loads = match (before(2), before(1)) {
                (_, Some(Token::Word(word))) if word == "import" => true,
                (_, Some(Token::Word(word))) => word == "from" && !self.is_type_import(index - 1),
                (Some(Token::Word(word)), Some(Token::Mark('('))) => word == "require" && depths[index] == 1,
                _ => false,
            };
            if loads {
                found.push((name.as_str(), *line));
            }
        }
        found
    }

    /// Whether the `from` at `index` ends an `import type` or `export type`.
    fn is_type_import(&self, index: usize) -> bool {
        let start = self.tokens[..index].iter().rposition(
            |(token, _)| matches!(token, Token::Word(word) if word == "import" || word == "export"),
        );
        let Some(start) = start else { return false };
        let after = |step: usize| self.tokens.get(start + step).map(|(token, _)| token);
        matches!(after(1), Some(Token::Word(word)) if word == "type")
            && !matches!(after(2), Some(Token::Word(word)) if word == "from")
            && !matches!(after(2), Some(Token::Mark(',')))
    }

    /// The line where the names follow each other with dots between, `process.env.PORT` as
    /// `["process", "env", "PORT"]`.
    pub(crate) fn names(&self, names: &[&str]) -> Option<u32> {
        self.positions(names).next().map(|at| self.tokens[at].1)
    }

    /// The line where the names, as in [`Script::names`], are called.
    pub(crate) fn calls(&self, names: &[&str]) -> Option<u32> {
        let length = names.len() * 2 - 1;
        let called = |&at: &usize| matches!(self.tokens.get(at + length), Some((Token::Mark('('), _)));
        self.positions(names).find(called).map(|at| self.tokens[at].1)
    }

    /// The line of a text, or of a name, that is `word`.
    pub(crate) fn word(&self, word: &str) -> Option<u32> {
        let same = |token: &Token| matches!(token, Token::Word(text) | Token::Text(text) if text == word);
        self.tokens.iter().find(|(token, _)| same(token)).map(|(_, line)| *line)
    }

    /// The value of the property at the end of `path`, seen from the outermost objects of the
    /// file. `()` in a path stands for the arguments of a call, `[]` for the items of a list.
    /// `None` when the file has no such property.
    pub(crate) fn property(&self, path: &[&str]) -> Option<PropertyValue> {
        let mut found: Option<PropertyValue> = None;
        let seen = |property: &&Property| {
            property
                .path
                .iter()
                .filter(|part| *part != SPREAD && *part != "()")
                .eq(path.iter().filter(|part| **part != "()"))
        };
        for property in self.properties.iter().filter(seen) {
            let value = match property.path == path {
                true => properties::literal(&self.tokens, property.value, 0),
                false if property.path.iter().any(|part| part == SPREAD) => JsLiteral::Computed,
                false => continue,
            };
            match &mut found {
                None => found = Some(PropertyValue { value, line: property.line }),
                Some(known) if known.value == value => {}
                Some(known) => *known = PropertyValue { value: JsLiteral::Computed, line: property.line },
            }
        }
        found
    }

    fn positions(&self, names: &[&str]) -> impl Iterator<Item = usize> {
        (0..self.tokens.len()).filter(move |&at| {
            names.iter().enumerate().all(|(index, name)| {
                let dotted =
                    index == 0 || matches!(self.tokens.get(at + 2 * index - 1), Some((Token::Mark('.'), _)));
                let here =
                    matches!(self.tokens.get(at + 2 * index), Some((Token::Word(word), _)) if word == name);
                dotted && here
            })
        })
    }
}
