//! The model of an application as Railpack's command line asks for it: its own file and variables and the Procfile count,
//! and no files of other platforms.
//!
//! Source: railwayapp/railpack, `core/core.go`, `core/app/environment.go`, `core/providers/procfile`.

use std::collections::BTreeMap;

use packwright_planner::{
    AppModel, Component, Declarations, FileWeight, Language, Origin, Scoped, SourceTree, Variable, decide,
};

use crate::dir_view::DirView;
use crate::nixpacks::{is_started, started};
use crate::railpack::messages::PLATFORM;

/// The model of `tree` as Railpack would have it. `environment` are variables that speak to Railpack (`RAILPACK_*`),
/// `build` are the others: for Railpack they are secrets of the build, and no part of the image. `languages` are those
/// that take part in the plan.
pub fn model(
    tree: &dyn SourceTree,
    languages: &[&Language],
    environment: &BTreeMap<String, String>,
    build: &BTreeMap<String, String>,
) -> AppModel {
    let view = DirView { tree, dir: None, languages, environment };
    let mut read = super::reader::declarations(&view);
    if !build.is_empty() {
        let variables = build.iter().map(|(name, value)| {
            let origin = Origin::Option(format!("--env {name}"));
            Variable { scope: Scoped::Build, ..Variable::literal(name, value, origin) }
        });
        let component = Component { environment: variables.collect(), ..Component::default() };
        let file = Declarations::new(PLATFORM, &super::reader::stand_in(), FileWeight::Decides);
        read.insert(0, Declarations { components: vec![component], ..file });
    }
    let starts =
        read.iter().flat_map(|file| &file.components).any(|part| part.processes.iter().any(is_started));
    for mut file in crate::procfile::declarations(&view) {
        file.components.iter_mut().for_each(|part| started(&mut part.processes, starts));
        read.push(file);
    }
    let chosen = crate::platform(PLATFORM).map(crate::Platform::chosen);
    let mut model = decide(read, chosen.as_ref());
    // The command was called for Railpack, whether it has a file here or not.
    model.diagnostics.retain(|found| found.code != "platform/no-file");
    model
}
