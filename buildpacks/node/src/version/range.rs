//! [`Range`]: ranges of versions as npm writes them.
//!
//! Source: the grammar in node-semver's README, "Ranges"; what it leaves open is taken from npm's
//! own `semver`, against which the table in `tests.rs` was made. The crate `nodejs-semver` is not
//! used for this: it takes ranges that exclude each other (`>=18 <=16`, `20 22`) for the first of
//! them, and an empty alternative for nothing. Every comparator of the grammar is one interval, so
//! the rule is as short as the workaround would be.
//!
//! Only releases are of interest: a version before a release (`20.0.0-rc.1`) is no member of any
//! range, and as a bound it stands just before its release.

use std::fmt;

/// Three numbers of a release.
pub(crate) type ReleaseNumber = (u64, u64, u64);

/// Releases from one on, and below another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Interval {
    from: ReleaseNumber,
    /// No limit when there is none.
    below: Option<ReleaseNumber>,
}

/// A set of releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    /// In order, none empty, none touching the next.
    intervals: Vec<Interval>,
}

/// A version of which the last numbers may be left open.
struct PartialVersion {
    major: Option<u64>,
    minor: Option<u64>,
    patch: Option<u64>,
    /// Whether it comes before the release of these numbers.
    before: bool,
}

/// The largest number that npm takes.
const LARGEST: u64 = (1 << 53) - 1;

impl Range {
    /// All releases of one major number.
    pub(crate) fn line(major: u64) -> Range {
        Range::of(vec![Interval { from: (major, 0, 0), below: Some((major + 1, 0, 0)) }])
    }

    /// This release alone.
    pub(crate) fn only((major, minor, patch): ReleaseNumber) -> Range {
        Range::of(vec![Interval { from: (major, minor, patch), below: Some((major, minor, patch + 1)) }])
    }

    /// Reads a range; `None` when npm would not take it for one.
    pub(crate) fn parse(text: &str) -> Option<Range> {
        let alternatives: Option<Vec<Interval>> = text.split("||").map(alternative).collect();
        Some(Range::of(alternatives?))
    }

    /// The release that `text` names with all its numbers; `None` for a range, and for what npm would
    /// not take for a version. One before a release, `1.0.0-rc.1`, has the numbers of that release.
    pub(crate) fn exact(text: &str) -> Option<ReleaseNumber> {
        let is_number = text.trim_start_matches('v').starts_with(|first: char| first.is_ascii_digit());
        let PartialVersion { major, minor, patch, .. } = PartialVersion::parse(text).filter(|_| is_number)?;
        Some((major?, minor?, patch?))
    }

    fn of(mut intervals: Vec<Interval>) -> Range {
        intervals.retain(|one| one.below.is_none_or(|below| one.from < below));
        intervals.sort();
        let mut merged: Vec<Interval> = Vec::new();
        for next in intervals {
            match merged.last_mut() {
                Some(last) if last.below.is_none_or(|below| next.from <= below) => {
                    last.below = last.below.zip(next.below).map(|(a, b)| a.max(b));
                }
                _ => merged.push(next),
            }
        }
        Range { intervals: merged }
    }

    /// The releases in both.
    pub(crate) fn both(&self, other: &Range) -> Range {
        let pairs = self.intervals.iter().flat_map(|&a| other.intervals.iter().map(move |&b| a.and(b)));
        Range::of(pairs.collect())
    }

    /// Whether no release is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }

    /// The least release in it, and the one above all in it if there is a limit.
    pub(crate) fn span(&self) -> Option<(ReleaseNumber, Option<ReleaseNumber>)> {
        Some((self.intervals.first()?.from, self.intervals.last()?.below))
    }

    /// The numbers that all its releases begin with, `20` or `20.11.0`; itself when they have none
    /// in common.
    pub(crate) fn prefix(&self) -> String {
        match self.span() {
            Some(((a, b, c), Some(below))) if below == (a, b, c + 1) => format!("{a}.{b}.{c}"),
            Some(((a, b, _), Some(below))) if below <= (a, b + 1, 0) => format!("{a}.{b}"),
            Some(((a, _, _), Some(below))) if below <= (a + 1, 0, 0) => a.to_string(),
            _ => self.to_string(),
        }
    }
}

impl Interval {
    const ALL: Interval = Interval { from: (0, 0, 0), below: None };
    const NONE: Interval = Interval { from: (0, 0, 0), below: Some((0, 0, 0)) };

    fn and(self, other: Interval) -> Interval {
        let below = match (self.below, other.below) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Interval { from: self.from.max(other.from), below }
    }
}

