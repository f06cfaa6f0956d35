//! Shell lines of platform files, taken apart into simple commands as far as that is safe.

use crate::{Command, Origin, Requested};

/// Words that open something that cannot be taken apart at `&&`, `;` and line ends.
const COMPOUND: &[&str] = &[
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "function", "{",
    "}", "(", ")", "!",
];

/// The simple commands of a line that run one after the other; the line itself where it is more
/// than that: has alternatives, loops, groups, here-documents, or leaves its directory.
pub(super) fn split(command: &Requested<Command>) -> Vec<Requested<Command>> {
    let Command::Shell(text) = &command.value else { return vec![command.clone()] };
    let Some(parts) = parts(text) else { return vec![command.clone()] };
    let mut found = Vec::new();
    for (index, (lines, part)) in parts.iter().enumerate() {
        let words = words(&Command::Shell(part.clone()));
        if words.first().is_some_and(|word| COMPOUND.contains(&word.as_str()) || word.starts_with('(')) {
            return vec![command.clone()];
        }
        let leaves = matches!(words.first().map(String::as_str), Some("cd" | "pushd"));
        let origin = below(&command.origin, *lines);
        if leaves {
            let rest: Vec<&str> = parts[index..].iter().map(|(_, part)| part.as_str()).collect();
            found.push(Requested { value: Command::Shell(rest.join(" && ")), origin });
            return found;
        }
        found.push(Requested { value: Command::Shell(part.clone()), origin });
    }
    found
}

/// Whether a text is commands that run one after the other and nothing else.
pub(super) fn is_simple(text: &str) -> bool {
    parts(text).is_some_and(|parts| {
        parts.iter().all(|(_, part)| {
            let words = words(&Command::Shell(part.clone()));
            !words.first().is_some_and(|word| COMPOUND.contains(&word.as_str()) || word.starts_with('('))
        })
    })
}

/// The words of a command, without variables that are set for it and without quotes.
pub(super) fn words(command: &Command) -> Vec<String> {
    let text = match command {
        Command::Exec(words) => return words.clone(),
        Command::Shell(text) => text,
    };
    let words = text.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned());
    words.skip_while(|word| is_assignment(word)).collect()
}

/// Whether a command only says how the following ones run.
pub(super) fn only_prepares(command: &Command) -> bool {
    let words = words(command);
    matches!(words.first().map(String::as_str), None | Some("set" | "export" | "unset" | "true" | ":" | "echo"))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

fn below(origin: &Origin, lines: u32) -> Origin {
    match origin {
        Origin::File { path, line: Some(line) } => Origin::line(path, line + lines),
        other => other.clone(),
    }
}

/// The text in parts at `&&`, `;` and line ends, each with the number of lines before it; nothing
/// for text that has alternatives, here-documents or jobs.
fn parts(text: &str) -> Option<Vec<(u32, String)>> {
    let mut parts: Vec<(u32, String)> = Vec::new();
    let mut part = String::new();
    let (mut line, mut begins) = (0u32, 0u32);
    let mut quote = None;
    let mut symbols = text.chars().peekable();
    let mut finish = |part: &mut String, begins: u32| {
        let done = std::mem::take(part);
        let done = done.trim();
        if !done.is_empty() && !done.starts_with('#') {
            parts.push((begins, done.to_owned()));
        }
    };
    while let Some(symbol) = symbols.next() {
        let newline = symbol == '\n';
        match (symbol, quote) {
            ('\\', None | Some('"')) => match symbols.next() {
                Some('\n') => {
                    line += 1;
                    part.push(' ');
                }
                escaped => part.extend(std::iter::once('\\').chain(escaped)),
            },
            ('\'' | '"', None) => {
                quote = Some(symbol);
                part.push(symbol);
            }
            (closing, Some(opened)) if closing == opened => {
                quote = None;
                part.push(symbol);
            }
            ('#', None) if part.is_empty() || part.ends_with(char::is_whitespace) => {
                while symbols.peek().is_some_and(|&next| next != '\n') {
                    symbols.next();
                }
            }
            ('`', _) => return None,
            ('<', None) if symbols.peek() == Some(&'<') => return None,
            ('|', None) if symbols.peek() == Some(&'|') => return None,
            ('&', None) if symbols.peek() == Some(&'&') => {
                symbols.next();
                finish(&mut part, begins);
                begins = line;
            }
            ('&', None) if !part.ends_with('>') && symbols.peek() != Some(&'>') => return None,
            (';' | '\n', None) => {
                finish(&mut part, begins);
                begins = line + u32::from(newline);
            }
            _ => {
                if part.is_empty() && symbol.is_whitespace() {
                    begins = line;
                } else {
                    part.push(symbol);
                }
            }
        }
        line += u32::from(newline);
    }
    if quote.is_some() {
        return None;
    }
    finish(&mut part, begins);
    Some(parts)
}

#[cfg(test)]
mod tests;
