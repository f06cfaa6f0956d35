//! Compose files: reading real ones and writing them.

mod several;
mod written;

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use packwright_planner::MemoryTree;
use proptest::prelude::*;

use super::*;
use crate::container::tests::{SECRET, breaches, described};
use crate::test_languages::LANGUAGES;

fn seen(tree: &MemoryTree) -> Vec<Declarations> {
    declarations(&DirView { tree, dir: None, languages: LANGUAGES, environment: &BTreeMap::new() })
}

fn check(text: &str, expected: Expect) {
    let tree = MemoryTree::parse(&format!("//- /compose.yaml\n{text}"));
    let declared = seen(&tree);
    expected.assert_eq(&described(&declared));
    assert_eq!(breaches(&tree, &declared), Vec::<String>::new());
}

#[test]
fn a_shop_on_a_machine_for_development() {
    check(
        r#"name: shop
x-app: &app
  build: {context: ., target: dev, args: {PYTHON: "3.12", PIP_TOKEN: abc}}
  env_file: [.env, {path: .env.local, required: false}]
  environment: &env
    DJANGO_SETTINGS_MODULE: shop.settings
    DATABASE_URL: postgres://postgres:${DB_PASSWORD:-hunter2}@db:5432/shop
    REDIS_HOST: redis
    DEBUG: ${DEBUG:-true}
    SECRET_KEY: ${SECRET_KEY:?set it}
    SENTRY_DSN: ${SENTRY_DSN:-}
    HOME_PAGE:
    PRICE: 5$$
  depends_on:
    db: {condition: service_healthy}
    migrate: {condition: service_completed_successfully}
services:
  app:
    <<: *app
    command: sh -c "exec gunicorn shop.wsgi -b 0.0.0.0:$$PORT"
    environment: {<<: *env, PORT: 8000}
    ports: ["127.0.0.1:${WEB_PORT:-8080}:8000", "5678:5678/udp"]
    volumes: [".:/app", media:/app/media, /app/node_modules, /var/run/docker.sock:/var/run/docker.sock]
    healthcheck: {test: curl -f http://localhost:8000/healthz || exit 1, interval: 1m30s, timeout: 500ms, retries: 3}
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 512M}}}
    stop_signal: SIGINT
    stop_grace_period: 30s
    user: "1000"
  worker:
    <<: *app
    command: [celery, -A, shop, worker]
  migrate:
    <<: *app
    command: python manage.py migrate
    depends_on: [db]
  db:
    image: postgres:${PG_VERSION:-16}-alpine
    environment: {POSTGRES_PASSWORD: hunter2}
  redis: {image: "redis:7"}
  mail: {image: axllent/mailpit, ports: [8025:8025]}
  tools: {build: ., profiles: [tools]}
"#,
        expect![[r#"
            compose.yaml called shop
              part at the top called app (compose.yaml:18)
                Dockerfile { path: "Dockerfile", target: Some("dev"), args: {"PYTHON": "3.12"} } (compose.yaml:3)
                web Web: exec sh -c 'exec gunicorn shop.wsgi -b 0.0.0.0:$PORT' (compose.yaml:18)
                  port Variable (compose.yaml:22)
                  health Http("/healthz") Some(90) Some(1) None Some(3) (compose.yaml:24)
                  scale 2 None (compose.yaml:25)
                  size cpu 500m, memory 512Mi (compose.yaml:25)
                  stop Some("SIGINT") Some(30) (compose.yaml:26)
                worker Worker: exec celery -A shop worker (compose.yaml:29)
                release Release(BeforeTraffic): exec python manage.py migrate (compose.yaml:32)
                DJANGO_SETTINGS_MODULE = shop.settings (compose.yaml:6)
                DATABASE_URL = connection-string of db (compose.yaml:7)
                REDIS_HOST = host of redis (compose.yaml:8)
                DEBUG = true (compose.yaml:9)
                SECRET_KEY = required (compose.yaml:10)
                SENTRY_DSN = optional (compose.yaml:11)
                HOME_PAGE = required (compose.yaml:12)
                PRICE = 5$ (compose.yaml:13)
                PORT = 8000 (compose.yaml:21)
                media at /app/media of None (compose.yaml:23)
              service db postgresql 16 (compose.yaml:37)
              service redis redis 7 (compose.yaml:39)
              Info compose/env-file compose.yaml:4: the variables of `app` in .env, .env.local are not read
              Info compose/development compose.yaml:23: `app` has `.` of the source in place of `/app`
              Info compose/machine compose.yaml:23: `app` has `/var/run/docker.sock` of the machine mounted
              Info compose/without-effect compose.yaml:28: `user` of `app` has no effect
              Info compose/not-counted compose.yaml:40: `mail` runs the image `axllent/mailpit`, which is no part of this source
              Info compose/profile compose.yaml:41: only started with a profile, and not counted: tools
        "#]],
    );
}

