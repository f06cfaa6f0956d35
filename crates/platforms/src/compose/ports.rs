//! The ports of a Compose service: `ports` in both forms, and `expose`.

use packwright_documents::{Content, Value};
use packwright_planner::Requested;

use super::interpolation::filled;
use crate::table::Table;

/// The ports of a service.
#[derive(Default)]
pub(super) struct Ports {
    /// Those that the file has, in its order.
    pub(super) fixed: Vec<Requested<u16>>,
    /// Whether there are any, those that the caller says among them.
    pub(super) are_there: bool,
}

/// The ports of the container; `udp` is not among them.
pub(super) fn ports(table: &Table<'_>, key: &str) -> Ports {
    let mut ports = Ports::default();
    let Some(value) = table.value(key) else { return ports };
    let document = table.document();
    let Content::List(items) = &value.content else {
        let what = format!("`{key}` is {}, not a list", value.kind());
        document.refuse(value.line, &what, "write a list of ports");
        return ports;
    };
    for item in items {
        let long = item.get("target").and_then(Value::word);
        let udp = item.text_of("protocol") == Some("udp");
        let Some(text) = long.or_else(|| item.word()) else {
            document.refuse(
                item.line,
                "a port is neither a text nor a map with `target`",
                "write it as \"8000:8000\"",
            );
            continue;
        };
        let filled = filled(text);
        let (text, protocol) = filled.text.split_once('/').unwrap_or((&filled.text, "tcp"));
        let inside = text.rsplit(':').next().unwrap_or(text);
        let first = inside.split('-').next().unwrap_or(inside);
        if protocol == "udp" || udp {
            continue;
        }
        if filled.asks.iter().any(|name| inside.contains(name.as_str())) {
            ports.are_there = true;
            continue;
        }
        match first.parse() {
            Ok(0) | Err(_) => {
                document.refuse(item.line, &format!("`{text}` is no port"), "write it as \"8000:8000\"");
            }
            Ok(port) => {
                ports.are_there = true;
                ports.fixed.push(Requested { value: port, origin: document.line(item.line) });
            }
        }
    }
    ports
}
