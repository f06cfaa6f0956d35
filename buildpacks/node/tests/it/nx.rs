//! Repositories of Nx whose projects share one `package.json`: which of them is the application,
//! how it is built and started.

use expect_test::expect;
use packwright_buildpack::planner::MemoryTree;

use super::{Part, check, for_app};

/// A repository of Nx as it is made for several applications: one `package.json` for all of them.
const ORCHARD: &str = r#"
//- /package.json
{ "name": "orchard", "scripts": { "start": "nx serve", "build": "nx build" },
  "dependencies": { "express": "^5.0.0", "next": "16.4.5" }, "devDependencies": { "nx": "22.0.0" } }
//- /nx.json
{ "defaultProject": "press" }
//- /apps/press/project.json
{ "name": "press", "projectType": "application", "targets": { "build": {
  "executor": "@nx/webpack:webpack",
  "options": { "target": "node", "outputPath": "dist/apps/press", "main": "apps/press/src/main.ts" },
  "configurations": { "production": {} } } } }
//- /apps/press/src/main.ts
import express from 'express';
//- /apps/shop/project.json
{ "name": "shop", "projectType": "application", "targets": { "build": {
  "executor": "@nx/next:build", "options": { "outputPath": "dist/apps/shop" } } } }
//- /apps/pages/project.json
{ "projectType": "application", "targets": { "build": {
  "executor": "@nx/vite:build", "options": { "outputPath": "{workspaceRoot}/dist/{projectRoot}" } } } }
//- /apps/bee/project.json
{ "targets": { "build": { "executor": "@nx/esbuild:esbuild", "options": {
    "outputPath": "dist/bee", "main": "apps/bee/src/bee.ts", "format": ["cjs"] } } } }
//- /apps/wasp/project.json
{ "targets": { "build": { "executor": "@nx/js:tsc", "options": { "outputPath": "dist/wasp", "main": "apps/wasp/src/main.ts" } },
  "start": { "executor": "nx:run-commands", "options": { "commands": [{ "command": "node dist/wasp/src/main.js --quiet" }] } } } }
//- /libs/crates/project.json
{ "name": "crates", "projectType": "library", "targets": { "build": { "executor": "@nx/js:tsc" } } }
"#;

#[test]
fn a_project_of_nx_starts_what_its_build_makes() {
    check(
        ORCHARD,
        &[Part::Processes, Part::Reasons],
        expect![[r#"
            env PATH=/app/node_modules/.bin:/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            web: node dist/apps/press/main.js
            language = node (has a web application or a declared process) by apps/press/src/main.ts:1
            node version = 24 by default: the newest line of Node with long-term support
            node package manager = npm by default: the package manager that comes with Node
            application = press by nx.json:1
              not bee by apps/bee/project.json
              not pages by apps/pages/project.json
              not shop by apps/shop/project.json
              not wasp by apps/wasp/project.json
            node framework = express by package.json:2
            start command = node dist/apps/press/main.js by apps/press/project.json:1
              not nx serve by package.json:1
            kind of process = web by apps/press/src/main.ts:1
            build command = nx run press:build:production by apps/press/project.json:1
            Warning node/no-lock: there is no package-lock.json beside package.json
              why: the newest versions that package.json allows are installed; packwright.lock keeps them from then on
              fix: run `npm install` and commit package-lock.json; an ignored file counts as missing
            Warning node/development-server: `nx serve` serves for development; the image starts `node dist/apps/press/main.js`
              why: it compiles while people look at it, with packages that are for development
              fix: let the script `start` run `node dist/apps/press/main.js`, or say how it starts in a Procfile
        "#]],
    );
}

#[test]
fn every_executor_of_nx_says_what_it_makes() {
    let told = |app: &str| {
        let plan = super::planned(&MemoryTree::parse(ORCHARD), &for_app(app)).unwrap();
        let decision = |subject: &str| {
            let found = plan.decisions.iter().find(|found| found.subject == subject);
            found.map_or("-".to_owned(), |found| found.value.clone())
        };
        format!(
            "{} | {} | {}",
            decision("build command"),
            decision("start command"),
            decision("served files")
        )
    };
    assert_eq!(told("press"), "nx run press:build:production | node dist/apps/press/main.js | -");
    assert_eq!(told("shop"), "nx run shop:build | next start dist/apps/shop | -");
    assert_eq!(told("bee"), "nx run bee:build | node dist/bee/bee.cjs | -");
    assert_eq!(told("wasp"), "nx run wasp:build | node dist/wasp/src/main.js --quiet | -");
}

#[test]
fn a_site_of_nx_is_files() {
    expect![[r#"
        Site by apps/pages/project.json:2
          $ nx run pages:build
          > app/dist/apps/pages
          files in dist/apps/pages, else index, for ever 
        application = pages by --app pages
          not bee by apps/bee/project.json
          not press by apps/press/project.json
          not shop by apps/shop/project.json
          not wasp by apps/wasp/project.json
        served files = dist/apps/pages by apps/pages/project.json:2
    "#]]
    .assert_eq(&super::proposals::told_with(ORCHARD, &for_app("pages")));
}

#[test]
fn an_only_application_of_nx_needs_no_word() {
    let tree = r#"
//- /package.json
{ "scripts": { "start": "nx serve", "build": "nx build" }, "devDependencies": { "nx": "22.0.0", "express": "*" } }
//- /nx.json
{}
//- /project.json
{ "name": "api", "targets": { "build": { "executor": "@nx/esbuild:esbuild", "options": {
  "outputPath": "dist/api", "main": "src/main.ts", "generatePackageJson": true } } } }
//- /src/main.ts
import { createServer } from 'node:http';
"#;
    expect![[r#"
        Server by src/main.ts:1
          production packages
          $ nx run api:build
          > app
          source
        web: node dist/api
        application = api by project.json
        node framework = none by default: no framework among the dependencies
        start command = node dist/api by project.json:1
          not nx serve by package.json:1
        kind of process = web by src/main.ts:1
        Warning node/development-server: `nx serve` serves for development; the image starts `node dist/api`
          fix: let the script `start` run `node dist/api`, or say how it starts in a Procfile
    "#]]
    .assert_eq(&super::proposals::told(tree));
}

#[test]
fn several_projects_of_nx_are_listed() {
    check(
        &ORCHARD.replace(r#"{ "defaultProject": "press" }"#, "{}"),
        &[],
        expect![[r#"
            Error node/several-applications: the repository has 5 projects of Nx to build, and nothing says which
              why: there are bee (apps/bee/project.json), pages (apps/pages/project.json), press (apps/press/project.json), shop (apps/shop/project.json), wasp (apps/wasp/project.json)
              fix: choose with `--app`, for example `--app bee`, or name it as `defaultProject` in nx.json
        "#]],
    );
}

#[test]
fn a_script_that_names_a_project_of_nx_chooses_it() {
    let tree = MemoryTree::parse(&ORCHARD.replace("nx serve", "nx run bee:serve"));
    let plan = super::planned(&tree, &super::PlanOptions::default()).unwrap();
    let chosen = plan.decisions.iter().find(|found| found.subject == "application").unwrap();
    assert_eq!((chosen.value.as_str(), chosen.origin.to_string().as_str()), ("bee", "package.json:1"));
}

#[test]
fn a_repository_of_nx_with_a_program_of_its_own_starts_that() {
    let tree = MemoryTree::parse(&ORCHARD.replace("nx serve", "node server.js"));
    let plan = super::planned(&tree, &super::PlanOptions::default()).unwrap();
    let start = plan.decisions.iter().find(|found| found.subject == "start command").unwrap();
    assert_eq!(start.value, "node server.js");
}
