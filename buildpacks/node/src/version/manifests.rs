//! What manifests say about the versions of runtimes. Judges nothing.

use packwright_buildpack::planner::Requested;
use packwright_buildpack::version::{Manifests, Notation};

use super::runtime::JsRuntime;
use crate::manifest::PackageJson;

/// All that the manifests of the package `app` and of the workspace's root say. Of two fields of one
/// name, the package's own counts.
pub(super) fn requests(runtime: JsRuntime, root: &PackageJson, app: &PackageJson) -> Manifests {
    let first =
        |read: &dyn Fn(&PackageJson) -> Option<Requested<String>>| [app, root].into_iter().find_map(read);
    let pin = first(&package_manager).filter(|_| runtime == JsRuntime::Bun);
    let volta = first(&|manifest| manifest.volta.get("node").cloned()).filter(|_| runtime == JsRuntime::Node);
    let ranges = [
        first(&|manifest| development_runtime(runtime, manifest)),
        first(&|manifest| manifest.engines.get(runtime.name()).cloned()),
    ];
    let volta = volta.map(|volta| (volta, Notation::Version));
    let ranges = ranges.into_iter().flatten().map(|range| (range, Notation::Range));
    Manifests { pins: pin.into_iter().collect(), requests: volta.into_iter().chain(ranges).collect() }
}

/// `devEngines.runtime`: one runtime, or several of which the first of this name counts.
fn development_runtime(runtime: JsRuntime, manifest: &PackageJson) -> Option<Requested<String>> {
    let field = manifest.json.at(&["devEngines", "runtime"])?;
    let all = if field.items().is_empty() { std::slice::from_ref(field) } else { field.items() };
    let own = all.iter().find(|one| one.text_of("name") == Some(runtime.name()))?;
    let version = own.get("version")?;
    let value = version.text()?.to_owned();
    Some(Requested { value, origin: manifest.line(version.line) })
}

/// Bun's version from `packageManager`.
fn package_manager(manifest: &PackageJson) -> Option<Requested<String>> {
    let named = manifest.package_manager.as_ref()?;
    let version = named.value.trim().strip_prefix("bun@")?;
    let value = version.split('+').next().unwrap_or_default().to_owned();
    Some(Requested { value, origin: named.origin.clone() })
}
