//! Requirements without exact versions: `requirements.txt`, the dependencies in `pyproject.toml`, in a
//! Pipfile, in `setup.py`, in conda's environment. They are resolved first, then installed.

use packwright_buildpack::planner::{Command, Input, Step};
use packwright_buildpack::step::{after, source, words};

use crate::implicit_setuptools;
use crate::manifest::conda::Environment;
use crate::manifest::index::{self, BEST_MATCH};
use crate::manifest::inline::InlineScript;
use crate::manifest::local::Local;
use crate::manifest::pipfile::Pipfile;
use crate::manifest::pyproject::Pyproject;
use crate::manifest::requirements::Requirements;
use crate::manifest::setup::Setup;
use crate::releases::Delivery;
use crate::steps::{self, Question, VERSIONED, answer};

/// The file that holds the exact versions.
const EXACT: &str = "requirements.txt";

/// The file that holds the exact versions of an added server.
const SERVER: &str = "server.txt";

/// A list that floats.
#[derive(Default)]
struct Floating<'a> {
    /// What finds its versions is for.
    resolves: &'a str,
    /// What installs them is for.
    installs: &'a str,
    /// Requirements in words.
    requirements: Vec<String>,
    /// Files of requirements.
    files: Vec<String>,
    /// Options of both.
    options: Vec<String>,
    /// Options of the question alone.
    asks: Vec<String>,
    /// Variables that it names.
    variables: Vec<String>,
    /// Files that the question sees.
    sees: Vec<String>,
    /// Files that the installation sees.
    installs_from: Vec<String>,
    /// Packages of the tree.
    locals: Vec<Local>,
    /// The project itself, where its build backend is asked what it needs.
    asked: Option<Local>,
    /// Whether packages come from version control.
    versioned: bool,
}

impl Floating<'_> {
    fn steps(self, delivery: &Delivery, servers: &[&str]) -> Vec<Step> {
        let mut requirements = self.requirements;
        requirements.extend(servers.iter().map(|&server| server.to_owned()));
        let mut sees = self.sees;
        sees.extend(self.locals.iter().flat_map(|local| local.manifests.iter().cloned()));
        sees.sort();
        sees.dedup();
        let mut arguments = self.options.clone();
        arguments.extend(self.asks);
        let absent: Vec<String> =
            self.locals.iter().chain(&self.asked).flat_map(|one| one.absent.clone()).collect();
        if !self.locals.is_empty() {
            // Directories are known by the time of their files, and those have none here.
            arguments.push("--refresh".to_owned());
        }
        let question = Question {
            step: "python.resolve",
            why: self.resolves,
            answer: EXACT,
            requirements: &requirements,
            files: &self.files,
            arguments: &arguments,
            source: (!sees.is_empty()).then(|| source(sees)),
            variables: &self.variables,
        };
        let mut resolve = steps::resolve(&delivery.interpreter(), &question);
        let mut interpreter =
            (!delivery.candidates.is_empty()).then(|| steps::interpreter(delivery, &question));
        for asking in interpreter.iter_mut().chain([&mut resolve]) {
            asking.commands.splice(0..0, steps::stand_ins(&absent));
            asking.environment.extend(steps::pretended(&self.locals));
        }
        let apart = self.versioned || !self.locals.is_empty();
        let mut install = steps::uv_step("python.install", self.installs, &self.variables);
        install.inputs.push(after("python.resolve"));
        if !self.installs_from.is_empty() {
            install.inputs.push(source(self.installs_from));
        }
        let mut options = self.options;
        if apart {
            interpreter.iter_mut().for_each(steps::see_git);
            steps::take_apart(&mut resolve, delivery, EXACT);
            // The list is whole; what it leaves out comes later.
            options.insert(0, "--no-deps".to_owned());
        }
        install.commands =
            vec![steps::make_environment(delivery), steps::install_hashed(&answer(EXACT), &options)];
        if self.versioned {
            steps::see_git(&mut install);
            install.commands.push(steps::install_versioned(&answer(VERSIONED)));
        }
        install.commands.push(steps::compile());
        install.outputs.push(steps::environment_output());
        let mut made: Vec<Step> = interpreter.into_iter().chain([resolve, install]).collect();
        made.extend(steps::projects(delivery, &self.locals));
        made
    }
}

