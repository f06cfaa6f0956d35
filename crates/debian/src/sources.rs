//! Reads apt's source lists, given as text in either of their formats, for the mirror that a host already uses
//! for Debian. Opens no file and knows no address of its own.
//!
//! Source: sources.list(5).

use std::collections::BTreeSet;

use crate::archive::{Area, Mirror, Suite};

/// One repository of a source list: one URI with one suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceEntry {
    /// Address as written, without a closing `/`.
    pub uri: String,
    /// `trixie`, `stable-security`, `nodistro`.
    pub suite: String,
    /// `main` and others; empty for a flat repository.
    pub components: Vec<String>,
    /// File it stood in, as the caller named it.
    pub file: String,
    /// Line of the entry, or of its stanza's `URIs` field; from 1.
    pub line: usize,
}

/// Mirrors found, with where each was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundMirror {
    /// The addresses.
    pub mirror: Mirror,
    /// `file:line` of the main archive's entry.
    pub archive_origin: String,
    /// `file:line` of the security archive's entry.
    pub security_origin: Option<String>,
}

/// Why a source list cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct SourcesError {
    /// File as the caller named it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl SourcesError {
    /// What to do about it.
    pub fn fix(&self) -> String {
        "correct the line, or give the mirror explicitly".to_owned()
    }
}

/// All enabled binary repositories of one file. A name ending in `.sources` is deb822, any
/// other is the one-line format.
///
/// Errors: a line that apt would refuse too.
pub fn parse(file: &str, text: &str) -> Result<Vec<SourceEntry>, SourcesError> {
    if file.ends_with(".sources") { parse_deb822(file, text) } else { parse_lines(file, text) }
}

/// The mirror a set of source lists names for Debian, or `None` when none does.
///
/// The first entry wins that offers `main` of a Debian suite (by codename, or by class name
/// such as `stable`) over http or https; third-party repositories, `cdrom:`, `file:` and
/// `mirror+file:` are passed over. Any Debian suite counts, since a mirror carries all.
pub fn debian_mirror(entries: &[SourceEntry]) -> Option<FoundMirror> {
    let find = |area| {
        entries
            .iter()
            .find(|entry| area_of(entry) == Some(area))
            .map(|entry| (entry.uri.clone(), format!("{}:{}", entry.file, entry.line)))
    };
    let (archive, archive_origin) = find(Area::Archive)?;
    let (security, security_origin) = find(Area::Security).unzip();
    Some(FoundMirror { mirror: Mirror { archive, security }, archive_origin, security_origin })
}

/// Codenames newer and older than our keys still mark a Debian mirror.
const OTHER_NAMES: [&str; 10] = [
    "oldoldstable",
    "oldstable",
    "stable",
    "testing",
    "unstable",
    "sid",
    "buster",
    "bullseye",
    "forky",
    "duke",
];

fn area_of(entry: &SourceEntry) -> Option<Area> {
    let http = entry.uri.starts_with("http://") || entry.uri.starts_with("https://");
    if !http || !entry.components.iter().any(|component| component == "main") {
        return None;
    }
    // Before bullseye the security suites were written `buster/updates`.
    let (name, area) = match entry.suite.strip_suffix("-security").or(entry.suite.strip_suffix("/updates")) {
        Some(name) => (name, Area::Security),
        None => {
            let name = ["-updates", "-proposed-updates", "-backports"]
                .iter()
                .find_map(|suffix| entry.suite.strip_suffix(suffix))
                .unwrap_or(&entry.suite);
            (name, Area::Archive)
        }
    };
    let known = Suite::debian_codenames().contains(&name) || OTHER_NAMES.contains(&name);
    known.then_some(area)
}

