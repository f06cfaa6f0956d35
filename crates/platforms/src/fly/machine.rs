//! What a machine of Fly.io has beside its image: volumes, files, sizes, how it is stopped.

use packwright_documents::Content;
use packwright_planner::{Component, Diagnostic, Origin, ProcessKind, Requested, StaticMount, Stop, Volume};

use super::groups::Groups;
use super::time::{Bare, seconds};
use crate::fly::lists::many;
use crate::table::{Document, Table};

/// Where the application is in an image.
const APP: &str = "/app/";

/// Reads `statics`.
pub(super) fn statics(component: &mut Component, document: &Document, table: &Table<'_>) {
    for found in many(table, "statics") {
        let fallback = found.text("index_document").map(|index| index.value);
        if let Some(bucket) = found.entry("tigris_bucket") {
            document.without_effect(
                bucket.line,
                "`tigris_bucket`",
                "the files are in a store outside the image",
            );
        }
        let (Some(path), Some(url)) = (found.text("guest_path"), found.text("url_prefix")) else {
            refuse(document, &found, "`guest_path` and `url_prefix` are both needed");
            continue;
        };
        let dir = from_app(&path.value);
        component.statics.push(StaticMount { url, dir, expires: None, fallback });
    }
}

/// Reads `mounts`, which older files call `mount`.
pub(super) fn mounts(component: &mut Component, document: &Document, table: &Table<'_>) {
    for found in many(table, "mount").into_iter().chain(many(table, "mounts")) {
        found.leave(&[
            "auto_extend_size_increment",
            "auto_extend_size_limit",
            "auto_extend_size_threshold",
            "processes",
            "scheduled_snapshots",
            "snapshot_retention",
        ]);
        let name = found.text("source").map(|name| name.value);
        let megabytes = megabytes(&found, document);
        let Some(path) = found.text("destination").filter(|path| !path.value.is_empty()) else {
            refuse(document, &found, "`destination` is missing");
            continue;
        };
        let path = Requested { value: from_app(&path.value), origin: path.origin };
        component.volumes.push(Volume { name, path, megabytes });
    }
}

/// Says which `files` are not in the image.
pub(super) fn files(document: &Document, table: &Table<'_>) {
    for found in many(table, "files") {
        found.leave(&["local_path", "secret_name", "raw_value", "processes"]);
        let path = found.text("guest_path");
        let path = path.map_or_else(|| "a file".to_owned(), |path| format!("`{}`", path.value));
        document.say(
            Diagnostic::warning("fly/file", format!("{}: {path} is not in the image", found.origin()))
                .why("Fly.io writes it into the machine when that starts; what it has may be a secret")
                .fix("keep it in the source where it is no secret, or mount it where the image runs")
                .at(found.origin()),
        );
    }
}

/// Reads `vm`.
pub(super) fn sizes(groups: &mut Groups, table: &Table<'_>) {
    let mut general = None;
    // Files of 2023 have the first name.
    for found in many(table, "compute").into_iter().chain(many(table, "vm")) {
        found.leave(&["kernel_args", "host_dedication_id", "persist_rootfs"]);
        let told = told(&found);
        let wanted = found.texts("processes");
        let Some(told) = told else { continue };
        match wanted.is_empty() {
            true => general = Some(told),
            false => {
                for group in groups.of(found.document(), &found) {
                    group.process.size = Some(told.clone());
                }
            }
        }
    }
    for group in &mut groups.all {
        group.process.size = group.process.size.take().or_else(|| general.clone());
    }
}

/// A size in Fly.io's own words: `shared-cpu-1x, 512mb`; the writer reads them back.
fn told(found: &Table<'_>) -> Option<Requested<String>> {
    let mut parts = Vec::new();
    for key in ["size", "memory", "memory_mb", "cpus", "cpu_kind", "gpus", "gpu_kind"] {
        let Some(text) = found.text(key) else { continue };
        let word = match key {
            "memory" | "memory_mb" if text.value.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("{}mb", text.value)
            }
            "cpus" => format!("{} cpus", text.value),
            "gpus" => format!("{} gpus", text.value),
            _ => text.value,
        };
        parts.push(Requested { value: word, origin: text.origin });
    }
    let origin = parts.first()?.origin.clone();
    let words: Vec<String> = parts.into_iter().map(|part| part.value).collect();
    Some(Requested { value: words.join(", "), origin })
}

/// Reads `kill_signal` and `kill_timeout`, which are about every process that keeps running.
pub(super) fn stop(groups: &mut Groups, document: &Document, table: &Table<'_>) {
    let signal = table.text("kill_signal").filter(|signal| {
        let known =
            signal.value.starts_with("SIG") && signal.value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if let (false, Origin::File { line: Some(line), .. }) = (known, &signal.origin) {
            document.refuse(
                *line,
                &format!("`{}` is no signal", signal.value),
                "write one such as `SIGTERM`",
            );
        }
        known
    });
    let line = table.value("kill_timeout").map(|value| value.line);
    let grace = seconds(table, "kill_timeout", Bare::Seconds);
    let origin = match (&signal, line) {
        (Some(signal), _) => signal.origin.clone(),
        (None, Some(line)) => document.line(line),
        (None, None) => return,
    };
    if signal.is_none() && grace.is_none() {
        return;
    }
    let value = Stop { signal: signal.map(|signal| signal.value), grace };
    for group in groups.all.iter_mut().filter(|group| !matches!(group.process.kind, ProcessKind::Release(_)))
    {
        group.process.stop = Some(Requested { value: value.clone(), origin: origin.clone() });
    }
}

/// `initial_size`: a text with a unit, or gigabytes.
fn megabytes(found: &Table<'_>, document: &Document) -> Option<u64> {
    let value = found.value("initial_size")?;
    let text = match &value.content {
        Content::Number(number) | Content::Text(number) => number.trim().to_ascii_lowercase(),
        _ => String::new(),
    };
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: Option<u64> = text[..digits].parse().ok();
    let size = number.and_then(|number| match text[digits..].trim() {
        "" | "g" | "gb" | "gib" => number.checked_mul(1024),
        "m" | "mb" | "mib" => Some(number),
        "t" | "tb" | "tib" => number.checked_mul(1024 * 1024),
        _ => None,
    });
    if size.is_none() {
        document.refuse(value.line, "`initial_size` is no size", "write one such as `10gb`");
    }
    size
}

/// A path in the image, from the application's directory where it is below that.
fn from_app(path: &str) -> String {
    match path.strip_prefix(APP) {
        Some(rest) if !rest.trim_matches('/').is_empty() => rest.trim_matches('/').to_owned(),
        _ => path.to_owned(),
    }
}

fn refuse(document: &Document, table: &Table<'_>, message: &str) {
    if let Origin::File { line: Some(line), .. } = table.origin() {
        document.refuse(line, message, "add what is missing, or delete the table");
    }
}
