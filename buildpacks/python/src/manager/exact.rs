//! pdm and pipenv with a lock file: `manifest::exact` turns the lock into hashed requirements when
//! the plan is made, and uv installs those. Neither pdm nor pipenv has to run.

use packwright_buildpack::planner::{Command, Step};
use packwright_buildpack::step::after;

use super::pip;
use crate::manifest::exact::Exact;
use crate::manifest::index;
use crate::manifest::local::Local;
use crate::releases::Delivery;
use crate::steps::{self, Question, answer};

/// The list, where the install step writes it.
const LIST: &str = "/tmp/locked.txt";

/// The packages from version control.
const VERSIONED: &str = "/tmp/versioned.txt";

/// The answer that holds the hashes which the lock lacks.
const HASHED: &str = "requirements.txt";

/// Steps for `exact`; `own` is the project itself, when it is a package.
pub(super) fn steps(exact: &Exact, own: Option<Local>, delivery: &Delivery, servers: &[&str]) -> Vec<Step> {
    let options = index::options(&exact.indexes, exact.replaces_public);
    let addresses = exact.indexes.iter().map(|index| index.url.as_str());
    let variables = index::variables(addresses.chain(exact.versioned.iter().map(String::as_str)));
    let mut made = Vec::new();
    let why = format!("installs what {} holds", exact.path());
    let mut install = steps::uv_step("python.install", &why, &variables);
    install.commands.push(steps::make_environment(delivery));
    let mut arguments = vec!["--no-deps".to_owned()];
    arguments.extend(options.iter().cloned());
    if !delivery.candidates.is_empty() {
        let lines: Vec<String> = exact.pinned.iter().map(|pinned| pinned.line.clone()).collect();
        made.push(steps::interpreter(
            delivery,
            &Question {
                requirements: &lines,
                arguments: &arguments,
                variables: &variables,
                ..Question::NOTHING
            },
        ));
    }
    if exact.is_hashed() {
        install.commands.extend(steps::write(LIST, &exact.lines()));
        if !exact.pinned.is_empty() {
            install.commands.push(steps::install_hashed(LIST, &arguments));
        }
    } else {
        let lines: Vec<String> = exact.pinned.iter().map(|pinned| pinned.line.clone()).collect();
        made.push(steps::resolve(
            &delivery.interpreter(),
            &Question {
                step: "python.resolve",
                why: &format!("finds the hashes that {} lacks", exact.path()),
                answer: HASHED,
                requirements: &lines,
                files: &[],
                arguments: &arguments,
                source: None,
                variables: &variables,
            },
        ));
        install.inputs.push(after("python.resolve"));
        install.commands.push(steps::install_hashed(&answer(HASHED), &arguments));
    }
    if !exact.versioned.is_empty() {
        steps::see_git(&mut install);
        install.commands.extend(steps::write(VERSIONED, &exact.versioned));
        install.commands.push(steps::install_versioned(VERSIONED));
    }
    if !servers.is_empty() {
        let constraints = steps::write("/tmp/constraints.txt", &exact.constraints());
        let constraints = match constraints.is_empty() {
            true => vec![Command::Shell("true > /tmp/constraints.txt".to_owned())],
            false => constraints,
        };
        made.push(pip::server_within(constraints, None, servers, delivery));
        pip::add_server(&mut install, &options);
    }
    install.commands.push(steps::compile());
    install.outputs.push(steps::environment_output());
    made.push(install);
    let locals: Vec<Local> = exact.local.iter().cloned().chain(own).collect();
    made.extend(steps::projects(delivery, &locals));
    made
}
