//! The call that listens: `listen(3000, 'localhost')`, `listen({ port, host })`, `serve({ port })`.

use packwright_buildpack::listening::is_local;

use super::literal::JsLiteral;
use super::properties::literal;
use super::script::JsSource;
use super::tokens::Token;

/// A call that listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListenCall {
    /// The port, where it is a number.
    pub(crate) port: Option<u16>,
    /// Its line.
    pub(crate) line: u32,
    /// Whether the address is this machine's own; `None` when there is none.
    pub(crate) is_local: Option<bool>,
    /// Whether its arguments are in an object.
    pub(crate) has_object: bool,
}

/// Functions that listen.
const CALLED: &[&str] = &["listen", "serve"];
/// How an address is called in an object.
const ADDRESS: &[&str] = &["host", "hostname"];
/// What stands in an object that listens to no port, or that is made elsewhere.
const OTHERWISE: &[&str] = &["path", "fd", "..."];

impl JsSource {
    /// The first call that listens to a port; the definition of a function of that name is none.
    pub(crate) fn listener(&self) -> Option<ListenCall> {
        (0..self.tokens.len()).find_map(|index| self.listener_at(index))
    }

    fn listener_at(&self, index: usize) -> Option<ListenCall> {
        let token = |at: usize| self.tokens.get(at).map(|(token, _)| token);
        let named = matches!(token(index), Some(Token::Word(name)) if CALLED.contains(&name.as_str()));
        let defined =
            matches!(index.checked_sub(1).and_then(token), Some(Token::Word(word)) if word == "function");
        if !named || defined || token(index + 1) != Some(&Token::Mark('(')) {
            return None;
        }
        let line = self.tokens[index].1;
        let items = self.items(index + 1)?;
        if self.tokens.get(items.last()?.1 + 1).is_some_and(|(token, _)| *token == Token::Mark('{')) {
            return None;
        }
        let object =
            items.iter().map(|&(start, _)| start).find(|&start| token(start) == Some(&Token::Mark('{')));
        match object.filter(|&start| start == items[0].0) {
            Some(open) => self.in_object(open, line),
            None => {
                let is_local = items.get(1).and_then(|&(start, _)| self.is_local(start));
                Some(ListenCall { port: self.number(items[0].0), line, is_local, has_object: false })
            }
        }
    }

    fn in_object(&self, open: usize, line: u32) -> Option<ListenCall> {
        let mut found = ListenCall { port: None, line, is_local: None, has_object: true };
        let mut names_port = false;
        for (start, _) in self.items(open)? {
            let name = match &self.tokens.get(start)?.0 {
                Token::Word(name) | Token::Text(name) => name.as_str(),
                Token::Mark('.') => "...",
                _ => continue,
            };
            let value =
                matches!(self.tokens.get(start + 1), Some((Token::Mark(':'), _))).then_some(start + 2);
            match name {
                "port" => {
                    names_port = true;
                    found.port = self.number(value.unwrap_or(start));
                }
                _ if ADDRESS.contains(&name) => {
                    found.is_local = Some(self.is_local(value.unwrap_or(start)) == Some(true));
                }
                _ if OTHERWISE.contains(&name) => found.is_local = Some(false),
                _ => {}
            }
        }
        names_port.then_some(found)
    }

    /// The items between the bracket at `open` and the one that closes it: where each starts and
    /// the index behind it.
    fn items(&self, open: usize) -> Option<Vec<(usize, usize)>> {
        let mut items = Vec::new();
        let mut depth = 0usize;
        let mut start = open + 1;
        for (index, (token, _)) in self.tokens.iter().enumerate().skip(open) {
            match token {
                Token::Mark('(' | '[' | '{') => depth += 1,
                Token::Mark(')' | ']' | '}') => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        if start < index {
                            items.push((start, index));
                        }
                        return Some(items);
                    }
                }
                Token::Mark(',') if depth == 1 => {
                    items.push((start, index));
                    start = index + 1;
                }
                _ => {}
            }
        }
        None
    }

    fn number(&self, index: usize) -> Option<u16> {
        match literal(&self.tokens, index, 0) {
            JsLiteral::Number(text) | JsLiteral::Text(text) => text.parse().ok().filter(|port| *port > 0),
            _ => None,
        }
    }

    fn is_local(&self, index: usize) -> Option<bool> {
        match literal(&self.tokens, index, 0) {
            JsLiteral::Text(text) => Some(is_local(&text)),
            _ => None,
        }
    }
}
