//! Reads `Staticfile`, as Cloud Foundry, Nixpacks and Railpack have it: lines of `key: value`.

use packwright_planner::{Diagnostic, Fallback, Origin, RelPath, Requested};

use crate::messages;

/// What a `Staticfile` says that matters here.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Staticfile {
    /// `root`: the site's directory; none in the value is the top of the tree.
    pub(crate) root: Option<Requested<Option<RelPath>>>,
    /// `index_fallback`, or `pushstate` of Cloud Foundry.
    pub(crate) fallback: Option<Requested<Fallback>>,
    /// What people should know.
    pub(crate) remarks: Vec<Diagnostic>,
}

/// Reads the text of the file at `path`.
///
/// Errors: lines without a key, a root outside of the tree, a switch that is neither on nor off.
pub(crate) fn parse(path: &RelPath, text: &str) -> Result<Staticfile, Vec<Diagnostic>> {
    let mut file = Staticfile::default();
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with('#') || line == "---" {
            continue;
        }
        let origin = Origin::line(path, index as u32 + 1);
        let Some((key, value)) = line.split_once(':') else {
            problems.push(messages::staticfile_line(line, &origin));
            continue;
        };
        let value = value.trim().trim_matches(['"', '\'']);
        match key.trim() {
            "root" => match directory(value) {
                Some(value) => file.root = Some(Requested { value, origin }),
                None => problems.push(messages::staticfile_root(value, &origin)),
            },
            key @ ("index_fallback" | "pushstate") => match switch(value) {
                Some(true) => file.fallback = Some(Requested { value: Fallback::Index, origin }),
                Some(false) => file.fallback = Some(Requested { value: Fallback::NotFound, origin }),
                None => problems.push(messages::staticfile_switch(key, value, &origin)),
            },
            other => file.remarks.push(messages::staticfile_unused(other, &origin)),
        }
    }
    if problems.is_empty() { Ok(file) } else { Err(problems) }
}

/// A directory of the tree; `Some(None)` is its top.
pub(crate) fn directory(text: &str) -> Option<Option<RelPath>> {
    let text = text.trim().trim_start_matches("./").trim_end_matches('/');
    match text {
        "" | "." => Some(None),
        text => text.parse().ok().map(Some),
    }
}

fn switch(text: &str) -> Option<bool> {
    match text {
        "true" | "enabled" | "on" | "yes" => Some(true),
        "false" | "disabled" | "off" | "no" => Some(false),
        _ => None,
    }
}