impl fmt::Display for Range {
    /// As npm reads it: `>=20.10.0 <21.0.0 || 22.1.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.intervals.is_empty() {
            return f.write_str("<0.0.0");
        }
        for (index, one) in self.intervals.iter().enumerate() {
            let (major, minor, patch) = one.from;
            f.write_str(if index > 0 { " || " } else { "" })?;
            match one.below {
                Some(below) if below == (major, minor, patch + 1) => write!(f, "{major}.{minor}.{patch}")?,
                Some((a, b, c)) => write!(f, ">={major}.{minor}.{patch} <{a}.{b}.{c}")?,
                None if one.from == (0, 0, 0) => f.write_str("*")?,
                None => write!(f, ">={major}.{minor}.{patch}")?,
            }
        }
        Ok(())
    }
}

/// What stands between two `||`.
fn alternative(text: &str) -> Option<Interval> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if let [low, "-", high] = words.as_slice() {
        let (low, high) = (PartialVersion::parse(low)?, PartialVersion::parse(high)?);
        return Some(Interval { from: low.least(), below: high.after() });
    }
    let mut all = Interval::ALL;
    let mut operator = "";
    for word in words {
        let rest = word.trim_start_matches(|c| "<>=~^".contains(c));
        let found = &word[..word.len() - rest.len()];
        // An operator may stand apart from its version.
        if !found.is_empty() && !operator.is_empty() {
            return None;
        }
        operator = if found.is_empty() { operator } else { found };
        if !rest.is_empty() {
            all = all.and(comparator(operator, &PartialVersion::parse(rest)?)?);
            operator = "";
        }
    }
    operator.is_empty().then_some(all)
}

/// The releases that one operator and its version allow.
fn comparator(operator: &str, version: &PartialVersion) -> Option<Interval> {
    let least = version.least();
    let all_from = |from| Interval { from, below: None };
    let all_below = |below| Interval { from: (0, 0, 0), below };
    Some(match operator.trim_end_matches('=') {
        "" if version.before => Interval::NONE,
        "" => Interval { from: least, below: version.after() },
        "^" => Interval { from: least, below: version.next_breaking() },
        "~" | "~>" => Interval { from: least, below: version.next_minor() },
        ">" if operator != ">" => all_from(least),
        "<" if operator != "<" => all_below(version.after()),
        ">" => version.after().map_or(Interval::NONE, all_from),
        "<" => all_below(Some(least)),
        _ => return None,
    })
}

impl PartialVersion {
    /// Numbers, or `x`, `X`, `*` for those left open; after the third what comes before a
    /// release and what is said about a build.
    fn parse(text: &str) -> Option<PartialVersion> {
        let text = text.trim_start_matches(['v', '=']);
        let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
        let (numbers, before) =
            text.split_once('-').map_or((text, None), |(numbers, before)| (numbers, Some(before)));
        let mut parts = Vec::new();
        for part in numbers.split('.') {
            parts.push(match part {
                "x" | "X" | "*" => None,
                digits => Some(number(digits)?),
            });
        }
        let open = parts.iter().position(Option::is_none).unwrap_or(parts.len());
        let is_full = parts.len() == 3;
        let tags_fit = [before, build].into_iter().flatten().all(is_tag) && (is_full || before.is_none());
        if parts.len() > 3 || parts[open..].iter().any(Option::is_some) || !tags_fit {
            return None;
        }
        let at = |index: usize| parts.get(index).copied().flatten();
        Some(PartialVersion {
            major: at(0),
            minor: at(1),
            patch: at(2),
            before: before.is_some() && open == 3,
        })
    }

    /// The first release of all that it stands for.
    fn least(&self) -> ReleaseNumber {
        (self.major.unwrap_or(0), self.minor.unwrap_or(0), self.patch.unwrap_or(0))
    }

    /// The first release after all that it stands for; `None` when it stands for all.
    fn after(&self) -> Option<ReleaseNumber> {
        match (self.major?, self.minor, self.patch) {
            (major, Some(minor), Some(patch)) if self.before => Some((major, minor, patch)),
            (major, Some(minor), Some(patch)) => Some((major, minor, patch + 1)),
            _ => self.next_minor(),
        }
    }

    /// The end of `~`.
    fn next_minor(&self) -> Option<ReleaseNumber> {
        match (self.major?, self.minor) {
            (major, Some(minor)) => Some((major, minor + 1, 0)),
            (major, None) => Some((major + 1, 0, 0)),
        }
    }

    /// The end of `^`: the first number that is not zero may not grow.
    fn next_breaking(&self) -> Option<ReleaseNumber> {
        match (self.major?, self.minor, self.patch) {
            (0, Some(0), Some(patch)) => Some((0, 0, patch + 1)),
            (0, Some(minor), _) => Some((0, minor + 1, 0)),
            (major, _, _) => Some((major + 1, 0, 0)),
        }
    }
}

fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    digits.parse().ok().filter(|&number| number <= LARGEST)
}

fn is_tag(text: &str) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

#[cfg(test)]
mod tests;
