//! What all container descriptions share, whichever platform they are for: image references, start commands,
//! health checks and sizes. This module reads no file.

pub(crate) mod built;
pub(crate) mod names;
mod size;
mod workload;
pub(crate) mod writing;

use packwright_planner::{Command, Origin, Probe, ProcessName, ServiceKind, ServiceReference, SourceFile};
use packwright_shell_syntax::{Dialect, Joint, ListItem, ShellCommand, Simple, parse};

use crate::dir_view::DirView;
use crate::table::Table;

pub(crate) use size::{MIB, Size};
pub(crate) use workload::{CONTAINERS, ContainerPart};

/// The folder with the programs that start the processes of an image that Packwright made.
const PROGRAMS: &str = "/packwright/process/";

/// Images of programs that people run beside an application and that are no part of it.
const OTHERS: &[&str] = &[
    "adminer",
    "alertmanager",
    "alpine",
    "amazon-cloudwatch-agent",
    "autoheal",
    "aws-cli",
    "aws-for-fluent-bit",
    "aws-otel-collector",
    "aws-sigv4-proxy",
    "aws-xray-daemon",
    "busybox",
    "cadvisor",
    "caddy",
    "certbot",
    "cert-manager",
    "cloud-sql-proxy",
    "cloudflared",
    "configmap-reload",
    "consul",
    "curl",
    "datadog-agent",
    "debian",
    "dnsmasq",
    "docker",
    "ecs-exec-agent",
    "envoy",
    "etcd",
    "flower",
    "fluent-bit",
    "fluentd",
    "gce-proxy",
    "git-sync",
    "grafana",
    "haproxy",
    "httpd",
    "imgproxy",
    "jaeger",
    "keycloak",
    "kibana",
    "kong",
    "kubectl",
    "letsencrypt-nginx-proxy-companion",
    "logstash",
    "loki",
    "mailcatcher",
    "maildev",
    "mailhog",
    "mailpit",
    "maintenance",
    "metabase",
    "newrelic-infra",
    "nginx",
    "nginx-proxy",
    "nginx-unprivileged",
    "node-exporter",
    "oauth2-proxy",
    "openresty",
    "opentelemetry-collector",
    "opentelemetry-collector-contrib",
    "otel-collector",
    "otelcol",
    "pause",
    "pgadmin4",
    "pgbouncer",
    "phpmyadmin",
    "portainer",
    "prometheus",
    "promtail",
    "proxysql",
    "pushgateway",
    "registry",
    "selenium",
    "sentry",
    "splash",
    "statsd",
    "telegraf",
    "tempo",
    "traefik",
    "ubuntu",
    "varnish",
    "vault",
    "wait-for-it",
    "wait4x",
    "watchtower",
    "whoami",
    "zipkin",
    "zookeeper",
];

/// Those of [`OTHERS`] that are systems without a program of their own: images of applications start from them.
const SYSTEMS: &[&str] = &["alpine", "busybox", "debian", "ubuntu"];

/// Images of servers that applications use and that platforms have no common word for.
const SERVERS: &[&str] = &[
    "arangodb",
    "cassandra",
    "chroma",
    "clickhouse",
    "clickhouse-server",
    "couchbase",
    "couchdb",
    "influxdb",
    "meilisearch",
    "milvus",
    "mosquitto",
    "mssql",
    "mssql-server",
    "nats",
    "neo4j",
    "ollama",
    "oracle-xe",
    "pulsar",
    "qdrant",
    "questdb",
    "redpanda",
    "rethinkdb",
    "scylla",
    "solr",
    "surrealdb",
    "temporal",
    "typesense",
    "vespa",
    "victoria-metrics",
    "weaviate",
];

/// Words in the names of images that speak to a database and are none.
const COMPANIONS: &[&str] = &[
    "admin",
    "agent",
    "backup",
    "browser",
    "cli",
    "client",
    "commander",
    "connect",
    "dashboard",
    "dashboards",
    "exporter",
    "express",
    "gui",
    "init",
    "insight",
    "manager",
    "monitor",
    "operator",
    "proxy",
    "registry",
    "rest",
    "schema",
    "sidecar",
    "tool",
    "tools",
    "ui",
    "webui",
];

