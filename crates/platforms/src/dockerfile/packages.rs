//! The packages that `RUN` lines install with a system package manager. The lines are parsed for names and
//! never run.

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
    let mut words: Vec<(usize, &str)> = Vec::new();
    for (at, word) in pieces(&run.text) {
        match is_end(word) {
            true => command(&std::mem::take(&mut words), run, &mut found),
            false => words.push((at, word)),
        }
    }
    command(&words, run, &mut found);
    found
}

/// Words and what ends a command, with their places.
fn pieces(text: &str) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices() {
        let ends = matches!(letter, ';' | '|' | '&' | '\n' | '(' | ')');
        if ends || letter.is_whitespace() {
            pieces.extend(start.take().map(|start| (start, &text[start..at])));
        } else {
            start.get_or_insert(at);
        }
        if ends {
            pieces.push((at, &text[at..at + 1]));
        }
    }
    pieces.extend(start.map(|start| (start, &text[start..])));
    pieces
}

fn is_end(word: &str) -> bool {
    matches!(word, ";" | "|" | "&" | "\n" | "(" | ")" | "then" | "do" | "else")
}

fn command(words: &[(usize, &str)], run: &Joined, found: &mut Vec<Installed>) {
    let settings = |word: &str| {
        word == "sudo"
            || word == "exec"
            || word.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            })
    };
    let mut words = words.iter().copied().skip_while(|(_, word)| settings(word));
    let Some((_, program)) = words.next() else { return };
    let program = program.rsplit('/').next().unwrap_or(program);
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
            skip = WITH_VALUE.contains(&word);
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
        let bare = word.trim_matches(['"', '\'']).split('=').next().unwrap_or_default();
        // A file, an address, a variable: no name.
        let is_name = !bare.is_empty() && !bare.contains(['/', '$', '`', '<', '>', '*', '{', '\\', '~']);
        if is_name {
            found.push(Installed { manager, name: bare.to_owned(), line: run.line(at) });
        }
    }
}
