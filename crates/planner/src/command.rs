//! [`Command`]: shell form and exec form kept apart, as users wrote them.

use std::fmt;

use packwright_shell_syntax::{Dialect, parse, quote};
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
        Command::Shell(format!("cat > {} <<'{end}'\n{text}\n{end}", quote(file)))
    }

    /// The programs that it starts, as they are written, in the order of the line: the first word of
    /// each simple command, after assignments and `exec`. A word that the shell would have to expand
    /// is left out; what a program starts in turn is not known.
    pub fn programs(&self) -> Vec<String> {
        match self {
            Command::Exec(words) => words.first().cloned().into_iter().collect(),
            Command::Shell(line) => {
                let script = parse(line, Dialect::Bash);
                let programs = script
                    .commands()
                    .into_iter()
                    .filter_map(|command| command.words.iter().find(|word| word.raw != "exec")?.literal());
                programs.collect()
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_the_first_words_of_simple_commands() {
        for (line, programs) in [
            ("exec gunicorn app:app", vec!["gunicorn"]),
            ("A=1 B='x y' ./server --port=$PORT", vec!["./server"]),
            ("cd web && bundle exec rackup", vec!["cd", "bundle"]),
            ("if test -f x; then a; else b | c; fi", vec!["test", "a", "b", "c"]),
            ("echo '; rails server' # php -S", vec!["echo"]),
            ("\"my program\" x", vec!["my program"]),
            ("$PROGRAM x", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(Command::shell(line).programs(), programs, "{line}");
        }
        assert_eq!(Command::exec(["php", "-S", "a;b"]).programs(), ["php"]);
    }

    #[test]
    fn a_text_that_holds_its_own_end_is_written_whole() {
        let command = Command::write("/tmp/it's", "a $b `c`\nEND\nEND OF FILE\nd\n\n");
        let expected = "cat > '/tmp/it'\\''s' <<'END OF FILE OF FILE'\n\
                        a $b `c`\nEND\nEND OF FILE\nd\nEND OF FILE OF FILE";
        assert_eq!(command, Command::shell(expected));
    }
}
