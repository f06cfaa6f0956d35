//! One tree for every framework of the tables, and the ways in which they meet.

use expect_test::{Expect, expect};

use super::{Part, check};

fn app(requirements: &str, files: &str, expected: Expect) {
    let tree = format!("//- /requirements.txt\n{requirements}\n{files}");
    check(&tree, &[Part::Processes, Part::Remarks], expected);
}

/// With decisions.
fn explained(requirements: &str, files: &str, expected: Expect) {
    let tree = format!("//- /requirements.txt\n{requirements}\n{files}");
    check(&tree, &[Part::Processes, Part::Reasons], expected);
}

/// The first process, of a tree with one file `app.py`.
fn web(requirements: &str, source: &str) -> String {
    let tree = format!("//- /requirements.txt\n{}\n//- /app.py\n{source}", requirements.replace(' ', "\n"));
    let tree = packwright_buildpack::planner::MemoryTree::parse(&tree);
    match super::planned(&tree, &Default::default()) {
        Ok(plan) => format!("{}: {}", plan.processes[0].name, plan.processes[0].command),
        Err(error) => error.problems()[0].message.clone(),
    }
}

#[test]
fn objects_for_servers() {
    for (requirements, source, wanted) in [
        (
            "litestar uvicorn",
            "from litestar import Litestar\napp = Litestar([])\n",
            "uvicorn app:app --host 0.0.0.0 --port $PORT",
        ),
        (
            "litestar",
            "from litestar import Litestar\ndef create_app() -> Litestar:\n    return Litestar([])\n",
            "uvicorn --factory app:create_app --host 0.0.0.0 --port $PORT",
        ),
        (
            "quart",
            "from quart import Quart\napp = Quart(__name__)\n",
            "hypercorn --bind 0.0.0.0:$PORT app:app",
        ),
        (
            "quart uvicorn",
            "import quart\nweb = quart.Quart(__name__)\n",
            "uvicorn app:web --host 0.0.0.0 --port $PORT",
        ),
        (
            "sanic",
            "from sanic import Sanic\nshop = Sanic('shop')\n",
            "sanic app:shop --host 0.0.0.0 --port $PORT --single-process",
        ),
        (
            "sanic",
            "from sanic import Sanic\ndef create_app():\n    app = Sanic('shop')\n    return app\n",
            "sanic app:create_app --factory --host 0.0.0.0 --port $PORT --single-process",
        ),
        (
            "python-fasthtml",
            "from fasthtml.common import *\napp, rt = fast_app()\nserve()\n",
            "uvicorn app:app --host 0.0.0.0 --port $PORT",
        ),
        (
            "python-fasthtml",
            "from fasthtml.common import FastHTML\napp = FastHTML()\n",
            "uvicorn app:app --host 0.0.0.0 --port $PORT",
        ),
        (
            "blacksheep hypercorn",
            "from blacksheep import Application\napp = Application()\n",
            "hypercorn --bind 0.0.0.0:$PORT app:app",
        ),
        ("dash gunicorn", "from dash import Dash\napp = Dash()\n", "gunicorn --bind 0.0.0.0:$PORT app:app"),
        (
            "dash gunicorn",
            "import dash\napp = dash.Dash(__name__)\nserver = app.server\n",
            "gunicorn --bind 0.0.0.0:$PORT app:server",
        ),
        ("falcon gunicorn", "import falcon\napi = falcon.App()\n", "gunicorn --bind 0.0.0.0:$PORT app:api"),
        (
            "falcon uvicorn",
            "import falcon.asgi\napp = falcon.asgi.App()\n",
            "uvicorn app:app --host 0.0.0.0 --port $PORT",
        ),
        (
            "bottle waitress",
            "import bottle\napp = bottle.default_app()\n",
            "waitress-serve --listen=0.0.0.0:$PORT app:app",
        ),
        (
            "pyramid waitress",
            "from pyramid.config import Configurator\nwith Configurator() as config:\n    app = config.make_wsgi_app()\n",
            "waitress-serve --listen=0.0.0.0:$PORT app:app",
        ),
        (
            "flask uwsgi",
            "from flask import Flask\napp = Flask('x')\n",
            "uwsgi --http-socket 0.0.0.0:$PORT --master --die-on-term --need-app --wsgi app:app",
        ),
        (
            "flask flask-socketio gunicorn",
            "from flask import Flask\nfrom flask_socketio import SocketIO\napp = Flask('x')\nsio = SocketIO(app)\n",
            "gunicorn --bind 0.0.0.0:$PORT --workers 1 --threads 100 app:app",
        ),
        (
            "apiflask gunicorn",
            "from apiflask import APIFlask\napp = APIFlask('x')\n",
            "gunicorn --bind 0.0.0.0:$PORT app:app",
        ),
        (
            "fastapi python-socketio uvicorn",
            "import socketio\nfrom fastapi import FastAPI\napi = FastAPI()\napp = socketio.ASGIApp(sio, api)\n",
            "uvicorn app:app --host 0.0.0.0 --port $PORT",
        ),
        (
            "starlette granian",
            "from starlette.applications import Starlette\napp = Starlette()\n",
            "granian --interface asgi --host 0.0.0.0 --port $PORT app:app",
        ),
        (
            "shiny",
            "from shiny import App\napp = App(ui, None)\n",
            "uvicorn app:app --host 0.0.0.0 --port $PORT",
        ),
        (
            "aiohttp gunicorn",
            "from aiohttp import web\napp = web.Application()\n",
            "gunicorn --bind 0.0.0.0:$PORT --worker-class aiohttp.GunicornWebWorker app:app",
        ),
        (
            "aiohttp",
            "from aiohttp import web\nasync def make():\n    app = web.Application()\n    return app\n",
            "python -c 'import os; from aiohttp.web import run_app; from app import make; run_app(make(), port=int(os.environ[\"PORT\"]))'",
        ),
        (
            "aiohttp gunicorn",
            "from aiohttp.web import Application\ndef make():\n    return Application()\n",
            "gunicorn --bind 0.0.0.0:$PORT --worker-class aiohttp.GunicornWebWorker 'app:make()'",
        ),
    ] {
        assert_eq!(web(requirements, source), format!("web: {wanted}"), "{source}");
    }
}

