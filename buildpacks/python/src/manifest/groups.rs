//! The groups of dependencies (PEP 735) that a project installs by default, less the one for development.
//!
//! Source: uv documentation, "Managing dependencies", "Default groups": `default-groups` is a list of names, or
//! `"all"`; without it `dev` alone.

use packwright_buildpack::planner::{RelPath, SourceTree};

use super::document::text;

/// The group that uv knows to be for development.
const FOR_DEVELOPMENT: &str = "dev";

/// The groups of the project in `dir`, the root without one, in the order of the file.
pub(super) fn installed(tree: &dyn SourceTree, dir: Option<&str>) -> Vec<String> {
    let path = dir.map_or("pyproject.toml".to_owned(), |dir| format!("{dir}/pyproject.toml"));
    let Some(source) = path.parse::<RelPath>().ok().and_then(|path| text(tree, &path).ok().flatten()) else {
        return Vec::new();
    };
    // `manifest::pyproject` reads the same file and reports what is wrong with it.
    let Ok(file) = toml::from_str::<toml::Table>(&source) else { return Vec::new() };
    let said = file.get("tool").and_then(|tool| tool.get("uv")?.get("default-groups"));
    let names: Vec<String> = match said {
        Some(toml::Value::Array(names)) => {
            names.iter().filter_map(|name| name.as_str()).map(str::to_owned).collect()
        }
        Some(toml::Value::String(all)) if all == "all" => {
            let groups = file.get("dependency-groups").and_then(toml::Value::as_table);
            groups.into_iter().flat_map(|groups| groups.keys().cloned()).collect()
        }
        _ => Vec::new(),
    };
    names.into_iter().filter(|name| name != FOR_DEVELOPMENT).collect()
}
