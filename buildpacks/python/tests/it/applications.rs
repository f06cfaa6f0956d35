//! Frameworks, entry points, servers, scripts.

use expect_test::{Expect, expect};

use super::{Part, check};

fn app(text: &str, expected: Expect) {
    check(text, &[Part::Processes, Part::Reasons], expected);
}

/// Only the processes and the environment.
fn starts(text: &str, expected: Expect) {
    check(text, &[Part::Processes], expected);
}

fn fastapi(text: &str) -> String {
    format!("//- /requirements.txt\nfastapi\nuvicorn\n{text}")
}

fn flask(text: &str) -> String {
    format!("//- /requirements.txt\nflask\ngunicorn\n{text}")
}

#[test]
fn aliased_annotated_and_dotted() {
    for (text, name) in [
        ("from fastapi import FastAPI as F\napi: F = F()\n", "api"),
        ("import fastapi\n\nservice = fastapi.FastAPI(title=\"x\")\n", "service"),
        ("import fastapi as fa\nif True:\n    app = fa.applications.FastAPI()\n", "app"),
        ("from fastapi import *\ntry:\n    app = FastAPI()\nexcept Exception:\n    raise\n", "app"),
        ("from fastapi import FastAPI\nclass Shop(FastAPI):\n    pass\nshop = Shop()\n", "shop"),
        ("from fastapi import FastAPI\napp = other = FastAPI()\n", "app"),
    ] {
        let tree =
            packwright_buildpack::planner::MemoryTree::parse(&fastapi(&format!("//- /server.py\n{text}")));
        let plan = super::planned(&tree, &Default::default()).unwrap();
        let wanted = format!("uvicorn server:{name} --host 0.0.0.0 --port $PORT");
        assert_eq!(plan.processes[0].command.to_string(), wanted, "{text}");
    }
}

