//! Words of a Dockerfile: splitting at blanks outside quotes, and expanding variables. This module starts no
//! shell and knows no variable except those that it is given.
//!
//! This is a grammar of its own and not the shell's, which `packwright-shell-syntax` reads: the escape
//! character is a directive of the file, `;` and `#` are letters, variables are filled in and
//! commands are not. The lines of `RUN` are the shell's, and are not read here.
//!
//! Source: docs.docker.com, "Dockerfile reference", "Environment replacement"; moby/buildkit,
//! `frontend/dockerfile/shell/lex.go`.

/// The words of a text with their places; quotes and escapes are kept in them.
pub(super) fn split(text: &str, escape: char) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        if quote.is_none() && letter.is_whitespace() {
            words.extend(start.take().map(|start| (start, &text[start..at])));
            continue;
        }
        start.get_or_insert(at);
        match (quote, letter) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None | Some('"'), letter) if letter == escape => {
                letters.next();
            }
            _ => {}
        }
    }
    words.extend(start.map(|start| (start, &text[start..])));
    words
}

/// What a word comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Expanded {
    /// The text without quotes, variables filled in; one without a value is empty.
    pub(super) text: String,
    /// The variables without a value.
    pub(super) missing: Vec<String>,
}

/// A word without quotes and escapes, with its variables filled in.
pub(super) fn fill(word: &str, escape: char, value: &dyn Fn(&str) -> Option<String>) -> Expanded {
    let mut filled = Expanded::default();
    fill_into(&mut filled, word, escape, value, 0);
    filled
}

/// How deep `${a:-${b}}` may go.
const DEPTH: usize = 8;

fn fill_into(
    filled: &mut Expanded,
    word: &str,
    escape: char,
    value: &dyn Fn(&str) -> Option<String>,
    depth: usize,
) {
    let mut quote = None;
    let mut rest = word;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        match (quote, letter) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (Some('\''), _) => filled.text.push(letter),
            (_, '$') => rest = variable(filled, rest, escape, value, depth),
            (_, _) if letter == escape => {
                // Between double quotes only some characters lose their meaning by it.
                let next = rest.chars().next();
                match next {
                    Some(next) if quote.is_none() || matches!(next, '"' | '$') || next == escape => {
                        filled.text.push(next);
                        rest = &rest[next.len_utf8()..];
                    }
                    _ => filled.text.push(letter),
                }
            }
            _ => filled.text.push(letter),
        }
    }
}

/// Fills in the variable that `rest` starts with, its `$` aside; gives what follows.
fn variable<'a>(
    filled: &mut Expanded,
    rest: &'a str,
    escape: char,
    value: &dyn Fn(&str) -> Option<String>,
    depth: usize,
) -> &'a str {
    if let Some(inner) = rest.strip_prefix('{') {
        let Some(end) = closing(inner) else {
            filled.text.push_str("${");
            return inner;
        };
        let (inner, after) = (&inner[..end], &inner[end + 1..]);
        let (name, rule) = inner.split_at(name_length(inner));
        braced(filled, name, rule, escape, value, depth);
        return after;
    }
    let length = name_length(rest);
    if length == 0 {
        filled.text.push('$');
        return rest;
    }
    plain(filled, &rest[..length], value);
    &rest[length..]
}

fn braced(
    filled: &mut Expanded,
    name: &str,
    rule: &str,
    escape: char,
    value: &dyn Fn(&str) -> Option<String>,
    depth: usize,
) {
    let known = value(name);
    let (colon, operator) = match rule.strip_prefix(':') {
        Some(operator) => (true, operator),
        None => (false, rule),
    };
    let there = known.as_ref().is_some_and(|known| !colon || !known.is_empty());
    let other = operator.get(1..).unwrap_or_default();
    match operator.chars().next() {
        Some('-' | '=') if !there && depth < DEPTH => fill_into(filled, other, escape, value, depth + 1),
        Some('+') if there && depth < DEPTH => fill_into(filled, other, escape, value, depth + 1),
        Some('+') => {}
        // `#`, `%` and `/` cut texts out of values: what is left is not known without a shell.
        Some('#' | '%' | '/') if known.is_some() => filled.missing.push(name.to_owned()),
        _ => plain(filled, name, value),
    }
}

fn plain(filled: &mut Expanded, name: &str, value: &dyn Fn(&str) -> Option<String>) {
    match value(name) {
        Some(value) => filled.text.push_str(&value),
        None => filled.missing.push(name.to_owned()),
    }
}

/// The place of the brace that closes one that is open.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}

fn name_length(text: &str) -> usize {
    // What a shell calls by one character (`$1`, `$$`, `$?`) has no value here.
    if text.starts_with(|letter: char| letter.is_ascii_digit() || "@*#?-$!".contains(letter)) {
        return 1;
    }
    text.find(|letter: char| !(letter.is_alphanumeric() || letter == '_')).unwrap_or(text.len())
}

/// The here-documents that a command announces: the word that ends each, and whether tabs before it
/// are skipped.
pub(super) fn documents(text: &str) -> Vec<(String, bool)> {
    let announced = split(text, '\\').into_iter().filter_map(|(_, word)| {
        let behind = word.trim_start_matches(|letter: char| letter.is_ascii_digit()).strip_prefix("<<")?;
        let (name, tabs) = match behind.strip_prefix('-') {
            Some(name) => (name, true),
            None => (behind, false),
        };
        let bare: String = name.chars().filter(|letter| !matches!(letter, '"' | '\'' | '\\')).collect();
        // `<<<` is a text for the shell, and `$x` no name.
        (!bare.is_empty() && !bare.contains(['<', '$', '(', ')'])).then_some((bare, tabs))
    });
    announced.collect()
}
