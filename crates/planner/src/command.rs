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

    /// A command that writes `text` into `file`, whatever is in either, with one line end at the
    /// end. It has one line for each of the text's, so that people can read it in a plan.
    pub fn write(file: &str, text: &str) -> Command {
        let text = text.trim_end_matches('\n');
        let mut end = "END".to_owned();
        while text.lines().any(|line| line == end) {
            end.push_str(" OF FILE");
        }
        Command::Shell(format!("cat > {} <<'{end}'\n{text}\n{end}", packwright_shell_syntax::quote(file)))
    }
}

impl fmt::Display for Command {
    /// The command as a person would type it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Shell(line) => f.write_str(line),
            Command::Exec(words) => {
                let quoted: Vec<String> =
                    words.iter().map(|word| packwright_shell_syntax::quote(word)).collect();
                f.write_str(&quoted.join(" "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_holds_its_own_end_is_written_whole() {
        let command = Command::write("/tmp/it's", "a $b `c`\nEND\nEND OF FILE\nd\n\n");
        let expected = "cat > '/tmp/it'\\''s' <<'END OF FILE OF FILE'\n\
                        a $b `c`\nEND\nEND OF FILE\nd\nEND OF FILE OF FILE";
        assert_eq!(command, Command::shell(expected));
    }
}
