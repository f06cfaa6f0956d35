//! What manifests say about the versions of runtimes. Judges nothing.

use packwright_buildpack::planner::{Requested, SourceTree};
use packwright_buildpack::version::{Manifests, Notation};

use super::runtime::JsRuntime;
use crate::manifest::{PackageJson, beside};

/// All that the manifests of the package `app` and of the workspace's root say. Of two fields of one
/// name, the package's own counts.
pub(super) fn requests(
    tree: &dyn SourceTree,
    runtime: JsRuntime,
    root: &PackageJson,
    app: &PackageJson,
) -> Manifests {
    let first =
        |read: &dyn Fn(&PackageJson) -> Option<Requested<String>>| [app, root].into_iter().find_map(read);
    let pin = first(&package_manager).filter(|_| runtime == JsRuntime::Bun);
    let volta = first(&|manifest| volta(tree, manifest)).filter(|_| runtime == JsRuntime::Node);
    let ranges = [
        first(&|manifest| development_runtime(runtime, manifest)),
        first(&|manifest| manifest.engines.get(runtime.name()).cloned()),
    ];
    let volta = volta.map(|volta| (volta, Notation::Version));
    let ranges = ranges.into_iter().flatten().map(|range| (range, Notation::Range));
    Manifests { pins: pin.into_iter().collect(), requests: volta.into_iter().chain(ranges).collect() }
}

/// How many manifests may stand behind one another in `volta.extends`.
const EXTENDED: usize = 10;

/// `volta.node`, of the manifest or of those that its `volta.extends` names. One that cannot be read
/// says nothing.
///
/// Source: Volta's documentation, "Advanced: Workspaces".
fn volta(tree: &dyn SourceTree, manifest: &PackageJson) -> Option<Requested<String>> {
    let mut found = manifest.volta.clone();
    let mut dir = manifest.dir.clone();
    for _ in 0..EXTENDED {
        if let Some(node) = found.get("node") {
            return Some(node.clone());
        }
        let path = beside(dir.as_ref(), &found.get("extends")?.value)?;
        let next = PackageJson::read(tree, &path).ok().flatten()?;
        (found, dir) = (next.volta, next.dir);
    }
    None
}

/// `devEngines.runtime`: one runtime, or several of which the first of this name counts.
fn development_runtime(runtime: JsRuntime, manifest: &PackageJson) -> Option<Requested<String>> {
    let field = manifest.json.at(&["devEngines", "runtime"])?;
    let all = if field.items().is_empty() { std::slice::from_ref(field) } else { field.items() };
    let own = all.iter().find(|one| one.text_of("name") == Some(runtime.name()))?;
    let version = own.get("version")?;
    let value = version.word()?.to_owned();
    Some(Requested { value, origin: manifest.line(version.line) })
}

/// Bun's version from `packageManager`.
fn package_manager(manifest: &PackageJson) -> Option<Requested<String>> {
    let named = manifest.package_manager.as_ref()?;
    let version = named.value.trim().strip_prefix("bun@")?;
    let value = version.split('+').next().unwrap_or_default().to_owned();
    Some(Requested { value, origin: named.origin.clone() })
}
