//! Reading Blueprints: real ones, unusual ones and broken ones.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use packwright_planner::{Declarations, MemoryTree};

use super::super::declarations;
use crate::dir_view::DirView;
use crate::generate::listing;
use crate::test_languages::LANGUAGES;

pub(super) fn read(tree: &MemoryTree) -> Vec<Declarations> {
    declarations(&DirView { tree, dir: None, languages: LANGUAGES, environment: &BTreeMap::new() })
}

fn check(tree: &str, expected: Expect) {
    expected.assert_eq(&listing(&read(&MemoryTree::parse(tree))));
}

#[test]
fn a_shop_with_everything() {
    check(
        r#"//- /render.yaml
previews: {generation: automatic, expireAfterDays: 3}
services:
  - type: web
    name: shop
    runtime: python
    plan: starter
    buildCommand: ./build.sh
    preDeployCommand: python manage.py migrate --noinput
    initialDeployHook: python manage.py loaddata seed
    startCommand: gunicorn shop.wsgi
    healthCheckPath: /healthz
    autoDeployTrigger: checksPass
    maxShutdownDelaySeconds: 60
    scaling: {minInstances: 1, maxInstances: 3, targetCPUPercent: 60}
    disk: {name: media, mountPath: /var/media, sizeGB: 10}
    domains: [shop.example.com, www.example.com]
    envVars:
      - {key: PYTHON_VERSION, value: 3.12.4}
      - {key: SECRET_KEY, generateValue: true}
      - {key: STRIPE_KEY, sync: false}
      - {key: STAGE, value: live, previewValue: preview}
      - {key: WORKERS, value: 4}
      - {key: EMPTY, value: }
      - {key: DATABASE_URL, fromDatabase: {name: shopdb, property: connectionString}}
      - {key: REDIS_URL, fromService: {name: q, type: keyvalue, property: connectionString}}
      - {key: MINIO, fromService: {name: minio, type: pserv, envVarKey: MINIO_ROOT_PASSWORD}}
      - {key: MINIO_AT, fromService: {name: minio, type: pserv, property: hostport}}
      - {fromGroup: shared}
      - {fromGroup: elsewhere}
  - {type: worker, name: celery, runtime: python, buildCommand: ./build.sh, startCommand: celery -A shop worker, numInstances: 2}
  - {type: cron, name: nightly, runtime: python, schedule: "0 3 * * *", buildCommand: ./build.sh, startCommand: python manage.py nightly}
  - type: pserv
    name: minio
    runtime: docker
    rootDir: ./minio/
    dockerCommand: minio server "/data dir"
  - type: worker
    name: by packwright
    runtime: image
    image: {url: registry.example.com/shop:1, creds: {fromRegistryCreds: {name: x}}}
    rootDir: made
    dockerCommand: /packwright/process/queue
  - type: web
    name: site
    runtime: static
    rootDir: web
    buildCommand: npm ci && npm run build
    staticPublishPath: web/dist
    headers: [{path: /*, name: X-Frame-Options, value: deny}]
    routes:
      - {type: rewrite, source: /*, destination: /index.html}
      - {type: redirect, source: /old, destination: /new}
  - {type: keyvalue, name: q, plan: starter, ipAllowList: [], maxmemoryPolicy: noeviction}
databases: [{name: shopdb, plan: basic-256mb, postgresMajorVersion: "16", databaseName: shop, user: shop}]
envVarGroups: [{name: shared, envVars: [{key: LOG, value: info}, {key: NODE_VERSION, value: 20}]}]
//- /build.sh
pip install -r requirements.txt
# python manage.py migrate
python manage.py collectstatic --noinput
python manage.py migrate
"#,
        expect![[r#"
            render Decides render.yaml
              component .
              render.yaml:4 name "shop"
              render.yaml:5 language "python"
              render.yaml:18 python "3.12.4"
              render.yaml:55 node "20"
              phase build All
                render.yaml:7 Shell("./build.sh")
              render.yaml:10 web Web Some(Shell("gunicorn shop.wsgi"))
                render.yaml:11 health Health { probe: Http("/healthz"), interval: None, timeout: None, grace: None, retries: None }
                render.yaml:14 scale Scale { min: 1, max: Some(3) }
                render.yaml:6 size "starter"
                render.yaml:13 stop Stop { signal: None, grace: Some(60) }
              render.yaml:8 release Release(BeforeTraffic) Some(Shell("python manage.py migrate --noinput"))
              render.yaml:9 postdeploy Release(FirstTime) Some(Shell("python manage.py loaddata seed"))
              render.yaml:19 SECRET_KEY Both Generated
              render.yaml:20 STRIPE_KEY Both Required
              render.yaml:21 STAGE Both Literal("live")
              render.yaml:22 WORKERS Both Literal("4")
              render.yaml:23 EMPTY Both Literal("")
              render.yaml:24 DATABASE_URL Both Service(ServiceReference { service: "shopdb", property: "connection-string" })
              render.yaml:25 REDIS_URL Both Service(ServiceReference { service: "q", property: "connection-string" })
              render.yaml:26 MINIO Both Service(ServiceReference { service: "minio", property: "MINIO_ROOT_PASSWORD" })
              render.yaml:27 MINIO_AT Both Service(ServiceReference { service: "minio", property: "host-port" })
              render.yaml:55 LOG Both Literal("info")
              render.yaml:15 volume /var/media (Some("media"), Some(10240))
              component .
              render.yaml:30 name "celery"
              render.yaml:30 language "python"
              phase build All
                render.yaml:30 Shell("./build.sh")
              render.yaml:30 celery Worker Some(Shell("celery -A shop worker"))
                render.yaml:30 scale Scale { min: 2, max: None }
              component .
              render.yaml:31 name "nightly"
              render.yaml:31 language "python"
              phase build All
                render.yaml:31 Shell("./build.sh")
              render.yaml:31 nightly Cron("0 3 * * *") Some(Shell("python manage.py nightly"))
              component minio
              render.yaml:33 name "minio"
              render.yaml:34 strategy Dockerfile { path: "Dockerfile", target: None, args: {} }
              render.yaml:36 minio Private Some(Exec(["minio", "server", "/data dir"]))
              component made
              render.yaml:38 name "by packwright"
              render.yaml:40 strategy Image("registry.example.com/shop:1")
              render.yaml:42 queue Worker None
              component web
              render.yaml:44 name "site"
              render.yaml:48 publish "dist"
              phase build All
                render.yaml:47 Shell("npm ci && npm run build")
              render.yaml:51 serves / ("dist", None, Some("index.html"))
              render.yaml:54 service shopdb Postgres (Some("16"), Some("basic-256mb"), [])
              render.yaml:53 service q Redis (None, Some("starter"), [])
              render.yaml:16 domain "shop.example.com"
              render.yaml:16 domain "www.example.com"
              render.yaml:21 overlay "preview"
                render.yaml:21 STAGE Literal("preview")
              Info render/group render.yaml:29: the group `elsewhere` is not in this file
              Info render/without-effect render.yaml:49: the header `X-Frame-Options` has no effect
              Info render/without-effect render.yaml:52: the route from `/old` to `/new` has no effect
        "#]],
    );
}

#[test]
fn services_of_one_directory_that_disagree() {
    check(
        r#"//- /render.yaml
services:
  - {type: web, name: web, env: python, buildCommand: pip install ., startCommand: ./web, preDeployCommand: ./a,
     envVars: [{key: PYTHON_VERSION, value: 3.12.1}, {key: A, value: 1}]}
  - {type: web, name: admin, env: python, buildCommand: 'pip install .[admin]', startCommand: ./admin, preDeployCommand: ./b,
     envVars: [{key: PYTHON_VERSION, value: 3.11.9}, {key: A, value: 2}]}
  - {type: worker, name: web, env: python, startCommand: ./work}
  - {type: worker, name: release, env: python, startCommand: ./release}
  - {type: web, name: front, env: static, buildCommand: npm run build, staticPublishPath: ./build}
"#,
        expect![[r#"
            render Decides render.yaml
              component .
              render.yaml:2 name "web"
              render.yaml:2 language "python"
              render.yaml:3 python "3.12.1"
              phase build All
                render.yaml:2 Shell("pip install .")
              render.yaml:2 web Web Some(Shell("./web"))
              render.yaml:2 release Release(BeforeTraffic) Some(Shell("./a && ./b"))
              render.yaml:3 A Both Literal("1")
              component .
              render.yaml:4 name "admin"
              render.yaml:4 language "python"
              render.yaml:5 python "3.11.9"
              phase build All
                render.yaml:4 Shell("pip install .[admin]")
              render.yaml:4 admin Web Some(Shell("./admin"))
              render.yaml:5 A Both Literal("2")
              component .
              render.yaml:6 name "web"
              render.yaml:6 language "python"
              render.yaml:6 web-worker Worker Some(Shell("./work"))
              component .
              render.yaml:7 name "release"
              render.yaml:7 language "python"
              render.yaml:7 release-worker Worker Some(Shell("./release"))
              component .
              Warning render/differs render.yaml:4: this build is not run: `pip install .[admin]`
              Warning render/differs render.yaml:5: this value of A is not used
              Warning render/differs render.yaml:5: this version of python is not used
              Info render/name render.yaml:6: the process of `web` is called `web-worker`
              Info render/name render.yaml:7: the process of `release` is called `release-worker`
              Warning render/site-beside-program render.yaml:8: the site `front` is not part of the image
        "#]],
    );
}

#[test]
fn projects_with_environments() {
    check(
        r#"//- /render.yaml
projects:
  - name: shop
    environments:
      - name: staging
        services: [{type: web, name: shop-staging, runtime: node, buildCommand: npm ci, startCommand: npm start, envVars: [{key: STAGE, value: staging}]}]
        databases: [{name: db-staging}]
      - name: production
        networking: {isolation: enabled}
        services: [{type: web, name: shop, runtime: node, buildCommand: npm ci, startCommand: npm start, envVars: [{fromGroup: g}]}]
        databases: [{name: db, plan: pro-4gb}]
        envVarGroups: [{name: g, envVars: [{key: STAGE, value: live}]}]
ungrouped:
  services: [{type: redis, name: cache}]
"#,
        expect![[r#"
            render Decides render.yaml
              render.yaml:2 name "shop"
              component .
              render.yaml:9 name "shop"
              render.yaml:9 language "node"
              phase build All
                render.yaml:9 Shell("npm ci")
              render.yaml:9 web Web Some(Shell("npm start"))
              render.yaml:11 STAGE Both Literal("live")
              render.yaml:13 service cache Redis (None, None, [])
              render.yaml:10 service db Postgres (None, Some("pro-4gb"), [])
              render.yaml:4 overlay "staging"
                render.yaml:5 STAGE Literal("staging")
                render.yaml:6 service db-staging None
              render.yaml:5 web Web Some(Shell("npm start"))
        "#]],
    );
}

#[test]
fn own_variables_count_before_those_of_groups() {
    check(
        r#"//- /render.yaml
envVarGroups: [{name: g, envVars: [{key: A, value: group}, {key: B, value: group}, {key: PYTHON_VERSION, value: 3.11.1}]}]
services:
  - {type: worker, name: w, runtime: python, startCommand: ./w,
     envVars: [{fromGroup: g}, {key: A, value: own}, {key: PYTHON_VERSION, value: "3.12"}]}
  - {type: workflow, name: flow, anything: 1}
"#,
        expect![[r#"
            render Decides render.yaml
              component .
              render.yaml:3 name "w"
              render.yaml:3 language "python"
              render.yaml:4 python "3.12"
              render.yaml:3 w Worker Some(Shell("./w"))
              render.yaml:4 A Both Literal("own")
              render.yaml:1 B Both Literal("group")
              Info render/python-version render.yaml:4: Render refuses the version `3.12` of Python
              Warning render/unknown-type render.yaml:5: `workflow` is no type of service that is known
        "#]],
    );
}

#[test]
fn mistakes() {
    check(
        r#"//- /render.yaml
services:
  - {type: website, name: a}
  - {name: b}
  - {type: web}
  - {type: web, name: c, runtime: cobol, startcommand: x, healthcheckPath: /, rootDir: ../up}
  - {type: cron, name: d, runtime: node, startCommand: x}
  - {type: web, name: e, rootDir: e, runtime: static}
  - {type: worker, name: f, rootDir: f, runtime: docker, dockerCommand: "sh -c 'x"}
  - type: worker
    name: g
    rootDir: g
    runtime: node
    envVars:
      - {value: 1}
      - {key: A}
      - {key: B, value: 1, generateValue: true}
      - {key: "C D", value: 1}
      - {key: E, fromDatabase: {name: x}}
      - {key: F, value: [1]}
databases: [{plan: free}]
envVarGroups: [{envVars: []}]
"#,
        expect![[r#"
            render Decides render.yaml
              component .
              render.yaml:5 name "c"
              render.yaml:5 web Web None
              component .
              render.yaml:6 name "d"
              render.yaml:6 language "node"
              render.yaml:6 d Cron("") Some(Shell("x"))
              component e
              render.yaml:7 name "e"
              component f
              render.yaml:8 name "f"
              render.yaml:8 strategy Dockerfile { path: "Dockerfile", target: None, args: {} }
              render.yaml:8 f Worker None
              component g
              render.yaml:10 name "g"
              render.yaml:12 language "node"
              render.yaml:10 g Worker None
              render.yaml:15 A Both Required
              render.yaml:16 B Both Literal("1")
              render.yaml:18 E Both Required
              render.yaml:19 F Both Literal("")
              Warning render/unknown-type render.yaml:2: `website` is no type of service that is known
              Error render/value render.yaml:3: the service `b` has no `type`
              Error render/value render.yaml:4: a service has no `name`
              Error render/value render.yaml:5: `../up` has the part `..`
              Warning render/unknown-runtime render.yaml:5: `cobol` is no runtime that is known
              Warning render/unknown-key render.yaml:5: `services[3].startcommand` is no key that is known
              Warning render/unknown-key render.yaml:5: `services[3].healthcheckPath` is no key that is known
              Error render/value render.yaml:6: the cron job `d` has no `schedule`
              Error render/value render.yaml:7: the site `e` has no `staticPublishPath`
              Error render/value render.yaml:8: `dockerCommand` has an open quote
              Error render/value render.yaml:14: a variable has no `key`
              Error render/value render.yaml:15: `A` has no value
              Error render/value render.yaml:16: `B` has more than one value
              Error render/value render.yaml:17: "C D" cannot be the name of a variable
              Error render/value render.yaml:18: a reference has no `name`, or neither `property` nor `envVarKey`
              Error render/type render.yaml:19: `services[7].envVars[5].value` is a list, not a text
              Error render/value render.yaml:20: a database has no `name`
              Error render/value render.yaml:21: a group has no `name`
        "#]],
    );
    check(
        "//- /render.yaml\nservices: web\n",
        expect![[r#"
        render Decides render.yaml
          Error render/type render.yaml:1: `services` is a text, not a list of maps
    "#]],
    );
    check(
        "//- /render.yaml\n- a\n",
        expect![[r#"
        render Decides render.yaml
          Error render/type render.yaml:1: the file is a list, not a map
    "#]],
    );
    check(
        "//- /render.yml\nservices: []\n",
        expect![[r#"
        render Decides render.yml
    "#]],
    );
}

#[test]
fn where_dockerfiles_are() {
    check(
        r#"//- /render.yaml
services:
  - {type: web, name: a, runtime: docker, dockerfilePath: ./docker/Dockerfile}
  - {type: web, name: b, runtime: docker, dockerContext: ./api, dockerfilePath: ./api/Dockerfile.prod}
  - {type: web, name: c, runtime: docker, dockerContext: ./web/app, dockerfilePath: ./docker/web}
  - {type: web, name: d, runtime: docker, rootDir: d}
"#,
        expect![[r#"
            render Decides render.yaml
              component .
              render.yaml:2 name "a"
              render.yaml:2 strategy Dockerfile { path: "docker/Dockerfile", target: None, args: {} }
              render.yaml:2 web Web None
              component api
              render.yaml:3 name "b"
              render.yaml:3 strategy Dockerfile { path: "Dockerfile.prod", target: None, args: {} }
              render.yaml:3 web Web None
              component web/app
              render.yaml:4 name "c"
              render.yaml:4 strategy Dockerfile { path: "../../docker/web", target: None, args: {} }
              render.yaml:4 web Web None
              component d
              render.yaml:5 name "d"
              render.yaml:5 strategy Dockerfile { path: "Dockerfile", target: None, args: {} }
              render.yaml:5 web Web None
        "#]],
    );
}

#[test]
fn what_render_refuses() {
    let tree = MemoryTree::parse(
        "//- /render.yaml\nservices:\n  - type: web\n    name: a\n    runtime: python\n    plan: free\n    numInstances: 2\n    preDeployCommand: migrate\n    disk: {name: d, mountPath: /data}\n    envVars:\n      - {key: A, value: '1', sync: false}\n  - {type: worker, name: b, runtime: python, plan: Free}\n  - {type: web, name: c, runtime: python, plan: starter, preDeployCommand: migrate, rootDir: c}\n",
    );
    let told = read(&tree).into_iter().flat_map(|file| file.diagnostics);
    let told: Vec<String> = told
        .filter(|told| ["render/free-plan", "render/value-and-sync"].contains(&told.code.as_str()))
        .map(|told| told.message)
        .collect();
    expect![[r#"
        render.yaml:6: Render refuses `numInstances` on the plan `free`
        render.yaml:7: Render refuses `preDeployCommand` on the plan `free`
        render.yaml:8: Render refuses `disk` on the plan `free`
        render.yaml:10: `A` has `value` and `sync`
        render.yaml:11: Render refuses `type: worker` on the plan `free`"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn the_service_that_answers_requests_counts_before_the_others() {
    let service = |kind: &str, port: &str| {
        format!(
            "  - {{type: {kind}, name: {kind}, runtime: python, startCommand: run {kind}, envVars: [{{key: PORT, value: \"{port}\"}}]}}\n"
        )
    };
    let tree =
        format!("//- /render.yaml\nservices:\n{}{}", service("worker", "7000"), service("web", "9000"));
    let model = crate::model(&MemoryTree::parse(&tree));
    let port = model.component(None).variable("PORT").map(|port| port.value.description());
    assert_eq!(port.as_deref(), Some("9000"));
    let told = model.diagnostics.iter().find(|told| told.code == "render/differs").unwrap();
    assert_eq!(told.message, "render.yaml:2: this value of PORT is not used");
}

/// The processes of the parts that count, and what is said of the services that do not.
fn counting(files: &str) -> String {
    let tree = MemoryTree::parse(files);
    let mut text = String::new();
    for declared in read(&tree) {
        for part in &declared.components {
            let names: Vec<&str> = part.processes.iter().map(|process| process.name.as_str()).collect();
            text += &format!("{}: {}\n", part.name.as_ref().unwrap().value, names.join(" "));
        }
        let told = declared.diagnostics.iter().filter(|told| told.code == "render/not-counted");
        told.for_each(|told| text += &format!("{}\n", told.message));
    }
    text
}

#[test]
fn helpers_with_images_of_their_own_are_no_processes() {
    expect![[r#"
        api: web
        work: work
        render.yaml:2: `mail` is built from `mail.Dockerfile`, another image than the application's
        render.yaml:4: `cache` runs the image `docker.io/a/b:1`, which is no part of this source
    "#]]
    .assert_eq(&counting(
        "//- /Dockerfile\nFROM node:24\nCOPY . .\n//- /mail.Dockerfile\nFROM node:24\nRUN npm i -g maildev\n//- /work.Dockerfile\nFROM node:24\nCOPY . .\n//- /render.yaml\nservices:\n  - {type: web, name: mail, runtime: docker, dockerfilePath: ./mail.Dockerfile}\n  - {type: web, name: api, runtime: docker}\n  - {type: pserv, name: cache, runtime: image, image: {url: \"docker.io/a/b:1\"}}\n  - {type: worker, name: work, runtime: docker, dockerfilePath: ./work.Dockerfile, dockerCommand: node work.js}\n",
    ));
    // Of a source that is built natively, an image is nothing; where nothing is built, all are images.
    expect![[r#"
        api: web
        render.yaml:2: `mail` runs the image `axllent/mailpit`, which is no part of this source
    "#]]
    .assert_eq(&counting(
        "//- /render.yaml\nservices:\n  - {type: web, name: mail, runtime: image, image: {url: axllent/mailpit}}\n  - {type: web, name: api, runtime: node, startCommand: node a.js}\n",
    ));
    expect![[r#"
        mail: web
    "#]]
    .assert_eq(&counting(
        "//- /render.yaml\nservices:\n  - {type: web, name: mail, runtime: image, image: {url: axllent/mailpit}}\n",
    ));
}
