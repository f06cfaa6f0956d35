//! How a process of the image starts: an executable `/packwright/process/<name>` for each.
//!
//! Words that it is given run in its place: engines and platforms that start a container with other
//! words than the image's (`docker run IMAGE bash`, Fly's process groups) hand them to the entry
//! point, which is the default process.
//!
//! Every one ends in `exec tini`, so that the first process of the container is one that passes
//! signals on and reaps children: a program without a signal handler would otherwise not end on
//! SIGTERM as process 1. A shell line runs in `bash -c`, which replaces itself with its last
//! simple command; where it cannot (pipes, `;`, background jobs), the signal goes to the whole
//! process group.

use packwright_planner::{Command, Process};

/// Where the executables are, from the root.
pub(crate) const PROCESS_DIR: &str = "packwright/process";

const INIT: &str = "/usr/bin/tini";

/// The text of the executable that starts `process`.
pub(crate) fn script(process: &Process) -> String {
    let start = match &process.command {
        Command::Exec(_) => format!("{INIT} -s -- {}", process.command),
        Command::Shell(line) => {
            let group = if keeps_its_shell(line) { " -g" } else { "" };
            let shell = Command::exec(["/bin/bash", "-c", line]);
            format!("{INIT} -s{group} -- {shell}")
        }
    };
    // A file's name may hold a line end, behind which the comment would be over.
    let origin = process.origin.to_string().replace(char::is_control, "?");
    let other = format!("[ $# -eq 0 ] || exec {INIT} -s -- \"$@\"");
    format!("#!/bin/sh\n# {}, from {origin}\n{other}\nexec {start}\n", process.name)
}

/// Whether the shell stays while the line's commands run, so that signals must reach its
/// children too. Quoted text does not count; a wrong yes only widens who gets the signal.
fn keeps_its_shell(line: &str) -> bool {
    let mut characters = line.chars().peekable();
    let mut quote = None;
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (None | Some('"'), '\\') => {
                characters.next();
            }
            (None, '\'' | '"') => quote = Some(character),
            (None, '&') if characters.peek() == Some(&'&') => {
                characters.next();
            }
            (None, '>' | '<') if characters.peek() == Some(&'&') => {
                characters.next();
            }
            (None, '&') if characters.peek() == Some(&'>') => {
                characters.next();
            }
            (None, '|' | ';' | '&' | '(' | '\n') => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_lines_are_replaced_by_their_program() {
        for line in [
            "gunicorn shop.wsgi",
            "COLOUR=red python serve.py --port $PORT",
            "python manage.py migrate && gunicorn shop.wsgi",
            "python -c 'a; b | c'",
            "python run.py 2>&1",
            r"echo a\;b",
        ] {
            assert!(!keeps_its_shell(line), "{line}");
        }
    }

    #[test]
    fn pipes_lists_and_jobs_keep_the_shell() {
        for line in ["a | b", "a; b", "a & b", "(a)", "a || b", "a '\"' | b"] {
            assert!(keeps_its_shell(line), "{line}");
        }
    }

    #[test]
    fn an_origin_stays_in_its_comment() {
        let process = Process {
            name: "web".parse().unwrap(),
            command: Command::exec(["serve"]),
            origin: packwright_planner::Origin::Detected("a\nrm -rf /\n".to_owned()),
        };
        assert_eq!(script(&process).lines().count(), 4);
    }

    #[test]
    fn exec_form_is_quoted() {
        let process = Process {
            name: "worker".parse().unwrap(),
            command: Command::exec(["python", "it's.py", "a b"]),
            origin: packwright_planner::Origin::Default("test".to_owned()),
        };
        assert_eq!(
            script(&process),
            "#!/bin/sh\n# worker, from default: test\n[ $# -eq 0 ] || exec /usr/bin/tini -s -- \"$@\"\nexec /usr/bin/tini -s -- python 'it'\\''s.py' 'a b'\n"
        );
    }
}