/// Steps for `requirements.txt`. Fully hashed files are a lock and are installed as they are,
/// anything else is resolved first.
pub(super) fn requirements(requirements: &Requirements, delivery: &Delivery, servers: &[&str]) -> Vec<Step> {
    let main = requirements.files[0].to_string();
    let files: Vec<String> =
        requirements.files.iter().chain(&requirements.links).map(ToString::to_string).collect();
    let mut options = requirements.options.clone();
    if options.iter().any(|option| option == "--index") {
        // pip takes the best version of all indexes.
        options.extend(BEST_MATCH.map(str::to_owned));
    }
    if !requirements.hashed {
        let mut made = Floating {
            requirements: implicit_setuptools::requirements(&requirements.listed),
            resolves: "finds exact versions and hashes for the requirements",
            installs: "installs the requirements",
            files: vec![main],
            options,
            variables: requirements.variables.clone(),
            sees: files.clone(),
            installs_from: if requirements.links.is_empty() { Vec::new() } else { files },
            locals: requirements.local.clone(),
            versioned: requirements.versioned,
            ..Floating::default()
        }
        .steps(delivery, servers);
        if requirements.versioned {
            // uv knows no editable repositories; in an image they are packages like any other.
            let mut plain = words(&[&delivery.bootstrap(), "-c", PLAIN_REPOSITORIES]);
            plain.extend(requirements.files.iter().map(ToString::to_string));
            let plain = Command::Exec(plain);
            let asks =
                |step: &&mut Step| ["python.resolve", steps::INTERPRETER_STEP].contains(&step.name.as_str());
            made.iter_mut().filter(asks).for_each(|step| step.commands.insert(0, plain.clone()));
        }
        return made;
    }
    let mut made = Vec::new();
    if !delivery.candidates.is_empty() {
        made.push(steps::interpreter(
            delivery,
            &Question {
                files: std::slice::from_ref(&main),
                arguments: &options,
                source: Some(source(files.clone())),
                variables: &requirements.variables,
                ..Question::NOTHING
            },
        ));
    }
    let mut install = steps::uv_step("python.install", "installs the requirements", &requirements.variables);
    install.inputs.push(source(files.clone()));
    install.commands = vec![steps::make_environment(delivery), steps::install_hashed(&main, &options)];
    if !servers.is_empty() {
        let mut arguments = options.clone();
        arguments.extend(["--constraint".to_owned(), main]);
        made.push(steps::resolve(
            &delivery.interpreter(),
            &Question {
                step: "python.server",
                why: "finds a version of the added server that fits the requirements",
                answer: SERVER,
                requirements: &owned(servers),
                files: &[],
                arguments: &arguments,
                source: Some(source(files)),
                variables: &requirements.variables,
            },
        ));
        add_server(&mut install, &options);
    }
    install.commands.push(steps::compile());
    install.outputs.push(steps::environment_output());
    made.push(install);
    made
}

/// Takes the `-e` from repositories in the named files.
const PLAIN_REPOSITORIES: &str = "import re, sys\n\
    for name in sys.argv[1:]:\n\
    \x20   data = open(name, 'rb').read()\n\
    \x20   wide = data[:2] in (b'\\xff\\xfe', b'\\xfe\\xff')\n\
    \x20   text = data.decode('utf-16' if wide else 'utf-8-sig')\n\
    \x20   text = re.sub(r'(?m)^[ \\t]*(-e|--editable)[ =]+(?=git\\+)', '', text)\n\
    \x20   open(name, 'w', encoding='utf-8').write(text)\n";

/// Steps for a `pyproject.toml` without a lock. `own` is the project itself, with a build system
/// or where only that tells what it needs.
pub(super) fn project(
    pyproject: &Pyproject,
    own: Option<Local>,
    delivery: &Delivery,
    servers: &[&str],
) -> Vec<Step> {
    let (indexes, replaces) = pyproject.indexes();
    // uv reads its own table in the file itself; the installation does not see that.
    let options = index::options(&indexes, replaces);
    let dynamic = own.iter().filter(|_| pyproject.dynamic_dependencies);
    let mut sees = vec![pyproject.path.to_string()];
    sees.extend(dynamic.flat_map(|own| own.manifests.iter().cloned()));
    sees.sort();
    sees.dedup();
    let mut made = Floating {
        resolves: "finds exact versions and hashes for the project's dependencies",
        installs: "installs the project's dependencies",
        files: vec![pyproject.path.to_string()],
        variables: index::variables(indexes.iter().map(|index| index.url.as_str())),
        asks: if pyproject.dynamic_dependencies { vec!["--refresh".to_owned()] } else { Vec::new() },
        options,
        sees,
        asked: own.clone().filter(|_| pyproject.dynamic_dependencies),
        versioned: pyproject.is_versioned(),
        ..Floating::default()
    }
    .steps(delivery, servers);
    let own: Vec<Local> = own.into_iter().filter(|_| pyproject.build_requires.is_some()).collect();
    let asking = made.iter_mut().filter(|step| step.resolves);
    asking.for_each(|step| step.environment.extend(steps::pretended(&own)));
    made.extend(steps::projects(delivery, &own));
    made
}

/// Steps for `setup.py` or `setup.cfg`: read when they can be, otherwise run in the sandbox.
pub(super) fn setup(setup: &Setup, own: Local, delivery: &Delivery, servers: &[&str]) -> Vec<Step> {
    let plain = setup.dependencies.is_some();
    let nothing = plain && setup.lines.is_empty() && servers.is_empty();
    let mut made = if nothing {
        vec![steps::bare_environment(delivery)]
    } else {
        Floating {
            resolves: "finds exact versions and hashes for what the package needs",
            installs: "installs what the package needs",
            requirements: if plain { setup.lines.clone() } else { Vec::new() },
            files: if plain { Vec::new() } else { vec![setup.path.to_string()] },
            asks: if plain { Vec::new() } else { vec!["--refresh".to_owned()] },
            sees: if plain { Vec::new() } else { own.manifests.clone() },
            versioned: setup.lines.iter().any(|line| line.contains("git+")),
            ..Floating::default()
        }
        .steps(delivery, servers)
    };
    made.extend(steps::projects(delivery, &[own]));
    made
}

