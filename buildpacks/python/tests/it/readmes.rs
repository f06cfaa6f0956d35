//! Files that a pyproject.toml names: the steps that check and build the project see them, or empty ones.

use expect_test::expect;

use super::{Part, check};

const POETRY: &str = "//- /pyproject.toml\n[tool.poetry]\nname = \"cards\"\nversion = \"0.1\"\nreadme = \"README.md\"\n\
    [tool.poetry.dependencies]\npython = \"^3.11\"\n[build-system]\nrequires = [\"poetry-core\"]\n\
    //- /poetry.lock\npackage = []\n[metadata]\npython-versions = \"^3.11\"\n//- /cards/__init__.py\n//- /main.py\n";

#[test]
fn poetry_sees_the_readme() {
    check(
        &format!("{POETRY}//- /README.md\n# Cards\n"),
        &[Part::Steps, Part::Remarks],
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
          < source pyproject.toml poetry.lock README.md
          $ /opt/poetry/bin/poetry --no-interaction check --lock
          $ /opt/poetry/bin/poetry --no-interaction export --only main --format requirements.txt --output /packwright/python/requirements.txt
          > packwright/python/requirements.txt
        python.install fetch
          < python.export
          $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
          $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --no-deps -r /packwright/python/requirements.txt
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
    "#]],
    );
}

#[test]
fn an_empty_file_stands_for_one_that_is_hidden() {
    check(
        POETRY,
        &[Part::Steps, Part::Remarks],
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
          $ for file in README.md; do [ -e "$file" ] || { mkdir -p "$(dirname "$file")" && : > "$file"; }; done
          $ /opt/poetry/bin/poetry --no-interaction check --lock
          $ /opt/poetry/bin/poetry --no-interaction export --only main --format requirements.txt --output /packwright/python/requirements.txt
          > packwright/python/requirements.txt
        python.install fetch
          < python.export
          $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
          $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --no-deps -r /packwright/python/requirements.txt
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
          $ for file in README.md; do [ -e "$file" ] || { mkdir -p "$(dirname "$file")" && : > "$file"; }; done
          $ export PATH="/opt/backend/bin:$PATH"; /opt/uv/uv build --wheel --no-build-isolation --python /opt/backend/bin/python --out-dir /tmp/wheel /app
          $ set --; for wheel in /tmp/wheel/*.whl; do wheel="${wheel##*/}"; set -- "$@" "${wheel%%-*}"; done; /opt/venv/bin/python "$(echo /usr/share/python-wheels/pip-*.whl)/pip" install --quiet --root-user-action ignore --disable-pip-version-check --no-compile --no-deps --no-index --find-links /tmp/wheel "$@"
          > opt/venv Build
        Info python/named-file-absent: pyproject.toml names README.md, which the source does not have
          why: an ignore file may hide it; an empty file stands for it when the project is checked and built
          fix: nothing, if the description of the package is not needed; else let no ignore file name it
    "#]],
    );
}

#[test]
fn every_backend_finds_what_the_project_names() {
    check(
        "//- /pyproject.toml\n[project]\nname = \"tally\"\ndynamic = [\"version\", \"dependencies\"]\n\
         readme = { file = \"docs/about.md\" }\nlicense-files = [\"LICENSE*\"]\n\
         [tool.setuptools.dynamic]\ndependencies = { file = \"needs.in\" }\n[build-system]\nrequires = [\"setuptools\"]\n\
         //- /needs.in\nflask\n//- /main.py\n",
        &[Part::Steps, Part::Remarks],
        expect![[r#"
            python.resolve fetch resolves
              < source **/__init__.py **/{_version,__version__,version,__about__,about}.py *.md *.rst *.txt CHANGE* LICENSE* MANIFEST.in README* VERSION* needs.in pyproject.toml requirements/** setup.cfg setup.py
              $ for file in LICENSE docs/about.md; do [ -e "$file" ] || { mkdir -p "$(dirname "$file")" && : > "$file"; }; done
              $ /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt --refresh pyproject.toml
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            python.backend fetch resolves
              $ printf '%s\n' setuptools wheel | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/backend.txt -
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
              $ for file in LICENSE docs/about.md; do [ -e "$file" ] || { mkdir -p "$(dirname "$file")" && : > "$file"; }; done
              $ export PATH="/opt/backend/bin:$PATH"; /opt/uv/uv build --wheel --no-build-isolation --python /opt/backend/bin/python --out-dir /tmp/wheel /app
              $ set --; for wheel in /tmp/wheel/*.whl; do wheel="${wheel##*/}"; set -- "$@" "${wheel%%-*}"; done; /opt/venv/bin/python "$(echo /usr/share/python-wheels/pip-*.whl)/pip" install --quiet --root-user-action ignore --disable-pip-version-check --no-compile --no-deps --no-index --find-links /tmp/wheel "$@"
              > opt/venv Build
            Info python/named-file-absent: pyproject.toml names LICENSE, docs/about.md, which the source does not have
              why: an ignore file may hide it; an empty file stands for it when the project is checked and built
              fix: nothing, if the description of the package is not needed; else let no ignore file name it
        "#]],
    );
}
