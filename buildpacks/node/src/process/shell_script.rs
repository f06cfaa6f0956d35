//! Shell scripts of the source that start the application, read for the commands that they call: what these need
//! must be in the image. Runs nothing; a script that makes its commands up at run time tells as much as it writes.

use packwright_buildpack::planner::{Command, Origin, is_shell, text};
use packwright_buildpack::shell_syntax::shebang;

use crate::application::AppContext;

/// What a file that a line starts as a program is.
pub(super) enum ProgramFile {
    /// A script for a shell: its commands, and where it is.
    Shell(Vec<Vec<String>>, Origin),
    /// A script for another program, by its first line.
    Interpreted(String),
    /// A file of the source that is no script.
    Other,
    /// No file of the source: the build makes it, or nothing does.
    Missing,
}

/// The file that a command starts as a program, `./start.sh` or `sh start.sh`; `path` is seen from the
/// application's directory.
pub(super) fn program_file(subject: &AppContext<'_>, path: &str, by_shell: bool) -> ProgramFile {
    let tree = subject.project.context.tree;
    let Some(place) = subject.project.path(path).filter(|_| subject.project.has(path)) else {
        return ProgramFile::Missing;
    };
    // A program of the machine is no text.
    let Ok(Some(script)) = text(tree, place.as_str()) else { return ProgramFile::Other };
    match shebang(&script) {
        Some(found) if !is_shell(found.name()) && !by_shell => {
            ProgramFile::Interpreted(found.name().to_owned())
        }
        None if !by_shell && !place.as_str().ends_with(".sh") => ProgramFile::Other,
        _ => ProgramFile::Shell(Command::shell(script).simple_commands(), Origin::file(&place)),
    }
}

/// The script that a shell is given as a file, with its options in front: `bash -e start.sh`.
pub(super) fn script_of<'a>(words: &[&'a str]) -> Option<&'a str> {
    let (shell, rest) = words.split_first()?;
    let is_text = |word: &&&str| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
    if !is_shell(shell) && !["source", "."].contains(shell) || rest.iter().any(|word| is_text(&word)) {
        return None;
    }
    let at = rest.iter().position(|word| !word.starts_with(['-', '+']))?;
    // `set -o NAME` as options of the shell: `bash -o pipefail start.sh`.
    let at = if at > 0 && matches!(rest[at - 1], "-o" | "+o" | "-eo" | "-euo") { at + 1 } else { at };
    rest.get(at).copied()
}
