//! Whole projects, and the keys of an application one by one.

use expect_test::{Expect, expect};
use packwright_planner::MemoryTree;

use super::super::declarations;
use super::{describe, seen};

fn check(tree: &str, expected: Expect) {
    expected.assert_eq(&describe(&seen(declarations, &MemoryTree::parse(tree), None)));
}

/// An application alone, without the lines that every one of these has.
fn check_app(app: &str, expected: Expect) {
    check(&format!("//- /.platform.app.yaml\nname: app\ntype: python:3.12\n{app}"), expected);
}

#[test]
fn a_shop() {
    check(
        r#"
//- /.platform.app.yaml
name: app
type: 'python:3.12'
disk: 512
relationships: {database: 'db:postgresql', redis: 'cache:redis'}
dependencies: {python3: {pipenv: '2023.12.1', poetry: '*', supervisor: '4'}}
variables:
  env:
    DJANGO_SETTINGS_MODULE: shop.settings
    DEBUG: false
    WORKERS: 4
    SECRET_KEY: hunter2hunter2
hooks:
  build: |
    set -e
    pip install -r requirements.txt
    python manage.py collectstatic --noinput
  deploy: python manage.py migrate
  post_deploy: |
    python manage.py warm
web:
  commands: {start: 'gunicorn -b unix:$SOCKET shop.wsgi'}
  upstream: {socket_family: unix}
  locations:
    '/': {passthru: true}
    '/static': {root: static, expires: 1h, allow: true}
mounts: {logs: {source: local, source_path: logs}}
workers: {queue: {size: S, commands: {start: 'celery -A shop worker'}}}
crons: {nightly: {spec: '0 3 * * *', commands: {start: 'python manage.py nightly'}}}
source: {root: /backend}
//- /.platform/services.yaml
db: {type: 'postgresql:16', disk: 1024}
cache: {type: 'redis:7.2', size: S}
//- /.platform/routes.yaml
'https://{default}/': {type: upstream, upstream: 'app:http'}
'https://shop.example.com/': {type: upstream, upstream: 'app:http'}
'https://www.{default}/': {type: redirect, to: 'https://{default}/'}
"#,
        expect![[r#"
            platformsh of .platform.app.yaml, .platform/services.yaml, .platform/routes.yaml
            component app in backend
              .platform.app.yaml:2 language python
              .platform.app.yaml:2 python 3.12
              .platform.app.yaml:5 pipenv 2023.12.1
              .platform.app.yaml:13 build All Shell("set -e\npip install -r requirements.txt\npython manage.py collectstatic --noinput")
              .platform.app.yaml:17 release Release(BeforeTrafficAnyway) Shell("python manage.py migrate")
              .platform.app.yaml:18 post-deploy Release(AfterTraffic) Shell("python manage.py warm")
              .platform.app.yaml:21 web Web Shell("gunicorn -b unix:$SOCKET shop.wsgi") port Socket("SOCKET")
              .platform.app.yaml:27 queue Worker Shell("celery -A shop worker") size S
              .platform.app.yaml:28 nightly Cron("0 3 * * *") Shell("python manage.py nightly")
              .platform.app.yaml:8 both DJANGO_SETTINGS_MODULE = Literal("shop.settings")
              .platform.app.yaml:9 both DEBUG = Literal("false")
              .platform.app.yaml:10 both WORKERS = Literal("4")
              .platform.app.yaml:11 both SECRET_KEY = Withheld
              .platform.app.yaml:4 run PLATFORM_RELATIONSHIPS = Elsewhere("the relationships database (db), redis (cache)")
              .platform.app.yaml:25 static /static from static (Some("1h"), None)
              .platform.app.yaml:26 volume logs (Some("logs"), Some(512))
            .platform/services.yaml:1 service db Postgres (Some("16"), Some("1024 MB"), ["PLATFORM_RELATIONSHIPS"])
            .platform/services.yaml:2 service cache Redis (Some("7.2"), Some("S"), ["PLATFORM_RELATIONSHIPS"])
            .platform/routes.yaml:2 domain shop.example.com
            Info platformsh/relationships .platform.app.yaml:4: the relationships database (db), redis (cache) are told in PLATFORM_RELATIONSHIPS, which no other platform sets
                fix: set the variables that the application's settings read, DATABASE_URL for example, where the image runs
            Warning platformsh/dependency .platform.app.yaml:5: `supervisor` of `dependencies.python3` is not installed
                fix: add it to the application's requirements
            Info platformsh/socket .platform.app.yaml:22: `web` listens on the Unix socket in SOCKET
                fix: take `socket_family: unix` out and listen on 0.0.0.0:$PORT, which is good everywhere
        "#]],
    );
}

#[test]
fn several_applications() {
    check(
        r#"
//- /.platform/applications.yaml
- name: site
  type: nodejs:20
  source: {root: /site}
  hooks: {build: npm run build}
  web: {locations: {'/': {root: dist, passthru: /index.html}}}
- name: api
  type: python:3.12
  source: {root: api}
  web: {commands: {start: python api.py}}
- name: admin
  type: python:3.12
  source: {root: api}
  web: {commands: {start: python admin.py}}
  workers: {queue: {commands: {start: python queue.py}}}
//- /.platform/routes.yaml
'https://{default}/': {type: upstream, upstream: 'site:http'}
'https://{default}/api': {type: upstream, upstream: 'api:http'}
"#,
        expect![[r#"
            platformsh of .platform/applications.yaml, .platform/routes.yaml
            component site in site
              .platform/applications.yaml:2 language node
              .platform/applications.yaml:5 publish dist
              .platform/applications.yaml:2 node 20
              default Install as detected
              .platform/applications.yaml:4 build Build Shell("npm run build")
              .platform/applications.yaml:5 static / from dist (None, Some("/index.html"))
            component api in api
              .platform/applications.yaml:7 language python
              .platform/applications.yaml:7 python 3.12
              .platform/applications.yaml:9 web Web Shell("python api.py") port Variable
            component admin in api
              .platform/applications.yaml:11 language python
              .platform/applications.yaml:11 python 3.12
              .platform/applications.yaml:13 admin Private Shell("python admin.py") port Variable
              .platform/applications.yaml:14 queue Worker Shell("python queue.py")
            Info platformsh/process-renamed .platform/applications.yaml:13: the process `web` is called `admin` here
        "#]],
    );
}

#[test]
fn an_application_in_a_directory() {
    let tree = MemoryTree::parse(
        "//- /api/.platform.app.yaml\nname: api\ntype: golang:1.22\nsource: {root: /api/src}\nweb: {commands: {start: ./bin/api}}\n//- /.platform/services.yaml\n",
    );
    let dir = "api".parse().unwrap();
    expect![[r#"
        platformsh of api/.platform.app.yaml
        component api in src
          api/.platform.app.yaml:2 language go
          api/.platform.app.yaml:2 go 1.22
          api/.platform.app.yaml:4 web Web Shell("./bin/api") port Variable
    "#]]
    .assert_eq(&describe(&seen(declarations, &tree, Some(&dir))));
    // An empty file of services is none.
    expect![[r#"
        platformsh of .platform/services.yaml
    "#]]
    .assert_eq(&describe(&seen(declarations, &tree, None)));
}

#[test]
fn a_root_outside() {
    check_app(
        "source: {root: ../other}\n",
        expect![[r#"
        platformsh of .platform.app.yaml
        component app in the top
          .platform.app.yaml:2 language python
          .platform.app.yaml:2 python 3.12
        Error platformsh/value .platform.app.yaml:3: `source.root` is `../other`, which is no directory below this file's
            fix: write a path from the top of the repository, such as `/api`
    "#]],
    );
}

#[test]
fn the_build_of_node_installs_before_its_hook() {
    let app = "//- /.platform.app.yaml\nname: app\ntype: nodejs:20\n";
    check(
        &format!("{app}hooks: {{build: npm run build}}\n"),
        expect![[r#"
        platformsh of .platform.app.yaml
        component app in the top
          .platform.app.yaml:2 language node
          .platform.app.yaml:2 node 20
          default Install as detected
          .platform.app.yaml:3 build Build Shell("npm run build")
    "#]],
    );
    check(
        &format!("{app}build: {{flavor: none}}\nhooks: {{build: npm ci && npm run build}}\n"),
        expect![[r#"
        platformsh of .platform.app.yaml
        component app in the top
          .platform.app.yaml:2 language node
          .platform.app.yaml:2 node 20
          .platform.app.yaml:4 build All Shell("npm ci && npm run build")
    "#]],
    );
}

#[test]
fn only_commands_go_on_after_a_failure() {
    for (hook, goes_on) in [
        ("a; b", true),
        ("a &&\n  b", false),
        ("echo 'a; b'", false),
        ("cat > x <<'E'\na\nb\nE", false),
        ("# set -e\na\nb", true),
        ("echo 'set -e' && a\nb", true),
        ("if a; then\n  b\nfi", false),
        ("if a; then\n  b\n  c\nfi", true),
        ("set -o errexit\na\nb", false),
    ] {
        let hook = hook.replace('\n', "\n    ");
        let app = format!("//- /.platform.app.yaml\nname: app\nhooks:\n  build: |\n    {hook}\n");
        let found = describe(&seen(declarations, &MemoryTree::parse(&app), None));
        let told = found.contains("platformsh/keeps-going");
        assert_eq!(told, goes_on, "{hook}");
    }
}

#[test]
fn a_build_that_keeps_going() {
    check_app(
        "hooks:\n  build: |\n    pip install -r requirements.txt\n    ./build.sh\n",
        expect![[r#"
        platformsh of .platform.app.yaml
        component app in the top
          .platform.app.yaml:2 language python
          .platform.app.yaml:2 python 3.12
          .platform.app.yaml:4 build All Shell("pip install -r requirements.txt\n./build.sh")
        Warning platformsh/keeps-going .platform.app.yaml:4: the build hook goes on when one of its commands fails
            fix: write `set -e` in its first line
    "#]],
    );
    check_app(
        "hooks:\n  build: pip install -r requirements.txt && ./build.sh\n",
        expect![[r#"
        platformsh of .platform.app.yaml
        component app in the top
          .platform.app.yaml:2 language python
          .platform.app.yaml:2 python 3.12
          .platform.app.yaml:4 build All Shell("pip install -r requirements.txt && ./build.sh")
    "#]],
    );
    check_app(
        "hooks:\n  build: |\n    set -ex\n    a\n    b\n",
        expect![[r#"
        platformsh of .platform.app.yaml
        component app in the top
          .platform.app.yaml:2 language python
          .platform.app.yaml:2 python 3.12
          .platform.app.yaml:4 build All Shell("set -ex\na\nb")
    "#]],
    );
}

#[test]
fn images_of_several_runtimes() {
    check(
        r#"
//- /.platform.app.yaml
name: app
type: "composable:25.05"
stack:
  - "python@3.12"
  - "nodejs@20"
  - yarn
  - "php@8.3": {extensions: [apcu]}
  - imagemagick
//- /package.json
{}
"#,
        expect![[r#"
            platformsh of .platform.app.yaml
            component app in the top
              .platform.app.yaml:4 language python
              .platform.app.yaml:4 python 3.12
              .platform.app.yaml:5 node 20
              .platform.app.yaml:7 php 8.3
              .platform.app.yaml:8 package imagemagick Debian Run
        "#]],
    );
}

#[test]
fn commands_around_the_start() {
    check_app(
        "web:\n  commands:\n    pre_start: ./warm.sh\n    start: |\n      python app.py\n    post_start: ./after.sh\n",
        expect![[r#"
            platformsh of .platform.app.yaml
            component app in the top
              .platform.app.yaml:2 language python
              .platform.app.yaml:2 python 3.12
              .platform.app.yaml:6 web Web Shell("./warm.sh\npython app.py") port Variable
            Info platformsh/pre-start .platform.app.yaml:5: `pre_start` runs before the process whenever it starts
            Info platformsh/without-effect .platform.app.yaml:8: `commands.post_start` has no effect
        "#]],
    );
}

#[test]
fn variables_of_the_platform() {
    check_app(
        "web:\n  commands:\n    start: cd $PLATFORM_APP_DIR && run --key \"${PLATFORM_PROJECT_ENTROPY}\" --in ${PLATFORM_CACHE_DIR:-/tmp} $PLATFORM_BRANCH\n",
        expect![[r#"
            platformsh of .platform.app.yaml
            component app in the top
              .platform.app.yaml:2 language python
              .platform.app.yaml:2 python 3.12
              .platform.app.yaml:5 web Web Shell("cd $PLATFORM_APP_DIR && run --key \"${PLATFORM_PROJECT_ENTROPY}\" --in ${PLATFORM_CACHE_DIR:-/tmp} $PLATFORM_BRANCH") port Variable
              .platform.app.yaml:5 both PLATFORM_APP_DIR = Literal("/app")
              .platform.app.yaml:5 both PLATFORM_PROJECT_ENTROPY = Generated
            Warning platformsh/platform-variable .platform.app.yaml:5: the command uses PLATFORM_BRANCH
                fix: write `${NAME:-…}` with a value for other places, or set it where the image runs
        "#]],
    );
}

#[test]
fn what_is_taken_in_from_other_files() {
    check(
        "//- /.platform/applications.yaml\n- !include api.app.yaml\n- !include {type: yaml, path: ../gone.yaml}\n//- /.platform/api.app.yaml\nname: api\ntype: python:3.12\nsource: {root: api}\nhooks: {build: !include {type: string, path: build.sh}, deploy: !include {type: string, path: no.sh}}\nweb: {commands: {start: run}}\n//- /api/build.sh\nset -e\nmake\n",
        expect![[r#"
            platformsh of .platform/applications.yaml, .platform/api.app.yaml
            component api in api
              .platform/api.app.yaml:2 language python
              .platform/api.app.yaml:2 python 3.12
              api/build.sh:1 build All Shell("set -e\nmake")
              .platform/api.app.yaml:5 web Web Shell("run") port Variable
            Error platformsh/value .platform/api.app.yaml:4: there is no file `no.sh` for the hook `deploy`
                fix: write a path from the application's directory
            Error platformsh/value .platform/applications.yaml:2: there is no file `../gone.yaml`
                fix: write a path from `.platform/` or the top
        "#]],
    );
}

#[test]
fn sites_and_php() {
    check(
        "//- /.platform.app.yaml\nname: site\ntype: nodejs:20\nweb:\n  locations:\n    /: {root: public, index: [index.html], allow: true}\n",
        expect![[r#"
            platformsh of .platform.app.yaml
            component site in the top
              .platform.app.yaml:2 language node
              .platform.app.yaml:5 publish public
              .platform.app.yaml:2 node 20
        "#]],
    );
    check(
        "//- /.platform.app.yaml\nname: blog\ntype: php:8.3\nbuild: {flavor: composer}\nweb:\n  locations:\n    /: {root: web, passthru: /index.php}\n",
        expect![[r#"
            platformsh of .platform.app.yaml
            component blog in the top
              .platform.app.yaml:2 language php
              .platform.app.yaml:2 php 8.3
              .platform.app.yaml:5 web Web as the image does
              .platform.app.yaml:6 static / from web (None, Some("/index.php"))
        "#]],
    );
}

#[test]
fn variables_of_all_kinds() {
    check_app(
        r#"
variables:
  env:
    LIST: [a, b]
    EMPTY:
    DSN: postgres://u:secret@db/x
  php: {memory_limit: 256M}
  app: {theme: dark}
web:
  variables: {env: {A: b}}
  commands: {start: run}
relationships:
  db:
  api: {service: other, endpoint: http}
  bad: [1]
//- /.environment
export DATABASE_URL=x
"#,
        expect![[r#"
            platformsh of .platform.app.yaml
            component app in the top
              .platform.app.yaml:2 language python
              .platform.app.yaml:2 python 3.12
              .platform.app.yaml:13 web Web Shell("run") port Variable
              .platform.app.yaml:7 both EMPTY = Literal("")
              .platform.app.yaml:8 both DSN = Withheld
              .platform.app.yaml:15 run PLATFORM_RELATIONSHIPS = Elsewhere("the relationships db, api (other)")
            Warning platformsh/environment-file .environment is not run when the image starts
                fix: set the variables that it makes where the image runs, or begin the start command with `. ./.environment`
            Warning platformsh/complex-variable .platform.app.yaml:6: the value of LIST is a list and is not set
                fix: write the JSON itself as a text
            Info platformsh/without-effect .platform.app.yaml:9: `variables.php` has no effect
            Warning platformsh/variable-prefix .platform.app.yaml:10: the variables of `app` are not set
                fix: put what the application reads from its environment below `env`
            Warning platformsh/instance-variables .platform.app.yaml:12: `variables` of `web` alone are not set
                fix: set them where that process runs
            Info platformsh/relationships .platform.app.yaml:15: the relationships db, api (other) are told in PLATFORM_RELATIONSHIPS, which no other platform sets
                fix: set the variables that the application's settings read, DATABASE_URL for example, where the image runs
            Error platformsh/value .platform.app.yaml:17: the relationship `bad` is a list
                fix: write `service:endpoint`
        "#]],
    );
}

#[test]
fn names_that_collide() {
    check_app(
        "web: {commands: {start: a}}\nworkers:\n  web: {commands: {start: b}}\n  queue: {commands: {start: c}}\n  my queue!: {commands: {start: d}}\ncrons:\n  queue: {spec: '* * * * *', cmd: e}\n  release: {spec: '* * * * *', commands: {start: f}}\n  broken: {spec: '* * * * *'}\n",
        expect![[r#"
            platformsh of .platform.app.yaml
            component app in the top
              .platform.app.yaml:2 language python
              .platform.app.yaml:2 python 3.12
              .platform.app.yaml:3 web Web Shell("a") port Variable
              .platform.app.yaml:5 web-worker Worker Shell("b")
              .platform.app.yaml:6 queue Worker Shell("c")
              .platform.app.yaml:7 my-queue Worker Shell("d")
              .platform.app.yaml:9 queue-cron Cron("* * * * *") Shell("e")
              .platform.app.yaml:10 release-cron Cron("* * * * *") Shell("f")
            Info platformsh/process-renamed .platform.app.yaml:5: the process `web` is called `web-worker` here
            Info platformsh/process-renamed .platform.app.yaml:7: the process `my queue!` is called `my-queue` here
            Info platformsh/process-renamed .platform.app.yaml:9: the process `queue` is called `queue-cron` here
            Info platformsh/process-renamed .platform.app.yaml:10: the process `release` is called `release-cron` here
            Error platformsh/value .platform.app.yaml:11: the cron `broken` has no `spec`, or no `commands.start`
                fix: add it, or delete the entry
        "#]],
    );
}

#[test]
fn mounts() {
    check_app(
        "disk: 2048\nmounts:\n  /var/uploads: {source: local, source_path: uploads}\n  tmp: {source: tmp}\n  shared: {source: service, service: files}\n  odd: {source: nfs}\n",
        expect![[r#"
            platformsh of .platform.app.yaml
            component app in the top
              .platform.app.yaml:2 language python
              .platform.app.yaml:2 python 3.12
              .platform.app.yaml:5 volume var/uploads (Some("uploads"), Some(2048))
              .platform.app.yaml:7 volume shared (Some("files"), None)
            Info platformsh/without-effect .platform.app.yaml:6: the mount `tmp` has no effect
            Error platformsh/value .platform.app.yaml:8: the mount `odd` has the source `nfs`
                fix: write `local`, `instance`, `storage`, `service` or `tmp`
        "#]],
    );
}

#[test]
fn a_folder_of_elastic_beanstalk() {
    let theirs = "//- /.platform/hooks/predeploy/01.sh\necho\n//- /.platform/nginx/x.conf\n";
    check(theirs, expect![[""]]);
    check_app(
        &format!("web: {{commands: {{start: run}}}}\n{theirs}"),
        expect![[r#"
        platformsh of .platform.app.yaml
        component app in the top
          .platform.app.yaml:2 language python
          .platform.app.yaml:2 python 3.12
          .platform.app.yaml:3 web Web Shell("run") port Variable
        Info platformsh/foreign-file .platform/hooks/predeploy/01.sh is Elastic Beanstalk's and no file of Platform.sh
    "#]],
    );
}