#[test]
fn files_for_programs() {
    for (requirements, source, wanted) in [
        (
            "streamlit",
            "import streamlit as st\nst.title('x')\n",
            "streamlit run app.py --server.port $PORT --server.address 0.0.0.0 --server.headless true",
        ),
        (
            "gradio",
            "import gradio as gr\nwith gr.Blocks() as demo:\n    pass\ndemo.launch()\n",
            "GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=$PORT python app.py",
        ),
        (
            "panel",
            "import panel as pn\npn.panel('x').servable()\n",
            "panel serve app.py --address 0.0.0.0 --port $PORT --allow-websocket-origin='*'",
        ),
        (
            "bokeh",
            "from bokeh.plotting import curdoc\ncurdoc().add_root(x)\n",
            "bokeh serve app.py --address 0.0.0.0 --port $PORT --allow-websocket-origin='*'",
        ),
        (
            "chainlit",
            "import chainlit as cl\n@cl.on_message\nasync def main(message):\n    pass\n",
            "chainlit run app.py --host 0.0.0.0 --port $PORT --headless",
        ),
        (
            "marimo",
            "import marimo\napp = marimo.App()\nif __name__ == '__main__':\n    app.run()\n",
            "marimo run app.py --host 0.0.0.0 --port $PORT --headless",
        ),
        (
            "shiny",
            "from shiny.express import input, ui\nui.input_text('x', 'y')\n",
            "shiny run --host 0.0.0.0 --port $PORT app.py",
        ),
        (
            "nicegui",
            "import os\nfrom nicegui import ui\nui.run(port=int(os.environ['PORT']))\n",
            "python app.py",
        ),
        (
            "tornado",
            "import os, tornado.web\ndef main():\n    tornado.web.Application([]).listen(int(os.environ['PORT']))\n",
            "python app.py",
        ),
        (
            "tornado",
            "import tornado.web\nfrom tornado.options import define, options\ndefine('port', default=8888)\n\
             def main():\n    tornado.web.Application([]).listen(options.port)\n",
            "python app.py --port=$PORT",
        ),
    ] {
        assert_eq!(web(requirements, source), format!("web: {wanted}"), "{source}");
    }
}

