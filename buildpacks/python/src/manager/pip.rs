//! pip's files: `requirements.txt`, or the dependencies in `pyproject.toml`.

use packwright_planner::{Command, Step};

use crate::data::Delivery;
use crate::manifest::pyproject::Pyproject;
use crate::manifest::requirements::Requirements;
use crate::steps::{self, Question, after, answer, source};

/// The file that holds the exact versions.
const EXACT: &str = "requirements.txt";

/// The file that holds the exact versions of an added server.
const SERVER: &str = "server.txt";

/// Steps for `requirements.txt`. Fully hashed files are a lock and are installed as they are,
/// anything else is resolved first.
pub(super) fn requirements(
    requirements: &Requirements,
    delivery: &Delivery,
    server: Option<&str>,
) -> Vec<Step> {
    let main = requirements.files[0].to_string();
    let files = requirements.files.iter().chain(&requirements.links);
    let source = source(files);
    let added: Vec<String> = server.map(str::to_owned).into_iter().collect();
    let mut made = Vec::new();
    let mut install = steps::uv_step("python.install", "installs the requirements", &requirements.variables);
    install.commands.push(steps::make_environment(delivery));
    if requirements.hashed {
        install.inputs.push(source.clone());
        install.commands.push(steps::install_hashed(&main, &requirements.options));
        if !added.is_empty() {
            let mut arguments = requirements.options.clone();
            arguments.extend(["--constraint".to_owned(), main]);
            made.push(steps::resolve(
                delivery,
                &Question {
                    step: "python.server",
                    why: "finds a version of the added server that fits the requirements",
                    answer: SERVER,
                    requirements: &added,
                    files: &[],
                    arguments: &arguments,
                    source: Some(source),
                    variables: &requirements.variables,
                },
            ));
            add_server(&mut install, &requirements.options);
        }
    } else {
        made.push(steps::resolve(
            delivery,
            &Question {
                step: "python.resolve",
                why: "finds exact versions and hashes for the requirements",
                answer: EXACT,
                requirements: &added,
                files: &[main],
                arguments: &requirements.options,
                source: Some(source.clone()),
                variables: &requirements.variables,
            },
        ));
        install.inputs.push(after("python.resolve"));
        if !requirements.links.is_empty() {
            install.inputs.push(source);
        }
        install.commands.push(steps::install_hashed(&answer(EXACT), &requirements.options));
    }
    install.commands.push(steps::compile());
    install.outputs.push(steps::environment_output());
    made.push(install);
    made
}

/// Steps for a `pyproject.toml` without a lock.
pub(super) fn project(pyproject: &Pyproject, delivery: &Delivery, server: Option<&str>) -> Vec<Step> {
    let added: Vec<String> = server.map(str::to_owned).into_iter().collect();
    let resolve = steps::resolve(
        delivery,
        &Question {
            step: "python.resolve",
            why: "finds exact versions and hashes for the project's dependencies",
            answer: EXACT,
            requirements: &added,
            files: &[pyproject.path.to_string()],
            arguments: &[],
            source: Some(source([&pyproject.path])),
            variables: &[],
        },
    );
    let mut made = vec![resolve, install_exact("installs the project's dependencies", delivery)];
    if let (Some(requires), Some(name)) = (&pyproject.build_requires, &pyproject.name) {
        made.extend(steps::project(delivery, name, requires));
    }
    made
}

/// Steps for a program that asks for nothing and needs a server.
pub(super) fn server_only(delivery: &Delivery, server: &str) -> Vec<Step> {
    let resolve = steps::resolve(
        delivery,
        &Question {
            step: "python.resolve",
            why: "finds exact versions and hashes for the added server",
            answer: EXACT,
            requirements: &[server.to_owned()],
            files: &[],
            arguments: &[],
            source: None,
            variables: &[],
        },
    );
    vec![resolve, install_exact("installs the added server", delivery)]
}

fn install_exact(why: &str, delivery: &Delivery) -> Step {
    let mut install = steps::uv_step("python.install", why, &[]);
    install.inputs.push(after("python.resolve"));
    install.commands =
        vec![steps::make_environment(delivery), steps::install_hashed(&answer(EXACT), &[]), steps::compile()];
    install.outputs.push(steps::environment_output());
    install
}

/// Lets `install` take what `python.server` found.
pub(super) fn add_server(install: &mut Step, arguments: &[String]) {
    install.inputs.push(after("python.server"));
    install.commands.push(steps::install_hashed(&answer(SERVER), arguments));
}

/// A question for a server that fits a lock file: all of its versions constrain the answer.
/// Packages that the lock has in several versions, for several environments, do not.
pub(super) fn server_beside_lock(lock: &str, server: &str, delivery: &Delivery) -> Step {
    let mut question = steps::resolve(
        delivery,
        &Question {
            step: "python.server",
            why: "finds a version of the added server that fits the lock file",
            answer: SERVER,
            requirements: &[server.to_owned()],
            files: &[],
            arguments: &["--constraint".to_owned(), "/tmp/constraints.txt".to_owned()],
            source: Some(source([lock])),
            variables: &[],
        },
    );
    let constraints = Command::Exec(steps::words([&delivery.interpreter(), "-c", LOCK_TO_CONSTRAINTS, lock]));
    question.commands.insert(0, constraints);
    question
}

/// `uv.lock` and `poetry.lock` both list packages with name and version.
const LOCK_TO_CONSTRAINTS: &str = "import collections, sys, tomllib\n\
    packages = tomllib.load(open(sys.argv[1], 'rb')).get('package', [])\n\
    count = collections.Counter(package['name'] for package in packages)\n\
    with open('/tmp/constraints.txt', 'w') as out:\n\
    \x20   for package in packages:\n\
    \x20       if count[package['name']] == 1 and 'version' in package:\n\
    \x20           out.write('{name}=={version}\\n'.format(**package))\n";
