//! What platform files declare about a Python application: which commands of a declared build are
//! Python's, the step that runs the rest of it, and the customs of a platform.

pub(crate) mod installs;

use packwright_planner::{
    Command, CommandKind, Decision, DeclaredBuild, Diagnostic, Input, LayerKind, Network, Origin, Output,
    Overridden, PlanContext, Requested, Selection, SourceTree, Step, has,
};

use crate::framework::{Application, StaticFiles};
use crate::manager::Manifests;
use crate::messages;
use crate::steps;

/// Programs that run others in the environment of a project: what follows is the command.
const RUNNERS: &[[&str; 2]] =
    [["poetry", "run"], ["uv", "run"], ["pipenv", "run"], ["pdm", "run"], ["hatch", "run"]].as_slice();

/// Programs that install, as words at the start of a command.
const INSTALLERS: &[&[&str]] = &[
    &["pip", "install"],
    &["pip3", "install"],
    &["uv", "pip", "install"],
    &["uv", "pip", "sync"],
    &["uv", "sync"],
    &["poetry", "install"],
    &["poetry", "sync"],
    &["pdm", "install"],
    &["pdm", "sync"],
    &["pipenv", "install"],
    &["pipenv", "sync"],
];

/// Commands that only prepare to install, as words at their start.
const OF_MANAGERS: &[&[&str]] = &[
    &["poetry", "config"],
    &["poetry", "self"],
    &["poetry", "env"],
    &["poetry", "lock"],
    &["pdm", "config"],
    &["pdm", "lock"],
    &["pdm", "venv"],
    &["pipenv", "--python"],
    &["pipenv", "--three"],
    &["pipenv", "--rm"],
    &["pipenv", "lock"],
    &["pip", "config"],
    &["pip3", "config"],
    &["uv", "venv"],
    &["uv", "lock"],
    &["uv", "python"],
];

/// Options that install into a directory of their own.
const INTO: &[&str] = &["-t", "--target", "--prefix", "--root"];

/// Programs that change databases, besides Python itself.
const MIGRATORS: &[&str] = &["manage.py", "django-admin", "alembic", "flask", "aerich", "piccolo"];

/// Packages that bring installers: the plan's own steps have what they need.
const OF_INSTALLERS: &[&str] =
    &["pip", "setuptools", "wheel", "build", "uv", "poetry", "pdm", "pipenv", "virtualenv", "poetry-core"];

/// Options of installers that are followed by a value.
const WITH_VALUE: &[&str] = &[
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--only",
    "--without",
    "--with",
    "--extra",
    "--group",
    "-E",
];

/// Commands that change a database, by words that stand in them one after the other.
const MIGRATIONS: &[&[&str]] = &[
    &["manage.py", "migrate"],
    &["django-admin", "migrate"],
    &["alembic", "upgrade"],
    &["db", "upgrade"],
    &["aerich", "upgrade"],
    &["piccolo", "migrations", "forwards"],
];

/// What a simple command is to Python, by its words.
pub(crate) fn classify(words: &[String]) -> Option<CommandKind> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let words = inner(&words);
    let program = words.first()?.rsplit('/').next()?;
    if matches!(words, ["." | "source", script, ..] if script.ends_with("bin/activate")) {
        return Some(CommandKind::Installs);
    }
    let migrates = is_python(program) || MIGRATORS.contains(&program);
    if migrates
        && MIGRATIONS.iter().any(|wanted| words.windows(wanted.len()).any(|part| ends_with(part, wanted)))
    {
        return Some(CommandKind::Releases);
    }
    let module = match (is_python(program), words) {
        (true, [_, "-m", module, rest @ ..]) => Some([&[*module][..], rest].concat()),
        _ => None,
    };
    let called = module.as_deref().unwrap_or(words);
    let begins = |wanted: &&&[&str]| ends_with(&called[..called.len().min(wanted.len())], wanted);
    if matches!(called, ["venv" | "virtualenv", ..]) || OF_MANAGERS.iter().any(|wanted| begins(&wanted)) {
        return Some(CommandKind::Installs);
    }
    let installer = INSTALLERS.iter().find(begins);
    if let Some(installer) = installer {
        return Some(match names_nothing_new(&called[installer.len()..]) {
            true => CommandKind::Installs,
            false => CommandKind::Runs,
        });
    }
    let known =
        ["pip", "pip3", "uv", "poetry", "pdm", "pipenv", "flask", "django-admin", "alembic", "pytest"];
    (is_python(program) || known.contains(&program)).then_some(CommandKind::Runs)
}

/// The command behind `poetry run` and its like.
fn inner<'a, 'b>(words: &'a [&'b str]) -> &'a [&'b str] {
    let runs = |runner: &&[&str; 2]| words.len() > 2 && words.starts_with(*runner);
    match RUNNERS.iter().find(runs) {
        Some(_) => &words[2..],
        None => words,
    }
}

