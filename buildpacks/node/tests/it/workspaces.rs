//! Which package of a workspace is the application, and what the others are to it.

use expect_test::expect;
use packwright_buildpack::planner::{Buildpack, MemoryTree, PlanContext, PlanOptions, Role};
use packwright_node::Node;

use super::{Part, check, check_with, for_app};

/// A library and two servers that npm keeps together.
const HARBOUR: &str = r#"
//- /package.json
{ "name": "harbour", "private": true, "workspaces": ["packages/*", "apps/*", "!apps/old"] }
//- /package-lock.json
{ "lockfileVersion": 3, "packages": { "": { "name": "harbour" }, "node_modules/koa": { "version": "3.1.0" } } }
//- /apps/old/package.json
{ "name": "old", "scripts": { "start": "node server.js" }, "dependencies": { "koa": "^3.0.0" } }
//- /apps/old/server.js
require('koa');
//- /apps/web/package.json
{ "name": "@harbour/web", "scripts": { "start": "node server.js", "build": "tsc" }, "dependencies": { "koa": "^3.0.0", "@harbour/ui": "*" } }
//- /apps/web/server.js
require('node:http').createServer().listen(process.env.PORT);
//- /apps/api/package.json
{ "name": "@harbour/api", "scripts": { "start": "node server.js" }, "dependencies": { "koa": "^3.0.0" } }
//- /apps/api/server.js
require('node:http').createServer().listen(process.env.PORT);
//- /packages/ui/package.json
{ "name": "@harbour/ui", "scripts": { "build": "tsc" }, "dependencies": { "@harbour/base": "*" } }
//- /packages/base/package.json
{ "name": "@harbour/base", "scripts": { "build": "tsc" } }
"#;

#[test]
fn the_members_are_those_that_the_patterns_leave() {
    let members = Node.targets(&MemoryTree::parse(HARBOUR));
    let told: Vec<String> = members.iter().map(|member| format!("{} {}", member.name, member.path)).collect();
    assert_eq!(
        told,
        [
            "@harbour/api apps/api",
            "@harbour/web apps/web",
            "@harbour/base packages/base",
            "@harbour/ui packages/ui"
        ]
    );
}

