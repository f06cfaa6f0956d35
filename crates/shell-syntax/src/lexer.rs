//! A text as [`Token`]s. A word may hold a substitution and a substitution holds words again, so that the end of
//! a token and the end of a quoted text are found here together. Expands nothing.
//!
//! Source: POSIX.1-2024, Shell Command Language, 2.2, 2.3 and 2.7.4.

use crate::nesting::Nesting;
use crate::quote;
use crate::token::{Token, TokenKind};

const OPERATORS: [&str; 11] = ["&&", "&", "||", "|&", "|", ";;&", ";;", ";&", ";", "(", ")"];
const REDIRECTIONS: [&str; 12] = ["&>>", "&>", "<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">&", ">|", ">"];

/// How deep substitutions and quoted texts may stand inside each other; deeper text counts as text without an end.
const DEPTH: usize = 32;

/// What a text stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside {
    Nothing,
    /// Double quotes, in which a single quote is a letter.
    Quotes,
}

/// The tokens of a text, in their order.
pub fn tokens(text: &str) -> Vec<Token> {
    tokens_from(text, 0)
}

/// The tokens of a text from an offset on.
pub(crate) fn tokens_from(text: &str, from: usize) -> Vec<Token> {
    let mut lexer = Lexer::new(text, from, 0);
    let mut tokens = Vec::new();
    while lexer.at < text.len() {
        tokens.push(lexer.token());
    }
    tokens
}

/// The offset behind the `)` that closes the commands that begin at `from`; `None` when nothing does.
pub(crate) fn closing(text: &str, from: usize, depth: usize) -> Option<usize> {
    if depth > DEPTH {
        return None;
    }
    let mut lexer = Lexer::new(text, from, depth);
    let mut nesting = Nesting::default();
    while lexer.at < text.len() {
        let token = lexer.token();
        if token.kind == TokenKind::Open {
            return None;
        }
        if nesting.is_closed_by(token.kind, token.text(text)) {
            return Some(token.end);
        }
    }
    None
}

/// A here-document whose text begins on the next line.
struct Awaited {
    end: String,
    /// Whether tabs may stand before its last line.
    is_indented: bool,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// The here-document operator whose delimiter is the next word.
    announced: Option<&'static str>,
    awaited: Vec<Awaited>,
    /// Whether the text of a here-document begins here.
    is_due: bool,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, at: usize, depth: usize) -> Lexer<'a> {
        Lexer { text, at, depth, announced: None, awaited: Vec::new(), is_due: false }
    }

    /// Reads the token that begins here; the text must not be at its end.
    fn token(&mut self) -> Token {
        let start = self.at;
        let (kind, end) = self.next();
        self.at = end;
        match kind {
            TokenKind::Redirection(operator @ ("<<" | "<<-")) => self.announced = Some(operator),
            TokenKind::Word => {
                if let Some(operator) = self.announced.take() {
                    let end = self.text[start..end].chars().filter(|c| !"'\"\\".contains(*c)).collect();
                    self.awaited.push(Awaited { end, is_indented: operator == "<<-" });
                }
            }
            TokenKind::Blank | TokenKind::Continuation => {}
            _ => self.announced = None,
        }
        self.is_due = kind == TokenKind::Newline && !self.awaited.is_empty();
        Token { kind, start, end }
    }

    fn next(&mut self) -> (TokenKind, usize) {
        let (text, at) = (self.text, self.at);
        let rest = &text[at..];
        if self.is_due {
            return match self.awaited.remove(0).end_in(text, at) {
                Some(end) => (TokenKind::Document, end),
                None => (TokenKind::Open, text.len()),
            };
        }
        let length = |ends: fn(char) -> bool| at + rest.find(ends).unwrap_or(rest.len());
        match rest.chars().next() {
            Some('\n') => return (TokenKind::Newline, at + 1),
            Some('#') => return (TokenKind::Comment, length(|c| c == '\n')),
            Some(blank) if blank.is_whitespace() => {
                return (TokenKind::Blank, length(|c| c == '\n' || !c.is_whitespace()));
            }
            Some('\\') if rest.starts_with("\\\n") => return (TokenKind::Continuation, at + 2),
            Some('(') if rest.starts_with("((") => {
                if let Some(end) = quote::brackets(text, at) {
                    return (TokenKind::Arithmetic, end);
                }
            }
            Some('0'..='9') => {
                let end = length(|c| !c.is_ascii_digit());
                if text[end..].starts_with(['<', '>']) && !is_process(&text[end..]) {
                    return (TokenKind::Descriptor, end);
                }
            }
            _ => {}
        }
        if !is_process(rest) {
            if let Some(found) = REDIRECTIONS.into_iter().find(|found| rest.starts_with(found)) {
                return (TokenKind::Redirection(found), at + found.len());
            }
            if let Some(found) = OPERATORS.into_iter().find(|found| rest.starts_with(found)) {
                return (TokenKind::Operator(found), at + found.len());
            }
        }
        match word_end(text, at, self.depth) {
            Some(end) => (TokenKind::Word, end),
            None => (TokenKind::Open, text.len()),
        }
    }
}

