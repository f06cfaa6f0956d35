//! Reads the configuration of Nixpacks in a directory: its file, and the variables that the caller gives.

use packwright_planner::{Declarations, FileWeight, Origin, RelPath};

use super::{component, file, messages, variables};
use crate::dir_view::{DirView, Seen};
use crate::names::translation::Present;
use crate::nixpacks::plan::{Item, NixpacksPlan};
use crate::nixpacks::variables::PLATFORM;
use crate::procfile;
use crate::table::Document;

/// Its files, the one that counts first; Nixpacks reads one of them.
pub(crate) const FILES: [&str; 2] = ["nixpacks.toml", "nixpacks.json"];

/// What stands for the caller's variables where a file is to be named.
pub(super) const VARIABLES: &str = "NIXPACKS_*";

/// A configuration that was read.
#[derive(Default)]
pub(super) struct Config {
    /// Its file; nothing when there is none.
    pub(super) path: Option<RelPath>,
    pub(super) plan: NixpacksPlan,
    pub(super) diagnostics: Vec<packwright_planner::Diagnostic>,
}

/// Reads the configuration in a directory, and the caller's variables.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let given = variables::given(view.environment);
    let mut found = match config(view, &given) {
        Ok(found) => found,
        Err(refused) => return vec![*refused],
    };
    if found.path.is_none() && given.is_empty() {
        return Vec::new();
    }
    let plan = std::mem::take(&mut found.plan).under(variables::plan(&given));
    vec![declared(view, found, &plan, &given)]
}

/// The component that a plan within another platform's file describes, and words about it; what is
/// wrong with its form is said in `document`.
pub(crate) fn component_of(
    value: &packwright_documents::Value,
    document: &Document,
    present: Present,
) -> (packwright_planner::Component, Vec<packwright_planner::Diagnostic>) {
    component::component(&file::plan(value, document), &[], present)
}

/// The file that `given` or the directory names.
pub(super) fn config(view: &DirView<'_>, given: &[(String, Item)]) -> Result<Config, Box<Declarations>> {
    let named = given.iter().find(|(name, _)| name == "NIXPACKS_CONFIG_FILE").map(|(_, item)| item);
    let name = match named {
        Some(item) => Some(item.value.trim_start_matches("./").to_owned()),
        None => FILES.into_iter().find(|name| view.has(name)).map(str::to_owned),
    };
    let Some(name) = name else { return Ok(Config::default()) };
    let seen = match view.read(PLATFORM, FileWeight::Decides, &name) {
        Some(Ok(seen)) => seen,
        Some(Err(refused)) => return Err(Box::new(refused)),
        None => return Err(Box::new(missing(&name, named))),
    };
    let mut config = read(&seen)?;
    if named.is_none() && name == FILES[0] && view.has(FILES[1]) {
        let second = view.path(FILES[1]).map(|path| Origin::file(&path));
        config.diagnostics.extend(second.map(|second| messages::second_file(&second, FILES[0])));
    }
    Ok(config)
}

/// The configuration in a text.
pub(super) fn read(seen: &Seen) -> Result<Config, Box<Declarations>> {
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    let plan = file::read(seen, &document)?;
    Ok(Config { path: Some(seen.path.clone()), plan, diagnostics: document.into_diagnostics() })
}

pub(super) fn missing(name: &str, named: Option<&Item>) -> Declarations {
    let origin = named.map_or_else(|| Origin::Default(name.to_owned()), |item| item.origin.clone());
    let diagnostics = vec![messages::no_file(PLATFORM, name, &origin)];
    Declarations { diagnostics, ..Declarations::new(PLATFORM, &stand_in(), FileWeight::Decides) }
}

/// What a plan declares in the directory of `view`.
pub(super) fn declared(
    view: &DirView<'_>,
    found: Config,
    plan: &NixpacksPlan,
    given: &[(String, Item)],
) -> Declarations {
    let path = found.path.unwrap_or_else(stand_in);
    let (component, told) = component::component(plan, given, Present::of(view));
    let mut declared = Declarations::new(PLATFORM, &path, FileWeight::Decides);
    if !component.is_empty() {
        declared.components.push(component);
    }
    declared.diagnostics = found.diagnostics;
    declared.diagnostics.extend(told);
    declared.diagnostics.extend(released(view));
    declared
}

/// A word about a `release` process: Nixpacks runs it in the build.
pub(super) fn released(view: &DirView<'_>) -> Option<packwright_planner::Diagnostic> {
    let seen = view.read(PLATFORM, FileWeight::Decides, "Procfile")?.ok()?;
    let read = procfile::parse(&seen.path, &seen.text);
    let mut processes = read.components.iter().flat_map(|part| &part.processes);
    processes.find(|process| process.is_release()).map(|release| messages::release_in_build(&release.origin))
}

pub(super) fn stand_in() -> RelPath {
    VARIABLES.parse().expect("a name without slashes is a path")
}
