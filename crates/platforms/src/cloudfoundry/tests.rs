//! Cloud Foundry manifests: real, unusual and broken ones, and round trips through the writer.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use packwright_planner::{AppModel, MemoryTree, Origin, Port, ProcessKind, Requested, Scoped, ServiceKind};
use proptest::prelude::*;

use super::*;
use crate::generate;
use crate::generate::limits::Limits;
use crate::test_languages::LANGUAGES;
use crate::write::Conversion;

fn seen(tree: &MemoryTree) -> Vec<Declarations> {
    let environment = BTreeMap::new();
    declarations(&DirView { tree, dir: None, languages: LANGUAGES, environment: &environment })
}

fn describe(found: &[Declarations]) -> String {
    let mut out = String::new();
    for declared in found {
        let files: Vec<&str> = declared.files.iter().map(|path| path.as_str()).collect();
        out += &format!("{}\n", files.join(", "));
        for domain in &declared.domains {
            out += &format!("{} domain {}\n", domain.origin, domain.value);
        }
        for service in &declared.services {
            out += &format!("{} service {} {:?}\n", service.origin, service.name, service.kind);
        }
        for part in &declared.components {
            let name = part.name.as_ref().map(|name| name.value.as_str());
            out += &format!("part {name:?} in {:?}\n", part.dir().map(RelPath::as_str));
            if let Some(language) = &part.language {
                out += &format!("{} {}\n", language.origin, language.value);
            }
            if let Some(strategy) = &part.strategy {
                out += &format!("{} {:?}\n", strategy.origin, strategy.value);
            }
            for process in &part.processes {
                let told = process.command.as_ref().map(ToString::to_string);
                out += &format!("{} {} {:?} {told:?}\n", process.origin, process.name, process.kind);
                let size = process.size.as_ref().map(|size| size.value.as_str());
                let (port, scale) = (
                    process.port.as_ref().map(|port| &port.value),
                    process.scale.as_ref().map(|scale| scale.value),
                );
                out += &format!("  {port:?} {scale:?} {size:?}\n");
                if let Some(health) = &process.health {
                    out += &format!("  {} {:?}\n", health.origin, health.value);
                }
            }
            for variable in &part.environment {
                out += &format!("{} {} = {:?}\n", variable.origin, variable.name, variable.value);
            }
            for package in &part.packages {
                out +=
                    &format!("{} package {} {:?}\n", package.name.origin, package.name.value, package.scope);
            }
            for pattern in &part.ignore {
                out += &format!("{} ignore {}\n", pattern.origin, pattern.value);
            }
        }
        for found in &declared.diagnostics {
            out += &format!("{:?} {} {}\n", found.severity, found.code, found.message);
        }
    }
    out
}

fn check(tree: &str, expected: Expect) {
    expected.assert_eq(&describe(&seen(&MemoryTree::parse(tree))));
}

