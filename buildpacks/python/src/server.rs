//! Which servers are installed although the project does not ask for them: the one that a
//! declared process starts, or the one that the buildpack's own start needs.

use packwright_buildpack::planner::{Command, Diagnostic, Origin, PlanContext};
use packwright_buildpack::shell_syntax::{Dialect, Simple, parse};

use crate::dependencies::Dependencies;
use crate::framework::application::Application;
use crate::messages;

/// Programs that serve, and the packages that bring them. Words of a command line are compared,
/// so worker classes are here too.
const PROGRAMS: &[(&str, &str)] = &[
    ("gunicorn", "gunicorn"),
    ("uvicorn", "uvicorn"),
    ("uvicorn.workers.UvicornWorker", "uvicorn"),
    ("uvicorn.workers.UvicornH11Worker", "uvicorn"),
    ("uvicorn_worker.UvicornWorker", "uvicorn-worker"),
    ("hypercorn", "hypercorn"),
    ("daphne", "daphne"),
    ("waitress-serve", "waitress"),
    ("granian", "granian"),
];

/// Chooses them; `application` keeps only those remarks that are true then.
pub(crate) fn added(
    context: &PlanContext<'_>,
    application: &mut Application,
    dependencies: &Dependencies,
) -> Vec<&'static str> {
    let start = context.options.start.as_ref();
    let by_option = |line: &String| (Command::shell(line), Origin::Option(format!("--start {line}")));
    let declared = context.model.commands().map(|(_, command, origin)| (command.clone(), origin.clone()));
    let commands: Vec<(Command, Origin)> = start.map(by_option).into_iter().chain(declared).collect();
    let web_is_declared =
        start.is_some() || context.model.commands().any(|(name, ..)| name.as_str() == "web");
    let mut servers: Vec<&'static str> = Vec::new();
    let mut remarks: Vec<Diagnostic> = Vec::new();
    for (command, origin) in &commands {
        for server in named_in(command) {
            if !dependencies.have(server) && !servers.contains(&server) {
                servers.push(server);
                remarks.push(messages::declared_server(server, origin));
            }
        }
    }
    if web_is_declared {
        let of_our_start = ["python/server-added", messages::SEVERAL_APPLICATIONS];
        application.diagnostics.retain(|remark| !of_our_start.contains(&remark.code.as_str()));
        application.added_server = None;
    }
    servers.extend(application.added_server.filter(|server| !servers.contains(server)));
    application.diagnostics.extend(remarks);
    servers
}

/// The packages of the servers that a command starts. A server that another tool is asked to run
/// (`poetry run gunicorn`), in a text of its own or by a variable, counts as well.
fn named_in(command: &Command) -> Vec<&'static str> {
    let script = parse(&command.script(), Dialect::Bash);
    let says =
        |simple: &Simple| simple.words.first().is_some_and(|word| matches!(&*word.raw, "echo" | "printf"));
    let simple = script.commands().into_iter().filter(|simple| !says(simple));
    let words =
        simple.flat_map(|simple| simple.assignments.iter().map(|(_, word)| word).chain(&simple.words));
    let package = |word: &str| {
        let last = word.rsplit('/').next().unwrap_or(word);
        PROGRAMS.iter().find(|(program, _)| *program == last).map(|&(_, package)| package)
    };
    let separates = [' ', '\t', '\n', '=', ',', ';', '&', '|', '(', ')', '"', '\''];
    words.flat_map(|word| word.unquoted().split(separates).filter_map(package).collect::<Vec<_>>()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_those_that_run() {
        for (line, servers) in [
            ("poetry run gunicorn a:b -k=uvicorn.workers.UvicornWorker", vec!["gunicorn", "uvicorn"]),
            (
                "GUNICORN_CMD_ARGS='-k uvicorn.workers.UvicornWorker' gunicorn a:b",
                vec!["uvicorn", "gunicorn"],
            ),
            ("sh -c 'cd x && \"/opt/bin/uvicorn\" a:b'", vec!["uvicorn"]),
            ("su -c 'daphne a:b' web", vec!["daphne"]),
            ("echo no gunicorn; python a.py # and no uvicorn", vec![]),
            ("cat <<E; python a.py\ngunicorn\nE", vec![]),
        ] {
            assert_eq!(named_in(&Command::shell(line)), servers, "{line}");
        }
    }
}
