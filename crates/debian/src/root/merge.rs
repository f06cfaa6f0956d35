//! Merges the packages' trees into one, with dpkg's rules for a path that several packages have. Reads no
//! content.
//!
//! Source: Debian Policy 7.6 (Replaces), dpkg's handling of shared directories.

use std::collections::BTreeMap;

use packwright_oci::{Entry, RelPath, Tree};

use super::error::RootError;
use crate::deb::Unpacked;
use crate::relation;

/// `packages` must be sorted by name.
pub(super) fn merge(packages: &[&Unpacked]) -> Result<Tree, RootError> {
    let mut owners: BTreeMap<&RelPath, (&Unpacked, &Entry)> = BTreeMap::new();
    for package in packages {
        for (path, entry) in package.tree.iter() {
            let Some((owner, there)) = owners.get(path).copied() else {
                owners.insert(path, (package, entry));
                continue;
            };
            let wins = match (there.is_dir(), entry.is_dir()) {
                // Attributes of a shared directory are those of base-files, or of the first.
                (true, true) => package.name == "base-files",
                _ if there == entry || there.node == entry.node => false,
                _ if replaces(package, owner) => true,
                _ if replaces(owner, package) => false,
                _ => {
                    return Err(RootError::FileConflict {
                        path: path.clone(),
                        first: owner.name.clone(),
                        second: package.name.clone(),
                    });
                }
            };
            if wins {
                owners.insert(path, (package, entry));
            }
        }
    }
    let mut tree = Tree::new();
    for (path, (owner, entry)) in owners {
        tree.insert(path.clone(), entry.clone()).map_err(|error| RootError::Blocked {
            path: format!("{path} of {}", owner.name),
            reason: error.to_string(),
        })?;
    }
    Ok(tree)
}

fn replaces(package: &Unpacked, other: &Unpacked) -> bool {
    let field = package.field("Replaces").unwrap_or_default();
    let relations = relation::parse(&field, &package.architecture).unwrap_or_default();
    relations
        .iter()
        .flat_map(|relation| &relation.alternatives)
        .any(|alternative| alternative.name == other.name && alternative.accepts(&other.version))
}
