//! Secrets: given to the steps that name them, looked for in all those steps leave behind, and
//! redacted from all they print.

mod forms;
mod shown;

use std::fmt;
use std::io::{self, Read};

use aho_corasick::{AhoCorasick, MatchKind};
use packwright_planner::SecretName;

/// A secret with its value. The value never shows in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its name.
    pub name: SecretName,
    value: Vec<u8>,
}

/// Why a secret cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret `{name}` has fewer than {SHORTEST} bytes")]
pub struct SecretTooShort {
    /// Its name.
    pub name: SecretName,
}

/// A shorter value is found everywhere by chance, so that looking for it proves nothing.
const SHORTEST: usize = 4;

impl Secret {
    /// A secret. One newline at the end, as editors leave it in files, is not part of the value.
    pub fn new(name: SecretName, value: impl Into<Vec<u8>>) -> Result<Secret, SecretTooShort> {
        let mut value = value.into();
        if value.last() == Some(&b'\n') {
            value.pop();
        }
        match value.len() < SHORTEST {
            true => Err(SecretTooShort { name }),
            false => Ok(Secret { name, value }),
        }
    }

    /// The same as a step sees it that must not know the value.
    pub(crate) fn seen_as(&self, text: &str) -> Secret {
        Secret { name: self.name.clone(), value: text.as_bytes().to_vec() }
    }

    /// The value.
    pub fn value(&self) -> &[u8] {
        &self.value
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.name)
    }
}

/// The byte patterns that give secrets away: README.md, "Secrets", says which.
pub(crate) struct SecretPatterns {
    /// Searched for in bytes as they are: what is so short that leaving out white space would find it by chance.
    short: PatternSet,
    /// Without white space, and searched for in bytes without white space and control bytes, so that a secret is
    /// found however it is wrapped and indented.
    long: PatternSet,
    /// What is redacted from a line: all forms, and each line of a secret that has several.
    redacted: PatternSet,
    /// Each secret as a whole in every form. A line that is a part of one is redacted: encoders wrap their output.
    wholes: Vec<Vec<u8>>,
}

/// A pattern of so many bytes is searched for without white space.
const SHORTEST_WRAPPED: usize = 8;

/// A line of so many bytes that is a part of a secret is redacted.
const SHORTEST_PART: usize = 16;

