//! Each framework: what is built, what goes into the image, what runs.

use expect_test::{Expect, expect};

use super::proposals::{manifest, told};

fn check(tree: &str, expected: Expect) {
    expected.assert_eq(&told(tree));
}

#[test]
fn nuxt_server() {
    check(
        &manifest(&["nuxt ^4"], &[], &[("build", "nuxt build"), ("start", "nuxt start")]),
        expect![[r#"
        Server by package.json:2
          $ node /tmp/settle.cjs before --root=/app nuxt
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app nuxt
          > app/.output
        web: node .output/server/index.mjs
        node framework = nuxt by package.json:2
        start command = node .output/server/index.mjs by default: how Nuxt is started
    "#]],
    );
}

#[test]
fn nuxt_generated() {
    check(
        &manifest(&["nuxt ^3"], &[], &[("build", "nuxt generate")]),
        expect![[r#"
        Site by package.json:4
          $ node /tmp/settle.cjs before --root=/app nuxt
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app nuxt
          > app/.output/public
          files in .output/public, else 404, for ever _nuxt/**
        node framework = nuxt by package.json:2
        served files = .output/public by package.json:4
    "#]],
    );
}

#[test]
fn nuxt_for_another_host() {
    let config =
        "//- /nuxt.config.ts\nexport default defineNuxtConfig({\n  nitro: { preset: 'vercel' }\n})\n";
    check(
        &(manifest(&["nuxt ^3"], &[], &[("build", "nuxt build")]) + config),
        expect![[r#"
        Server by package.json:2
          production packages
          $ node /tmp/settle.cjs before --root=/app nuxt
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app nuxt
          > app
          source
        node framework = nuxt by package.json:2
        Error node/built-for-elsewhere: Nitro's preset `vercel` makes nothing that runs in an image
          fix: take `nitro.preset` out, or set it to `node-server`; or add a script `start` that serves what the build makes
    "#]],
    );
}

#[test]
fn react_router_server_and_browser() {
    let scripts = [("build", "react-router build"), ("start", "react-router-serve ./build/server/index.js")];
    let tree = manifest(&["react-router", "@react-router/serve"], &["@react-router/dev", "vite"], &scripts);
    check(
        &tree,
        expect![[r#"
        Server by package.json:5
          production packages
          $ npm run build
          > app/build
          source
        web: react-router-serve ./build/server/index.js
        node framework = react-router by package.json:3
        start command = react-router-serve ./build/server/index.js by package.json:5
    "#]],
    );
    let config = "//- /react-router.config.ts\nexport default { ssr: false } satisfies Config\n";
    check(
        &(tree + config),
        expect![[r#"
        Site by react-router.config.ts:1
          $ npm run build
          > app/build/client
          files in build/client, else index, for ever assets/**
        node framework = react-router by package.json:3
        served files = build/client by react-router.config.ts:1
          not react-router-serve ./build/server/index.js by package.json:5
        Info node/static-server: the files in build/client are served by the image's own server, not by `react-router-serve ./build/server/index.js`
          fix: to keep the script, set --env PACKWRIGHT_STATIC=0
    "#]],
    );
}

#[test]
fn react_router_without_its_server() {
    let tree = manifest(&["react-router"], &["@react-router/dev"], &[("build", "react-router build")]);
    check(
        &tree,
        expect![[r#"
        Server by package.json:3
          production packages
          $ npm run build
          > app/build
          source
        node framework = react-router by package.json:3
        Error node/server-missing: nothing starts the server that the build makes
          fix: add @react-router/serve to the dependencies, or a script `start` that runs the server
    "#]],
    );
}

#[test]
fn react_router_as_a_library() {
    let tree = manifest(&["react-router-dom", "react"], &["vite"], &[("build", "tsc && vite build")]);
    check(
        &tree,
        expect![[r#"
        Site by default: where vite build writes
          $ npm run build
          > app/dist
          files in dist, else index, for ever assets/**
        node framework = vite by package.json:4
        served files = dist by default: where vite build writes
    "#]],
    );
}

#[test]
fn remix() {
    let scripts = [
        ("build", "remix vite:build"),
        ("start", "cross-env NODE_ENV=production remix-serve ./build/server/index.js"),
    ];
    let vite = "//- /vite.config.ts\nexport default defineConfig({ plugins: [remix()] })\n";
    check(
        &(manifest(&["@remix-run/serve"], &["@remix-run/dev", "cross-env"], &scripts) + vite),
        expect![[r#"
        Server by package.json:5
          production packages
          $ npm run build
          > app/build
          source
        web: NODE_ENV=production remix-serve ./build/server/index.js
        node framework = remix by package.json:3
        start command = NODE_ENV=production remix-serve ./build/server/index.js by package.json:5
          not remix-serve ./build/server/index.js by default: how Remix is started
    "#]],
    );
}

#[test]
fn astro_files() {
    let config =
        "//- /astro.config.mjs\nexport default defineConfig({ outDir: './site', integrations: [] })\n";
    check(
        &(manifest(&["astro"], &[], &[("build", "astro check && astro build"), ("start", "astro dev")])
            + config),
        expect![[r#"
        Site by astro.config.mjs:1
          $ node /tmp/settle.cjs before --root=/app astro
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app astro
          > app/site
          files in site, else 404, for ever _astro/**
        node framework = astro by package.json:2
        served files = site by astro.config.mjs:1
          not astro dev by package.json:5
        Info node/static-server: the files in site are served by the image's own server, not by `astro dev`
          fix: to keep the script, set --env PACKWRIGHT_STATIC=0
    "#]],
    );
}

#[test]
fn astro_server() {
    let config = "//- /astro.config.mjs\nimport node from '@astrojs/node'\nexport default defineConfig({ output: 'server', adapter: node({ mode: 'standalone' }) })\n";
    check(
        &(manifest(&["astro", "@astrojs/node"], &[], &[("build", "astro build")]) + config),
        expect![[r#"
        Server by astro.config.mjs:1
          production packages
          $ node /tmp/settle.cjs before --root=/app astro
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app astro
          > app/dist
          source
          HOST=0.0.0.0
        web: node ./dist/server/entry.mjs
        node framework = astro by package.json:2
        start command = node ./dist/server/entry.mjs by default: how Astro is started
    "#]],
    );
}

#[test]
fn astro_that_cannot_run_here() {
    for (config, expected) in [
        (
            "import vercel from '@astrojs/vercel'\nexport default { output: 'server', adapter: vercel() }",
            expect![[r#"
                Server by package.json:2
                  production packages
                  $ node /tmp/settle.cjs before --root=/app astro
                  $ npm run build
                  $ node /tmp/settle.cjs after --root=/app astro
                  > app
                  source
                node framework = astro by package.json:2
                Error node/built-for-elsewhere: the adapter `@astrojs/vercel` makes nothing that runs in an image
                  fix: install @astrojs/node and name it as `adapter` with `mode: 'standalone'`; or add a script `start` that serves what the build makes
            "#]],
        ),
        (
            "export default { output: 'server' }",
            expect![[r#"
            Server by package.json:2
              production packages
              $ node /tmp/settle.cjs before --root=/app astro
              $ npm run build
              $ node /tmp/settle.cjs after --root=/app astro
              > app
              source
            node framework = astro by package.json:2
            Error node/adapter-missing: Astro has no adapter, so its build makes no server
              fix: install @astrojs/node and name it as `adapter` with `mode: 'standalone'`
        "#]],
        ),
        (
            "import node from '@astrojs/node'\nexport default { adapter: node({ mode: 'middleware' }) }",
            expect![[r#"
                Server by astro.config.mjs:1
                  production packages
                  $ node /tmp/settle.cjs before --root=/app astro
                  $ npm run build
                  $ node /tmp/settle.cjs after --root=/app astro
                  > app/dist
                  source
                  HOST=0.0.0.0
                node framework = astro by package.json:2
                Error node/server-missing: @astrojs/node in the mode `middleware` makes a handler and no server, and there is no script `start`
                  fix: add a script `start` that runs your server, or say how it starts in a Procfile: `web: <command>`, or `worker: <command>`
            "#]],
        ),
    ] {
        let tree = manifest(&["astro"], &[], &[("build", "astro build")]);
        check(&format!("{tree}//- /astro.config.mjs\n{config}\n"), expected);
    }
}

fn kit(config: &str, adapter: &str) -> String {
    let tree = manifest(
        &[],
        &["@sveltejs/kit", "svelte", "vite", adapter],
        &[("build", "vite build"), ("preview", "vite preview")],
    );
    format!("{tree}//- /svelte.config.js\n{config}\n")
}

#[test]
fn sveltekit_server() {
    let config = "import adapter from '@sveltejs/adapter-node'\nexport default { kit: { adapter: adapter({ out: 'server' }) } }";
    check(
        &kit(config, "@sveltejs/adapter-node"),
        expect![[r#"
        Server by svelte.config.js:1
          production packages
          $ node /tmp/settle.cjs before --root=/app sveltekit
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app sveltekit
          > app/server
          source
        web: node server
        node framework = sveltekit by package.json:3
          not vite by package.json:4
        start command = node server by default: how SvelteKit is started
    "#]],
    );
}

#[test]
fn sveltekit_3_names_its_adapter_elsewhere() {
    let tree =
        manifest(&["marked"], &["@sveltejs/kit ^3", "@sveltejs/adapter-node"], &[("build", "vite build")]);
    let config = "//- /vite.config.js\nimport adapter from '@sveltejs/adapter-node'\nexport default { plugins: [sveltekit({ adapter: adapter() })] }\n";
    check(
        &(tree + config),
        expect![[r#"
        Server by vite.config.js:1
          production packages
          $ node /tmp/settle.cjs before --root=/app sveltekit
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app sveltekit
          > app/build
          source
        web: node build
        node framework = sveltekit by package.json:3
          not vite by package.json:4
        start command = node build by default: how SvelteKit is started
    "#]],
    );
}

#[test]
fn sveltekit_files() {
    let config = "import adapter from '@sveltejs/adapter-static'\nexport default { kit: { adapter: adapter({ fallback: '200.html' }) } }";
    check(
        &kit(config, "@sveltejs/adapter-static"),
        expect![[r#"
        Site by default: where @sveltejs/adapter-static writes
          $ node /tmp/settle.cjs before --root=/app sveltekit
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app sveltekit
          $ test -f build/index.html || cp build/200.html build/index.html
          > app/build
          files in build, else index, for ever _app/immutable/**
        node framework = sveltekit by package.json:3
          not vite by package.json:4
        served files = build by default: where @sveltejs/adapter-static writes
    "#]],
    );
}

#[test]
fn sveltekit_without_a_fitting_adapter() {
    let config =
        "import adapter from '@sveltejs/adapter-auto'\nexport default { kit: { adapter: adapter() } }";
    check(
        &kit(config, "@sveltejs/adapter-auto"),
        expect![[r#"
        Server by package.json:3
          production packages
          $ node /tmp/settle.cjs before --root=/app sveltekit
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app sveltekit
          > app
          source
        node framework = sveltekit by package.json:3
          not vite by package.json:4
        Error node/built-for-elsewhere: @sveltejs/adapter-auto, which knows some hosts and makes nothing for any other, makes nothing that runs in an image
          fix: install @sveltejs/adapter-node, or @sveltejs/adapter-static for files, and name it as `adapter`; or add a script `start` that serves what the build makes
    "#]],
    );
}

#[test]
fn tanstack_start() {
    let scripts = [("build", "vite build"), ("start", "node .output/server/index.mjs")];
    check(
        &manifest(&["@tanstack/react-start", "nitro"], &["vite"], &scripts),
        expect![[r#"
        Server by package.json:2
          $ npm run build
          > app/.output
        web: node .output/server/index.mjs
        node framework = tanstack-start by package.json:2
          not vite by package.json:4
        start command = node .output/server/index.mjs by default: how TanStack Start is started
    "#]],
    );
    check(
        &manifest(&["@tanstack/react-start"], &["vite"], &[("build", "vite build")]),
        expect![[r#"
            Server by package.json:2
              production packages
              $ npm run build
              > app/dist
              source
            web: /node_modules/.bin/srvx --prod -s ../client dist/server/server.js
            node framework = tanstack-start by package.json:2
              not vite by package.json:4
            start command = /node_modules/.bin/srvx --prod -s ../client dist/server/server.js by default: how TanStack Start is started
            Info node/package-added: srvx is installed as well, which no manifest names
              fix: add srvx to the dependencies to choose the version yourself
        "#]],
    );
}

#[test]
fn a_procfile_runs_another_half_of_a_framework() {
    let tree = manifest(&["nuxt ^4"], &[], &[("build", "nuxt build")]);
    check(
        &(tree + "//- /Procfile\nworker: node jobs.js\n//- /jobs.js\n"),
        expect![[r#"
        Server by Procfile:1
          production packages
          $ node /tmp/settle.cjs before --root=/app nuxt
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app nuxt
          > app/.output
          source
        web: node .output/server/index.mjs
        node framework = nuxt by package.json:2
        start command = node .output/server/index.mjs by default: how Nuxt is started
    "#]],
    );
}

#[test]
fn prisma_is_generated_when_no_script_does() {
    let schema = "//- /prisma/schema.prisma\n//- /server.js\nrequire('express')\n";
    let scripts = [("start", "prisma migrate deploy && node server.js")];
    check(
        &(manifest(&["express", "@prisma/client ^6", "prisma ^6"], &[], &scripts) + schema),
        expect![[r#"
            Server by server.js:1
              production packages
              $ prisma generate
              > app
              > app/node_modules/.prisma
              source
            web: prisma migrate deploy && node server.js
            network of node.scripts = open by detected: @prisma/client: runs `prisma generate`, which may download engines; prisma: downloads its engines
              not closed by default: install scripts have no network
            node framework = express by package.json:2
            start command = prisma migrate deploy && node server.js by package.json:4
            kind of process = web by server.js:1
        "#]],
    );
    let scripts = [("start", "node server.js"), ("postinstall", "prisma generate")];
    check(
        &(manifest(&["express", "@prisma/client ^7"], &["prisma ^7"], &scripts) + schema),
        expect![[r#"
            Server by server.js:1
              production packages
              > app
              source
            web: node server.js
            network of node.scripts = open by detected: @prisma/client: runs `prisma generate`, which may download engines; prisma: downloads its engines
              not closed by default: install scripts have no network
            node framework = express by package.json:2
            start command = node server.js by package.json:4
            kind of process = web by server.js:1
        "#]],
    );
}
