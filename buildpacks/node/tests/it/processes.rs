//! From scripts to processes.

use expect_test::{Expect, expect};
use packwright_buildpack::planner::{Input, MemoryTree, Plan, PlanError, PlanOptions, Severity, StepName};

use super::planned;
use super::proposals::{manifest, told};

fn check(tree: &str, expected: Expect) {
    expected.assert_eq(&told(tree));
}

/// What the scripts come to with these dependencies and `server.js`, which answers HTTP.
pub(super) fn scripts(dependencies: &[&str], development: &[&str], scripts: &[(&str, &str)]) -> String {
    manifest(dependencies, development, scripts)
        + "//- /server.js\nrequire('http').createServer().listen(process.env.PORT)\n"
}

/// Only the processes and what is said.
pub(super) fn lines(tree: &str) -> String {
    let text = told(tree);
    let keep = |line: &&str| {
        ["web:", "worker:", "Warning", "Error", "Info", "  fix", "  production", "  all"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    text.lines().filter(keep).map(|line| format!("{line}\n")).collect()
}

#[test]
fn lines_of_start_scripts() {
    let mut out = String::new();
    for line in [
        "node server.js",
        "node ./server",
        "NODE_ENV=production node server.js",
        "cross-env NODE_ENV=production node server.js",
        "npm run serve",
        "npm run -s serve -- --quiet",
        "yarn serve --quiet",
        "pnpm run serve",
        "node --run serve",
        "npm-run-all -s migrate serve",
        "npx knex migrate:latest && npm run serve",
        "npm run serve; npm run migrate",
        "npm run both || echo failed",
        "X=1 npm run both",
        "node server.js | pino-pretty",
        "exec node -r dotenv/config server.js",
        "node --max-old-space-size=512 --import ./telemetry.mjs server.js",
        "nodemon server.js",
        "tsx watch server.js",
        "node --watch server.js",
        "pm2-runtime server.js",
        "npx serve@14 dist",
        "yarn dlx thing",
        "if [ -n \"$X\" ]; then npm run serve; fi",
        "cd api && npm start",
        "node --env-file=.env server.js",
        "node server.js --port 3000",
        "node ${ENTRY:-server.js}",
        "unheard-of",
        "npm run build && node server.js",
        "./scripts/start.sh",
    ] {
        let all = [
            ("start", line),
            ("build", "tsc"),
            ("serve", "node server.js"),
            ("migrate", "knex migrate:latest"),
            ("both", "npm run migrate && npm run serve"),
        ];
        let tree = scripts(&["knex", "dotenv"], &["cross-env", "nodemon", "tsx", "typescript"], &all);
        out += &format!("{line}\n{}\n", lines(&tree));
    }
    expect![[r#"
        node server.js
          production packages
        web: node server.js

        node ./server
          production packages
        web: node ./server

        NODE_ENV=production node server.js
          production packages
        web: NODE_ENV=production node server.js

        cross-env NODE_ENV=production node server.js
          production packages
        web: NODE_ENV=production node server.js

        npm run serve
          production packages
        web: node server.js

        npm run -s serve -- --quiet
          production packages
        web: node server.js --quiet

        yarn serve --quiet
          production packages
        web: node server.js --quiet

        pnpm run serve
          production packages
        web: node server.js

        node --run serve
          production packages
        web: node server.js

        npm-run-all -s migrate serve
          production packages
        web: knex migrate:latest && node server.js

        npx knex migrate:latest && npm run serve
          production packages
        web: knex migrate:latest && node server.js

        npm run serve; npm run migrate
          production packages
        web: node server.js; knex migrate:latest

        npm run both || echo failed
          production packages
        web: { knex migrate:latest && node server.js; } || echo failed

        X=1 npm run both
          production packages
        web: X=1 knex migrate:latest && X=1 node server.js

        node server.js | pino-pretty
          all packages
        web: node server.js | pino-pretty
        Warning node/program-unknown: the image starts `pino-pretty`, which nothing is known to bring
          fix: add the package that brings `pino-pretty` to the dependencies, or correct the script

        exec node -r dotenv/config server.js
          production packages
        web: exec node -r dotenv/config server.js

        node --max-old-space-size=512 --import ./telemetry.mjs server.js
          production packages
        web: node --max-old-space-size=512 --import ./telemetry.mjs server.js

        nodemon server.js
          all packages
        web: nodemon server.js
        Warning node/development-at-start: the image starts `nodemon` of nodemon, a development dependency
          fix: move nodemon to `dependencies`
        Warning node/watcher-starts: the start script runs `nodemon server.js`, which waits for files to change
          fix: start `node server.js` and keep nodemon in a script `dev`

        tsx watch server.js
          all packages
        web: tsx watch server.js
        Warning node/development-at-start: the image starts `tsx` of tsx, a development dependency
          fix: move tsx to `dependencies`
        Warning node/watcher-starts: the start script runs `tsx watch server.js`, which waits for files to change
          fix: start `node server.js` and keep tsx in a script `dev`

        node --watch server.js
          production packages
        web: node --watch server.js
        Warning node/watcher-starts: the start script runs `node --watch server.js`, which waits for files to change
          fix: start `node server.js` and keep node in a script `dev`

        pm2-runtime server.js
          all packages
        web: pm2-runtime server.js
        Warning node/program-unknown: the image starts `pm2-runtime`, which nothing is known to bring
          fix: add the package that brings `pm2-runtime` to the dependencies, or correct the script

        npx serve@14 dist
          production packages
        web: npx serve@14 dist
        Warning node/downloads-at-start: `npx` downloads serve whenever the image starts
          fix: add serve to the dependencies

        yarn dlx thing
          production packages
        web: yarn dlx thing
        Warning node/downloads-at-start: `yarn` downloads thing whenever the image starts
          fix: add thing to the dependencies

        if [ -n "$X" ]; then npm run serve; fi
          all packages
        web: if [ -n "$X" ]; then npm run serve; fi

        cd api && npm start
          production packages
        web: cd api && npm start

        node --env-file=.env server.js
          production packages
        web: node --env-file-if-exists=.env server.js
        Info node/env-file-missing: the start script reads .env, which is not in the image; it starts without
          fix: give the image its variables when it starts

        node server.js --port 3000
          production packages
        web: node server.js --port 3000
        Warning node/port-fixed: package.json:4 listens on port 3000, whatever PORT says
          fix: write `$PORT` there

        node ${ENTRY:-server.js}
          production packages
        web: node ${ENTRY:-server.js}

        unheard-of
          all packages
        web: unheard-of
        Warning node/program-unknown: the image starts `unheard-of`, which nothing is known to bring
          fix: add the package that brings `unheard-of` to the dependencies, or correct the script

        npm run build && node server.js
          production packages
        web: node server.js
        Info node/build-not-repeated: `tsc` at the start of the start script is left out

        ./scripts/start.sh
          production packages
        web: ./scripts/start.sh

    "#]].assert_eq(&out);
}

#[test]
fn hooks_run_with_the_managers_that_run_them() {
    let all = [("prestart", "node check.js"), ("start", "node server.js"), ("poststart", "echo done")];
    let tree = scripts(&[], &[], &all) + "//- /check.js\n";
    expect![[r#"
        web: node check.js && node server.js
    "#]]
    .assert_eq(&lines(&tree));
    let berry = tree.replace("\"scripts\"", "\"packageManager\": \"yarn@4.0.0\",\n\"scripts\"");
    expect![[r#"
        web: node server.js
    "#]]
    .assert_eq(&lines(&berry));
}

#[test]
fn scripts_in_a_circle() {
    expect![[r#"
        web: node server.js
        Error node/scripts-in-circle: the script `a` runs itself
          fix: take one of the calls out
    "#]]
    .assert_eq(&lines(&scripts(&[], &[], &[("start", "npm run a"), ("a", "yarn b"), ("b", "npm run a")])));
}

#[test]
fn a_file_that_is_not_there() {
    expect![[r#"
        worker: node dist/server.js
        Error node/start-file-missing: the start script runs dist/server.js, which is no file of the source
          fix: correct the name, or add the script `build` that makes the file
    "#]]
    .assert_eq(&lines(&manifest(&[], &[], &[("start", "node dist/server.js")])));
}

#[test]
fn typescript_entries() {
    for (engines, development, expected) in [
        (
            "24.x",
            &[][..],
            expect![[r#"
              production packages
            web: node src/index.ts
        "#]],
        ),
        (
            "20.x",
            &[][..],
            expect![[r#"
              production packages
            web: node src/index.ts
            Warning node/version-ended: package.json:4 asks for Node 20, which has had no security fixes since 2026-04-30
              fix: move to Node 24
            Error node/types-not-stripped: src/index.ts is TypeScript, which Node 20.0 does not run
              fix: ask for a newer Node (`engines.node`), add `tsx` to the dependencies and start with it, or compile in a script `build`
        "#]],
        ),
        (
            "20.x",
            &["tsx"][..],
            expect![[r#"
                  all packages
                web: tsx src/index.ts
                Warning node/version-ended: package.json:4 asks for Node 20, which has had no security fixes since 2026-04-30
                  fix: move to Node 24
                Warning node/development-at-start: the image starts `tsx` of tsx, a development dependency
                  fix: move tsx to `dependencies`
            "#]],
        ),
    ] {
        let tree = manifest(&["express"], development, &[]);
        let tree =
            tree.replace("\"scripts\"", &format!("\"engines\": {{\"node\": \"{engines}\"}},\n\"scripts\""));
        expected.assert_eq(&lines(&(tree + "//- /src/index.ts\nimport express from 'express'\n")));
    }
}

#[test]
fn without_a_start_script() {
    let main = |main: &str| {
        manifest(&[], &[], &[]).replace("\"scripts\"", &format!("\"main\": \"{main}\",\n\"scripts\""))
    };
    check(
        &(main("lib/app.js")
            + "//- /lib/app.js\nimport './listen.js'\n//- /lib/listen.js\nserver.listen(1)\n//- /index.js\n"),
        expect![[r#"
            Server by lib/listen.js:1
              source
              PORT=1
            web: node lib/app.js
            node framework = none by default: no framework among the dependencies
            start command = node lib/app.js by package.json:4
              not index.js by detected: index.js is there
            kind of process = web by lib/listen.js:1
            Warning node/port-fixed: lib/listen.js:1 listens on port 1, whatever PORT says
              fix: write `process.env.PORT ?? 1` there
        "#]],
    );
    check(
        &(main("index.js") + "//- /bot.js\nclient.login(process.env.TOKEN)\n"),
        expect![[r#"
        Program by detected: bot.js is there
          source
        worker: node bot.js
        node framework = none by default: no framework among the dependencies
        start command = node bot.js by detected: bot.js is there
          not index.js (no such file) by package.json:4
        kind of process = worker by detected: nothing in it answers HTTP or reads PORT
    "#]],
    );
    check(
        &main("index.js"),
        expect![[r#"
        Tools by package.json
          source
        Error node/nothing-starts: nothing says how the application starts
          fix: add a script `start` to package.json, or say how it starts in a Procfile: `web: <command>`, or `worker: <command>`
    "#]],
    );
}

#[test]
fn bun_runs_what_bun_installs() {
    let tree = manifest(&[], &[], &[])
        + "//- /bun.lock\n{ \"lockfileVersion\": 1, \"workspaces\": { \"\": {} }, \"packages\": {} }\n//- /index.ts\nBun.serve({ fetch() {} })\n";
    check(
        &tree,
        expect![[r#"
        Server by index.ts:1
          source
        web: bun index.ts
        node framework = none by default: no framework among the dependencies
        start command = bun index.ts by detected: index.ts is there
        kind of process = web by index.ts:1
    "#]],
    );
}

#[test]
fn servers_by_their_packages() {
    let mut out = String::new();
    for package in [
        "express",
        "fastify",
        "koa",
        "@hono/node-server",
        "@hapi/hapi",
        "@feathersjs/express",
        "socket.io",
        "@apollo/server",
        "elysia",
        "discord.js",
        "superagent-express",
    ] {
        let text = told(
            &(manifest(&[package], &[], &[("start", "node index.js")])
                + &format!("//- /index.js\nrequire('{package}')\n")),
        );
        let line = text.lines().find(|line| line.starts_with("kind")).unwrap_or("none").to_owned();
        let framework =
            text.lines().find(|line| line.starts_with("node framework")).unwrap_or("none").to_owned();
        out += &format!("{package}: {line}; {framework}\n");
    }
    expect![[r#"
        express: kind of process = web by index.js:1; node framework = express by package.json:2
        fastify: kind of process = web by index.js:1; node framework = fastify by package.json:2
        koa: kind of process = web by index.js:1; node framework = koa by package.json:2
        @hono/node-server: kind of process = web by index.js:1; node framework = hono by package.json:2
        @hapi/hapi: kind of process = web by index.js:1; node framework = hapi by package.json:2
        @feathersjs/express: kind of process = web by index.js:1; node framework = feathers by package.json:2
        socket.io: kind of process = web by index.js:1; node framework = socket.io by package.json:2
        @apollo/server: kind of process = web by index.js:1; node framework = apollo by package.json:2
        elysia: kind of process = web by index.js:1; node framework = elysia by package.json:2
        discord.js: kind of process = worker by detected: nothing in it answers HTTP or reads PORT; node framework = none by default: no framework among the dependencies
        superagent-express: kind of process = worker by detected: nothing in it answers HTTP or reads PORT; node framework = none by default: no framework among the dependencies
    "#]].assert_eq(&out);
}

#[test]
fn nest_as_it_is_generated() {
    let all = [
        ("build", "nest build"),
        ("start", "nest start"),
        ("start:dev", "nest start --watch"),
        ("start:prod", "node dist/main"),
    ];
    let tree = manifest(&["@nestjs/core", "@nestjs/platform-express"], &["@nestjs/cli"], &all);
    check(
        &(tree
            + "//- /src/main.ts\nimport { NestFactory } from '@nestjs/core'\napp.listen(process.env.PORT ?? 3000)\n"),
        expect![[r#"
        Server by src/main.ts:2
          production packages
          $ npm run build
          > app
          source
        web: node dist/main
        node framework = nest by package.json:2
        start command = node dist/main by package.json:7
        kind of process = web by src/main.ts:2
    "#]],
    );
}

#[test]
fn tools_only() {
    check(
        &manifest(&[], &["prettier"], &[("format", "prettier .")]),
        expect![[r#"
        Tools by package.json
          production packages
          source
        Error node/nothing-starts: nothing says how the application starts
          fix: add a script `start` to package.json, or say how it starts in a Procfile: `web: <command>`, or `worker: <command>`
    "#]],
    );
}

#[test]
fn a_mixed_repository() {
    let tree = scripts(&["express"], &[], &[("start", "node server.js")]);
    check(
        &(tree
            + "//- /public/index.html\n//- /tools/x.py\nimport os\n//- /deno.ts\nimport 'https://deno.example/x.ts'\n"),
        expect![[r#"
        Server by server.js:1
          production packages
          source
        web: node server.js
        node framework = express by package.json:2
        start command = node server.js by package.json:4
        kind of process = web by server.js:1
    "#]],
    );
}

#[test]
fn a_procfile_that_calls_the_manager() {
    let tree = scripts(&[], &["tsx"], &[("start", "node server.js"), ("jobs", "tsx jobs.ts")]);
    check(
        &(tree + "//- /Procfile\nweb: npm start\nworker: npm run jobs\n"),
        expect![[r#"
            Server by Procfile:1
              all packages
              source
              package manager
            web: node server.js
            node framework = none by default: no framework among the dependencies
            start command = node server.js by package.json:4
            kind of process = web by server.js:1
        "#]],
    );
}

proptest::proptest! {
    #[test]
    fn any_line_and_any_configuration_is_answered(
        line in "((node|npm run|npx|next|vite|cd|start|build|server.js|cross-env|A=b|--|-p|&&|\\|\\||;|\\||'|\"|\\$|\\(|\\{|\\\\|#|\\PC)[ ]?){0,12}",
        config in "((output|export|default|build|outDir|adapter|import|from|//|/\\*|:|,|\\{|\\}|\\(|\\)|\\[|\\]|'|\"|`|\\$\\{|=|/|\\.|\\PC)[ \n]?){0,24}",
    ) {
        let all = [("start", line.as_str()), ("build", "vite build"), ("prestart", line.as_str())];
        let tree = manifest(&["next"], &["vite"], &all);
        let config = config.replace("//-", "//");
        let tree = format!("{tree}//- /next.config.js\n{config}\n//- /vite.config.js\n{config}\n//- /server.js\n{config}\n");
        for tree in [&tree, &tree.replace("\"next\"", "\"astro\""), &tree.replace("\"next\": \"*\"", "")] {
            let tree = MemoryTree::parse(tree);
            let result = planned(&tree, &PlanOptions::default());
            sound(&result);
            proptest::prop_assert_eq!(format!("{result:?}"), format!("{:?}", planned(&tree, &PlanOptions::default())));
        }
    }
}

/// What holds for every answer: a refusal says what is wrong and what to do about it; a plan can be
/// carried out as far as one can tell without doing it, and says where every choice comes from.
fn sound(result: &Result<Plan, PlanError>) {
    let plan = match result {
        Ok(plan) => plan,
        Err(error) => {
            assert!(!error.problems().is_empty());
            for problem in error.problems() {
                assert_eq!(problem.severity, Severity::Error, "{problem:?}");
                assert!(!problem.message.is_empty() && problem.fix.is_some(), "{problem:?}");
            }
            return;
        }
    };
    let mut before: Vec<&StepName> = Vec::new();
    for step in &plan.steps {
        assert!(!before.contains(&&step.name), "{} is there twice", step.name);
        for input in &step.inputs {
            match input {
                Input::Step(name) => assert!(before.contains(&name), "{} comes before {name}", step.name),
                Input::Source(selection) => assert!(selection.matcher().is_ok(), "{selection:?}"),
            }
        }
        assert!(!step.outputs.is_empty(), "{} leaves nothing behind", step.name);
        for command in &step.commands {
            assert!(!command.to_string().trim().is_empty(), "{} runs nothing", step.name);
        }
        before.push(&step.name);
    }
    assert!(plan.source.matcher().is_ok());
    let told = |word: &str| plan.decisions.iter().any(|decision| decision.subject == word);
    for subject in ["node version", "node package manager"] {
        assert!(told(subject), "nobody says who chose: {subject}");
    }
    for process in &plan.processes {
        assert!(!process.command.to_string().trim().is_empty(), "{} starts nothing", process.name);
    }
    assert!(!plan.processes.is_empty(), "a plan without a process is refused");
}

#[test]
fn a_development_dependency_that_the_started_file_loads_is_in_the_image() {
    let tree = manifest(&["express"], &["ts-node", "vite", "@types/node"], &[("start", "node index.js")]);
    check(
        &format!("{tree}//- /index.js\nrequire('ts-node/register');\nrequire('./src/main');\n"),
        expect![[r#"
            Server by package.json:2
              all packages
              source
            web: node index.js
            node framework = express by package.json:2
            start command = node index.js by package.json:4
            kind of process = web by package.json:2
            Warning node/development-at-start: index.js:1 loads ts-node, a development dependency, when the image starts
              fix: move ts-node to `dependencies`, or load it only where it is needed
        "#]],
    );
    // What is loaded on a condition, or for its types, is none.
    for file in [
        "if (process.env.NODE_ENV !== 'production') {\n  const vite = await import('vite')\n}",
        "function dev() { return require('vite') }",
        "/** @type {import('vite').Plugin} */ const plugin = {}",
    ] {
        assert!(told(&format!("{tree}//- /index.js\n{file}\n")).contains("production packages"), "{file}");
    }
}

#[test]
fn a_script_for_each_system_is_the_one_for_this() {
    let tree = scripts(
        &["express"],
        &["run-script-os"],
        &[("start", "run-script-os"), ("start:windows", "node win.js"), ("start:nix", "node server.js")],
    );
    assert!(told(&tree).contains("web: node server.js"), "{}", told(&tree));
}

#[test]
fn a_port_that_the_start_script_sets_is_told() {
    let tree = scripts(&["express"], &[], &[("start", "PORT=5314 node server.js")]);
    assert!(told(&tree).contains("node/port-fixed"), "{}", told(&tree));
    let given = scripts(&["express"], &[], &[("start", "PORT=$PORT node server.js")]);
    assert!(!told(&given).contains("node/port-fixed"), "{}", told(&given));
}
