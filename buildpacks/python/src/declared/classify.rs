//! Python's commands, as rows for the kit: which of them install, prepare, change a database, or only
//! start another command in the environment of a project.

use packwright_buildpack::declared::Commands;
use packwright_buildpack::planner::{CommandKind, SourceTree, has};

/// The commands of Python's tools.
pub(crate) const COMMANDS: Commands = Commands {
    runners: &[&["poetry", "run"], &["uv", "run"], &["pipenv", "run"], &["pdm", "run"], &["hatch", "run"]],
    is_interpreter: is_python,
    programs: &["pip", "pip3", "uv", "poetry", "pdm", "pipenv", "flask", "django-admin", "alembic", "pytest"],
    prepares: &[
        &["venv"],
        &["virtualenv"],
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
    ],
    installs: &[
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
    ],
    with_value: &[
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
    ],
    into: &["-t", "--target", "--prefix", "--root"],
    installers: &[
        "pip",
        "setuptools",
        "wheel",
        "build",
        "uv",
        "poetry",
        "pdm",
        "pipenv",
        "virtualenv",
        "poetry-core",
    ],
    migrators: &["manage.py", "aerich", "piccolo"],
    migrations: &[
        &["manage.py", "migrate"],
        &["django-admin", "migrate"],
        &["alembic", "upgrade"],
        &["db", "upgrade"],
        &["aerich", "upgrade"],
        &["piccolo", "migrations", "forwards"],
    ],
    ..Commands::NONE
};

/// What a simple command is to Python, by its words.
pub(crate) fn classify(words: &[String]) -> Option<CommandKind> {
    match words {
        [word, script, ..] if matches!(word.as_str(), "." | "source") => {
            script.ends_with("bin/activate").then_some(CommandKind::Installs)
        }
        _ => COMMANDS.classify(words),
    }
}

fn is_python(program: &str) -> bool {
    program.strip_prefix("python").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
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
    fn commands_that_run_release_or_are_of_another_language() {
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
