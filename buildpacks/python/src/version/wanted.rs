//! [`Wanted`]: a requested Python version, as a number or as a range in the notation of PEP 440 or of
//! poetry, and the releases that fulfil it.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};

use crate::releases::{DOWNLOADS, Delivery, DownloadedMinor, default_release, of_debian};

/// A requested Python version.
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
    /// `3.13` or `3.13.5`; `3` is the newest 3 that Debian has.
    pub(super) fn exact(text: &str) -> Option<Wanted> {
        let numbers: Vec<u64> = text
            .split('.')
            .map(|part| match part.bytes().all(|byte| byte.is_ascii_digit()) {
                true => part.parse().ok(),
                false => None,
            })
            .collect::<Option<_>>()?;
        match *numbers.as_slice() {
            [major] => Wanted::range(&format!("=={major}.*")),
            [major, minor] => Some(Wanted::Exact { minor: (major, minor), patch: None }),
            [major, minor, patch] => Some(Wanted::Exact { minor: (major, minor), patch: Some(patch) }),
            _ => None,
        }
    }

    /// A number, or a range that starts with an operator or ends with a wildcard.
    pub(super) fn exact_or_range(text: &str) -> Option<Wanted> {
        match text.starts_with(['<', '>', '=', '~', '!', '^']) || text.ends_with(".*") {
            true => Wanted::range(text),
            false => Wanted::exact(text),
        }
    }

    /// A range: PEP 440 specifiers, or poetry's `^3.11`, `~3.11`, `3.*`, with `||` between
    /// alternatives and `,` or a space between conditions.
    pub(super) fn range(text: &str) -> Option<Wanted> {
        let alternatives: Option<Vec<VersionSpecifiers>> =
            text.split('|').filter(|part| !part.is_empty()).map(conditions).collect();
        alternatives.filter(|ranges| !ranges.is_empty()).map(Wanted::Range)
    }

    /// All releases that fulfil it: what Debian delivers, the newest first, then what uv
    /// downloads, the newest first.
    pub(super) fn deliveries(&self) -> Vec<Delivery> {
        let debian = of_debian().rev().filter(|one| self.takes(one));
        debian.chain(DOWNLOADS.iter().rev().flat_map(|one| self.downloads(one))).collect()
    }

    fn downloads(&self, download: &DownloadedMinor) -> Vec<Delivery> {
        let fitting = download.patches.iter().filter(|&&patch| match self {
            Wanted::Exact { minor, patch: wanted } => {
                *minor == download.minor && wanted.is_none_or(|wanted| wanted == patch)
            }
            Wanted::Range(_) => self.allows(download.minor, patch),
        });
        // The newest is asked for by two numbers, so that a list with newer ones gives those.
        let exact = matches!(self, Wanted::Exact { patch: Some(_), .. });
        let request = |patch: u64| match download.patches.first() == Some(&patch) && !exact {
            true => download.name.to_owned(),
            false => format!("{}.{patch}", download.name),
        };
        fitting.map(|&patch| download.delivery(patch, request(patch))).collect()
    }

    /// Whether `delivery` fulfils it. Debian's Python counts for every exact patch: that is compared
    /// when the plan is pinned.
    pub(super) fn takes(&self, delivery: &Delivery) -> bool {
        match (self, &delivery.download) {
            (Wanted::Exact { minor, patch: Some(patch) }, Some(_)) => {
                *minor == delivery.minor && *patch == delivery.patch
            }
            (Wanted::Exact { minor, .. }, _) => *minor == delivery.minor,
            (Wanted::Range(_), _) => self.allows(delivery.minor, delivery.patch),
        }
    }

    /// Whether it takes some patch of the minor version of `delivery`.
    pub(super) fn takes_minor(&self, delivery: &Delivery) -> bool {
        (0..=LAST_PATCH).any(|patch| self.allows(delivery.minor, patch))
    }

    fn allows(&self, (major, minor): (u64, u64), patch: u64) -> bool {
        let version = Version::new([major, minor, patch]);
        match self {
            Wanted::Exact { minor: wanted, .. } => *wanted == (major, minor),
            Wanted::Range(ranges) => ranges.iter().any(|range| range.contains(&version)),
        }
    }

    /// The condition on the third number of `delivery`, which fulfils it, as PEP 440 writes it;
    /// `None` when any will do.
    pub(super) fn bound(&self, delivery: &Delivery) -> Option<String> {
        let (major, minor) = delivery.minor;
        match self {
            Wanted::Exact { patch, .. } => patch.map(|patch| format!("=={}.{patch}", delivery.name)),
            Wanted::Range(ranges) => {
                let range = ranges.iter().find(|range| range.contains(&delivery.version()))?;
                let refuses = |patch: u64| !range.contains(&Version::new([major, minor, patch]));
                (0..=LAST_PATCH).any(refuses).then(|| range.to_string().replace(' ', ""))
            }
        }
    }

    /// The version that can be had and is nearest.
    pub(super) fn nearest(&self) -> String {
        let number = |(major, minor): (u64, u64)| major.saturating_mul(1000).saturating_add(minor);
        let wanted = match self {
            Wanted::Exact { minor, .. } => *minor,
            Wanted::Range(ranges) => {
                let bounds = ranges.iter().flat_map(|range| range.iter());
                let versions = bounds.map(|bound| {
                    let release = bound.version().release();
                    let at = |index: usize| release.get(index).copied().unwrap_or(0);
                    (at(0), at(1))
                });
                versions.max().unwrap_or(default_release().minor)
            }
        };
        let near = DOWNLOADS.iter().min_by_key(|one| number(one.minor).abs_diff(number(wanted)));
        let Some(near) = near else { return default_release().name.to_owned() };
        match self {
            Wanted::Exact { minor, patch: Some(wanted) } if *minor == near.minor => {
                let patch = near.patches.iter().min_by_key(|patch| patch.abs_diff(*wanted));
                patch.map_or(near.name.to_owned(), |patch| format!("{}.{patch}", near.name))
            }
            _ => near.name.to_owned(),
        }
    }
}

/// The version in a name by which uv knows a CPython (`cpython@3.12`, `cpython3.12`,
/// `3.12.4-linux-x86_64-gnu`) or pyenv a virtual environment of one (`3.12.4/envs/shop`).
///
/// Source: uv's documentation, "Requesting a version"; pyenv-virtualenv's README.
pub(super) fn of_cpython(text: &str) -> &str {
    let text = text.strip_prefix("cpython").map_or(text, |rest| rest.trim_start_matches(['@', '-']));
    let text = text.split_once("/envs/").map_or(text, |(version, _)| version);
    let system = ["-linux-", "-macos-", "-windows-", "-darwin-"].into_iter();
    system.filter_map(|system| text.split_once(system)).next().map_or(text, |(version, _)| version)
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
            (0, Some(minor)) => format!("0.{}", minor.saturating_add(1)),
            _ => major.saturating_add(1).to_string(),
        };
        return Some(vec![format!(">={version}"), format!("<{upper}")]);
    }
    if let Some(version) = text.strip_prefix('~').filter(|rest| !rest.starts_with('=')) {
        let version = Version::from_str(version).ok()?;
        let upper = match version.release() {
            [major] => major.saturating_add(1).to_string(),
            [major, minor, ..] => format!("{major}.{}", minor.saturating_add(1)),
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
