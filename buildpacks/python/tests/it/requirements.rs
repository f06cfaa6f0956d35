//! `requirements.txt` in all its forms.

use expect_test::{Expect, expect};

use packwright_buildpack::planner::MemoryTree;

use super::{Part, check, planned};

fn requirements(text: &str, expected: Expect) {
    check(&format!("//- /main.py\nprint()\n//- /requirements.txt\n{text}"), &[Part::Steps], expected);
}

const HASH: &str = "--hash=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn loose() {
    requirements(
        "# a comment\nhumanize>=4 # another\n\nrequests[socks] ; python_version < '4'\n",
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
        "#]],
    );
}

#[test]
fn hashed() {
    requirements(
        &format!("humanize==4.1 \\\n    {HASH} \\\n    {HASH}\n"),
        expect![[r#"
            python.install fetch
              < source requirements.txt
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
        "#]],
    );
}

#[test]
fn hashed_with_markers_and_includes_and_crlf() {
    requirements(
        &format!(
            "-r reqs/base.txt\r\n-c constraints.txt\r\nrequests==2 ; sys_platform == 'win32' \\\r\n  {HASH}\r\n\
             //- /reqs/base.txt\n-r ../requirements.txt\n--requirement=more.txt\n\
             //- /reqs/more.txt\nhumanize==4.1 {HASH}\n//- /constraints.txt\nurllib3<3\n"
        ),
        expect![[r#"
            python.install fetch
              < source requirements.txt reqs/base.txt reqs/more.txt constraints.txt
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
        "#]],
    );
}

#[test]
fn some_hashes_missing() {
    requirements(
        &format!("a==1 {HASH}\nb==1\n"),
        expect![[r#"
        Error python/hash-missing: requirements.txt:2: b has no hash
          why: requirements.txt:1 asks for hashes, and then pip wants one for every requirement
          fix: give all requirements hashes (`pip-compile --generate-hashes`), or none
    "#]],
    );
}

#[test]
fn hashes_asked_for_and_missing() {
    requirements(
        "--require-hashes\na==1\n",
        expect![[r#"
        Error python/hash-missing: requirements.txt:2: a has no hash
          why: requirements.txt:2 asks for hashes, and then pip wants one for every requirement
          fix: give all requirements hashes (`pip-compile --generate-hashes`), or none
    "#]],
    );
}

#[test]
fn a_hash_that_is_none() {
    requirements(
        "a==1 --hash=sha256:xyz\n",
        expect![[r#"
        Error python/requirement-option: requirements.txt:1: the option `--hash=sha256:xyz` is not understood
          fix: leave the option out; see the list of options in the buildpack's README
    "#]],
    );
}

#[test]
fn options() {
    requirements(
        "-i https://index.example/simple\n--extra-index-url=https://more.example/simple\n-f wheels\n\
         --find-links https://links.example/\n--no-binary a,b\n--only-binary :all:\n--pre\n--prefer-binary\n\
         --trusted-host index.example\na\n//- /wheels/a.whl\n",
        expect![[r#"
            python.resolve fetch resolves
              < source requirements.txt wheels
              $ /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt --default-index https://index.example/simple --index https://more.example/simple --find-links /app/wheels --find-links https://links.example/ --no-binary a --no-binary b --only-binary :all: --prerelease allow --allow-insecure-host index.example --index-strategy unsafe-best-match requirements.txt
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              < source requirements.txt wheels
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --default-index https://index.example/simple --index https://more.example/simple --find-links /app/wheels --find-links https://links.example/ --no-binary a --no-binary b --only-binary :all: --prerelease allow --allow-insecure-host index.example --index-strategy unsafe-best-match -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
        "#]],
    );
}

#[test]
fn variables_in_options() {
    requirements(
        "--index-url https://${INDEX_USER}:${INDEX_TOKEN}@index.example/simple\na\n",
        expect![[r#"
            python.resolve fetch resolves
              < source requirements.txt
              $ /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt --default-index "https://${INDEX_USER}:${INDEX_TOKEN}@index.example/simple" requirements.txt
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --default-index "https://${INDEX_USER}:${INDEX_TOKEN}@index.example/simple" -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
        "#]],
    );
}

#[test]
fn options_beside_hashes_and_an_added_server() {
    check(
        &format!(
            "//- /app.py\nfrom flask import Flask\napp = Flask('x')\n\
             //- /requirements.txt\n--index-url https://index.example/simple\nflask==3.0 {HASH}\n"
        ),
        &[Part::Steps],
        expect![[r#"
            python.server fetch resolves
              < source requirements.txt
              $ printf '%s\n' gunicorn | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/server.txt --default-index https://index.example/simple --constraint requirements.txt -
              > packwright/python/server.txt
            python.install fetch
              < source requirements.txt
              < python.server
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --default-index https://index.example/simple -r requirements.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes --default-index https://index.example/simple -r /packwright/python/server.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
        "#]],
    );
}

#[test]
fn a_missing_include() {
    requirements(
        "a\n\n-r nowhere.txt\n",
        expect![[r#"
        Error python/include-missing: requirements.txt:3 includes nowhere.txt, which is not there
          fix: correct the path; an ignored file counts as missing
    "#]],
    );
}

#[test]
fn an_include_that_leaves_the_tree() {
    requirements(
        "-r ../other/requirements.txt\n-c /etc/passwd\n",
        expect![[r#"
        Error python/include-escapes: requirements.txt:1: `../other/requirements.txt` is outside of the source tree
          fix: name a file of the source tree, relative to the file that names it
        Error python/include-escapes: requirements.txt:2: `/etc/passwd` is outside of the source tree
          fix: name a file of the source tree, relative to the file that names it
    "#]],
    );
}

#[test]
fn an_include_from_the_network() {
    requirements(
        "-r https://files.example/requirements.txt\n",
        expect![[r#"
        Error python/include-remote: requirements.txt:1: `https://files.example/requirements.txt` is not a file of the source tree
          why: the plan would depend on what a server says today
          fix: keep a copy of the file in the source tree
    "#]],
    );
}

#[test]
fn all_problems_at_once() {
    requirements(
        "flask=3\n-e .\n./vendor/a\ngit+https://git.example/x.git\nx @ git+https://git.example/x.git\n\
         https://files.example/x-1.0-py3-none-any.whl\n--frobnicate\n-r\n'open\n-i 'open\n",
        expect![[r#"
            Error python/requirement-unreadable: requirements.txt:1: `flask=3` is not a requirement
              why: no such comparison operator "=", must be one of ~= == != <= >= < > ===
              fix: write it as `name`, `name==1.2` or `name[extra]>=1; python_version >= "3.11"`
            Error python/local-package: requirements.txt:2 names the directory `.`, which is no package
              why: there is no pyproject.toml, setup.py or setup.cfg in it
              fix: correct the path, or describe the package in a pyproject.toml; an ignored file counts as missing
            Error python/local-package: requirements.txt:3 names the directory `vendor/a`, which is no package
              why: there is no pyproject.toml, setup.py or setup.cfg in it
              fix: correct the path, or describe the package in a pyproject.toml; an ignored file counts as missing
            Error python/requirement-option: requirements.txt:7: the option `--frobnicate` is not understood
              fix: leave the option out; see the list of options in the buildpack's README
            Error python/requirement-option: requirements.txt:8: the option `-r` has no value
              fix: write the value behind the option
            Error python/requirement-unreadable: requirements.txt:9: `'open` is not a requirement
              why: Expected package name starting with an alphanumeric character, found `'`
              fix: write it as `name`, `name==1.2` or `name[extra]>=1; python_version >= "3.11"`
            Error python/requirement-unreadable: requirements.txt:10: `-i 'open` is not a requirement
              why: a quote is not closed
              fix: write it as `name`, `name==1.2` or `name[extra]>=1; python_version >= "3.11"`
        "#]],
    );
}

#[test]
fn an_archive_by_its_address() {
    requirements(
        "x @ https://files.example/x-1.0-py3-none-any.whl ; python_version > '3'\n",
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
        "#]],
    );
}

#[test]
fn an_empty_file() {
    requirements(
        "# nothing yet\n",
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
        "#]],
    );
}

#[test]
fn not_text() {
    let mut tree = packwright_buildpack::planner::MemoryTree::parse("//- /main.py\n");
    tree.add("requirements.txt".parse().unwrap(), b"fl\xffask".to_vec());
    expect![[r#"
        Error python/unreadable: `requirements.txt` is not UTF-8 text (byte 2)
          fix: save requirements.txt as UTF-8 text that can be read
    "#]]
    .assert_eq(&super::HARNESS.told(&super::planned(&tree, &Default::default()), &[]));
}

#[test]
fn source_only_requirements_bring_a_compiler() {
    check(
        "//- /main.py\n//- /requirements.txt\npsycopg2>=2.9\n",
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
    check(
        "//- /main.py\n//- /requirements.txt\npsycopg2-binary>=2.9\nmysqlclient ; sys_platform == 'win32'\n",
        &[Part::Packages],
        expect![[r#"
            Run Runtime python3.13-minimal
            Run Runtime libpython3.13-stdlib
            Run Runtime libstdc++6
            Run Runtime media-types
            Run Runtime netbase
            Build Runtime python3-pip-whl
        "#]],
    );
}

#[test]
fn what_imports_pkg_resources_gets_a_setuptools_that_has_it() {
    let resolved = |list: &str| {
        let tree = MemoryTree::parse(&format!("//- /main.py\nprint()\n//- /requirements.txt\n{list}"));
        let plan = super::planned(&tree, &Default::default()).unwrap();
        let step = plan.steps.iter().find(|step| step.name.as_str() == "python.resolve").unwrap();
        let told = plan.diagnostics.iter().filter(|told| told.code == "python/setuptools-added");
        (step.commands[0].to_string().starts_with("printf '%s\\n' 'setuptools<82' |"), told.count())
    };
    assert_eq!(resolved("gunicorn==20.1.0\n"), (true, 1));
    assert_eq!(resolved("Gunicorn==20.0.4\nflask\n"), (true, 1));
    assert_eq!(resolved("gunicorn==21.2.0\n"), (false, 0));
    assert_eq!(resolved("gunicorn\n"), (false, 0));
    assert_eq!(resolved("gunicorn==20.1.0\nsetuptools==75.0.0\n"), (false, 0));
}

#[test]
fn a_list_that_is_a_link() {
    check(
        "//- /main.py\n//- /requirements.txt -> requirements/prod.txt\n//- /requirements/prod.txt\nhumanize\n",
        &[Part::Steps],
        expect![[r#"
            python.resolve fetch resolves
              < source requirements.txt requirements/prod.txt
              $ /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt requirements.txt
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
        "#]],
    );
}

#[test]
fn a_repository_whose_address_is_a_variable() {
    check(
        "//- /main.py\n//- /requirements.txt\nflask\n-e git+${LIB_URL}@3.0.2#egg=markupsafe\n",
        &[Part::Steps, Part::Remarks],
        expect![[r#"
            python.resolve fetch resolves
              < source requirements.txt
              $ /usr/bin/python3.13 -c 'import re, sys …
              $ /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt requirements.txt
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
        "#]],
    );
}

#[test]
fn a_list_in_utf_16() {
    let mut tree = MemoryTree::parse("//- /main.py\n");
    let bytes: Vec<u8> =
        "\u{feff}flask==3.1.0\r\ngunicorn==23.0.0\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    tree.add("requirements.txt".parse().unwrap(), bytes);
    let plan = planned(&tree, &Default::default()).unwrap();
    assert!(plan.steps.iter().any(|step| step.name.as_str() == "python.resolve"));
    assert!(plan.environment.contains_key("XDG_RUNTIME_DIR"), "gunicorn is known");
}

#[test]
fn a_list_that_setup_py_has_in_a_variable() {
    let setup = |rest: &str| {
        format!(
            "//- /main.py\nfrom aiohttp import web\nweb.run_app(web.Application())\n//- /setup.py\nfrom setuptools import setup\nneeds = ['aiohttp']\n{rest}setup(name='x', install_requires=needs)\n"
        )
    };
    check(
        &setup(""),
        &[Part::Remarks],
        expect![[r#"
        Warning python/port-fixed: main.py:2 listens on port 8080, whatever PORT says
          why: the platform that runs the image says in PORT where requests will arrive
          fix: write `port=int(os.environ.get("PORT", 8080))` there
    "#]],
    );
    // Only running it tells what is needed: nothing is said to be missing.
    check(
        &setup("needs.append('flask')\n"),
        &[Part::Remarks],
        expect![[r#"
        Warning python/port-fixed: main.py:2 listens on port 8080, whatever PORT says
          why: the platform that runs the image says in PORT where requests will arrive
          fix: write `port=int(os.environ.get("PORT", 8080))` there
    "#]],
    );
}
