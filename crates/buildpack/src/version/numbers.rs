//! [`Numbers`]: a range of plain versions, for tools whose requests are numbers and no grammar of a
//! package manager.

/// Three numbers of a release.
pub type Number = (u64, u64, u64);

/// Versions from one on, and below another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// The first.
    pub from: Number,
    /// The first that is not in it; no limit when there is none.
    pub below: Option<Number>,
}

/// No number of a version is as large.
const LARGEST: u64 = 10_000;

impl Numbers {
    /// Every version.
    pub const ALL: Numbers = Numbers { from: (0, 0, 0), below: None };

    /// `1.22` is every 1.22, `1.22.3` itself, `1` every 1; with `at_least`, and behind `>=`, all that
    /// come later too. What comes before a release (`1.25rc1`) counts as the release. `None` for
    /// everything else.
    pub fn parse(text: &str, at_least: bool) -> Option<Numbers> {
        let (text, at_least) = match text.strip_prefix(">=") {
            Some(rest) => (rest.trim(), true),
            None => (text, at_least),
        };
        let text = text.strip_suffix(".x").or(text.strip_suffix(".*")).unwrap_or(text);
        let release = text.split(['r', 'b', '-']).next().filter(|release| !release.is_empty())?;
        let number = |part: &str| part.parse::<u64>().ok().filter(|number| *number < LARGEST);
        let numbers: Vec<u64> = release.split('.').map(number).collect::<Option<_>>()?;
        let (from, below) = match *numbers.as_slice() {
            [major] => ((major, 0, 0), (major + 1, 0, 0)),
            [major, minor] => ((major, minor, 0), (major, minor + 1, 0)),
            [major, minor, patch] => ((major, minor, patch), (major, minor, patch + 1)),
            _ => return None,
        };
        Some(Numbers { from, below: (!at_least).then_some(below) })
    }

    /// The versions in both.
    pub fn and(self, other: Numbers) -> Numbers {
        let below = match (self.below, other.below) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Numbers { from: self.from.max(other.from), below }
    }

    /// Whether `number` is in it.
    pub fn has(&self, number: Number) -> bool {
        self.from <= number && self.below.is_none_or(|below| number < below)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.below.is_some_and(|below| below <= self.from)
    }

    /// Those of them with the first two numbers of the first.
    pub fn line(self) -> Numbers {
        self.and(Numbers { from: self.from, below: Some((self.from.0, self.from.1 + 1, 0)) })
    }

    /// The numbers that a line of versions begins with, `1.22`, or the one version, `1.22.3`.
    pub fn told(&self) -> String {
        let (major, minor, patch) = self.from;
        match self.below == Some((major, minor, patch + 1)) {
            true => format!("{major}.{minor}.{patch}"),
            false => format!("{major}.{minor}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_they_are_written() {
        for (text, at_least, from, below) in [
            ("1.22", false, (1, 22, 0), Some((1, 23, 0))),
            ("1.22.3", false, (1, 22, 3), Some((1, 22, 4))),
            ("1.22", true, (1, 22, 0), None),
            (">= 1.22", false, (1, 22, 0), None),
            ("1.25rc1", true, (1, 25, 0), None),
            ("1.22.x", false, (1, 22, 0), Some((1, 23, 0))),
            ("1", false, (1, 0, 0), Some((2, 0, 0))),
        ] {
            assert_eq!(Numbers::parse(text, at_least), Some(Numbers { from, below }), "{text}");
        }
        for text in ["", "a", "1.", "1.2.3.4", "rc1", "99999999999999999999", "1.22 || 1.23"] {
            assert_eq!(Numbers::parse(text, false), None, "{text}");
        }
    }

    #[test]
    fn ranges_together() {
        let parse = |text: &str| Numbers::parse(text, false).unwrap();
        assert!(parse("1.22").and(parse("1.23")).is_empty());
        assert_eq!(parse(">=1.22").and(parse("1")).line().told(), "1.22");
        assert_eq!(parse("1.22.3").line().told(), "1.22.3");
        assert!(parse("1.22").has((1, 22, 9)) && !parse("1.22").has((1, 23, 0)));
    }
}
