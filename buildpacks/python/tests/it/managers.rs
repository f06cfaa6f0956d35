//! Who installs, and what that comes to.

use expect_test::{Expect, expect};
use packwright_buildpack::planner::{MemoryTree, PlanOptions};

use super::{Part, check};

fn steps(text: &str, expected: Expect) {
    check(text, &[Part::Steps, Part::Reasons], expected);
}

const APP: &str = "//- /main.py\nfrom fastapi import FastAPI\napp = FastAPI()\n";

const UV_LOCK: &str = r#"//- /uv.lock
version = 1
requires-python = ">=3.11"
[[package]]
name = "shop"
version = "1.0.0"
source = { editable = "." }
dependencies = [{ name = "fastapi", extra = ["standard"] }]
[package.dev-dependencies]
dev = [{ name = "gunicorn" }]
[[package]]
name = "fastapi"
version = "0.115.0"
source = { registry = "https://index.example/simple" }
dependencies = [{ name = "starlette" }]
[package.optional-dependencies]
standard = [{ name = "uvicorn" }]
[[package]]
name = "starlette"
version = "0.40.0"
source = { registry = "https://index.example/simple" }
[[package]]
name = "uvicorn"
version = "0.34.0"
source = { registry = "https://index.example/simple" }
[[package]]
name = "gunicorn"
version = "23.0.0"
source = { registry = "https://index.example/simple" }
"#;

const PROJECT: &str = "//- /pyproject.toml\n[project]\nname = \"shop\"\nversion = \"1.0.0\"\n\
                       dependencies = [\"fastapi[standard]\"]\n";

const BACKEND: &str =
    "[build-system]\nrequires = [\"hatchling>=1.20\"]\nbuild-backend = \"hatchling.build\"\n";

