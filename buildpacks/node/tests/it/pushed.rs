//! Applications as people push them to hosts: scripts as each package manager resolves them, builds of platforms,
//! files that tools read by their own rules.

use expect_test::expect;
use packwright_buildpack::planner::{MemoryTree, PlanOptions, PublicVariable};
use packwright_buildpack::testing::{Part, with_env};

use super::processes::{lines, scripts};
use super::proposals::{manifest, native, told};
use super::{HARNESS, check, planned};

/// The build, the processes and what is said about them.
fn short(tree: &str) -> String {
    let keep = ["  $", "  >", "web:", "worker:", "  files", "Error", "Warning", "build script"];
    let text = told(tree);
    text.lines()
        .filter(|line| keep.iter().any(|start| line.starts_with(start)))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn tools_for_documentation_beside_an_application() {
    let book = ("build-storybook", "storybook build");
    let docs = ("docs:build", "vitepress build docs");
    let mut out = String::new();
    for (packages, scripts) in [
        (&["vite", "storybook"][..], &[("build", "vite build --base=/"), book][..]),
        (&["webpack", "storybook"], &[("build", "webpack"), ("start", "node server.js"), book]),
        (&["parcel", "storybook"], &[("build", "parcel build"), book]),
        (&["typescript", "vitepress"], &[("build", "tsc"), ("start", "node dist/server.js"), docs]),
        (&["@docusaurus/core", "vite"], &[("build", "vite build"), ("docs", "docusaurus build")]),
        (&["vitepress"], &[("start", "node server.js"), docs]),
        // The pages are all that there is.
        (&["vitepress"], &[docs, ("docs:dev", "vitepress dev docs")]),
        (&["@docusaurus/core"], &[("build", "./make.sh"), ("start", "docusaurus start")]),
        (&["storybook"], &[("build", "storybook build"), ("start", "storybook dev")]),
    ] {
        let tree =
            manifest(&[], packages, scripts) + "//- /index.html\n//- /server.js\nlisten(process.env.PORT)\n";
        out += &format!("{}\n{}", scripts[0].1, short(&tree));
    }
    expect![[r#"
        vite build --base=/
          $ npm run build
          > app/dist
          files in dist, else index, for ever assets/**
        webpack
          $ npm run build
          > app
        web: node server.js
        parcel build
          $ npm run build
          > app/dist
          files in dist, else index, for ever 
        tsc
          $ npm run build
          > app
        web: node dist/server.js
        vite build
          $ npm run build
          > app/dist
          files in dist, else index, for ever assets/**
        node server.js
        web: node server.js
        vitepress build docs
          $ npm run docs:build
          > app/docs/.vitepress/dist
          files in docs/.vitepress/dist, else 404, for ever assets/**
        ./make.sh
          $ npm run build
          > app/build
          files in build, else 404, for ever assets/**
        storybook build
          $ npm run build
          > app/storybook-static
          files in storybook-static, else 404, for ever assets/**
    "#]]
    .assert_eq(&out);
}

#[test]
fn calls_of_package_managers() {
    let client = "//- /client/package.json\n{ \"scripts\": { \"build\": \"vite build\", \"start\": \"node server.js\" } }\n//- /client/server.js\nlisten(process.env.PORT)\n//- /dist/index.js\n";
    let mut out = String::new();
    for (name, line) in [
        ("build", "npm run build --prefix client"),
        ("build", "npm ci --prefix client && npm run build --prefix client"),
        ("build", "cd client && npm install && npm run build"),
        ("build", "yarn --cwd client install && yarn --cwd client build"),
        ("build", "bun build ./src/index.ts --outdir dist"),
        ("build", "pnpm --filter client build"),
        ("start", "npm start --prefix client"),
        ("start", "npm start -C client"),
        ("start", "cd client && npm start"),
        ("start", "npm start --prefix client && echo done"),
        ("start", "npx @nestjs/cli start"),
        ("start", "npx @google-cloud/functions-framework --target=hello"),
    ] {
        let tree = scripts(&["@nestjs/cli", "@google-cloud/functions-framework"], &[], &[(name, line)]);
        let kept = lines(&(tree + client)).replace("Error node/nothing-starts", "-");
        out += &format!(
            "{line}\n{}",
            kept.lines()
                .filter(|line| line.starts_with(['w', 'E']))
                .map(|line| format!("  {line}\n"))
                .collect::<String>()
        );
    }
    expect![[r#"
        npm run build --prefix client
          web: node server.js
        npm ci --prefix client && npm run build --prefix client
          web: node server.js
        cd client && npm install && npm run build
          web: node server.js
        yarn --cwd client install && yarn --cwd client build
          web: node server.js
        bun build ./src/index.ts --outdir dist
          web: node server.js
        pnpm --filter client build
          web: node server.js
        npm start --prefix client
          web: cd client && node server.js
        npm start -C client
          web: cd client && node server.js
        cd client && npm start
          web: cd client && node server.js
        npm start --prefix client && echo done
          web: npm start --prefix client && echo done
        npx @nestjs/cli start
          web: nest start
        npx @google-cloud/functions-framework --target=hello
          web: functions-framework --target=hello
    "#]]
    .assert_eq(&out);
}

const SHOP: &str = r#"
//- /package.json
{ "name": "shop", "workspaces": ["client", "server"], "scripts": { "build": "BUILD", "start": "START" } }
//- /client/package.json
{ "name": "client", "scripts": { "build": "vite build", "start": "vite" }, "devDependencies": { "vite": "6" } }
//- /client/index.html
//- /server/package.json
{ "name": "server", "scripts": { "start": "node index.js", "postinstall": "node make.js" }, "dependencies": { "express": "4" } }
//- /server/index.js
require('express')().listen(process.env.PORT)
//- /server/make.js
require('fs').writeFileSync('made.js', '')
"#;

#[test]
fn the_root_of_a_workspace_says_what_starts() {
    let mut out = String::new();
    for (build, start) in [
        ("npm run build --workspace=client", "node server/index.js"),
        ("npm run build --workspaces --if-present", "npm run start -w server"),
        ("npm run build -w client", "npm start --prefix server"),
        ("npm run build -w client", "cd server && npm start"),
        ("turbo run build", "cd server && node index.js"),
        ("", "npm run start -w server"),
        ("npm run build -w client", "npm start -w client"),
        ("turbo run build", "turbo run start"),
    ] {
        let tree = SHOP.replace("BUILD", build).replace("START", start);
        let plan = planned(&MemoryTree::parse(&tree), &PlanOptions::default());
        let text = HARNESS.told(&plan, &[Part::Steps, Part::Processes, Part::Reasons]);
        let keep = ["application =", "web:", "Error"];
        let build = text
            .split("node.build\n")
            .nth(1)
            .and_then(|step| step.lines().find(|line| line.starts_with("  $")));
        out += &format!("{start}\n{}\n", build.unwrap_or("  $ nothing"));
        out.extend(
            text.lines()
                .filter(|line| keep.iter().any(|start| line.starts_with(start)))
                .map(|line| format!("  {line}\n")),
        );
    }
    expect![[r#"
        node server/index.js
          $ npm run build
          web: node server/index.js
          application = shop by package.json:1
        npm run start -w server
          $ npm run build
          web: cd server && node index.js
          application = shop by package.json:1
        npm start --prefix server
          $ npm run build
          web: cd server && node index.js
          application = shop by package.json:1
        cd server && npm start
          $ npm run build
          web: cd server && node index.js
          application = shop by package.json:1
        cd server && node index.js
          $ npm run build
          web: cd server && node index.js
          application = shop by package.json:1
        npm run start -w server
          $ nothing
          web: cd server && node index.js
          application = server by package.json:1
        npm start -w client
          $ nothing
          Error plan/no-server: node makes files and no buildpack serves them
        turbo run start
          $ nothing
          Error node/several-applications: the workspace of package.json:1 has 2 applications, and nothing says which
    "#]].assert_eq(&out);
}

#[test]
fn install_scripts_of_members_run_with_their_sources() {
    let tree = SHOP.replace("BUILD", "").replace("START", "node server/index.js");
    let plan = planned(&MemoryTree::parse(&tree), &PlanOptions::default());
    let text = HARNESS.told(&plan, &[Part::Steps]);
    let scripts = text.split("node.scripts\n").nth(1).unwrap().split("node.prune").next().unwrap();
    let scripts: String = scripts.lines().map(|line| format!("{}\n", line.trim_start())).collect();
    expect![[r#"
          < node.manager
          < node.install
          < source client/package.json package.json server/package.json without **/node_modules
          < source ** without **/node_modules
          $ cat > /tmp/rebuild.cjs <<'END' …
          $ /opt/npm/node /tmp/rebuild.cjs all client server
          $ cd /app/server && /opt/npm/npm run --ignore-scripts postinstall
          > app
    "#]]
    .assert_eq(&scripts);
}

#[test]
fn packages_in_directories_of_their_own() {
    check(
        r#"
//- /package.json
{ "name": "mern", "scripts": { "start": "node server.js", "postinstall": "cd api && npm ci", "heroku-postbuild": "cd client && npm install && npm run build" }, "dependencies": { "express": "4" } }
//- /package-lock.json
{ "lockfileVersion": 3, "packages": { "": { "dependencies": { "express": "4" } }, "node_modules/express": { "version": "4.21.0" } } }
//- /server.js
require('express')().listen(process.env.PORT)
//- /client/package.json
{ "name": "client", "scripts": { "build": "vite build" }, "devDependencies": { "vite": "6" } }
//- /api/package.json
{ "name": "api", "dependencies": { "ms": "2" } }
//- /api/package-lock.json
{ "lockfileVersion": 3, "packages": { "": { "dependencies": { "ms": "2" } } } }
"#,
        &[Part::Steps, Part::Processes],
        expect![[r#"
            node.manager
              $ mkdir -p /opt/manager/bin
              $ cat > /opt/manager/bin/npm <<'END' …
              $ chmod 755 /opt/manager/bin/npm
              $ cat > /opt/manager/bin/npx <<'END' …
              $ chmod 755 /opt/manager/bin/npx
              > opt/manager
            node.lock fetch resolves
              < node.manager
              < source package-lock.json package.json without **/node_modules
              < source api/package.json api/package-lock.json client/package.json
              $ cd client && /opt/npm/npm install --package-lock-only --ignore-scripts --include=dev --omit-lockfile-registry-resolved
              $ mkdir -p /packwright/node/lock/client
              $ cp /app/client/package-lock.json /packwright/node/lock/client/package-lock.json
              > packwright/node/lock/client/package-lock.json
            node.install fetch
              < node.manager
              < source package-lock.json package.json without **/node_modules
              < source api/package.json api/package-lock.json client/package.json
              < node.lock
              $ npm ci --ignore-scripts --include=dev --include=optional
              $ cp /packwright/node/lock/client/package-lock.json /app/client/package-lock.json
              $ cd api && /opt/npm/npm ci --ignore-scripts --include=dev --include=optional
              $ cd client && /opt/npm/npm ci --ignore-scripts --include=dev --include=optional
              > app
            node.scripts
              < node.manager
              < node.install
              < source package-lock.json package.json without **/node_modules
              < source api/package.json api/package-lock.json client/package.json
              $ cat > /tmp/rebuild.cjs <<'END' …
              $ /opt/npm/node /tmp/rebuild.cjs all api client
              > app
            node.prune
              < node.scripts
              < source package.json package-lock.json
              < source api/package.json api/package-lock.json client/package.json
              $ cat > /tmp/prune.cjs <<'END' …
              $ /opt/npm/node /tmp/prune.cjs . -- api client
              > app Dependencies
            node.build
              < node.manager
              < node.scripts
              < source ** without **/node_modules
              $ cd client && npm run build
              > app Build
            env PATH=/app/node_modules/.bin:/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            web: node server.js
        "#]],
    );
}

#[test]
fn scripts_that_platforms_build_with() {
    let mut out = String::new();
    for (scripts, file) in [
        (&[("heroku-postbuild", "node make.js")][..], "x"),
        (&[("build", "tsc"), ("heroku-postbuild", "npm run build")], "x"),
        (&[("build", "tsc"), ("heroku-postbuild", "node make.js")], "x"),
        (
            &[("build", "tsc"), ("heroku-prebuild", "node make.js"), ("heroku-postbuild", "node more.js")],
            "Procfile",
        ),
        (&[("build", "tsc"), ("gcp-build", "node make.js")], "app.yaml"),
        (&[("vercel-build", "node make.js")], "x"),
    ] {
        let tree = manifest(&[], &["typescript"], scripts)
            + &format!("//- /index.js\nlisten(process.env.PORT)\n//- /{file}\n");
        out += &format!("{file}\n{}", short(&tree));
    }
    expect![[r#"
        x
          $ npm run heroku-postbuild
          > app
        web: node index.js
        build script = heroku-postbuild by package.json:4
        x
          $ npm run build
          > app
        web: node index.js
        x
          $ npm run build
          > app
        web: node index.js
        Warning node/platform-script-unused: the script `heroku-postbuild` does not run: `build` builds
        Procfile
          $ npm run heroku-prebuild && npm run heroku-postbuild
          > app
        web: node index.js
        build script = heroku-postbuild by package.json:6
        app.yaml
          $ npm run gcp-build
          > app
        web: node index.js
        build script = gcp-build by package.json:5
        x
          $ npm run vercel-build
          > app
        web: node index.js
        build script = vercel-build by package.json:4
    "#]]
    .assert_eq(&out);
}

#[test]
fn a_start_script_that_compiles_first() {
    let mut out = String::new();
    for scripts in [
        &[("prestart", "tsc -p ."), ("start", "node dist/server.js")][..],
        &[("start", "rimraf dist && tsc && node dist/server.js")],
        &[
            ("prestart", "npm run clean && npm run build"),
            ("clean", "lb-clean dist"),
            ("build", "lb-tsc"),
            ("start", "node ."),
        ],
        &[("prestart", "prisma migrate deploy"), ("start", "node server.js")],
        &[("start", "tsc -w & node server.js")],
    ] {
        let tree = manifest(&["typescript"], &[], scripts)
            + "//- /server.js\nlisten(process.env.PORT)\n//- /index.js\nlisten(process.env.PORT)\n";
        out += &format!("{scripts:?}\n{}", short(&tree));
    }
    expect![[r#"
        [("prestart", "tsc -p ."), ("start", "node dist/server.js")]
          $ tsc -p .
          > app
        web: node dist/server.js
        [("start", "rimraf dist && tsc && node dist/server.js")]
          $ rimraf dist && tsc
          > app
        web: node dist/server.js
        [("prestart", "npm run clean && npm run build"), ("clean", "lb-clean dist"), ("build", "lb-tsc"), ("start", "node .")]
          $ npm run build
          > app
        web: node .
        [("prestart", "prisma migrate deploy"), ("start", "node server.js")]
        web: prisma migrate deploy && node server.js
        Warning node/program-unknown: the image starts `prisma`, which nothing is known to bring
        [("start", "tsc -w & node server.js")]
        web: tsc -w & node server.js
    "#]].assert_eq(&out);
}

#[test]
fn a_shell_script_that_starts_is_read() {
    let mut out = String::new();
    for (start, script) in [
        ("./start.sh", "#!/bin/sh\nset -e\nnode migrate.js\nexec node server.js"),
        ("sh start.sh", "exec node server.js"),
        ("bash -e ./start.sh", "npm run migrate\nexec npm run start:prod"),
        ("./start.sh", "#!/usr/bin/env bash\ncd api\ntsx watch main.ts"),
        ("./start.sh", "#!/usr/bin/env node\nlisten(process.env.PORT)"),
        ("./start.sh", "#!/usr/bin/python3\nprint()"),
        ("sh made.sh", ""),
    ] {
        let tree = manifest(&[], &["tsx"], &[("start", start)])
            + &format!(
                "//- /start.sh\n{script}\n//- /server.js\nlisten(process.env.PORT)\n//- /migrate.js\n"
            );
        let plan = planned(&MemoryTree::parse(&tree), &PlanOptions::default());
        let text = HARNESS.told(&plan, &[Part::Processes]);
        let has = |dir: &str| if text.contains(dir) { "yes" } else { "no" };
        let process = text.lines().last().unwrap_or_default();
        out += &format!("{process}; node {}, npm {}\n", has("/opt/node/bin"), has("/opt/manager/bin"));
    }
    expect![[r#"
        web: ./start.sh; node yes, npm no
        web: sh start.sh; node yes, npm no
        web: bash -e ./start.sh; node yes, npm yes
        worker: ./start.sh; node yes, npm no
        web: ./start.sh; node yes, npm no
        web: ./start.sh; node no, npm no
        web: sh made.sh; node yes, npm no
    "#]]
    .assert_eq(&out);
}

#[test]
fn commands_for_a_developers_machine() {
    let mut out = String::new();
    for line in [
        "tsx --import ./telemetry.ts --watch server.js",
        "node --env-file-if-exists .env --watch server.js",
        "node --import tsx --watch-path=src server.js",
        "bun --hot server.js",
        "node server.js --watch",
        "prisma migrate dev && node server.js",
        "npx prisma migrate reset --force && node server.js",
        "prisma migrate deploy && node server.js",
    ] {
        let tree = scripts(&["tsx", "prisma"], &[], &[("start", line)]);
        let told = lines(&tree);
        let warned: Vec<&str> = told
            .lines()
            .filter(|line| line.contains("node/watcher") || line.contains("node/development-command"))
            .collect();
        out += &format!("{line}: {}\n", if warned.is_empty() { "fine" } else { warned[0] });
    }
    expect![[r#"
        tsx --import ./telemetry.ts --watch server.js: Warning node/watcher-starts: the start script runs `tsx --import ./telemetry.ts --watch server.js`, which waits for files to change
        node --env-file-if-exists .env --watch server.js: Warning node/watcher-starts: the start script runs `node --env-file-if-exists .env --watch server.js`, which waits for files to change
        node --import tsx --watch-path=src server.js: Warning node/watcher-starts: the start script runs `node --import tsx --watch-path=src server.js`, which waits for files to change
        bun --hot server.js: Warning node/watcher-starts: the start script runs `bun --hot server.js`, which waits for files to change
        node server.js --watch: fine
        prisma migrate dev && node server.js: Warning node/development-command: the start script runs `prisma migrate dev`, which is for development
        npx prisma migrate reset --force && node server.js: Warning node/development-command: the start script runs `prisma migrate reset --force`, which is for development
        prisma migrate deploy && node server.js: fine
    "#]].assert_eq(&out);
}

#[test]
fn a_lock_that_fits_by_its_versions() {
    let mut out = String::new();
    for (asked, locked) in [
        ("2.1.3", "2.1.3"),
        ("latest", "2.1.3"),
        ("^2.0.0 || 3", "2.1.3"),
        ("npm:other@^2", "2.1.3"),
        ("^3.0.0", "2.1.3"),
        ("^3.0.0-rc.1", "3.0.0-rc.2"),
        ("github:a/b", "2.1.3"),
    ] {
        let tree = format!(
            "//- /package.json\n{{ \"scripts\": {{ \"start\": \"node index.js\" }}, \"dependencies\": {{ \"ms\": \"{asked}\" }} }}\n//- /index.js\n//- /package-lock.json\n{{ \"lockfileVersion\": 3, \"packages\": {{ \"\": {{ \"dependencies\": {{ \"ms\": \"^2.1.3\", \"gone\": \"1\" }} }}, \"node_modules/ms\": {{ \"version\": \"{locked}\" }}, \"node_modules/gone\": {{ \"version\": \"1.0.0\" }} }} }}\n"
        );
        let text = told(&tree);
        let error = text.lines().find(|line| line.starts_with("Error"));
        out += &format!("{asked}: {}\n", error.unwrap_or("fits"));
    }
    expect![[r#"
        2.1.3: fits
        latest: fits
        ^2.0.0 || 3: fits
        npm:other@^2: fits
        ^3.0.0: Error node/lock-stale: package.json:1 asks for `ms` `^3.0.0`, package-lock.json has 2.1.3
        ^3.0.0-rc.1: fits
        github:a/b: fits
    "#]]
    .assert_eq(&out);
}

#[test]
fn a_package_without_the_workspace_around_it() {
    check(
        r#"
//- /package.json
{ "name": "@acme/web", "scripts": { "start": "node server.js" }, "dependencies": { "express": "catalog:", "@acme/util": "workspace:*" } }
//- /server.js
"#,
        &[Part::Processes],
        expect![[r#"
            Error node/outside-workspace: package.json:1 asks for `@acme/util` `workspace:*`, which only the workspace around it can resolve
              why: its root, with the lock file and the other members, is not part of the directory that is built
              fix: plan from the root of the workspace: `--app @acme/web` in the place of `--root` and of the directory that a platform's file names
            Error node/outside-workspace: package.json:1 asks for `express` `catalog:`, which only the workspace around it can resolve
              why: its root, with the lock file and the other members, is not part of the directory that is built
              fix: plan from the root of the workspace: `--app @acme/web` in the place of `--root` and of the directory that a platform's file names
        "#]],
    );
}

#[test]
fn needs_of_packages_that_the_image_has() {
    let nuxt = &[("build", "nuxt build")];
    let mut out = String::new();
    for (dependencies, development, scripts) in [
        (&["nuxt"][..], &["simple-git"][..], &nuxt[..]),
        (&["nuxt", "simple-git"], &[], nuxt),
        (&["express"], &["simple-git"], &[("start", "node server.js")]),
        (&["express", "simple-git"], &[], &[("start", "node server.js")]),
        (&["pm2"], &[], &[("start", "pm2 start server.js --no-daemon")]),
        (&["pm2"], &[], &[("start", "pm2-runtime server.js")]),
    ] {
        let tree =
            manifest(dependencies, development, scripts) + "//- /server.js\nlisten(process.env.PORT)\n";
        let found: Vec<String> = native(&tree).lines().map(str::to_owned).collect();
        out += &format!("{dependencies:?} {development:?}: {}\n", found.join(", "));
    }
    expect![[r#"
        ["nuxt"] ["simple-git"]: 
        ["nuxt", "simple-git"] []: run git
        ["express"] ["simple-git"]: 
        ["express", "simple-git"] []: run git
        ["pm2"] []: run libc-bin
        ["pm2"] []: run libc-bin
    "#]]
    .assert_eq(&out);
}

#[test]
fn install_scripts_without_a_lock_have_the_network_that_they_need() {
    let prisma = manifest(&["@prisma/client ^5.22.0"], &["prisma ^5.22.0"], &[("start", "node server.js")]);
    let text = told(&(prisma + "//- /server.js\n//- /prisma/schema.prisma\n"));
    let decision = text.lines().find(|line| line.starts_with("network")).unwrap_or("closed");
    expect!["network of node.scripts = open by detected: @prisma/client: runs `prisma generate`, which may download engines; prisma: downloads its engines"].assert_eq(decision);
    assert!(
        !told(&(manifest(&["express"], &[], &[("start", "node server.js")]) + "//- /server.js\n"))
            .contains("network of")
    );
}

#[test]
fn templates_of_frameworks_are_built() {
    let mut out = String::new();
    let svelte = "//- /svelte.config.js\nimport adapter from '@sveltejs/adapter-auto';\nexport default { kit: { adapter: adapter() } };\n";
    for (tree, files) in [
        (
            manifest(
                &[],
                &["@sveltejs/kit ^2.20.0", "@sveltejs/adapter-auto ^6.0.0", "vite"],
                &[("build", "vite build")],
            ),
            svelte,
        ),
        (
            manifest(
                &[],
                &["@sveltejs/kit ^1.0.0", "@sveltejs/adapter-auto ^2.0.0", "vite"],
                &[("build", "vite build")],
            ),
            svelte,
        ),
        (
            manifest(
                &["expo", "react-native-web"],
                &[],
                &[("start", "expo start"), ("web", "expo start --web")],
            ),
            "//- /app.json\n{ \"expo\": { \"web\": { \"output\": \"static\" } } }\n",
        ),
        (manifest(&["expo"], &[], &[("start", "expo start")]), ""),
        (
            manifest(&["@tanstack/react-start"], &["vite"], &[("build", "vite build"), ("dev", "vite dev")]),
            "",
        ),
        (
            manifest(
                &["@adonisjs/core"],
                &["@adonisjs/assembler"],
                &[("build", "node ace build"), ("start", "node bin/server.js")],
            ),
            "//- /bin/server.ts\n//- /ace.js\n",
        ),
        (
            manifest(
                &["@google-cloud/functions-framework"],
                &[],
                &[("start", "functions-framework --target=hello")],
            ),
            "//- /index.js\n",
        ),
    ] {
        out += &format!("{}\n{}", tree.lines().nth(2).unwrap_or_default(), short(&(tree.clone() + files)));
    }
    expect![[r#"
        "dependencies": {},
          $ node /tmp/settle.cjs before --root=/app sveltekit
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app sveltekit
          > app/build
        web: node build
        "dependencies": {},
          $ node /tmp/settle.cjs before --root=/app sveltekit
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app sveltekit
          > app
        Error node/built-for-elsewhere: @sveltejs/adapter-auto, which knows some hosts and makes nothing for any other, makes nothing that runs in an image
        "dependencies": {"expo": "*", "react-native-web": "*"},
          $ expo export -p web
          > app/dist
          files in dist, else 404, for ever _expo/static/**
        "dependencies": {"expo": "*"},
        web: expo start
        Warning node/development-server: the image starts `expo start`, which serves for development
        "dependencies": {"@tanstack/react-start": "*"},
          $ npm run build
          > app/dist
        web: /node_modules/.bin/srvx --prod -s ../client dist/server/server.js
        "dependencies": {"@adonisjs/core": "*"},
          $ npm run build
          > app/build
        web: node build/bin/server.js
        "dependencies": {"@google-cloud/functions-framework": "*"},
        web: functions-framework --target=hello
    "#]].assert_eq(&out);
}

#[test]
fn what_a_framework_would_install_itself_is_pinned() {
    let tree = manifest(
        &[],
        &["@sveltejs/kit ^2.20.0", "@sveltejs/adapter-auto ^6.0.0", "vite"],
        &[("build", "vite build")],
    ) + "//- /svelte.config.js\nimport adapter from '@sveltejs/adapter-auto';\nexport default { kit: { adapter: adapter() } };\n";
    let plan = planned(&MemoryTree::parse(&tree), &PlanOptions::default());
    let text = HARNESS.told(&plan, &[Part::Steps]);
    let at = text.find("node.added-lock").unwrap();
    expect![[r#"
        node.added-lock fetch resolves
          $ mkdir -p /tmp/added
          $ cat > /tmp/added/package.json <<'END' …
          $ /opt/npm/npm --prefix /tmp/added --legacy-peer-deps --ignore-scripts install --package-lock-only --omit-lockfile-registry-resolved
          $ mkdir -p /packwright/node && cp /tmp/added/package-lock.json /packwright/node/added-lock.json
          > packwright/node/added-lock.json
        node.added fetch
          < node.added-lock
          $ mkdir -p /tmp/added
          $ cat > /tmp/added/package.json <<'END' …
          $ cp /packwright/node/added-lock.json /tmp/added/package-lock.json
          $ /opt/npm/npm --prefix /tmp/added --legacy-peer-deps --ignore-scripts ci
          $ mv /tmp/added/node_modules /node_modules
          > node_modules
        node.build
          < node.manager
          < node.scripts
          < source ** without **/node_modules
          < node.added
          $ cat > /tmp/settle.cjs <<'END' …
          $ node /tmp/settle.cjs before --root=/app sveltekit
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app sveltekit
          > app/build Build
    "#]].assert_eq(&text[at..]);
}

#[test]
fn public_variables_of_committed_files_reach_the_build() {
    let set = |file: &str, name: &str, value: &str| PublicVariable {
        file: file.parse().unwrap(),
        line: 1,
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let public = vec![
        set(".env", "VITE_TITLE", "plain"),
        set(".env", "VITE_HOST", "a.example"),
        set(".env", "VITE_OWN", "file"),
        set(".env.production", "VITE_TITLE", "production"),
        set(".env.production", "VITE_API", "https://${VITE_HOST}/$x"),
        set(".env.staging", "VITE_TITLE", "staging"),
        set("docs/.env", "VITE_TITLE", "docs"),
    ];
    let told = |build: &str| {
        let options = PlanOptions { public: public.clone(), ..with_env([("VITE_OWN", "caller")]) };
        let tree = manifest(&[], &["vite"], &[("build", build), ("start", "node server.js")])
            + "//- /index.html\n//- /server.js\n";
        let plan = planned(&MemoryTree::parse(&tree), &options).unwrap();
        let step = plan.steps.iter().find(|step| step.name.as_str() == "node.build").unwrap();
        let set: Vec<String> = step
            .environment
            .iter()
            .filter(|(name, _)| name.starts_with("VITE"))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert!(!plan.environment.contains_key("VITE_TITLE"));
        let remarks: Vec<&str> = plan
            .diagnostics
            .iter()
            .filter(|told| told.code.contains("public"))
            .map(|told| told.message.as_str())
            .collect();
        format!("{build}: {}\n{}\n", set.join(" "), remarks.join("\n"))
    };
    expect![[r#"
        vite build: VITE_HOST=a.example VITE_OWN=caller VITE_TITLE=production
        the build does not get `VITE_API` of .env.production:1
        vite build --mode staging: VITE_HOST=a.example VITE_OWN=caller VITE_TITLE=staging

    "#]]
    .assert_eq(&(told("vite build") + &told("vite build --mode staging")));
}

#[test]
fn a_process_manager_stays_in_front() {
    let mut out = String::new();
    for line in [
        "pm2 start server.js -i max",
        "NODE_ENV=x pm2 start server.js --no-daemon",
        "forever start server.js",
        "pm2 start server.js && pm2 logs",
    ] {
        let told = lines(&scripts(&["pm2", "forever"], &[], &[("start", line)]));
        out += told.lines().find(|line| line.contains(": ")).unwrap_or_default();
        out += "\n";
    }
    expect![[r#"
        web: pm2-runtime start server.js -i max
        web: NODE_ENV=x pm2 start server.js --no-daemon
        web: forever server.js
        web: pm2 start server.js && pm2 logs
    "#]]
    .assert_eq(&out);
}
