//! Image references, start commands, health checks and sizes in all their spellings.

mod writers;

use std::collections::{BTreeMap, BTreeSet};

use packwright_planner::{
    AppModel, BackingService, Component, Declarations, DeclaredProcess, Diagnostic, Health, MemoryTree,
    Moment, Origin, Port, ProcessKind, RelPath, Requested, Scale, Scoped, ServiceReference, Severity, Stop,
    Strategy, Variable, VariableValue, Volume, text,
};

use super::*;
use crate::container::names::process_name;
use crate::generate;
use crate::write::{Conversion, Converted};

/// A text that must never be kept, whatever it is the value of.
pub(crate) const SECRET: &str = "sk_live_0123456789abcdefghij";

/// A generated model as one of an image: its commands are in the image, a process that answers
/// listens somewhere, there is a name and an image.
pub(crate) fn of_an_image(mut model: AppModel) -> AppModel {
    let nowhere = generate::limits::nowhere();
    model.name.get_or_insert_with(|| generate::limits::requested("shop".to_owned()));
    for component in &mut model.components {
        component.name = None;
        component.strategy =
            Some(generate::limits::requested(Strategy::Image("registry.example.com/shop:1".to_owned())));
        for process in &mut component.processes {
            process.command = None;
            if matches!(process.kind, ProcessKind::Web | ProcessKind::Private) {
                process
                    .port
                    .get_or_insert_with(|| Requested { value: Port::Variable, origin: nowhere.clone() });
            }
        }
        for variable in component.environment.iter_mut().filter(|variable| variable.scope == Scoped::Both) {
            variable.scope = Scoped::Run;
        }
        for volume in component.volumes.iter_mut().filter(|volume| !volume.path.value.starts_with('/')) {
            volume.path.value = format!("/app/{}", volume.path.value);
        }
    }
    model
}

/// Whether every part runs something by itself: what is started by hand alone says nothing about the
/// application to a reader.
pub(crate) fn runs(model: &AppModel) -> bool {
    let by_hand =
        |kind: &ProcessKind| matches!(kind, ProcessKind::Cron(_) | ProcessKind::Release(Moment::FirstTime));
    model.components.iter().all(|part| part.processes.iter().any(|process| !by_hand(&process.kind)))
}

/// What is different when a platform reads what was written for it, less what the losses name.
pub(crate) fn differences(platform: &str, model: &AppModel, converted: &Converted) -> Vec<String> {
    let chosen = crate::platform(platform);
    let read = crate::model_for(&generate::tree(&converted.files), &BTreeMap::new(), chosen);
    let mut found = generate::differences(model, &read, &converted.losses);
    let wrong = read.diagnostics.iter().filter(|said| said.severity > Severity::Info);
    found.extend(wrong.map(|said| format!("{}: {}", said.code, said.message)));
    found
}

/// What no declarations may be, whatever the tree is: lines that are not in their files, processes of
/// one name, a secret that is kept.
pub(crate) fn breaches(tree: &MemoryTree, declared: &[Declarations]) -> Vec<String> {
    let mut breaches = Vec::new();
    for file in declared {
        let json = serde_json::to_value(file).unwrap();
        if json.to_string().contains(SECRET) {
            breaches.push(format!("the secret is kept: {json}"));
        }
        each_origin(&json, &mut |path, line| {
            let lines = text(tree, path)
                .unwrap_or_default()
                .map_or(0, |text| text.replace("\r\n", "\n").split(['\n', '\r']).count());
            if line == 0 || line > lines as u64 {
                breaches.push(format!("{path} has no line {line} of {lines}"));
            }
        });
        for component in &file.components {
            let names: BTreeSet<&str> =
                component.processes.iter().map(|process| process.name.as_str()).collect();
            if names.len() != component.processes.len() {
                breaches.push(format!("names twice: {names:?}"));
            }
        }
    }
    breaches
}

