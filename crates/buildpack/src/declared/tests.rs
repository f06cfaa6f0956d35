//! Commands of two languages by their rows, and declared builds.

use super::*;

const PYTHON: Commands = Commands {
    runners: &[&["poetry", "run"], &["uv", "run"]],
    is_interpreter: |program| {
        program
            .strip_prefix("python")
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    },
    programs: &["pip", "pip3", "uv", "poetry", "flask"],
    prepares: &[&["poetry", "config"], &["uv", "venv"], &["venv"]],
    installs: &[&["pip", "install"], &["uv", "pip", "install"], &["uv", "sync"], &["poetry", "install"]],
    with_value: &["-r", "-c"],
    into: &["-t", "--target"],
    installers: &["pip", "setuptools", "wheel", "poetry"],
    migrators: &["manage.py", "alembic"],
    migrations: &[&["manage.py", "migrate"], &["alembic", "upgrade"], &["db", "upgrade"]],
    ..Commands::NONE
};

const NODE: Commands = Commands {
    programs: &["npm", "npx", "yarn", "node"],
    prepares: &[&["corepack"]],
    installs: &[&["npm", "install"], &["npm", "ci"], &["yarn", "install"], &["yarn", "--immutable"]],
    installs_alone: &["yarn"],
    installers: &["npm", "pnpm"],
    migrations: &[&["prisma", "migrate", "deploy"]],
    ..Commands::NONE
};

fn is(rows: &Commands, line: &str) -> Option<CommandKind> {
    rows.classify(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
}

#[test]
fn commands_that_install_what_manifests_name() {
    for line in [
        "pip install --no-cache-dir -r requirements/prod.txt -c constraints.txt",
        "python3.12 -m pip install -U pip setuptools wheel",
        "pip install .[prod]",
        "pip install poetry==1.8.3",
        "uv sync --frozen",
        "poetry config virtualenvs.create false",
        "python -m venv --copies /opt/venv",
        "/opt/venv/bin/pip install -r requirements.txt",
    ] {
        assert_eq!(is(&PYTHON, line), Some(CommandKind::Installs), "{line}");
    }
    for line in [
        "npm ci",
        "npm --prefer-offline ci",
        "npm install -g pnpm@9",
        "yarn",
        "yarn --immutable",
        "corepack enable",
    ] {
        assert_eq!(is(&NODE, line), Some(CommandKind::Installs), "{line}");
    }
}

#[test]
fn commands_that_run_release_or_are_of_another_language() {
    for line in ["pip install gunicorn", "pip install -t lib -r requirements.txt", "poetry run python a.py"] {
        assert_eq!(is(&PYTHON, line), Some(CommandKind::Runs), "{line}");
    }
    for line in ["python ./backend/manage.py migrate", "poetry run alembic upgrade head", "flask db upgrade"]
    {
        assert_eq!(is(&PYTHON, line), Some(CommandKind::Releases), "{line}");
    }
    for line in ["npm run build", "npm install -g sass", "yarn build"] {
        assert_eq!(is(&NODE, line), Some(CommandKind::Runs), "{line}");
    }
    assert_eq!(is(&NODE, "npx prisma migrate deploy"), Some(CommandKind::Releases));
    for line in ["echo manage.py migrate", "npm ci", "pythonic x", ""] {
        assert_eq!(is(&PYTHON, line), None, "{line}");
    }
}

#[test]
fn the_runner_of_a_command_goes() {
    let launched = |line: &str| PYTHON.launch(&Command::shell(line)).map(|command| command.to_string());
    assert_eq!(launched("poetry run python a.py && poetry run b").as_deref(), Some("python a.py && b"));
    assert_eq!(launched("exec uv run python a.py").as_deref(), Some("exec python a.py"));
    assert_eq!(launched("(uv run a; uv run b)").as_deref(), Some("(a; b)"));
    assert_eq!(launched("echo 'a && uv run b'"), None, "quoted text is no command");
    assert_eq!(launched("echo uv run b"), None);
    assert_eq!(PYTHON.launch(&Command::exec(["uv", "run", "b"])), Some(Command::exec(["b"])));
    assert_eq!(PYTHON.launch(&Command::exec(["uv", "run"])), None);
}

fn run(line: &str) -> Requested<Command> {
    Requested { value: Command::shell(line), origin: Origin::Detected(format!("declares {line}")) }
}

#[test]
fn a_declared_build_stands_around_what_is_detected() {
    let build = DeclaredBuild { before: vec![run("a")], detected: true, after: vec![run("b")] };
    let lines = |build: Option<&DeclaredBuild>| -> Vec<String> {
        around(build, vec![Command::shell("own")]).iter().map(ToString::to_string).collect()
    };
    assert_eq!(lines(Some(&build)), ["a", "own", "b"]);
    assert_eq!(lines(Some(&DeclaredBuild { detected: false, ..build.clone() })), ["a", "b"]);
    assert_eq!(lines(None), ["own"]);
    let model = Component { build: Some(build), ..Component::default() };
    let lost = Overridden::new("own", Origin::Detected("it".to_owned()));
    let decided = decision(&model, Some(lost.clone())).unwrap();
    assert_eq!((decided.value.as_str(), decided.overridden.len()), ("a && b", 1));
    let empty = DeclaredBuild { before: Vec::new(), detected: false, after: Vec::new() };
    let model = Component { build: Some(empty), ..Component::default() };
    assert_eq!(decision(&model, Some(lost)).unwrap().value, "nothing");
    assert_eq!(decision(&model, None), None);
}

#[test]
fn what_leaves_its_directory_does_so_for_itself() {
    assert_eq!(grouped(&Command::shell("cd web && npm run build")), "( cd web && npm run build\n)");
    assert_eq!(grouped(&Command::shell("a; b")), "{ a; b\n}");
    assert_eq!(grouped(&Command::shell("npm run build")), "npm run build");
}
