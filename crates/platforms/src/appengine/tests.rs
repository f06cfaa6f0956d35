//! App Engine's files: real ones, unusual ones and broken ones.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use packwright_planner::MemoryTree;
use proptest::prelude::*;

use super::*;
use crate::test_languages::LANGUAGES;

fn seen(tree: &MemoryTree) -> Vec<Declarations> {
    let environment = BTreeMap::new();
    declarations(&DirView { tree, dir: None, languages: LANGUAGES, environment: &environment })
}

fn describe(found: &[Declarations]) -> String {
    let mut out = String::new();
    for declared in found {
        let files: Vec<&str> = declared.files.iter().map(|path| path.as_str()).collect();
        out += &format!("{}\n", files.join(", "));
        for part in &declared.components {
            let told = [("name", &part.name), ("manager", &part.manager), ("publish", &part.publish)];
            for (what, told) in told {
                if let Some(told) = told {
                    out += &format!("{} {what} {}\n", told.origin, told.value);
                }
            }
            for wish in &part.versions {
                out += &format!("{} {} {}\n", wish.version.origin, wish.tool, wish.version.value);
            }
            if let Some(strategy) = &part.strategy {
                out += &format!("{} {:?}\n", strategy.origin, strategy.value);
            }
            for phase in &part.phases {
                out += &format!("{} {:?}\n", phase.name, phase.tasks);
            }
            for process in &part.processes {
                out += &format!("{} {} {:?}\n", process.origin, process.name, process.command);
                out += &format!("  {:?} {:?}\n", process.port.as_ref().map(|port| &port.value), process.size);
                if let Some(scale) = &process.scale {
                    out += &format!("  {} {:?}\n", scale.origin, scale.value);
                }
                if let Some(health) = &process.health {
                    out += &format!("  {} {:?}\n", health.origin, health.value);
                }
            }
            for variable in &part.environment {
                out += &format!(
                    "{} {} = {:?} {:?}\n",
                    variable.origin, variable.name, variable.value, variable.scope
                );
            }
            for mount in &part.statics {
                out += &format!(
                    "{} {} from {} {:?}\n",
                    mount.url.origin, mount.url.value, mount.dir, mount.expires
                );
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
fn a_django_application_with_a_worker_and_a_clock() {
    check(
        "//- /app.yaml
runtime: python312
service: default
entrypoint: gunicorn -b :$PORT shop.wsgi
instance_class: F2
env_variables:
  DJANGO_SETTINGS_MODULE: shop.settings
  SECRET_KEY: not-so-secret-after-all
  DEBUG: false
build_env_variables:
  GOOGLE_PYTHON_VERSION: \"3.12.*\"
  PIP_INDEX: x
  DEBUG: false
automatic_scaling: {min_instances: 1, max_instances: 5, target_cpu_utilization: 0.65}
inbound_services: [warmup]
handlers:
- {url: /static, static_dir: static, expiration: 1h, secure: always}
- {url: '/(.*\\.png)$', static_files: 'img/\\1', upload: 'img/.*\\.png$'}
- {url: /.*, script: auto}
//- /worker.yaml
runtime: python312
service: worker
entrypoint: python worker.py
basic_scaling: {max_instances: 2, idle_timeout: 10m}
//- /conda.yaml
name: x
//- /cron.yaml
cron:
- description: nightly
  url: /tasks/nightly
  schedule: every 24 hours
//- /.gcloudignore
.git
#!include:.gitignore
#!include:.other
/docs/
!docs/keep.md
",
        expect![[r#"
            app.yaml, worker.yaml, .gcloudignore, cron.yaml
            app.yaml:10 python 3.12.*
            app.yaml:1 python 3.12
            app.yaml:3 web Some(Shell("gunicorn -b :$PORT shop.wsgi"))
              Some(Variable) Some(Requested { value: "F2", origin: File { path: RelPath("app.yaml"), line: Some(4) } })
              app.yaml:13 Scale { min: 1, max: Some(5) }
            app.yaml:11 PIP_INDEX = Literal("x") Build
            app.yaml:12 DEBUG = Literal("false") Both
            app.yaml:6 DJANGO_SETTINGS_MODULE = Literal("shop.settings") Run
            app.yaml:7 SECRET_KEY = Withheld Run
            app.yaml:16 /static from static Some("1h")
            app.yaml:17 /(.*\.png)$ from img/* None
            .gcloudignore:1 ignore .git
            worker.yaml:2 name worker
            worker.yaml:1 python 3.12
            worker.yaml:3 worker Some(Shell("python worker.py"))
              Some(Variable) None
              worker.yaml:4 Scale { min: 0, max: Some(2) }
            Warning appengine/ignore-exception .gcloudignore:4: `/docs/` leaves nothing out
            Warning appengine/ignore-file .gcloudignore:3: the patterns of `.other` are not read
            Info appengine/clock cron.yaml:3: nothing asks for `/tasks/nightly` (every 24 hours)
        "#]],
    );
}

#[test]
fn the_flexible_environment() {
    check(
        "//- /app.yaml
runtime: python
env: flex
entrypoint: gunicorn -b :$PORT main:app
runtime_config:
  operating_system: ubuntu22
  runtime_version: '3.11'
automatic_scaling: {max_num_instances: 4, cpu_utilization: {target_utilization: 0.5}}
resources: {cpu: 1, memory_gb: 0.5, disk_size_gb: 10}
liveness_check: {path: /live, check_interval_sec: 30, timeout_sec: 4, failure_threshold: 2, success_threshold: 2}
readiness_check: {path: /ready, app_start_timeout_sec: 300}
beta_settings: {cloud_sql_instances: p:r:i}
network: {forwarded_ports: [80]}
",
        expect![[r#"
            app.yaml
            app.yaml:6 python 3.11
            app.yaml:3 web Some(Shell("gunicorn -b :$PORT main:app"))
              Some(Variable) None
              app.yaml:7 Scale { min: 2, max: Some(4) }
              app.yaml:10 Health { probe: Http("/ready"), interval: None, timeout: None, grace: None, retries: None }
        "#]],
    );
    check(
        "//- /app.yaml\nruntime: custom\nenv: flex\nmanual_scaling: {instances: 3}\n",
        expect![[r#"
        app.yaml
        app.yaml:1 Dockerfile { path: "Dockerfile", target: None, args: {} }
        app.yaml:1 web None
          Some(Variable) None
          app.yaml:3 Scale { min: 3, max: None }
    "#]],
    );
}

#[test]
fn nothing_says_how_it_starts() {
    check(
        "//- /app.yaml\nruntime: python39\n//- /main.py\n",
        expect![[r#"
        app.yaml
        app.yaml:1 python 3.9
        app.yaml:1 web None
          Some(Variable) None
    "#]],
    );
    check(
        "//- /app.yaml\nruntime: python39\n//- /server.py\n",
        expect![[r#"
        app.yaml
        app.yaml:1 python 3.9
        app.yaml:1 web None
          Some(Variable) None
        Warning appengine/no-main app.yaml:1: there is no `entrypoint` and no `main.py`
    "#]],
    );
    check(
        "//- /app.yaml\nruntime: nodejs20\nbuild_env_variables: {GOOGLE_NODE_RUN_SCRIPTS: 'build, post', GOOGLE_ENTRYPOINT: npm run serve, GOOGLE_RUNTIME_VERSION: 20.1.0}\n",
        expect![[r#"
        app.yaml
        app.yaml:2 node 20.1.0
        app.yaml:1 node 20
        build [Run(Requested { value: Exec(["npm", "run", "build"]), origin: File { path: RelPath("app.yaml"), line: Some(2) } }), Run(Requested { value: Exec(["npm", "run", "post"]), origin: File { path: RelPath("app.yaml"), line: Some(2) } })]
        app.yaml:2 web Some(Shell("npm run serve"))
          Some(Variable) None
    "#]],
    );
}

#[test]
fn the_first_generation() {
    check(
        "//- /app.yaml
application: shop
version: 1
runtime: python27
api_version: 1
threadsafe: true
libraries:
- {name: webapp2, version: latest}
builtins:
- remote_api: on
includes:
- secrets.yaml
handlers:
- {url: /.*, script: main.app, login: admin}
",
        expect![[r#"
            app.yaml
            app.yaml:3 python 2.7
            app.yaml:3 web None
              Some(Variable) None
            Info appengine/obsolete app.yaml:1: `application` has no effect
            Info appengine/obsolete app.yaml:2: `version` has no effect
            Warning appengine/no-main app.yaml:3: there is no `entrypoint` and no `main.py`
            Info appengine/obsolete app.yaml:4: `api_version` has no effect
            Info appengine/obsolete app.yaml:5: `threadsafe` has no effect
            Info appengine/obsolete app.yaml:6: `libraries` has no effect
            Info appengine/obsolete app.yaml:8: `builtins` has no effect
            Warning appengine/include app.yaml:10: files of `includes` are not read
            Info appengine/obsolete app.yaml:13: `script: main.app` has no effect
        "#]],
    );
}

#[test]
fn a_site() {
    check(
        "//- /app.yaml
runtime: python27
threadsafe: yes
handlers:
- {url: /, static_files: www/index.html, upload: www/index.html}
- {url: '/(.*)', static_files: 'www/\\1', upload: 'www/(.*)'}
",
        expect![[r#"
            app.yaml
            app.yaml:4 publish www
            app.yaml:4 / from www/index.html None
            app.yaml:5 /(.*) from www/* None
            Info appengine/obsolete app.yaml:2: `threadsafe` has no effect
        "#]],
    );
    check(
        "//- /app.yaml\nruntime: nodejs20\nhandlers:\n- {url: '/.*', static_dir: dist}\n",
        expect![[r#"
        app.yaml
        app.yaml:3 publish dist
        app.yaml:3 /.* from dist None
    "#]],
    );
}

#[test]
fn files_of_others() {
    check(
        "//- /app.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n---\napiVersion: v1\nkind: Service\n",
        expect![[r#"
        app.yaml
        Info appengine/foreign-file app.yaml looks like a manifest of Kubernetes, not like App Engine's
    "#]],
    );
    check(
        "//- /app.yaml\nname: shop\nservices:\n- name: web\n",
        expect![[r#"
        app.yaml
        Info appengine/foreign-file app.yaml looks like an app spec of DigitalOcean, not like App Engine's
    "#]],
    );
    check("//- /app.yaml\nname: anything\n", expect![]);
    check("//- /app.yaml\n", expect![]);
    check("//- /app.yaml\n{{ template }}\n: :\n", expect![]);
    check(
        "//- /app.flexible.yaml\nruntime: python\n",
        expect![[r#"
        app.flexible.yaml
        Info appengine/misnamed app.flexible.yaml is not read
    "#]],
    );
}

#[test]
fn values_of_the_wrong_kind() {
    check(
        "//- /app.yaml
runtime: [python312]
entrypoint: {a: b}
env_variables: [A]
handlers: {url: /}
automatic_scaling: none
instance_clas: F1
runtime_config: 3
",
        expect![[r#"
            app.yaml
            app.yaml:1 web None
              Some(Variable) None
            Error appengine/type app.yaml:1: `runtime` is a list, not a text
            Error appengine/type app.yaml:2: `entrypoint` is a map, not a text
            Error appengine/type app.yaml:3: `env_variables` is a list, not a map
            Error appengine/type app.yaml:4: `handlers` is a map, not a list of maps
            Error appengine/type app.yaml:5: `automatic_scaling` is a text, not a map
            Warning appengine/unknown-key app.yaml:6: `instance_clas` is no key that is known
            Warning appengine/unknown-key app.yaml:7: `runtime_config` is no key that is known
        "#]],
    );
    check(
        "//- /app.yaml\nruntime: python312\nenv_variables:\n  A: [1]\n  A: 2\n",
        expect![[r#"
        app.yaml
        Error appengine/syntax app.yaml:4: column 3: the key `A` is in line 3 already
    "#]],
    );
    check(
        "//- /app.yaml\nruntime: cobol\n",
        expect![[r#"
        app.yaml
        app.yaml:1 web None
          Some(Variable) None
        Warning appengine/runtime app.yaml:1: `cobol` is no runtime that is known
    "#]],
    );
}

/// Documents of random keys of the format.
fn document() -> impl proptest::strategy::Strategy<Value = String> {
    let key = proptest::sample::select(vec![
        "runtime",
        "env",
        "entrypoint",
        "service",
        "handlers",
        "env_variables",
        "build_env_variables",
        "includes",
        "automatic_scaling",
        "manual_scaling",
        "basic_scaling",
        "liveness_check",
        "runtime_config",
        "vm",
        "version",
    ]);
    let value = proptest::sample::select(vec![
        "python312",
        "custom",
        "flex",
        "3",
        "[]",
        "{}",
        "{a: b}",
        "[{url: /, static_dir: x}]",
        "[{url: 1}]",
        "null",
        "{SECRET_KEY: hunter2hunter2}",
        "{GOOGLE_PYTHON_VERSION: 3.1, GOOGLE_ENTRYPOINT: x}",
        "{path: /x}",
        "{instances: -1}",
        "{min_instances: 99999999999}",
        "[a, [b]]",
        "true",
    ]);
    proptest::collection::btree_map(key, value, 0..8)
        .prop_map(|pairs| pairs.iter().map(|(key, value)| format!("{key}: {value}\n")).collect::<String>())
}

proptest! {
    /// Any text is answered; every place is a line of its file, and no secret is kept.
    #[test]
    fn any_text(text in prop_oneof![document(), "(?s)(runtime: x\n)?.{0,120}"]) {
        let mut tree = MemoryTree::new();
        for name in ["app.yaml", "worker.yaml", "cron.yaml"] {
            tree.add(name.parse().unwrap(), text.as_bytes().to_vec());
        }
        let mut found = seen(&tree);
        // What is no YAML at all may be missed behind the last line.
        found.iter_mut().for_each(|found| found.diagnostics.retain(|told| told.code != "appengine/syntax"));
        let found = format!("{found:?}");
        let count = text.replace("\r\n", "\n").replace('\r', "\n").split('\n').count() as u32;
        for piece in found.split("line: Some(").skip(1) {
            let line: u32 = piece.split(')').next().unwrap().parse().unwrap();
            prop_assert!((1..=count).contains(&line), "{line} of {count}");
        }
        prop_assert!(!found.contains("hunter2hunter2"));
    }
}
