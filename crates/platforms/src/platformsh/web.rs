//! `web`: the process that answers requests, and the static files that the platform serves.

use packwright_planner::{Diagnostic, Port, ProcessKind, Requested, StaticMount};

use super::process::{LEFT_OF_INSTANCE, commands};
use super::variables;
use crate::platformsh::reader::{ApplicationReader, from_app};
use crate::table::Table;

/// Keys of the first years of the platform; `locations` took their place.
const OLD: &[&str] =
    &["document_root", "passthru", "index_files", "whitelist", "blacklist", "expires", "move_to_root"];

/// Where the root of a site is.
const TOP: &str = "/";

/// Reads `web`.
pub(super) fn web(app: &mut ApplicationReader<'_>, table: &Table<'_>) {
    let Some(web) = table.table("web") else { return };
    web.leave(LEFT_OF_INSTANCE);
    for key in OLD {
        if let Some(entry) = web.entry(key) {
            app.document.without_effect(
                entry.line,
                &format!("`web.{key}`"),
                "`web.locations` took its place",
            );
        }
    }
    app.volumes(&web);
    variables::relationships(app, &web);
    variables::variables(app, &web, Some("web"));
    let size = web.text("size");
    let command = commands(app, &web);
    let port =
        port(app, &web, command.as_ref().map_or_else(|| web.origin(), |command| command.origin.clone()));
    let answers = locations(app, &web);
    let is_php = app.component.language.as_ref().is_some_and(|language| language.value == "php");
    let site = app.component.statics.iter().find(|mount| mount.url.value == TOP);
    let site = site.map(|mount| Requested { value: mount.dir.clone(), origin: mount.url.origin.clone() });
    match command {
        Some(command) => {
            let process = app.add("web", ProcessKind::Web, command.origin);
            process.command = Some(command.value);
            process.port = Some(port);
            process.size = size;
            reach(app);
        }
        // The platform's own server of PHP, or a program that the file does not name.
        None if is_php || answers => {
            let process = app.add("web", ProcessKind::Web, web.origin());
            process.size = size;
            process.port = Some(port).filter(|port| port.value != Port::Variable);
        }
        // The platform serves the files, and nothing else runs.
        None => {
            app.component.publish = site;
            let says_more = |mount: &StaticMount| mount.expires.is_some() || mount.fallback.is_some();
            app.component.statics.retain(|mount| mount.url.value != TOP || says_more(mount));
        }
    }
}

fn port(
    app: &ApplicationReader<'_>,
    web: &Table<'_>,
    default: packwright_planner::Origin,
) -> Requested<Port> {
    let Some(upstream) = web.table("upstream") else {
        return Requested { value: Port::Variable, origin: default };
    };
    if let Some(entry) = upstream.entry("protocol")
        && upstream.text("protocol").is_some_and(|protocol| protocol.value != "http")
    {
        let why = "the image's process has to speak HTTP itself";
        app.document.without_effect(entry.line, "`web.upstream.protocol`", why);
    }
    match upstream.text("socket_family") {
        Some(family) if family.value == "unix" => {
            Requested { value: Port::Socket("SOCKET".to_owned()), origin: family.origin }
        }
        Some(family) => Requested { value: Port::Variable, origin: family.origin },
        None => Requested { value: Port::Variable, origin: default },
    }
}

/// Says when the process listens where nobody but the platform's router asks.
fn reach(app: &mut ApplicationReader<'_>) {
    let code = app.code("socket");
    let title = app.dialect.title();
    let Some(process) = app.web_process() else { return };
    let Some(Requested { value: Port::Socket(variable), origin }) = process.port.clone() else { return };
    app.document.say(
        Diagnostic::info(&code, format!("{origin}: `web` listens on the Unix socket in {variable}"))
            .why(format!("{title} sets {variable} and asks there; elsewhere requests come to a port"))
            .fix("take `socket_family: unix` out and listen on 0.0.0.0:$PORT, which is good everywhere")
            .at(origin),
    );
}

/// Reads `locations` into the statics; whether one of them leads to the application.
fn locations(app: &mut ApplicationReader<'_>, web: &Table<'_>) -> bool {
    let mut answers = false;
    for (url, location) in web.named_tables("locations") {
        location.leave(&["headers", "request_buffering", "index"]);
        let passthru = location.text("passthru");
        let root = location.text("root");
        let expires = location.text("expires");
        let closed =
            location.flag("allow").is_some_and(|allow| !allow.value) && location.value("rules").is_none();
        location.leave(&["rules", "scripts"]);
        answers |= passthru.as_ref().is_some_and(|to| to.value == "true");
        let Some(root) = root.filter(|root| !root.value.is_empty() && !closed) else { continue };
        app.component.statics.push(StaticMount {
            url: Requested { value: url, origin: location.origin() },
            dir: from_app(&root.value),
            expires: expires.map(|expires| expires.value).filter(|expires| expires != "-1"),
            fallback: passthru.map(|to| to.value).filter(|to| to != "true" && to != "false"),
        });
    }
    answers
}
