//! Where something is in a text: [`Broken`], and lines and columns of byte offsets.

use crate::limits;

/// Where and why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct Broken {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong: lower case, no full stop.
    pub reason: String,
}

/// The text without byte order mark, unless it is too long to be read.
pub(crate) fn readable(text: &str) -> Result<&str, Broken> {
    match text.len() > limits::SIZE {
        true => Err(Broken {
            line: 1,
            column: 1,
            reason: format!("the text has {} bytes and may have {}", text.len(), limits::SIZE),
        }),
        false => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
    }
}

/// Where the lines of a text start.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Lines<'a> {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|&(at, &byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Lines { text, starts }
    }

    /// The line of the byte at `at`, from 1.
    pub(crate) fn line(&self, at: usize) -> u32 {
        number(self.starts.partition_point(|&start| start <= at))
    }

    /// How many lines there are; the one behind a line break at the end counts.
    pub(crate) fn count(&self) -> usize {
        self.starts.len()
    }

    /// The first control character of ASCII within the bytes `range`.
    pub(crate) fn control(&self, range: std::ops::Range<usize>) -> Option<usize> {
        let bytes = self.text.as_bytes().get(range.clone())?;
        bytes.iter().position(|&byte| byte < 0x20).map(|at| range.start + at)
    }

    /// The text of the line `line`, from 1; nothing where there is none.
    pub(crate) fn text(&self, line: usize) -> &'a str {
        let start = line.checked_sub(1).and_then(|index| self.starts.get(index));
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        start.and_then(|&start| self.text.get(start..end)).unwrap_or_default()
    }

    /// What cannot be read at the byte `at`.
    pub(crate) fn broken(&self, at: usize, reason: &str) -> Broken {
        let line = self.line(at);
        let start = self.starts.get(line as usize - 1).copied().unwrap_or_default();
        let before = self.text.get(start..at).map_or(0, |before| before.chars().count());
        Broken { line, column: number(before).saturating_add(1), reason: lower(reason) }
    }
}

pub(crate) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The messages of parsers as ours are written.
pub(crate) fn lower(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}
