//! [`Command`]: shell form and exec form kept apart, as users wrote them.

use std::fmt;

use packwright_shell_syntax::{Dialect, Word, parse, quote};
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

    /// The text that a shell reads: the line of a command in shell form, what is behind `sh -c`, or the
    /// quoted words of another program.
    pub fn script(&self) -> String {
        self.opened().map_or_else(|| self.to_string(), |opened| opened.text)
    }

    /// The simple commands that it runs, in the order of the line, at any depth: the words of each without
    /// quotes, assignments, redirections and `exec`. What would be expanded stays as it is written. What
    /// stands behind `sh -c` counts and the shell does not; what a program starts in turn is not known.
    pub fn simple_commands(&self) -> Vec<Vec<String>> {
        self.words().iter().map(|words| words.iter().map(Word::unquoted).collect()).collect()
    }

    /// The programs that it starts: the first words of its simple commands. A word that the shell would
    /// have to expand is left out.
    pub fn programs(&self) -> Vec<String> {
        self.words().iter().filter_map(|words| words[0].literal()).collect()
    }

    /// The words of its simple commands; at least one each.
    fn words(&self) -> Vec<Vec<Word>> {
        let mut found = Vec::new();
        for simple in parse(&self.script(), Dialect::Bash).commands() {
            let words = simple.words.iter().skip_while(|word| word.raw == "exec");
            let words: Vec<Word> = words.cloned().collect();
            let unquoted: Vec<String> = words.iter().map(Word::unquoted).collect();
            match Opened::of(&unquoted) {
                Some(opened) => found.extend(Command::Shell(opened.text).words()),
                None if words.is_empty() => {}
                None => found.push(words),
            }
        }
        found
    }

    /// The text of `sh -c TEXT`, when the command is nothing else.
    pub(crate) fn opened(&self) -> Option<Opened> {
        match self {
            Command::Exec(words) => Opened::of(words),
            Command::Shell(line) => {
                let script = parse(line, Dialect::Bash);
                let only = match (script.list.as_slice(), script.rest) {
                    ([only], None) => only.simple()?,
                    _ => return None,
                };
                let is_bare = only.assignments.is_empty() && only.redirections.is_empty();
                Opened::of(&only.unquoted()).filter(|_| is_bare)
            }
        }
    }
}

/// Shells whose scripts are understood.
pub(crate) const SHELLS: &[&str] = &["sh", "bash", "dash", "ash"];

/// Whether a word starts a shell whose scripts are understood, with or without its directory.
pub fn is_shell(word: &str) -> bool {
    word.rsplit('/').next().is_some_and(|name| SHELLS.contains(&name))
}

/// A shell that is given its script as a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    /// The script.
    pub(crate) text: String,
    /// The shell's name.
    pub(crate) shell: String,
    /// Its options, `-ec` for example.
    pub(crate) options: String,
}

impl Opened {
    /// Nothing when the words are another command, or the script is given arguments.
    fn of(words: &[String]) -> Option<Opened> {
        let [shell, options, text] = words else { return None };
        let is_script = options.starts_with('-') && !options.starts_with("--") && options.ends_with('c');
        (is_shell(shell) && is_script).then(|| Opened {
            text: text.clone(),
            shell: shell.rsplit('/').next().unwrap_or(shell).to_owned(),
            options: options.clone(),
        })
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
            ("bash -lc 'cd x && exec ./server'", vec!["cd", "./server"]),
            ("cat <<EOF && a\n; b\nEOF", vec!["cat", "a"]),
            ("", vec![]),
        ] {
            assert_eq!(Command::shell(line).programs(), programs, "{line}");
        }
        assert_eq!(Command::exec(["php", "-S", "a;b"]).programs(), ["php"]);
    }

    #[test]
    fn simple_commands_have_their_words_without_quotes() {
        let line = "A=1 exec 'a b' \"$X\" >log 2>&1 # ; c\nif ! d; then e $(f 'g; h'); fi";
        let expected = [vec!["a b", "$X"], vec!["d"], vec!["e", "$(f 'g; h')"], vec!["f", "g; h"]];
        assert_eq!(Command::shell(line).simple_commands(), expected);
        assert_eq!(
            Command::exec(["/bin/sh", "-ec", "a; sh -c 'b \"c d\"'"]).simple_commands(),
            [vec!["a"], vec!["b", "c d"],]
        );
        assert_eq!(Command::exec(["echo", "a; b"]).simple_commands(), [["echo", "a; b"]]);
    }

    #[test]
    fn a_text_that_holds_its_own_end_is_written_whole() {
        let command = Command::write("/tmp/it's", "a $b `c`\nEND\nEND OF FILE\nd\n\n");
        let expected = "cat > '/tmp/it'\\''s' <<'END OF FILE OF FILE'\n\
                        a $b `c`\nEND\nEND OF FILE\nd\nEND OF FILE OF FILE";
        assert_eq!(command, Command::shell(expected));
    }
}
