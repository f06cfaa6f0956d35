//! What is written: a shop as people would read it, and any model, written and read again.

use expect_test::expect;
use packwright_planner::{
    AppModel, BackingService, BuildWork, Command, Component, DeclaredProcess, Health, Moment, Phase, Port,
    Probe, ProcessKind, Scale, Scoped, ServiceKind, ServiceReference, StaticMount, Stop, Variable,
    VariableValue, Volume, Wish,
};
use proptest::prelude::*;

use super::*;
use crate::generate::{self, Limits, requested};

/// A shop with everything that a shop has.
pub(crate) fn shop() -> AppModel {
    let at = crate::generate::nowhere;
    let process = |name: &str, kind: ProcessKind, line: &str| DeclaredProcess {
        command: Some(Command::shell(line)),
        ..DeclaredProcess::bare(name.parse().unwrap(), kind, at())
    };
    let variable = |name: &str, value: VariableValue| Variable::new(name, value, at());
    let told = |service: &str, property: &str| {
        VariableValue::Service(ServiceReference {
            service: service.to_owned(),
            property: property.to_owned(),
        })
    };
    let service = |name: &str, kind: ServiceKind, version: &str| BackingService {
        name: name.to_owned(),
        kind,
        version: Some(version.to_owned()),
        plan: None,
        tells: Vec::new(),
        origin: at(),
    };
    let health = Health {
        probe: Probe::Http("/healthz".to_owned()),
        interval: Some(15),
        timeout: Some(5),
        grace: None,
        retries: None,
    };
    let web = DeclaredProcess {
        port: Some(requested(Port::Variable)),
        health: Some(requested(health)),
        scale: Some(requested(Scale { min: 2, max: None })),
        stop: Some(requested(Stop { signal: Some("SIGTERM".to_owned()), grace: Some(30) })),
        ..process("web", ProcessKind::Web, "gunicorn shop.wsgi --bind 0.0.0.0:$PORT")
    };
    let part = Component {
        language: Some(requested("python".to_owned())),
        versions: vec![
            Wish { tool: "python".to_owned(), version: requested("3.12".to_owned()) },
            Wish { tool: "uv".to_owned(), version: requested("0.8.3".to_owned()) },
        ],
        phases: vec![Phase::of(
            "build",
            BuildWork::All,
            vec![requested(Command::shell("set -e\nuv sync\npython manage.py collectstatic --noinput"))],
        )],
        processes: vec![
            web,
            process("worker", ProcessKind::Worker, "celery -A shop worker"),
            process("nightly", ProcessKind::Cron("0 3 * * *".to_owned()), "python manage.py nightly"),
            process("release", ProcessKind::Release(Moment::BeforeTraffic), "python manage.py migrate"),
        ],
        environment: vec![
            variable("DJANGO_SETTINGS_MODULE", VariableValue::Literal("shop.settings".to_owned())),
            Variable { scope: Scoped::Run, ..variable("WORKERS", VariableValue::Literal("4".to_owned())) },
            variable("SECRET_KEY", VariableValue::Generated),
            variable("STRIPE_KEY", VariableValue::Required),
            variable("SENTRY_DSN", VariableValue::Optional),
            variable("ADMIN_PASSWORD", VariableValue::Withheld),
            variable("DATABASE_URL", told("db", "connection-string")),
            variable("CACHE_HOST", told("redis", "host")),
        ],
        statics: vec![StaticMount {
            url: requested("/static".to_owned()),
            dir: "staticfiles".to_owned(),
            expires: Some("1h".to_owned()),
            fallback: None,
        }],
        volumes: vec![Volume {
            name: Some("media".to_owned()),
            path: requested("media".to_owned()),
            megabytes: Some(2048),
        }],
        ..Component::default()
    };
    AppModel {
        name: Some(requested("shop".to_owned())),
        components: vec![part],
        services: vec![
            service("db", ServiceKind::Postgres, "16"),
            service("redis", ServiceKind::Redis, "7.2"),
        ],
        domains: vec![requested("shop.example.com".to_owned())],
        ..AppModel::default()
    }
}