#[test]
fn a_uv_package() {
    steps(
        &format!("{APP}{PROJECT}{BACKEND}{UV_LOCK}"),
        expect![[r#"
            python.install fetch
              < source pyproject.toml uv.lock
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv sync --locked --no-default-groups --no-install-project --python /usr/bin/python3.13 --default-index https://index.example/simple
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            python.backend fetch resolves
              $ printf '%s\n' 'hatchling>=1.20' | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/backend.txt -
              > packwright/python/backend.txt
            python.backends fetch
              < python.backend
              $ /usr/bin/python3.13 -m venv --without-pip /opt/backend
              $ /opt/uv/uv pip install --python /opt/backend/bin/python --require-hashes -r /packwright/python/backend.txt
              > opt/backend
            python.project
              < python.install
              < python.backends
              < source **
              $ export PATH="/opt/backend/bin:$PATH"; /opt/uv/uv build --wheel --no-build-isolation --python /opt/backend/bin/python --out-dir /tmp/wheel /app
              $ set --; for wheel in /tmp/wheel/*.whl; do wheel="${wheel##*/}"; set -- "$@" "${wheel%%-*}"; done; /opt/venv/bin/python "$(echo /usr/share/python-wheels/pip-*.whl)/pip" install --quiet --root-user-action ignore --disable-pip-version-check --no-compile --no-deps --no-index --find-links /tmp/wheel "$@"
              > opt/venv Build
            language = python (has a web application or a declared process) by detected: FastAPI application `app` in main.py:2
            python version = 3.13 by uv.lock:2
            python package manager = uv by uv.lock
            python framework = fastapi by main.py:2
            application = main:app by main.py:2
        "#]],
    );
}

#[test]
fn a_virtual_uv_project() {
    let lock = UV_LOCK.replace("editable", "virtual");
    steps(
        &format!("{APP}{PROJECT}{lock}"),
        expect![[r#"
            python.install fetch
              < source pyproject.toml uv.lock
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv sync --locked --no-default-groups --no-install-project --python /usr/bin/python3.13 --default-index https://index.example/simple
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            language = python (has a web application or a declared process) by detected: FastAPI application `app` in main.py:2
            python version = 3.13 by uv.lock:2
            python package manager = uv by uv.lock
            python framework = fastapi by main.py:2
            application = main:app by main.py:2
        "#]],
    );
}

#[test]
fn a_uv_project_without_server() {
    let lock = UV_LOCK.replace(", extra = [\"standard\"]", "").replace("editable", "virtual");
    let project = PROJECT.replace("[standard]", "");
    steps(
        &format!("{APP}{project}{lock}"),
        expect![[r#"
            python.server fetch resolves
              < source uv.lock
              $ /usr/bin/python3.13 -c 'import collections, sys, tomllib …
              $ printf '%s\n' uvicorn | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/server.txt --constraint /tmp/constraints.txt -
              > packwright/python/server.txt
            python.install fetch
              < source pyproject.toml uv.lock
              < python.server
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv sync --locked --no-default-groups --no-install-project --python /usr/bin/python3.13 --default-index https://index.example/simple
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/server.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            language = python (has a web application or a declared process) by detected: FastAPI application `app` in main.py:2
            python version = 3.13 by uv.lock:2
            python package manager = uv by uv.lock
            python framework = fastapi by main.py:2
            application = main:app by main.py:2
            Info python/server-added: uvicorn is installed although the project does not ask for it
              why: the application needs a server that listens on PORT
              fix: add uvicorn to the requirements, to choose its version yourself
        "#]],
    );
}

#[test]
fn uv_with_several_indexes() {
    let lock = UV_LOCK.replace("editable", "virtual").replacen("https://index.", "https://wheels.", 1);
    let project = format!(
        "{PROJECT}[[tool.uv.index]]\nname = \"w\"\nurl = \"https://wheels.example/simple\"\nexplicit = true\n"
    );
    check(
        &format!("{APP}{project}{lock}"),
        &[Part::Steps],
        expect![[r#"
            python.install fetch
              < source pyproject.toml uv.lock
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv sync --locked --no-default-groups --no-install-project --python /usr/bin/python3.13 --default-index https://index.example/simple
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
        "#]],
    );
}

#[test]
fn a_lock_without_its_project() {
    steps(
        &format!("{APP}{UV_LOCK}"),
        expect![[r#"
        Error python/project-missing: there is uv.lock, but no pyproject.toml that it belongs to
          fix: commit pyproject.toml, or delete uv.lock
    "#]],
    );
}

#[test]
fn a_lock_beats_requirements_and_says_so() {
    let lock = UV_LOCK.replace("editable", "virtual");
    let tree = format!("{APP}{PROJECT}{lock}//- /requirements.txt\nfastapi\n");
    check(
        &tree,
        &[Part::Reasons],
        expect![[r#"
            language = python (has a web application or a declared process) by detected: FastAPI application `app` in main.py:2
            python version = 3.13 by uv.lock:2
            python package manager = uv by uv.lock
              not pip by requirements.txt
            python framework = fastapi by main.py:2
            application = main:app by main.py:2
            Warning python/requirements-unused: requirements.txt is not used, uv.lock is
              why: a lock file is exact, so it comes before other lists of requirements
              fix: delete requirements.txt, or uv.lock if it is out of use
        "#]],
    );
}

#[test]
fn requirements_beat_a_bare_project() {
    let tree = format!("{APP}{PROJECT}//- /requirements.txt\nfastapi[standard]\n");
    steps(
        &tree,
        expect![[r#"
            python.resolve fetch resolves
              < source requirements.txt
              $ /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt requirements.txt
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            language = python (has a web application or a declared process) by detected: FastAPI application `app` in main.py:2
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
              not pip, from `[project]` by pyproject.toml
            python framework = fastapi by main.py:2
            application = main:app by main.py:2
        "#]],
    );
}

#[test]
fn a_project_without_lock() {
    steps(
        &format!("{APP}{PROJECT}"),
        expect![[r#"
            python.resolve fetch resolves
              < source pyproject.toml
              $ /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt pyproject.toml
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            language = python (has a web application or a declared process) by detected: FastAPI application `app` in main.py:2
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by pyproject.toml
            python framework = fastapi by main.py:2
            application = main:app by main.py:2
        "#]],
    );
}

#[test]
fn a_package_without_lock() {
    check(
        &format!("{APP}{PROJECT}[build-system]\n"),
        &[Part::Steps],
        expect![[r#"
            python.resolve fetch resolves
              < source pyproject.toml
              $ /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt pyproject.toml
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            python.backend fetch resolves
              $ printf '%s\n' 'setuptools>=40.8.0' wheel | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/backend.txt -
              > packwright/python/backend.txt
            python.backends fetch
              < python.backend
              $ /usr/bin/python3.13 -m venv --without-pip /opt/backend
              $ /opt/uv/uv pip install --python /opt/backend/bin/python --require-hashes -r /packwright/python/backend.txt
              > opt/backend
            python.project
              < python.install
              < python.backends
              < source **
              $ export PATH="/opt/backend/bin:$PATH"; /opt/uv/uv build --wheel --no-build-isolation --python /opt/backend/bin/python --out-dir /tmp/wheel /app
              $ set --; for wheel in /tmp/wheel/*.whl; do wheel="${wheel##*/}"; set -- "$@" "${wheel%%-*}"; done; /opt/venv/bin/python "$(echo /usr/share/python-wheels/pip-*.whl)/pip" install --quiet --root-user-action ignore --disable-pip-version-check --no-compile --no-deps --no-index --find-links /tmp/wheel "$@"
              > opt/venv Build
        "#]],
    );
}

#[test]
fn dynamic_dependencies() {
    let project = "//- /pyproject.toml\n[project]\nname = \"x\"\ndynamic = [\"version\", \"dependencies\"]\n";
    steps(
        &format!("{APP}{project}"),
        expect![[r#"
            python.resolve fetch resolves
              < source **/__init__.py **/{_version,__version__,version,__about__,about}.py *.md *.rst *.txt CHANGE* LICENSE* MANIFEST.in README* VERSION* pyproject.toml requirements/** setup.cfg setup.py
              $ printf '%s\n' uvicorn | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt --refresh pyproject.toml -
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            language = python (has a web application or a declared process) by detected: FastAPI application `app` in main.py:2
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by pyproject.toml
            python framework = fastapi by main.py:2
            application = main:app by main.py:2
            Info python/server-added: uvicorn is installed although the project does not ask for it
              why: the application needs a server that listens on PORT
              fix: add uvicorn to the requirements, to choose its version yourself
        "#]],
    );
}

const POETRY: &str = "//- /pyproject.toml\n[tool.poetry]\nname = \"tea-shop\"\n[tool.poetry.dependencies]\n\
                      python = \"^3.11\"\nFlask = \"^3\"\n[build-system]\nrequires = [\"poetry-core\"]\n";

#[test]
fn a_poetry_package() {
    let lock = "//- /poetry.lock\n[[package]]\nname = \"Flask\"\nversion = \"3.0\"\ncategory = \"main\"\n\
                [[package]]\nname = \"gunicorn\"\nversion = \"23.0\"\ncategory = \"dev\"\n";
    let app = "//- /tea_shop/__init__.py\nimport flask\napp = flask.Flask(__name__)\n";
    steps(
        &format!("{POETRY}{lock}{app}"),
        expect![[r#"
            python.poetry-versions fetch resolves
              $ printf '%s\n' poetry==2.5.1 poetry-plugin-export | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/poetry.txt -
              > packwright/python/poetry.txt
            python.poetry fetch
              < python.poetry-versions
              $ /usr/bin/python3.13 -m venv --without-pip /opt/poetry
              $ /opt/uv/uv pip install --python /opt/poetry/bin/python --require-hashes --no-deps -r /packwright/python/poetry.txt
              > opt/poetry
            python.export
              < python.poetry
              < source pyproject.toml poetry.lock
              $ /opt/poetry/bin/poetry --no-interaction check --lock
              $ /opt/poetry/bin/poetry --no-interaction export --only main --format requirements.txt --output /packwright/python/requirements.txt
              > packwright/python/requirements.txt
            python.server fetch resolves
              < source poetry.lock
              $ /usr/bin/python3.13 -c 'import collections, sys, tomllib …
              $ printf '%s\n' gunicorn | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/server.txt --constraint /tmp/constraints.txt -
              > packwright/python/server.txt
            python.install fetch
              < python.export
              < python.server
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --no-deps -r /packwright/python/requirements.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/server.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            python.backend fetch resolves
              $ printf '%s\n' poetry-core | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/backend.txt -
              > packwright/python/backend.txt
            python.backends fetch
              < python.backend
              $ /usr/bin/python3.13 -m venv --without-pip /opt/backend
              $ /opt/uv/uv pip install --python /opt/backend/bin/python --require-hashes -r /packwright/python/backend.txt
              > opt/backend
            python.project
              < python.install
              < python.backends
              < source **
              $ export PATH="/opt/backend/bin:$PATH"; /opt/uv/uv build --wheel --no-build-isolation --python /opt/backend/bin/python --out-dir /tmp/wheel /app
              $ set --; for wheel in /tmp/wheel/*.whl; do wheel="${wheel##*/}"; set -- "$@" "${wheel%%-*}"; done; /opt/venv/bin/python "$(echo /usr/share/python-wheels/pip-*.whl)/pip" install --quiet --root-user-action ignore --disable-pip-version-check --no-compile --no-deps --no-index --find-links /tmp/wheel "$@"
              > opt/venv Build
            language = python (has a web application or a declared process) by detected: Flask application `app` in tea_shop/__init__.py:2
            python version = 3.13 by pyproject.toml:4
            python package manager = poetry by poetry.lock
            python framework = flask by tea_shop/__init__.py:2
            application = tea_shop:app by tea_shop/__init__.py:2
            Info python/server-added: gunicorn is installed although the project does not ask for it
              why: the application needs a server that listens on PORT
              fix: add gunicorn to the requirements, to choose its version yourself
        "#]],
    );
}

#[test]
fn poetry_without_a_package_of_its_own() {
    let lock = "//- /poetry.lock\n[[package]]\nname = \"Flask\"\nversion = \"3.0\"\ngroups = [\"main\"]\n\
                [[package]]\nname = \"gunicorn\"\nversion = \"23.0\"\ngroups = [\"main\", \"dev\"]\n";
    let app = "//- /app.py\nimport flask\napp = flask.Flask(__name__)\n";
    steps(
        &format!("{POETRY}{lock}{app}"),
        expect![[r#"
            python.poetry-versions fetch resolves
              $ printf '%s\n' poetry==2.5.1 poetry-plugin-export | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/poetry.txt -
              > packwright/python/poetry.txt
            python.poetry fetch
              < python.poetry-versions
              $ /usr/bin/python3.13 -m venv --without-pip /opt/poetry
              $ /opt/uv/uv pip install --python /opt/poetry/bin/python --require-hashes --no-deps -r /packwright/python/poetry.txt
              > opt/poetry
            python.export
              < python.poetry
              < source pyproject.toml poetry.lock
              $ /opt/poetry/bin/poetry --no-interaction check --lock
              $ /opt/poetry/bin/poetry --no-interaction export --only main --format requirements.txt --output /packwright/python/requirements.txt
              > packwright/python/requirements.txt
            python.install fetch
              < python.export
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --no-deps -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            language = python (has a web application or a declared process) by detected: Flask application `app` in app.py:2
            python version = 3.13 by pyproject.toml:4
            python package manager = poetry by poetry.lock
            python framework = flask by app.py:2
            application = app:app by app.py:2
        "#]],
    );
}

#[test]
fn poetry_without_lock() {
    steps(
        POETRY,
        expect![[r#"
        Error python/lock-missing: pyproject.toml describes a poetry project, but there is no poetry.lock
          fix: run `poetry lock` and commit poetry.lock; an ignored file counts as missing
    "#]],
    );
}

#[test]
fn a_pipfile_beside_requirements_is_no_matter() {
    check(
        "//- /main.py\n//- /Pipfile\n//- /requirements.txt\na\n",
        &[Part::Processes],
        expect![[r#"
        worker: python main.py
    "#]],
    );
}

#[test]
fn tools_in_pyproject_are_no_project() {
    steps(
        "//- /main.py\n//- /pyproject.toml\n[tool.black]\nline-length = 100\n",
        expect![[r#"
            python.install
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              > opt/venv Dependencies
            language = python (has a program) by detected: main.py in main.py, which does not read PORT
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = none by default: no file names a requirement
            python framework = none by default: no file uses a web framework
            application = main.py by main.py
        "#]],
    );
}

#[test]
fn pyproject_of_the_wrong_type() {
    let text = "//- /main.py\n//- /pyproject.toml\n[project]\nname = \"x\"\nrequires-python = 3.11\n";
    steps(
        text,
        expect![[r#"
        Error python/toml-broken: pyproject.toml:3:19: this is not the TOML that is expected here
          why: invalid type: floating point `3.11`, expected a string
          fix: correct line 3 of pyproject.toml
    "#]],
    );
}

#[test]
fn a_dependency_that_is_none() {
    let project =
        "//- /pyproject.toml\n[project]\nname = \"x\"\ndependencies = [\n  \"flask>=3\",\n  \"a b\",\n]\n";
    steps(
        &format!("{APP}{project}"),
        expect![[r#"
        Error python/requirement-unreadable: pyproject.toml:5: `a b` is not a requirement
          why: Expected one of `@`, `(`, `<`, `=`, `>`, `~`, `!`, `;`, found `b`
          fix: write it as `name`, `name==1.2` or `name[extra]>=1; python_version >= "3.11"`
    "#]],
    );
}

#[test]
fn a_broken_lock() {
    steps(
        &format!("{APP}{PROJECT}//- /uv.lock\nversion = 1\n[[package]\n"),
        expect![[r#"
        Error python/toml-broken: uv.lock:2:11: this is not the TOML that is expected here
          why: unclosed array table, expected `]`
          fix: correct line 2 of uv.lock
    "#]],
    );
}

/// The manager and its overridden, in a tree with two of them that a platform's file builds by `command`.
fn manager_by(command: &str) -> String {
    let text = format!(
        "{APP}{PROJECT}//- /requirements.txt\nfastapi\n//- /poetry.lock\n[metadata]\nlock-version = \"2.1\"\ncontent-hash = \"\"\n\
         //- /render.yaml\nservices:\n  - type: web\n    name: x\n    runtime: python\n    buildCommand: {command}\n    startCommand: uvicorn main:app\n"
    );
    let plan = super::planned(&MemoryTree::parse(&text), &PlanOptions::default()).unwrap();
    let manager =
        plan.decisions.iter().find(|decision| decision.subject == "python package manager").unwrap();
    format!("{} by {}", manager.value, manager.origin)
}

#[test]
fn a_command_that_installs_the_application_chooses() {
    for (command, manager) in [
        ("pip install -r requirements.txt", "pip by render.yaml:5"),
        ("python -m pip install --no-cache-dir -r ./requirements.txt", "pip by render.yaml:5"),
        ("pip install --upgrade pip && poetry install --only main", "poetry by render.yaml:5"),
        ("pip install poetry && poetry install", "poetry by render.yaml:5"),
        // None of these says whose files count.
        ("pip install --upgrade pip", "poetry by poetry.lock"),
        ("pip install -r requirements/prod.txt", "poetry by poetry.lock"),
        ("uv sync", "poetry by poetry.lock"),
        ("echo pip install -r requirements.txt", "poetry by poetry.lock"),
    ] {
        assert_eq!(manager_by(command), manager, "{command}");
    }
}