fn is_python(program: &str) -> bool {
    program.strip_prefix("python").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

/// Whether the words are `wanted`, with directories before the first ones.
fn ends_with(words: &[&str], wanted: &[&str]) -> bool {
    words.len() == wanted.len()
        && words.iter().zip(wanted).all(|(word, wanted)| word.rsplit('/').next() == Some(*wanted))
}

/// Whether an installer is given nothing but manifests, the project itself and installers.
fn names_nothing_new(arguments: &[&str]) -> bool {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if INTO.contains(&argument.split('=').next().unwrap_or_default()) {
            return false;
        }
        if WITH_VALUE.contains(argument) {
            arguments.next();
            continue;
        }
        let name = argument.split(['=', '<', '>', '~', '!', '[', ';']).next().unwrap_or_default();
        let is_own = argument.starts_with('-')
            || *argument == "."
            || argument.starts_with("./")
            || argument.starts_with(".[");
        if !is_own && !OF_INSTALLERS.contains(&name) {
            return false;
        }
    }
    true
}

/// Installers by their first word that installs a project, and the file that each goes by.
const PROJECTS: &[(&str, &[&str], &str)] = &[
    ("uv", &["sync"], "uv.lock"),
    ("poetry", &["install", "sync"], "poetry.lock"),
    ("pdm", &["install", "sync"], "pdm.lock"),
    ("pipenv", &["install", "sync"], "Pipfile"),
];

/// The package manager by which a command installs the application's packages, if the file that
/// it goes by is there.
pub(crate) fn installs_with(words: &[String], tree: &dyn SourceTree) -> Option<&'static str> {
    if classify(words) != Some(CommandKind::Installs) {
        return None;
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let reads = words.windows(2).any(
        |pair| matches!(pair, ["-r" | "--requirement", name] if has(tree, name.trim_start_matches("./"))),
    );
    if words.contains(&"install") && words.iter().any(|word| word.starts_with("pip")) && reads {
        return Some("pip");
    }
    let program = words.first()?.rsplit('/').next()?;
    let found = PROJECTS.iter().find(|(name, verbs, file)| {
        *name == program && words.get(1).is_some_and(|verb| verbs.contains(verb)) && has(tree, file)
    });
    found.map(|(name, ..)| *name)
}

/// Words that name a way to install, for a platform on which two of them are an error.
pub(crate) fn customs(given: &PlanContext<'_>, manifests: &Manifests) -> Result<(), Vec<Diagnostic>> {
    let (Some(platform), true) = (&given.model.customs.platform, given.model.customs.one_manager) else {
        return Ok(());
    };
    match manifests.files_of_managers().as_slice() {
        [first, second, ..] => Err(vec![messages::one_manager(platform, first, second)]),
        _ => Ok(()),
    }
}

/// Puts the declared build in the place of what is detected: `python.static` goes where the build
/// takes its place.
pub(crate) fn build(
    given: &PlanContext<'_>,
    application: &Application,
    made: &mut Vec<Step>,
) -> Option<Decision> {
    let DeclaredBuild { before, detected, after } = given.model.build.as_ref()?;
    let static_step = made.iter().position(|step| step.name.as_str() == "python.static");
    let replaced = static_step.filter(|_| !detected).map(|at| made.remove(at));
    let loser = replaced.map(|_| Overridden {
        value: "collectstatic".to_owned(),
        origin: Origin::Detected("Django with static files".to_owned()),
    });
    let commands: Vec<&Requested<Command>> = before.iter().chain(after).collect();
    let Some(first) = commands.first() else {
        // What the file declares is done by the steps that install, and nothing is built.
        return loser.map(|loser| Decision {
            subject: "build command".to_owned(),
            value: "nothing".to_owned(),
            origin: installs::origin(given.model),
            overridden: vec![loser],
        });
    };
    let files = application.static_files.as_ref();
    let before: Vec<&Requested<Command>> = before.iter().collect();
    let after: Vec<&Requested<Command>> = after.iter().collect();
    match made.iter().position(|step| step.name.as_str() == "python.static") {
        // What comes before the detected work may make files that are collected.
        Some(at) => {
            if !before.is_empty() {
                made[at].inputs.push(steps::after("python.build"));
                let build = step("python.build", given, files, &before, &made[..at]);
                made.insert(at, build);
            }
            if !after.is_empty() {
                let name = if before.is_empty() { "python.build" } else { "python.finish" };
                let build = step(name, given, files, &after, made);
                made.push(build);
            }
        }
        None => {
            let build = step("python.build", given, files, &commands, made);
            made.push(build);
        }
    }
    let told: Vec<String> = commands.iter().map(|command| command.value.to_string()).collect();
    Some(Decision {
        subject: "build command".to_owned(),
        value: told.join(" && "),
        origin: first.origin.clone(),
        overridden: loser.into_iter().collect(),
    })
}

