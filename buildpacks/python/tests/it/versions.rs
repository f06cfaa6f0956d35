//! Which Python, and who said so.

use expect_test::{Expect, expect};

use super::{Part, check, check_with, with_env};

/// With what lost.
fn decided(text: &str, expected: Expect) {
    check(&format!("//- /main.py\nprint()\n{text}"), &[Part::Suite, Part::Versions, Part::Reasons], expected);
}

fn version(text: &str, expected: Expect) {
    let tree = format!("//- /main.py\nprint()\n{text}");
    check(&tree, &[Part::Suite, Part::Versions, Part::Remarks], expected);
}

fn requires_python(range: &str, expected: Expect) {
    version(
        &format!("//- /pyproject.toml\n[project]\nname = \"x\"\n\nrequires-python = \"{range}\"\n"),
        expected,
    );
}

fn poetry_python(range: &str, expected: Expect) {
    check(
        &format!(
            "//- /main.py\n//- /pyproject.toml\n[tool.poetry]\nname = \"x\"\n[tool.poetry.dependencies]\n\
             python = \"{range}\"\n//- /poetry.lock\npackage = []\n[metadata]\npython-versions = \"{range}\"\n"
        ),
        &[Part::Suite, Part::Versions],
        expected,
    );
}

#[test]
fn nobody_asks() {
    version(
        "",
        expect![[r#"
        suite trixie
        python 3.13 by default: the newest Python of the current Debian
    "#]],
    );
}

#[test]
fn python_version_with_comments_and_patch() {
    version(
        "//- /.python-version\n# the one\n\n  3.13.2  # exact\n",
        expect![[r#"
        suite trixie
        python 3.13.2 by .python-version:3
    "#]],
    );
}

#[test]
fn python_version_with_several_lines() {
    version(
        "//- /.python-version\n3.11\n3.13\n",
        expect![[r#"
            suite bookworm
            python 3.11 by .python-version:1
            Warning python/version-file-several: .python-version:2: `3.13` is not used, `3.11` before it is
              why: an image has one Python
              fix: leave one version in the file
        "#]],
    );
}

#[test]
fn python_version_that_is_not_understood() {
    version(
        "//- /.python-version\npypy3.10\n",
        expect![[r#"
            Error python/version-unreadable: .python-version:1: `pypy3.10` is not understood as a version of Python
              why: Debian bookworm has 3.11, Debian trixie has 3.13, and uv downloads 3.8 to 3.15
              fix: write a version such as `3.13`
        "#]],
    );
    for text in ["3.12-slim", "3.13-dev", "3.13t", "system", "3.x", "³.13", "99999999999999999999.1"] {
        let tree = format!("//- /main.py\n//- /.python-version\n{text}\n");
        let result =
            super::planned(&packwright_buildpack::planner::MemoryTree::parse(&tree), &Default::default());
        assert!(super::HARNESS.told(&result, &[]).contains("python/version-unreadable"), "{text}");
    }
}

#[test]
fn python_version_with_a_prefix() {
    version(
        "//- /.python-version\ncpython-3.11.4\n",
        expect![[r#"
        suite bookworm
        python 3.11.4 by .python-version:1
    "#]],
    );
}

#[test]
fn an_empty_python_version() {
    version(
        "//- /.python-version\n# none\n",
        expect![[r#"
        suite trixie
        python 3.13 by default: the newest Python of the current Debian
        Warning python/version-file-empty: .python-version names no version
          fix: write a version such as `3.13` into .python-version, or delete it
    "#]],
    );
}

#[test]
fn runtime() {
    version(
        "//- /runtime.txt\npython-3.11.9\n",
        expect![[r#"
        suite bookworm
        python 3.11.9 by runtime.txt:1
    "#]],
    );
}

#[test]
fn runtime_with_a_wildcard() {
    version(
        "//- /runtime.txt\npython-3.11.x\n",
        expect![[r#"
            suite bookworm
            python 3.11 by runtime.txt:1
            Info python/runtime-form: runtime.txt:1: `python-3.11.x` is read as `python-3.11`
              why: some platforms take a wildcard there and others refuse it; both mean the newest release
        "#]],
    );
}

#[test]
fn runtime_without_its_prefix() {
    version(
        "//- /runtime.txt\n3.11\n",
        expect![[r#"
        suite bookworm
        python 3.11 by runtime.txt:1
        Warning python/runtime-form: runtime.txt:1: `3.11` is read as `python-3.11`
          why: the form of runtime.txt is `python-X.Y.Z`
          fix: write `python-` before the version, or move it to .python-version
    "#]],
    );
}

#[test]
fn runtime_of_another_language() {
    version(
        "//- /runtime.txt\nruby-3.3.0\n",
        expect![[r#"
        suite trixie
        python 3.13 by default: the newest Python of the current Debian
    "#]],
    );
}

#[test]
fn requires_python_takes_the_newest_that_fits() {
    requires_python(
        ">=3.9",
        expect![[r#"
        suite trixie
        python 3.13 by pyproject.toml:4
    "#]],
    );
    requires_python(
        ">=3.11,<3.13",
        expect![[r#"
        suite bookworm
        python 3.11 by pyproject.toml:4
    "#]],
    );
    requires_python(
        "~=3.11.0",
        expect![[r#"
        suite bookworm
        python 3.11 by pyproject.toml:4
    "#]],
    );
    requires_python(
        "==3.13.*",
        expect![[r#"
        suite trixie
        python 3.13 by pyproject.toml:4
    "#]],
    );
    requires_python(
        "!=3.13.*,>=3.10",
        expect![[r#"
        suite bookworm
        python 3.11 by pyproject.toml:4
    "#]],
    );
}

#[test]
fn requires_python_that_nothing_fulfils() {
    requires_python(
        ">=3.14",
        expect![[r#"
            suite trixie
            python 3.15 by pyproject.toml:4
        "#]],
    );
    requires_python(
        "<3.10",
        expect![[r#"
            suite trixie
            python 3.9 by pyproject.toml:4
        "#]],
    );
    requires_python(
        "~=3.12.0",
        expect![[r#"
            suite trixie
            python 3.12 by pyproject.toml:4
        "#]],
    );
}

#[test]
fn requires_python_with_a_patch_that_debian_may_not_have() {
    requires_python(
        ">=3.13.7",
        expect![[r#"
            suite trixie
            python 3.15 by pyproject.toml:4
        "#]],
    );
}

#[test]
fn requires_python_that_is_none() {
    requires_python(
        "newest",
        expect![[r#"
            Error python/version-unreadable: pyproject.toml:4: `newest` is not understood as a version of Python
              why: Debian bookworm has 3.11, Debian trixie has 3.13, and uv downloads 3.8 to 3.15
              fix: write a version such as `3.13`
        "#]],
    );
    requires_python(
        "",
        expect![[r#"
            Error python/version-unreadable: pyproject.toml:4: `` is not understood as a version of Python
              why: Debian bookworm has 3.11, Debian trixie has 3.13, and uv downloads 3.8 to 3.15
              fix: write a version such as `3.13`
        "#]],
    );
}

#[test]
fn poetry_in_its_own_words() {
    poetry_python(
        "^3.11",
        expect![[r#"
        suite trixie
        python 3.13 by pyproject.toml:4
    "#]],
    );
    poetry_python(
        "~3.11",
        expect![[r#"
        suite bookworm
        python 3.11 by pyproject.toml:4
    "#]],
    );
    poetry_python(
        "3.11.*",
        expect![[r#"
        suite bookworm
        python 3.11 by pyproject.toml:4
    "#]],
    );
    poetry_python(
        "^2.7 || ~3.11",
        expect![[r#"
        suite bookworm
        python 3.11 by pyproject.toml:4
    "#]],
    );
    poetry_python(
        ">=3.10,<3.12",
        expect![[r#"
        suite bookworm
        python 3.11 by pyproject.toml:4
    "#]],
    );
    poetry_python(
        ">= 3.10 < 3.12",
        expect![[r#"
        suite bookworm
        python 3.11 by pyproject.toml:4
    "#]],
    );
    poetry_python(
        "*",
        expect![[r#"
        suite trixie
        python 3.13 by pyproject.toml:4
    "#]],
    );
    poetry_python(
        "3.11",
        expect![[r#"
        suite bookworm
        python 3.11 by pyproject.toml:4
    "#]],
    );
}

#[test]
fn python_version_beats_runtime_beats_pyproject() {
    decided(
        "//- /.python-version\n3.13\n//- /runtime.txt\npython-3.11.4\n\
         //- /pyproject.toml\n[project]\nname = \"x\"\nrequires-python = \"<3.12\"\n",
        expect![[r#"
            suite trixie
            python 3.13 by .python-version:1
            language = python (has a program) by detected: main.py in main.py, which does not read PORT
            python version = 3.13 by .python-version:1
              not python-3.11.4 by runtime.txt:1
              not <3.12 by pyproject.toml:3
            python package manager = pip by pyproject.toml
            python framework = none by default: no file uses a web framework
            application = main.py by main.py
            Warning python/versions-differ: .python-version:1 and runtime.txt:1 ask for different Python versions
              why: .python-version:1 gives 3.13, runtime.txt:1 wants `python-3.11.4`
              fix: make the two agree
            Warning python/versions-differ: .python-version:1 and pyproject.toml:3 ask for different Python versions
              why: .python-version:1 gives 3.13, pyproject.toml:3 wants `<3.12`
              fix: make the two agree
        "#]],
    );
}

#[test]
fn a_differing_patch_loses_without_warning() {
    decided(
        "//- /.python-version\n3.13.2\n//- /runtime.txt\npython-3.13.4\n",
        expect![[r#"
            suite trixie
            python 3.13.2 by .python-version:1
            language = python (has a program) by detected: main.py in main.py, which does not read PORT
            python version = 3.13.2 by .python-version:1
              not python-3.13.4 by runtime.txt:1
            python package manager = none by default: no file names a requirement
            python framework = none by default: no file uses a web framework
            application = main.py by main.py
        "#]],
    );
}

#[test]
fn the_option_beats_all() {
    check_with(
        "//- /main.py\n//- /.python-version\n3.13\n",
        &with_env([("PACKWRIGHT_PYTHON_VERSION", "3.11")]),
        &[Part::Suite, Part::Versions, Part::Remarks],
        expect![[r#"
            suite bookworm
            python 3.11 by --env PACKWRIGHT_PYTHON_VERSION=3.11
            Warning python/versions-differ: --env PACKWRIGHT_PYTHON_VERSION=3.11 and .python-version:1 ask for different Python versions
              why: --env PACKWRIGHT_PYTHON_VERSION=3.11 gives 3.11, .python-version:1 wants `3.13`
              fix: make the two agree
        "#]],
    );
}

#[test]
fn an_option_that_cannot_be_had() {
    check_with(
        "//- /main.py\n",
        &with_env([("PACKWRIGHT_PYTHON_VERSION", "3.12")]),
        &[Part::Suite, Part::Versions],
        expect![[r#"
            suite trixie
            python 3.12 by --env PACKWRIGHT_PYTHON_VERSION=3.12
        "#]],
    );
}

#[test]
fn a_python_that_is_downloaded() {
    check(
        "//- /main.py\nprint()\n//- /.python-version\n3.12\n//- /requirements.txt\nsix\n",
        &[Part::Suite, Part::Versions, Part::Packages, Part::Steps, Part::Reasons],
        expect![[r#"
            suite trixie
            python 3.12 by .python-version:1
            Build Runtime python3.13-minimal
            Build Runtime libpython3.13-stdlib
            Run Runtime libstdc++6
            Run Runtime media-types
            Run Runtime netbase
            Build Runtime python3-pip-whl
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
            python.resolve fetch resolves
              < python.runtime
              < source requirements.txt
              $ /opt/uv/uv pip compile --quiet --python /opt/python/bin/python3.12 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt requirements.txt
              > packwright/python/requirements.txt
            python.install fetch
              < python.runtime
              < python.resolve
              $ /opt/python/bin/python3.12 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            language = python (has a program) by detected: main.py in main.py, which does not read PORT
            python version = 3.12 by .python-version:1
            python package manager = pip by requirements.txt
            python framework = none by default: no file uses a web framework
            application = main.py by main.py
        "#]],
    );
    check(
        "//- /main.py\nprint()\n//- /.python-version\n3.14\n",
        &[Part::Steps],
        expect![[r#"
            python.version fetch resolves
              $ /opt/uv/uv --no-cache python list --only-downloads --all-versions --output-format json 3.14 > /tmp/downloads.json
              $ /usr/bin/python3.13 -c 'import json, sys …
              $ /usr/bin/python3.13 -c 'import base64, hashlib, json, os, sys, urllib.parse, urllib.request …
              > packwright/python/version.txt
              > packwright/python/download.txt
            python.runtime fetch
              < python.version
              $ /usr/bin/python3.13 -c 'import base64, hashlib, json, os, sys, urllib.parse, urllib.request …
              $ /opt/uv/uv --no-cache python install --no-bin --install-dir /tmp/python "cpython-$(cat /packwright/python/version.txt)"
              $ /usr/bin/python3.13 -c 'import pathlib, shutil …
              $ /opt/python/bin/python3.14 -B -c 'import compileall, py_compile, re …
              > opt/python Runtime
            python.install
              < python.runtime
              $ /opt/python/bin/python3.14 -m venv --without-pip /opt/venv
              > opt/venv Dependencies
        "#]],
    );
}

#[test]
fn the_second_voice_is_heard_among_what_suits_the_first() {
    check(
        "//- /main.py\nprint()\n//- /.python-version\n3.13\n//- /pyproject.toml\n[project]\nname = \"x\"\n\
         requires-python = \">=3.13.8\"\n",
        &[Part::Suite, Part::Versions, Part::Remarks],
        expect![[r#"
            suite trixie
            python 3.13 by .python-version:1
        "#]],
    );
}

#[test]
fn files_of_version_managers_that_are_wrong() {
    version(
        "//- /.tool-versions\npython\n",
        expect![[r#"
            Error python/version-unreadable: .tool-versions:1 names no version of Python
              fix: write `python 3.13`
        "#]],
    );
    version(
        "//- /mise.toml\n[tools]\npython = []\n",
        expect![[r#"
            Error python/version-unreadable: mise.toml:2 names no version of Python
              fix: write `python = "3.13"`, a list of versions, or a table with `version`
        "#]],
    );
    version(
        "//- /mise.toml\n[tools\n",
        expect![[r#"
            Error python/broken-manifest: mise.toml:1:7 is not valid TOML
              why: unclosed table, expected `]`
              fix: correct line 1 of mise.toml
        "#]],
    );
}

/// The backend before a tool's name says where mise takes the tool from, and not which tool it is.
#[test]
fn mise_with_the_prefix_of_its_own_backend() {
    version(
        "//- /mise.toml\n[tools]\n\"core:python\" = \"3.11\"\n\"core:node\" = \"22\"\n",
        expect![[r#"
            suite bookworm
            python 3.11 by mise.toml:2
        "#]],
    );
}

#[test]
fn a_version_file_that_is_a_link() {
    version(
        "//- /.python-version -> config/python\n//- /config/python\n3.11\n",
        expect![[r#"
            suite bookworm
            python 3.11 by .python-version:1
        "#]],
    );
    version(
        "//- /.python-version -> ../python\n",
        expect![[r#"
        Error python/broken-link: .python-version is a link to ../python, which is outside of the tree
          fix: let .python-version link to a file of the tree, or make it a file of its own
    "#]],
    );
}