fn each_origin(value: &serde_json::Value, seen: &mut dyn FnMut(&str, u64)) {
    match value {
        serde_json::Value::Object(map) => {
            if let (Some(path), Some(line)) = (
                map.get("path").and_then(serde_json::Value::as_str),
                map.get("line").and_then(serde_json::Value::as_u64),
            ) {
                seen(path, line);
            }
            map.values().for_each(|value| each_origin(value, seen));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| each_origin(item, seen)),
        _ => {}
    }
}

/// What a file says, in few lines.
pub(crate) fn described(declared: &[Declarations]) -> String {
    let mut out = String::new();
    for file in declared {
        let name = file.name.as_ref().map(|name| format!(" called {}", name.value)).unwrap_or_default();
        out += &format!("{}{name}\n", file.files[0]);
        for component in &file.components {
            out += &described_component(component);
        }
        for service in &file.services {
            let version = service.version.as_deref().unwrap_or("any");
            out += &format!("  service {} {} {version} ({})\n", service.name, service.kind, service.origin);
        }
        for domain in &file.domains {
            out += &format!("  domain {} ({})\n", domain.value, domain.origin);
        }
        for said in &file.diagnostics {
            out += &format!("  {:?} {} {}\n", said.severity, said.code, said.message);
        }
    }
    out
}

fn described_component(component: &Component) -> String {
    let dir = component.dir().map_or("the top", RelPath::as_str);
    let mut out = format!("  part at {dir}");
    if let Some(name) = &component.name {
        out += &format!(" called {} ({})", name.value, name.origin);
    }
    out.push('\n');
    if let Some(strategy) = &component.strategy {
        out += &format!("    {:?} ({})\n", strategy.value, strategy.origin);
    }
    for process in &component.processes {
        let command = process.command.as_ref().map_or_else(
            || "as the image does".to_owned(),
            |command| {
                let form = if matches!(command, Command::Shell(_)) { "shell" } else { "exec" };
                format!("{form} {command}")
            },
        );
        out += &format!("    {} {:?}: {command} ({})\n", process.name, process.kind, process.origin);
        let mut say = |what: String, origin: &Origin| out += &format!("      {what} ({origin})\n");
        process.port.iter().for_each(|port| say(format!("port {:?}", port.value), &port.origin));
        process.health.iter().for_each(|health| {
            let Health { probe, interval, timeout, grace, retries } = &health.value;
            say(format!("health {probe:?} {interval:?} {timeout:?} {grace:?} {retries:?}"), &health.origin);
        });
        process.scale.iter().for_each(|scale| {
            say(format!("scale {:?} {:?}", scale.value.min, scale.value.max), &scale.origin)
        });
        process.size.iter().for_each(|size| say(format!("size {}", size.value), &size.origin));
        process.stop.iter().for_each(|stop| {
            say(format!("stop {:?} {:?}", stop.value.signal, stop.value.grace), &stop.origin)
        });
    }
    for variable in &component.environment {
        out += &format!("    {} = {} ({})\n", variable.name, variable.value.description(), variable.origin);
    }
    for volume in &component.volumes {
        let name = volume.name.as_deref().unwrap_or("a volume");
        out += &format!(
            "    {name} at {} of {:?} ({})\n",
            volume.path.value, volume.megabytes, volume.path.origin
        );
    }
    out
}

