//! `nixpacks.toml`, `nixpacks.json` and the `NIXPACKS_*` variables: the configuration of Nixpacks,
//! with its own rules for what comes before what: provider < Procfile < file < variables < command
//! line; a list that is there replaces, `...` in it is the place for what it replaces.
//!
//! Nothing of Nix is used: names of its packages become Debian's. Every key and variable with what
//! is done for it is in `COMPATIBILITY.md`, which a test holds true.
//!
//! Source: railwayapp/nixpacks, `src/nixpacks/plan` and `docs/pages/docs/configuration`.

mod command_line;
mod component;
mod file;
pub(crate) mod messages;
pub(crate) mod plan;
pub(crate) mod variables;

use packwright_planner::{Declarations, FileWeight, Origin, RelPath};

pub use command_line::{CommandLine, ConfigFile, Printed, model, speaking};
pub(crate) use component::{added_path, with_path};
use plan::{Item, Plan};
pub(crate) use variables::Meaning;

use crate::names::Present;
use crate::procfile;
use crate::sight::{Seen, Sight};
use crate::table::Document;

/// The name of this reader.
const PLATFORM: &str = "nixpacks";

/// Its files, the one that counts first; Nixpacks reads one of them.
pub(crate) const FILES: [&str; 2] = ["nixpacks.toml", "nixpacks.json"];

/// What stands for the caller's variables where a file is to be named.
const VARIABLES: &str = "NIXPACKS_*";

/// Reads the configuration in a directory, and the caller's variables.
pub(crate) fn declarations(sight: &Sight<'_>) -> Vec<Declarations> {
    let given = variables::given(sight.environment);
    let mut found = match config(sight, &given) {
        Ok(found) => found,
        Err(refused) => return vec![*refused],
    };
    if found.path.is_none() && given.is_empty() {
        return Vec::new();
    }
    let plan = std::mem::take(&mut found.plan).under(variables::plan(&given));
    vec![declared(sight, found, &plan, &given)]
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

/// A configuration that was read.
#[derive(Default)]
struct Config {
    /// Its file; nothing when there is none.
    path: Option<RelPath>,
    plan: Plan,
    diagnostics: Vec<packwright_planner::Diagnostic>,
}

/// The file that `given` or the directory names.
fn config(sight: &Sight<'_>, given: &[(String, Item)]) -> Result<Config, Box<Declarations>> {
    let named = given.iter().find(|(name, _)| name == "NIXPACKS_CONFIG_FILE").map(|(_, item)| item);
    let name = match named {
        Some(item) => Some(item.value.trim_start_matches("./").to_owned()),
        None => FILES.into_iter().find(|name| sight.has(name)).map(str::to_owned),
    };
    let Some(name) = name else { return Ok(Config::default()) };
    let seen = match sight.read(PLATFORM, FileWeight::Decides, &name) {
        Some(Ok(seen)) => seen,
        Some(Err(refused)) => return Err(Box::new(refused)),
        None => return Err(Box::new(missing(&name, named))),
    };
    let mut config = read(&seen)?;
    if named.is_none() && name == FILES[0] && sight.has(FILES[1]) {
        let second = sight.path(FILES[1]).map(|path| Origin::file(&path));
        config.diagnostics.extend(second.map(|second| messages::second_file(&second, FILES[0])));
    }
    Ok(config)
}

/// The configuration in a text.
fn read(seen: &Seen) -> Result<Config, Box<Declarations>> {
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    let plan = file::read(seen, &document)?;
    Ok(Config { path: Some(seen.path.clone()), plan, diagnostics: document.into_diagnostics() })
}

fn missing(name: &str, named: Option<&Item>) -> Declarations {
    let origin = named.map_or_else(|| Origin::Default(name.to_owned()), |item| item.origin.clone());
    let diagnostics = vec![messages::no_file(PLATFORM, name, &origin)];
    Declarations { diagnostics, ..Declarations::new(PLATFORM, &stand_in(), FileWeight::Decides) }
}

/// What a plan declares in the directory of `sight`.
fn declared(sight: &Sight<'_>, found: Config, plan: &Plan, given: &[(String, Item)]) -> Declarations {
    let path = found.path.unwrap_or_else(stand_in);
    let (component, told) = component::component(plan, given, Present::of(sight));
    let mut declared = Declarations::new(PLATFORM, &path, FileWeight::Decides);
    if !component.is_empty() {
        declared.components.push(component);
    }
    declared.diagnostics = found.diagnostics;
    declared.diagnostics.extend(told);
    declared.diagnostics.extend(released(sight));
    declared
}

/// A word about a `release` process: Nixpacks runs it in the build.
fn released(sight: &Sight<'_>) -> Option<packwright_planner::Diagnostic> {
    let seen = sight.read(PLATFORM, FileWeight::Decides, "Procfile")?.ok()?;
    let read = procfile::parse(&seen.path, &seen.text);
    let mut processes = read.components.iter().flat_map(|part| &part.processes);
    processes.find(|process| process.is_release()).map(|release| messages::release_in_build(&release.origin))
}

fn stand_in() -> RelPath {
    VARIABLES.parse().expect("a name without slashes is a path")
}

/// The language that a provider of Nixpacks is for; `None` for one that it does not have.
///
/// Source: railwayapp/nixpacks, `src/lib.rs`, `get_providers`.
fn provider(name: &str) -> Option<&str> {
    const PROVIDERS: &[(&str, &str)] = &[
        ("c#", "dotnet"),
        ("csharp", "dotnet"),
        ("f#", "dotnet"),
        ("fsharp", "dotnet"),
        ("staticfile", "static"),
    ];
    const SAME: &[&str] = &[
        "clojure", "cobol", "crystal", "dart", "deno", "elixir", "gleam", "go", "haskell", "java", "lunatic",
        "node", "php", "python", "ruby", "rust", "scala", "scheme", "swift", "zig",
    ];
    let renamed = PROVIDERS.iter().find(|(known, _)| *known == name).map(|(_, language)| *language);
    renamed.or_else(|| SAME.contains(&name).then_some(name))
}

/// The names of all variables that are known.
#[cfg(test)]
pub(crate) fn variables_known() -> impl Iterator<Item = String> {
    variables::VARIABLES.iter().map(|(name, _)| format!("{}{name}", variables::PREFIX))
}

#[cfg(test)]
pub(crate) mod tests;
