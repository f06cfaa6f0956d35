//! Strategies for the parts of generated models: components, processes, variables, services. They ignore what
//! a platform can express. They are boxed because their types are too large for a test's stack.

use packwright_planner::{
    AppModel, BackingService, BuildWork, Command, Component, DeclaredProcess, Health, Moment, Origin,
    PackageSystem, Phase, Port, Probe, ProcessKind, RelPath, Requested, Scale, Scope, Scoped, ServiceKind,
    ServiceReference, StaticMount, Stop, SystemPackage, Task, Variable, VariableValue, VersionRequest,
    Volume,
};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::generate::limits::{Limits, nowhere, requested, unique};

/// A command in either form, with everything in it that shells and formats trip over.
pub(crate) fn command() -> BoxedStrategy<Command> {
    let words = prop::collection::vec(word(), 1..4);
    prop_oneof![3 => line().prop_map(Command::Shell), 1 => words.prop_map(Command::Exec)].boxed()
}

/// A line for the shell, without spaces at its ends.
fn line() -> impl Strategy<Value = String> {
    let real = select(vec![
        "gunicorn shop.wsgi --bind 0.0.0.0:$PORT",
        "python manage.py migrate --noinput && echo \"done: ${STAGE:-none}\"",
        "celery -A shop worker -l info # not a comment",
        "sh -c 'exec \"$0\" \"$@\"' a b",
        "PYTHONPATH=src exec node server.js --title='it''s' | tee log",
        "- run",
        "{a: b}",
        "true",
        "12",
        "@x %y &z *w !v",
    ]);
    let odd = "[!-~é][ -~é]{0,20}[!-~é]";
    prop_oneof![2 => real.prop_map(str::to_owned), 1 => odd.prop_filter("a comment", |line| !line.starts_with('#'))]
}

fn word() -> impl Strategy<Value = String> {
    let real = select(vec![
        "node",
        "server.js",
        "--port",
        "$PORT",
        "a b",
        "it's",
        "sh",
        "-c",
        "x && y",
        "\"q\"",
        "\\",
    ]);
    prop_oneof![3 => real.prop_map(str::to_owned), 1 => "[!-~é]{1,8}"]
}

/// A variable that the file has the value of.
pub(crate) fn literal() -> BoxedStrategy<Variable> {
    let value = prop_oneof![
        select(vec![
            "",
            "true",
            "12",
            "1.10",
            "0755",
            "null",
            "a: b",
            "# x",
            "shop.settings",
            "- a",
            "'q'",
            "\"d\""
        ])
        .prop_map(str::to_owned),
        "[ -~é]{0,12}",
        Just("first\nsecond".to_owned()),
    ];
    (name(), value).prop_map(|(name, value)| Variable::literal(&name, &value, nowhere())).boxed()
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(vec!["DEBUG", "STAGE", "SECRET_KEY", "STRIPE_API_KEY", "DATABASE_URL", "REDIS_URL", "LOG_LEVEL", "A"])
            .prop_map(str::to_owned),
        1 => "[A-Z]{2,5}_[A-Z0-9]{1,4}",
    ]
}

/// A variable of any kind; `services` are those that it may speak of.
pub(crate) fn variable(services: Vec<String>) -> BoxedStrategy<Variable> {
    let property =
        select(vec!["connection-string", "host", "port", "user", "password", "database", "API_TOKEN"]);
    let told = match services.is_empty() {
        true => Just(VariableValue::Required).boxed(),
        false => (select(services), property)
            .prop_map(|(service, property)| {
                VariableValue::Service(ServiceReference { service, property: property.to_owned() })
            })
            .boxed(),
    };
    let value = prop_oneof![
        Just(VariableValue::Withheld),
        Just(VariableValue::Required),
        Just(VariableValue::Optional),
        Just(VariableValue::Generated),
        "[a-z]{1,6}".prop_map(VariableValue::Elsewhere),
        told,
    ];
    let other = (name(), value).prop_map(|(name, value)| Variable::new(&name, value, nowhere()));
    let scope = select(vec![Scoped::Both, Scoped::Both, Scoped::Run, Scoped::Build]);
    let description = option::weighted(0.2, "[a-z]{1,6} [a-z]{1,6}");
    (prop_oneof![literal(), other], scope, description)
        .prop_map(|(variable, scope, description)| Variable { scope, description, ..variable })
        .boxed()
}

/// A backing service.
pub(crate) fn service() -> BoxedStrategy<BackingService> {
    let kind = select(vec![
        ServiceKind::Postgres,
        ServiceKind::Redis,
        ServiceKind::Mysql,
        ServiceKind::Mongo,
        ServiceKind::Elasticsearch,
        ServiceKind::Rabbitmq,
        ServiceKind::Other("solr".to_owned()),
    ]);
    let version = option::of(select(vec!["16", "7.2", "8"]).prop_map(str::to_owned));
    let plan = option::of(select(vec!["starter", "basic-1gb"]).prop_map(str::to_owned));
    ("[a-z]{2,6}", kind, version, plan)
        .prop_map(|(name, kind, version, plan)| BackingService {
            name,
            kind,
            version,
            plan,
            tells: Vec::new(),
            origin: nowhere(),
        })
        .boxed()
}