/// Whether a process substitution, `<(…)` or `>(…)`, begins here.
fn is_process(rest: &str) -> bool {
    rest.starts_with("<(") || rest.starts_with(">(")
}

/// The offset behind the word that begins at `at`; `None` when something in it has no end.
fn word_end(text: &str, mut at: usize, depth: usize) -> Option<usize> {
    while let Some(next) = text[at..].chars().next() {
        let rest = &text[at..];
        at = match next {
            _ if quote::begins(rest) => end(text, at, depth, Inside::Nothing)?,
            '\\' if rest.starts_with("\\\n") => {
                let behind = rest.trim_start_matches("\\\n");
                if behind.chars().next().is_none_or(is_edge) && !is_process(behind) {
                    return Some(at);
                }
                text.len() - behind.len()
            }
            '\\' => at + 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '=' if rest.starts_with("=(") => closing(text, at + 2, depth + 1)?,
            '<' | '>' if is_process(rest) => closing(text, at + 2, depth + 1)?,
            edge if is_edge(edge) => return Some(at),
            other => at + other.len_utf8(),
        };
    }
    Some(at)
}

/// Whether a word ends before this character.
fn is_edge(next: char) -> bool {
    next.is_whitespace() || ";&|()<>".contains(next)
}

impl Awaited {
    /// The offset behind its last line, the line end aside.
    fn end_in(&self, text: &str, from: usize) -> Option<usize> {
        let mut end = from;
        for line in text[from..].split_inclusive('\n') {
            let bare = line.strip_suffix('\n').unwrap_or(line);
            let read = if self.is_indented { bare.trim_start_matches('\t') } else { bare };
            if read == self.end {
                return Some(end + bare.len());
            }
            end += line.len();
        }
        None
    }
}

/// The offset behind the quoted text or substitution that begins at `at`; `None` when it has no end.
pub(crate) fn end(text: &str, at: usize, depth: usize, inside: Inside) -> Option<usize> {
    let bytes = text.as_bytes();
    match (*bytes.get(at)?, bytes.get(at + 1)) {
        (b'\'', _) => Some(at + 2 + text[at + 1..].find('\'')?),
        (b'"', _) => until(text, at + 1, b'"', depth, Inside::Quotes),
        (b'`', _) => quote::escaped(bytes, at + 1, b'`'),
        (b'$', Some(b'(')) if bytes.get(at + 2) == Some(&b'(') => match quote::brackets(text, at + 1) {
            Some(end) => Some(end),
            None => closing(text, at + 2, depth + 1),
        },
        (b'$', Some(b'(')) => closing(text, at + 2, depth + 1),
        (b'$', Some(b'{')) => until(text, at + 2, b'}', depth, inside),
        (b'$', Some(b'\'')) => quote::escaped(bytes, at + 2, b'\''),
        (b'$', Some(b'"')) => until(text, at + 2, b'"', depth, Inside::Quotes),
        _ => None,
    }
}

/// The offset behind `closing`, searched for from `from` on, outside other quotes and substitutions.
fn until(text: &str, from: usize, closing: u8, depth: usize, inside: Inside) -> Option<usize> {
    if depth > DEPTH {
        return None;
    }
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == closing => return Some(at + 1),
            b'\'' if closing != b'"' && inside == Inside::Nothing => at = end(text, at, depth + 1, inside)?,
            b'"' | b'`' => at = end(text, at, depth + 1, inside)?,
            b'$' if matches!(bytes.get(at + 1), Some(b'(' | b'{')) => at = end(text, at, depth + 1, inside)?,
            _ => at += 1,
        }
    }
    None
}
