//! Which release of a tool each Debian suite has: one table for all languages. Holds no rule about
//! versions; what a client can fetch besides is the language's own.
//!
//! The table is here and not in `crates/debian`, since buildpacks decide with it before any archive is
//! looked at, and the archive's reader has no use for it.

pub use packwright_planner::DEFAULT_SUITE;
use packwright_planner::{Delivered, Origin, Requested};

/// The suites that buildpacks know, oldest first.
pub const SUITES: &[&str] = &["bookworm", "trixie"];

/// A release that is a package of a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuiteRelease {
    /// The tool: `python`, `go`.
    pub tool: &'static str,
    /// The suite's code name.
    pub suite: &'static str,
    /// The first two numbers, by which packages and people know it.
    pub line: &'static str,
    /// The same as numbers.
    pub numbers: (u64, u64),
    /// The third number when the table was written. What is delivered is known when the plan is pinned.
    pub patch: u64,
    /// The package by which the tool's version is known: it comes with the tool, and its version is the
    /// tool's. Its name contains [`SuiteRelease::line`]; where the tool's own package has a plain name
    /// (`perl`), this is one that it depends on (`libperl5.40`).
    pub package: &'static str,
}

const fn row(
    tool: &'static str,
    suite: &'static str,
    line: &'static str,
    numbers: (u64, u64),
    patch: u64,
    package: &'static str,
) -> SuiteRelease {
    SuiteRelease { tool, suite, line, numbers, patch, package }
}

/// The table: each tool's releases, the oldest first.
///
/// Source: `apt-cache madison` in each suite, November 2026.
const TABLE: &[SuiteRelease] = &[
    row("go", "bookworm", "1.19", (1, 19), 8, "golang-1.19-go"),
    row("go", "trixie", "1.24", (1, 24), 4, "golang-1.24-go"),
    row("python", "bookworm", "3.11", (3, 11), 2, "python3.11-minimal"),
    row("python", "trixie", "3.13", (3, 13), 5, "python3.13-minimal"),
];

/// Where a release comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// A package of a suite.
    Package(SuiteRelease),
    /// The client of the ecosystem fetches it, in this suite; it is asked for this version.
    Client {
        /// The suite in which the client runs.
        suite: &'static str,
        /// What the client is asked for.
        version: String,
    },
}

/// The releases of `tool` that suites have, the oldest first.
pub fn of(tool: &str) -> impl DoubleEndedIterator<Item = &'static SuiteRelease> {
    TABLE.iter().filter(move |row| row.tool == tool)
}

/// The release of `tool` that `suite` has.
pub fn in_suite(tool: &str, suite: &str) -> Option<&'static SuiteRelease> {
    of(tool).find(|row| row.suite == suite)
}

/// What suites have of `tool`, for messages: `Debian bookworm has 3.11, Debian trixie has 3.13`.
pub fn told(tool: &str) -> String {
    let all: Vec<String> = of(tool).map(|row| format!("Debian {} has {}", row.suite, row.line)).collect();
    all.join(", ")
}

impl SuiteRelease {
    /// Where the exact version is known from.
    pub fn delivered(&self) -> Delivered {
        Delivered::Package(self.package.to_owned())
    }
}

impl Delivery {
    /// The suite, with the reason: `title` is what people call the tool.
    pub fn suite(&self, title: &str) -> Requested<String> {
        let (suite, why) = match self {
            Delivery::Package(row) => {
                (row.suite, format!("{title} {} is part of Debian {}", row.line, row.suite))
            }
            Delivery::Client { suite, version } => {
                (*suite, format!("{title} {version} is part of no Debian and is downloaded"))
            }
        };
        Requested { value: suite.to_owned(), origin: Origin::Detected(why) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_order_and_agree_with_themselves() {
        assert!(TABLE.is_sorted_by_key(|row| (row.tool, row.numbers)));
        for row in TABLE {
            assert!(SUITES.contains(&row.suite), "{}", row.suite);
            assert_eq!(row.line, format!("{}.{}", row.numbers.0, row.numbers.1));
            assert!(row.package.contains(row.line), "{}", row.package);
        }
        assert!(SUITES.contains(&DEFAULT_SUITE));
    }

    #[test]
    fn what_suites_have_is_told() {
        assert_eq!(told("python"), "Debian bookworm has 3.11, Debian trixie has 3.13");
        assert_eq!(in_suite("go", "trixie").map(|row| row.line), Some("1.24"));
        assert_eq!(in_suite("go", "sid"), None);
    }
}
