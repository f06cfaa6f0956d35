//! What people write where a version is asked for: ranges, and the names that version managers
//! know. Turns it into a [`Range`], or says why it cannot.

use super::lines::{called, long_term, newest};
use super::range::Range;
use super::tool::{JsRuntime, Unclear};

/// The releases that `text` means.
///
/// Names: `latest`, `current`, `node` and `stable` are the newest line, as in nvm; `lts` and
/// `lts/*` the newest long-term line, `lts/-1` the one before it; `lts/iron` and `iron` the line of
/// that name. mise's `prefix:` and asdf's `latest:` stand before a version and change nothing.
pub(super) fn parse(tool: JsRuntime, text: &str) -> Result<Range, Unclear> {
    let lower = text.trim().to_ascii_lowercase();
    let word = lower.strip_prefix("prefix:").or_else(|| lower.strip_prefix("latest:")).unwrap_or(&lower);
    let named = match (word, tool) {
        ("system", _) => return Err(Unclear::System),
        ("latest", JsRuntime::Bun) => Range::parse("*"),
        ("iojs", JsRuntime::Node) => return Err(Unclear::IoJs),
        ("latest" | "current" | "node" | "stable", JsRuntime::Node) => Some(Range::line(newest().major)),
        (word, JsRuntime::Node) if word.starts_with("iojs-") => return Err(Unclear::IoJs),
        (word, JsRuntime::Node) => long_term_name(word),
        (_, JsRuntime::Bun) => None,
    };
    // What a tag says of a release may have capitals.
    let range = named.or_else(|| Range::parse(word)).or_else(|| Range::parse(text.trim()));
    let range = range.ok_or(Unclear::Unknown)?;
    if range.is_empty() { Err(Unclear::Nothing) } else { Ok(range) }
}

/// `lts`, `lts/*`, `lts/-1`, `lts/iron`, `lts-iron`, `iron`.
fn long_term_name(word: &str) -> Option<Range> {
    let name = match word.strip_prefix("lts") {
        None => word,
        Some("" | "/*" | "-*") => return long_term().next().map(|line| Range::line(line.major)),
        Some(rest) => rest.strip_prefix(['/', '-'])?,
    };
    if let Some(back) = name.strip_prefix('-').and_then(|digits| digits.parse().ok()) {
        return long_term().nth(back).map(|line| Range::line(line.major));
    }
    called(name).map(|line| Range::line(line.major))
}