#[test]
fn a_django_application() {
    check(
        "//- /manifest.yml
version: 1
defaults: &defaults
  buildpacks: [https://github.com/cloudfoundry/apt-buildpack, python_buildpack]
  stack: cflinuxfs4
applications:
- <<: *defaults
  name: shop
  memory: 512M
  disk_quota: 1G
  instances: ((instances))
  command: ./start.sh
  health-check-type: http
  health-check-http-endpoint: /healthz
  timeout: 120
  routes:
  - route: shop.example.com
  - route: ((host)).example.com
  services: [shop-db, {name: shop-redis, parameters: {x: y}}]
  env:
    DJANGO_SETTINGS_MODULE: shop.settings
    SECRET_KEY: ((secret_key))
    API: https://((host))/api
    STRIPE_API_KEY: live-abc
    FLAGS: {a: [1, true]}
    WORKERS: 3
  processes:
  - type: worker
    command: celery -A shop worker
    instances: 2
    memory: 1G
    health-check-type: process
  - {type: release, command: python manage.py migrate, instances: 0}
  sidecars:
  - {name: agent, process_types: [web], command: ./agent, memory: 10M}
//- /.cfignore
docs/
!docs/a
//- /apt.yml
packages: [libpq-dev, gdal-bin]
repos: [deb http://x y z]
",
        expect![[r#"
            manifest.yml, apt.yml, .cfignore
            manifest.yml:16 domain shop.example.com
            manifest.yml:18 service shop-db Other("shop-db")
            manifest.yml:18 service shop-redis Redis
            part Some("shop") in None
            manifest.yml:3 python
            manifest.yml:11 web Web Some("./start.sh")
              Some(Variable) None Some("512M")
              manifest.yml:12 Health { probe: Http("/healthz"), interval: None, timeout: None, grace: Some(120), retries: None }
            manifest.yml:28 worker Worker Some("celery -A shop worker")
              None Some(Scale { min: 2, max: None }) Some("1G")
            manifest.yml:32 release Release(BeforeTraffic) Some("python manage.py migrate")
              None None None
            manifest.yml:34 agent Worker Some("./agent")
              None None None
            manifest.yml:20 DJANGO_SETTINGS_MODULE = Literal("shop.settings")
            manifest.yml:21 SECRET_KEY = Required
            manifest.yml:22 API = Required
            manifest.yml:23 STRIPE_API_KEY = Withheld
            manifest.yml:24 FLAGS = Literal("{\n  \"a\": [\n    1,\n    true\n  ]\n}")
            manifest.yml:25 WORKERS = Literal("3")
            apt.yml:1 package libpq-dev Build
            apt.yml:1 package libpq5 Run
            apt.yml:1 package gdal-bin Run
            Info cloudfoundry/given-later manifest.yml:10: `applications.instances` is not known: `((instances))`
            Info cloudfoundry/given-later manifest.yml:17: `applications.routes.route` is not known: `((host)).example.com`
            Info cloudfoundry/sidecar manifest.yml:34: the sidecar `agent` becomes a process
            Info cloudfoundry/without-effect apt.yml:2: `repos` has no effect
            Warning cloudfoundry/ignore-exception .cfignore:1: `docs/` leaves nothing out
        "#]],
    );
}

#[test]
fn several_applications() {
    check(
        "//- /manifest.yml
buildpack: old
memory: 64M
inherit: base.yml
applications:
- name: shop
  path: .
  buildpack: nodejs_buildpack
- name: shop.jobs
  no-route: true
  health-check-type: none
  command: node jobs.js
- name: api
  path: ./api/
  docker: {image: example.org/api:1, username: u}
  env: {A: b}
  processes: [{type: worker, command: /packwright/process/worker}, {type: web, command: 'null'}]
- {name: outside, path: ../x}
- {name: jar, path: target/x.jar, buildpacks: [java_buildpack, https://example.org/own]}
",
        expect![[r#"
            manifest.yml
            part Some("shop") in None
            manifest.yml:7 node
            manifest.yml:5 web Web None
              Some(Variable) None None
            part Some("shop.jobs") in None
            manifest.yml:11 shop-jobs Worker Some("node jobs.js")
              None None None
            part Some("api") in Some("api")
            manifest.yml:14 Image("example.org/api:1")
            manifest.yml:12 web Web None
              Some(Variable) None None
            manifest.yml:16 worker Worker None
              None None None
            manifest.yml:15 A = Literal("b")
            part Some("outside") in None
            manifest.yml:17 outside Web None
              Some(Variable) None None
            part Some("jar") in None
            manifest.yml:18 Buildpacks { builder: None, list: ["java_buildpack", "https://example.org/own"] }
            manifest.yml:18 jar Web None
              Some(Variable) None None
            Warning cloudfoundry/shared-keys manifest.yml:1: buildpack, memory beside `applications` have no effect
            Warning cloudfoundry/inherit manifest.yml:3: `base.yml` is not read
            Info cloudfoundry/renamed manifest.yml:8: the process `web` is called `shop-jobs`
            Error cloudfoundry/value manifest.yml:17: `../x` has the part `..`
            Info cloudfoundry/renamed manifest.yml:17: the process `web` is called `outside`
            Info cloudfoundry/archive manifest.yml:18: `target/x.jar` is no directory of the source
            Info cloudfoundry/renamed manifest.yml:18: the process `web` is called `jar`
        "#]],
    );
}

#[test]
fn files_of_others() {
    check("//- /manifest.yml\nname: theme\nversion: 1\n", expect![]);
    check("//- /manifest.yml\n: x\n", expect![]);
    check(
        "//- /manifest-prod.yml\napplications: []\n//- /dev-manifest.yml\napplications: []\n//- /manifest.txt\n",
        expect![[r#"
        dev-manifest.yml
        Info cloudfoundry/misnamed dev-manifest.yml, manifest-prod.yml not read
    "#]],
    );
}

#[test]
fn values_of_the_wrong_kind() {
    check(
        "//- /manifest.yml
applications:
- {name: [a], memory: {}, instances: many, env: [A], routes: [x], processes: [{command: x}, {type: web, type2: x}], health-check-type: ping, servics: []}
- text
",
        expect![[r#"
            manifest.yml
            part None in None
            manifest.yml:2 web Web None
              Some(Variable) None None
            Error cloudfoundry/type manifest.yml:2: `applications[0].name` is a list, not a text
            Error cloudfoundry/value manifest.yml:2: a process has no `type`
            Warning cloudfoundry/unknown-key manifest.yml:2: `applications[0].processes[1].type2` is no key that is known
            Error cloudfoundry/type manifest.yml:2: `applications[0].instances` is a text, not a whole number
            Error cloudfoundry/type manifest.yml:2: `applications[0].memory` is a map, not a text
            Error cloudfoundry/value manifest.yml:2: `health-check-type` is `ping`
            Error cloudfoundry/type manifest.yml:2: `applications[0].env` is a list, not a map
            Error cloudfoundry/type manifest.yml:2: `applications[0].routes[0]` is a text, not a map
            Warning cloudfoundry/unknown-key manifest.yml:2: `applications[0].servics` is no key that is known
            Error cloudfoundry/type manifest.yml:3: `applications[1]` is a text, not a map
        "#]],
    );
    check(
        "//- /manifest.yml\napplications:\n- name: a\n  name: b\n",
        expect![[r#"
        manifest.yml
        Error cloudfoundry/syntax manifest.yml:3: column 3: the key `name` is in line 2 already
    "#]],
    );
    check(
        "//- /manifest.yml\napplications: 3\n",
        expect![[r#"
        manifest.yml
        Error cloudfoundry/type manifest.yml:1: `applications` is a number, not a list of maps
    "#]],
    );
}

#[test]
fn a_shop_is_written() {
    let tree = MemoryTree::parse(
        "//- /heroku.yml
build: {docker: {web: Dockerfile}}
run: {web: gunicorn shop.wsgi, worker: celery -A shop worker}
release: {command: [python manage.py migrate]}
//- /app.json
{\"name\": \"shop\", \"env\": {\"SECRET_KEY\": {\"generator\": \"secret\"}, \"DEBUG\": \"False\", \"SENTRY_DSN\": {\"required\": false}, \"STRIPE\": {}},
 \"formation\": {\"web\": {\"quantity\": 2, \"size\": \"standard-1x\"}}, \"addons\": [\"heroku-postgresql:mini\"]}
",
    );
    let model = crate::model(&tree);
    let written = write(&Conversion { model: &model, image: Some("example.org/shop:1") });
    let mut out = written.files["manifest.yml"].clone();
    for loss in &written.losses {
        out += &format!("{} {}\n", loss.code, loss.message);
    }
    expect![[r#"
        version: 1
        applications:
          - name: shop
            docker:
              image: example.org/shop:1
            processes:
              - type: web
                instances: 2
              - type: worker
                command: /packwright/process/worker
              - type: release
                command: /packwright/process/release
                instances: 0
            env:
              SECRET_KEY: ((SECRET_KEY))
              DEBUG: "False"
              STRIPE: ((STRIPE))
            services:
              - heroku-postgresql
        convert/L11-scale the size `standard-1x` of `web` is not written
        convert/L03-release `release` is not run for a new version by itself
        convert/L06-secret SECRET_KEY is not made up by the platform
        convert/L30-scope SENTRY_DSN is optional and not written
        convert/L16-build Cloud Foundry does not build: how the image is made is not written
        convert/L30-scope the build has none of these variables from Cloud Foundry: `SECRET_KEY`, `DEBUG`, `SENTRY_DSN`, `STRIPE`
        convert/L27-services the service `heroku-postgresql` (postgresql) is bound and not made
    "#]]
    .assert_eq(&out);
}

/// What is left of a model in an image, and in the words of a manifest: processes are programs of
/// the image, the first part gives the name, a web process listens where PORT says.
fn as_image(mut model: AppModel, image: &str) -> AppModel {
    let name = Requested { value: "shop".to_owned(), origin: Origin::Default("a name".to_owned()) };
    model.name = Some(name.clone());
    // A service of a kind without a word of its own is known by its name.
    for service in &mut model.services {
        if let ServiceKind::Other(_) = service.kind {
            service.kind = ServiceKind::of(&service.name);
        }
    }
    for part in &mut model.components {
        part.name = Some(name.clone());
        part.root = None;
        part.strategy = Some(Requested {
            value: packwright_planner::Strategy::Image(image.to_owned()),
            origin: name.origin.clone(),
        });
        for process in &mut part.processes {
            process.command = None;
            if process.kind == ProcessKind::Web && process.port.is_none() {
                process.port = Some(Requested { value: Port::Variable, origin: name.origin.clone() });
            }
        }
        for variable in part.environment.iter_mut().filter(|variable| variable.scope == Scoped::Both) {
            variable.scope = Scoped::Run;
        }
    }
    model
}

proptest! {
    /// What is written reads as what was written, less what the losses name.
    #[test]
    fn round_trip(model in generate::model(Limits { components: 1, build: false, ..Limits::default() })) {
        let model = as_image(model, "example.org/shop:1");
        let converted = write(&Conversion { model: &model, image: Some("example.org/shop:1") });
        let read = crate::model(&generate::tree(&converted.files));
        prop_assert_eq!(generate::differences(&model, &read, &converted.losses), Vec::<String>::new());
        let problems: Vec<_> = read.diagnostics.iter().filter(|told| told.severity != packwright_planner::Severity::Info).collect();
        prop_assert!(problems.is_empty(), "{problems:?}");
    }

    /// Any text is answered; every place is a line of its file, names are unique, no secret is kept.
    #[test]
    fn any_text(text in prop_oneof![document(), "(?s)(applications:\n)?.{0,120}"]) {
        let mut tree = MemoryTree::new();
        for name in ["manifest.yml", "apt.yml"] {
            tree.add(name.parse().unwrap(), text.as_bytes().to_vec());
        }
        let mut found = seen(&tree);
        for declared in &mut found {
            // What is no YAML at all may be missed behind the last line.
            declared.diagnostics.retain(|told| told.code != "cloudfoundry/syntax");
            let names: Vec<_> = declared.components.iter().filter(|part| part.dir().is_none()).flat_map(|part| &part.processes).map(|process| &process.name).collect();
            let unique: std::collections::BTreeSet<_> = names.iter().collect();
            prop_assert_eq!(unique.len(), names.len());
        }
        let found = format!("{found:?}");
        let count = text.replace("\r\n", "\n").replace('\r', "\n").split('\n').count() as u32;
        for piece in found.split("line: Some(").skip(1) {
            let line: u32 = piece.split(')').next().unwrap().parse().unwrap();
            prop_assert!((1..=count).contains(&line), "{line} of {count}");
        }
        prop_assert!(!found.contains("hunter2hunter2"));
    }
}

/// Documents of random keys of the format.
fn document() -> impl proptest::strategy::Strategy<Value = String> {
    let row = proptest::collection::btree_map(
        proptest::sample::select(vec![
            "name",
            "path",
            "processes",
            "env",
            "services",
            "routes",
            "sidecars",
            "docker",
            "buildpacks",
            "instances",
            "command",
            "no-route",
            "health-check-type",
            "x",
        ]),
        proptest::sample::select(vec![
            "a",
            "((a))",
            "3",
            "[]",
            "{}",
            "null",
            "true",
            "http",
            "{SECRET_KEY: hunter2hunter2}",
            "{A: ((a))}",
            "[{type: web}, {type: worker, command: x}, {type: worker}]",
            "[{name: x, command: y}]",
            "[a, {name: b}]",
            "[{route: a.b}]",
            "{image: x}",
            "../y",
            "sub",
        ]),
        0..8,
    );
    proptest::collection::vec(row, 0..4).prop_map(|rows| {
        let mut out = "applications:\n".to_owned();
        for row in rows {
            let pairs: Vec<String> = row.iter().map(|(key, value)| format!("{key}: {value}")).collect();
            out += &format!("- {{{}}}\n", pairs.join(", "));
        }
        out
    })
}
