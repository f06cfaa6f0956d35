//! Packages of the source tree: workspaces, path dependencies, editable requirements, version
//! control.

use expect_test::{Expect, expect};
use packwright_buildpack::planner::PlanOptions;

use super::{Part, check, check_with};

fn steps(text: &str, expected: Expect) {
    check(text, &[Part::Steps, Part::Remarks], expected);
}

const WORKSPACE: &str = r#"//- /pyproject.toml
[tool.uv.workspace]
members = ["packages/*"]
//- /packages/api/pyproject.toml
[project]
name = "api"
version = "0.1"
dependencies = ["fastapi", "uvicorn", "lib"]
[build-system]
requires = ["hatchling"]
//- /packages/api/src/api/main.py
from fastapi import FastAPI
app = FastAPI()
//- /packages/web/pyproject.toml
[project]
name = "web"
version = "0.1"
dependencies = ["flask", "gunicorn", "tiny"]
//- /packages/web/app.py
from flask import Flask
app = Flask(__name__)
//- /packages/lib/pyproject.toml
[project]
name = "lib"
dynamic = ["version"]
[build-system]
requires = ["setuptools"]
//- /uv.lock
version = 1
requires-python = ">=3.11"
[[package]]
name = "api"
version = "0.1"
source = { editable = "packages/api" }
dependencies = [{ name = "fastapi" }, { name = "uvicorn" }, { name = "lib" }]
[[package]]
name = "web"
version = "0.1"
source = { virtual = "packages/web" }
dependencies = [{ name = "flask" }, { name = "gunicorn" }, { name = "tiny" }]
[[package]]
name = "lib"
source = { editable = "packages/lib" }
[[package]]
name = "tiny"
version = "0.1"
source = { git = "https://git.example/tiny?rev=main#0123456789012345678901234567890123456789" }
[[package]]
name = "fastapi"
version = "0.115.0"
source = { registry = "https://index.example/simple" }
wheels = [{ url = "https://files.example/fastapi-0.115.0-py3-none-any.whl" }]
[[package]]
name = "uvicorn"
version = "0.34.0"
source = { registry = "https://index.example/simple" }
sdist = { url = "https://files.example/uvicorn-0.34.0.tar.gz" }
[[package]]
name = "flask"
version = "3.1"
source = { registry = "https://index.example/simple" }
[[package]]
name = "gunicorn"
version = "23"
source = { registry = "https://index.example/simple" }
"#;

fn app(name: &str) -> PlanOptions {
    PlanOptions { app: Some(name.to_owned()), ..PlanOptions::default() }
}

const ALL: &[Part] = &[Part::Packages, Part::Steps, Part::Processes, Part::Reasons];