fn parse_lines(file: &str, text: &str) -> Result<Vec<SourceEntry>, SourcesError> {
    let mut entries = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let fail = |reason: &str| SourcesError { file: file.into(), line: at + 1, reason: reason.into() };
        let line = line.split('#').next().unwrap_or_default().trim();
        let (kind, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match kind {
            "" | "deb-src" => continue,
            "deb" => {}
            _ => return Err(fail("an entry must begin with `deb` or `deb-src`")),
        }
        let rest = rest.trim_start();
        let rest = match rest.strip_prefix('[') {
            Some(options) => options.split_once(']').ok_or_else(|| fail("`[` is not closed"))?.1,
            None => rest,
        };
        let mut words = rest.split_whitespace();
        // `cdrom:[Debian 12 …]/ bookworm main` has blanks inside its address.
        if rest.trim_start().starts_with("cdrom:") {
            continue;
        }
        let (Some(uri), Some(suite)) = (words.next(), words.next()) else {
            return Err(fail("an entry needs an address and a suite"));
        };
        entries.push(SourceEntry {
            uri: uri.trim_end_matches('/').to_owned(),
            suite: suite.to_owned(),
            components: words.map(str::to_owned).collect(),
            file: file.to_owned(),
            line: at + 1,
        });
    }
    Ok(entries)
}

#[derive(Default)]
struct Stanza {
    types: Vec<String>,
    uris: Vec<String>,
    suites: Vec<String>,
    components: Vec<String>,
    disabled: bool,
    line: usize,
    begun: bool,
}

fn parse_deb822(file: &str, text: &str) -> Result<Vec<SourceEntry>, SourcesError> {
    let mut entries = Vec::new();
    let mut stanza = Stanza::default();
    let mut seen = BTreeSet::new();
    let mut field = String::new();
    for (at, line) in text.lines().chain([""]).enumerate() {
        let fail = |reason: &str| SourcesError { file: file.into(), line: at + 1, reason: reason.into() };
        if line.starts_with('#') {
            continue;
        }
        if line.trim().is_empty() {
            let done = std::mem::take(&mut stanza);
            if done.begun {
                done.check().map_err(fail)?;
                done.append_to(&mut entries, file);
            }
            seen.clear();
            field.clear();
            continue;
        }
        stanza.begun = true;
        let value = if line.starts_with([' ', '\t']) {
            if field.is_empty() {
                return Err(fail("a continuation line follows no field"));
            }
            line
        } else {
            let (name, value) = line
                .split_once(':')
                .filter(|(name, _)| !name.contains(char::is_whitespace))
                .ok_or_else(|| fail("a field needs a colon"))?;
            field = name.trim().to_ascii_lowercase();
            if !seen.insert(field.clone()) {
                return Err(fail("a field is given twice"));
            }
            if field == "uris" {
                stanza.line = at + 1;
            }
            value
        };
        let words = value.split_whitespace().map(str::to_owned);
        match field.as_str() {
            "types" => stanza.types.extend(words),
            "uris" => stanza.uris.extend(words),
            "suites" => stanza.suites.extend(words),
            "components" => stanza.components.extend(words),
            "enabled" => stanza.disabled = matches!(value.trim(), "no" | "false" | "without" | "off" | "0"),
            _ => {}
        }
    }
    Ok(entries)
}

impl Stanza {
    fn check(&self) -> Result<(), &'static str> {
        match (self.types.is_empty(), self.uris.is_empty(), self.suites.is_empty()) {
            (true, _, _) => Err("the stanza above has no `Types`"),
            (_, true, _) => Err("the stanza above has no `URIs`"),
            (_, _, true) => Err("the stanza above has no `Suites`"),
            _ => Ok(()),
        }
    }

    fn append_to(self, entries: &mut Vec<SourceEntry>, file: &str) {
        if self.disabled || !self.types.iter().any(|kind| kind == "deb") {
            return;
        }
        for uri in &self.uris {
            for suite in &self.suites {
                entries.push(SourceEntry {
                    uri: uri.trim_end_matches('/').to_owned(),
                    suite: suite.clone(),
                    components: self.components.clone(),
                    file: file.to_owned(),
                    line: self.line,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests;
