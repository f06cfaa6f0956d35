//! Attempts by source packages, build backends and indexes of Python.

use super::{ATTEMPT, Attempt, Needs, PYTHON_RUNS, Proof, WORST};
use crate::tenants::victims::{PIP, POETRY_LOCK};

pub(super) const ATTEMPTS: &[Attempt] = &[
    Attempt {
        name: "pip-sdist",
        about: "a source package of an index is built while uv installs, with network and uv's cache",
        victim: "pip",
        files: &[PROGRAM, PROCFILE, ("requirements.txt", "itsdangerous==2.2.0\nevilpkg==@ROUND@.0\n")],
        needs: Needs::Index,
        ..ATTEMPT
    },
    Attempt {
        name: "pip-local-path",
        about: "setup.py of a package in the repository",
        victim: "pip",
        files: &[
            PROGRAM,
            PROCFILE,
            ("requirements.txt", "itsdangerous==2.2.0\n./evil\n"),
            ("evil/setup.py", SETUP),
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "python-own-backend",
        about: "a build backend that the project brings itself",
        victim: "uv",
        files: &[
            PROGRAM,
            PROCFILE,
            (
                "pyproject.toml",
                r#"[project]
name = "shop"
version = "1.0.0"
requires-python = ">=3.13"
dependencies = ["itsdangerous==2.2.0"]

[build-system]
requires = []
build-backend = "evil"
backend-path = ["backend"]
"#,
            ),
            ("backend/evil.py", PYTHON_RUNS),
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "uv-member",
        about: "a member of uv's workspace with its own build backend",
        victim: "uv",
        files: &[
            PROGRAM,
            PROCFILE,
            (
                "pyproject.toml",
                r#"[project]
name = "shop"
version = "1.0.0"
requires-python = ">=3.13"
dependencies = ["evil"]

[tool.uv]
package = false

[tool.uv.workspace]
members = ["evil"]

[tool.uv.sources]
evil = { workspace = true }
"#,
            ),
            (
                "evil/pyproject.toml",
                r#"[project]
name = "evil"
version = "1.0.0"
requires-python = ">=3.13"

[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"#,
            ),
            ("evil/backend.py", PYTHON_RUNS),
            // It names no registry: there is nothing from one.
            (
                "uv.lock",
                r#"version = 1
requires-python = ">=3.13"

[manifest]
members = ["evil", "shop"]

[[package]]
name = "evil"
version = "1.0.0"
source = { editable = "evil" }

[[package]]
name = "shop"
version = "1.0.0"
source = { virtual = "." }
dependencies = [{ name = "evil" }]

[package.metadata]
requires-dist = [{ name = "evil", editable = "evil" }]
"#,
            ),
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "poetry-build-script",
        about: "the build script of a poetry project",
        victim: "poetry",
        files: &[
            PROGRAM,
            PROCFILE,
            POETRY_LOCK,
            (
                "pyproject.toml",
                r#"[tool.poetry]
name = "shop"
version = "1.0.0"
description = ""
authors = []
packages = [{ include = "shop.py" }]

[tool.poetry.dependencies]
python = ">=3.13,<4"
itsdangerous = "2.2.0"

[tool.poetry.build]
script = "evil.py"

[build-system]
requires = ["poetry-core>=2"]
build-backend = "poetry.core.masonry.api"
"#,
            ),
            ("evil.py", PYTHON_RUNS),
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "python-declared-build",
        about: "the build command in a platform's file",
        victim: "pip",
        files: &[
            PROGRAM,
            ("requirements.txt", "itsdangerous==2.2.0\n"),
            WORST,
            (
                "render.yaml",
                "services:\n  - type: worker\n    name: shop\n    runtime: python\n    \
                 buildCommand: pip install -r requirements.txt && sh worst.sh\n    startCommand: python shop.py\n",
            ),
        ],
        args: &["--platform", "render"],
        ..ATTEMPT
    },
    Attempt {
        name: "other-index",
        about: "the victim's own files, with an index that has another package under the same version",
        victim: "pip",
        files: PIP,
        needs: Needs::IndexAndNoSubject,
        proof: Proof::Image,
        ..ATTEMPT
    },
];

const PROGRAM: (&str, &str) = ("shop.py", "print('the shop is open')\n");
const PROCFILE: (&str, &str) = ("Procfile", "worker: python3 shop.py\n");

/// A package whose build does the worst.
const SETUP: &str = "import subprocess, sys\n\
    subprocess.run(['/bin/sh', '-c', @WORST@], stdout=sys.stderr)\n\
    from setuptools import setup\n\
    setup(name='evil', version='1.0', py_modules=[])\n";
