//! Frameworks whose applications answer HTTP. Where a file matches two rows, the first
//! counts, so a framework that builds on another one stands before it.

use super::row::{Framework, Launch, Mark, Sign};
use crate::framework::kinds::Gateway;

const fn object(classes: &'static [&'static str], gateway: Gateway) -> Sign {
    Sign { mark: Mark::Makes(classes), launch: Launch::Server(gateway) }
}

const fn made(classes: &'static [&'static str], line: &'static str) -> Sign {
    Sign { mark: Mark::Makes(classes), launch: Launch::Program(line, None) }
}

const fn file(calls: &'static [&'static str], line: &'static str) -> Sign {
    Sign { mark: Mark::Calls(calls), launch: Launch::Program(line, None) }
}

/// A server of the Model Context Protocol that listens by itself.
///
/// Source: the documentation of mcp, "Running your server", and of fastmcp, "Running your server" and
/// "Settings".
const MCP_RUNS: Sign = Sign {
    mark: Mark::CallsWith {
        calls: &[".run", ".run_async"],
        argument: "transport",
        values: &["http", "streamable-http", "sse"],
    },
    launch: Launch::Program("FASTMCP_HOST=0.0.0.0 FASTMCP_PORT=$PORT python {file}", None),
};

/// A program that listens by itself.
const SCRIPT: &str = "python {file}";

const fn framework(
    name: &'static str,
    id: &'static str,
    packages: &'static [&'static str],
    signs: &'static [Sign],
) -> Framework {
    Framework { name, id, module: id, packages, signs, brings: &[], is_library_too: false }
}

