//! Prisma's client, which is made from a schema: it must be there before whatever imports it is
//! built or started.

use packwright_buildpack::planner::{LayerKind, Origin, Output};

use super::recognition::Recognition;
use super::view::{AppView, after_tool};
use crate::manager::PackageManager;
use crate::process;

/// What the build does for Prisma.
#[derive(Debug, Default)]
pub(super) struct Generates {
    /// The command, when no script of the project runs it.
    pub(super) command: Option<String>,
    /// Where the client goes besides the source's own directories.
    pub(super) output: Option<Output>,
    /// The line that asks for Prisma.
    pub(super) origin: Option<Origin>,
}

const COMMAND: &str = "prisma generate";

/// Scripts that run after packages are installed.
const AFTER_INSTALL: &[&str] = &["preinstall", "install", "postinstall", "prepare"];

/// Where schemas are.
const SCHEMAS: &[&str] =
    &["prisma/schema.prisma", "schema.prisma", "prisma.config.ts", "prisma.config.js", "prisma.config.mjs"];

/// Whether the client must be made, and where it goes. Up to version 6 it goes into
/// `node_modules`, from 7 on wherever the schema says.
pub(super) fn generates(case: &Recognition<'_>) -> Generates {
    let look = AppView::of(case.subject, None);
    let Some(origin) = look.dependency(&["prisma"]).or_else(|| look.shared(&["prisma"])) else {
        return Generates::default();
    };
    let named = look.app.json.at(&["prisma", "schema"]).is_some();
    if !named && !SCHEMAS.iter().any(|schema| look.has(schema)) {
        return Generates::default();
    }
    let scripts = process::flat(case.subject);
    let runs = |name: &str| {
        let Some(Ok(expansion)) = scripts.expand(name) else { return false };
        expansion.segments.iter().any(|segment| after_tool(segment, COMMAND).is_some())
    };
    let in_build = case.script.as_deref().is_some_and(runs);
    let before = AFTER_INSTALL.iter().any(|name| runs(name));
    let into_modules = look.major("prisma").is_none_or(|major| major < 7)
        && case.subject.project.manager != PackageManager::Pnpm
        && (in_build || !before);
    let output = into_modules.then(|| Output {
        path: "app/node_modules/.prisma".parse().expect("a constant path"),
        layer: Some(LayerKind::Build),
        scrub: Vec::new(),
    });
    let command = (!in_build && !before).then(|| COMMAND.to_owned());
    Generates { command, output, origin: Some(origin) }
}