/// One part of an application; its directory is given by the model.
pub(crate) fn component(limits: Limits, services: Vec<String>) -> BoxedStrategy<Component> {
    let name = option::of("[a-z]{2,8}");
    let versions = prop::collection::vec(
        select(vec![("python", "3.12.4"), ("node", "20"), ("poetry", "1.8.3")]).prop_map(
            |(tool, version)| VersionRequest {
                tool: tool.to_owned(),
                version: requested(version.to_owned()),
            },
        ),
        0..3,
    );
    let packages = prop::collection::vec(
        select(vec!["libpq5", "imagemagick", "ffmpeg"]).prop_map(|name| SystemPackage {
            name: requested(name.to_owned()),
            system: PackageSystem::Debian,
            scope: Scope::Run,
        }),
        0..3,
    );
    let phases = match limits.build {
        true => prop::collection::vec(command(), 0..3).boxed(),
        false => Just(Vec::new()).boxed(),
    };
    let detected = option::weighted(0.2, any::<prop::sample::Index>());
    let environment = (prop::collection::vec(variable(services), 0..6), option::weighted(0.2, port()))
        .prop_map(|(variables, port)| variables.into_iter().chain(port).collect::<Vec<_>>());
    let rest = (option::of(volume()), option::of(mount()), prop::collection::vec("[a-z*]{1,5}/", 0..3));
    (name, versions, packages, (phases, detected), processes(limits), environment, rest)
        .prop_map(|(name, versions, packages, phases, processes, environment, (volume, mount, ignore))| {
            Component {
                name: name.map(requested),
                versions: unique(versions, |wish| wish.tool.clone()),
                packages: unique(packages, |package| package.name.value.clone()),
                phases: built(phases),
                processes,
                environment: unique(environment, |variable| variable.name.clone()),
                volumes: volume.into_iter().collect(),
                statics: mount.into_iter().collect(),
                ignore: unique(ignore, Clone::clone).into_iter().map(requested).collect(),
                ..Component::default()
            }
        })
        .boxed()
}

/// A build of these commands, with what is detected somewhere among them.
fn built((commands, detected): (Vec<Command>, Option<prop::sample::Index>)) -> Vec<Phase> {
    if commands.is_empty() {
        return Vec::new();
    }
    let detected = detected.map(|index| index.index(commands.len() + 1));
    let mut phase = Phase::of("build", BuildWork::All, commands.into_iter().map(requested).collect());
    if let Some(place) = detected {
        phase.tasks.insert(place, Task::Detected);
    }
    vec![phase]
}

/// A port that a file sets; never one that a process has by itself, which would be the same.
fn port() -> impl Strategy<Value = Variable> {
    let scope = select(vec![Scoped::Both, Scoped::Run]);
    (select(vec!["9000", "10000"]), scope)
        .prop_map(|(port, scope)| Variable { scope, ..Variable::literal("PORT", port, nowhere()) })
}

fn volume() -> impl Strategy<Value = Volume> {
    (select(vec!["/data", "media", "/var/lib/x"]), option::of("[a-z]{2,5}"), option::of(1u64..20)).prop_map(
        |(path, name, gigabytes)| Volume {
            name,
            path: requested(path.to_owned()),
            megabytes: gigabytes.map(|number| number * 1024),
        },
    )
}

fn mount() -> impl Strategy<Value = StaticMount> {
    (select(vec!["/static", "/media"]), option::of(Just("1h"))).prop_map(|(url, expires)| StaticMount {
        url: requested(url.to_owned()),
        dir: "static".to_owned(),
        expires: expires.map(str::to_owned),
        fallback: None,
    })
}

/// Processes with unique names; their kinds are those that their names have on platforms.
fn processes(limits: Limits) -> BoxedStrategy<Vec<DeclaredProcess>> {
    let chance = if limits.web { 0.999_999 } else { 0.8 };
    let web = perhaps(chance, process(limits, "web", Just(ProcessKind::Web).boxed()));
    let release = select(vec![
        Moment::BeforeTraffic,
        Moment::BeforeTraffic,
        Moment::BeforeTrafficAnyway,
        Moment::AfterTraffic,
    ]);
    let release = release.prop_map(ProcessKind::Release).boxed();
    let named = Limits { bare: false, ..limits };
    let release = option::weighted(0.4, process(named, "release", release));
    let first = Just(ProcessKind::Release(Moment::FirstTime)).boxed();
    let first = option::weighted(0.2, process(named, "postdeploy", first));
    let worker = option::weighted(0.5, process(limits, "worker", Just(ProcessKind::Worker).boxed()));
    let night = Just(ProcessKind::Cron("0 3 * * *".to_owned())).boxed();
    let night = option::weighted(0.3, process(limits, "nightly", night));
    let inner = option::weighted(0.2, process(limits, "internal", Just(ProcessKind::Private).boxed()));
    (web, worker, night, inner, release, first)
        .prop_map(|(web, worker, night, inner, release, first)| {
            [web, worker, night, inner, release, first].into_iter().flatten().collect()
        })
        .boxed()
}