/// The frameworks.
///
/// Sources of the lines: each program's own `--help`; that they listen where they should and end
/// on SIGTERM was tried with the versions of November 2026. Robyn alone does not end: its server
/// stops, its process waits on.
pub(crate) const WEB: &[Framework] = &[
    // Wraps an application of another framework.
    Framework {
        module: "socketio",
        is_library_too: true,
        ..framework(
            "Socket.IO",
            "socketio",
            &["python-socketio"],
            &[object(&["socketio.ASGIApp"], Gateway::Asgi), object(&["socketio.WSGIApp"], Gateway::Wsgi)],
        )
    },
    Framework {
        module: "fasthtml",
        brings: &["uvicorn"],
        ..framework(
            "FastHTML",
            "fasthtml",
            &["python-fasthtml"],
            &[object(
                &[
                    "fasthtml.common.fast_app",
                    "fasthtml.common.FastHTML",
                    "fasthtml.fastapp.fast_app",
                    "fasthtml.core.FastHTML",
                    "fasthtml.FastHTML",
                    "fasthtml.fast_app",
                ],
                Gateway::Asgi,
            )],
        )
    },
    framework(
        "FastAPI",
        "fastapi",
        &["fastapi"],
        &[object(&["fastapi.FastAPI", "fastapi.applications.FastAPI"], Gateway::Asgi)],
    ),
    framework(
        "Litestar",
        "litestar",
        &["litestar"],
        &[object(&["litestar.Litestar", "litestar.app.Litestar"], Gateway::Asgi)],
    ),
    Framework {
        brings: &["hypercorn"],
        ..framework(
            "Quart",
            "quart",
            &["quart"],
            &[object(&["quart.Quart", "quart.app.Quart"], Gateway::Asgi)],
        )
    },
    framework(
        "BlackSheep",
        "blacksheep",
        &["blacksheep"],
        &[object(
            &[
                "blacksheep.Application",
                "blacksheep.server.Application",
                "blacksheep.server.application.Application",
            ],
            Gateway::Asgi,
        )],
    ),
    Framework {
        brings: &["uvicorn"],
        ..framework(
            "Shiny",
            "shiny",
            &["shiny"],
            &[
                object(&["shiny.App"], Gateway::Asgi),
                file(&["shiny.express.*"], "shiny run --host 0.0.0.0 --port $PORT {file}"),
            ],
        )
    },
    framework(
        "Sanic",
        "sanic",
        &["sanic"],
        &[Sign {
            mark: Mark::Makes(&["sanic.Sanic", "sanic.app.Sanic"]),
            launch: Launch::Program(
                "sanic {module}:{name} --host 0.0.0.0 --port $PORT --single-process",
                Some("sanic {module}:{name} --factory --host 0.0.0.0 --port $PORT --single-process"),
            ),
        }],
    ),
    // Its object is a WSGI application too; `server = app.server` is the Flask below it.
    framework(
        "Dash",
        "dash",
        &["dash"],
        &[object(&["dash.Dash", "dash.dash.Dash", "dash_extensions.enrich.DashProxy"], Gateway::Wsgi)],
    ),
    framework(
        "APIFlask",
        "apiflask",
        &["apiflask"],
        &[object(&["apiflask.APIFlask", "apiflask.app.APIFlask"], Gateway::Wsgi)],
    ),
    framework("Flask", "flask", &["flask"], &[object(&["flask.Flask", "flask.app.Flask"], Gateway::Wsgi)]),
    // Below most ASGI frameworks, so behind them.
    framework(
        "Starlette",
        "starlette",
        &["starlette"],
        &[object(&["starlette.applications.Starlette"], Gateway::Asgi)],
    ),
    framework(
        "Falcon",
        "falcon",
        &["falcon"],
        &[
            object(&["falcon.asgi.App", "falcon.asgi.app.App"], Gateway::Asgi),
            object(&["falcon.App", "falcon.API", "falcon.app.App"], Gateway::Wsgi),
        ],
    ),
    framework(
        "Bottle",
        "bottle",
        &["bottle"],
        &[
            object(&["bottle.Bottle", "bottle.default_app", "bottle.app"], Gateway::Wsgi),
            file(&["bottle.run", "bottle.route", "bottle.get", "bottle.post"], SCRIPT),
        ],
    ),
    framework(
        "Pyramid",
        "pyramid",
        &["pyramid"],
        &[object(&["pyramid.config.Configurator.make_wsgi_app"], Gateway::Wsgi)],
    ),
    framework(
        "Streamlit",
        "streamlit",
        &["streamlit"],
        &[file(
            &["streamlit.*"],
            "streamlit run {file} --server.port $PORT --server.address 0.0.0.0 --server.headless true",
        )],
    ),
    framework(
        "Gradio",
        "gradio",
        &["gradio"],
        &[file(&[".launch"], "GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=$PORT python {file}")],
    ),
    framework("NiceGUI", "nicegui", &["nicegui"], &[file(&["nicegui.ui.run"], SCRIPT)]),
    framework(
        "Robyn",
        "robyn",
        &["robyn"],
        &[file(&[".start"], "ROBYN_HOST=0.0.0.0 ROBYN_PORT=$PORT python {file}")],
    ),
    framework(
        "Chainlit",
        "chainlit",
        &["chainlit"],
        &[file(&["chainlit.*"], "chainlit run {file} --host 0.0.0.0 --port $PORT --headless")],
    ),
    framework(
        "marimo",
        "marimo",
        &["marimo"],
        &[made(&["marimo.App"], "marimo run {file} --host 0.0.0.0 --port $PORT --headless")],
    ),
    // Over standard input and output, its default, it answers no requests: then it is no row.
    Framework {
        is_library_too: true,
        brings: &["uvicorn"],
        ..framework(
            "MCP",
            "mcp",
            &["mcp"],
            &[
                object(
                    &["mcp.server.fastmcp.FastMCP.streamable_http_app", "mcp.server.fastmcp.FastMCP.sse_app"],
                    Gateway::Asgi,
                ),
                MCP_RUNS,
            ],
        )
    },
    Framework {
        is_library_too: true,
        brings: &["uvicorn"],
        ..framework(
            "FastMCP",
            "fastmcp",
            &["fastmcp"],
            &[
                object(&["fastmcp.FastMCP.http_app", "fastmcp.FastMCP.streamable_http_app"], Gateway::Asgi),
                MCP_RUNS,
            ],
        )
    },
    // The origins of websockets: the name under which the image is reached is not known here.
    Framework {
        is_library_too: true,
        ..framework(
            "Panel",
            "panel",
            &["panel"],
            &[file(
                &[".servable"],
                "panel serve {file} --address 0.0.0.0 --port $PORT --allow-websocket-origin='*'",
            )],
        )
    },
    Framework {
        is_library_too: true,
        ..framework(
            "Bokeh",
            "bokeh",
            &["bokeh"],
            &[file(
                &["bokeh.io.curdoc", "bokeh.plotting.curdoc"],
                "bokeh serve {file} --address 0.0.0.0 --port $PORT --allow-websocket-origin='*'",
            )],
        )
    },
    Framework {
        is_library_too: true,
        brings: &["aiohttp"],
        ..framework(
            "aiohttp",
            "aiohttp",
            &["aiohttp"],
            &[
                object(&["aiohttp.web.Application", "aiohttp.web_app.Application"], Gateway::Aiohttp),
                file(&["aiohttp.web.run_app", "aiohttp.web.TCPSite"], SCRIPT),
            ],
        )
    },
    Framework {
        is_library_too: true,
        ..framework("Tornado", "tornado", &["tornado"], &[file(&[".listen"], SCRIPT)])
    },
];
