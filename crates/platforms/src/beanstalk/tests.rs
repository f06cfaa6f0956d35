//! Elastic Beanstalk's files: real ones, unusual ones and broken ones.

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
        out += &format!("{:?}: {}\n", declared.weight, files.join(", "));
        if let Some(name) = &declared.name {
            out += &format!("{} name {}\n", name.origin, name.value);
        }
        for service in &declared.services {
            out += &format!(
                "{} {} {} {:?} {:?}\n",
                service.origin, service.name, service.kind, service.version, service.plan
            );
        }
        for part in &declared.components {
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
                let told = process.command.as_ref().map(ToString::to_string);
                out += &format!("{} {} {:?} {told:?}\n", process.origin, process.name, process.kind);
                if let Some(port) = &process.port {
                    out += &format!("  {} {:?}\n", port.origin, port.value);
                }
                if let Some(scale) = &process.scale {
                    out += &format!("  {} {:?}\n", scale.origin, scale.value);
                }
                if let Some(health) = &process.health {
                    out += &format!("  {} {:?}\n", health.origin, health.value);
                }
            }
            for variable in &part.environment {
                out += &format!("{} {} = {:?}\n", variable.origin, variable.name, variable.value);
            }
            for package in &part.packages {
                out += &format!(
                    "{} package {} {:?} {:?}\n",
                    package.name.origin, package.name.value, package.system, package.scope
                );
            }
            for mount in &part.statics {
                out += &format!("{} {} from {}\n", mount.url.origin, mount.url.value, mount.dir);
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
        "//- /.ebextensions/01_packages.config
packages:
  yum:
    postgresql-devel: []
    gettext: []
    strange-lib: []
  python:
    boto3: []
//- /.ebextensions/django.config
option_settings:
  aws:elasticbeanstalk:container:python: {WSGIPath: shop.wsgi:application, NumProcesses: \"2\", NumThreads: 15}
  aws:elasticbeanstalk:environment:proxy:staticfiles: {/static: static}
  aws:elasticbeanstalk:application:environment:
    DJANGO_SETTINGS_MODULE: shop.settings
    SECRET_KEY: do-not-tell-anybody
    PYTHONPATH: /opt/python/current/app/shop:$PYTHONPATH
    BUCKET: '`{\"Ref\": \"Bucket\"}`'
    DEBUG: false
  aws:elasticbeanstalk:environment:process:default: {HealthCheckPath: /healthz, HealthCheckInterval: 15}
  aws:autoscaling:asg: {MinSize: 1, MaxSize: 3}
  aws:ec2:instances: {InstanceTypes: t3.small}
  aws:rds:dbinstance: {DBEngine: postgres, DBEngineVersion: '16', DBInstanceClass: db.t3.micro, DBPassword: hunter2}
container_commands:
  02_collectstatic: {command: \"source /var/app/venv/*/bin/activate && python manage.py collectstatic --noinput\"}
  01_migrate:
    command: \"source /var/app/venv/*/bin/activate && python manage.py migrate --noinput\"
    leader_only: true
  03_user:
    command: /var/app/venv/*/bin/python manage.py seed
    leader_only: true
    ignoreErrors: true
    env: {DJANGO_DEBUG: 'a b', ADMIN_PASSWORD: hunter2}
  04_touch: {command: \"touch /var/app/current/x\"}
  05_warm: {command: python warm.py}
commands:
  01_swap: {command: /sbin/swapon}
files:
  \"/etc/x.conf\": {mode: \"000644\", content: x}
Resources:
  Bucket: {Type: 'AWS::S3::Bucket', Properties: {Name: !Sub 'x-${AWS::Region}'}}
//- /.ebextensions/03.config
{\"option_settings\": [{\"option_name\": \"DEBUG\", \"value\": \"true\"}, {\"namespace\": \"aws:elasticbeanstalk:application:environment\", \"option_name\": \"PORT\", \"value\": 8000}]}
//- /.platform/hooks/predeploy/01_migrate.sh
#!/bin/bash
//- /.platform/nginx/conf.d/x.conf
client_max_body_size 20M;
//- /.ebignore
docs/
!docs/x
//- /Buildfile
assets: ./build.sh
other: yum install x
//- /cron.yaml
version: 1
cron:
- {name: nightly, url: /nightly, schedule: '0 3 * * *'}
//- /env.yaml
AWSConfigurationTemplateVersion: 1.1.0.0
SolutionStack: 64bit Amazon Linux 2023 v4.0.1 running Python 3.11
EnvironmentName: shop-prod
OptionSettings:
  aws:elasticbeanstalk:application:environment: {STAGE: prod}
//- /.elasticbeanstalk/config.yml
branch-defaults: {main: {environment: x}}
global: {application_name: shop, default_platform: Python 3.8 running on 64bit Amazon Linux 2}
",
        expect![[r#"
            Decides: .ebextensions/01_packages.config, .ebextensions/03.config, .ebextensions/django.config, env.yaml, .elasticbeanstalk/config.yml, Buildfile, .platform/hooks/predeploy/01_migrate.sh, .platform/nginx/conf.d/x.conf, .ebignore, cron.yaml
            .elasticbeanstalk/config.yml:2 name shop
            .ebextensions/django.config:13 rds postgresql Some("16") Some("db.t3.micro")
            env.yaml:2 python 3.11
            .elasticbeanstalk/config.yml:2 python 3.8
            Buildfile [Detected, Run(Requested { value: Shell("./build.sh"), origin: File { path: RelPath("Buildfile"), line: Some(1) } })]
            .ebextensions/03.config:1 web Web None
              .ebextensions/03.config:1 Fixed(8000)
              .ebextensions/django.config:11 Scale { min: 1, max: Some(3) }
              .ebextensions/django.config:10 Health { probe: Http("/healthz"), interval: Some(15), timeout: None, grace: None, retries: None }
            .ebextensions/django.config:17 release Release(BeforeTrafficAnyway) Some("python manage.py migrate --noinput && DJANGO_DEBUG='a b' python manage.py seed")
            .ebextensions/django.config:5 DJANGO_SETTINGS_MODULE = Literal("shop.settings")
            .ebextensions/django.config:6 SECRET_KEY = Withheld
            .ebextensions/django.config:8 BUCKET = Elsewhere("CloudFormation")
            .ebextensions/django.config:9 DEBUG = Literal("false")
            env.yaml:5 STAGE = Literal("prod")
            .ebextensions/01_packages.config:3 package libpq-dev Debian Build
            .ebextensions/01_packages.config:3 package libpq5 Debian Run
            .ebextensions/01_packages.config:4 package gettext Debian Run
            .ebextensions/01_packages.config:5 package strange-lib Yum Run
            .ebextensions/django.config:3 /static from static
            Warning beanstalk/unknown-package .ebextensions/01_packages.config:5: no Debian package is known for `strange-lib` of Amazon Linux
            Warning beanstalk/package-manager .ebextensions/01_packages.config:7: `boto3` of `python` is not installed
            Info beanstalk/done-by-build .ebextensions/django.config:15: `python manage.py collectstatic --noinput` is left to the build
            Warning beanstalk/secret .ebextensions/django.config:23: ADMIN_PASSWORD has a value that looks like a secret
            Warning beanstalk/not-run .ebextensions/django.config:24: `touch x` is not run
            Warning beanstalk/not-run .ebextensions/django.config:25: `python warm.py` is not run
            Warning beanstalk/host-only .ebextensions/django.config:26: `commands` is left out: 01_swap
            Warning beanstalk/host-only .ebextensions/django.config:28: `files` is left out: /etc/x.conf
            Info beanstalk/without-effect .ebextensions/django.config:30: `Resources` has no effect
            Warning beanstalk/not-run Buildfile:2: `yum install x` is not run
            Warning beanstalk/hook .platform/hooks/predeploy/01_migrate.sh is not run
            Info beanstalk/proxy .platform/nginx/conf.d/x.conf has no effect
            Warning beanstalk/ignore-exception .ebignore:1: `docs/` leaves nothing out
            Info beanstalk/clock cron.yaml:3: nothing asks for `/nightly` (0 3 * * *)
            Warning beanstalk/host-path .ebextensions/django.config:7: PYTHONPATH is left out: `/opt/python/current/app/shop:$PYTHONPATH`
            Warning beanstalk/secret .ebextensions/django.config:13: the password of the database is in the file
            Hints: .ebextensions/django.config
            .ebextensions/django.config:2 web Web Some("gunicorn --bind 0.0.0.0:$PORT --workers=2 --threads=15 shop.wsgi:application")
            Info beanstalk/usual-process .ebextensions/django.config:2: Beanstalk starts `gunicorn --bind 0.0.0.0:$PORT --workers=2 --threads=15 shop.wsgi:application`
        "#]],
    );
}

#[test]
fn older_forms() {
    check(
        "//- /.ebextensions/a.config
option_settings:
- namespace: aws:elasticbeanstalk:container:python
  option_name: WSGIPath
  value: iotd/wsgi.py
- namespace: aws:elasticbeanstalk:container:python:staticfiles
  option_name: /static/
  value: www/static/
- option_name: STAGE
  value: prod
- aws:elasticbeanstalk:container:python: {StaticFiles: '/media/=media/,x'}
- namespace: aws:elasticbeanstalk:application
  option_name: Application Healthcheck URL
  value: HTTP:80/status
container_commands:
  01_migrate:
    command: |
      source /opt/python/run/venv/bin/activate
      python iotd/manage.py migrate
",
        expect![[r#"
            Decides: .ebextensions/a.config
            .ebextensions/a.config:13 web Web None
              .ebextensions/a.config:13 Health { probe: Http("/status"), interval: None, timeout: None, grace: None, retries: None }
            .ebextensions/a.config:16 release Release(BeforeTraffic) Some("python iotd/manage.py migrate")
            .ebextensions/a.config:9 STAGE = Literal("prod")
            .ebextensions/a.config:7 /static/ from www/static/
            .ebextensions/a.config:10 /media/ from media/
            Warning beanstalk/migrates-everywhere .ebextensions/a.config:16: `python iotd/manage.py migrate` becomes part of the release command
            Hints: .ebextensions/a.config
            .ebextensions/a.config:4 web Web Some("gunicorn --bind 0.0.0.0:$PORT iotd.wsgi:application")
            Info beanstalk/usual-process .ebextensions/a.config:4: Beanstalk starts `gunicorn --bind 0.0.0.0:$PORT iotd.wsgi:application`
        "#]],
    );
    check(
        "//- /.ebextensions/node.config\noption_settings:\n  aws:elasticbeanstalk:container:nodejs: {NodeCommand: npm start, NodeVersion: 12.18}\n",
        expect![[r#"
        Decides: .ebextensions/node.config
        .ebextensions/node.config:2 node 12.18
        Hints: .ebextensions/node.config
        .ebextensions/node.config:2 web Web Some("npm start")
        Info beanstalk/usual-process .ebextensions/node.config:2: Beanstalk starts `npm start`
    "#]],
    );
}

#[test]
fn containers() {
    check(
        "//- /Dockerrun.aws.json
{\"AWSEBDockerrunVersion\": \"1\", \"Image\": {\"Name\": \"example.org/shop:1\", \"Update\": \"true\"},
 \"Ports\": [{\"ContainerPort\": \"8000\", \"HostPort\": 80}], \"Volumes\": [{\"HostDirectory\": \"/x\", \"ContainerDirectory\": \"/data\"}],
 \"Command\": \"gunicorn shop.wsgi\", \"Logging\": \"/var/log\"}
",
        expect![[r#"
            Hints: Dockerrun.aws.json
            Dockerrun.aws.json:1 Image("example.org/shop:1")
            Dockerrun.aws.json:3 web Web Some("gunicorn shop.wsgi")
              Dockerrun.aws.json:2 Fixed(8000)
        "#]],
    );
    check(
        "//- /Dockerrun.aws.json
{\"AWSEBDockerrunVersion\": 2, \"containerDefinitions\": [
 {\"name\": \"proxy\", \"image\": \"nginx\", \"essential\": true, \"memory\": 128, \"portMappings\": [{\"hostPort\": 80, \"containerPort\": 80}], \"links\": [\"app\"]},
 {\"name\": \"cache\", \"image\": \"redis:7\", \"memory\": 128},
 {\"name\": \"app\", \"image\": \"example.org/shop\", \"command\": [\"gunicorn\", \"shop.wsgi\"], \"portMappings\": [{\"containerPort\": 8000}], \"environment\": [{\"name\": \"A\", \"value\": \"b\"}]},
 {\"name\": \"celery worker\", \"image\": \"example.org/shop\", \"command\": [\"celery\"]}]}
",
        expect![[r#"
            Hints: Dockerrun.aws.json
            Dockerrun.aws.json:3 cache redis Some("7") None
            Dockerrun.aws.json:4 web Web Some("gunicorn shop.wsgi")
              Dockerrun.aws.json:4 Fixed(8000)
            Dockerrun.aws.json:5 celery-worker Worker Some("celery")
            Dockerrun.aws.json:4 A = Literal("b")
            Info beanstalk/other-container Dockerrun.aws.json:2: the container `proxy` is no part of the application
        "#]],
    );
    check(
        "//- /Dockerrun.aws.json\n{\"AWSEBDockerrunVersion\": 3}\n",
        expect![[r#"
        Hints: Dockerrun.aws.json
    "#]],
    );
    check(
        "//- /Dockerrun.aws.json\n[1]\n",
        expect![[r#"
        Hints: Dockerrun.aws.json
        Warning beanstalk/type Dockerrun.aws.json:1: the file is a list, not a map
    "#]],
    );
}

#[test]
fn a_procfile_counts_before_what_beanstalk_starts_by_itself() {
    let options = "//- /.ebextensions/a.config\noption_settings:\n  aws:elasticbeanstalk:container:python: {WSGIPath: shop.wsgi}\n  aws:autoscaling:asg: {MinSize: 2}\n";
    let web = |tree: &str, chosen: Option<&str>| -> (Option<String>, Option<String>) {
        let chosen = chosen.map(|name| crate::platform(name).unwrap());
        let model = crate::model_for(&MemoryTree::parse(tree), &BTreeMap::new(), chosen);
        let told = |part: &packwright_planner::Component| {
            Some(part.processes.first()?.command.as_ref()?.to_string())
        };
        let part = model.component(None);
        (told(&part), part.hints.as_deref().and_then(told))
    };
    let usual = || Some("gunicorn --bind 0.0.0.0:$PORT shop.wsgi".to_owned());
    let procfile = format!("{options}//- /Procfile\nweb: run\n");
    assert_eq!(web(options, None), (None, usual()));
    assert_eq!(web(options, Some("beanstalk")), (usual(), None));
    assert_eq!(web(&procfile, None), (Some("run".to_owned()), usual()));
    assert_eq!(web(&procfile, Some("beanstalk")), (Some("run".to_owned()), None));
}

#[test]
fn files_of_others() {
    check(
        "//- /env.yaml\nname: conda\n//- /Buildfile\nweb: x\ndefine 'shop' do\n//- /cron.yaml\nversion: 1\ncron: []\n//- /.platform/services.yaml\ndb: {type: x}\n",
        expect![],
    );
}

#[test]
fn values_of_the_wrong_kind() {
    check(
        "//- /.ebextensions/a.config
option_settings: {aws:elasticbeanstalk:application:environment: text, my:space: {A: b}}
container_commands: {x: {cmd: y}, z: text}
packages: [yum]
commands: []
unknown: 1
//- /.ebextensions/b.config
option_settings: 3
//- /.ebextensions/c.config
option_settings: [{option_name: [x], value: 1}, {namespace: a}, 3]
: broken: [
//- /.ebextensions/d.config
",
        expect![[r#"
            Decides: .ebextensions/a.config, .ebextensions/b.config, .ebextensions/c.config, .ebextensions/d.config
            Error beanstalk/value .ebextensions/a.config:1: `option_settings.aws:elasticbeanstalk:application:environment` is a text, not a map of options
            Error beanstalk/type .ebextensions/a.config:2: `container_commands.z` is a text, not a map
            Error beanstalk/value .ebextensions/a.config:2: `container_commands.x` has no `command`
            Warning beanstalk/unknown-key .ebextensions/a.config:2: `container_commands.x.cmd` is no key that is known
            Error beanstalk/type .ebextensions/a.config:3: `packages` is a list, not a map
            Warning beanstalk/host-only .ebextensions/a.config:4: `commands` is left out
            Warning beanstalk/unknown-key .ebextensions/a.config:5: `unknown` is no key that is known
            Error beanstalk/type .ebextensions/b.config:1: `option_settings` is a number, not a list of maps
            Error beanstalk/syntax .ebextensions/c.config:2: column 11: unclosed bracket '['
            Warning beanstalk/unknown-key .ebextensions/a.config:1: `my:space` is no namespace that is known
        "#]],
    );
}

/// Documents of random keys of the format.
fn document() -> impl proptest::strategy::Strategy<Value = String> {
    let key = proptest::sample::select(vec![
        "option_settings",
        "container_commands",
        "commands",
        "packages",
        "files",
        "Resources",
        "services",
        "x",
    ]);
    let value = proptest::sample::select(vec![
        "[]",
        "{}",
        "3",
        "null",
        "{aws:elasticbeanstalk:application:environment: {SECRET_KEY: hunter2hunter2}}",
        "[{option_name: SECRET_KEY, value: hunter2hunter2}]",
        "{a: {command: migrate, env: {API_TOKEN: hunter2hunter2}}}",
        "{a: {command: [x, 'y z']}}",
        "{yum: {gcc: []}}",
        "{aws:rds:dbinstance: {DBEngine: mysql, DBPassword: hunter2hunter2}}",
        "{aws:autoscaling:asg: {MaxSize: x}}",
        "[{a: {b: c}}]",
        "{aws:elasticbeanstalk:container:python: {WSGIPath: x.py}}",
    ]);
    proptest::collection::btree_map(key, value, 0..6)
        .prop_map(|pairs| pairs.iter().map(|(key, value)| format!("{key}: {value}\n")).collect::<String>())
}

proptest! {
    /// Any text is answered; every place is a line of its file, and no secret is kept.
    #[test]
    fn any_text(text in prop_oneof![document(), "(?s).{0,120}"]) {
        let mut tree = MemoryTree::new();
        for name in [".ebextensions/a.config", "Dockerrun.aws.json", "env.yaml", "cron.yaml", ".elasticbeanstalk/config.yml"] {
            tree.add(name.parse().unwrap(), text.as_bytes().to_vec());
        }
        let mut found = seen(&tree);
        prop_assert!(!found.is_empty());
        // What is no YAML at all may be missed behind the last line.
        found.iter_mut().for_each(|found| found.diagnostics.retain(|told| told.code != "beanstalk/syntax"));
        let found = format!("{found:?}");
        let count = text.replace("\r\n", "\n").replace('\r', "\n").split('\n').count() as u32;
        for piece in found.split("line: Some(").skip(1) {
            let line: u32 = piece.split(')').next().unwrap().parse().unwrap();
            prop_assert!((1..=count).contains(&line), "{line} of {count}");
        }
        prop_assert!(!found.contains("hunter2hunter2"));
    }
}

#[test]
fn quoted_texts_and_comments_are_no_commands() {
    use super::commands::{bare, is_built, of_machine};
    for (line, is) in [
        ("/opt/bin/pip  install -r x", true),
        ("npm ci --omit=dev", true),
        ("python manage.py collectstatic", true),
        ("cd site && python manage.py collectstatic && npm ci", true),
        ("set -e; source env/bin/activate; python manage.py collectstatic || true", true),
        ("export A=1 && . ./settings.sh && npm ci", false),
        ("python manage.py collectstatic && python manage.py migrate", false),
        ("echo npm ci", false),
        ("python seed.py --note 'pip install later'", false),
        ("./seed # npm ci", false),
    ] {
        assert_eq!(is_built(line), is, "{line}");
    }
    for (line, is) in [
        ("./seed # not in /etc/", false),
        ("./seed > '/etc/x'", true),
        ("exec sudo ./seed", true),
        ("echo 'a; sudo b'", false),
    ] {
        assert_eq!(of_machine(line).is_some(), is, "{line}");
    }
    assert_eq!(bare("cd \"/var/app/current\" && ./seed"), "./seed");
}
