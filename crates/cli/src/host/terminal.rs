//! [`Terminal`]: what standard output and standard error are, and what may be written there.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;

/// What standard output and standard error are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// Whether messages may be coloured.
    pub(crate) colour: bool,
    /// Whether a line may be rewritten.
    pub(crate) is_live: bool,
    /// Whether results may be coloured.
    pub(crate) result_colour: bool,
}

impl Terminal {
    /// Source: <https://no-color.org>; terminfo(5) for `dumb`.
    pub(crate) fn of(variables: &BTreeMap<OsString, OsString>) -> Terminal {
        let value = |name: &str| variables.get(OsStr::new(name));
        let is_dumb = value("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        let wants_colour = value("NO_COLOR").is_none_or(|value| value.is_empty()) && !is_dumb;
        let (stdout, stderr) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        Terminal {
            colour: wants_colour && stderr,
            is_live: !is_dumb && stderr,
            result_colour: wants_colour && stdout,
        }
    }

    /// The width of the terminal behind standard error, in columns.
    pub(crate) fn width() -> usize {
        terminal_size::terminal_size_of(std::io::stderr()).map_or(80, |(width, _)| usize::from(width.0))
    }
}
