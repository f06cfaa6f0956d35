//! `railway.toml` and `railway.json`: how Railway builds and runs one service.
//!
//! A `Dockerfile` beside it is what Railway builds, whatever the file says, and then it starts
//! commands without a shell. The source is built all the same; the start command keeps its form.
//!
//! Source: docs.railway.com, "Config as Code" and its reference; railwayapp/docs.

mod file;
mod write;

use packwright_documents::Value;
use packwright_planner::{Component, Declarations, Diagnostic, FileWeight, Origin};

use crate::dir_view::{DirView, Seen};
use crate::table::Document;

pub(crate) use write::write;

/// The name of this reader.
const PLATFORM: &str = "railway";

/// Its files, the one that counts first.
pub(crate) const FILES: [&str; 2] = ["railway.toml", "railway.json"];

/// Reads the file of a directory.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let Some(name) = FILES.into_iter().find(|name| view.has(name)) else { return Vec::new() };
    let seen = match view.read(PLATFORM, FileWeight::Decides, name) {
        Some(Ok(seen)) => seen,
        Some(Err(refused)) => return vec![refused],
        None => return Vec::new(),
    };
    let value = match parsed(&seen) {
        Ok(value) => value,
        Err(refused) => return vec![*refused],
    };
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Decides);
    let (component, overlays, others) = file::read(view, &document, &value);
    if component != Component::default() {
        declared.components.push(component);
    }
    declared.overlays = overlays;
    declared.diagnostics = vec![deprecated(&Origin::file(&seen.path))];
    declared.diagnostics.extend(document.into_diagnostics());
    if name == FILES[0] && view.has(FILES[1]) {
        let second = view.path(FILES[1]).map(|path| Origin::file(&path));
        declared.diagnostics.extend(second.map(|second| second_file(&second)));
    }
    let mut all = vec![declared];
    all.extend(others);
    all
}

fn parsed(seen: &Seen) -> Result<Value, Box<Declarations>> {
    let parse = match seen.path.as_str().ends_with(".json") {
        true => packwright_documents::json,
        false => packwright_documents::toml,
    };
    Ok(seen.parsed(PLATFORM, FileWeight::Decides, parse)?)
}

/// Source: docs.railway.com, "Config as Code", its banner.
fn deprecated(origin: &Origin) -> Diagnostic {
    Diagnostic::info(
        "railway/deprecated",
        format!("{origin} is of a kind that Railway reads until 2026-12-01"),
    )
    .why("Railway replaces it by `.railway/railway.ts`, which is a program and is not read")
    .at(origin.clone())
}

fn second_file(origin: &Origin) -> Diagnostic {
    Diagnostic::warning("railway/second-file", format!("{origin} is not read: {} comes before it", FILES[0]))
        .fix("keep one of the two")
        .at(origin.clone())
}

#[cfg(test)]
mod tests;