/// `python.build` or its like: declared commands, in the application's environment and without network.
fn step(
    name: &str,
    given: &PlanContext<'_>,
    files: Option<&StaticFiles>,
    commands: &[&Requested<Command>],
    made: &[Step],
) -> Step {
    let has = |name: &str| made.iter().any(|step| step.name.as_str() == name);
    let mut build = steps::step(name, "runs the build commands that the platform file declares");
    build.hint = Some(messages::BUILD_HINT.to_owned());
    build.inputs.extend(
        ["python.uv", "python.install", "python.project"]
            .into_iter()
            .filter(|name| has(name))
            .map(steps::after),
    );
    build.inputs.push(Input::Source(Selection::all()));
    // Behind the source: what was built replaces an older copy among the files.
    let built = ["python.build", "python.static"].into_iter().filter(|name| has(name));
    build.inputs.extend(built.map(steps::after));
    build.commands.push(Command::Shell(format!(
        "mkdir -p {SHIMS} && printf '%s' '{}' > {SHIMS}/pip && chmod 755 {SHIMS}/pip && ln -s pip {SHIMS}/pip3",
        PIP_SHIM.replace('\'', r"'\''")
    )));
    build.commands.extend(commands.iter().map(|command| without_runner(&command.value)));
    let fixed = [
        (
            "PATH",
            format!("{SHIMS}:/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ),
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ("VIRTUAL_ENV", "/opt/venv".to_owned()),
        ("UV_CACHE_DIR", "/tmp/uv".to_owned()),
        ("UV_PYTHON_DOWNLOADS", "never".to_owned()),
    ];
    build.environment = fixed.map(|(name, value)| (name.to_owned(), value)).into();
    if given.options.build_network == Network::None {
        build.environment.insert("UV_OFFLINE".to_owned(), "1".to_owned());
    }
    if let Some(files) = files {
        build.environment.insert("DJANGO_SETTINGS_MODULE".to_owned(), files.settings.clone());
        let dummies = files.secret_keys.iter().map(|name| (name.clone(), steps::DUMMY_KEY.to_owned()));
        build.environment.extend(dummies);
    }
    let scrub =
        ["**/__pycache__", "**/*.pyc", "**/*.egg-info", "**/node_modules"].map(str::to_owned).to_vec();
    build.outputs = vec![Output { path: steps::path("app"), layer: Some(LayerKind::Build), scrub }];
    build
}

/// Where the build finds stand-ins for programs that are not installed.
const SHIMS: &str = "/tmp/packwright-bin";

/// pip for scripts that install in the middle: what the manifests name is there already, and uv
/// says so; anything else it would have to fetch.
const PIP_SHIM: &str = "#!/bin/sh\n\
    # Installers are no packages of the application.\n\
    new=; for word in \"$@\"; do case \"$word\" in install|-*|pip|setuptools|wheel) ;; *) new=1 ;; esac; done\n\
    if [ \"$1\" = install ] && [ -z \"$new\" ]; then echo \"pip is not needed here: packages are installed already\"; exit 0; fi\n\
    exec /opt/uv/uv pip \"$@\"\n";

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

    fn is(line: &str) -> Option<CommandKind> {
        classify(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn commands_that_install_what_manifests_name_are_known() {
        for line in [
            "pip install -r requirements.txt",
            "pip install --no-cache-dir -r requirements/prod.txt -c constraints.txt",
            "poetry config virtualenvs.create false",
            "poetry self add poetry-plugin-export",
            "uv venv",
            "uv lock",
            "pip config set global.timeout 60",
            "python -m pip install --upgrade pip",
            "python3.12 -m pip install -U pip setuptools wheel",
            "pip install -e .",
            "pip install .[prod]",
            "pip install poetry==1.8.3",
            "poetry install --no-dev --no-interaction",
            "uv sync --frozen",
            "pipenv install --deploy",
            "pipenv --python 3.11",
            "python -m venv --copies /opt/venv",
            ". /opt/venv/bin/activate",
            "/opt/venv/bin/pip install -r requirements.txt",
        ] {
            assert_eq!(is(line), Some(CommandKind::Installs), "{line}");
        }
    }

    #[test]
    fn others_run_or_release_or_are_nobodys() {
        for line in [
            "pip install gunicorn",
            "pip install -t lib -r requirements.txt",
            "pip install --target=lib -r requirements.txt",
            "python manage.py collectstatic --noinput",
            "poetry run python manage.py collectstatic",
            "python -m compileall .",
        ] {
            assert_eq!(is(line), Some(CommandKind::Runs), "{line}");
        }
        for line in [
            "python manage.py migrate --noinput",
            "poetry run alembic upgrade head",
            "flask db upgrade",
            "python ./backend/manage.py migrate",
        ] {
            assert_eq!(is(line), Some(CommandKind::Releases), "{line}");
        }
        for line in [
            "npm ci",
            "echo manage.py migrate",
            "cat manage.py migrate",
            "echo hello",
            "set -e",
            "mkdir -p x",
            "pythonic x",
        ] {
            assert_eq!(is(line), None, "{line}");
        }
    }

    #[test]
    fn the_runner_of_a_command_goes() {
        let line = without_runner(&Command::shell("poetry run python a.py && poetry run b"));
        assert_eq!(line, Command::shell("python a.py && b"));
        let line = without_runner(&Command::shell("exec pipenv run python server.py"));
        assert_eq!(line, Command::shell("exec python server.py"));
        assert_eq!(without_runner(&Command::exec(["uv", "run", "b"])), Command::exec(["b"]));
    }
}
