//! For which Python the packages of a project were published, and what that decides.

use expect_test::{Expect, expect};

use packwright_buildpack::planner::MemoryTree;

use super::{Part, check};

const BOT: &str = "//- /bot.py\nprint()\n";

fn poetry(python: &str, files: &[&str], expected: Expect) {
    let files: Vec<String> =
        files.iter().map(|file| format!("{{file = \"{file}\", hash = \"sha256:00\"}}")).collect();
    check(
        &format!(
            "//- /pyproject.toml\n[tool.poetry]\nname = \"x\"\npackage-mode = false\n\
             [tool.poetry.dependencies]\npython = \"{python}\"\ncffi = \"*\"\n\
             //- /poetry.lock\n[[package]]\nname = \"cffi\"\nversion = \"1.16.0\"\noptional = false\n\
             python-versions = \">=3.8\"\nfiles = [{}]\n\
             [metadata]\nlock-version = \"2.0\"\npython-versions = \"{python}\"\n{BOT}",
            files.join(", ")
        ),
        &[Part::Suite, Part::Versions, Part::Remarks],
        expected,
    );
}

const OF_311: &str = "cffi-1.16.0-cp311-cp311-manylinux_2_17_x86_64.whl";
const OF_312: &str = "cffi-1.16.0-cp312-cp312-manylinux_2_17_x86_64.whl";
const OF_313: &str = "cffi-1.16.0-cp313-cp313-manylinux_2_17_x86_64.whl";

