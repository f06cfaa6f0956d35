//! Which commands of a declared build are Python's, and what they do: install, run, release.

use packwright_buildpack::planner::{CommandKind, SourceTree, has};

use super::runner::inner;

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
}
