//! `nixpacks.toml` and `nixpacks.json` as a [`NixpacksPlan`]. Keys that Nixpacks would ignore are reported.
//!
//! Source: railwayapp/nixpacks, `src/nixpacks/plan/{mod,phase}.rs`, for names and aliases.

use packwright_documents::Value;
use packwright_planner::{Declarations, FileWeight};

use super::plan::{List, NixpacksPlan, Phase, StartSettings};
use crate::dir_view::Seen;
use crate::nixpacks::variables::PLATFORM;
use crate::table::{Document, Table};

/// The plan in a file, or declarations with nothing but the reason why there is none.
pub(super) fn read(seen: &Seen, document: &Document) -> Result<NixpacksPlan, Box<Declarations>> {
    let parse = match seen.path.as_str().ends_with(".json") {
        true => packwright_documents::json,
        false => packwright_documents::toml,
    };
    let value = seen.parsed(PLATFORM, FileWeight::Decides, parse)?;
    Ok(plan(&value, document))
}

/// The plan that a document is.
pub(super) fn plan(value: &Value, document: &Document) -> NixpacksPlan {
    let Some(top) = document.table(value) else { return NixpacksPlan::default() };
    top.leave(&["$schema"]);
    let mut plan = NixpacksPlan {
        providers: list(&top, &["providers"]),
        build_image: top.text("buildImage"),
        variables: top.pairs("variables").into_iter().collect(),
        static_assets: top.pairs("staticAssets").into_iter().collect(),
        ..NixpacksPlan::default()
    };
    for (name, table) in top.named_tables("phases") {
        plan.phases.insert(name, phase(&table));
    }
    if let Some(table) = top.table("start") {
        plan.start = StartSettings {
            cmd: table.text("cmd"),
            run_image: table.text("runImage"),
            only_include_files: list(&table, &["onlyIncludeFiles"]),
            user: table.text("user"),
        };
    }
    plan
}

fn phase(table: &Table<'_>) -> Phase {
    // The name is written into plans that Nixpacks prints for its tests; the key is the name.
    table.leave(&["name"]);
    Phase {
        origin: Some(table.origin()),
        depends_on: list(table, &["dependsOn"]),
        cmds: list(table, &["cmds", "commands"]),
        nix_pkgs: list(table, &["nixPkgs", "nixPackages"]),
        nix_libs: list(table, &["nixLibs", "nixLibraries"]),
        nix_overlays: list(table, &["nixOverlays"]),
        nixpkgs_archive: table.text("nixpkgsArchive"),
        apt_pkgs: list(table, &["aptPkgs", "aptPackages"]),
        only_include_files: list(table, &["onlyIncludeFiles"]),
        cache_directories: list(table, &["cacheDirectories"]),
        paths: list(table, &["paths", "envPaths"]),
    }
}

/// The list under the first of `keys` that is there.
fn list(table: &Table<'_>, keys: &[&str]) -> List {
    let mut found = None;
    for key in keys {
        if table.value(key).is_some() && found.is_none() {
            found = Some(table.texts(key));
        }
    }
    found
}