/// What the image of a container is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Image {
    /// A database, a cache or the like, with its version as far as the tag has one.
    Service(ServiceKind, Option<String>),
    /// A program of others that is no part of an application.
    Others,
    /// Anything else: the application, as far as the name can tell.
    Unknown,
}

/// How a container starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ContainerStart {
    /// As the image does by itself.
    Bare,
    /// As the process of this name of an image that Packwright made.
    Named(ProcessName),
    /// With a command of its own.
    By(Command),
    /// As the image does by itself, with more arguments: these.
    Options(Vec<String>),
}

/// What the image called `reference` is.
pub(crate) fn image(reference: &str) -> Image {
    let (path, tag) = parts(reference);
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let words: Vec<&str> = name.split(['-', '_', '.']).collect();
    if OTHERS.contains(&name.as_str()) || path.contains("datadog/agent") {
        return Image::Others;
    }
    if SERVERS.contains(&name.as_str()) {
        return Image::Service(ServiceKind::Other(name), tag.and_then(version));
    }
    match ServiceKind::of(&name) {
        ServiceKind::Other(_) => Image::Unknown,
        _ if words.iter().any(|word| COMPANIONS.contains(word)) => Image::Others,
        kind => Image::Service(kind, tag.and_then(version)),
    }
}

/// Whether an image that starts from `reference` has a program of others in it: a database, a proxy.
pub(crate) fn is_program(reference: &str) -> bool {
    let name = parts(reference).0.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    image(reference) != Image::Unknown && !SYSTEMS.contains(&name.as_str())
}

/// A reference without tag and digest, and the tag.
fn parts(reference: &str) -> (&str, Option<&str>) {
    let reference = reference.split('@').next().unwrap_or(reference);
    match reference.rsplit_once(':') {
        // Behind the last colon is a tag, unless that colon is before the port of a registry.
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (reference, None),
    }
}

/// The version that a tag begins with: `16-alpine`, `v1.8`, `pg16`.
fn version(tag: &str) -> Option<String> {
    let digits = tag.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let version: String = digits.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let version = version.trim_end_matches('.');
    (!version.is_empty()).then(|| version.to_owned())
}

/// How a container starts whose entry point and command are `entry` and `arguments`; `None` is what
/// the image has.
///
/// Arguments alone go to the entry point of the image, which is not known here. Most images have
/// none, so that the arguments are the command; what begins with `-` never is one.
pub(crate) fn start(entry: Option<Vec<String>>, arguments: Option<Vec<String>>) -> ContainerStart {
    let entry = entry.filter(|words| !words.is_empty());
    let alone = entry.is_none();
    let words: Vec<String> = entry.into_iter().flatten().chain(arguments.into_iter().flatten()).collect();
    match words.as_slice() {
        [] => ContainerStart::Bare,
        [only] if only.starts_with(PROGRAMS) => match only[PROGRAMS.len()..].parse() {
            Ok(name) => ContainerStart::Named(name),
            Err(_) => ContainerStart::By(Command::Exec(words)),
        },
        [first, ..] if alone && first.starts_with('-') => ContainerStart::Options(words),
        _ => ContainerStart::By(Command::Exec(words)),
    }
}

/// The program that starts a process of an image that Packwright made.
pub(crate) fn program(name: &ProcessName) -> String {
    format!("{PROGRAMS}{name}")
}

/// What a command for a health check asks: the path that curl or wget gets from the container
/// itself, or whether the command succeeds.
pub(crate) fn probe(command: Command) -> Probe {
    match asked(&command) {
        Some(path) => Probe::Http(path),
        None => Probe::Exec(command),
    }
}

