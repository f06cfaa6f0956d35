//! Fly.io's file: a whole application, its older spellings, and what is odd.

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
//- /fly.toml
app = "shop"
primary_region = "ams"
kill_signal = "SIGTERM"
kill_timeout = "1m"

[build]
  dockerfile = "./Dockerfile"
  build-target = "live"
  [build.args]
    PYTHON_VERSION = "3.12-slim"
    STAGE = "live"
    NPM_TOKEN = "npm_0123456789abcdef"

[deploy]
  release_command = "python manage.py migrate --noinput"
  seed_command = "sh -c 'python manage.py loaddata seed && true'"

[env]
  PORT = "8000"
  WORKERS = 4
  SECRET_KEY = "hunter2hunter2"

[processes]
  app = "gunicorn -b :8000 shop.wsgi"
  worker = "celery -A shop worker -l info"
  web = "admin --port $PORT"

[http_service]
  processes = ["app"]
  internal_port = 8000
  force_https = true
  min_machines_running = 2
  [[http_service.checks]]
    path = "/healthz"
    interval = "15s"
    grace_period = "500ms"
  [[http_service.checks]]
    path = "/deep"

[[statics]]
  guest_path = "/app/static"
  url_prefix = "/static/"

[mounts]
  source = "data"
  destination = "/app/data"
  initial_size = "10gb"

[[vm]]
  size = "shared-cpu-1x"
  memory = "512mb"
[[vm]]
  processes = ["worker"]
  cpus = 2
  cpu_kind = "performance"

[[files]]
  guest_path = "/etc/key"
  secret_name = "KEY"

[metrics]
  port = 9091
  path = "/metrics"
"#,
        expect![[r#"
            fly of fly.toml
            fly.toml:1 name shop
            component - in the top
              fly.toml:10 python 3.12
              fly.toml:7 strategy Dockerfile { path: "Dockerfile", target: Some("live"), args: {"STAGE": "live"} }
              fly.toml:24 web Web Exec(["gunicorn", "-b", ":8000", "shop.wsgi"]) port Fixed(8000) health Health { probe: Http("/healthz"), interval: Some(15), timeout: None, grace: Some(1), retries: None } scale Scale { min: 2, max: None } size shared-cpu-1x, 512mb stop Stop { signal: Some("SIGTERM"), grace: Some(60) }
              fly.toml:25 worker Worker Exec(["celery", "-A", "shop", "worker", "-l", "info"]) size 2 cpus, performance stop Stop { signal: Some("SIGTERM"), grace: Some(60) }
              fly.toml:26 web-2 Worker Exec(["admin", "--port", "$PORT"]) size shared-cpu-1x, 512mb stop Stop { signal: Some("SIGTERM"), grace: Some(60) }
              fly.toml:15 release Release(BeforeTraffic) Exec(["python", "manage.py", "migrate", "--noinput"])
              fly.toml:16 seed Release(FirstTime) Exec(["sh", "-c", "python manage.py loaddata seed && true"])
              fly.toml:11 build STAGE = Literal("live")
              fly.toml:12 build NPM_TOKEN = Withheld
              fly.toml:19 run PORT = Literal("8000")
              fly.toml:20 run WORKERS = Literal("4")
              fly.toml:21 run SECRET_KEY = Withheld
              fly.toml:42 static /static/ from static (None, None)
              fly.toml:46 volume data (Some("data"), Some(10240))
            Info fly/process-renamed fly.toml:24: the process `app` is called `web` here
            Warning fly/no-shell fly.toml:26: `$PORT` is passed on as it is
                fix: write `sh -c 'admin --port $PORT'`
            Info fly/process-renamed fly.toml:26: the process `web` is called `web-2` here
            Info fly/without-effect fly.toml:38: a second check has no effect
            Warning fly/file fly.toml:57: `/etc/key` is not in the image
                fix: keep it in the source where it is no secret, or mount it where the image runs
        "#]],
    );
}

