//! What is said about the choice of Node and of Bun, besides what the kit says about every choice of
//! a version.

use packwright_buildpack::planner::{Diagnostic, Origin};
use packwright_buildpack::problem::{error_at, warning_at};
use packwright_buildpack::version::Tool;

use crate::version::lines::{self, AS_OF, ReleaseLine};

/// Which lines of Node there are.
pub(crate) fn available_lines() -> String {
    let long: Vec<String> = lines::long_term().map(|line| line.major.to_string()).collect();
    format!(
        "on {AS_OF} the lines with long-term support were {}, the newest was {}",
        long.join(" and "),
        lines::newest().major
    )
}

pub(crate) fn io_js(origin: &Origin) -> Diagnostic {
    error_at("node/version-unavailable", origin, format!("{origin} asks for io.js"))
        .why("io.js became Node 4 in 2015")
        .fix("name a version of Node, such as `24`")
}

pub(crate) fn version_ended(line: &ReleaseLine, day: &str, origin: &Origin) -> Diagnostic {
    let what = format!("{origin} asks for Node {}, which has had no security fixes since {day}", line.major);
    let newest = lines::long_term().next().unwrap_or(lines::newest()).major;
    warning_at("node/version-ended", origin, what)
        .why(available_lines())
        .fix(format!("move to Node {newest}"))
}

/// What to do when no release of the chosen line is in the registry.
pub(crate) fn version_hint(tool: &Tool, asked: &str, origin: &Origin) -> String {
    format!(
        "`{asked}` is asked for by {origin}; ask for versions that the registry has, or choose with `--env {}={}`",
        tool.option, tool.example
    )
}
