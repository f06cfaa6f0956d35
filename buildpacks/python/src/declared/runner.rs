//! `poetry run` and its like: programs that start a command in the environment of a project. The
//! image has the environment on its path and none of these programs.

use packwright_buildpack::declared::{Commands, Words};
use packwright_buildpack::planner::Command;

/// Programs that run others in the environment of a project: what follows is the command.
const RUNNERS: &[Words] =
    &[&["poetry", "run"], &["uv", "run"], &["pipenv", "run"], &["pdm", "run"], &["hatch", "run"]];

const COMMANDS: Commands = Commands { runners: RUNNERS, ..Commands::NONE };

/// The command behind `poetry run` and its like.
pub(super) fn inner<'a, 'b>(words: &'a [&'b str]) -> &'a [&'b str] {
    COMMANDS.inner(words)
}

/// A command without `poetry run` and its like: the environment is on the path, the program that
/// would choose it is not there.
pub(crate) fn without_runner(command: &Command) -> Command {
    COMMANDS.launch(command).unwrap_or_else(|| command.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runner_of_a_command_goes() {
        for (line, started) in [
            ("poetry run python a.py && poetry run b", "python a.py && b"),
            ("exec pipenv run python server.py", "exec python server.py"),
            ("A=1 poetry run b; if x; then uv run c; fi", "A=1 b; if x; then c; fi"),
            ("echo $(poetry  run b)", "echo $(b)"),
            // What only looks like a runner stays.
            ("echo 'a && poetry run b' && poetry run c", "echo 'a && poetry run b' && c"),
            ("echo \"; uv run b\"", "echo \"; uv run b\""),
            ("echo poetry run b", "echo poetry run b"),
            ("a # && poetry run b", "a # && poetry run b"),
            ("cat <<E\n&& uv run b\nE", "cat <<E\n&& uv run b\nE"),
        ] {
            assert_eq!(without_runner(&Command::shell(line)), Command::shell(started));
        }
        assert_eq!(without_runner(&Command::exec(["uv", "run", "b"])), Command::exec(["b"]));
    }
}
