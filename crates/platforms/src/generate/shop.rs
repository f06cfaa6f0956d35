//! The sample shop with its build and its commands, for writers of platforms that build from source, and the
//! facts that a round trip leaves out because a platform sets those variables itself. `container/tests.rs`
//! has the shop as an image.

use packwright_planner::{
    AppModel, BackingService, BuildWork, Command, Component, DeclaredProcess, Health, Moment, Phase, Port,
    Probe, ProcessKind, Scale, Scoped, ServiceKind, ServiceReference, StaticMount, Stop, Variable,
    VariableValue, VersionRequest, Volume,
};
use proptest::prelude::*;

use crate::generate::limits::requested;
use crate::write::Converted;

/// A shop with everything that a shop has.
pub(crate) fn shop() -> AppModel {
    let at = crate::generate::limits::nowhere;
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
            VersionRequest { tool: "python".to_owned(), version: requested("3.12".to_owned()) },
            VersionRequest { tool: "uv".to_owned(), version: requested("0.8.3".to_owned()) },
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
pub(crate) fn shown(converted: &Converted) -> String {
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
