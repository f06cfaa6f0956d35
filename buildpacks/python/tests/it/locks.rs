//! Lock files besides those of uv and poetry: pdm, pipenv, pylock. The hashes of pdm and pipenv
//! are those that the tools themselves wrote for these manifests.

use expect_test::{Expect, expect};

use super::{Part, check};

fn steps(text: &str, expected: Expect) {
    check(text, &[Part::Steps, Part::Reasons], expected);
}

const APP: &str = "//- /app.py\nfrom flask import Flask\napp = Flask(__name__)\n";

/// What pdm 2.24 locked.
const PDM: &str = r#"//- /pyproject.toml
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["flask>=3", "uvicorn[standard]; sys_platform == 'linux'", "Jinja2"]
[project.optional-dependencies]
extra = ["rich"]
[dependency-groups]
test = ["pytest"]
[tool.pdm]
distribution = false
[tool.pdm.dev-dependencies]
Lint = ["ruff"]
"#;

const PDM_LOCK: &str = r#"//- /pdm.lock
[metadata]
groups = ["default", "lint", "test"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"
content_hash = "sha256:74fa4816394fd2b11d099a6ef6ba6bd6b8e884adec5f18ba6207611f335b419a"

[[metadata.targets]]
requires_python = ">=3.11"

[[package]]
name = "flask"
version = "3.1.0"
groups = ["default"]
files = [{file = "flask-3.1.0-py3-none-any.whl", hash = "sha256:aa"}, {file = "flask-3.1.0.tar.gz", hash = "sha256:bb"}]

[[package]]
name = "uvicorn"
version = "0.54.0"
groups = ["default"]
marker = "sys_platform == \"linux\""
files = [{file = "uvicorn-0.54.0-py3-none-any.whl", hash = "sha256:cc"}]

[[package]]
name = "uvicorn"
version = "0.54.0"
extras = ["standard"]
groups = ["default"]
marker = "sys_platform == \"linux\""
dependencies = ["uvicorn==0.54.0"]
files = [{file = "uvicorn-0.54.0-py3-none-any.whl", hash = "sha256:cc"}]

[[package]]
name = "httptools"
version = "0.9.0"
groups = ["default"]
marker = "sys_platform == \"linux\""
files = [{file = "httptools-0.9.0.tar.gz", hash = "sha256:dd"}, {file = "httptools-0.9.0-cp312-cp312-manylinux_2_17_x86_64.whl", hash = "sha256:ee"}]

[[package]]
name = "tiny"
version = "0.1"
groups = ["default"]
git = "https://git.example/tiny.git"
ref = "main"
revision = "0123456789012345678901234567890123456789"

[[package]]
name = "ruff"
version = "0.9.0"
groups = ["lint"]
files = [{file = "ruff-0.9.0-py3-none-manylinux_2_17_x86_64.whl", hash = "sha256:ff"}]
"#;

#[test]
fn a_pdm_lock() {
    check(
        &format!("{APP}{PDM}{PDM_LOCK}"),
        &[Part::Suite, Part::Versions, Part::Packages, Part::Steps, Part::Reasons],
        expect![[r#"
            suite trixie
            python 3.13 by pyproject.toml:4
            Run Runtime python3.13-minimal
            Run Runtime libpython3.13-stdlib
            Run Runtime libstdc++6
            Run Runtime media-types
            Run Runtime netbase
            Build Runtime python3-pip-whl
            Build System git
            Build System sed
            Build System grep
            Build System build-essential
            Build System pkgconf
            Build System perl-base
            Build System findutils
            Build System diffutils
            Build System tar
            Build System gzip
            Build System python3.13-dev
            python.server fetch resolves
              $ printf '%s\n' flask==3.1.0 uvicorn==0.54.0 httptools==0.9.0 > /tmp/constraints.txt
              $ printf '%s\n' gunicorn | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/server.txt --constraint /tmp/constraints.txt -
              > packwright/python/server.txt
            python.install fetch
              < python.server
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ printf '%s\n' 'flask==3.1.0 --hash=sha256:aa --hash=sha256:bb' 'uvicorn==0.54.0 ; sys_platform == '\''linux'\'' --hash=sha256:cc' 'httptools==0.9.0 ; sys_platform == '\''linux'\'' --hash=sha256:dd --hash=sha256:ee' > /tmp/locked.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --no-deps -r /tmp/locked.txt
              $ printf '%s\n' 'tiny @ git+https://git.example/tiny.git@0123456789012345678901234567890123456789' > /tmp/versioned.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --no-deps -r /tmp/versioned.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/server.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            language = python (has a web application or a declared process) by detected: Flask application `app` in app.py:2
            python version = 3.13 by pyproject.toml:4
            python package manager = pdm by pdm.lock
            python framework = flask by app.py:2
            application = app:app by app.py:2
            python packages built from source = httptools by pdm.lock
            Info python/server-added: gunicorn is installed although the project does not ask for it
              why: the application needs a server that listens on PORT
              fix: add gunicorn to the requirements, to choose its version yourself
            Info python/built-from-source: httptools is built from source, for which a compiler is brought
              why: pdm.lock holds no wheel for Python 3.13 on Linux
              fix: write 3.12 into .python-version, for which it holds more of them, or update pdm.lock
        "#]],
    );
}

#[test]
fn a_pdm_lock_out_of_step() {
    let project = PDM.replace("flask>=3", "flask>=4");
    steps(
        &format!("{APP}{project}{PDM_LOCK}"),
        expect![[r#"
        Error python/lock-outdated: pdm.lock:5 was made for another pyproject.toml
          why: the hash there is not that of pyproject.toml as it is now
          fix: run `pdm lock` and commit pdm.lock
    "#]],
    );
}

#[test]
fn a_pdm_lock_that_names_no_groups() {
    let project = "//- /pyproject.toml\n[project]\nname = \"shop\"\ndependencies = [\"uvicorn[standard]; python_version >= '3.9'\"]\n\
                   [build-system]\nrequires = [\"pdm-backend\"]\n";
    let lock = r#"//- /pdm.lock
[metadata]
lock_version = "4.4"
[[package]]
name = "uvicorn"
version = "0.30"
dependencies = ["h11>=0.8", "tomli; python_version < '3.11'"]
files = [{file = "uvicorn-0.30-py3-none-any.whl", hash = "sha256:aa"}]
[[package]]
name = "uvicorn"
version = "0.30"
extras = ["standard"]
dependencies = ["uvicorn==0.30", "uvloop; sys_platform != 'win32'"]
files = [{file = "uvicorn-0.30-py3-none-any.whl", hash = "sha256:aa"}]
[[package]]
name = "h11"
version = "0.14"
files = [{file = "h11-0.14-py3-none-any.whl", hash = "sha256:bb"}]
[[package]]
name = "tomli"
version = "2.0"
files = [{file = "tomli-2.0-py3-none-any.whl", hash = "sha256:cc"}]
[[package]]
name = "uvloop"
version = "0.20"
files = [{file = "uvloop-0.20.tar.gz", hash = "sha256:dd"}]
[[package]]
name = "pytest"
version = "8"
files = [{file = "pytest-8-py3-none-any.whl", hash = "sha256:ee"}]
"#;
    check(
        &format!(
            "//- /main.py\nfrom starlette.applications import Starlette\napp = Starlette()\n{project}{lock}"
        ),
        &[Part::Steps],
        expect![[r#"
            python.install fetch
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ printf '%s\n' 'uvicorn==0.30 ; python_full_version >= '\''3.9'\'' --hash=sha256:aa' 'h11==0.14 ; python_full_version >= '\''3.9'\'' --hash=sha256:bb' 'tomli==2.0 ; python_full_version >= '\''3.9'\'' and python_full_version < '\''3.11'\'' --hash=sha256:cc' 'uvloop==0.20 ; python_full_version >= '\''3.9'\'' and sys_platform != '\''win32'\'' --hash=sha256:dd' > /tmp/locked.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --no-deps -r /tmp/locked.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            python.backend fetch resolves
              $ printf '%s\n' pdm-backend | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/backend.txt -
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
fn a_pdm_lock_of_another_age() {
    let lock = "//- /pdm.lock\n[metadata]\nlock_version = \"3.1\"\n";
    steps(
        &format!("{APP}{PDM}{lock}"),
        expect![[r#"
        Error python/lock-version: pdm.lock:2: version 3.1 of this lock file is not read
          fix: run `pdm lock` with pdm 2.8 or newer
    "#]],
    );
}

#[test]
fn a_pdm_project_that_is_a_package_with_its_own_source() {
    let project = "//- /pyproject.toml\n[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = []\n\
                   [build-system]\nrequires = [\"pdm-backend\"]\n[[tool.pdm.source]]\nname = \"house\"\n\
                   url = \"https://${HOUSE_TOKEN}@index.example/simple\"\nverify_ssl = false\n";
    let lock = "//- /pdm.lock\n[metadata]\nstrategy = [\"inherit_metadata\"]\nlock_version = \"4.5.0\"\n\
                [[package]]\nname = \"gunicorn\"\nversion = \"23\"\ngroups = [\"default\"]\n\
                files = [{url = \"https://index.example/gunicorn-23-py3-none-any.whl\", hash = \"sha256:aa\"}]\n";
    check(
        &format!("{APP}{project}{lock}"),
        &[Part::Steps],
        expect![[r#"
            python.install fetch
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ printf '%s\n' 'gunicorn==23 --hash=sha256:aa' > /tmp/locked.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --no-deps --index "house=https://${HOUSE_TOKEN}@index.example/simple" --allow-insecure-host index.example --index-strategy unsafe-best-match -r /tmp/locked.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            python.backend fetch resolves
              $ printf '%s\n' pdm-backend | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/backend.txt -
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

/// What pipenv 2026 hashed.
const PIPFILE: &str = r#"//- /Pipfile
[[source]]
url = "https://pypi.example/simple"
verify_ssl = true
name = "pypi"

[packages]
flask = "*"
uvicorn = {extras = ["standard"], version = ">=0.30"}
colorama = {version = "*", sys_platform = "== 'win32'"}

[dev-packages]
pytest = "*"

[requires]
python_version = "3.11"
"#;

const PIPFILE_LOCK: &str = r#"//- /Pipfile.lock
{
    "_meta": {
        "hash": {
            "sha256": "e8f02c9523187b7503bf8ecf5ab156941640b3a3c8cada2f861db1e6571c35ec"
        },
        "requires": {"python_version": "3.11"},
        "sources": [{"name": "pypi", "url": "https://pypi.example/simple", "verify_ssl": true}]
    },
    "default": {
        "colorama": {"version": "*"},
        "flask": {
            "hashes": ["sha256:aa", "sha256:bb"],
            "index": "pypi",
            "markers": "python_version >= '3.9'",
            "version": "==3.1.3"
        },
        "tiny": {
            "git": "https://git.example/tiny.git",
            "ref": "0123456789012345678901234567890123456789"
        },
        "uvicorn": {
            "extras": ["standard"],
            "hashes": ["sha256:cc"],
            "version": "==0.54.0"
        }
    },
    "develop": {"pytest": {"hashes": ["sha256:dd"], "version": "==8"}}
}
"#;

#[test]
fn a_pipfile_with_its_lock() {
    check(
        &format!("{APP}{PIPFILE}{PIPFILE_LOCK}"),
        &[Part::Suite, Part::Versions, Part::Packages, Part::Steps, Part::Reasons],
        expect![[r#"
            suite bookworm
            python 3.11 by Pipfile:15
            Run Runtime python3.11-minimal
            Run Runtime libpython3.11-stdlib
            Run Runtime libstdc++6
            Run Runtime media-types
            Run Runtime netbase
            Build Runtime python3-pip-whl
            Build System git
            Build System sed
            Build System grep
            python.server fetch resolves
              $ printf '%s\n' flask==3.1.3 uvicorn==0.54.0 > /tmp/constraints.txt
              $ printf '%s\n' gunicorn | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.11 --generate-hashes --no-header --no-annotate --output-file /packwright/python/server.txt --constraint /tmp/constraints.txt -
              > packwright/python/server.txt
            python.install fetch
              < python.server
              $ /usr/bin/python3.11 -m venv --without-pip /opt/venv
              $ printf '%s\n' 'flask==3.1.3 ; (python_version >= '\''3.9'\'') --hash=sha256:aa --hash=sha256:bb' 'uvicorn[standard]==0.54.0 --hash=sha256:cc' > /tmp/locked.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --no-deps -r /tmp/locked.txt
              $ printf '%s\n' 'tiny @ git+https://git.example/tiny.git@0123456789012345678901234567890123456789' > /tmp/versioned.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --no-deps -r /tmp/versioned.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/server.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            language = python (has a web application or a declared process) by detected: Flask application `app` in app.py:2
            python version = 3.11 by Pipfile:15
            python package manager = pipenv by Pipfile.lock
            python framework = flask by app.py:2
            application = app:app by app.py:2
            Info python/server-added: gunicorn is installed although the project does not ask for it
              why: the application needs a server that listens on PORT
              fix: add gunicorn to the requirements, to choose its version yourself
        "#]],
    );
}

#[test]
fn a_pipfile_lock_out_of_step() {
    let pipfile = PIPFILE.replace("flask = \"*\"", "flask = \"==2.0\"");
    steps(
        &format!("{APP}{pipfile}{PIPFILE_LOCK}"),
        expect![[r#"
        Error python/lock-outdated: Pipfile.lock:4 was made for another Pipfile
          why: the hash there is not that of Pipfile as it is now
          fix: run `pipenv lock` and commit Pipfile.lock
    "#]],
    );
}

#[test]
fn a_pipfile_lock_alone_and_without_hashes() {
    let lock = "//- /Pipfile.lock\n{\"_meta\": {\"sources\": [\n  {\"name\": \"house\", \"url\": \"https://${USER_NAME}:${PASSWORD}@index.example/simple\", \"verify_ssl\": true}]},\n\
                \"default\": {\"flask\": {\"version\": \"==3.0\"}, \"gunicorn\": {\"version\": \"==23.0\", \"index\": \"house\"}}}\n";
    check(
        &format!("{APP}{lock}"),
        &[Part::Steps],
        expect![[r#"
            python.resolve fetch resolves
              $ printf '%s\n' flask==3.0 gunicorn==23.0 | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt --no-deps --default-index "house=https://${USER_NAME}:${PASSWORD}@index.example/simple" -
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --no-deps --default-index "house=https://${USER_NAME}:${PASSWORD}@index.example/simple" -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
        "#]],
    );
}

#[test]
fn a_pipfile_lock_that_is_wrong() {
    steps(
        &format!("{APP}//- /Pipfile.lock\n{{\"default\": [\n"),
        expect![[r#"
        Error python/json-broken: Pipfile.lock:1:12: this is not the JSON that is expected here
          why: invalid type: sequence, expected a map at line 1 column 12
          fix: correct line 1 of Pipfile.lock
    "#]],
    );
    steps(
        &format!(
            "{APP}//- /Pipfile.lock\n{{\"default\": {{\n  \"flask\": {{\"version\": \">=3\"}},\n  \"x\": {{\"git\": \"ssh://git@git.example/x\"}}}}}}\n"
        ),
        expect![[r#"
            Error python/lock-incomplete: Pipfile.lock:2: flask is locked to no version
              why: a lock file that was made on another system may leave out what only this one needs
              fix: make the lock file again on Linux and commit it
            Error python/requirement-address: Pipfile.lock:3: nothing can be fetched from `git+ssh://git@git.example/x`
              why: the build has no keys: only https addresses of archives and of git repositories are fetched
              fix: write `git+https://…`, with a token in a variable if it is private (`git+https://${TOKEN}@…`), or require a published version
        "#]],
    );
}

#[test]
fn a_pipfile_alone() {
    let pipfile = "//- /Pipfile\n[[source]]\nname = \"house\"\nurl = \"https://index.example/simple\"\nverify_ssl = false\n\
                   [packages]\nflask = \"~=3.0\"\ngunicorn = \"23.0\"\n\"Ruamel.Yaml\" = {version = \"*\", markers = \"python_version > '3'\"}\n\
                   tiny = {git = \"https://git.example/tiny.git\", ref = \"main\"}\n\
                   lib = {path = \"./lib\", editable = true}\n[pipenv]\nallow_prereleases = true\n";
    let lib =
        "//- /lib/pyproject.toml\n[project]\nname = \"lib\"\nversion = \"1\"\ndependencies = [\"celery\"]\n";
    steps(
        &format!("{APP}{pipfile}{lib}"),
        expect![[r#"
            python.resolve fetch resolves
              < source lib/pyproject.toml
              $ printf '%s\n' 'Ruamel.Yaml ; (python_version > '\''3'\'')' 'flask~=3.0' gunicorn==23.0 'tiny @ git+https://git.example/tiny.git@main' /app/lib | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt --default-index house=https://index.example/simple --allow-insecure-host index.example --prerelease allow --refresh -
              $ /usr/bin/python3.13 -c 'import re, sys …
              > packwright/python/requirements.txt
              > packwright/python/versioned.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --no-deps --default-index house=https://index.example/simple --allow-insecure-host index.example -r /packwright/python/requirements.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --no-deps -r /packwright/python/versioned.txt
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
              $ export PATH="/opt/backend/bin:$PATH"; export PYTHONPATH="$(echo /opt/backend/lib/python3*/site-packages)"; /opt/uv/uv pip install --python /opt/venv/bin/python --no-deps --no-build-isolation --editable /app/lib
              $ /opt/venv/bin/python -c 'import pathlib …
              > opt/venv Build
            language = python (has a web application or a declared process) by detected: Flask application `app` in app.py:2
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pipenv by Pipfile
            python framework = flask by app.py:2
            application = app:app by app.py:2
        "#]],
    );
}

#[test]
fn a_pylock() {
    let lock = r#"//- /pylock.toml
lock-version = "1.0"
requires-python = ">=3.12,<3.13"
[[packages]]
name = "flask"
version = "3.1"
wheels = [{url = "https://files.example/flask-3.1-py3-none-any.whl", hashes = {sha256 = "aa"}}]
[[packages]]
name = "gunicorn"
version = "23"
sdist = {name = "gunicorn-23.tar.gz", hashes = {sha256 = "bb"}}
"#;
    check(
        &format!("{APP}{lock}"),
        &[Part::Suite, Part::Versions, Part::Packages, Part::Steps, Part::Reasons],
        expect![[r#"
            suite trixie
            python 3.12 by pylock.toml:2
            Build Runtime python3.13-minimal
            Build Runtime libpython3.13-stdlib
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
            python.version fetch resolves
              $ /opt/uv/uv --no-cache python list --only-downloads --all-versions --output-format json 3.12 > /tmp/downloads.json
              $ /usr/bin/python3.13 -c 'import json, sys …
              $ /usr/bin/python3.13 -c 'import base64, hashlib, json, os, sys, urllib.parse, urllib.request …
              > packwright/python/version.txt
              > packwright/python/download.txt
            python.runtime fetch
              < python.version
              $ /usr/bin/python3.13 -c 'import base64, hashlib, json, os, sys, urllib.parse, urllib.request …
              $ /opt/uv/uv --no-cache python install --no-bin --install-dir /tmp/python "cpython-$(cat /packwright/python/version.txt)"
              $ /usr/bin/python3.13 -c 'import pathlib, shutil …
              $ /opt/python/bin/python3.12 -B -c 'import compileall, py_compile, re …
              > opt/python Runtime
            python.install fetch
              < python.runtime
              < source pylock.toml
              $ /opt/python/bin/python3.12 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python -r pylock.toml
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            language = python (has a web application or a declared process) by detected: Flask application `app` in app.py:2
            python version = 3.12 by pylock.toml:2
            python package manager = pip by pylock.toml
            python framework = flask by app.py:2
            application = app:app by app.py:2
            python packages built from source = gunicorn by pylock.toml
            Info python/built-from-source: gunicorn is built from source, for which a compiler is brought
              why: pylock.toml holds no wheel for Python 3.12 on Linux
        "#]],
    );
    let inside = "//- /pylock.toml\nlock-version = \"1.0\"\n[[packages]]\nname = \"lib\"\ndirectory = {path = \"lib\"}\n";
    steps(
        &format!("{APP}{inside}"),
        expect![[r#"
        Error python/local-packages: pylock.toml:2 takes lib from files of the source tree, which is not supported yet
          fix: publish the package to an index, or use uv.lock for a workspace
    "#]],
    );
}

#[test]
fn two_locks() {
    steps(
        &format!("{APP}{PDM}{PDM_LOCK}{PIPFILE}{PIPFILE_LOCK}"),
        expect![[r#"
        Error python/managers-conflict: the project has both pdm.lock and Pipfile.lock
          why: two package managers would install two different sets of packages
          fix: delete the one that is out of use: pdm.lock or Pipfile.lock
    "#]],
    );
}

#[test]
fn a_long_lock_is_written_in_pieces() {
    let packages: String = (0..3000)
        .map(|at| format!("\"p{at}\": {{\"version\": \"=={at}\", \"hashes\": [\"sha256:{at:064}\"]}},\n"))
        .collect();
    let tree = format!(
        "{APP}//- /Pipfile.lock\n{{\"default\": {{{packages} \"flask\": {{\"version\": \"==3\", \"hashes\": [\"sha256:00\"]}}}}}}\n"
    );
    let plan = super::planned(&packwright_buildpack::planner::MemoryTree::parse(&tree), &Default::default())
        .unwrap();
    let install = plan.steps.iter().find(|step| step.name.as_str() == "python.install").unwrap();
    let lines: Vec<String> = install.commands.iter().map(ToString::to_string).collect();
    assert!(lines.iter().all(|line| line.len() < 128 << 10));
    assert!(lines.iter().filter(|line| line.contains(">> /tmp/locked.txt")).count() > 2);
    let all = lines.concat();
    assert!((0..3000).all(|at| all.contains(&format!("p{at}=={at} "))));
}
