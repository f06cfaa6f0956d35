//! `http_service`, `services` and `checks`: where processes listen, and how they are asked.

use packwright_documents::{Content, Value};
use packwright_planner::{Health, Origin, Port, Probe, ProcessKind, Requested, Scale};

use super::groups::{Group, Groups};
use super::time::{Bare, seconds};
use crate::fly::lists::many;
use crate::table::{Document, Table};

/// The port that a service without `internal_port` has.
const PORT: u16 = 8080;

/// Keys of a service that are the platform's affair alone.
const LEFT: &[&str] = &[
    "auto_start_machines",
    "auto_stop_machines",
    "concurrency",
    "force_https",
    "http_options",
    "min_machines_running",
    "proxy_proto_options",
    "script_checks",
    "tls_options",
    "force_instance_key",
    "force_instance_description",
    "idle_timeout",
];

/// Reads `http_service` and `services`.
pub(super) fn services(groups: &mut Groups, document: &Document, table: &Table<'_>) {
    if let Some(http) = table.table("http_service") {
        service(groups, document, &http, ProcessKind::Web, true);
    }
    for found in many(table, "services") {
        let udp = found.text("protocol").filter(|protocol| protocol.value == "udp");
        if let Some(udp) = udp {
            if let Origin::File { line: Some(line), .. } = udp.origin {
                document.without_effect(line, "a service of UDP", "an image has one port, of TCP");
            }
            found.leave_rest();
            continue;
        }
        // Without ports of its own a service is for the other applications of its network.
        let kind = match found
            .value("ports")
            .is_some_and(|ports| !ports.items().is_empty() || !ports.entries().is_empty())
        {
            true => ProcessKind::Web,
            false => ProcessKind::Private,
        };
        let speaks_http = found.value("ports").is_some_and(speaks_http);
        service(groups, document, &found, kind, speaks_http);
    }
}

/// Whether one of the ports is handled as HTTP.
///
/// Source: fly.io/docs, "Fly.io app configuration", `services.ports`.
fn speaks_http(ports: &Value) -> bool {
    let is_http = |port: &Value| {
        let handlers = port.get("handlers").map(Value::items).unwrap_or_default();
        handlers.iter().any(|handler| handler.word() == Some("http"))
    };
    ports.items().iter().any(is_http)
        || ports.entries().iter().any(|entry| is_http(&entry.value))
        || is_http(ports)
}

fn service(
    groups: &mut Groups,
    document: &Document,
    table: &Table<'_>,
    kind: ProcessKind,
    speaks_http: bool,
) {
    table.leave(LEFT);
    let port = match table.number("internal_port") {
        None => Some(Requested { value: PORT, origin: table.origin() }),
        Some(Requested { value, origin }) => match u16::try_from(value) {
            Ok(value) if value > 0 => Some(Requested { value, origin }),
            _ => {
                let line = table.value("internal_port").map_or(1, |value| value.line);
                document.refuse(line, &format!("`internal_port` is {value}"), "write a port from 1 to 65535");
                None
            }
        },
    };
    let least = table.number("min_machines_running").filter(|number| number.value > 0);
    if let Some(entry) = table.entry("machine_checks") {
        let why = "it starts a machine for each new version and looks at it";
        document.without_effect(entry.line, "`machine_checks`", why);
    }
    let mut health = Vec::new();
    for (key, http) in [("checks", true), ("http_checks", true), ("tcp_checks", false)] {
        for check in many(table, key) {
            health.push(asked(document, &check, http));
        }
    }
    for more in health.iter().skip(1) {
        if let Origin::File { line: Some(line), .. } = more.origin {
            document.without_effect(line, "a second check", "a process has one way to be asked");
        }
    }
    let mut about = groups.of(document, table);
    for group in &mut about {
        group.speaks_http |= speaks_http;
        let Group { process, .. } = group;
        // The first service of a process says what it is.
        if process.port.is_none() {
            process.kind = kind.clone();
            if process.command.is_none() {
                // Nothing else in the file speaks of it.
                process.origin = table.origin();
            }
            process.port = port
                .as_ref()
                .map(|port| Requested { value: Port::Fixed(port.value), origin: port.origin.clone() });
        } else if let Some(port) = &port
            && process.port.as_ref().is_some_and(|known| known.value != Port::Fixed(port.value))
            && let Origin::File { line: Some(line), .. } = port.origin
        {
            document.without_effect(
                line,
                &format!("the port {}", port.value),
                "an image has one port for each process",
            );
        }
        if process.health.is_none() {
            process.health = health.first().cloned();
        }
        if let (None, Some(least)) = (&process.scale, &least) {
            let min = u32::try_from(least.value).unwrap_or(u32::MAX);
            process.scale = Some(Requested { value: Scale { min, max: None }, origin: least.origin.clone() });
        }
    }
}

/// Reads `checks`: by name, or in older files as a list.
pub(super) fn checks(groups: &mut Groups, document: &Document, table: &Table<'_>) {
    let found = match table.value("checks").map(|value| &value.content) {
        Some(Content::List(_)) => table.tables("checks"),
        _ => table.named_tables("checks").into_iter().map(|(_, check)| check).collect(),
    };
    for check in found {
        check.leave(&["name", "port"]);
        let http = check.text("type").is_none_or(|kind| kind.value != "tcp");
        let health = asked(document, &check, http);
        for group in groups.of(document, &check) {
            group.process.health.get_or_insert_with(|| health.clone());
        }
    }
    if let Some(entry) = table.entry("machine_checks") {
        let why = "it starts a machine for each new version and looks at it";
        document.without_effect(entry.line, "`machine_checks`", why);
    }
}

fn asked(document: &Document, check: &Table<'_>, http: bool) -> Requested<Health> {
    check.leave(&["restart_limit", "protocol", "tls_skip_verify", "tls_server_name", "headers", "type"]);
    let path = check.text("path");
    let origin = path.as_ref().map_or_else(|| check.origin(), |path| path.origin.clone());
    if let Some(method) = check.text("method").filter(|method| !method.value.eq_ignore_ascii_case("get"))
        && let Origin::File { line: Some(line), .. } = method.origin
    {
        document.without_effect(
            line,
            &format!("the method {}", method.value),
            "other platforms ask with GET",
        );
    }
    let probe = match http {
        true => Probe::Http(path.map_or_else(|| "/".to_owned(), |path| path.value)),
        false => Probe::Tcp,
    };
    let value = Health {
        probe,
        interval: seconds(check, "interval", Bare::Milliseconds),
        timeout: seconds(check, "timeout", Bare::Milliseconds),
        grace: seconds(check, "grace_period", Bare::Milliseconds),
        retries: None,
    };
    Requested { value, origin }
}
