//! Files that a pyproject.toml names: the steps that check and build the project see them, or empty ones.

use expect_test::expect;

use super::{HARNESS, Harness, Part};

/// Shows the steps that look at the project's own files.
const OWN: Harness<'static> = Harness {
    hidden_steps: &[
        "python.uv",
        "python.poetry-versions",
        "python.poetry",
        "python.resolve",
        "python.install",
        "python.backend",
        "python.backends",
    ],
    ..HARNESS
};

const POETRY: &str = "//- /pyproject.toml\n[tool.poetry]\nname = \"cards\"\nversion = \"0.1\"\nreadme = \"README.md\"\n\
    [tool.poetry.dependencies]\npython = \"^3.11\"\n[build-system]\nrequires = [\"poetry-core\"]\n\
    //- /poetry.lock\npackage = []\n[metadata]\npython-versions = \"^3.11\"\n//- /cards/__init__.py\n//- /main.py\n";

#[test]
fn poetry_sees_the_readme() {
    OWN.check(
        &format!("{POETRY}//- /README.md\n# Cards\n"),
        &[Part::Steps, Part::Remarks],
        expect![[r#"
            python.export
              < source pyproject.toml poetry.lock README.md
              $ /opt/poetry/bin/poetry --no-interaction check --lock
              $ /opt/poetry/bin/poetry --no-interaction export --only main --format requirements.txt --output /packwright/python/requirements.txt
              > packwright/python/requirements.txt
            python.project
              < source **
              $ export PATH="/opt/backend/bin:$PATH"; /opt/uv/uv build --wheel --no-build-isolation --python /opt/backend/bin/python --out-dir /tmp/wheel /app
              $ set --; for wheel in /tmp/wheel/*.whl; do wheel="${wheel##*/}"; set -- "$@" "${wheel%%-*}"; done; /opt/venv/bin/python "$(echo /usr/share/python-wheels/pip-*.whl)/pip" install --quiet --root-user-action ignore --disable-pip-version-check --no-compile --no-deps --no-index --find-links /tmp/wheel "$@"
              > opt/venv Build
        "#]],
    );
}

#[test]
fn an_empty_file_stands_for_one_that_is_hidden() {
    OWN.check(
        POETRY,
        &[Part::Steps, Part::Remarks],
        expect![[r#"
            python.export
              < source pyproject.toml poetry.lock
              $ for file in README.md; do [ -e "$file" ] || { mkdir -p "$(dirname "$file")" && : > "$file"; }; done
              $ /opt/poetry/bin/poetry --no-interaction check --lock
              $ /opt/poetry/bin/poetry --no-interaction export --only main --format requirements.txt --output /packwright/python/requirements.txt
              > packwright/python/requirements.txt
            python.project
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
    OWN.check(
        "//- /pyproject.toml\n[project]\nname = \"tally\"\ndynamic = [\"version\", \"dependencies\"]\n\
         readme = { file = \"docs/about.md\" }\nlicense-files = [\"LICENSE*\"]\n\
         [tool.setuptools.dynamic]\ndependencies = { file = \"needs.in\" }\n[build-system]\nrequires = [\"setuptools\"]\n\
         //- /needs.in\nflask\n//- /main.py\n",
        &[Part::Steps, Part::Remarks],
        expect![[r#"
            python.project
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
