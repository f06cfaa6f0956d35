//! Packages become one root: their trees are merged, conflicts are found, and what maintainer scripts
//! would have made is added: usr-merge links, accounts, alternatives, the CA bundle, the linker's
//! cache, the package database for scanners.
//!
//! A root is a function of the packages as a set: their order does not matter.

use std::collections::{BTreeMap, BTreeSet};

use packwright_oci::{Digest, Node, RelPath, Tree};

use crate::deb::Unpacked;
use crate::elf::Library;
use crate::scripts::{self, ScriptEffects, Unsupported};
use crate::{certificates, ldcache};

mod accounts;
mod builder;
mod merge;
mod registries;

pub use accounts::{Account, Accounts};
use builder::RootBuilder;
use registries::media_types;

/// A composed root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// All files. Their contents are those that `unpack` wrote to its sinks, and those in `made`.
    pub tree: Tree,
    /// The contents of files that no package brings, by digest.
    pub made: BTreeMap<Digest, Vec<u8>>,
    /// What was done, or left undone, in place of maintainer scripts; sorted.
    pub notes: Vec<Note>,
}

/// A remark about one package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The package.
    pub package: String,
    /// What its scripts do, and why that may be left undone or how it was replaced.
    pub text: String,
}

/// Why packages do not make a root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// Scripts with unknown commands, of packages that are not reviewed. All of them, sorted by package.
    #[error("unsupported maintainer script: {}", list(scripts))]
    UnsupportedScripts {
        /// The scripts.
        scripts: Vec<Unsupported>,
    },
    /// Two packages bring the same path with different content.
    #[error("`{path}` is in both `{first}` and `{second}`")]
    FileConflict {
        /// The path.
        path: RelPath,
        /// A package that has it.
        first: String,
        /// Another one.
        second: String,
    },
    /// A package is given twice.
    #[error("the package `{package}` is given twice")]
    Twice {
        /// The package.
        package: String,
    },
    /// A path that every root has cannot be added to the packages' tree.
    #[error("`{path}` cannot be made: {reason}")]
    Blocked {
        /// The path.
        path: String,
        /// Why.
        reason: String,
    },
}

fn list(scripts: &[Unsupported]) -> String {
    let one = |script: &Unsupported| format!("{} of `{}` (`{}`)", script.script, script.package, script.line);
    scripts.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl RootError {
    /// What to do about it.
    pub fn fix(&self) -> String {
        match self {
            RootError::UnsupportedScripts { scripts } => {
                let names: BTreeSet<&str> = scripts.iter().map(|script| script.package.as_str()).collect();
                let names: Vec<&str> = names.into_iter().collect();
                format!("do without {}, or use an OCI image that has it as the base", names.join(", "))
            }
            RootError::FileConflict { first, second, .. } => format!("do without `{first}` or `{second}`"),
            RootError::Twice { .. } => "give each package once".to_owned(),
            RootError::Blocked { .. } => "do without the package that has it".to_owned(),
        }
    }
}

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

/// Follows symbolic links inside the tree; `None` when the end is not there.
pub(crate) fn resolve(tree: &Tree, path: &str) -> Option<RelPath> {
    let mut todo: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
    let mut at: Vec<String> = Vec::new();
    let mut steps = 0;
    while let Some(part) = todo.pop() {
        steps += 1;
        // As many links as Linux follows, with room for the parts between.
        if steps > 400 {
            return None;
        }
        match part.as_str() {
            "" | "." => continue,
            ".." => {
                at.pop();
                continue;
            }
            _ => at.push(part),
        }
        if let Node::Symlink { target } = &tree.get(&at.join("/"))?.node {
            at.pop();
            if target.starts_with('/') {
                at.clear();
            }
            todo.extend(target.split('/').rev().map(str::to_owned));
        }
    }
    at.join("/").parse().ok()
}

#[cfg(test)]
mod tests;