/// Steps for a Pipfile without lock.
pub(super) fn pipfile(pipfile: &Pipfile, delivery: &Delivery, servers: &[&str]) -> Vec<Step> {
    let addresses = pipfile.indexes.iter().map(|index| index.url.as_str());
    let mut asks = Vec::new();
    if pipfile.prereleases {
        asks.extend(["--prerelease".to_owned(), "allow".to_owned()]);
    }
    let places = pipfile.local.iter().map(|local| local.place());
    let requirements = pipfile.requirements.iter().cloned().chain(places);
    Floating {
        resolves: "finds exact versions and hashes for the Pipfile",
        installs: "installs what the Pipfile asks for",
        variables: index::variables(addresses.chain(pipfile.requirements.iter().map(String::as_str))),
        requirements: requirements.collect(),
        options: index::options(&pipfile.indexes, pipfile.replaces_public),
        asks,
        locals: pipfile.local.clone(),
        versioned: pipfile.versioned,
        ..Floating::default()
    }
    .steps(delivery, servers)
}

/// Steps for conda's environment.
pub(super) fn conda(environment: &Environment, delivery: &Delivery, servers: &[&str]) -> Vec<Step> {
    Floating {
        resolves: "finds exact versions and hashes on Python's index for conda's packages",
        installs: "installs what the environment asks for",
        requirements: environment.requirements.clone(),
        versioned: environment.requirements.iter().any(|line| line.contains("git+")),
        ..Floating::default()
    }
    .steps(delivery, servers)
}

/// Steps for a script that says itself what it needs.
pub(super) fn inline(script: &InlineScript, delivery: &Delivery, servers: &[&str]) -> Vec<Step> {
    if script.lines.is_empty() && servers.is_empty() {
        return vec![steps::bare_environment(delivery)];
    }
    Floating {
        resolves: "finds exact versions and hashes for what the script asks for",
        installs: "installs what the script asks for",
        variables: index::variables(script.lines.iter().map(String::as_str)),
        requirements: script.lines.clone(),
        versioned: script.lines.iter().any(|line| line.contains("git+")),
        ..Floating::default()
    }
    .steps(delivery, servers)
}

/// Steps for a program that asks for nothing and needs a server.
pub(super) fn servers_only(delivery: &Delivery, servers: &[&str]) -> Vec<Step> {
    Floating {
        resolves: "finds exact versions and hashes for the added server",
        installs: "installs the added server",
        ..Floating::default()
    }
    .steps(delivery, servers)
}

/// Lets `install` take what `python.server` found.
pub(super) fn add_server(install: &mut Step, arguments: &[String]) {
    install.inputs.push(after("python.server"));
    install.commands.push(steps::install_hashed(&answer(SERVER), arguments));
}

/// A question for servers that fit a lock file: all of its versions constrain the answer.
/// Packages that the lock has in several versions, for several environments, do not.
pub(super) fn server_beside_lock(lock: &str, servers: &[&str], delivery: &Delivery) -> Step {
    let read = Command::Exec(words(&[&delivery.bootstrap(), "-c", LOCK_TO_CONSTRAINTS, lock]));
    server_within(vec![read], Some(source([lock])), servers, delivery)
}

/// A question for servers within `/tmp/constraints.txt`, which the commands `before` make.
pub(super) fn server_within(
    before: Vec<Command>,
    sees: Option<Input>,
    servers: &[&str],
    delivery: &Delivery,
) -> Step {
    let mut question = steps::resolve(
        &delivery.interpreter(),
        &Question {
            step: "python.server",
            why: "finds a version of the added server that fits the lock file",
            answer: SERVER,
            requirements: &owned(servers),
            files: &[],
            arguments: &["--constraint".to_owned(), "/tmp/constraints.txt".to_owned()],
            source: sees,
            variables: &[],
        },
    );
    question.commands.splice(0..0, before);
    question
}

fn owned(servers: &[&str]) -> Vec<String> {
    servers.iter().map(|&server| server.to_owned()).collect()
}

/// `uv.lock`, `poetry.lock` and `pylock.toml` list packages with name and version.
const LOCK_TO_CONSTRAINTS: &str = "import collections, sys, tomllib\n\
    lock = tomllib.load(open(sys.argv[1], 'rb'))\n\
    packages = lock.get('package', []) + lock.get('packages', [])\n\
    count = collections.Counter(package['name'] for package in packages)\n\
    with open('/tmp/constraints.txt', 'w') as out:\n\
    \x20   for package in packages:\n\
    \x20       if count[package['name']] == 1 and 'version' in package:\n\
    \x20           out.write('{name}=={version}\\n'.format(**package))\n";
