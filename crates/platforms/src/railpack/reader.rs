//! Reads `railpack.json`, or the file that a variable names, and the caller's variables, as declarations.

use packwright_documents::Value;
use packwright_planner::{Declarations, Diagnostic, FileWeight, Origin, RelPath};

use super::config::Config;
use crate::dir_view::DirView;
use crate::names::translation::Present;
use crate::nixpacks::plan::Item;
use crate::railpack::messages::PLATFORM;
use crate::table::Document;

/// Its file.
pub(crate) const FILE: &str = "railpack.json";

/// The package managers in the order in which Railpack looks for their files. Its other providers decide
/// by fields that the languages read themselves.
///
/// Source: railwayapp/railpack, `core/providers/python`.
pub(crate) const MANAGERS: &[&str] = &["pip", "uv", "poetry", "pdm", "pipenv"];

/// The files that say versions for Railpack, the one that counts first.
///
/// Source: railwayapp/railpack, `core/providers/{python,node}`: what is looked at last counts.
pub(crate) const VERSION_FILES: &[&str] = &[
    ".python-version",
    ".nvmrc",
    ".node-version",
    ".tool-versions",
    "mise.toml",
    "runtime.txt",
    "Pipfile",
    "package.json",
];

/// What stands for the caller's variables where a file is to be named.
const VARIABLES: &str = "RAILPACK_*";

/// Reads the configuration in a directory, and the caller's variables.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let given = super::variables::given(view.environment);
    let found = match found(view, &given) {
        Ok(found) => found,
        Err(refused) => return vec![*refused],
    };
    if found.path.is_none() && given.is_empty() {
        return Vec::new();
    }
    let config = super::variables::config(&given).under(found.config);
    let path = found.path.unwrap_or_else(stand_in);
    let (component, told) = super::component::component(view, config, &given, Present::of(view));
    let mut declared = Declarations::new(PLATFORM, &path, FileWeight::Decides);
    if !component.is_empty() {
        declared.components.push(component);
    }
    declared.diagnostics = found.diagnostics;
    declared.diagnostics.extend(told);
    vec![declared]
}

/// A configuration that was read.
#[derive(Default)]
struct LoadedConfig {
    /// Its file; nothing when there is none.
    path: Option<RelPath>,
    config: Config,
    diagnostics: Vec<Diagnostic>,
}

fn found(view: &DirView<'_>, given: &[(String, Item)]) -> Result<LoadedConfig, Box<Declarations>> {
    let named = given.iter().find(|(name, _)| name == "RAILPACK_CONFIG_FILE").map(|(_, item)| item);
    let name = named.map_or(FILE, |item| item.value.trim_start_matches("./"));
    let seen = match view.read(PLATFORM, FileWeight::Decides, name) {
        Some(Ok(seen)) => seen,
        Some(Err(refused)) => return Err(Box::new(refused)),
        None => {
            let Some(item) = named else { return Ok(LoadedConfig::default()) };
            let told = crate::nixpacks::messages::no_file(PLATFORM, name, &item.origin);
            let declared = Declarations::new(PLATFORM, &stand_in(), FileWeight::Decides);
            return Err(Box::new(Declarations { diagnostics: vec![told], ..declared }));
        }
    };
    let value = seen.parsed(PLATFORM, FileWeight::Decides, packwright_documents::json)?;
    if is_railways(&value) {
        let diagnostics = vec![super::messages::foreign(&Origin::file(&seen.path))];
        return Ok(LoadedConfig { path: Some(seen.path), diagnostics, ..LoadedConfig::default() });
    }
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    let config = super::file::config(&value, &document);
    Ok(LoadedConfig { path: Some(seen.path), config, diagnostics: document.into_diagnostics() })
}

/// Whether a document has the keys of Railway's own file, which people put under this name.
fn is_railways(value: &Value) -> bool {
    const OF_DEPLOY: &[&str] =
        &["healthcheckPath", "restartPolicyType", "numReplicas", "preDeployCommand", "cronSchedule"];
    let schema = value.text_of("$schema").is_some_and(|schema| schema.contains("railway.schema"));
    let deploy =
        value.get("deploy").is_some_and(|deploy| OF_DEPLOY.iter().any(|key| deploy.get(key).is_some()));
    schema || deploy || value.get("build").is_some()
}

pub(super) fn stand_in() -> RelPath {
    VARIABLES.parse().expect("a name without slashes is a path")
}
