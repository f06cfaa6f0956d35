//! `handlers` of `app.yaml`: URLs that Google's front end answers with static files.

use packwright_planner::{Requested, StaticMount};

use super::messages;
use crate::table::Table;

/// What the handlers of a service say.
#[derive(Default)]
pub(super) struct Handlers {
    /// Files that are served without asking the application.
    pub(super) statics: Vec<StaticMount>,
    /// Whether all of them are about files: there is no program.
    pub(super) is_site: bool,
    /// The directory of the files for all other addresses.
    pub(super) publish: Option<Requested<String>>,
}

/// Reads the handlers of a service.
pub(super) fn read(table: &Table<'_>) -> Handlers {
    let mut found = Handlers::default();
    let rows = table.tables("handlers");
    found.is_site = !rows.is_empty();
    for row in rows {
        let url = row.text("url");
        let (dir, files) = (row.text("static_dir"), row.text("static_files"));
        let expires = row.text("expiration").map(|text| text.value);
        if let Some(script) = row.text("script") {
            found.is_site = false;
            if script.value != "auto" {
                row.document().say(messages::script(&script));
            }
        } else if dir.is_none() && files.is_none() {
            // A handler of its own kind: a redirect to HTTPS, a login.
            found.is_site = false;
        }
        row.leave(&[
            "upload",
            "secure",
            "login",
            "auth_fail_action",
            "mime_type",
            "http_headers",
            "application_readable",
            "redirect_http_response_code",
            "require_matching_file",
            "position",
        ]);
        let Some(url) = url else { continue };
        let everything =
            matches!(url.value.trim_end_matches('$'), "/" | "/.*" | "/(.*)" | "/(.+)" | ".*" | "/?");
        let dir = match (dir, files) {
            (Some(dir), _) => dir,
            (None, Some(files)) => files,
            (None, None) => continue,
        };
        if everything && found.publish.is_none() {
            found.publish = Some(Requested { value: folder(&dir.value), origin: dir.origin.clone() });
        }
        found.statics.push(StaticMount { url, dir: wildcard(&dir.value), expires, fallback: None });
    }
    found
}

/// `static/\1` as people write files: `static/*`.
fn wildcard(files: &str) -> String {
    let mut text = files.to_owned();
    for group in 1..=9 {
        text = text.replace(&format!("\\{group}"), "*");
    }
    text
}

/// The directory that holds all of `files`: `www/\1` and `www/index.html` are in `www`.
fn folder(files: &str) -> String {
    let whole = files.split('\\').next().unwrap_or_default();
    let is_file = whole.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let folder = match whole.rsplit_once('/') {
        Some((folder, _)) if is_file || files.contains('\\') => folder,
        _ if is_file || whole.is_empty() => ".",
        _ => whole,
    };
    folder.trim_end_matches('/').to_owned()
}
