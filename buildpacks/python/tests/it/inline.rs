//! What scripts, and lists beside them, ask for: the block of PEP 723, `packages.txt`, browsers.

use expect_test::{Expect, expect};

use packwright_buildpack::planner::LayerKind;

use super::{MemoryTree, Part, PlanOptions, check, check_with, planned, with_env};

const SCRIPT: &str = "//- /main.py\n# /// script\n# requires-python = \">=3.11,<3.13\"\n\
    # dependencies = [\"flask\", \"waitress\"]\n# ///\nimport os\nfrom flask import Flask\nfrom waitress import serve\n\
    app = Flask(__name__)\nif __name__ == '__main__':\n    serve(app, host='0.0.0.0', port=int(os.environ['PORT']))\n";

#[test]
fn a_script_says_what_it_needs() {
    check(
        SCRIPT,
        &[Part::Steps, Part::Processes, Part::Reasons],
        expect![[r#"
        python.resolve fetch resolves
          $ printf '%s\n' flask waitress | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.11 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt -
          > packwright/python/requirements.txt
        python.install fetch
          < python.resolve
          $ /usr/bin/python3.11 -m venv --without-pip /opt/venv
          $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
          $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
          > opt/venv Dependencies
        web: waitress-serve --listen=0.0.0.0:$PORT main:app
        language = python (has a web application or a declared process) by detected: Flask application `app` in main.py:8
        python version = 3.11 by main.py:2
        python package manager = pip by main.py:1
        python framework = flask by main.py:8
        application = main:app by main.py:8
    "#]],
    );
}

#[test]
fn a_manifest_counts_before_the_block() {
    check(
        &format!("{SCRIPT}//- /requirements.txt\nflask\n"),
        &[Part::Processes, Part::Remarks],
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT main:app
            Warning python/inline-script: main.py:1 asks for waitress, which requirements.txt does not
              why: requirements.txt says what is installed; the block in the script is read where there is no manifest
              fix: add waitress to requirements.txt
            Info python/server-added: gunicorn is installed although the project does not ask for it
              why: the application needs a server that listens on PORT
              fix: add gunicorn to the requirements, to choose its version yourself
        "#]],
    );
}

#[test]
fn a_block_that_is_wrong() {
    let block = "//- /main.py\n# /// script\n# dependencies = [\"???\"]\n# [tool.uv.sources]\n# a = { git = \"x\" }\n# ///\n";
    check(
        block,
        &[Part::Remarks],
        expect![[r#"
        Error python/inline-script: main.py:1: `tool.uv.sources` in a script is not supported
          why: the block says where uv finds packages, and other installers do not read that
          fix: move what the script needs into a pyproject.toml, with a uv.lock beside it
        Error python/requirement-unreadable: main.py:2: `???` is not a requirement
          why: Expected package name starting with an alphanumeric character, found `?`
          fix: write it as `name`, `name==1.2` or `name[extra]>=1; python_version >= "3.11"`
    "#]],
    );
}

fn packages(text: &str, expected: Expect) {
    check(text, &[Part::Packages, Part::Remarks], expected);
}

#[test]
fn packages_of_streamlit() {
    let list = "//- /packages.txt\nlibgl1-mesa-glx\nffmpeg # for videos\n";
    packages(
        &format!(
            "//- /requirements.txt\nstreamlit\n//- /app.py\nimport streamlit as st\nst.write(1)\n{list}"
        ),
        expect![[r#"
            Run Runtime python3.13-minimal
            Run Runtime libpython3.13-stdlib
            Run Runtime libstdc++6
            Run Runtime media-types
            Run Runtime netbase
            Build Runtime python3-pip-whl
            Run System libgl1
            Run System ffmpeg
        "#]],
    );
    check(
        &format!(
            "//- /requirements.txt\nflask\n//- /app.py\nfrom flask import Flask\napp = Flask('')\n{list}"
        ),
        &[Part::Remarks],
        expect![[r#"
            Info python/packages-file: packages.txt is not read
              why: the places that run applications of Streamlit and Gradio read it, and this is none
              fix: write names of Debian packages into an Aptfile, or into PACKWRIGHT_PACKAGES
            Info python/server-added: gunicorn is installed although the project does not ask for it
              why: the application needs a server that listens on PORT
              fix: add gunicorn to the requirements, to choose its version yourself
        "#]],
    );
}

#[test]
fn browsers_are_said_to_be_missing() {
    let tree = "//- /main.py\n//- /requirements.txt\nplaywright==1.48.0\n";
    check(
        tree,
        &[Part::Remarks],
        expect![[r#"
        Warning python/browser-missing: playwright starts a browser, and none is in the image
          why: its own download of browsers is no package that a lock could hold; Debian's are packages
          fix: add chromium, fonts-liberation with `--env PACKWRIGHT_PACKAGES="chromium fonts-liberation"` or an Aptfile, and start it with `launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])`
    "#]],
    );
    check_with(tree, &with_env([("PACKWRIGHT_PACKAGES", "chromium")]), &[Part::Remarks], expect![[""]]);
}

/// Where the source starts Debian's browser, the image has it.
#[test]
fn a_browser_that_the_source_names() {
    let tree = |path: &str| {
        format!(
            "//- /main.py\nbrowser = playwright.chromium.launch(executable_path='{path}')\n\
             //- /requirements.txt\nplaywright==1.48.0\n"
        )
    };
    let names = |path: &str| {
        let plan = planned(&MemoryTree::parse(&tree(path)), &PlanOptions::default()).unwrap();
        let system = plan.packages.into_iter().filter(|package| package.layer == LayerKind::System);
        system.map(|package| format!("{}: {}", package.name, package.why)).collect::<Vec<_>>()
    };
    assert_eq!(
        names("/usr/bin/chromium"),
        ["chromium: main.py:1 names a program of it", "fonts-liberation: a browser shows text with them"]
    );
    assert!(names("/usr/bin/chromium-browser").is_empty());
}

/// What Heroku downloads besides packages.
#[test]
fn data_of_nltk() {
    let tree = |list: &str| {
        format!("//- /main.py\n//- /nltk.txt\nstopwords\npunkt\n//- /requirements.txt\n{list}\n")
    };
    check(&tree("flask"), &[Part::Remarks], expect![[""]]);
    check(
        &tree("nltk"),
        &[Part::Remarks],
        expect![[r#"
            Warning python/nltk-data: nltk.txt asks for stopwords punkt, which are not in the image
              why: Heroku downloads them in its build; they are no packages, and the steps here download packages alone
              fix: run `python -m nltk.downloader -d nltk_data stopwords punkt` and commit `nltk_data`: NLTK looks for it in HOME, which is the application's directory
        "#]],
    );
}