#[test]
fn libraries_alone_are_no_application() {
    for (requirements, source) in [
        (
            "aiohttp",
            "import aiohttp\nasync def f():\n    async with aiohttp.ClientSession() as s:\n        pass\n",
        ),
        ("bokeh", "from bokeh.plotting import figure\nfigure()\n"),
        ("tornado", "import tornado.gen\ntornado.gen.sleep(1)\n"),
        ("python-socketio", "import socketio\nclient = socketio.Client()\n"),
        ("gunicorn", "import discord\nclient = discord.Client()\nclient.run(TOKEN)\n"),
    ] {
        assert_eq!(web(requirements, source), "worker: python app.py", "{source}");
    }
}

#[test]
fn scripts_that_listen_where_nobody_asks() {
    app(
        "uvicorn",
        "//- /main.py\nimport uvicorn\nasync def app(scope, receive, send):\n    pass\n\
         if __name__ == '__main__':\n    uvicorn.run(app, port=9000)\n",
        expect![[r#"
            web: python main.py
            Warning python/port-fixed: main.py:5 listens on port 9000, whatever PORT says
              why: the platform that runs the image says in PORT where requests will arrive
              fix: write `port=int(os.environ.get("PORT", 9000))` there
            Warning python/host-local: main.py:5 listens to its own machine alone
              why: requests come from outside the container; some servers do so unless they are told another address
              fix: write the address `0.0.0.0` there
        "#]],
    );
    app(
        "nicegui",
        "//- /main.py\nfrom nicegui import ui\nui.label('x')\nui.run()\n",
        expect![[r#"
            web: python main.py
            Warning python/port-fixed: main.py:3 listens on port 8080, whatever PORT says
              why: the platform that runs the image says in PORT where requests will arrive
              fix: write `port=int(os.environ.get("PORT", 8080))` there
        "#]],
    );
    app(
        "gradio",
        "//- /main.py\nimport gradio as gr\ndemo = gr.Interface(f, 'text', 'text')\ndemo.launch(server_port=7861)\n",
        expect![[r#"
            env GRADIO_ANALYTICS_ENABLED=False
            web: GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=$PORT python main.py
            Warning python/port-fixed: main.py:3 listens on port 7861, whatever PORT says
              why: the platform that runs the image says in PORT where requests will arrive
              fix: write `server_port=int(os.environ.get("PORT", 7861))` there
        "#]],
    );
    app(
        "",
        "//- /main.py\nfrom shop.web import serve\nserve()\n\
         //- /shop/__init__.py\n//- /shop/web.py\nimport os\nfrom http.server import HTTPServer\n\
         def serve():\n    HTTPServer(('0.0.0.0', int(os.environ['PORT'])), H).serve_forever()\n",
        expect![[r#"
            web: python main.py
        "#]],
    );
    app(
        "",
        "//- /server.py\nimport argparse\nfrom http.server import HTTPServer\np = argparse.ArgumentParser()\n\
         p.add_argument('--port', type=int)\np.add_argument('--host')\na = p.parse_args()\n\
         HTTPServer((a.host, a.port), H).serve_forever()\n",
        expect![[r#"
            web: python server.py --port=$PORT --host=0.0.0.0
        "#]],
    );
}

#[test]
fn what_another_file_runs_is_meant() {
    explained(
        "fastapi\nuvicorn",
        "//- /app.py\nfrom fastapi import FastAPI\napp = FastAPI()\n\
         //- /api.py\nfrom fastapi import FastAPI\nservice = FastAPI()\n\
         //- /start.py\nimport uvicorn\nif __name__ == '__main__':\n    uvicorn.run('api:service')\n",
        expect![[r#"
            web: uvicorn api:service --host 0.0.0.0 --port $PORT
            language = python (has a web application or a declared process) by detected: FastAPI application `service` in api.py:2
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = fastapi by api.py:2
            application = api:service by start.py:3
              not app:app by app.py:2
        "#]],
    );
}

#[test]
fn what_is_asked_for_is_meant() {
    explained(
        "flask\ngunicorn",
        "//- /main.py\nimport streamlit as st\nst.title('x')\n\
         //- /shop/app.py\nfrom flask import Flask\napp = Flask('x')\n",
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT shop.app:app
            language = python (has a web application or a declared process) by detected: Flask application `app` in shop/app.py:2
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = flask by shop/app.py:2
            application = shop.app:app by shop/app.py:2
              not main.py by main.py:2
        "#]],
    );
}

#[test]
fn places_that_never_give_the_application() {
    let object = "from flask import Flask\napp = Flask('x')\n";
    let places = [
        "tests",
        "examples",
        "docs",
        "scripts",
        "notebooks",
        "vendor/x",
        "a/migrations",
        ".x",
        "node_modules/y",
    ];
    let files: String = places.iter().map(|dir| format!("//- /{dir}/app.py\n{object}")).collect();
    app(
        "flask\ngunicorn",
        &format!("{files}//- /deep/er/shop.py\n{object}"),
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT deep.er.shop:app
        "#]],
    );
}

#[test]
fn pages_and_modules_of_streamlit() {
    explained(
        "streamlit",
        "//- /Home.py\nimport streamlit as st\nimport charts\nst.title('x')\n\
         //- /charts.py\nimport streamlit as st\ndef draw():\n    st.line_chart([])\n\
         //- /pages/1_more.py\nimport streamlit as st\nst.title('y')\n",
        expect![[r#"
            env STREAMLIT_BROWSER_GATHER_USAGE_STATS=false
            web: streamlit run Home.py --server.port $PORT --server.address 0.0.0.0 --server.headless true
            language = python (has a web application or a declared process) by detected: Streamlit application in Home.py:3
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = streamlit by Home.py:3
            application = Home.py by Home.py:3
              not charts.py by charts.py:3
        "#]],
    );
    app(
        "streamlit",
        "//- /ui/dash.py\nimport streamlit as st\nfrom core import x\nst.title('x')\n//- /core/__init__.py\nx = 1\n",
        expect![[r#"
            env STREAMLIT_BROWSER_GATHER_USAGE_STATS=false
            web: PYTHONPATH=/app streamlit run ui/dash.py --server.port $PORT --server.address 0.0.0.0 --server.headless true
        "#]],
    );
}

#[test]
fn factories_with_arguments_make_objects() {
    app(
        "flask\ngunicorn",
        "//- /serve.py\nfrom shop import create_app\napp = create_app('production')\n\
         //- /shop/__init__.py\nfrom flask import Flask\ndef create_app(name):\n    app = Flask(name)\n    return app\n",
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT serve:app
        "#]],
    );
}

#[test]
fn what_comes_near_is_told() {
    app(
        "flask\ngunicorn",
        "//- /shop/__init__.py\nfrom flask import Flask\ndef create_app(config):\n    return Flask(config)\n\
         //- /shop/inner.py\nfrom flask import Flask\ndef main():\n    app = Flask('x')\n    start(app)\n",
        expect![[r#"
            Error python/application-missing: no file makes a Flask application
              why: shop/__init__.py:1 uses Flask; looked in the project's modules for a top-level `<name> = Flask(…)` or a function without arguments that returns one; shop/__init__.py:2: `create_app` needs the argument `config`; shop/inner.py:3: makes a Flask application where no server can name it
              fix: say how the application starts in a Procfile: `web: <command>`
        "#]],
    );
    app(
        "fastapi",
        "//- /main.py\nfrom fastapi import FastAPI\nasync def make():\n    return FastAPI()\n",
        expect![[r#"
            Error python/application-missing: no file makes a FastAPI application
              why: main.py:1 uses FastAPI; looked in the project's modules for a top-level `<name> = FastAPI(…)` or a function without arguments that returns one; main.py:2: `make` is a coroutine
              fix: say how the application starts in a Procfile: `web: <command>`
        "#]],
    );
}

#[test]
fn workers() {
    explained(
        "celery\nflask\ngunicorn",
        "//- /app.py\nfrom flask import Flask\napp = Flask('x')\n\
         //- /jobs/queue.py\nfrom celery import Celery\napp = Celery('jobs')\napp.conf.beat_schedule = {}\n",
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT app:app
            worker: celery -A jobs.queue worker --loglevel=INFO
            beat: celery -A jobs.queue beat --loglevel=INFO --schedule=/tmp/celerybeat-schedule
            language = python (has a web application or a declared process) by detected: Flask application `app` in app.py:2
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = flask by app.py:2
            application = app:app by app.py:2
            celery application = jobs.queue:app by jobs/queue.py:2
        "#]],
    );
    app(
        "celery",
        "//- /tasks.py\nfrom celery import Celery\nqueue = Celery('tasks')\n@queue.task\ndef add(x, y):\n    return x + y\n",
        expect![[r#"
            worker: celery -A tasks:queue worker --loglevel=INFO
        "#]],
    );
    app(
        "dramatiq",
        "//- /a.py\nimport dramatiq\n@dramatiq.actor\ndef f():\n    pass\n\
         //- /b.py\nfrom dramatiq import actor\n@actor(max_retries=3)\ndef g():\n    pass\n",
        expect![[r#"
            worker: dramatiq a b
        "#]],
    );
    app(
        "huey",
        "//- /demo.py\nfrom huey import SqliteHuey\nhuey = SqliteHuey('x')\n",
        expect![[r#"
            worker: huey_consumer.py demo.huey
        "#]],
    );
    app(
        "arq",
        "//- /shop/worker.py\nasync def f(ctx):\n    pass\nclass WorkerSettings:\n    functions = [f]\n",
        expect![[r#"
            worker: arq shop.worker.WorkerSettings
        "#]],
    );
    app(
        "rq",
        "//- /jobs.py\nfrom rq import Queue\nhigh = Queue('high', connection=c)\nlow = Queue('low', connection=c)\n",
        expect![[r#"
            worker: rq worker --url "$REDIS_URL" high low
        "#]],
    );
    app(
        "rq",
        "//- /work.py\nfrom rq import Worker\nif __name__ == '__main__':\n    Worker(['x']).work()\n",
        expect![[r#"
            worker: python work.py
        "#]],
    );
    app(
        "flask\ngunicorn",
        "//- /app.py\nfrom flask import Flask\napp = Flask('x')\n//- /jobs.py\nfrom celery import Celery\njobs = Celery('x')\n",
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT app:app
        "#]],
    );
}

#[test]
fn declared_scripts() {
    let project =
        |rest: &str| format!("//- /pyproject.toml\n[project]\nname = \"my-shop\"\nversion = \"1\"\n{rest}");
    let build = "[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n";
    let scripts = "[project.scripts]\nother = \"my_shop.tools:x\"\nmy-shop = \"my_shop.cli:main\"\n";
    let code = "//- /src/my_shop/__init__.py\n//- /src/my_shop/cli.py\ndef main():\n    print()\n";
    check(
        &format!("{}{code}", project(&format!("{scripts}{build}"))),
        &[Part::Processes, Part::Reasons],
        expect![[r#"
            worker: my-shop
            language = python (has a program) by detected: my-shop (my_shop.cli:main) in pyproject.toml:6, which does not read PORT
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by pyproject.toml
            python framework = none by default: no file uses a web framework
            application = my-shop (my_shop.cli:main) by pyproject.toml:6
              not other (my_shop.tools:x) by pyproject.toml:5
        "#]],
    );
    check(
        &format!("{}{code}", project(scripts)),
        &[Part::Processes, Part::Remarks],
        expect![[r#"
        env PYTHONPATH=/app/src
        worker: python -c 'import sys; from my_shop.cli import main; sys.exit(main())'
    "#]],
    );
    let poetry = "//- /pyproject.toml\n[tool.poetry]\nname = \"x\"\n[tool.poetry.scripts]\nserve = \"x:main\"\n\
                  //- /requirements.txt\n//- /x/__init__.py\nimport os\ndef main():\n    os.environ['PORT']\n";
    check(
        poetry,
        &[Part::Processes, Part::Remarks],
        expect![[r#"
        web: python -c 'import sys; from x import main; sys.exit(main())'
    "#]],
    );
}

#[test]
fn packages_that_run() {
    app(
        "requests",
        "//- /keeper/__init__.py\n//- /keeper/__main__.py\nprint()\n",
        expect![[r#"
        worker: python -m keeper
    "#]],
    );
    app(
        "requests",
        "//- /src/keeper/__main__.py\nimport keeper.x\n//- /src/keeper/x.py\n",
        expect![[r#"
        env PYTHONPATH=/app/src
        worker: python -m keeper
    "#]],
    );
    app(
        "requests",
        "//- /house-keeper/__main__.py\nprint()\n",
        expect![[r#"
        worker: python -m house-keeper
    "#]],
    );
    app(
        "requests",
        "//- /tests/__main__.py\n",
        expect![[r#"
        Error python/main-missing: nothing says how the application starts
          why: looked for main.py, app.py, server.py, bot.py, start.py, run.py, hello.py, worker.py, __main__.py, for scripts in pyproject.toml, for packages with `__main__.py`, and for web applications
          fix: say how it starts in a Procfile: `web: <command>`, or `worker: <command>`
    "#]],
    );
}