#[test]
fn a_lock_from_before_the_newest_python() {
    poetry(
        "^3.10",
        &[OF_311, "cffi-1.16.0.tar.gz"],
        expect![[r#"
            suite bookworm
            python 3.11 by pyproject.toml:5
            Info python/version-with-wheels: Python is 3.11 and not 3.13
              why: in the versions that are asked for, these are not made for Python 3.13: cffi
              fix: update them, or write 3.13 into .python-version to have it all the same
        "#]],
    );
    poetry(
        "^3.10",
        &[OF_311, OF_313],
        expect![[r#"
        suite trixie
        python 3.13 by pyproject.toml:5
    "#]],
    );
    // The range leaves no choice.
    poetry(
        "^3.13",
        &[OF_311, "cffi-1.16.0.tar.gz"],
        expect![[r#"
        suite trixie
        python 3.13 by pyproject.toml:5
        Info python/built-from-source: cffi is built from source, for which a compiler is brought
          why: poetry.lock holds no wheel for Python 3.13 on Linux
    "#]],
    );
    // What Debian lacks is not taken for it, and said.
    poetry(
        "^3.12",
        &[OF_312, "cffi-1.16.0.tar.gz"],
        expect![[r#"
        suite trixie
        python 3.13 by pyproject.toml:5
        Info python/built-from-source: cffi is built from source, for which a compiler is brought
          why: poetry.lock holds no wheel for Python 3.13 on Linux
          fix: write 3.12 into .python-version, for which it holds more of them, or update poetry.lock
    "#]],
    );
}

fn listed(requirements: &str, more: &str, expected: Expect) {
    check(
        &format!("//- /requirements.txt\n{requirements}\n{more}{BOT}"),
        &[Part::Suite, Part::Versions, Part::Remarks],
        expected,
    );
}

#[test]
fn pinned_versions_from_before_the_newest_python() {
    listed(
        "psycopg2-binary==2.9.9",
        "",
        expect![[r#"
            suite bookworm
            python 3.11 by requirements.txt:1
            Info python/version-with-wheels: Python is 3.11 and not 3.13
              why: in the versions that are asked for, these are not made for Python 3.13: psycopg2-binary
              fix: update them, or write 3.13 into .python-version to have it all the same
        "#]],
    );
    listed(
        "psycopg2-binary==2.9.10",
        "",
        expect![[r#"
        suite trixie
        python 3.13 by default: the newest Python of the current Debian
    "#]],
    );
    listed(
        "psycopg2-binary>=2.9.9",
        "",
        expect![[r#"
        suite trixie
        python 3.13 by default: the newest Python of the current Debian
    "#]],
    );
    listed(
        "psycopg2-binary==2.9.9 ; sys_platform == 'win32'",
        "",
        expect![[r#"
        suite trixie
        python 3.13 by default: the newest Python of the current Debian
    "#]],
    );
    // Who names a version gets it, and what building needs.
    listed(
        "psycopg2-binary==2.9.9",
        "//- /.python-version\n3.13\n",
        expect![[r#"
            suite trixie
            python 3.13 by .python-version:1
            Info python/built-from-source: psycopg2-binary is built from source, for which a compiler is brought
              why: the versions that are asked for have no wheel for Python 3.13
              fix: ask for newer versions, or for an older Python
        "#]],
    );
}

#[test]
fn wheels_that_are_forbidden() {
    let tree = |option: &str| format!("//- /requirements.txt\nlxml\nrequests\n{option}\n{BOT}");
    check(
        &tree("--no-binary lxml"),
        &[Part::Packages, Part::Remarks],
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
            Build System libxml2-dev
            Build System libxslt1-dev
            Info python/built-from-source: lxml is built from source, for which a compiler is brought
              why: requirements.txt:3 says `--no-binary`
        "#]],
    );
    check(
        &tree("--no-binary :none:"),
        &[Part::Packages, Part::Remarks],
        expect![[r#"
        Run Runtime python3.13-minimal
        Run Runtime libpython3.13-stdlib
        Run Runtime libstdc++6
        Run Runtime media-types
        Run Runtime netbase
        Build Runtime python3-pip-whl
    "#]],
    );
    check(
        &tree("--no-binary :all:"),
        &[Part::Remarks],
        expect![[r#"
            Info python/built-from-source: lxml, requests are built from source, for which a compiler is brought
              why: requirements.txt:3 says `--no-binary`
        "#]],
    );
}

#[test]
fn what_the_lock_holds_as_source_alone_gets_its_libraries() {
    let lock = "//- /uv.lock\nversion = 1\nrequires-python = \">=3.13\"\n\
        [[package]]\nname = \"x\"\nversion = \"1\"\nsource = { virtual = \".\" }\n\
        dependencies = [{ name = \"psycopg2-binary\" }]\n\
        [[package]]\nname = \"psycopg2-binary\"\nversion = \"2.9.9\"\n\
        source = { registry = \"https://index.example/simple\" }\n\
        sdist = { url = \"https://files.example/psycopg2-binary-2.9.9.tar.gz\", hash = \"sha256:00\" }\n";
    let project = "//- /pyproject.toml\n[project]\nname = \"x\"\nversion = \"1\"\nrequires-python = \">=3.13\"\n\
        dependencies = [\"psycopg2-binary\"]\n";
    check(
        &format!("{project}{lock}{BOT}"),
        &[Part::Packages],
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
            Build System libpq-dev
        "#]],
    );
}

/// Code that imports what a Python has no more is as bad as a missing wheel.
#[test]
fn releases_that_do_not_run_on_the_newest_python() {
    let chosen = |text: &str| {
        let plan = super::planned(&MemoryTree::parse(text), &Default::default()).unwrap();
        let told = plan.diagnostics.iter().any(|told| told.code == "python/version-with-wheels");
        let compiles = plan.packages.iter().any(|package| package.name == "gcc");
        (plan.versions[0].wanted.clone(), told, compiles)
    };
    let list = |line: &str| chosen(&format!("//- /requirements.txt\n{line}\n{BOT}"));
    assert_eq!(list("django==4.0.10"), ("3.11".to_owned(), true, false));
    assert_eq!(list("django==4.1"), ("3.13".to_owned(), false, false));
    let locked = |file: &str| {
        chosen(&format!(
            "//- /pyproject.toml\n[tool.poetry]\nname = \"x\"\npackage-mode = false\n\
             [tool.poetry.dependencies]\npython = \"^3.8\"\ndjango = \"*\"\n\
             //- /poetry.lock\n[[package]]\nname = \"django\"\nversion = \"4.0\"\noptional = false\n\
             python-versions = \">=3.8\"\nfiles = [{{file = \"{file}\", hash = \"sha256:00\"}}]\n\
             [metadata]\nlock-version = \"2.0\"\npython-versions = \"^3.8\"\n{BOT}"
        ))
    };
    assert_eq!(locked("Django-4.0-py3-none-any.whl"), ("3.11".to_owned(), true, false));
    assert_eq!(locked("Django-5.2-py3-none-any.whl"), ("3.13".to_owned(), false, false));
}