/// All files and losses as one text.
pub(crate) fn told(converted: &Converted) -> String {
    let files = converted.files.iter().map(|(path, text)| format!("//- /{path}\n{text}"));
    let losses = converted.losses.iter().map(|loss| {
        format!("{} {}\n    instead: {}\n", loss.code, loss.message, loss.fix.as_deref().unwrap_or_default())
    });
    files.chain(losses).collect()
}

/// Takes from `wanted` what the platform tells in its own way, once a loss says so, and from
/// `read` what the platform adds.
pub(crate) fn settle(
    wanted: &mut AppModel,
    read: &mut AppModel,
    losses: &[packwright_planner::Diagnostic],
) -> Result<(), TestCaseError> {
    for part in &mut wanted.components {
        let there = read.components.iter_mut().find(|other| other.dir() == part.dir());
        let mut nothing = Component::default();
        let there = there.unwrap_or(&mut nothing);
        for variable in &part.environment {
            let code = match &variable.value {
                VariableValue::Literal(_) => continue,
                VariableValue::Service(_) => "convert/L07-service-binding",
                _ => "convert/L06-secret",
            };
            let is_read = there.variable(&variable.name).is_some_and(|read| read.value == variable.value);
            let is_lost =
                losses.iter().any(|loss| loss.code == code && loss.at.as_ref() == Some(&variable.origin));
            prop_assert!(is_read != is_lost, "{} is read: {is_read}, lost: {is_lost}", variable.name);
        }
        part.environment.retain(|variable| {
            matches!(variable.value, VariableValue::Literal(_))
                || there.variable(&variable.name).is_some_and(|read| read.value == variable.value)
        });
        there.environment.retain(|variable| {
            matches!(variable.value, VariableValue::Literal(_)) || part.variable(&variable.name).is_some()
        });
        if part.name.is_none() {
            there.name = None;
        }
        if part.language.is_none() {
            there.language = None;
        }
        for process in &mut there.processes {
            let wanted = part.processes.iter().find(|wanted| wanted.name == process.name);
            // Without a word a process listens where PORT says, and so it is read.
            let follows = |wanted: &DeclaredProcess| {
                wanted.port.as_ref().is_none_or(|port| port.value == Port::Variable)
            };
            if wanted.is_some_and(follows) {
                process.port = None;
            }
        }
    }
    for service in wanted.services.iter_mut().chain(&mut read.services) {
        service.tells.clear();
    }
    Ok(())
}