impl SecretPatterns {
    pub(crate) fn of(secrets: &[Secret]) -> SecretPatterns {
        let (mut short, mut long, mut redacted, mut wholes) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for secret in secrets {
            let whole = forms::wholes(&secret.value, SHORTEST);
            let whole: Vec<Vec<u8>> = whole.iter().flat_map(|whole| forms::encoded(whole)).collect();
            let lines = forms::lines(&secret.value);
            let telling = lines.iter().filter(|line| forms::is_telling(line));
            let telling: Vec<Vec<u8>> = telling.flat_map(|line| forms::encoded(line)).collect();
            for pattern in whole.iter().chain(&telling) {
                let squeezed: Vec<u8> = pattern.iter().copied().filter(|byte| !is_blank(*byte)).collect();
                match squeezed.len() < SHORTEST_WRAPPED {
                    true => short.push((secret.name.clone(), pattern.clone())),
                    false => long.push((secret.name.clone(), squeezed)),
                }
                redacted.push((secret.name.clone(), pattern.clone()));
            }
            let lines = secret.value.split(|byte| matches!(byte, b'\n' | b'\r'));
            let lines = lines.filter(|line| line.len() >= SHORTEST);
            redacted.extend(lines.map(|line| (secret.name.clone(), line.to_vec())));
            wholes.extend(whole.into_iter().filter(|whole| whole.len() > SHORTEST_PART));
        }
        SecretPatterns {
            short: PatternSet::new(short),
            long: PatternSet::new(long),
            redacted: PatternSet::new(redacted),
            wholes,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.redacted.names.is_empty()
    }

    /// The first secret found in what `read` holds. Memory: two blocks.
    pub(crate) fn find(&self, mut read: impl Read) -> io::Result<Option<SecretName>> {
        const BLOCK: usize = 1 << 20;
        let (mut plain, mut squeezed) = (Vec::new(), Vec::new());
        loop {
            self.short.keep_end(&mut plain);
            self.long.keep_end(&mut squeezed);
            let before = plain.len();
            let added = read.by_ref().take(BLOCK as u64).read_to_end(&mut plain)?;
            squeezed.extend(plain[before..].iter().filter(|byte| !is_blank(**byte)));
            if let Some(name) = self.short.find(&plain).or_else(|| self.long.find(&squeezed)) {
                return Ok(Some(name.clone()));
            }
            if added == 0 {
                return Ok(None);
            }
        }
    }

    /// `line` with every secret replaced by stars, also those that only show once control sequences and invisible
    /// letters are taken out; these are then gone from the line.
    pub(crate) fn redact(&self, line: &[u8]) -> Vec<u8> {
        if self.is_empty() {
            return line.to_vec();
        }
        let mut out = self.replaced(line).unwrap_or_else(|| line.to_vec());
        for view in shown::views(&out) {
            if let Some(redacted) = self.replaced(view.as_bytes()) {
                out = redacted;
            }
        }
        out
    }

    /// [`SecretPatterns::redact`] for text.
    pub(crate) fn redact_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.redact(text.as_bytes())).into_owned()
    }

    /// `line` with stars; `None` when there is nothing to replace.
    fn replaced(&self, line: &[u8]) -> Option<Vec<u8>> {
        const STARS: &[u8] = b"***";
        let part = line.trim_ascii();
        let is_part = |whole: &Vec<u8>| memchr::memmem::find(whole, part).is_some();
        if part.len() >= SHORTEST_PART && self.wholes.iter().any(is_part) {
            return Some(STARS.to_vec());
        }
        let found = self.redacted.ranges(line);
        if found.is_empty() {
            return None;
        }
        let mut out = Vec::with_capacity(line.len());
        let mut at = 0;
        for (start, end) in found {
            out.extend_from_slice(&line[at..start]);
            out.extend_from_slice(STARS);
            at = end;
        }
        out.extend_from_slice(&line[at..]);
        Some(out)
    }
}

fn is_blank(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7f
}

/// Patterns that are searched for at once, and whose secret each of them is.
struct PatternSet {
    search: Option<AhoCorasick>,
    names: Vec<SecretName>,
    longest: usize,
}

impl PatternSet {
    fn new(patterns: Vec<(SecretName, Vec<u8>)>) -> PatternSet {
        let longest = patterns.iter().map(|(_, pattern)| pattern.len()).max().unwrap_or(0);
        let (names, patterns): (Vec<SecretName>, Vec<Vec<u8>>) = patterns.into_iter().unzip();
        let search = (!patterns.is_empty()).then(|| {
            AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(&patterns)
                .expect("patterns of secrets are far below the limit of two billion states")
        });
        PatternSet { search, names, longest }
    }

    fn find(&self, bytes: &[u8]) -> Option<&SecretName> {
        let found = self.search.as_ref()?.find(bytes)?;
        self.names.get(found.pattern().as_usize())
    }

    /// Everything found, in order; what overlaps or touches is one range.
    fn ranges(&self, bytes: &[u8]) -> Vec<(usize, usize)> {
        let Some(search) = &self.search else { return Vec::new() };
        let mut found: Vec<(usize, usize)> =
            search.find_overlapping_iter(bytes).map(|found| (found.start(), found.end())).collect();
        found.sort_unstable();
        let mut merged: Vec<(usize, usize)> = Vec::new();
        for (start, end) in found {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        merged
    }

    /// Drops from `window` what cannot be a part of a pattern that goes on in the next block.
    fn keep_end(&self, window: &mut Vec<u8>) {
        let kept = window.len().min(self.longest.saturating_sub(1));
        window.drain(..window.len() - kept);
    }
}

#[cfg(test)]
mod tests;
