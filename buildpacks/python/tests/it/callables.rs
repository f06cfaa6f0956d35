//! Applications that no framework's object marks: callables, factories that import within themselves, functions,
//! servers of protocols.

use expect_test::{Expect, expect};

use super::{Part, check, check_with, with_env};

fn app(text: &str, expected: Expect) {
    check(text, &[Part::Processes, Part::Remarks], expected);
}

#[test]
fn functions_that_follow_a_protocol() {
    app(
        "//- /requirements.txt\nuvicorn\n//- /main.py\nasync def app(scope, receive, send):\n    pass\n",
        expect![[r#"
            web: uvicorn main:app --host 0.0.0.0 --port $PORT
        "#]],
    );
    app(
        "//- /requirements.txt\ngunicorn\n//- /wsgi.py\ndef missing(environ, start_response):\n    return []\n\
         def application(environ, start_response):\n    return []\n",
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT wsgi:application
            Warning python/several-applications: there is more than one application; WSGI's `wsgi:application` is started
              why: `wsgi:application` stands in wsgi.py:3, `wsgi:missing` in wsgi.py:1
              fix: name the one to start in a Procfile: `web: <command>`
        "#]],
    );
    app(
        "//- /requirements.txt\n//- /shop/__init__.py\n//- /shop/web.py\nclass Shop:\n    \
         def __call__(self, environ, start_response):\n        return []\nserve = Shop()\n//- /wsgi.py\nimport shop\n",
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT shop.web:serve
            Info python/server-added: gunicorn is installed although the project does not ask for it
              why: the application needs a server that listens on PORT
              fix: add gunicorn to the requirements, to choose its version yourself
        "#]],
    );
}

#[test]
fn objects_that_servers_find_by_name() {
    app(
        "//- /requirements.txt\nariadne\nuvicorn\n//- /app.py\nfrom ariadne import make_executable_schema\n\
         from ariadne.asgi import GraphQL\nschema = make_executable_schema('')\napp = GraphQL(schema)\n",
        expect![[r#"
            web: uvicorn app:app --host 0.0.0.0 --port $PORT
        "#]],
    );
    app(
        "//- /requirements.txt\nweb.py\ngunicorn\n//- /app.py\nimport web\napp = web.application((), globals())\n\
         application = app.wsgifunc()\n",
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT app:application
        "#]],
    );
    // A program for a terminal is none, whatever it asks for.
    app(
        "//- /requirements.txt\ntyper\nuvicorn\n//- /main.py\nimport typer\napp = typer.Typer()\n\
         if __name__ == '__main__':\n    app()\n",
        expect![[r#"
            worker: python main.py
        "#]],
    );
}

#[test]
fn factories_that_import_within_themselves() {
    app(
        "//- /requirements.txt\nflask\ngunicorn\n//- /app.py\ndef create_app():\n    from flask import Flask\n    \
         app = Flask(__name__)\n    return app\n",
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT 'app:create_app()'
        "#]],
    );
    app(
        "//- /requirements.txt\nlitestar\nuvicorn\n//- /shop/__init__.py\n//- /shop/core.py\n\
         from litestar import Litestar\ndef make() -> Litestar:\n    return Litestar([])\n\
         //- /shop/asgi.py\ndef create_app():\n    from shop.core import make\n    return make()\n",
        expect![[r#"
            web: uvicorn --factory shop.asgi:create_app --host 0.0.0.0 --port $PORT
        "#]],
    );
}

const FUNCTION: &str = "//- /requirements.txt\nfunctions-framework==3.*\n//- /main.py\nimport functions_framework\n\
    @functions_framework.http\ndef greet(request):\n    return helper(request)\ndef helper(request):\n    return ''\n";

#[test]
fn functions_of_the_functions_framework() {
    app(
        FUNCTION,
        expect![[r#"
        web: functions-framework --target=greet --source=main.py --port=$PORT
    "#]],
    );
    let second = "@functions_framework.cloud_event\ndef listen(event):\n    pass\n";
    app(
        &format!("{FUNCTION}{second}"),
        expect![[r#"
        Error python/function-unclear: nothing says which function the Functions Framework serves
          why: main.py has greet, listen
          fix: name it with `--env FUNCTION_TARGET=greet`, or in a Procfile: `web: functions-framework --target=greet --port=$PORT`
    "#]],
    );
    let options = with_env([("FUNCTION_TARGET", "listen")]);
    check_with(
        &format!("{FUNCTION}{second}"),
        &options,
        &[Part::Processes],
        expect![[r#"
        env FUNCTION_TARGET=listen
        web: functions-framework --target=listen --source=main.py --port=$PORT
    "#]],
    );
}

#[test]
fn servers_of_the_model_context_protocol() {
    app(
        "//- /requirements.txt\nmcp\n//- /server.py\nfrom mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\n\
         app = mcp.streamable_http_app()\n",
        expect![[r#"
            web: uvicorn server:app --host 0.0.0.0 --port $PORT
        "#]],
    );
    app(
        "//- /requirements.txt\nfastmcp\n//- /server.py\nfrom fastmcp import FastMCP\nmcp = FastMCP('x')\n\
         if __name__ == '__main__':\n    mcp.run(transport='http')\n",
        expect![[r#"
            web: FASTMCP_HOST=0.0.0.0 FASTMCP_PORT=$PORT python server.py
        "#]],
    );
}
