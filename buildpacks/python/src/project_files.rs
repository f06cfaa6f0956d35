//! The names of files by which a tree is recognised as a Python project. Holds no rule.

/// Files at the root that mark a Python project, besides main files.
pub(crate) const MANIFESTS: &[&str] = &[
    "requirements.txt",
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile",
    "Pipfile.lock",
    "pylock.toml",
    "setup.py",
    "environment.yml",
    "environment.yaml",
    "manage.py",
];

/// What the message lists when nothing is found.
pub(crate) const LOOKS_FOR: &[&str] = &[
    "requirements.txt",
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile",
    "setup.py",
    "environment.yml",
    "manage.py",
    "main.py",
    "app.py",
    "server.py",
    "bot.py",
    "wsgi.py",
    "asgi.py",
];

/// Files of a web application without main file.
pub(crate) const GATEWAYS: &[&str] = &["wsgi.py", "asgi.py", "api.py", "application.py"];

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