fn process(
    limits: Limits,
    name: &'static str,
    kind: BoxedStrategy<ProcessKind>,
) -> BoxedStrategy<DeclaredProcess> {
    let chance = if limits.bare { 0.85 } else { 0.999_999 };
    let port = select(vec![Port::Variable, Port::Fixed(8000), Port::Socket("SOCKET".to_owned())]);
    let scale = (0u32..4, option::of(4u32..9)).prop_map(|(min, max)| Scale { min, max });
    let stop = (option::of(Just("SIGINT".to_owned())), option::of(1u32..300))
        .prop_filter("says something", |(signal, grace)| signal.is_some() || grace.is_some())
        .prop_map(|(signal, grace)| Stop { signal, grace });
    let size = select(vec!["starter", "standard-1x"]).prop_map(str::to_owned);
    let known =
        (option::of(port), option::of(health()), option::of(scale), option::of(stop), option::of(size));
    (kind, perhaps(chance, command()), known)
        .prop_map(move |(kind, command, (port, health, scale, stop, size))| {
            let name = name.parse().expect("the names above are names");
            let once = matches!(kind, ProcessKind::Release(_) | ProcessKind::Cron(_));
            let bare = DeclaredProcess { command, ..DeclaredProcess::bare(name, kind, nowhere()) };
            if once {
                return bare;
            }
            let answers = matches!(bare.kind, ProcessKind::Web | ProcessKind::Private);
            DeclaredProcess {
                port: port.filter(|_| answers).map(requested),
                health: health.map(requested),
                scale: scale.map(requested),
                stop: stop.map(requested),
                size: size.map(requested),
                ..bare
            }
        })
        .boxed()
}

/// Something with this chance; `option::weighted` takes no certainty.
fn perhaps<T: std::fmt::Debug + Clone + 'static>(
    chance: f64,
    item: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Option<T>> {
    match chance < 1.0 {
        true => option::weighted(chance, item).boxed(),
        false => item.prop_map(Some).boxed(),
    }
}

fn health() -> BoxedStrategy<Health> {
    let path = select(vec!["/", "/healthz", "/health?deep=1"]).prop_map(|path| Probe::Http(path.to_owned()));
    let exec = Just(Probe::Exec(Command::exec(["pg_isready", "-q"])));
    let seconds = || option::weighted(0.3, 1u32..120);
    (prop_oneof![4 => path, 1 => Just(Probe::Tcp), 1 => exec], seconds(), seconds(), seconds(), seconds())
        .prop_map(|(probe, interval, timeout, grace, retries)| Health {
            probe,
            interval,
            timeout,
            grace,
            retries,
        })
        .boxed()
}

/// Gives every leaf of the model a line of its own.
pub(super) fn number_origins(model: &mut AppModel) {
    let path: RelPath = "generated".parse().expect("a path");
    let mut line = 0;
    let mut next = || {
        line += 1;
        Origin::line(&path, line)
    };
    fn each<T>(items: &mut [Requested<T>], next: &mut impl FnMut() -> Origin) {
        items.iter_mut().for_each(|item| item.origin = next());
    }
    fn one<T>(item: &mut Option<Requested<T>>, next: &mut impl FnMut() -> Origin) {
        each(item.as_mut_slice(), next);
    }
    one(&mut model.name, &mut next);
    for part in &mut model.components {
        one(&mut part.name, &mut next);
        one(&mut part.root, &mut next);
        part.versions.iter_mut().for_each(|wish| wish.version.origin = next());
        part.packages.iter_mut().for_each(|package| package.name.origin = next());
        for task in part.phases.iter_mut().flat_map(|phase| &mut phase.tasks) {
            if let Task::Run(command) = task {
                command.origin = next();
            }
        }
        for process in &mut part.processes {
            process.origin = next();
            one(&mut process.port, &mut next);
            one(&mut process.health, &mut next);
            one(&mut process.scale, &mut next);
            one(&mut process.size, &mut next);
            one(&mut process.stop, &mut next);
        }
        part.environment.iter_mut().for_each(|variable| variable.origin = next());
        part.statics.iter_mut().for_each(|mount| mount.url.origin = next());
        part.volumes.iter_mut().for_each(|volume| volume.path.origin = next());
        each(&mut part.ignore, &mut next);
    }
    model.services.iter_mut().for_each(|service| service.origin = next());
    each(&mut model.domains, &mut next);
    for overlay in &mut model.overlays {
        overlay.name.origin = next();
        overlay.environment.iter_mut().for_each(|variable| variable.origin = next());
    }
}
