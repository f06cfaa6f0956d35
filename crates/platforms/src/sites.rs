//! Hosts of sites: services that build the files of a site and serve them, `netlify.toml` and `vercel.json`. Their
//! files say more about that service than about the application, and most repeat what is detected; so the build
//! alone is read, as a hint, to be named where nothing builds.
//!
//! Source: docs.netlify.com, "File-based configuration"; vercel.com/docs, "Project configuration".

use packwright_documents::{Broken, Value, json, toml};
use packwright_planner::{BuildWork, Command, Declarations, FileWeight, Phase, Requested};

use crate::dir_view::DirView;
use crate::table::{Document, Table};

/// Netlify's file.
pub(crate) const NETLIFY: &str = "netlify.toml";

/// Vercel's file.
pub(crate) const VERCEL: &str = "vercel.json";

/// Reads the build of Netlify's file.
pub(crate) fn netlify(view: &DirView<'_>) -> Vec<Declarations> {
    build(view, "netlify", NETLIFY, toml, |table| {
        let build = table.table("build")?;
        let command = build.text("command");
        build.leave_rest();
        command
    })
}

/// Reads the build of Vercel's file.
pub(crate) fn vercel(view: &DirView<'_>) -> Vec<Declarations> {
    // `null` stands for what Vercel detects.
    build(view, "vercel", VERCEL, json, |table| table.text("buildCommand"))
}

fn build(
    view: &DirView<'_>,
    platform: &'static str,
    file: &str,
    parse: fn(&str) -> Result<Value, Broken>,
    command: fn(&Table<'_>) -> Option<Requested<String>>,
) -> Vec<Declarations> {
    let seen = match view.read(platform, FileWeight::Hints, file) {
        Some(Ok(seen)) => seen,
        Some(Err(refused)) => return vec![refused],
        None => return Vec::new(),
    };
    let value = match seen.parsed(platform, FileWeight::Hints, parse) {
        Ok(value) => value,
        Err(refused) => return vec![refused],
    };
    let document = Document::new(platform, &seen.path, FileWeight::Hints);
    let mut declared = Declarations::new(platform, &seen.path, FileWeight::Hints);
    if let Some(table) = document.table(&value) {
        if let Some(command) = command(&table).filter(|command| !command.value.trim().is_empty()) {
            let command = Requested { value: Command::shell(command.value.trim()), origin: command.origin };
            declared.component().phases.push(Phase::of("build", BuildWork::All, vec![command]));
        }
        table.leave_rest();
    }
    declared.diagnostics = document.into_diagnostics();
    vec![declared]
}