#[test]
fn words_in_comments_and_guarded_objects_are_no_application() {
    app(
        &fastapi(
            "//- /main.py\n# app = FastAPI()\nfrom fastapi import FastAPI\ntext = 'app = FastAPI()'\n\
             if __name__ == '__main__':\n    app = FastAPI()\ndef inner():\n    app = FastAPI()\n",
        ),
        expect![[r#"
            Error python/application-missing: no file makes a FastAPI application
              why: main.py:2 uses FastAPI; looked in the project's modules for a top-level `<name> = FastAPI(…)` or a function without arguments that returns one; main.py:5: makes a FastAPI application where no server can name it
              fix: say how the application starts in a Procfile: `web: <command>`
        "#]],
    );
}

#[test]
fn a_name_of_the_project_is_not_the_framework() {
    app(
        &fastapi("//- /main.py\nfrom shop import FastAPI\nimport fastapi\napp = FastAPI()\n"),
        expect![[r#"
            Error python/application-missing: no file makes a FastAPI application
              why: main.py:2 uses FastAPI; looked in the project's modules for a top-level `<name> = FastAPI(…)` or a function without arguments that returns one
              fix: say how the application starts in a Procfile: `web: <command>`
        "#]],
    );
}

#[test]
fn factories() {
    app(
        &fastapi(
            "//- /shop/app.py\nfrom fastapi import FastAPI\ndef create_app() -> FastAPI:\n    app = FastAPI()\n    return app\n",
        ),
        expect![[r#"
            web: uvicorn --factory shop.app:create_app --host 0.0.0.0 --port $PORT
            language = python (has a web application or a declared process) by detected: FastAPI application `create_app` in shop/app.py:2
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = fastapi by shop/app.py:2
            application = shop.app:create_app() by shop/app.py:2
        "#]],
    );
    starts(
        &flask(
            "//- /shop/__init__.py\nfrom flask import Flask\ndef create_app(config=None):\n    return Flask(__name__)\n",
        ),
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT 'shop:create_app()'
        "#]],
    );
}

#[test]
fn factories_that_need_arguments_are_none() {
    starts(
        &flask(
            "//- /shop/__init__.py\nfrom flask import Flask\ndef create_app(config):\n    return Flask(__name__)\n",
        ),
        expect![[r#"
            Error python/application-missing: no file makes a Flask application
              why: shop/__init__.py:1 uses Flask; looked in the project's modules for a top-level `<name> = Flask(…)` or a function without arguments that returns one; shop/__init__.py:2: `create_app` needs the argument `config`
              fix: say how the application starts in a Procfile: `web: <command>`
        "#]],
    );
}

#[test]
fn an_object_from_a_factory_elsewhere() {
    app(
        &flask(
            "//- /wsgi.py\nfrom shop import create_app\napplication = create_app()\n\
             //- /shop/__init__.py\nfrom flask import Flask\ndef create_app():\n    app = Flask(__name__)\n    return app\n",
        ),
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT wsgi:application
            language = python (has a web application or a declared process) by detected: Flask application `application` in wsgi.py:2
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = flask by wsgi.py:2
            application = wsgi:application by wsgi.py:2
              not shop:create_app() by shop/__init__.py:2
        "#]],
    );
}

#[test]
fn an_object_from_a_factory_that_is_passed_on() {
    starts(
        &flask(
            "//- /wsgi.py\nfrom shop import create_app\napplication = create_app()\n\
             //- /shop/__init__.py\nfrom .factory import create_app\n\
             //- /shop/factory.py\nfrom flask import Flask\ndef create_app():\n    app = Flask(__name__)\n    return app\n",
        ),
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT wsgi:application
        "#]],
    );
}

#[test]
fn an_object_that_stands_above_the_package() {
    let files = "//- /shop/__init__.py\nfrom flask import Flask\ndef create_app():\n    app = Flask(__name__)\n    return app\n\
         //- /shop/tasks.py\nimport flask\nfrom shop import create_app\napp = create_app()\n\
         //- /store.py\nfrom shop import create_app\napp = create_app()\n";
    app(
        &flask(files),
        expect![[r#"
        web: gunicorn --bind 0.0.0.0:$PORT store:app
        language = python (has a web application or a declared process) by detected: Flask application `app` in store.py:2
        python version = 3.13 by default: the newest Python of the current Debian
        python package manager = pip by requirements.txt
        python framework = flask by store.py:2
        application = store:app by store.py:2
          not shop.tasks:app by shop/tasks.py:3
          not shop:create_app() by shop/__init__.py:2
        Warning python/several-applications: there is more than one application; Flask's `store:app` is started
          why: `store:app` stands in store.py:2, `shop.tasks:app` in shop/tasks.py:3
          fix: name the one to start in a Procfile: `web: <command>`
    "#]],
    );
    // Flask's own program is told which one is meant.
    for (value, started) in [
        ("shop/tasks.py", "shop.tasks:app"),
        ("'shop.tasks'", "shop.tasks:app"),
        ("shop.tasks:app", "shop.tasks:app"),
        ("shop:create_app('x')", "'shop:create_app()'"),
        ("nothing.py", "store:app"),
    ] {
        let tree = flask(&format!("{files}//- /.flaskenv\n# for developers\nexport FLASK_APP={value}\n"));
        let plan =
            super::planned(&packwright_buildpack::planner::MemoryTree::parse(&tree), &Default::default())
                .unwrap();
        let wanted = format!("gunicorn --bind 0.0.0.0:$PORT {started}");
        assert_eq!(plan.processes[0].command.to_string(), wanted, "{value}");
    }
}

#[test]
fn an_object_that_a_function_finishes() {
    let object = "//- /shop/__init__.py\nfrom flask import Flask\napp = Flask(__name__)\n";
    let finisher =
        "def create_app(config=None):\n    app.config.update(x=1)\n    from . import views\n    return app\n";
    app(
        &flask(&format!("{object}{finisher}")),
        expect![[r#"
        web: gunicorn --bind 0.0.0.0:$PORT 'shop:create_app()'
        language = python (has a web application or a declared process) by detected: Flask application `create_app` in shop/__init__.py:3
        python version = 3.13 by default: the newest Python of the current Debian
        python package manager = pip by requirements.txt
        python framework = flask by shop/__init__.py:3
        application = shop:create_app() by shop/__init__.py:3
    "#]],
    );
    // Called on import, with routes of its own, or given routes elsewhere, it is whole.
    for more in [
        "create_app()\n",
        "@app.route('/')\ndef index():\n    pass\n",
        "//- /shop/views.py\nfrom shop import app\n@app.get('/')\ndef index():\n    pass\n",
    ] {
        starts(
            &flask(&format!("{object}{finisher}{more}")),
            expect![[r#"
                web: gunicorn --bind 0.0.0.0:$PORT shop:app
            "#]],
        );
    }
    starts(
        &flask(&format!("{object}def get_app():\n    return app\n")),
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT shop:app
        "#]],
    );
}

#[test]
fn a_program_that_serves_in_its_own_way() {
    let factory = "from flask import Flask\napp = Flask(__name__)\n\
        def create_app(store=None):\n    app.config['store'] = store\n    return app\n";
    // It gives the factory what only it has, and listens on PORT.
    app(
        &flask(&format!(
            "//- /watcher.py\nimport watch\nif __name__ == '__main__':\n    watch.main()\n\
             //- /watch/__init__.py\nimport os\ndef main():\n    from watch.web import create_app\n    \
             create_app(open('x')).run(port=int(os.environ['PORT']))\n//- /watch/web.py\n{factory}"
        )),
        expect![[r#"
            web: python watcher.py
            language = python (has a web application or a declared process) by detected: watcher.py in watcher.py, which reads PORT
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = flask by watch/web.py:3
            application = watcher.py by watcher.py
              not watch.web:create_app() by watch/web.py:3
        "#]],
    );
    // It brings a server.
    starts(
        &flask(&format!(
            "//- /library.py\nfrom books.main import main\nif __name__ == '__main__':\n    main()\n\
             //- /books/__init__.py\nfrom .server import Server\n{factory}//- /books/main.py\ndef main():\n    \
             from . import create_app\n    create_app()\n\
             //- /books/server.py\nfrom gevent.pywsgi import WSGIServer\ndef serve(app):\n    WSGIServer(('', 1), app)\n"
        )),
        expect![[r#"
            web: python library.py
        "#]],
    );
    // It is for developers.
    starts(
        &flask(&format!(
            "//- /devel.py\nfrom shop import create_app\nif __name__ == '__main__':\n    create_app().run()\n\
             //- /shop/__init__.py\n{factory}"
        )),
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT 'shop:create_app()'
        "#]],
    );
}

#[test]
fn a_package_that_has_a_module_of_its_own_name() {
    starts(
        &flask(
            "//- /shop/__init__.py\n//- /shop/helper.py\n//- /shop/shop.py\nfrom flask import Flask\n\
             try:\n    from shop.helper import x\nexcept ImportError:\n    from helper import x\napp = Flask('x')\n",
        ),
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT shop.shop:app
        "#]],
    );
}

#[test]
fn several_objects() {
    app(
        &flask(
            "//- /api.py\nfrom flask import Flask\nserver = Flask('a')\n\
             //- /app.py\nfrom flask import Flask\nadmin = Flask('b')\napp = Flask('c')\n\
             //- /deep/er/app.py\nfrom flask import Flask\napp = Flask('d')\n\
             //- /tests/app.py\nfrom flask import Flask\napp = Flask('e')\n",
        ),
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT app:app
            language = python (has a web application or a declared process) by detected: Flask application `app` in app.py:3
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = flask by app.py:3
            application = app:app by app.py:3
              not app:admin by app.py:2
              not api:server by api.py:2
            Warning python/several-applications: there is more than one application; Flask's `app:app` is started
              why: `app:app` stands in app.py:3, `app:admin` in app.py:2
              fix: name the one to start in a Procfile: `web: <command>`
        "#]],
    );
}

#[test]
fn src_layout() {
    starts(
        &fastapi(
            "//- /src/shop/api.py\nfrom fastapi import FastAPI\nfrom shop.db import x\napp = FastAPI()\n//- /src/shop/db.py\n",
        ),
        expect![[r#"
            env PYTHONPATH=/app/src
            web: uvicorn shop.api:app --host 0.0.0.0 --port $PORT
        "#]],
    );
    starts(
        &fastapi("//- /src/shop/api.py\nfrom fastapi import FastAPI\nfrom .db import x\napp = FastAPI()\n"),
        expect![[r#"
            env PYTHONPATH=/app/src
            web: uvicorn shop.api:app --host 0.0.0.0 --port $PORT
        "#]],
    );
    starts(
        &fastapi(
            "//- /src/main.py\nfrom fastapi import FastAPI\nfrom src.db import x\napp = FastAPI()\n//- /src/db.py\n",
        ),
        expect![[r#"
            web: uvicorn src.main:app --host 0.0.0.0 --port $PORT
        "#]],
    );
}

#[test]
fn a_directory_that_is_run_from_within() {
    starts(
        &fastapi(
            "//- /backend/main.py\nfrom fastapi import FastAPI\nimport db\napp = FastAPI()\n//- /backend/db.py\n",
        ),
        expect![[r#"
            env PYTHONPATH=/app/backend
            web: uvicorn main:app --host 0.0.0.0 --port $PORT
        "#]],
    );
}

#[test]
fn other_servers() {
    starts(
        "//- /requirements.txt\nflask\nwaitress\n//- /app.py\nfrom flask import Flask\napp = Flask('x')\n",
        expect![[r#"
            web: waitress-serve --listen=0.0.0.0:$PORT app:app
        "#]],
    );
    starts(
        "//- /requirements.txt\nstarlette\nhypercorn\n//- /app.py\nfrom starlette.applications import Starlette\napp = Starlette()\n",
        expect![[r#"
            web: hypercorn --bind 0.0.0.0:$PORT app:app
        "#]],
    );
}

#[test]
fn a_server_that_another_system_has() {
    app(
        "//- /requirements.txt\nflask\ngunicorn ; sys_platform == 'darwin'\n//- /app.py\nfrom flask import Flask\napp = Flask('x')\n",
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT app:app
            language = python (has a web application or a declared process) by detected: Flask application `app` in app.py:2
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = flask by app.py:2
            application = app:app by app.py:2
            Info python/server-added: gunicorn is installed although the project does not ask for it
              why: the application needs a server that listens on PORT
              fix: add gunicorn to the requirements, to choose its version yourself
        "#]],
    );
}

#[test]
fn names_that_only_look_like_it() {
    app(
        "//- /requirements.txt\nflask-cors\ngunicorn-color\n//- /app.py\nprint('Flask')\n",
        expect![[r#"
            worker: python app.py
            language = python (has a program) by detected: app.py in app.py, which does not read PORT
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = none by default: no file uses a web framework
            application = app.py by app.py
        "#]],
    );
}

#[test]
fn a_framework_that_nobody_requires() {
    let file = "//- /app.py\nfrom flask import Flask\napp = Flask('x')\n";
    app(
        &format!("//- /requirements.txt\nrequests\n{file}"),
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT app:app
            language = python (has a web application or a declared process) by detected: Flask application `app` in app.py:2
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = flask by app.py:2
            application = app:app by app.py:2
            Info python/server-added: gunicorn is installed although the project does not ask for it
              why: the application needs a server that listens on PORT
              fix: add gunicorn to the requirements, to choose its version yourself
            Warning python/framework-not-required: app.py:2 uses Flask, which the project does not ask for
              fix: add flask to the requirements
        "#]],
    );
    // A start that is declared may bring what it needs.
    check(
        &format!("//- /Procfile\nweb: gunicorn app:app\n{file}"),
        &[Part::Steps],
        expect![[r#"
            python.resolve fetch resolves
              $ printf '%s\n' gunicorn | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt -
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
fn a_server_added_to_hashed_requirements() {
    let hash = "--hash=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let file = "//- /app.py\nfrom flask import Flask\napp = Flask('x')\n";
    check(
        &format!("//- /requirements.txt\nflask==3.0 {hash}\n{file}"),
        &[Part::Steps],
        expect![[r#"
            python.server fetch resolves
              < source requirements.txt
              $ printf '%s\n' gunicorn | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/server.txt --constraint requirements.txt -
              > packwright/python/server.txt
            python.install fetch
              < source requirements.txt
              < python.server
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r requirements.txt
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/server.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
        "#]],
    );
}

#[test]
fn scripts() {
    app(
        "//- /bot.py\nprint()\n",
        expect![[r#"
            worker: python bot.py
            language = python (has a program) by detected: bot.py in bot.py, which does not read PORT
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = none by default: no file names a requirement
            python framework = none by default: no file uses a web framework
            application = bot.py by bot.py
        "#]],
    );
    app(
        "//- /server.py\nimport os\nport = int(os.environ.get('PORT', 8000))\n//- /hello.py\n",
        expect![[r#"
            web: python server.py
            language = python (has a web application or a declared process) by detected: server.py in server.py, which reads PORT
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = none by default: no file names a requirement
            python framework = none by default: no file uses a web framework
            application = server.py by server.py
              not hello.py by hello.py
        "#]],
    );
    starts(
        "//- /server.py\nprint('PORT')\n",
        expect![[r#"
        worker: python server.py
    "#]],
    );
    check(
        "//- /bot.py\nprint()\n",
        &[Part::Steps, Part::Packages],
        expect![[r#"
        python.install
          $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
          > opt/venv Dependencies
        Run Runtime python3.13-minimal
        Run Runtime libpython3.13-stdlib
        Run Runtime libstdc++6
        Run Runtime media-types
        Run Runtime netbase
    "#]],
    );
}

#[test]
fn the_only_program_at_the_root() {
    let guarded = "if __name__ == '__main__':\n    print()\n";
    starts(
        &format!(
            "//- /requirements.txt\nrequests\n//- /keeper.py\n{guarded}//- /helper.py\n//- /test_x.py\n{guarded}"
        ),
        expect![[r#"
            worker: python keeper.py
        "#]],
    );
    let plan = packwright_buildpack::planner::MemoryTree::parse(&format!(
        "//- /requirements.txt\nrequests\n//- /keeper.py\n{guarded}//- /other.py\n{guarded}"
    ));
    assert_eq!(
        super::planned(&plan, &Default::default()).unwrap_err().problems()[0].code,
        "python/main-missing"
    );
}

#[test]
fn nothing_to_start() {
    app(
        "//- /requirements.txt\nrequests\n//- /lib/x.py\n",
        expect![[r#"
            Error python/main-missing: nothing says how the application starts
              why: looked for main.py, app.py, server.py, bot.py, start.py, run.py, hello.py, worker.py, __main__.py, for scripts in pyproject.toml, for packages with `__main__.py`, and for web applications
              fix: say how it starts in a Procfile: `web: <command>`, or `worker: <command>`
        "#]],
    );
}

#[test]
fn a_procfile_decides_when_nothing_is_found() {
    app(
        "//- /requirements.txt\nfastapi\n//- /x.py\nimport fastapi\n//- /Procfile\nweb: python x.py\n",
        expect![[r#"
            web: python x.py
            language = python (has a web application or a declared process) by Procfile:1
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = fastapi by x.py:1
        "#]],
    );
}

#[test]
fn broken_python_is_no_obstacle() {
    let text = "//- /app.py\nfrom flask import Flask\napp = Flask('x')\ndef (:\n\tx ==\n";
    starts(
        &flask(text),
        expect![[r#"
        web: gunicorn --bind 0.0.0.0:$PORT app:app
    "#]],
    );
    let mut tree = packwright_buildpack::planner::MemoryTree::parse(&flask(""));
    tree.add("app.py".parse().unwrap(), b"from flask import Flask\napp = Flask('\xff')\n".to_vec());
    expect![[r#"
        web: gunicorn --bind 0.0.0.0:$PORT app:app
    "#]]
    .assert_eq(&super::HARNESS.told(&super::planned(&tree, &Default::default()), &[Part::Processes]));
}

#[test]
fn nothing_of_python() {
    let tree = packwright_buildpack::planner::MemoryTree::parse("//- /package.json\n{}\n//- /scripts/x.py\n");
    let problems = super::planned(&tree, &Default::default()).unwrap_err().problems();
    assert_eq!(problems[0].code, "plan/nothing-detected");
}

#[test]
fn the_environment_of_migrations_is_no_application() {
    starts(
        &flask(
            "//- /db/env.py\nfrom alembic import context\nfrom shop.app import create_app\napp = create_app()\nconfig = context.config\n\
             //- /shop/__init__.py\n\
             //- /shop/app.py\nfrom flask import Flask\ndef create_app():\n    app = Flask(__name__)\n    return app\n",
        ),
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT 'shop.app:create_app()'
        "#]],
    );
}