#[test]
fn a_shop_on_platformsh() {
    let model = shop();
    expect![[r#"
        //- /.platform.app.yaml
        name: app
        type: python:3.12
        dependencies:
          python3:
            uv: "0.8.3"
        relationships:
          db: db:postgresql
          redis: redis:redis
        variables:
          env:
            DJANGO_SETTINGS_MODULE: shop.settings
            WORKERS: "4"
        disk: 2048
        mounts:
          media:
            source: local
            source_path: media
        hooks:
          build: |-
            set -e
            uv sync
            python manage.py collectstatic --noinput
          deploy: python manage.py migrate
        web:
          commands:
            start: gunicorn shop.wsgi --bind 0.0.0.0:$PORT
          locations:
            /static:
              root: staticfiles
              expires: 1h
            /:
              passthru: true
        workers:
          worker:
            commands:
              start: celery -A shop worker
        crons:
          nightly:
            spec: 0 3 * * *
            commands:
              start: python manage.py nightly
        //- /.platform/routes.yaml
        https://{default}/:
          type: upstream
          upstream: app:http
        https://shop.example.com/:
          type: upstream
          upstream: app:http
        //- /.platform/services.yaml
        db:
          type: postgresql:16
        redis:
          type: redis:7.2
        convert/L30-scope WORKERS is there in the build and at run time
            instead: set it with `variable:create`, which knows the difference
        convert/L06-secret SECRET_KEY (generated by the platform) is not written
            instead: set one with `variable:create --sensitive true`, or use PLATFORM_PROJECT_ENTROPY
        convert/L06-secret STRIPE_KEY (required) is not written
            instead: set it with `variable:create --sensitive true --visible-build false`, named `env:` and its name
        convert/L06-secret SENTRY_DSN (optional) is not written
            instead: set it with `variable:create --sensitive true --visible-build false`, named `env:` and its name
        convert/L06-secret ADMIN_PASSWORD (a secret, not shown) is not written
            instead: set it with `variable:create --sensitive true --visible-build false`, named `env:` and its name
        convert/L07-service-binding DATABASE_URL, the connection-string of `db`, is not told by that name
            instead: make it in a file `.environment` of PLATFORM_RELATIONSHIPS
        convert/L07-service-binding CACHE_HOST, the host of `redis`, is not told by that name
            instead: make it in a file `.environment` of PLATFORM_RELATIONSHIPS
        convert/L03-release a failure of `release` no longer keeps the old version
            instead: let the application refuse to start without it
        convert/L11-scale how many of `web` run is not written
            instead: set the number of instances in the console
        convert/L10-health the platform does not ask `web` whether it is well
            instead: watch it from outside; a process that ends is started again
        convert/L28-stop how `web` is ended is the platform's affair
            instead: let it end on SIGTERM within seconds
        convert/L14-components the project's name `shop` is not written
            instead: give it to the project in the console
    "#]].assert_eq(&told(&write(&Conversion { model: &model, image: None })));
}

#[test]
fn a_shop_on_upsun() {
    let model = shop();
    expect![[r#"
        //- /.upsun/config.yaml
        applications:
          app:
            type: python:3.12
            dependencies:
              python3:
                uv: "0.8.3"
            relationships:
              db: db:postgresql
              cache: redis:redis
            variables:
              env:
                DJANGO_SETTINGS_MODULE: shop.settings
                WORKERS: "4"
            mounts:
              media:
                source: storage
                source_path: media
            hooks:
              build: |-
                set -e
                uv sync
                python manage.py collectstatic --noinput
              deploy: python manage.py migrate
            web:
              commands:
                start: gunicorn shop.wsgi --bind 0.0.0.0:$PORT
              locations:
                /static:
                  root: staticfiles
                  expires: 1h
                /:
                  passthru: true
            workers:
              worker:
                commands:
                  start: celery -A shop worker
            crons:
              nightly:
                spec: 0 3 * * *
                commands:
                  start: python manage.py nightly
        services:
          db:
            type: postgresql:16
          redis:
            type: redis:7.2
        routes:
          https://{default}/:
            type: upstream
            upstream: app:http
          https://shop.example.com/:
            type: upstream
            upstream: app:http
        convert/L30-scope WORKERS is there in the build and at run time
            instead: set it with `variable:create`, which knows the difference
        convert/L06-secret SECRET_KEY (generated by the platform) is not written
            instead: set one with `variable:create --sensitive true`, or use PLATFORM_PROJECT_ENTROPY
        convert/L06-secret STRIPE_KEY (required) is not written
            instead: set it with `variable:create --sensitive true --visible-build false`, named `env:` and its name
        convert/L06-secret SENTRY_DSN (optional) is not written
            instead: set it with `variable:create --sensitive true --visible-build false`, named `env:` and its name
        convert/L06-secret ADMIN_PASSWORD (a secret, not shown) is not written
            instead: set it with `variable:create --sensitive true --visible-build false`, named `env:` and its name
        convert/L07-service-binding DATABASE_URL, the connection-string of `db`, is not told by that name
            instead: make it in a file `.environment` of PLATFORM_RELATIONSHIPS
        convert/L30-scope CACHE_HOST is there at run time alone
            instead: nothing
        convert/L13-volume the size of the volume `media` is not written
            instead: set it with `upsun resources:set`
        convert/L03-release a failure of `release` no longer keeps the old version
            instead: let the application refuse to start without it
        convert/L11-scale how many of `web` run is not written
            instead: set the number of instances in the console
        convert/L10-health the platform does not ask `web` whether it is well
            instead: watch it from outside; a process that ends is started again
        convert/L28-stop how `web` is ended is the platform's affair
            instead: let it end on SIGTERM within seconds
        convert/L14-components the project's name `shop` is not written
            instead: give it to the project in the console
    "#]].assert_eq(&told(&crate::upsun::write(&Conversion { model: &model, image: None })));
}

#[test]
fn a_site_and_an_application_that_nobody_has_named() {
    let mut site = Component { publish: Some(requested("public".to_owned())), ..Component::default() };
    site.versions = vec![Wish { tool: "node".to_owned(), version: requested("^20".to_owned()) }];
    let mut api = Component { root: "api".parse().ok().map(requested), ..Component::default() };
    api.processes =
        vec![DeclaredProcess::bare("web".parse().unwrap(), ProcessKind::Web, generate::nowhere())];
    let model = AppModel { components: vec![site, api], ..AppModel::default() };
    expect![[r#"
        //- /.platform/applications.yaml
        - name: app
          type: nodejs:22
          web:
            locations:
              /:
                root: public
                index:
                  - index.html
                allow: true
        - name: app-2
          type: RUNTIME:VERSION
          source:
            root: /api
          web:
            locations:
              /:
                passthru: true
        //- /.platform/routes.yaml
        https://{default}/:
          type: upstream
          upstream: app:http
        https://app-2.{default}/:
          type: upstream
          upstream: app-2:http
        convert/L25-versions the runtime is `nodejs:22`
            instead: change `type`, if the application needs another one that the platform has
        convert/L25-versions the runtime is not known, `RUNTIME:VERSION` stands for it
            instead: write it into `type`
        convert/L16-build how `web` starts is not declared
            instead: write the command that `packwright plan` shows into `web.commands.start`
    "#]]
    .assert_eq(&told(&write(&Conversion { model: &model, image: None })));
}

proptest! {
    /// Any model comes back from Platform.sh's files, less what the losses name.
    #[test]
    fn round_trip(model in generate::model(Limits::default())) {
        let converted = write(&Conversion { model: &model, image: None });
        let mut read = crate::model(&generate::tree(&converted.files));
        let mut wanted = model.clone();
        settle(&mut wanted, &mut read, &converted.losses)?;
        let differences = generate::differences(&wanted, &read, &converted.losses);
        prop_assert_eq!(differences, Vec::<String>::new(), "{}", told(&converted));
    }

    /// Any model comes back from Upsun's file, less what the losses name.
    #[test]
    fn round_trip_of_upsun(model in generate::model(Limits::default())) {
        let converted = crate::upsun::write(&Conversion { model: &model, image: None });
        let mut read = crate::model(&generate::tree(&converted.files));
        let mut wanted = model.clone();
        settle(&mut wanted, &mut read, &converted.losses)?;
        let differences = generate::differences(&wanted, &read, &converted.losses);
        prop_assert_eq!(differences, Vec::<String>::new(), "{}", told(&converted));
    }

    /// What the readers find in any document can be written by every writer of this family, and no
    /// value that was withheld is in it.
    #[test]
    fn what_is_read_can_be_written(app in super::super::tests::hostile::document(super::super::tests::hostile::key().boxed())) {
        let mut tree = packwright_planner::MemoryTree::new();
        tree.add(".platform.app.yaml".parse().unwrap(), app);
        let model = crate::model(&tree);
        for write in [write, crate::upsun::write, crate::fly::write] {
            let converted = write(&Conversion { model: &model, image: Some("image") });
            let read = crate::model(&generate::tree(&converted.files));
            let broken = |told: &&packwright_planner::Diagnostic| told.code.ends_with("/syntax") || told.code.ends_with("/type");
            prop_assert!(read.diagnostics.iter().find(broken).is_none(), "{read:?}\n{}", told(&converted));
        }
    }
}
