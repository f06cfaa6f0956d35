//! Lists that float, besides requirements files: setuptools, dynamic dependencies, conda; and what
//! is added to them: servers that a declared process starts, credentials.

use expect_test::{Expect, expect};
use packwright_buildpack::planner::Credential;

use super::{Part, check, check_with};

fn steps(text: &str, expected: Expect) {
    check(text, &[Part::Steps, Part::Reasons], expected);
}

const APP: &str = "//- /app.py\nfrom flask import Flask\napp = Flask(__name__)\n";

#[test]
fn a_setup_that_is_written_down() {
    let setup = "//- /setup.py\nfrom setuptools import setup\nsetup(\n    name='shop',\n    python_requires='>=3.9',\n    install_requires=['flask', 'gunicorn>=20'],\n)\n";
    steps(
        &format!("{APP}{setup}"),
        expect![[r#"
            python.resolve fetch resolves
              $ printf '%s\n' flask 'gunicorn>=20' | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt -
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
            language = python (has a web application or a declared process) by detected: Flask application `app` in app.py:2
            python version = 3.13 by setup.py:4
            python package manager = setuptools by setup.py
            python framework = flask by app.py:2
            application = app:app by app.py:2
        "#]],
    );
}

#[test]
fn a_setup_in_its_config() {
    let config = "//- /setup.py\nimport setuptools\nsetuptools.setup()\n//- /setup.cfg\n[metadata]\nname = shop\n\
                  [options]\npython_requires = >=3.11,<3.13\ninstall_requires =\n    flask>=3\n    # the server\n    gunicorn\n\
                  [options.extras_require]\ntest = pytest\n";
    check(
        &format!("{APP}{config}"),
        &[Part::Suite, Part::Versions, Part::Steps],
        expect![[r#"
            suite bookworm
            python 3.11 by setup.cfg:4
            python.resolve fetch resolves
              $ printf '%s\n' 'flask>=3' gunicorn | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.11 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt -
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.11 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            python.backend fetch resolves
              $ printf '%s\n' 'setuptools>=40.8.0' wheel | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.11 --generate-hashes --no-header --no-annotate --output-file /packwright/python/backend.txt -
              > packwright/python/backend.txt
            python.backends fetch
              < python.backend
              $ /usr/bin/python3.11 -m venv --without-pip /opt/backend
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
fn a_setup_that_must_run() {
    let setup = "//- /setup.py\nfrom setuptools import setup\nsetup(name='shop', install_requires=open('r.txt').read().split())\n";
    check(
        &format!("{APP}{setup}"),
        &[Part::Steps],
        expect![[r#"
            python.resolve fetch resolves
              < source **/__init__.py **/{_version,__version__,version,__about__,about}.py *.md *.rst *.txt CHANGE* LICENSE* MANIFEST.in README* VERSION* pyproject.toml requirements/** setup.cfg setup.py
              $ printf '%s\n' gunicorn | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt --refresh setup.py -
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
fn dependencies_that_only_the_backend_knows() {
    let project = "//- /pyproject.toml\n[project]\nname = \"x\"\ndynamic = [\"version\", \"dependencies\"]\n\
                   [build-system]\nrequires = [\"setuptools\", \"setuptools-scm>=8\"]\n";
    steps(
        &format!("{APP}{project}"),
        expect![[r#"
            python.resolve fetch resolves
              < source **/__init__.py **/{_version,__version__,version,__about__,about}.py *.md *.rst *.txt CHANGE* LICENSE* MANIFEST.in README* VERSION* pyproject.toml requirements/** setup.cfg setup.py
              $ printf '%s\n' gunicorn | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt --refresh pyproject.toml -
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            python.backend fetch resolves
              $ printf '%s\n' setuptools 'setuptools-scm>=8' wheel | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/backend.txt -
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
            language = python (has a web application or a declared process) by detected: Flask application `app` in app.py:2
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by pyproject.toml
            python framework = flask by app.py:2
            application = app:app by app.py:2
            Info python/server-added: gunicorn is installed although the project does not ask for it
              why: the application needs a server that listens on PORT
              fix: add gunicorn to the requirements, to choose its version yourself
            Info python/version-pretended: the project is built as version 0.0.0
              why: its version comes from version control, which is no part of the source tree
              fix: set SETUPTOOLS_SCM_PRETEND_VERSION with `--env` to build it as another version
        "#]],
    );
}

#[test]
fn a_conda_environment() {
    let environment = "//- /environment.yml\nname: shop\nchannels:\n  - conda-forge\n  - defaults\ndependencies:\n  - python=3.11\n  \
                       - pip\n  - flask=3.0  # the framework\n  - conda-forge::pandas>=2,<3\n  - pytorch=2.4.0=cpu_0\n  - pip:\n      \
                       - gunicorn==23.0.0\n      - celery[redis]\n";
    steps(
        &format!("{APP}{environment}"),
        expect![[r#"
            python.resolve fetch resolves
              $ printf '%s\n' 'flask==3.0.*' 'pandas>=2,<3' torch==2.4.0 gunicorn==23.0.0 'celery[redis]' | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.11 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt -
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.11 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            language = python (has a web application or a declared process) by detected: Flask application `app` in app.py:2
            python version = 3.11 by environment.yml:6
            python package manager = conda by environment.yml
            python framework = flask by app.py:2
            application = app:app by app.py:2
            Info python/conda-names: environment.yml: conda's packages are installed from Python's index: pytorch as torch
        "#]],
    );
}

#[test]
fn a_conda_environment_with_what_only_conda_has() {
    let environment = "//- /environment.yml\ndependencies:\n- python\n- cudatoolkit=11.8\n- flask\n- r-base\n- pip:\n  - -r more.txt\n";
    steps(
        &format!("{APP}{environment}"),
        expect![[r#"
        Error python/requirement-unreadable: environment.yml:7: `-r more.txt` is not a requirement
          why: options and paths are not read here
          fix: write it as `name`, `name==1.2` or `name[extra]>=1; python_version >= "3.11"`
        Error python/conda-only: environment.yml:3: only conda has, or may have, cudatoolkit, r-base
          why: conda's packages are installed from Python's index, and these are not known to be there
          fix: move those that are on Python's index to the `pip:` part, and leave out the others
    "#]],
    );
}

#[test]
fn a_server_that_a_procfile_names() {
    let tree = |line: &str| format!("{APP}//- /requirements.txt\nflask\n//- /Procfile\n{line}\n");
    let parts = [Part::Steps, Part::Processes, Part::Remarks];
    // Nothing is added to what runs something else.
    check(
        &tree("web: python app.py"),
        &parts,
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
            web: python app.py
        "#]],
    );
    check(
        &tree("web: hypercorn app:app -b 0.0.0.0:$PORT"),
        &parts,
        expect![[r#"
            python.resolve fetch resolves
              < source requirements.txt
              $ printf '%s\n' hypercorn | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt requirements.txt -
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            web: hypercorn app:app -b 0.0.0.0:$PORT
            Info python/server-added: hypercorn is installed although the project does not ask for it
              why: Procfile:1 starts it
              fix: add hypercorn to the requirements, to choose its version yourself
        "#]],
    );
    check(
        &tree("web: exec gunicorn -k uvicorn.workers.UvicornWorker app:app"),
        &[Part::Remarks],
        expect![[r#"
        Info python/server-added: gunicorn is installed although the project does not ask for it
          why: Procfile:1 starts it
          fix: add gunicorn to the requirements, to choose its version yourself
        Info python/server-added: uvicorn is installed although the project does not ask for it
          why: Procfile:1 starts it
          fix: add uvicorn to the requirements, to choose its version yourself
    "#]],
    );
    // A worker says nothing about the web process.
    check(
        &tree("worker: python work.py"),
        &[Part::Processes, Part::Remarks],
        expect![[r#"
        worker: python work.py
        Info python/server-added: gunicorn is installed although the project does not ask for it
          why: the application needs a server that listens on PORT
          fix: add gunicorn to the requirements, to choose its version yourself
    "#]],
    );
    let options = packwright_buildpack::planner::PlanOptions {
        start: Some("waitress-serve app:app".to_owned()),
        ..Default::default()
    };
    check_with(
        &format!("{APP}//- /requirements.txt\nflask\n"),
        &options,
        &[Part::Remarks],
        expect![[r#"
        Info python/server-added: waitress is installed although the project does not ask for it
          why: --start waitress-serve app:app starts it
          fix: add waitress to the requirements, to choose its version yourself
    "#]],
    );
}

#[test]
fn a_secret_called_netrc() {
    let options = packwright_buildpack::planner::PlanOptions {
        secrets: vec!["netrc".parse().unwrap()],
        ..Default::default()
    };
    let tree = packwright_buildpack::planner::MemoryTree::parse(&format!(
        "{APP}//- /requirements.txt\nflask\ngunicorn\n"
    ));
    let plan = super::planned(&tree, &options).unwrap();
    for name in ["python.resolve", "python.install"] {
        let step = plan.steps.iter().find(|step| step.name.as_str() == name).unwrap();
        assert_eq!(step.environment["NETRC"], "/run/secrets/netrc", "{name}");
        assert_eq!(step.secrets.len(), 1, "{name}");
        assert_eq!(step.credentials["netrc"], Credential::Netrc, "{name}");
    }
}

/// Each step with what its credentials are for, without those of the client's own list.
fn bound(files: &str) -> Vec<String> {
    let tree = packwright_buildpack::planner::MemoryTree::parse(&format!("{APP}{files}"));
    let plan = super::planned(&tree, &Default::default()).unwrap();
    let mut lines = Vec::new();
    for step in &plan.steps {
        for (name, credential) in step.credentials.iter().filter(|(name, _)| !name.contains('*')) {
            match credential {
                Credential::Hosts(hosts) => {
                    lines.push(format!("{}: {name} for {}", step.name, hosts.join(" ")))
                }
                Credential::Netrc => lines.push(format!("{}: {name}", step.name)),
            }
        }
    }
    lines
}

#[test]
fn credentials_are_for_the_hosts_that_lists_name_beside_them() {
    let found = bound(
        "//- /requirements.txt\n--extra-index-url https://${SHOP_USER}:${SHOP_PASSWORD}@shop.test/simple\n\
         flask\nmine @ git+https://${GIT_TOKEN}@git.test/mine.git\n",
    );
    let expected = [
        "python.resolve: GIT_TOKEN for https://git.test/",
        "python.resolve: SHOP_PASSWORD for https://shop.test/",
        "python.resolve: SHOP_USER for https://shop.test/",
        "python.install: GIT_TOKEN for https://git.test/",
        "python.install: SHOP_PASSWORD for https://shop.test/",
        "python.install: SHOP_USER for https://shop.test/",
    ];
    assert_eq!(found, expected);
}

#[test]
fn credentials_of_a_named_index_are_for_its_host() {
    let found = bound(
        "//- /pyproject.toml\n[project]\nname = \"a\"\nversion = \"1\"\ndependencies = [\"flask\"]\n\
         [[tool.uv.index]]\nname = \"my-shop\"\nurl = \"https://shop.test/simple\"\n",
    );
    let mut expected = Vec::new();
    for step in ["python.resolve", "python.install"] {
        for what in ["PASSWORD", "USERNAME"] {
            expected.push(format!("{step}: UV_INDEX_MY_SHOP_{what} for https://shop.test/simple"));
        }
    }
    assert_eq!(found, expected);
}

/// The form that conda writes is only one of YAML's.
#[test]
fn conda_in_the_flow_form() {
    check(
        "//- /main.py\n//- /environment.yml\ndependencies: [python=3.11, \"flask\", {pip: [humanize]}]\n",
        &[Part::Suite, Part::Versions, Part::Remarks],
        expect![[r#"
            suite bookworm
            python 3.11 by environment.yml:1
        "#]],
    );
    check(
        "//- /main.py\n//- /environment.yml\ndependencies: [a\n",
        &[],
        expect![[r#"
        Error python/broken-manifest: environment.yml:1:15 is not valid YAML
          why: unclosed bracket '['
          fix: correct line 1 of environment.yml
    "#]],
    );
}
