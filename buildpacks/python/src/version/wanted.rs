//! [`Wanted`]: a wish for a Python version, as a number or as a range, in PEP 440's words or in
//! poetry's.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};

use crate::data::{DEFAULT, DELIVERIES, Delivery};

/// A wish for a Python version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A minor version, perhaps with a patch.
    Exact {
        /// Major and minor number.
        minor: (u64, u64),
        /// Third number.
        patch: Option<u64>,
    },
    /// Any version that one of these ranges takes.
    Range(Vec<VersionSpecifiers>),
}

/// No release of a Python minor version had a larger third number.
const LAST_PATCH: u64 = 40;

impl Wanted {
    /// `3.13` or `3.13.5`.
    pub(super) fn exact(text: &str) -> Option<Wanted> {
        let numbers: Vec<u64> = text
            .split('.')
            .map(|part| match part.bytes().all(|byte| byte.is_ascii_digit()) {
                true => part.parse().ok(),
                false => None,
            })
            .collect::<Option<_>>()?;
        match *numbers.as_slice() {
            [major, minor] => Some(Wanted::Exact { minor: (major, minor), patch: None }),
            [major, minor, patch] => Some(Wanted::Exact { minor: (major, minor), patch: Some(patch) }),
            _ => None,
        }
    }

    /// A range: PEP 440 specifiers, or poetry's `^3.11`, `~3.11`, `3.*`, with `||` between
    /// alternatives and `,` or a space between conditions.
    pub(super) fn range(text: &str) -> Option<Wanted> {
        let alternatives: Option<Vec<VersionSpecifiers>> =
            text.split('|').filter(|part| !part.is_empty()).map(conditions).collect();
        alternatives.filter(|ranges| !ranges.is_empty()).map(Wanted::Range)
    }

    /// Whether some patch of the delivered minor version fulfils the wish.
    pub(super) fn takes_minor(&self, delivery: &Delivery) -> bool {
        match self {
            Wanted::Exact { minor, .. } => *minor == delivery.minor,
            Wanted::Range(_) => (0..=LAST_PATCH).any(|patch| self.takes(delivery, patch)),
        }
    }

    /// Whether the patch in the table fulfils it. An exact patch is looked at when the plan is
    /// pinned, so it counts as fulfilled.
    pub(super) fn takes_patch(&self, delivery: &Delivery) -> bool {
        match self {
            Wanted::Exact { .. } => true,
            Wanted::Range(_) => self.takes(delivery, delivery.patch),
        }
    }

    fn takes(&self, delivery: &Delivery, patch: u64) -> bool {
        let version = Version::new([delivery.minor.0, delivery.minor.1, patch]);
        match self {
            Wanted::Exact { minor, .. } => *minor == delivery.minor,
            Wanted::Range(ranges) => ranges.iter().any(|range| range.contains(&version)),
        }
    }

    /// The delivered version that is nearest to the wish.
    pub(super) fn nearest(&self) -> &'static Delivery {
        let number = |(major, minor): (u64, u64)| (major * 1000).saturating_add(minor);
        let wish = match self {
            Wanted::Exact { minor, .. } => number(*minor),
            Wanted::Range(ranges) => {
                let bounds = ranges.iter().flat_map(|range| range.iter());
                let versions = bounds.map(|bound| {
                    let release = bound.version().release();
                    let at = |index: usize| release.get(index).copied().unwrap_or(0);
                    number((at(0), at(1)))
                });
                versions.max().unwrap_or_else(|| number(DEFAULT.minor))
            }
        };
        DELIVERIES.iter().min_by_key(|one| number(one.minor).abs_diff(wish)).unwrap_or(DEFAULT)
    }
}

/// Conditions that all hold, in PEP 440's or poetry's words.
fn conditions(text: &str) -> Option<VersionSpecifiers> {
    let mut all = Vec::new();
    // `>= 3.11` is one condition; `>=3.11 <4` are two, to poetry.
    let mut joined = String::new();
    for word in text.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        joined.push_str(word);
        if word.ends_with(|last: char| last.is_ascii_alphanumeric() || last == '*') {
            all.extend(condition(&joined)?);
            joined.clear();
        }
    }
    match joined.is_empty() && !text.trim().is_empty() {
        true => VersionSpecifiers::from_str(&all.join(",")).ok(),
        false => None,
    }
}

/// One condition as PEP 440 specifiers; none for `*`.
fn condition(text: &str) -> Option<Vec<String>> {
    if text == "*" {
        return Some(Vec::new());
    }
    if let Some(version) = text.strip_prefix('^') {
        let version = Version::from_str(version).ok()?;
        let &major = version.release().first()?;
        let upper = match (major, version.release().get(1)) {
            (0, Some(minor)) => format!("0.{}", minor + 1),
            _ => (major + 1).to_string(),
        };
        return Some(vec![format!(">={version}"), format!("<{upper}")]);
    }
    if let Some(version) = text.strip_prefix('~').filter(|rest| !rest.starts_with('=')) {
        let version = Version::from_str(version).ok()?;
        let upper = match version.release() {
            [major] => (major + 1).to_string(),
            [major, minor, ..] => format!("{major}.{}", minor + 1),
            [] => return None,
        };
        return Some(vec![format!(">={version}"), format!("<{upper}")]);
    }
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        // Poetry: a bare version is that version. People write `3.11` and mean its patches.
        let parts = text.split('.').count();
        return Some(vec![match text.ends_with('*') || parts > 2 {
            true => format!("=={text}"),
            false => format!("=={text}.*"),
        }]);
    }
    Some(vec![text.to_owned()])
}
