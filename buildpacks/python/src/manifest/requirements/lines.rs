//! Lines of a requirements file: joining, comments, options. Knows no meaning.
//!
//! The lines are pip's grammar and not the shell's: a comment line ends a continued one, `#` within a word
//! is a letter, and `;` separates markers. Only the words of options are split as a shell does
//! it, by `shell_syntax::split`.

/// A line after joining and without its comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogicalLine {
    /// The number of its first physical line, from 1.
    pub(super) number: u32,
    /// Its text, trimmed and not empty.
    pub(super) text: String,
}

/// The logical lines of `content`: a line that ends in `\` goes on in the next one, except when
/// that begins a comment; comments end with their line.
///
/// Source: pip, `req_file.py`, `join_lines` and `ignore_comments`.
pub(super) fn logical(content: &str) -> Vec<LogicalLine> {
    let mut lines = Vec::new();
    let mut open: Option<(u32, String)> = None;
    for (index, line) in content.lines().enumerate() {
        let comment = line.trim_start().starts_with('#');
        let (number, mut text) = open.take().unwrap_or((index as u32 + 1, String::new()));
        match line.strip_suffix('\\') {
            Some(begin) if !comment => {
                text.push_str(begin);
                open = Some((number, text));
            }
            _ => {
                if comment {
                    text.push(' ');
                }
                text.push_str(line);
                push(&mut lines, number, &text);
            }
        }
    }
    if let Some((number, text)) = open {
        push(&mut lines, number, &text);
    }
    lines
}

fn push(lines: &mut Vec<LogicalLine>, number: u32, text: &str) {
    let text = without_comment(text).trim();
    if !text.is_empty() {
        lines.push(LogicalLine { number, text: text.to_owned() });
    }
}

/// `line` up to a `#` that stands at its start or after white space.
fn without_comment(line: &str) -> &str {
    let mut after_space = true;
    for (offset, symbol) in line.char_indices() {
        if symbol == '#' && after_space {
            return &line[..offset];
        }
        after_space = symbol.is_whitespace();
    }
    line
}

/// A requirement and the options behind it; either may be empty.
pub(super) fn split_options(line: &str) -> (&str, &str) {
    if line.starts_with('-') {
        return ("", line);
    }
    let mut after_space = false;
    for (offset, symbol) in line.char_indices() {
        if symbol == '-' && after_space {
            return (line[..offset].trim_end(), &line[offset..]);
        }
        after_space = symbol.is_whitespace();
    }
    (line, "")
}

/// An option's name and the value that is written together with it.
pub(super) fn option(word: &str) -> (String, Option<String>) {
    if word.starts_with("--") {
        return match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word.to_owned(), None),
        };
    }
    match word.char_indices().nth(2) {
        Some((offset, _)) => {
            let value = word[offset..].trim_start_matches('=');
            (word[..offset].to_owned(), Some(value.to_owned()))
        }
        None => (word.to_owned(), None),
    }
}

/// How many hashes the options of one requirement give; the first option that is none.
pub(super) fn hashes(words: &[String]) -> Result<usize, String> {
    let mut count = 0;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (name, attached) = option(word);
        let value = match (name.as_str(), attached) {
            ("--hash", Some(value)) => Some(value),
            ("--hash", None) => words.next().cloned(),
            _ => None,
        };
        let digest = value.as_deref().and_then(|value| value.split_once(':'));
        match digest {
            Some((_, hex)) if !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()) => {
                count += 1;
            }
            _ => return Err(word.clone()),
        }
    }
    Ok(count)
}
