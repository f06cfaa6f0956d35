//! What people write where a version is asked for: ranges, and the names that version managers
//! know. Turns it into a [`Range`], or says why it cannot.

use packwright_buildpack::planner::Origin;
use packwright_buildpack::version::{Unclear, Word};

use super::lines::{called, long_term, newest};
use super::range::Range;
use super::runtime::JsRuntime;
use crate::messages;

/// The releases that `word`, which stands at `origin`, means.
///
/// Names: `latest`, `current`, `node` and `stable` are the newest line, as in nvm; `lts` and
/// `lts/*` the newest long-term line, `lts/-1` the one before it; `lts/iron` and `iron` the line of
/// that name.
pub(super) fn read(runtime: JsRuntime, word: Word<'_>, origin: &Origin) -> Result<Range, Unclear> {
    let text = match word {
        Word::Newest => "latest",
        Word::LongTerm => "lts",
        Word::Version(text) => text.trim(),
        Word::System => return Err(Unclear::System),
        Word::Revision => return Err(Unclear::Revision),
        Word::Relative => return Err(Unclear::Relative),
    };
    let lower = text.to_ascii_lowercase();
    let named = match (lower.as_str(), runtime) {
        ("latest", JsRuntime::Bun) => Range::parse("*"),
        (_, JsRuntime::Bun) => None,
        ("latest" | "current" | "node" | "stable", JsRuntime::Node) => Some(Range::line(newest().major)),
        (name, JsRuntime::Node) if name == "iojs" || name.starts_with("iojs-") => {
            return Err(Unclear::Other(Box::new(messages::io_js(origin))));
        }
        (name, JsRuntime::Node) => long_term_name(name),
    };
    // What a tag says of a release may have capitals.
    let range = named.or_else(|| Range::parse(&lower)).or_else(|| Range::parse(text));
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
