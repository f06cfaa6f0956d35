//! A program without a framework: the main file at the root is started as it is.

use packwright_planner::{Command, Decision, Loser, Origin, Process, RelPath, SourceTree, find};

use super::Application;
use crate::manifest::text;
use crate::messages;
use crate::syntax::Module;

/// Main files in the order of preference.
pub(crate) const MAIN_FILES: &[&str] = &[
    "main.py",
    "app.py",
    "server.py",
    "bot.py",
    "start.py",
    "run.py",
    "hello.py",
    "worker.py",
    "__main__.py",
];

/// The variable that a program reads when a platform tells it where to listen.
const PORT: &str = "PORT";

/// A main file that reads `PORT` is a `web` process, any other a `worker`: nothing must send
/// HTTP to a program that never listens.
pub(super) fn recognise(tree: &dyn SourceTree) -> Application {
    let present: Vec<&RelPath> =
        MAIN_FILES.iter().filter_map(|name| find(tree, name)).map(|file| &file.path).collect();
    let framework = |origin| Decision {
        subject: "python framework".to_owned(),
        value: "none".to_owned(),
        origin,
        losers: Vec::new(),
    };
    let Some((&main, others)) = present.split_first() else {
        return Application {
            process_missing: Some(messages::main_missing(MAIN_FILES)),
            decisions: vec![framework(Origin::Default("no file uses a web framework".to_owned()))],
            ..Application::default()
        };
    };
    let listens = match text(tree, main) {
        Ok(Some(source)) if source.contains(PORT) => {
            Module::parse(&source, main.as_str(), false).variables().contains(PORT)
        }
        _ => false,
    };
    let (name, why) = match listens {
        true => ("web", "reads PORT"),
        false => ("worker", "does not read PORT"),
    };
    Application {
        processes: vec![Process {
            name: name.parse().expect("a process name"),
            command: Command::exec(["python", main.as_str()]),
            origin: Origin::Detected(format!("{main} at the root, which {why}")),
        }],
        decisions: vec![
            framework(Origin::Default("no file uses a web framework".to_owned())),
            Decision {
                subject: "application".to_owned(),
                value: main.to_string(),
                origin: Origin::file(main),
                losers: others
                    .iter()
                    .map(|other| Loser { value: other.to_string(), origin: Origin::file(other) })
                    .collect(),
            },
        ],
        ..Application::default()
    }
}
