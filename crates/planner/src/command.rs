//! [`Command`]: shell form and exec form kept apart, as users wrote them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A command of a step or of a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// A line for the shell: variables, `&&` and pipes work.
    Shell(String),
    /// Program and arguments, started without a shell.
    Exec(Vec<String>),
}

impl Command {
    /// A command in exec form.
    pub fn exec<const N: usize>(words: [&str; N]) -> Command {
        Command::Exec(words.iter().map(|&word| word.to_owned()).collect())
    }

    /// A command in shell form.
    pub fn shell(line: impl Into<String>) -> Command {
        Command::Shell(line.into())
    }
}

impl fmt::Display for Command {
    /// The command as a person would type it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Shell(line) => f.write_str(line),
            Command::Exec(words) => {
                let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
                f.write_str(&quoted.join(" "))
            }
        }
    }
}

/// `word` so that a POSIX shell reads it back as one word.
fn quote(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@,+%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
