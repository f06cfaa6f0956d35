//! Packages become one root: their trees are merged, conflicts are found, and what maintainer scripts
//! would have made is added: usr-merge links, accounts, alternatives, the CA bundle, the linker's
//! cache, the package database for scanners.
//!
//! A root is a function of the packages as a set: their order does not matter.

use std::collections::BTreeMap;

use packwright_oci::RelPath;

use crate::deb::Unpacked;
use crate::elf::Library;
use crate::scripts::{self, ScriptEffects};
use crate::{certificates, ldcache};

mod accounts;
mod builder;
mod composed;
mod error;
mod merge;
mod registries;

pub use accounts::{Account, Accounts};
use builder::RootBuilder;
pub use composed::{Root, ScriptNote};
pub use error::RootError;
use registries::media_types;

/// Composes a root. The packages should be a closed set as [`crate::solve()`] returns it. A file whose
/// sources are in no package is left out: without certificates there is no CA bundle.
///
/// Errors: unsupported maintainer scripts, conflicting files.
pub fn compose(packages: &[&Unpacked], accounts: &Accounts) -> Result<Root, RootError> {
    let mut packages = packages.to_vec();
    packages.sort_by(|left, right| left.name.cmp(&right.name));
    if let Some(pair) = packages.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(RootError::Twice { package: pair[0].name.clone() });
    }
    let effects = all_effects(&packages)?;
    let tree = merge::merge(&packages)?;
    let mut builder = RootBuilder::new(tree);
    builder.directories(&packages)?;
    for (package, effects) in packages.iter().zip(&effects) {
        builder.reviewed(&package.name, effects)?;
    }
    let mut unsupported = Vec::new();
    for (package, effects) in packages.iter().zip(&effects) {
        unsupported.extend(builder.commands(&package.name, effects)?);
    }
    if !unsupported.is_empty() {
        return Err(RootError::UnsupportedScripts { scripts: unsupported });
    }
    builder.alternatives(&effects)?;
    builder.accounts(accounts, &packages)?;
    builder.shells(&packages)?;
    builder.time_zone()?;
    builder.name_services()?;
    if let Some((bundle, list)) = certificates::compose(packages.iter().flat_map(|package| &package.texts)) {
        builder.file("etc/ssl/certs/ca-certificates.crt", bundle, 0o644)?;
        builder.file("etc/ca-certificates.conf", list, 0o644)?;
    }
    registries(&mut builder, &packages)?;
    linker_cache(&mut builder, &packages)?;
    for package in &packages {
        builder.database(package)?;
    }
    Ok(builder.finish())
}

fn all_effects(packages: &[&Unpacked]) -> Result<Vec<ScriptEffects>, RootError> {
    let mut all = Vec::new();
    let mut unsupported = Vec::new();
    for package in packages {
        match scripts::effects(package) {
            Ok(effects) => all.push(effects),
            Err(script) => unsupported.push(script),
        }
    }
    if unsupported.is_empty() { Ok(all) } else { Err(RootError::UnsupportedScripts { scripts: unsupported }) }
}

fn registries(builder: &mut RootBuilder, packages: &[&Unpacked]) -> Result<(), RootError> {
    let sources: BTreeMap<&str, &str> = packages
        .iter()
        .flat_map(|package| &package.texts)
        .filter(|(path, _)| path.as_str().starts_with(media_types::SOURCES))
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let mut made = media_types::compose(&sources).map_err(|malformed| RootError::Blocked {
        path: "usr/share/mime".to_owned(),
        reason: format!("the description {} is malformed", malformed.what),
    })?;
    made.extend(registries::graphviz(builder.tree_mut()));
    made.extend(registries::image_loaders(builder.tree_mut()));
    for (path, bytes) in made {
        builder.bytes(&path, bytes, 0o644)?;
    }
    Ok(())
}

fn linker_cache(builder: &mut RootBuilder, packages: &[&Unpacked]) -> Result<(), RootError> {
    let libraries: BTreeMap<RelPath, Library> =
        packages.iter().flat_map(|package| package.libraries.clone()).collect();
    let configured: BTreeMap<&RelPath, &String> = packages
        .iter()
        .flat_map(|package| &package.texts)
        .filter(|(path, _)| {
            path.as_str().starts_with("etc/ld.so.conf.d/") && path.as_str().ends_with(".conf")
        })
        .collect();
    let configured: Vec<&str> = configured.into_values().map(String::as_str).collect();
    let architecture =
        packages.iter().map(|package| package.architecture.as_str()).find(|name| *name != "all");
    let Some(architecture) = architecture else { return Ok(()) };
    let cache = ldcache::compose(architecture, builder.tree_mut(), &libraries, &configured);
    match cache {
        Some(cache) => builder.bytes("etc/ld.so.cache", cache, 0o644),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
