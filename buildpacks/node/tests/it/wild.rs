//! Kinds found in public applications: tools around Vite, scripts that build a part, commands for a database in the
//! build, start scripts for development, old webpack.

use expect_test::expect;

use super::processes::lines;
use super::proposals::{manifest, told};

/// The lines of what a tree comes to that begin with one of these.
fn only(tree: &str, starts: &[&str]) -> String {
    told(tree)
        .lines()
        .filter(|line| starts.iter().any(|start| line.trim_start().starts_with(start)))
        .map(|line| format!("{line}\n"))
        .collect()
}

const PAGE: &str =
    "//- /index.html\n<script type=\"module\" src=\"/src/main.ts\"></script>\n//- /src/main.ts\n";

#[test]
fn a_page_whose_scripts_are_no_program() {
    let mut out = String::new();
    for (development, scripts) in [
        (&["vite", "vite-ssg"][..], &[("build", "vite-ssg build")][..]),
        (&["vite"], &[("build", "node build.js")]),
        (&["esbuild"], &[("build", "node build.js")]),
        (&["vite"], &[("build", "vite-ssg build"), ("start", "node server.js")]),
    ] {
        let tree = manifest(&[], development, scripts) + PAGE + "//- /server.js\nlisten(process.env.PORT)\n";
        out += &format!(
            "{scripts:?}\n{}",
            only(&tree, &["Site", "Server", "Program", "Tools", "files in", "web:", "worker:", "Error"])
        );
    }
    expect![[r#"
        [("build", "vite-ssg build")]
        Site by default: where vite build writes
          files in dist, else index, for ever assets/**
        [("build", "node build.js")]
        Site by default: where vite build writes
          files in dist, else index, for ever assets/**
        [("build", "node build.js")]
        Server by server.js:1
        web: node server.js
        [("build", "vite-ssg build"), ("start", "node server.js")]
        Server by package.json:5
        web: node server.js
    "#]]
    .assert_eq(&out);
}

#[test]
fn a_script_that_builds_a_part() {
    let mut out = String::new();
    for scripts in [
        &[
            ("start", "node server.js"),
            ("build:frontend", "vite build --config web/vite.config.ts"),
            ("build:docker", "docker build ."),
        ][..],
        &[("start", "node server.js"), ("build:frontend", "vite build"), ("build:server", "tsc")],
        &[("start", "node server.js"), ("build:dev", "vite build --mode dev")],
        &[("start", "node server.js"), ("build:web", "vite build"), ("build", "tsc")],
        &[("build-client", "vite build")],
    ] {
        let tree =
            manifest(&[], &["vite", "typescript"], scripts) + "//- /server.js\nlisten(process.env.PORT)\n";
        out += &format!("{scripts:?}\n{}", only(&tree, &["$", "files in", "web:"]));
    }
    expect![[r#"
        [("start", "node server.js"), ("build:frontend", "vite build --config web/vite.config.ts"), ("build:docker", "docker build .")]
          $ npm run build:frontend
        web: node server.js
        [("start", "node server.js"), ("build:frontend", "vite build"), ("build:server", "tsc")]
        web: node server.js
        [("start", "node server.js"), ("build:dev", "vite build --mode dev")]
        web: node server.js
        [("start", "node server.js"), ("build:web", "vite build"), ("build", "tsc")]
          $ npm run build
        web: node server.js
        [("build-client", "vite build")]
          $ npm run build-client
          files in dist, else index, for ever assets/**
    "#]].assert_eq(&out);
}

#[test]
fn commands_for_a_database_in_the_build() {
    let mut out = String::new();
    for (dependencies, scripts, files) in [
        (
            &["next", "prisma"][..],
            &[("build", "prisma generate && prisma migrate deploy && next build")][..],
            "",
        ),
        (
            &["next", "prisma"],
            &[
                ("prebuild", "npm run migrate"),
                ("migrate", "npx prisma migrate deploy"),
                ("build", "next build"),
            ],
            "",
        ),
        (
            &["express", "sequelize-cli"],
            &[("heroku-postbuild", "tsc && sequelize db:migrate"), ("start", "node server.js")],
            "//- /Procfile\nweb: npm start\n",
        ),
        (
            &["express", "knex"],
            &[("postinstall", "dotenv -e .env -- knex migrate:latest"), ("start", "node server.js")],
            "",
        ),
        (&["next", "payload"], &[("build", "payload migrate || next build")], ""),
        (&["nuxt", "prisma"], &[("build", "prisma migrate deploy && nuxt build")], ""),
    ] {
        let tree =
            manifest(dependencies, &[], scripts) + files + "//- /server.js\nlisten(process.env.PORT)\n";
        out += &format!(
            "{scripts:?}\n{}",
            only(&tree, &["$ ", "web:", "release:", "build command", "Warning node/rel"])
        );
    }
    expect![[r#"
        [("build", "prisma generate && prisma migrate deploy && next build")]
          $ mkdir -p /packwright/node
          $ node /tmp/settle.cjs before --root=/app next
          $ prisma generate && next build
          $ node /tmp/settle.cjs after --root=/app next
        web: next start
        release: prisma migrate deploy
        Warning node/released: the build runs without `prisma migrate deploy`
        [("prebuild", "npm run migrate"), ("migrate", "npx prisma migrate deploy"), ("build", "next build")]
          $ mkdir -p /packwright/node
          $ node /tmp/settle.cjs before --root=/app next
          $ next build
          $ node /tmp/settle.cjs after --root=/app next
        web: next start
        release: prisma migrate deploy
        Warning node/released: the build runs without `prisma migrate deploy`
        [("heroku-postbuild", "tsc && sequelize db:migrate"), ("start", "node server.js")]
          $ tsc
        web: node server.js
        Warning node/released: the build runs without `sequelize db:migrate`
        [("postinstall", "dotenv -e .env -- knex migrate:latest"), ("start", "node server.js")]
        web: node server.js
        release: dotenv -e .env -- knex migrate:latest
        Warning node/released: the build runs without `dotenv -e .env -- knex migrate:latest`
        [("build", "payload migrate || next build")]
          $ mkdir -p /packwright/node
          $ node /tmp/settle.cjs before --root=/app next
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app next
        web: next start
        [("build", "prisma migrate deploy && nuxt build")]
          $ node /tmp/settle.cjs before --root=/app nuxt
          $ nuxt build
          $ node /tmp/settle.cjs after --root=/app nuxt
        web: node .output/server/index.mjs
        Warning node/released: the build runs without `prisma migrate deploy`
    "#]]
    .assert_eq(&out);
}

#[test]
fn a_start_script_that_asks_for_development() {
    let mut out = String::new();
    for scripts in [
        &[
            ("start", "cross-env NODE_ENV=development node server"),
            ("start:prod", "cross-env NODE_ENV=production node server"),
        ][..],
        &[("start", "NODE_ENV=development node server")],
    ] {
        let tree = manifest(&["express"], &["cross-env"], scripts)
            + "//- /server/index.js\nlisten(process.env.PORT)\n";
        out += &format!("{scripts:?}\n{}", lines(&tree));
    }
    expect![[r#"
        [("start", "cross-env NODE_ENV=development node server"), ("start:prod", "cross-env NODE_ENV=production node server")]
          production packages
        web: NODE_ENV=production node server
        [("start", "NODE_ENV=development node server")]
          production packages
        web: NODE_ENV=development node server
        Warning node/development-asked: the start script runs `NODE_ENV=development node server`, which asks for development
          fix: leave the variable to the script `dev`, or add a script `start:prod` without it
    "#]].assert_eq(&out);
}

#[test]
fn algorithms_of_old_builders() {
    let build = &[("build", "webpack --mode production"), ("start", "node server.js")][..];
    let files = "//- /server.js\nlisten(process.env.PORT)\n";
    let locked = |version: &str| {
        format!(
            "//- /package-lock.json\n{{ \"lockfileVersion\": 3, \"packages\": {{ \"\": {{}}, \"node_modules/webpack\": {{ \"version\": \"{version}\" }} }} }}\n"
        )
    };
    let mut out = String::new();
    for (dependencies, lock, node) in [
        (&["webpack ^4.46.0"][..], String::new(), ""),
        (&["webpack ^5.0.0"], String::new(), ""),
        (&["webpack ^5.0.0"], locked("5.40.0"), ""),
        (&["webpack ^5.0.0"], locked("5.90.0"), ""),
        (&["webpack ^4.46.0"], String::new(), "//- /.nvmrc\n16\n"),
        (&["react-scripts 4.0.3"], String::new(), ""),
    ] {
        let tree = manifest(dependencies, &[], build) + files + &lock + node;
        let told = only(&tree, &["Info node/old", "Error"]);
        out += &format!(
            "{dependencies:?} {node:?}: {}\n",
            if told.is_empty() { "nothing" } else { told.trim() }
        );
    }
    expect![[r#"
        ["webpack ^4.46.0"] "": Info node/old-algorithms: the build runs with `--openssl-legacy-provider`
        ["webpack ^5.0.0"] "": nothing
        ["webpack ^5.0.0"] "": Info node/old-algorithms: the build runs with `--openssl-legacy-provider`
        ["webpack ^5.0.0"] "": nothing
        ["webpack ^4.46.0"] "//- /.nvmrc\n16\n": nothing
        ["react-scripts 4.0.3"] "": Info node/old-algorithms: the build runs with `--openssl-legacy-provider`
    "#]]
    .assert_eq(&out);
}

#[test]
fn locks_of_yarn() {
    let mut out = String::new();
    for (engines, lock) in [
        ("1.x", "# yarn lockfile v1\n\nms:\n  version \"2.1.3\"\n"),
        ("1.x", "# yarn lockfile v1\n\nms@^1.0.0:\n  version \"1.0.0\"\n"),
        ("1.x", "__metadata:\n  version: 6\n\n\"ms@npm:^2.0.0\":\n  version: 2.1.3\n"),
        (">=1.22", "__metadata:\n  version: 6\n\n\"ms@npm:^2.0.0\":\n  version: 2.1.3\n"),
    ] {
        let tree = format!(
            "//- /package.json\n{{ \"engines\": {{ \"yarn\": \"{engines}\" }}, \"dependencies\": {{ \"ms\": \"^2.0.0\" }}, \"scripts\": {{ \"start\": \"node server.js\" }} }}\n//- /server.js\n//- /yarn.lock\n{lock}"
        );
        let told = only(&tree, &["Error", "why", "fix"]);
        out += &format!(
            "{engines} {:?}: {}\n",
            lock.lines().nth(2).unwrap_or_default(),
            if told.is_empty() { "fits" } else { told.trim() }
        );
    }
    expect![[r#"
        1.x "ms:": fits
        1.x "ms@^1.0.0:": Error node/lock-stale: package.json:1 asks for `ms` `^2.0.0`, yarn.lock does not know it
          fix: run `yarn install` and commit yarn.lock
        1.x "": Error node/managers-conflict: package.json:1 asks for yarn 1.x, but yarn.lock is of yarn ^3.2
          fix: name the version in `packageManager` or `yarnPath`, or change package.json:1 to `^3.2`
        >=1.22 "": fits
    "#]].assert_eq(&out);
}

#[test]
fn qwik() {
    let template =
        &[("build", "qwik build"), ("build.client", "vite build"), ("start", "vite --open --mode ssr")][..];
    let with = |server: &'static str| [template, &[("build.server", server)]].concat();
    let config = |module: &str, entry: &str| {
        format!(
            "//- /adapters/a/vite.config.ts\nimport {{ x }} from \"@builder.io/qwik-city/adapters/{module}/vite\";\nexport default extendConfig(base, () => ({{ build: {{ rollupOptions: {{ input: [\"src/{entry}.tsx\"] }} }} }}));\n"
        )
    };
    let server = "vite build -c adapters/a/vite.config.ts";
    let mut out = String::new();
    for (scripts, files) in [
        (template.to_vec(), String::new()),
        (with(server), config("node-server", "entry.express")),
        (with(server), config("static", "entry.static")),
        (with(server), config("vercel-edge", "entry.vercel-edge")),
    ] {
        let tree = manifest(&[], &["@builder.io/qwik-city", "vite"], &scripts) + &files;
        out += &only(&tree, &["Server", "Site", "$", ">", "files in", "web:", "Error", "fix: run"]);
        out += "\n";
    }
    expect![[r#"
        Server by package.json:3
          $ npm run build
          $ cp /tmp/entry.packwright.ts src/ && cp /tmp/packwright.vite.config.mjs . && vite build -c packwright.vite.config.mjs
          > app/dist
          > app/server
        web: node server/entry.packwright.js

        Server by adapters/a/vite.config.ts:1
          $ npm run build
          > app/dist
          > app/server
        web: node server/entry.express.js

        Site by adapters/a/vite.config.ts:1
          $ npm run build
          > app/dist
          files in dist, else 404, for ever build/** assets/**

        Server by package.json:3
          $ npm run build
          > app
        Error node/built-for-elsewhere: the adapter `vercel-edge` makes nothing that runs in an image
          fix: run `npm run qwik add node-server`, or `qwik add static` for files, and commit what it writes; or add a script `start` that serves what the build makes

    "#]].assert_eq(&out);
}

#[test]
fn manifests_in_other_forms() {
    let mut out = String::new();
    for files in [
        "//- /package.json5\n{ name: 'x' }\n",
        "//- /package.yaml\nname: x\n//- /pnpm-lock.yaml\nlockfileVersion: '9.0'\n",
        "//- /package.yaml\nname: x\ndependencies: [base]\n",
    ] {
        out += &told(files);
    }
    expect![[r#"
        Program by package.json5
        Error node/manifest-form: package.json5 is a manifest that pnpm alone reads
          fix: write it as JSON into package.json, which pnpm reads too, and remove package.json5
        Program by package.yaml
        Error node/manifest-form: package.yaml is a manifest that pnpm alone reads
          fix: write it as JSON into package.json, which pnpm reads too, and remove package.yaml
        nothing
    "#]]
    .assert_eq(&out);
}

#[test]
fn servers_of_other_protocols() {
    let mut out = String::new();
    for (dependency, source) in [
        ("@modelcontextprotocol/sdk", "new StdioServerTransport()"),
        ("@modelcontextprotocol/sdk", "new StreamableHTTPServerTransport({})"),
        ("fastmcp", "server.start({ transportType: 'stdio' })"),
        ("fastmcp", "server.start({ transportType: 'httpStream', httpStream: { port: 8080 } })"),
        ("graphql-yoga", "createServer(createYoga({ schema })).listen(process.env.PORT)"),
        ("postgraphile", "run()"),
    ] {
        let tree = manifest(&[dependency], &[], &[("start", "node index.js")])
            + &format!("//- /index.js\n{source}\n");
        out += &format!("{source}: {}", only(&tree, &["web:", "worker:"]));
    }
    expect![[r#"
        new StdioServerTransport(): worker: node index.js
        new StreamableHTTPServerTransport({}): web: node index.js
        server.start({ transportType: 'stdio' }): worker: node index.js
        server.start({ transportType: 'httpStream', httpStream: { port: 8080 } }): web: node index.js
        createServer(createYoga({ schema })).listen(process.env.PORT): web: node index.js
        run(): web: node index.js
    "#]]
    .assert_eq(&out);
}

#[test]
fn a_root_that_starts_members() {
    let mut out = String::new();
    for start in ["dotenv -c production -- turbo run start", "pnpm -r start", "node watch.js"] {
        let tree = format!(
            "//- /package.json\n{{ \"workspaces\": [\"a\", \"b\"], \"scripts\": {{ \"start\": \"{start}\" }}, \"devDependencies\": {{ \"turbo\": \"2\", \"dotenv-cli\": \"7\" }} }}\n//- /a/package.json\n{{ \"name\": \"a\", \"scripts\": {{ \"start\": \"node a.js\" }}, \"dependencies\": {{ \"express\": \"5\" }} }}\n//- /b/package.json\n{{ \"name\": \"b\", \"scripts\": {{ \"start\": \"node b.js\" }} }}\n//- /watch.js\n"
        );
        out += &only(&tree, &["web:", "worker:"]);
    }
    expect![[r#"
        web: dotenv -c production -- turbo run start
        web: cd a && node a.js
        worker: node watch.js
    "#]]
    .assert_eq(&out);
}

#[test]
fn programs_that_bun_would_fetch() {
    let scripts = &[
        ("build", "bunx @tailwindcss/cli -o out.css && bun run check"),
        ("check", "tsc"),
        ("start", "bun server.ts"),
    ];
    let tree = manifest(&["@tailwindcss/cli", "typescript"], &[], scripts)
        + "//- /server.ts\nBun.serve({ port: process.env.PORT })\n//- /bun.lock\n{ \"lockfileVersion\": 1, \"workspaces\": { \"\": { \"dependencies\": { \"@tailwindcss/cli\": \"*\", \"typescript\": \"*\" } } }, \"packages\": {} }\n";
    expect![[r#"
          $ tailwindcss -o out.css && tsc
    "#]]
    .assert_eq(only(&tree, &["$", "Error"]).trim_start());
}