#[test]
fn the_least_there_can_be() {
    check(
        "//- /fly.toml\napp = 'x'\n[http_service]\ninternal_port = 3000\n//- /Dockerfile\nFROM x\n",
        expect![[r#"
        fly of fly.toml
        fly.toml:1 name x
        component - in the top
          fly.toml:2 web Web as the image does port Fixed(3000)
        Info fly/dockerfile Fly.io builds Dockerfile, which fly.toml:1 does not name
    "#]],
    );
    check(
        "//- /fly.toml\n",
        expect![[r#"
        fly of fly.toml
        component - in the top
          fly.toml:1 app Worker as the image does
    "#]],
    );
}

#[test]
fn older_spellings() {
    check(
        r#"
//- /fly.toml
app = "old"
processes = []
kill_timeout = 5
[[env]]
A = 1
[[env]]
A = 2
[experimental]
  allowed_public_ports = []
  auto_rollback = true
  cmd = "serve"
  entrypoint = ["/tini", "--"]
[[mount]]
  source = "d"
  destination = "/data"
[[services]]
  internal_port = "8080"
  protocol = "tcp"
  script_checks = []
  concurrency = "20,25"
  [[services.ports]]
    handlers = ["http"]
    port = "80"
  [[services.tcp_checks]]
    interval = 10000
    timeout = 2000
    restart_limit = 0
"#,
        expect![[r#"
            fly of fly.toml
            fly.toml:1 name old
            component - in the top
              fly.toml:12 web Web Exec(["/tini", "--", "serve"]) port Fixed(8080) health Health { probe: Tcp, interval: Some(10), timeout: Some(2), grace: None, retries: None } stop Stop { signal: None, grace: Some(5) }
              fly.toml:7 run A = Literal("2")
              fly.toml:15 volume /data (Some("d"), None)
            Info fly/process-renamed fly.toml:12: the process `app` is called `web` here
        "#]],
    );
}

#[test]
fn services_of_several_groups() {
    check(
        r#"
//- /fly.toml
[processes]
  api = "node api.js"
  rpc = "node rpc.js"
  game = "./game"
[[services]]
  internal_port = 7000
  processes = ["rpc"]
[[services]]
  internal_port = 3000
  processes = ["api", "nobody"]
  [[services.ports]]
    port = 443
[[services]]
  protocol = "udp"
  internal_port = 5000
  processes = ["game"]
[checks.alive]
  type = "tcp"
  port = 7000
  processes = ["rpc"]
  interval = "often"
"#,
        expect![[r#"
            fly of fly.toml
            component - in the top
              fly.toml:2 web Web Exec(["node", "api.js"]) port Fixed(3000)
              fly.toml:3 rpc Private Exec(["node", "rpc.js"]) port Fixed(7000) health Health { probe: Tcp, interval: None, timeout: None, grace: None, retries: None }
              fly.toml:4 game Worker Exec(["./game"])
            Info fly/process-renamed fly.toml:2: the process `api` is called `web` here
            Error fly/value fly.toml:10: there is no process `nobody`
                fix: write a name that is in `[processes]`
            Info fly/without-effect fly.toml:14: a service of UDP has no effect
            Error fly/value fly.toml:21: `interval` is no time
                fix: write one such as `30s` or `1m30s`
        "#]],
    );
}

#[test]
fn ways_to_build() {
    check(
        "//- /fly.toml\n[build]\nimage = 'ghcr.io/a/b:1'\n",
        expect![[r#"
        fly of fly.toml
        component - in the top
          fly.toml:2 strategy Image("ghcr.io/a/b:1")
          fly.toml:1 app Worker as the image does
    "#]],
    );
    check(
        "//- /fly.toml\n[build]\nbuilder = 'paketobuildpacks/builder:base'\nbuildpacks = ['gcr.io/x']\nargs = {NODE_VERSION='20'}\n",
        expect![[r#"
        fly of fly.toml
        component - in the top
          fly.toml:4 node 20
          fly.toml:2 strategy Buildpacks { builder: Some("paketobuildpacks/builder:base"), list: ["gcr.io/x"] }
          fly.toml:1 app Worker as the image does
    "#]],
    );
    check(
        "//- /fly.toml\n[build]\nbuiltin = 'python'\nignorefile = '.x'\n[build.settings]\npythonbase = '3'\n",
        expect![[r#"
            fly of fly.toml
            component - in the top
              fly.toml:2 strategy Program("Fly.io's built-in `python`")
              fly.toml:1 app Worker as the image does
            Warning fly/builtin fly.toml:2: the image `python` is built into Fly.io's own tools
                fix: compare what both do, then take the line out
            Info fly/without-effect fly.toml:3: `build.ignorefile` has no effect
        "#]],
    );
}

#[test]
fn programs_of_an_image_of_packwright() {
    check(
        "//- /fly.toml\n[build]\nimage = 'x'\n[processes]\nweb = '/packwright/process/web'\nworker = '/packwright/process/worker'\n[deploy]\nrelease_command = '/packwright/process/release'\n[http_service]\nprocesses = ['web']\n",
        expect![[r#"
            fly of fly.toml
            component - in the top
              fly.toml:2 strategy Image("x")
              fly.toml:8 web Web as the image does port Fixed(8080)
              fly.toml:5 worker Worker as the image does
              fly.toml:7 release Release(BeforeTraffic) as the image does
        "#]],
    );
}

#[test]
fn commands_that_need_a_shell() {
    check(
        "//- /fly.toml\n[processes]\napp = 'migrate && serve --port $PORT'\nb = \"sh -c 'a && b'\"\nc = \"it's\"\n",
        expect![[r#"
            fly of fly.toml
            component - in the top
              fly.toml:2 app Worker Exec(["migrate", "&&", "serve", "--port", "$PORT"])
              fly.toml:3 b Worker Exec(["sh", "-c", "a && b"])
              fly.toml:4 c Worker as the image does
            Warning fly/no-shell fly.toml:2: `&&` is passed on as it is
                fix: write `sh -c 'migrate && serve --port $PORT'`
            Error fly/value fly.toml:4: `it's` cannot be split into words
                fix: close the quote, or write `\` twice
        "#]],
    );
}

#[test]
fn other_formats_and_other_peoples_files() {
    check(
        "//- /fly.json\n{\"app\": \"j\", \"env\": {\"A\": \"b\"}}\n//- /fly.yaml\napp: y\n",
        expect![[r#"
        fly of fly.json
        fly.json:1 name j
        component - in the top
          fly.json:1 app Worker as the image does
          fly.json:1 run A = Literal("b")
        Warning fly/second-file fly.yaml is not read
            fix: delete one of the two
    "#]],
    );
    check(
        "//- /fly.yaml\nresources: []\njobs: []\n",
        expect![[r#"
        fly of fly.yaml
        Info fly/foreign-file fly.yaml is no file of Fly.io
    "#]],
    );
    check(
        "//- /fly.toml\n[[build]]\nx = 1\n[http_service]\ninternal_port = 70000\n[env]\nFLY_X = 'a'\n[Deploy]\n",
        expect![[r#"
        fly of fly.toml
        component - in the top
          fly.toml:3 web Web as the image does
        Error fly/type fly.toml:1: `build` is a list, not a map
            fix: write a map there
        Error fly/value fly.toml:4: `internal_port` is 70000
            fix: write a port from 1 to 65535
        Error fly/value fly.toml:6: FLY_X cannot be set
            fix: choose a name that does not begin with `FLY_`
        Warning fly/unknown-key fly.toml:7: `Deploy` is no key that is known
            fix: write `deploy`
    "#]],
    );
    check(
        "//- /fly.toml\napp = \n",
        expect![[r#"
        fly of fly.toml
        Error fly/syntax fly.toml:1: column 7: string values must be quoted, expected literal string
            fix: correct the line; nothing of the file is used before that
    "#]],
    );
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "app",
        "build",
        "image",
        "args",
        "STAGE_KEY",
        "deploy",
        "release_command",
        "env",
        "processes",
        "web",
        "worker",
        "release",
        "http_service",
        "services",
        "internal_port",
        "ports",
        "checks",
        "path",
        "interval",
        "statics",
        "guest_path",
        "url_prefix",
        "mounts",
        "source",
        "destination",
        "initial_size",
        "vm",
        "size",
        "memory",
        "files",
        "kill_signal",
        "kill_timeout",
        "experimental",
        "cmd",
        "exec",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    /// Any document of the format's keys is answered, and what is said of it has a place in it.
    #[test]
    fn any_document(text in document(key().boxed())) {
        let mut tree = MemoryTree::new();
        tree.add("fly.yaml".parse().unwrap(), text);
        sound(&seen(declarations, &tree, None), &tree)?;
    }

    /// Any text is answered.
    #[test]
    fn any_text(text in "(?s)(app|\\[|\\]|=|\n|env|'|\"|\\.|\\PC){0,40}") {
        let mut tree = MemoryTree::new();
        tree.add("fly.toml".parse().unwrap(), text);
        sound(&seen(declarations, &tree, None), &tree)?;
    }
}
