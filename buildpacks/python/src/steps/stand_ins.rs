//! Empty files in the place of those that a project names and its source lacks.

use packwright_buildpack::planner::Command;
use packwright_buildpack::shell_syntax::quote;

/// The command that makes those of `files` that are not there; none without any.
pub(crate) fn stand_ins(files: &[String]) -> Option<Command> {
    let names: Vec<String> = files.iter().map(|file| quote(file)).collect();
    let make = "[ -e \"$file\" ] || { mkdir -p \"$(dirname \"$file\")\" && : > \"$file\"; }";
    (!names.is_empty()).then(|| Command::Shell(format!("for file in {}; do {make}; done", names.join(" "))))
}