/// The path that a command gets from this very host, when that is all it does.
fn asked(command: &Command) -> Option<String> {
    let script = parse(&command.script(), Dialect::Bash);
    let fails = |item: &ListItem| {
        let words = item.simple().map(Simple::unquoted).unwrap_or_default();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        item.joint == Joint::Or && matches!(words.as_slice(), ["false"] | ["exit", "1"])
    };
    let get = match script.list.as_slice() {
        [get] => get.simple()?,
        [get, otherwise] if fails(otherwise) => get.simple()?,
        _ => return None,
    };
    let words = get.unquoted();
    let is_all = script.rest.is_none() && script.commands().len() == script.list.len();
    let is_client = matches!(words.first()?.rsplit('/').next(), Some("curl" | "wget"));
    words[1..].iter().filter(|_| is_client && is_all).find_map(|word| path_here(word))
}

/// The path of an address of this host; nothing for other addresses and other words.
fn path_here(word: &str) -> Option<String> {
    let known = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"];
    let schemed = word.strip_prefix("http://").or_else(|| word.strip_prefix("https://"));
    let rest = schemed.unwrap_or(word);
    let host = known.iter().find_map(|host| rest.strip_prefix(host))?;
    let end = host.find('/').unwrap_or(host.len());
    let (port, path) = host.split_at(end);
    let is_port = port.is_empty() || port.starts_with(':');
    is_port.then(|| if path.is_empty() { "/".to_owned() } else { path.to_owned() })
}

/// What a variable tells about a service, when its text is that service's address or name; `known` has
/// the service that a host is. The password that may be in the address is not kept.
pub(crate) fn told(
    variable: &str,
    text: &str,
    known: impl Fn(&str) -> Option<String>,
) -> Option<ServiceReference> {
    let of = |service: String, property: &str| ServiceReference { service, property: property.to_owned() };
    if let Some((_, rest)) = text.split_once("://") {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let host = authority.rsplit('@').next().unwrap_or(authority);
        let host = host.split(':').next().unwrap_or(host);
        return known(host).map(|service| of(service, "connection-string"));
    }
    let name = variable.to_ascii_uppercase();
    let is_host = name
        .split(['_', '-'])
        .any(|word| word.ends_with("HOST") || matches!(word, "HOSTNAME" | "SERVER" | "ADDRESS"));
    known(text).filter(|_| is_host).map(|service| of(service, "host"))
}

/// The files in the directory and below it, with their paths from there.
pub(crate) fn files_below<'a>(view: &DirView<'a>) -> impl Iterator<Item = (&'a SourceFile, &'a str)> {
    let prefix = view.dir.map(|dir| format!("{dir}/")).unwrap_or_default();
    let files = view.tree.files();
    // Files are in the order of their paths.
    let files = &files[files.partition_point(|file| file.path.as_str() < prefix.as_str())..];
    files.iter().map_while(move |file| Some((file, file.path.as_str().strip_prefix(prefix.as_str())?)))
}

/// The line of the value of `key`, or that of the map when it has none.
pub(crate) fn line(table: &Table<'_>, key: &str) -> u32 {
    match (table.entry(key), table.origin()) {
        (Some(entry), _) => entry.value.line,
        (None, Origin::File { line: Some(line), .. }) => line,
        (None, _) => 1,
    }
}

/// Whether a command is one pipeline and no list or block of several.
pub(crate) fn is_one_pipeline(command: &Command) -> bool {
    let script = parse(&command.script(), Dialect::Bash);
    let is_simple = |command: &ShellCommand| matches!(command, ShellCommand::Simple(_));
    match script.list.as_slice() {
        [only] => script.rest.is_none() && only.pipeline.commands.iter().all(is_simple),
        _ => false,
    }
}

/// Whether a command brings a database up to date.
pub(crate) fn migrates(command: &Command) -> bool {
    const SIGNS: [&str; 6] = ["migrat", "db upgrade", "upgrade head", "db push", "flyway", "liquibase"];
    command.simple_commands().iter().any(|words| {
        let text = words.join(" ").to_ascii_lowercase();
        !matches!(words[0].as_str(), "echo" | "printf" | ":") && SIGNS.iter().any(|sign| text.contains(sign))
    })
}

#[cfg(test)]
pub(crate) mod tests;