#[test]
fn parts_lie_in_directories() {
    check(
        "services:\n  front:\n    build: ./front\n    ports:\n      - target: 3000\n        published: \"80\"\n  api:\n    build: {context: api/, dockerfile: ../Dockerfile.api}\n    expose: [\"8000\"]\n    environment:\n      - A=b=c\n      - B\n      - A=last\n  odd:\n    build: ../outside\n  far:\n    build: https://example.com/x.git\n",
        expect![[r#"
            compose.yaml
              part at front called front (compose.yaml:2)
                Dockerfile { path: "Dockerfile", target: None, args: {} } (compose.yaml:3)
                web Web: as the image does (compose.yaml:2)
                  port Fixed(3000) (compose.yaml:5)
              part at api
                Dockerfile { path: "../Dockerfile.api", target: None, args: {} } (compose.yaml:8)
                web Web: as the image does (compose.yaml:7)
                  port Fixed(8000) (compose.yaml:9)
                B = required (compose.yaml:12)
                A = last (compose.yaml:13)
              Info compose/outside compose.yaml:15: the context `../outside` is above the directory of the file
              Info compose/outside compose.yaml:17: the context `https://example.com/x.git` is not in this tree
        "#]],
    );
}

#[test]
fn an_image_that_is_built_once_is_used_by_others() {
    check(
        "services:\n  web:\n    build: .\n    image: shop:dev\n    ports: [8000]\n  beat:\n    image: shop:dev\n    command: celery beat\n  other:\n    image: other/thing\n",
        expect![[r#"
            compose.yaml
              part at the top called web (compose.yaml:2)
                Dockerfile { path: "Dockerfile", target: None, args: {} } (compose.yaml:3)
                web Web: as the image does (compose.yaml:2)
                  port Fixed(8000) (compose.yaml:5)
                beat Worker: exec celery beat (compose.yaml:6)
              Info compose/not-counted compose.yaml:9: `other` runs the image `other/thing`, which is no part of this source
        "#]],
    );
}

#[test]
fn without_a_build_the_image_with_a_port_is_the_application() {
    check(
        "services:\n  cache: {image: valkey/valkey:8}\n  side: {image: example/side}\n  app:\n    image: example/shop:1\n    ports: [\"80:8000\"]\n    command: --verbose\n  jobs: {image: example/shop:1, entrypoint: [/bin/jobs], command: [-v]}\n",
        expect![[r#"
            compose.yaml
              part at the top called app (compose.yaml:4)
                Image("example/shop:1") (compose.yaml:5)
                web Web: as the image does (compose.yaml:4)
                  port Fixed(8000) (compose.yaml:6)
                jobs Worker: exec /bin/jobs -v (compose.yaml:8)
              service cache redis 8 (compose.yaml:2)
              Info compose/not-counted compose.yaml:3: `side` runs the image `example/side`, which is no part of this source
              Info compose/arguments compose.yaml:7: the command of `app` is arguments alone
        "#]],
    );
}

#[test]
fn types_are_strict_and_unknown_keys_are_named() {
    check(
        "services:\n  a:\n    build: [x]\n    image: shop\n    ports: {a: b}\n    volumes: [1]\n    environment: {A: [b]}\n    healthcheck: {test: [curl], interval: soon}\n    commnad: run\n    deploy: {replicas: many}\n  b: text\n  c:\n    build: .\n    command: \"echo 'open\"\n    ports: [\"x:y\", {target: 99999}]\n    stop_grace_period: later\nservces: {}\nx-mine: {anything: goes}\n",
        expect![[r#"
            compose.yaml
              part at the top
                Dockerfile { path: "Dockerfile", target: None, args: {} } (compose.yaml:13)
                c Worker: as the image does (compose.yaml:12)
              Info compose/not-counted compose.yaml:2: `a` runs the image `shop`, which is no part of this source
              Warning compose/type compose.yaml:3: `services.a.build` is a list, not a map
              Warning compose/type compose.yaml:11: `services.b` is a text, not a map
              Warning compose/value compose.yaml:14: the quotes of `command` do not match
              Warning compose/value compose.yaml:15: `x:y` is no port
              Warning compose/value compose.yaml:15: `99999` is no port
              Warning compose/value compose.yaml:16: `later` is no duration
              Info compose/unknown-key compose.yaml:17: `servces` is no key that is known
        "#]],
    );
}

#[test]
fn other_files_are_named() {
    let tree = MemoryTree::parse(
        "//- /docker-compose.yml\nservices: {}\n//- /docker-compose.yaml\nservices: {db: {image: mysql}}\ninclude: [a.yaml]\n//- /docker-compose.prod.yml\nx: y\n//- /compose.override.yaml\nx: y\n",
    );
    expect![[r#"
        docker-compose.yaml
          service db mysql any (docker-compose.yaml:1)
          Info compose/include docker-compose.yaml:2: included files are not read
          Info compose/not-read compose.override.yaml, docker-compose.prod.yml, docker-compose.yml are not read beside docker-compose.yaml
    "#]]
    .assert_eq(&described(&seen(&tree)));
}

#[test]
fn a_broken_file_says_where() {
    check(
        "services:\n  a: [\n",
        expect![[r#"
        compose.yaml
          Warning compose/syntax compose.yaml:2: column 6: unclosed bracket '['
    "#]],
    );
    check(
        "",
        expect![[r#"
        compose.yaml
    "#]],
    );
    check(
        "- a\n",
        expect![[r#"
        compose.yaml
          Warning compose/type compose.yaml:1: the file is a list, not a map
    "#]],
    );
    assert!(seen(&MemoryTree::parse("//- /other.yaml\na: b\n")).is_empty());
}

#[test]
fn more_services_than_anybody_writes_are_left() {
    let services: String = (0..600).map(|number| format!("  a{number}: {{build: .}}\n")).collect();
    let declared = seen(&MemoryTree::parse(&format!("//- /compose.yaml\nservices:\n{services}")));
    assert_eq!(declared[0].components[0].processes.len(), CONTAINERS);
    let codes: Vec<&str> = declared[0].diagnostics.iter().map(|said| said.code.as_str()).collect();
    assert_eq!(codes, ["containers/too-many"]);
}

/// Documents of the format's own keys, with values of all kinds.
fn document() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("[{a: b}, 1, [x]]".to_owned()),
        Just("{context: x, dockerfile: 3, args: [A=b]}".to_owned()),
        Just("{a: {condition: service_completed_successfully}}".to_owned()),
        Just("postgres:16".to_owned()),
        Just("/packwright/process/web".to_owned()),
        Just("[\"8000:8000\", 0, \"a/b:c\"]".to_owned()),
        Just("99999999999999999999".to_owned()),
        Just("'${A:-${B:?c}}'".to_owned()),
        "[a-z./:$]{0,8}".prop_map(|text| format!("'{text}'")),
    ];
    let key = prop::sample::select(vec![
        "image",
        "build",
        "command",
        "entrypoint",
        "ports",
        "expose",
        "volumes",
        "depends_on",
        "healthcheck",
        "deploy",
        "profiles",
        "env_file",
        "stop_grace_period",
        "user",
        "extends",
        "scale",
        "cpus",
        "mem_limit",
        "unknown",
    ]);
    let name = prop::sample::select(vec!["a", "web", "release", "-", "é"]);
    let service = (name, prop::collection::btree_map(key, value, 0..5), any::<bool>());
    prop::collection::vec(service, 0..5).prop_map(|services| {
        let mut out = "services:\n".to_owned();
        let mut known = std::collections::BTreeSet::new();
        for (name, keys, secret) in services {
            if !known.insert(name) {
                continue;
            }
            out += &format!("  {name}:\n    labels: {{}}\n");
            if secret {
                out += &format!("    environment: {{API_KEY: {SECRET}, B: {SECRET}}}\n");
            }
            keys.into_iter().for_each(|(key, value)| out += &format!("    {key}: {value}\n"));
        }
        out
    })
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        let tree = MemoryTree::parse(&format!("//- /compose.yml\n{text}\n"));
        let declared = seen(&tree);
        prop_assert_eq!(breaches(&tree, &declared), Vec::<String>::new());
    }

    #[test]
    fn any_document_is_answered(text in document()) {
        let tree = MemoryTree::parse(&format!("//- /compose.yml\n{text}"));
        let declared = seen(&tree);
        prop_assert_eq!(declared.len(), 1);
        prop_assert_eq!(breaches(&tree, &declared), Vec::<String>::new());
    }
}
