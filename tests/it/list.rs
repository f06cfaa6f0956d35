//! The fixtures by name, once: `every_fixture!(each)` hands them to the macro `each`, which makes
//! the tests that a room wants for every one of them.

/// All applications in `fixtures/`.
macro_rules! every_fixture {
    ($each:ident) => {
        $each! {
            node_angular: "node-angular",
            node_astro_server: "node-astro-server",
            node_astro_static: "node-astro-static",
            node_bun: "node-bun",
            node_express: "node-express",
            node_fastify: "node-fastify",
            node_native: "node-native",
            node_nest: "node-nest",
            node_next: "node-next",
            node_next_export: "node-next-export",
            node_next_standalone: "node-next-standalone",
            node_no_lock: "node-no-lock",
            node_nuxt: "node-nuxt",
            node_pnpm: "node-pnpm",
            node_prisma: "node-prisma",
            node_procfile: "node-procfile",
            node_react_router: "node-react-router",
            node_remix: "node-remix",
            node_sveltekit: "node-sveltekit",
            node_turbo: "node-turbo",
            node_typescript_entry: "node-typescript-entry",
            node_vite_spa: "node-vite-spa",
            node_workspace_pnpm: "node-workspace-pnpm",
            node_yarn_berry: "node-yarn-berry",
            node_yarn_classic: "node-yarn-classic",
            node_yarn_modules: "node-yarn-modules",
            python_aiohttp: "python-aiohttp",
            python_asgi: "python-asgi",
            python_bot: "python-bot",
            python_celery: "python-celery",
            python_django: "python-django",
            python_django_vite: "python-django-vite",
            python_dramatiq: "python-dramatiq",
            python_editable: "python-editable",
            python_fastapi: "python-fastapi",
            python_fasthtml: "python-fasthtml",
            python_flask: "python-flask",
            python_gradio: "python-gradio",
            python_litestar: "python-litestar",
            python_native: "python-native",
            python_panel: "python-panel",
            python_pdm: "python-pdm",
            python_pipenv: "python-pipenv",
            python_poetry: "python-poetry",
            python_procfile: "python-procfile",
            python_quart: "python-quart",
            python_rq: "python-rq",
            python_sanic: "python-sanic",
            python_scripts: "python-scripts",
            python_setup_py: "python-setup-py",
            python_streamlit: "python-streamlit",
            python_tornado: "python-tornado",
            python_uv: "python-uv",
            python_voila: "python-voila",
            python_workspace: "python-workspace",
            static_site: "static-site",
        }
    };
}

/// One application of each kind of image, for trials that say little more about the next one.
macro_rules! one_fixture_of_each_kind {
    ($each:ident) => {
        $each! {
            python_fastapi: "python-fastapi",
            python_django: "python-django",
            python_uv: "python-uv",
            python_bot: "python-bot",
            python_procfile: "python-procfile",
            node_express: "node-express",
            node_yarn_berry: "node-yarn-berry",
            node_next_standalone: "node-next-standalone",
            static_site: "static-site",
        }
    };
}
