//! The release lines of Node, as a table. Holds no rule but the order in which lines are taken.
//!
//! Source: the Node release schedule (`nodejs/Release`, `schedule.json`), and for the name and the
//! state of each line what its newest release says of itself (`process.release.lts`).

use super::range::Range;

/// A release line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReleaseLine {
    /// Its major number.
    pub(crate) major: u64,
    /// Its name, when it is or was one with long-term support.
    pub(crate) codename: Option<&'static str>,
    /// How it stood at [`AS_OF`].
    pub(crate) status: LineStatus,
}

/// How a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineStatus {
    /// It gets fixes for years.
    LongTerm,
    /// It is the newest and not yet one with long-term support.
    Current,
    /// It has had no fixes since the day.
    Ended(&'static str),
}

/// The day of the table. Nobody looks at a clock: what a plan says must not change by itself.
pub(crate) const AS_OF: &str = "2026-11-22";

const fn long(major: u64, codename: &'static str, status: LineStatus) -> ReleaseLine {
    ReleaseLine { major, codename: Some(codename), status }
}

const fn short(major: u64, status: LineStatus) -> ReleaseLine {
    ReleaseLine { major, codename: None, status }
}

/// The lines whose releases the registry has for every machine image, oldest first. The schedule
/// has 26 become a long-term line on 2026-10-28; none of the releases at [`AS_OF`] said so yet.
pub(crate) const LINES: &[ReleaseLine] = &[
    short(7, LineStatus::Ended("2017-06-30")),
    long(8, "carbon", LineStatus::Ended("2019-12-31")),
    short(9, LineStatus::Ended("2018-06-30")),
    long(10, "dubnium", LineStatus::Ended("2021-04-30")),
    short(11, LineStatus::Ended("2019-06-01")),
    long(12, "erbium", LineStatus::Ended("2022-04-30")),
    short(13, LineStatus::Ended("2020-06-01")),
    long(14, "fermium", LineStatus::Ended("2023-04-30")),
    short(15, LineStatus::Ended("2021-06-01")),
    long(16, "gallium", LineStatus::Ended("2023-09-11")),
    short(17, LineStatus::Ended("2022-06-01")),
    long(18, "hydrogen", LineStatus::Ended("2025-04-30")),
    short(19, LineStatus::Ended("2023-06-01")),
    long(20, "iron", LineStatus::Ended("2026-04-30")),
    short(21, LineStatus::Ended("2024-06-01")),
    long(22, "jod", LineStatus::LongTerm),
    short(23, LineStatus::Ended("2025-06-01")),
    long(24, "krypton", LineStatus::LongTerm),
    short(25, LineStatus::Ended("2026-06-01")),
    short(26, LineStatus::Current),
];

/// The newest line of all.
pub(crate) fn newest() -> &'static ReleaseLine {
    &LINES[LINES.len() - 1]
}

/// The oldest line of all.
pub(crate) fn oldest() -> &'static ReleaseLine {
    &LINES[0]
}

/// The long-term lines that get fixes, newest first; there is always one.
pub(crate) fn long_term() -> impl Iterator<Item = &'static ReleaseLine> {
    LINES.iter().rev().filter(|line| line.status == LineStatus::LongTerm)
}

/// The long-term line called `codename` in lower case, ended or not.
pub(crate) fn called(codename: &str) -> Option<&'static ReleaseLine> {
    LINES.iter().find(|line| line.codename == Some(codename))
}

/// The lines that `range` allows, the one to take first: the newest long-term line, else the newest
/// current one, else the newest long-term line that has ended, else the newest of all.
pub(crate) fn allowed(range: &Range) -> Vec<&'static ReleaseLine> {
    let mut allowed: Vec<&ReleaseLine> =
        LINES.iter().filter(|line| !range.both(&Range::line(line.major)).is_empty()).collect();
    allowed.sort_by_key(|line| {
        let rank = match (line.status, line.codename) {
            (LineStatus::LongTerm, _) => 3,
            (LineStatus::Current, _) => 2,
            (LineStatus::Ended(_), Some(_)) => 1,
            (LineStatus::Ended(_), None) => 0,
        };
        std::cmp::Reverse((rank, line.major))
    });
    allowed
}