#[test]
fn a_member_of_a_workspace() {
    check_with(
        WORKSPACE,
        &app("api"),
        ALL,
        expect![[r#"
            Run Runtime python3.13-minimal
            Run Runtime libpython3.13-stdlib
            Run Runtime libstdc++6
            Run Runtime media-types
            Run Runtime netbase
            Build Runtime python3-pip-whl
            Build System build-essential
            Build System pkgconf
            Build System perl-base
            Build System sed
            Build System grep
            Build System findutils
            Build System diffutils
            Build System tar
            Build System gzip
            Build System python3.13-dev
            python.install fetch
              < source pyproject.toml uv.lock packages/api/pyproject.toml packages/web/pyproject.toml packages/lib/pyproject.toml packages/lib/setup.py packages/lib/setup.cfg packages/lib/MANIFEST.in packages/lib/README* packages/lib/LICENSE* packages/lib/VERSION* packages/lib/CHANGE* packages/lib/*.txt packages/lib/*.md packages/lib/*.rst packages/lib/requirements/** packages/lib/**/__init__.py packages/lib/**/{_version,__version__,version,__about__,about}.py
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv sync --locked --no-default-groups --no-install-local --python /usr/bin/python3.13 --package api --default-index https://index.example/simple
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            python.backend fetch resolves
              $ printf '%s\n' hatchling setuptools wheel | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/backend.txt -
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
              $ export PATH="/opt/backend/bin:$PATH"; /opt/uv/uv build --wheel --no-build-isolation --python /opt/backend/bin/python --out-dir /tmp/wheel /app/packages/api
              $ export PATH="/opt/backend/bin:$PATH"; /opt/uv/uv build --wheel --no-build-isolation --python /opt/backend/bin/python --out-dir /tmp/wheel /app/packages/lib
              $ set --; for wheel in /tmp/wheel/*.whl; do wheel="${wheel##*/}"; set -- "$@" "${wheel%%-*}"; done; /opt/venv/bin/python "$(echo /usr/share/python-wheels/pip-*.whl)/pip" install --quiet --root-user-action ignore --disable-pip-version-check --no-compile --no-deps --no-index --find-links /tmp/wheel "$@"
              > opt/venv Build
            env PYTHONPATH=/app/packages/api/src
            web: uvicorn api.main:app --host 0.0.0.0 --port $PORT
            language = python (has a web application or a declared process) by detected: FastAPI application `app` in packages/api/src/api/main.py:2
            python version = 3.13 by uv.lock:2
            python package manager = uv by uv.lock
            python framework = fastapi by packages/api/src/api/main.py:2
            application = api.main:app by packages/api/src/api/main.py:2
            python packages built from source = uvicorn by uv.lock
            Info python/built-from-source: uvicorn is built from source, for which a compiler is brought
              why: uv.lock holds no wheel for Python 3.13 on Linux
        "#]],
    );
}

#[test]
fn a_member_by_its_directory_and_from_version_control() {
    check_with(
        WORKSPACE,
        &app("packages/web"),
        ALL,
        expect![[r#"
            Run Runtime python3.13-minimal
            Run Runtime libpython3.13-stdlib
            Run Runtime libstdc++6
            Run Runtime media-types
            Run Runtime netbase
            Build Runtime python3-pip-whl
            Build System git
            Build System sed
            Build System grep
            python.install fetch
              < source pyproject.toml uv.lock packages/api/pyproject.toml packages/web/pyproject.toml packages/lib/pyproject.toml packages/lib/setup.py packages/lib/setup.cfg packages/lib/MANIFEST.in packages/lib/README* packages/lib/LICENSE* packages/lib/VERSION* packages/lib/CHANGE* packages/lib/*.txt packages/lib/*.md packages/lib/*.rst packages/lib/requirements/** packages/lib/**/__init__.py packages/lib/**/{_version,__version__,version,__about__,about}.py
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv sync --locked --no-default-groups --no-install-local --python /usr/bin/python3.13 --package web --default-index https://index.example/simple
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            env PYTHONPATH=/app/packages/web
            web: gunicorn --bind 0.0.0.0:$PORT app:app
            language = python (has a web application or a declared process) by detected: Flask application `app` in packages/web/app.py:2
            python version = 3.13 by uv.lock:2
            python package manager = uv by uv.lock
            python framework = flask by packages/web/app.py:2
            application = app:app by packages/web/app.py:2
        "#]],
    );
}

#[test]
fn a_workspace_of_which_none_is_chosen() {
    check(
        WORKSPACE,
        ALL,
        expect![[r#"
            Error plan/several-applications: the workspace has 3 members and no application at its top
              why: api (packages/api); lib (packages/lib); web (packages/web)
              fix: choose with `--app api`
        "#]],
    );
}

#[test]
fn a_project_at_the_root_of_its_workspace() {
    let root = "[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = [\"lib\", \"uvicorn\"]\n[tool.uv.workspace]";
    let lock = "[[package]]\nname = \"shop\"\nversion = \"1\"\nsource = { virtual = \".\" }\ndependencies = [{ name = \"lib\" }, { name = \"uvicorn\" }]\n";
    let tree = WORKSPACE.replacen("[tool.uv.workspace]", root, 1);
    steps(
        &format!("{tree}{lock}//- /main.py\nprint()\n"),
        expect![[r#"
            python.install fetch
              < source pyproject.toml uv.lock packages/api/pyproject.toml packages/web/pyproject.toml packages/lib/pyproject.toml packages/lib/setup.py packages/lib/setup.cfg packages/lib/MANIFEST.in packages/lib/README* packages/lib/LICENSE* packages/lib/VERSION* packages/lib/CHANGE* packages/lib/*.txt packages/lib/*.md packages/lib/*.rst packages/lib/requirements/** packages/lib/**/__init__.py packages/lib/**/{_version,__version__,version,__about__,about}.py
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv sync --locked --no-default-groups --no-install-local --python /usr/bin/python3.13 --package web --default-index https://index.example/simple
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
        "#]],
    );
}

#[test]
fn a_workspace_whose_member_is_not_there() {
    let tree = WORKSPACE.replace("//- /packages/lib/pyproject.toml", "//- /packages/lib/README");
    check_with(
        &tree,
        &app("api"),
        ALL,
        expect![[r#"
        Error python/local-package: uv.lock names the directory `packages/lib`, which is no package
          why: there is no pyproject.toml, setup.py or setup.cfg in it
          fix: correct the path, or describe the package in a pyproject.toml; an ignored file counts as missing
    "#]],
    );
}

#[test]
fn requirements_of_the_tree_and_of_version_control() {
    steps(
        "//- /main.py\n//- /requirements.txt\nsix\n-e .\n./lib[extra]\n-e git+https://git.example/tiny.git@main#egg=tiny\n\
         git+https://${TOKEN}@git.example/other\n//- /setup.py\nfrom setuptools import setup\nsetup(name='x', install_requires=['celery'])\n\
         //- /lib/pyproject.toml\n[project]\nname = \"lib\"\nversion = \"1\"\n[build-system]\nrequires = [\"flit_core\"]\n",
        expect![[r#"
            python.resolve fetch resolves
              < source **/__init__.py **/{_version,__version__,version,__about__,about}.py *.md *.rst *.txt CHANGE* LICENSE* MANIFEST.in README* VERSION* lib/pyproject.toml pyproject.toml requirements.txt requirements/** setup.cfg setup.py
              $ /usr/bin/python3.13 -c 'import re, sys …
              $ /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt --refresh requirements.txt
              $ /usr/bin/python3.13 -c 'import re, sys …
              > packwright/python/requirements.txt
              > packwright/python/versioned.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --no-deps -r /packwright/python/requirements.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --no-deps -r /packwright/python/versioned.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            python.backend fetch resolves
              $ printf '%s\n' 'setuptools>=40.8.0' wheel flit_core | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/backend.txt -
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
              $ export PATH="/opt/backend/bin:$PATH"; /opt/uv/uv build --wheel --no-build-isolation --python /opt/backend/bin/python --out-dir /tmp/wheel /app/lib
              $ set --; for wheel in /tmp/wheel/*.whl; do wheel="${wheel##*/}"; set -- "$@" "${wheel%%-*}"; done; /opt/venv/bin/python "$(echo /usr/share/python-wheels/pip-*.whl)/pip" install --quiet --root-user-action ignore --disable-pip-version-check --no-compile --no-deps --no-index --find-links /tmp/wheel "$@"
              $ export PATH="/opt/backend/bin:$PATH"; export PYTHONPATH="$(echo /opt/backend/lib/python3*/site-packages)"; /opt/uv/uv pip install --python /opt/venv/bin/python --no-deps --no-build-isolation --editable /app
              $ /opt/venv/bin/python -c 'import pathlib …
              > opt/venv Build
        "#]],
    );
}

#[test]
fn an_extra_index_is_asked_as_pip_does() {
    check(
        "//- /main.py\n//- /requirements.txt\n--extra-index-url https://wheels.example/cpu\ntorch==2.4.0+cpu\n",
        &[Part::Steps],
        expect![[r#"
            python.resolve fetch resolves
              < source requirements.txt
              $ /opt/uv/uv pip compile --quiet --python /usr/bin/python3.11 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt --index https://wheels.example/cpu --index-strategy unsafe-best-match requirements.txt
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.11 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --index https://wheels.example/cpu --index-strategy unsafe-best-match -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
        "#]],
    );
}

#[test]
fn poetry_with_a_directory_a_repository_and_a_source() {
    let tree = r#"//- /main.py
//- /pyproject.toml
[project]
name = "shop"
version = "1"
requires-python = ">=3.11"
dependencies = ["six"]
[tool.poetry]
package-mode = false
[tool.poetry.dependencies]
lib = { path = "lib", develop = true }
tiny = { git = "https://git.example/tiny.git" }
[[tool.poetry.source]]
name = "house"
url = "https://index.example/simple"
//- /lib/pyproject.toml
[project]
name = "lib"
version = "1"
[build-system]
requires = ["poetry-core"]
//- /poetry.lock
[[package]]
name = "lib"
version = "1"
groups = ["main"]
[package.source]
type = "directory"
url = "lib"
[[package]]
name = "tiny"
version = "1"
groups = ["main"]
[package.source]
type = "git"
url = "https://git.example/tiny.git"
resolved_reference = "0123456789012345678901234567890123456789"
[[package]]
name = "six"
version = "1.16"
groups = ["main"]
files = [{file = "six-1.16-py2.py3-none-any.whl", hash = "sha256:aa"}]
"#;
    check(
        tree,
        &[Part::Packages, Part::Steps],
        expect![[r#"
            Run Runtime python3.13-minimal
            Run Runtime libpython3.13-stdlib
            Run Runtime libstdc++6
            Run Runtime media-types
            Run Runtime netbase
            Build Runtime python3-pip-whl
            Build System git
            Build System sed
            Build System grep
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
              < source pyproject.toml poetry.lock lib/pyproject.toml
              $ /opt/poetry/bin/poetry --no-interaction check --lock
              $ /opt/poetry/bin/poetry --no-interaction export --only main --format requirements.txt --output /packwright/python/requirements.txt --without-urls
              $ /usr/bin/python3.13 -c 'import re, sys …
              > packwright/python/requirements.txt
              > packwright/python/versioned.txt
            python.install fetch
              < python.export
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --no-deps --index house=https://index.example/simple --index-strategy unsafe-best-match -r /packwright/python/requirements.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --no-deps -r /packwright/python/versioned.txt
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
              $ export PATH="/opt/backend/bin:$PATH"; /opt/uv/uv build --wheel --no-build-isolation --python /opt/backend/bin/python --out-dir /tmp/wheel /app/lib
              $ set --; for wheel in /tmp/wheel/*.whl; do wheel="${wheel##*/}"; set -- "$@" "${wheel%%-*}"; done; /opt/venv/bin/python "$(echo /usr/share/python-wheels/pip-*.whl)/pip" install --quiet --root-user-action ignore --disable-pip-version-check --no-compile --no-deps --no-index --find-links /tmp/wheel "$@"
              > opt/venv Build
        "#]],
    );
}

#[test]
fn a_member_that_is_a_plain_script() {
    let tree = "//- /pyproject.toml\n[tool.uv.workspace]\nmembers = [\"packages/*\"]\n\
        //- /packages/api/pyproject.toml\n[project]\nname = \"api\"\nversion = \"1\"\n\
        //- /packages/jobs/pyproject.toml\n[project]\nname = \"jobs\"\nversion = \"1\"\n\
        //- /packages/jobs/main.py\nprint(1)\n\
        //- /uv.lock\nversion = 1\nrequires-python = \">=3.12\"\n\n[manifest]\nmembers = [\"api\", \"jobs\"]\n\n\
        [[package]]\nname = \"api\"\nversion = \"1\"\nsource = { virtual = \"packages/api\" }\n\n\
        [[package]]\nname = \"jobs\"\nversion = \"1\"\nsource = { virtual = \"packages/jobs\" }\n";
    let options = PlanOptions { app: Some("jobs".to_owned()), ..PlanOptions::default() };
    check_with(
        tree,
        &options,
        &[Part::Processes],
        expect![[r#"
        worker: python packages/jobs/main.py
    "#]],
    );
}

#[test]
fn the_member_in_which_the_application_lies() {
    let root = "//- /pyproject.toml\n[project]\nname = \"all\"\nversion = \"0\"\ndependencies = []\n[tool.uv]\npackage = false\n\
        [tool.uv.workspace]\nmembers = [\"services/*\"]\n//- /services/web/pyproject.toml\n[project]\nname = \"web\"\nversion = \"0\"\n\
        dependencies = [\"fastapi\", \"uvicorn\"]\n//- /services/web/shop/__init__.py\n//- /services/web/shop/main.py\n\
        from fastapi import FastAPI\napp = FastAPI()\n//- /uv.lock\nversion = 1\n[[package]]\nname = \"all\"\n\
        source = { virtual = \".\" }\n[[package]]\nname = \"web\"\nsource = { virtual = \"services/web\" }\n\
        dependencies = [{ name = \"fastapi\" }, { name = \"uvicorn\" }]\n[[package]]\nname = \"fastapi\"\n\
        source = { registry = \"https://index.example/simple\" }\n[[package]]\nname = \"uvicorn\"\n\
        source = { registry = \"https://index.example/simple\" }\n";
    check(
        root,
        ALL,
        expect![[r#"
        Run Runtime python3.13-minimal
        Run Runtime libpython3.13-stdlib
        Run Runtime libstdc++6
        Run Runtime media-types
        Run Runtime netbase
        Build Runtime python3-pip-whl
        python.install fetch
          < source pyproject.toml uv.lock services/web/pyproject.toml
          $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
          $ /opt/uv/uv sync --locked --no-default-groups --no-install-local --python /usr/bin/python3.13 --package web --default-index https://index.example/simple
          $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
          > opt/venv Dependencies
        env PYTHONPATH=/app/services/web
        web: uvicorn shop.main:app --host 0.0.0.0 --port $PORT
        language = python (has a web application or a declared process) by detected: FastAPI application `app` in services/web/shop/main.py:2
        workspace member = web by services/web/shop/main.py:2
        python version = 3.13 by default: the newest Python of the current Debian
        python package manager = uv by uv.lock
        python framework = fastapi by services/web/shop/main.py:2
        application = shop.main:app by services/web/shop/main.py:2
    "#]],
    );
}

#[test]
fn groups_that_are_installed_by_default() {
    let project = "//- /Procfile\nweb: gunicorn app:app\n//- /app.py\nfrom flask import Flask\napp = Flask('')\n\
        //- /pyproject.toml\n[project]\nname = \"grp\"\nversion = \"0\"\ndependencies = [\"flask\"]\n\
        [dependency-groups]\nprod = [\"gunicorn\"]\ndev = [\"pytest\"]\n[tool.uv]\ndefault-groups = [\"prod\", \"dev\"]\n\
        //- /uv.lock\nversion = 1\n[[package]]\nname = \"grp\"\nsource = { virtual = \".\" }\n\
        dependencies = [{ name = \"flask\" }]\n[package.dev-dependencies]\nprod = [{ name = \"gunicorn\" }]\n\
        dev = [{ name = \"pytest\" }]\n[[package]]\nname = \"flask\"\n[[package]]\nname = \"gunicorn\"\n[[package]]\nname = \"pytest\"\n";
    steps(
        project,
        expect![[r#"
        python.install fetch
          < source pyproject.toml uv.lock
          $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
          $ /opt/uv/uv sync --locked --no-default-groups --no-install-project --python /usr/bin/python3.13 --group prod
          $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
          > opt/venv Dependencies
    "#]],
    );
}
