//! Node packages in an image: native modules that none of the image's platform is among, and links in `node_modules`
//! that lead nowhere.
//!
//! Source: npm, package.json ("os", "cpu"); Node.js, "C++ addons".

use std::collections::BTreeMap;

use packwright_oci::{Node, RelPath};
use packwright_planner::Diagnostic;

use crate::files::{Files, Kind, Unreadable};
use crate::findings::listed;
use crate::image::Image;
use crate::libraries::loads;
use crate::loader::Loader;
use crate::place::is_of_distribution;

/// Largest manifest that is read, in bytes.
const MANIFEST_MAX: u64 = 4 << 20;

/// What Node packages lack.
pub(crate) fn findings(image: &Image<'_>, files: &Files<'_>) -> Result<Vec<Diagnostic>, Unreadable> {
    let mut found = native_modules(image, files)?;
    found.extend(links(files));
    Ok(found)
}

/// Packages with native modules of which none can be loaded here.
fn native_modules(image: &Image<'_>, files: &Files<'_>) -> Result<Vec<Diagnostic>, Unreadable> {
    let Some(loader) = Loader::of(image, files)? else { return Ok(Vec::new()) };
    // By package: its modules, and whether one of them can be loaded.
    let mut packages: BTreeMap<RelPath, (Vec<RelPath>, bool)> = BTreeMap::new();
    for (path, entry) in files.tree.iter() {
        if !matches!(entry.node, Node::File { .. })
            || !path.name().ends_with(".node")
            || is_of_distribution(path)
        {
            continue;
        }
        let fits = match &*files.kind(path)? {
            Kind::Elf(elf) => loads(&loader, elf),
            Kind::BrokenElf | Kind::Foreign(_) => false,
            // A file that is only called so.
            Kind::Script(_) | Kind::Other => continue,
        };
        let Some(package) = package_of(path) else { continue };
        let (modules, any_fits) = packages.entry(package).or_default();
        modules.push(path.clone());
        *any_fits |= fits;
    }
    let mut found = Vec::new();
    for (package, (modules, any_fits)) in packages {
        if !any_fits && !is_for_others(files, &package)? {
            found.push(
                Diagnostic::warning(
                    "verify/native-module",
                    format!(
                        "the package `/{package}` has no native module for linux/{}: {}",
                        loader.name(),
                        listed(&modules)
                    ),
                )
                .why("it was installed on another platform, or its install script did not run")
                .fix("let the build install it: leave `node_modules` out of the source"),
            );
        }
    }
    Ok(found)
}

/// The directory of the package that `path` belongs to, when it is an installed one.
fn package_of(path: &RelPath) -> Option<RelPath> {
    let (before, inside) = path.as_str().rsplit_once("node_modules/")?;
    let mut parts = inside.split('/');
    let name = parts.next()?;
    let name = match name.starts_with('@') {
        true => format!("{name}/{}", parts.next()?),
        false => name.to_owned(),
    };
    format!("{before}node_modules/{name}").parse().ok()
}

/// Whether the package says that it is for certain platforms: package managers install those for others on purpose.
fn is_for_others(files: &Files<'_>, package: &RelPath) -> Result<bool, Unreadable> {
    let Ok(manifest) = package.join("package.json") else { return Ok(false) };
    let Some(text) = files.text(&manifest, MANIFEST_MAX)? else { return Ok(false) };
    let Ok(manifest) = serde_json::from_str::<serde_json::Value>(&text) else { return Ok(false) };
    Ok(["os", "cpu", "libc"].iter().any(|key| manifest.get(key).is_some_and(|value| !value.is_null())))
}

/// Links to packages and programs in `node_modules` that lead nowhere in the image.
fn links(files: &Files<'_>) -> Option<Diagnostic> {
    let lost: Vec<RelPath> = files
        .tree
        .iter()
        .filter(|(path, entry)| {
            matches!(entry.node, Node::Symlink { .. })
                && is_package_or_program(path)
                && !is_of_distribution(path)
                && files.find(path.as_str()).is_none()
        })
        .map(|(path, _)| path.clone())
        .collect();
    let finding = || {
        Diagnostic::warning(
            "verify/link-lost",
            format!("links in `node_modules` lead to nothing in the image: {}", listed(&lost)),
        )
        .why("what they point at lies outside of the source, or was left out of the image")
        .fix("build from the directory that holds what they point at, or depend on it by version")
    };
    (!lost.is_empty()).then(finding)
}

/// Whether `path` is an entry of `node_modules`, of a scope there, or of `node_modules/.bin`.
fn is_package_or_program(path: &RelPath) -> bool {
    let Some((_, inside)) = path.as_str().rsplit_once("node_modules/") else { return false };
    match inside.split_once('/') {
        None => true,
        Some((dir, name)) => (dir.starts_with('@') || dir == ".bin") && !name.contains('/'),
    }
}
