//! `poetry run` and its like: programs that start a command in the environment of a project. The
//! image has the environment on its path and none of these programs.

use packwright_buildpack::planner::Command;

/// Programs that run others in the environment of a project: what follows is the command.
const RUNNERS: &[[&str; 2]] =
    [["poetry", "run"], ["uv", "run"], ["pipenv", "run"], ["pdm", "run"], ["hatch", "run"]].as_slice();

/// The command behind `poetry run` and its like.
pub(super) fn inner<'a, 'b>(words: &'a [&'b str]) -> &'a [&'b str] {
    let runs = |runner: &&[&str; 2]| words.len() > 2 && words.starts_with(*runner);
    match RUNNERS.iter().find(runs) {
        Some(_) => &words[2..],
        None => words,
    }
}

/// A command without `poetry run` and its like: the environment is on the path, the program that
/// would choose it is not there.
pub(crate) fn without_runner(command: &Command) -> Command {
    match command {
        Command::Exec(words) => {
            let borrowed: Vec<&str> = words.iter().map(String::as_str).collect();
            Command::Exec(inner(&borrowed).iter().map(|&word| word.to_owned()).collect())
        }
        Command::Shell(text) => {
            let mut text = text.clone();
            for [program, run] in RUNNERS {
                for lead in ["", "&& ", "|| ", "; ", "exec ", "\n"] {
                    let from = format!("{lead}{program} {run} ");
                    if lead.is_empty() {
                        text = text.strip_prefix(&from).map(str::to_owned).unwrap_or(text);
                    } else {
                        text = text.replace(&from, lead);
                    }
                }
            }
            Command::Shell(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runner_of_a_command_goes() {
        let line = without_runner(&Command::shell("poetry run python a.py && poetry run b"));
        assert_eq!(line, Command::shell("python a.py && b"));
        let line = without_runner(&Command::shell("exec pipenv run python server.py"));
        assert_eq!(line, Command::shell("exec python server.py"));
        assert_eq!(without_runner(&Command::exec(["uv", "run", "b"])), Command::exec(["b"]));
    }
}
