//! Which servers are installed although the project does not ask for them: the one that a
//! declared process starts, or the one that the buildpack's own start needs.

use packwright_buildpack::planner::{Command, Diagnostic, Origin, PlanContext};

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
    let origin = |line: &String| Origin::Option(format!("--start {line}"));
    let mut lines: Vec<(String, Origin)> =
        start.map(|line| (line.clone(), origin(line))).into_iter().collect();
    lines.extend(context.model.commands().map(|(_, command, origin)| (words(command), origin.clone())));
    let web_is_declared =
        start.is_some() || context.model.commands().any(|(name, ..)| name.as_str() == "web");
    let mut servers: Vec<&'static str> = Vec::new();
    let mut remarks: Vec<Diagnostic> = Vec::new();
    for (line, origin) in &lines {
        for server in named_in(line) {
            if !dependencies.have(server) && !servers.contains(&server) {
                servers.push(server);
                remarks.push(messages::declared_server(server, origin));
            }
        }
    }
    if web_is_declared {
        application.diagnostics.retain(|remark| remark.code != "python/server-added");
        application.added_server = None;
    }
    servers.extend(application.added_server.filter(|server| !servers.contains(server)));
    application.diagnostics.extend(remarks);
    servers
}

fn words(command: &Command) -> String {
    match command {
        Command::Shell(line) => line.clone(),
        Command::Exec(words) => words.join(" "),
    }
}

/// The packages of the servers that a command line starts. A server that another tool is asked to
/// run (`poetry run gunicorn`) counts as well.
fn named_in(line: &str) -> Vec<&'static str> {
    let plain = |word: &str| word.trim_matches(['"', '\'', ';', '(', ')']).to_owned();
    let words = line.split([' ', '\t', '=', '&', '|', ',']).map(plain).collect::<Vec<_>>();
    let package = |word: &String| {
        let last = word.rsplit('/').next().unwrap_or(word);
        PROGRAMS.iter().find(|(program, _)| *program == last).map(|&(_, package)| package)
    };
    words.iter().filter_map(package).collect()
}
