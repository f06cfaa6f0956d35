//! Upsun's files: one file, several that are merged, and unusual forms.

use expect_test::{Expect, expect};
use packwright_planner::MemoryTree;
use proptest::prelude::*;

use super::*;
use crate::platformsh::tests::hostile::{document, sound};
use crate::platformsh::tests::{describe, seen};

fn check(tree: &str, expected: Expect) {
    expected.assert_eq(&describe(&seen(declarations, &MemoryTree::parse(tree), None)));
}

#[test]
fn a_shop() {
    check(
        r#"
//- /.upsun/config.yaml
applications:
  shop:
    type: 'python:3.13'
    source: {root: backend}
    container_profile: BALANCED
    relationships: {database: 'db:postgresql', search: 'search:elasticsearch'}
    variables: {env: {STAGE: live}}
    hooks:
      build: |
        set -eux
        pip install -r requirements.txt
      deploy: python manage.py migrate
    web:
      commands: {start: 'gunicorn -b 0.0.0.0:$PORT shop.wsgi'}
      upstream: {socket_family: tcp}
      locations: {/: {passthru: true}, /static: {root: static, expires: 1d}}
    mounts: {media: {source: storage, source_path: media}, cache: {source: tmp}}
    workers:
      queue: {commands: {start: celery -A shop worker, post_start: 'true'}}
  site:
    stack: {runtimes: ['nodejs@20'], packages: [yarn, {package: imagemagick, channel: unstable}]}
    source: {root: site}
    web: {locations: {/: {root: dist}}}
services:
  db: {type: 'postgresql:16'}
  search: {type: 'opensearch:2'}
routes:
  'https://{default}/': {type: upstream, upstream: 'site:http'}
  'https://shop.example.com/': {type: upstream, upstream: 'shop:http'}
"#,
        expect![[r#"
            upsun of .upsun/config.yaml
            component shop in backend
              .upsun/config.yaml:3 language python
              .upsun/config.yaml:3 python 3.13
              .upsun/config.yaml:9 build All Shell("set -eux\npip install -r requirements.txt")
              .upsun/config.yaml:12 release Release(BeforeTrafficAnyway) Shell("python manage.py migrate")
              .upsun/config.yaml:14 web Web Shell("gunicorn -b 0.0.0.0:$PORT shop.wsgi") port Variable
              .upsun/config.yaml:19 queue Worker Shell("celery -A shop worker")
              .upsun/config.yaml:7 both STAGE = Literal("live")
              .upsun/config.yaml:6 run DATABASE_HOST = Service(ServiceReference { service: "db", property: "host" })
              .upsun/config.yaml:6 run DATABASE_PORT = Service(ServiceReference { service: "db", property: "port" })
              .upsun/config.yaml:6 run DATABASE_USERNAME = Service(ServiceReference { service: "db", property: "user" })
              .upsun/config.yaml:6 run DATABASE_PASSWORD = Service(ServiceReference { service: "db", property: "password" })
              .upsun/config.yaml:6 run DATABASE_PATH = Service(ServiceReference { service: "db", property: "database" })
              .upsun/config.yaml:6 run SEARCH_HOST = Service(ServiceReference { service: "search", property: "host" })
              .upsun/config.yaml:6 run SEARCH_PORT = Service(ServiceReference { service: "search", property: "port" })
              .upsun/config.yaml:6 run PLATFORM_RELATIONSHIPS = Elsewhere("the relationships database (db), search")
              .upsun/config.yaml:16 static /static from static (Some("1d"), None)
              .upsun/config.yaml:17 volume media (Some("media"), None)
            component site in site
              .upsun/config.yaml:21 language node
              .upsun/config.yaml:23 publish dist
              .upsun/config.yaml:21 node 20
              .upsun/config.yaml:21 package imagemagick Debian Run
            .upsun/config.yaml:25 service db Postgres (Some("16"), None, [])
            .upsun/config.yaml:26 service search Elasticsearch (Some("2"), None, [])
            .upsun/config.yaml:29 domain shop.example.com
            Info upsun/without-effect .upsun/config.yaml:17: the mount `cache` has no effect
            Info upsun/without-effect .upsun/config.yaml:19: `commands.post_start` has no effect
        "#]],
    );
}

#[test]
fn several_files_count_as_one() {
    check(
        "//- /.upsun/services.yaml\nservices: {db: {type: 'mariadb:11'}}\n//- /.upsun/config.yaml\nx-env: &env {A: b}\napplications: {app: {type: 'nodejs:22', variables: {env: *env}, web: {commands: {start: node server.js}}}}\nother: 1\n",
        expect![[r#"
            upsun of .upsun/config.yaml, .upsun/services.yaml
            component app in the top
              .upsun/config.yaml:2 language node
              .upsun/config.yaml:2 node 22
              .upsun/config.yaml:2 web Web Shell("node server.js") port Variable
              .upsun/config.yaml:1 both A = Literal("b")
            .upsun/services.yaml:1 service db Mysql (Some("11"), None, [])
            Warning upsun/unknown-key .upsun/config.yaml:3: `other` is no key that is known
                fix: check the spelling; the platform may ignore it too
        "#]],
    );
}

#[test]
fn broken_files() {
    check(
        "//- /.upsun/config.yaml\napplications: [\n//- /.upsun/b.yaml\nroutes: {x: {type: upstream}}\n",
        expect![[r#"
        upsun of .upsun/config.yaml, .upsun/b.yaml
        Error upsun/syntax .upsun/config.yaml:1: column 15: unclosed bracket '['
            fix: correct the line; nothing of the file is used before that
        Error upsun/value .upsun/b.yaml:1: the route `x` leads nowhere
            fix: write `type: upstream` with `upstream`, or `type: redirect` with `to`
    "#]],
    );
    check(
        "//- /.upsun/config.yaml\n",
        expect![[r#"
        upsun of .upsun/config.yaml
    "#]],
    );
    check("//- /config.yaml\napplications: {}\n", expect![[""]]);
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "applications",
        "services",
        "routes",
        "app",
        "type",
        "stack",
        "runtimes",
        "packages",
        "package",
        "source",
        "root",
        "web",
        "commands",
        "start",
        "locations",
        "/",
        "mounts",
        "relationships",
        "workers",
        "crons",
        "spec",
        "https://{default}/",
        "upstream",
        "to",
        "variables",
        "env",
        "A",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    /// Any document of the format's keys is answered, and what is said of it has a place in it.
    #[test]
    fn any_document(text in document(key().boxed()), app in document(key().boxed())) {
        let mut tree = MemoryTree::new();
        tree.add(".upsun/config.yaml".parse().unwrap(), text);
        tree.add(".upsun/more.yaml".parse().unwrap(), format!("applications: {{a: {app}, b: {app}}}"));
        sound(&seen(declarations, &tree, None), &tree)?;
    }

    /// Any text is answered.
    #[test]
    fn any_text(text in "(?s)(applications|: |\n|  |- |\\[|\\{|'|&a|\\*a|\\PC){0,40}") {
        let mut tree = MemoryTree::new();
        tree.add(".upsun/config.yaml".parse().unwrap(), text);
        sound(&seen(declarations, &tree, None), &tree)?;
    }
}