/// A shop as it is deployed: web, worker, clock, release command, database, cache.
pub(crate) fn shop() -> AppModel {
    let mut line = 0;
    let path: RelPath = "shop.yaml".parse().unwrap();
    let mut at = || {
        line += 1;
        Origin::line(&path, line)
    };
    fn here<T>(value: T, origin: Origin) -> Requested<T> {
        Requested { value, origin }
    }
    let bare =
        |name: &str, kind: ProcessKind, at: Origin| DeclaredProcess::bare(name.parse().unwrap(), kind, at);
    let health = |path: &str| Health {
        probe: Probe::Http(path.to_owned()),
        interval: Some(15),
        timeout: Some(3),
        grace: None,
        retries: None,
    };
    let web = DeclaredProcess {
        port: Some(here(Port::Variable, at())),
        health: Some(here(health("/healthz"), at())),
        scale: Some(here(Scale { min: 2, max: Some(6) }, at())),
        size: Some(here("cpu 500m, memory 1024Mi".to_owned(), at())),
        stop: Some(here(Stop { signal: None, grace: Some(60) }, at())),
        ..bare("web", ProcessKind::Web, at())
    };
    let worker = DeclaredProcess {
        size: Some(here("standard-1x".to_owned(), at())),
        health: Some(here(
            Health {
                probe: Probe::Exec(Command::shell("celery inspect ping -d worker@$HOSTNAME")),
                ..health("")
            },
            at(),
        )),
        ..bare("worker", ProcessKind::Worker, at())
    };
    let variable = |name: &str, value: VariableValue, at: Origin| Variable {
        scope: Scoped::Run,
        ..Variable::new(name, value, at)
    };
    let told = |property: &str, service: &str| {
        VariableValue::Service(ServiceReference {
            service: service.to_owned(),
            property: property.to_owned(),
        })
    };
    let component = Component {
        processes: vec![
            web,
            worker,
            bare("nightly", ProcessKind::Cron("0 3 * * *".to_owned()), at()),
            bare("release", ProcessKind::Release(Moment::BeforeTraffic), at()),
        ],
        environment: vec![
            variable("DJANGO_SETTINGS_MODULE", VariableValue::Literal("shop.settings".to_owned()), at()),
            variable("PRICE_FORMAT", VariableValue::Literal("$ $(AMOUNT) ${AMOUNT}".to_owned()), at()),
            variable("SECRET_KEY", VariableValue::Generated, at()),
            variable("STRIPE_KEY", VariableValue::Required, at()),
            variable("SENTRY_DSN", VariableValue::Optional, at()),
            variable("OLD_TOKEN", VariableValue::Withheld, at()),
            variable("DATABASE_URL", told("connection-string", "db"), at()),
            variable("CACHE_HOST", told("host", "cache"), at()),
            variable("MAIL_URL", VariableValue::Elsewhere("group mail".to_owned()), at()),
        ],
        volumes: vec![Volume {
            name: Some("media".to_owned()),
            path: here("/app/media".to_owned(), at()),
            megabytes: Some(2048),
        }],
        ..Component::default()
    };
    let service = |name: &str, kind: ServiceKind, version: Option<&str>, at: Origin| BackingService {
        name: name.to_owned(),
        kind,
        version: version.map(str::to_owned),
        plan: None,
        tells: Vec::new(),
        origin: at,
    };
    AppModel {
        name: Some(here("shop".to_owned(), at())),
        components: vec![component],
        services: vec![
            service("db", ServiceKind::Postgres, Some("16"), at()),
            service("cache", ServiceKind::Redis, None, at()),
            service("search", ServiceKind::Other("solr".to_owned()), None, at()),
        ],
        domains: vec![here("shop.example.com".to_owned(), at())],
        ..AppModel::default()
    }
}

/// The files that a writer made, and what it said.
pub(crate) fn shown(converted: &Converted) -> String {
    let mut out = String::new();
    for (path, text) in &converted.files {
        out += &format!("//- /{path}\n{text}");
    }
    let told = |said: &Diagnostic| format!("{:?} {} {}\n", said.severity, said.code, said.message);
    out + &converted.losses.iter().map(told).collect::<String>()
}

