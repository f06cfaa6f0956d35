//! Applications below the top of the source, and what the top says of them.

use expect_test::{Expect, expect};

use super::{Part, check};

fn told(text: &str, expected: Expect) {
    check(text, &[Part::Processes, Part::Reasons], expected);
}

const BACKEND: &str = "//- /backend/requirements.txt\nfastapi\nuvicorn\n//- /backend/app/__init__.py\n\
    //- /backend/app/main.py\nfrom fastapi import FastAPI\napp = FastAPI()\n\
    //- /frontend/index.html\n<p>\n//- /worker/requirements.txt\ncelery\n//- /worker/main.py\nprint()\n";

#[test]
fn a_command_that_enters_a_directory_says_where_the_application_is() {
    let railway = "//- /railway.toml\n[build]\nbuilder = \"NIXPACKS\"\nbuildCommand = \"pip install -r backend/requirements.txt\"\n\
        [deploy]\nstartCommand = \"cd backend && uvicorn app.main:app --port $PORT\"\n";
    told(
        &format!("{railway}{BACKEND}"),
        expect![[r#"
        web: uvicorn app.main:app --port $PORT
        directory = backend by railway.toml:5
        language = python (has a web application or a declared process) by railway.toml:5
        python version = 3.13 by default: the newest Python of the current Debian
        python package manager = pip by railway.toml:3
        python framework = fastapi by backend/app/main.py:2
        application = app.main:app by backend/app/main.py:2
        process web = uvicorn app.main:app --port $PORT by railway.toml:5
          not uvicorn app.main:app --host 0.0.0.0 --port $PORT by detected: FastAPI application `app` in backend/app/main.py:2
        Info railway/deprecated: railway.toml is of a kind that Railway reads until 2026-12-01
          why: Railway replaces it by `.railway/railway.ts`, which is a program and is not read
        Info plan/install-known: railway.toml:3: `pip install -r requirements.txt` is left to the steps of python
          why: they install the same packages from their manifests alone, so that an edit of the source does not run them again
    "#]],
    );
}

#[test]
fn a_build_that_needs_the_top_is_said() {
    let railway = "//- /railway.toml\n[build]\nbuildCommand = \"make all\"\n\
        [deploy]\nstartCommand = \"cd backend && uvicorn app.main:app --port $PORT\"\n";
    told(
        &format!("{railway}{BACKEND}"),
        expect![[r#"
        Error plan/application-below: railway.toml:4 starts an application in `backend`, and railway.toml:2 builds it at the top
          why: `make all` does not go to `backend`, and at the top there is no application
          fix: begin the command with `cd backend && `, or choose the directory with `--root backend`
    "#]],
    );
}

#[test]
fn a_program_that_nothing_at_the_top_brings() {
    told(
        &format!("//- /Procfile\nweb: uvicorn backend.app.main:app --port $PORT\n{BACKEND}"),
        expect![[r#"
        Error plan/application-below: Procfile:1 starts `uvicorn`, and no language is recognised at the top of the source
          why: nothing there would install `uvicorn`; below there is `backend` (python has a web application or a declared process); `worker` (python has a program)
          fix: choose with `--root backend`, or begin the command with `cd backend && `
    "#]],
    );
}

#[test]
fn what_is_wrong_at_the_top_ends_the_plan() {
    told(
        "//- /requirements.txt\nflask\n\n??? nothing\n//- /web/app.py\nfrom flask import Flask\napp = Flask(__name__)\n",
        expect![[r#"
            Error python/requirement-unreadable: requirements.txt:3: `??? nothing` is not a requirement
              why: Expected package name starting with an alphanumeric character, found `?`
              fix: write it as `name`, `name==1.2` or `name[extra]>=1; python_version >= "3.11"`
        "#]],
    );
}
