//! Applications as people push them to hosts: scripts as each package manager resolves them, builds of platforms,
//! files that tools read by their own rules.

use expect_test::expect;
use packwright_buildpack::planner::{MemoryTree, PlanOptions};
use packwright_buildpack::testing::Part;

use super::processes::{lines, scripts};
use super::proposals::{manifest, told};
use super::{HARNESS, check, planned};

/// The build, the processes and what is said about them.
pub(super) fn short(tree: &str) -> String {
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
    expect![[r#"
        node.scripts
          < node.manager
          < node.install
          < source client/package.json package.json server/package.json without **/node_modules
          < source ** without **/node_modules
          $ cat > /tmp/rebuild.cjs <<'END' …
          $ /opt/npm/node /tmp/rebuild.cjs all client server
          $ cd /app/server && /opt/npm/npm run --ignore-scripts postinstall
          > app
    "#]]
    .assert_eq(&format!("node.scripts\n{scripts}"));
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
