//! The packages that `RUN` lines install with a system package manager. The lines are parsed for names and
//! never run.

use packwright_shell_syntax::{Dialect, Simple, parse};

use super::instruction::Joined;

/// The managers that are looked for, and the word behind which names come.
const MANAGERS: &[(&str, &str)] = &[
    ("apt-get", "install"),
    ("apt", "install"),
    ("aptitude", "install"),
    ("apk", "add"),
    ("yum", "install"),
    ("dnf", "install"),
    ("microdnf", "install"),
];

/// Options that have their value in the next word.
const WITH_VALUE: &[&str] =
    &["-o", "--option", "-t", "--target-release", "--virtual", "-c", "--repository", "-X"];

/// A package that a line installs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Installed {
    /// The manager: `apt`, `apk`, `yum`.
    pub(super) manager: &'static str,
    /// The name as it is written.
    pub(super) name: String,
    /// The line.
    pub(super) line: u32,
}

/// The packages that a `RUN` line installs.
pub(super) fn installed(run: &Joined) -> Vec<Installed> {
    let mut found = Vec::new();
    for simple in parse(&run.text, Dialect::Bash).commands() {
        command(simple, run, &mut found);
    }
    found
}

fn command(simple: &Simple, run: &Joined, found: &mut Vec<Installed>) {
    let words = simple.words.iter().map(|word| (word.start, word.unquoted()));
    let mut words = words.skip_while(|(_, word)| matches!(word.as_str(), "sudo" | "exec"));
    let Some((_, program)) = words.next() else { return };
    let program = program.rsplit('/').next().unwrap_or(&program);
    let Some((name, verb)) = MANAGERS.iter().find(|(name, _)| *name == program) else { return };
    let manager = match *name {
        "apk" => "apk",
        "yum" | "dnf" | "microdnf" => "yum",
        _ => "apt",
    };
    let mut behind = false;
    let mut skip = false;
    for (at, word) in words {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') {
            skip = WITH_VALUE.contains(&word.as_str());
            continue;
        }
        if !behind {
            behind = word == *verb;
            if !behind {
                return;
            }
            continue;
        }
        // A version that is pinned is that of another archive.
        let bare = word.split('=').next().unwrap_or_default();
        // A file, an address, a variable: no name.
        let is_name = !bare.is_empty() && !bare.contains(['/', '$', '`', '<', '>', '*', '{', '\\', '~']);
        if is_name {
            found.push(Installed { manager, name: bare.to_owned(), line: run.line(at) });
        }
    }
}