/// The shop as a writer writes it, with an image.
pub(crate) fn shop_written(write: fn(&Conversion<'_>) -> Converted) -> Converted {
    write(&Conversion { model: &shop(), image: Some("registry.example.com/shop:1") })
}

#[test]
fn the_port_of_the_process_that_answers_is_the_port_of_the_part() {
    let port = |text: &str| {
        let model = crate::model(&MemoryTree::parse(text));
        let hints = model.component(None).hints.unwrap();
        let port =
            hints.variable("PORT").map(|port| format!("{} ({})", port.value.description(), port.origin));
        let web = hints.processes.iter().find(|process| process.name.as_str() == "web").cloned();
        (port, web.and_then(|web| web.port).map(|port| port.value))
    };
    let compose = |name: &str, ports: &str, value: &str| {
        format!(
            "  {name}:\n    build: .\n    command: run {name}\n    {ports}\n    environment: {{PORT: \"{value}\"}}\n"
        )
    };
    let inner = compose("inner", "expose: [9000]", "9000");
    let outer = compose("web", "ports: [\"80:8090\"]", "8090");
    let file = format!("//- /compose.yaml\nservices:\n{inner}{outer}");
    assert_eq!(port(&file), (Some("8090 (compose.yaml:11)".to_owned()), Some(Port::Variable)));
    let ecs = "//- /task-definition.json\n{\"family\": \"shop\", \"containerDefinitions\": [{\"name\": \"office\", \"image\": \"shop\",\n\"command\": [\"run\"], \"portMappings\": [{\"containerPort\": 8090}],\n\"environment\": [{\"name\": \"PORT\", \"value\": \"8090\"}]}]}\n";
    assert_eq!(port(ecs), (Some("8090 (task-definition.json:3)".to_owned()), Some(Port::Variable)));
    let fixed = ecs.replace("\"PORT\"", "\"OTHER\"");
    assert_eq!(port(&fixed), (None, Some(Port::Fixed(8090))));
    let pods = "//- /k8s/app.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {template: {spec: {containers: [\n{name: shop, image: example/shop, command: [run], ports: [{containerPort: 8090}],\nenv: [{name: PORT, value: \"8090\"}]}]}}}\n";
    assert_eq!(port(pods).0.as_deref(), Some("8090 (k8s/app.yaml:6)"));
}

#[test]
fn addresses_of_services_are_known_and_passwords_are_not_kept() {
    let known = |host: &str| (host == "db").then(|| "db".to_owned());
    let of =
        |property: &str| Some(ServiceReference { service: "db".to_owned(), property: property.to_owned() });
    assert_eq!(told("DATABASE_URL", "postgres://u:p@db:5432/x", known), of("connection-string"));
    assert_eq!(told("URL", "redis://db", known), of("connection-string"));
    assert_eq!(told("DB_HOST", "db", known), of("host"));
    assert_eq!(told("DB_NAME", "db", known), None);
    assert_eq!(told("URL", "http://other/db", known), None);
}

#[test]
fn images_of_services_are_known_with_their_versions() {
    let is = |reference: &str, kind: ServiceKind, version: Option<&str>| {
        assert_eq!(image(reference), Image::Service(kind, version.map(str::to_owned)), "{reference}");
    };
    is("postgres:16-alpine", ServiceKind::Postgres, Some("16"));
    is("postgres", ServiceKind::Postgres, None);
    is("docker.io/library/postgres:latest", ServiceKind::Postgres, None);
    is("postgis/postgis:15-3.4", ServiceKind::Postgres, Some("15"));
    is("pgvector/pgvector:pg16", ServiceKind::Postgres, Some("16"));
    is("localhost:5000/redis:7.2.4@sha256:00", ServiceKind::Redis, Some("7.2.4"));
    is("localhost:5000/redis", ServiceKind::Redis, None);
    is("valkey/valkey:8", ServiceKind::Redis, Some("8"));
    is("mariadb:11", ServiceKind::Mysql, Some("11"));
    is("docker.elastic.co/elasticsearch/elasticsearch:8.15.0", ServiceKind::Elasticsearch, Some("8.15.0"));
    is("confluentinc/cp-kafka:7.6.0", ServiceKind::Kafka, Some("7.6.0"));
    is("minio/minio", ServiceKind::S3, None);
}

#[test]
fn programs_beside_the_application_are_no_part_of_it() {
    for others in
        ["nginx:1.27", "prom/prometheus", "prometheuscommunity/postgres-exporter:v0.15", "mongo-express"]
    {
        assert_eq!(image(others), Image::Others, "{others}");
    }
    for own in ["ghcr.io/me/shop:1", "shop", "registry.example.com:5000/team/shop-web@sha256:00", ""] {
        assert_eq!(image(own), Image::Unknown, "{own}");
    }
}

#[test]
fn containers_start_as_they_say() {
    let words = |words: &[&str]| Some(words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
    assert_eq!(start(None, None), ContainerStart::Bare);
    assert_eq!(start(words(&[]), words(&[])), ContainerStart::Bare);
    assert_eq!(
        start(words(&["/packwright/process/worker"]), None),
        ContainerStart::Named("worker".parse().unwrap())
    );
    assert_eq!(
        start(None, words(&["-p", "80"])),
        ContainerStart::Options(vec!["-p".to_owned(), "80".to_owned()])
    );
    assert_eq!(start(words(&["run"]), words(&["-v"])), ContainerStart::By(Command::exec(["run", "-v"])));
    assert_eq!(start(None, words(&["run", "-v"])), ContainerStart::By(Command::exec(["run", "-v"])));
    let odd = "/packwright/process/-";
    assert_eq!(start(words(&[odd]), None), ContainerStart::By(Command::exec([odd])));
}

#[test]
fn a_check_that_only_gets_a_page_is_a_path() {
    let http = |line: &str, path: &str| {
        assert_eq!(probe(Command::shell(line)), Probe::Http(path.to_owned()), "{line}");
    };
    http("curl -f http://localhost:8000/healthz || exit 1", "/healthz");
    http("wget --quiet --tries=1 --spider http://127.0.0.1:${PORT}/a?b=c", "/a?b=c");
    http("curl -fsS 'http://localhost'", "/");
    http("curl -f 'http://localhost/up?a=b|c;d' -H 'Host: a && b'||exit 1 # ; retry", "/up?a=b|c;d");
    http("curl -f http://localhost/up >/dev/null 2>&1 || false", "/up");
    let exec = |line: &str| {
        assert_eq!(probe(Command::shell(line)), Probe::Exec(Command::shell(line)), "{line}");
    };
    exec("curl -f http://localhost/x | grep ok");
    exec("curl -f http://other:80/x");
    exec("pg_isready -U postgres");
    exec("curl -f http://localhost/up || exit 0");
    exec("curl -f http://localhost/up; true");
    exec("curl -f \"http://localhost/$(page)\"");
    let listed = Command::exec(["sh", "-c", "curl -f localhost:3000/up"]);
    assert_eq!(probe(listed), Probe::Http("/up".to_owned()));
}

#[test]
fn what_is_only_said_changes_no_database() {
    for (line, expected) in [
        ("python manage.py migrate --noinput", true),
        ("sh -c 'cd x && ./migrate.sh'", true),
        ("./wait && npx prisma db push", true),
        ("echo 'run npm run migrate; then start' && node server.js", false),
        ("node server.js # after db upgrade", false),
        ("cat <<E\nalembic upgrade head\nE", false),
    ] {
        assert_eq!(migrates(&Command::shell(line)), expected, "{line}");
    }
}

#[test]
fn sizes_are_the_same_in_all_units() {
    let size = Size { cpu: Size::cpu_of("0.25"), memory: Size::compose_bytes("512M") };
    assert_eq!(size.told().as_deref(), Some("cpu 250m, memory 512Mi"));
    assert_eq!(Size::of("cpu 250m, memory 512Mi"), Some(size));
    assert_eq!(Size::of("memory 1000"), Some(Size { cpu: None, memory: Some(1000) }));
    assert_eq!(Size::of("standard-1x"), None);
    assert_eq!(Size::quantity("1.5Gi"), Some(3 << 29));
    assert_eq!(Size::quantity("500M"), Some(500_000_000));
    assert_eq!(Size::quantity("1X"), None);
    assert_eq!(Size::quantity("99999999999999999Ti"), None);
    assert_eq!(Size::cpu_of("2"), Some(2000));
}

#[test]
fn names_are_made_to_fit() {
    let fitted = |text: &str| process_name(text).map(|name| name.to_string());
    assert_eq!(fitted("web"), Some("web".to_owned()));
    assert_eq!(fitted("my.app/web-"), Some("my-app-web".to_owned()));
    assert_eq!(fitted("é"), None);
    assert_eq!(fitted(&"x".repeat(99)), Some("x".repeat(63)));
}