#[test]
fn several_applications_are_listed() {
    check(
        HARBOUR,
        &[],
        expect![[r#"
            Error node/several-applications: the workspace of package.json:1 has 2 applications, and nothing says which
              why: there are @harbour/api (apps/api), @harbour/web (apps/web)
              fix: choose with `--app`, for example `--app @harbour/api`
        "#]],
    );
}

#[test]
fn a_chosen_application_is_built_behind_what_it_needs() {
    check_with(
        HARBOUR,
        &for_app("web"),
        &[Part::Steps, Part::Processes, Part::Reasons],
        expect![[r#"
            node.manager
              $ mkdir -p /opt/manager/bin
              $ cat > /opt/manager/bin/npm <<'END' …
              $ chmod 755 /opt/manager/bin/npm
              $ cat > /opt/manager/bin/npx <<'END' …
              $ chmod 755 /opt/manager/bin/npx
              > opt/manager
            node.install fetch
              < node.manager
              < source apps/api/package.json apps/web/package.json package-lock.json package.json packages/base/package.json packages/ui/package.json without **/node_modules
              $ npm ci --ignore-scripts --include=dev --include=optional
              > app
            node.prune
              < node.install
              < source package.json apps/api/package.json apps/web/package.json packages/base/package.json packages/ui/package.json package-lock.json
              $ cat > /tmp/prune.cjs <<'END' …
              $ /opt/npm/node /tmp/prune.cjs . apps/web packages/base packages/ui -- apps/api
              > app Dependencies
            node.build
              < node.manager
              < node.install
              < source ** without **/node_modules apps/api
              < source apps/api/package.json
              $ npm --prefix packages/base run build && npm --prefix packages/ui run build && npm --prefix apps/web run build
              > app Build
            env PATH=/app/apps/web/node_modules/.bin:/app/node_modules/.bin:/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            source without apps/api
            web: cd apps/web && node server.js
            language = node (has a web application or a declared process) by apps/web/server.js:1
            application = @harbour/web by --app web
              not @harbour/api by apps/api/package.json:1
            node version = 24 by default: the newest line of Node with long-term support
            node package manager = npm by package-lock.json
            node framework = koa by apps/web/package.json:1
            start command = node server.js by apps/web/package.json:1
            kind of process = web by apps/web/server.js:1
            build command = tsc by apps/web/package.json:1
        "#]],
    );
}

#[test]
fn an_application_is_called_by_name_directory_or_last_part() {
    let built = |app: &str| {
        let plan = super::planned(&MemoryTree::parse(HARBOUR), &for_app(app)).unwrap();
        plan.decisions.iter().find(|found| found.subject == "application").unwrap().value.clone()
    };
    for app in ["@harbour/api", "apps/api", "./apps/api/", "api"] {
        assert_eq!(built(app), "@harbour/api");
    }
}

#[test]
fn the_only_application_needs_no_name() {
    check(
        r#"
//- /package.json
{ "private": true, "packageManager": "pnpm@10.1.0", "scripts": { "start": "pnpm --filter web start" } }
//- /pnpm-workspace.yaml
packages:
  - "*"
//- /pnpm-lock.yaml
lockfileVersion: '9.0'
//- /web/package.json
{ "name": "web", "scripts": { "start": "node server.js", "build": "tsc" } }
//- /web/server.js
require('node:http').createServer().listen(process.env.PORT);
//- /lib/package.json
{ "name": "lib" }
"#,
        &[Part::Steps, Part::Reasons],
        expect![[r#"
            node.manager-version fetch resolves
              $ /opt/npm/node /opt/npm/find.cjs pnpm x64 pnpm arm64 pnpm
              > packwright/node/pnpm-version
              > packwright/node/pnpm-integrity
            node.manager fetch
              < node.manager-version
              $ cat > /tmp/bring.cjs <<'END' …
              $ /opt/npm/node /tmp/bring.cjs pnpm pnpm
              > opt/manager
            node.install fetch
              < node.manager
              < source lib/package.json package.json pnpm-lock.yaml pnpm-workspace.yaml web/package.json without **/node_modules
              $ pnpm install --frozen-lockfile --ignore-scripts --prod=false --package-import-method=copy
              > app
            node.prune
              < node.install
              < source package.json lib/package.json web/package.json pnpm-lock.yaml pnpm-workspace.yaml
              $ cat > /tmp/prune.cjs <<'END' …
              $ /opt/npm/node /tmp/prune.cjs . web -- lib
              > app Dependencies
            node.build
              < node.manager
              < node.install
              < source ** without **/node_modules
              $ pnpm --filter web... run build
              > app Build
            language = node (has a web application or a declared process) by web/server.js:1
            application = web by package.json:1
            node version = 24 by default: the newest line of Node with long-term support
            node package manager = pnpm 10.1.0 by package.json:1
            node framework = none by default: no framework among the dependencies
            start command = node server.js by web/package.json:1
            kind of process = web by web/server.js:1
            build command = tsc by web/package.json:1
        "#]],
    );
}

#[test]
fn turbo_runs_the_build_where_it_has_one() {
    check_with(
        r#"
//- /package.json
{ "private": true, "packageManager": "npm@11.0.0", "workspaces": { "packages": ["apps/*"] }, "devDependencies": { "turbo": "2.0.0" } }
//- /package-lock.json
{ "lockfileVersion": 3, "packages": { "": { "devDependencies": { "turbo": "2.0.0" } }, "node_modules/turbo": { "version": "2.0.0" } } }
//- /turbo.json
{
  // What depends on what.
  "tasks": { "build": { "dependsOn": ["^build"] }, },
}
//- /apps/web/package.json
{ "name": "web", "scripts": { "start": "node server.js", "build": "tsc" } }
//- /apps/web/server.js
require('node:http').createServer().listen(process.env.PORT);
//- /apps/docs/package.json
{ "name": "docs", "scripts": { "start": "node server.js", "build": "tsc" } }
//- /apps/docs/server.js
require('node:http').createServer().listen(process.env.PORT);
"#,
        &for_app("web"),
        &[Part::Versions, Part::Steps],
        expect![[r#"
            node 24 by default: the newest line of Node with long-term support
            npm 11.0.0 by package.json:1
            node.manager-version fetch resolves
              $ /opt/npm/node /opt/npm/find.cjs npm x64 npm arm64 npm
              > packwright/node/npm-version
              > packwright/node/npm-integrity
            node.manager fetch
              < node.manager-version
              $ cat > /tmp/bring.cjs <<'END' …
              $ /opt/npm/node /tmp/bring.cjs npm npm
              > opt/manager
            node.install fetch
              < node.manager
              < source apps/docs/package.json apps/web/package.json package-lock.json package.json without **/node_modules
              $ npm ci --ignore-scripts --include=dev --include=optional
              > app
            node.prune
              < node.install
              < source package.json apps/docs/package.json apps/web/package.json package-lock.json
              $ cat > /tmp/prune.cjs <<'END' …
              $ /opt/npm/node /tmp/prune.cjs . apps/web -- apps/docs
              > app Dependencies
            node.build
              < node.manager
              < node.install
              < source ** without **/node_modules apps/docs
              < source apps/docs/package.json
              $ turbo run build --filter=web
              > app Build
        "#]],
    );
}

#[test]
fn a_root_that_passes_its_start_on_under_any_name_is_no_application() {
    check(
        r#"
//- /package.json
{ "name": "inn", "scripts": { "prod": "pnpm --filter cellar run prod" } }
//- /pnpm-workspace.yaml
packages: [cellar, signs]
//- /pnpm-lock.yaml
lockfileVersion: '9.0'
//- /cellar/package.json
{ "name": "cellar", "scripts": { "prod": "node server.js" }, "dependencies": { "express": "5.0.0" } }
//- /cellar/server.js
require('express')().listen(process.env.PORT);
//- /signs/package.json
{ "name": "signs", "scripts": { "build": "vite build" }, "devDependencies": { "vite": "8.0.0" } }
"#,
        &[Part::Processes],
        expect![[r#"
            env PATH=/app/cellar/node_modules/.bin:/app/node_modules/.bin:/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            source without signs
            web: cd cellar && node server.js
        "#]],
    );
}

#[test]
fn a_start_that_has_the_letters_of_a_member_is_the_roots_own() {
    for (start, own) in [
        ("node webhooks.js # not web/server.js", true),
        // A file of a member that the root starts itself.
        ("node './web/server.js'", true),
        ("cd web && npm start", false),
    ] {
        let tree = format!(
            "//- /package.json\n{{ \"name\": \"inn\", \"workspaces\": [\"web\"], \"scripts\": {{ \"start\": \"{start}\" }}, \"dependencies\": {{ \"koa\": \"3\" }} }}\n//- /webhooks.js\nlisten(process.env.PORT)\n//- /web/package.json\n{{ \"name\": \"web\", \"scripts\": {{ \"start\": \"node server.js\" }}, \"dependencies\": {{ \"koa\": \"3\" }} }}\n//- /web/server.js\nlisten(process.env.PORT)\n"
        );
        let plan = super::planned(&MemoryTree::parse(&tree), &PlanOptions::default()).unwrap();
        let web = plan.processes[0].command.to_string();
        let words = start.split(" #").next().unwrap().replace('\'', "");
        assert_eq!(web, if own { words.as_str() } else { "cd web && node server.js" });
    }
}

#[test]
fn a_library_that_is_reached_by_a_path_is_there_for_the_build() {
    let tree = HARBOUR.replace(", \"@harbour/ui\": \"*\"", "");
    let plan = super::planned(&MemoryTree::parse(&tree), &for_app("web")).unwrap();
    let build = plan.steps.iter().find(|step| step.name.as_str() == "node.build").unwrap();
    let hidden: Vec<&str> = build
        .inputs
        .iter()
        .filter_map(|input| match input {
            packwright_buildpack::planner::Input::Source(selection) => Some(selection.exclude.iter()),
            packwright_buildpack::planner::Input::Step(_) => None,
        })
        .flatten()
        .map(String::as_str)
        .collect();
    assert_eq!(hidden, ["**/node_modules", "apps/api"]);
}

#[test]
fn whoever_says_what_runs_need_not_choose_an_application() {
    let start = PlanOptions { start: Some("node apps/api/server.js".to_owned()), ..PlanOptions::default() };
    let procfile = format!("{HARBOUR}//- /Procfile\nweb: node apps/api/server.js\n");
    for (tree, options, origin) in
        [(HARBOUR, start, "--start"), (&procfile, PlanOptions::default(), "Procfile:1")]
    {
        let plan = super::planned(&MemoryTree::parse(tree), &options).unwrap();
        let chosen = plan.decisions.iter().find(|found| found.subject == "application").unwrap();
        assert_eq!((chosen.value.as_str(), chosen.origin.to_string().as_str()), ("harbour", origin));
        let web = plan.processes.iter().find(|process| process.name.as_str() == "web").unwrap();
        assert!(web.command.to_string().contains("node apps/api/server.js"));
    }
}

#[test]
fn a_library_for_a_framework_is_no_application() {
    let tree = |scripts: &str| {
        format!(
            r#"
//- /package.json
{{ "name": "harbour", "private": true, "workspaces": ["packages/*", "apps/*"] }}
//- /package-lock.json
{{ "lockfileVersion": 3, "packages": {{ "": {{ "name": "harbour" }}, "node_modules/next": {{ "version": "16.0.0" }} }} }}
//- /apps/web/package.json
{{ "name": "web", "scripts": {{ "build": "next build", "start": "next start" }}, "dependencies": {{ "next": "^16.0.0", "@harbour/ui": "*" }} }}
//- /packages/ui/package.json
{{ "name": "@harbour/ui", "scripts": {{ {scripts} }}, "devDependencies": {{ "next": "^16.0.0" }} }}
"#
        )
    };
    let chosen =
        |scripts: &str| match super::planned(&MemoryTree::parse(&tree(scripts)), &PlanOptions::default()) {
            Ok(plan) => {
                let decision = plan.decisions.iter().find(|decision| decision.subject == "application");
                decision.map_or("nothing".to_owned(), |decision| decision.value.clone())
            }
            Err(error) => super::describe(&Err(error), &[]),
        };
    assert_eq!(chosen(r#""lint": "eslint .""#), "web");
    assert_eq!(chosen(r#""build": "tsup src/index.ts""#), "web");
    assert!(chosen(r#""dev": "dotenv -- next dev""#).contains("has 2 applications"));
}

#[test]
fn a_helper_does_not_know_the_members_of_the_owner() {
    let tree = MemoryTree::parse(
        r#"
//- /package.json
{ "name": "harbour", "private": true, "workspaces": ["frontend"] }
//- /package-lock.json
{ "lockfileVersion": 3, "packages": { "": { "name": "harbour" }, "node_modules/vite": { "version": "7.0.0" } } }
//- /frontend/package.json
{ "name": "frontend", "scripts": { "build": "vite build" }, "devDependencies": { "vite": "^7.0.0" } }
"#,
    );
    let asked = |role: Role<'_>| {
        let model = packwright_platforms::model(&tree).component(None);
        let options = for_app("backend");
        Node.propose(&PlanContext { tree: &tree, model: &model, options: &options, role })
    };
    let helped = asked(Role::Helper { suite: None }).unwrap().unwrap();
    assert!(helped.steps.iter().any(|step| step.name.as_str() == "node.build"));
    assert_eq!(asked(Role::Owner).unwrap_err()[0].code, "node/no-such-app");
}
