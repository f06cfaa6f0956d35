//! Where quoted texts, substitutions and bracketed texts end. Knows no tokens and expands nothing.

use crate::token;

/// How deep they may stand inside each other; deeper text counts as text without an end.
pub(crate) const DEPTH: usize = 32;

const OPENERS: [&str; 7] = ["'", "\"", "`", "$(", "${", "$'", "$\""];

/// What a text stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside {
    Nothing,
    /// Double quotes, in which a single quote is a letter.
    Quotes,
}

/// Whether a quoted text or a substitution begins at the start of `rest`.
pub(crate) fn begins(rest: &str) -> bool {
    OPENERS.iter().any(|opener| rest.starts_with(opener))
}

/// The offset behind the quoted text or substitution that begins at `at`; `None` when it has no end.
pub(crate) fn end(text: &str, at: usize, depth: usize, inside: Inside) -> Option<usize> {
    let bytes = text.as_bytes();
    match (*bytes.get(at)?, bytes.get(at + 1)) {
        (b'\'', _) => Some(at + 2 + text[at + 1..].find('\'')?),
        (b'"', _) => until(text, at + 1, b'"', depth, Inside::Quotes),
        (b'`', _) => escaped(bytes, at + 1, b'`'),
        (b'$', Some(b'(')) if bytes.get(at + 2) == Some(&b'(') => match brackets(text, at + 1) {
            Some(end) => Some(end),
            None => token::closing(text, at + 2, depth + 1),
        },
        (b'$', Some(b'(')) => token::closing(text, at + 2, depth + 1),
        (b'$', Some(b'{')) => until(text, at + 2, b'}', depth, inside),
        (b'$', Some(b'\'')) => escaped(bytes, at + 2, b'\''),
        (b'$', Some(b'"')) => until(text, at + 2, b'"', depth, Inside::Quotes),
        _ => None,
    }
}

/// The offset behind the `))` that closes the `((` at `at`; `None` when `((` opens two subshells or the
/// expression is longer than any that is written. One pass without recursion: a text that fails here
/// is read again as commands.
pub(crate) fn brackets(text: &str, at: usize) -> Option<usize> {
    const LONGEST: usize = 1024;
    let bytes = &text.as_bytes()[..text.len().min(at + LONGEST)];
    if !bytes[at..].windows(2).any(|pair| pair == b"))") {
        return None;
    }
    let (mut open, mut quote) = (0usize, None);
    let mut letters = bytes.iter().enumerate().skip(at);
    while let Some((at, byte)) = letters.next() {
        match (*byte, quote) {
            (b'\\', None | Some(b'"')) => drop(letters.next()),
            (byte, Some(begun)) if byte == begun => quote = None,
            (_, Some(_)) => {}
            (byte @ (b'\'' | b'"'), None) => quote = Some(byte),
            (b'(', None) => open += 1,
            (b')', None) if open > 1 => open -= 1,
            (b')', None) => return (bytes[at - 1] == b')').then_some(at + 1),
            _ => {}
        }
    }
    None
}

/// The offset behind `closing`, which no backslash stands before.
fn escaped(bytes: &[u8], from: usize, closing: u8) -> Option<usize> {
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match *byte {
            b'\\' => at += 2,
            byte if byte == closing => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
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
