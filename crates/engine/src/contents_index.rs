//! Which packages of the Debian archive bring what an image lacks, asked of the archive's own index of files. The index
//! is fetched when something is missing and never else, is checked through the signed release file, and is kept in the
//! store.

use std::collections::{BTreeMap, BTreeSet};

use packwright_debian::Suite;
use packwright_debian::contents::{library_package, packages_with};
use packwright_verify::Missing;

use crate::archive;
use crate::context::{Architecture, BuildContext};
use crate::error::BuildError;
use crate::fetch::fetch_blobs;

/// The package to take for each of `missing`, of the release of `suite` itself (security and other updates bring no new
/// libraries). What no package brings is left out, and all where the archive has no such index.
///
/// A library counts in the directories in which the loader looks by itself, a program in those of every image's `PATH`.
/// Of several packages with a library, [`library_package`] chooses; of several with a program, the one of its name, else
/// the first by the alphabet.
pub(crate) fn packages_for(
    context: &BuildContext<'_>,
    suite: &str,
    missing: &BTreeSet<Missing>,
) -> Result<BTreeMap<Missing, String>, BuildError> {
    let suite = Suite::debian(suite)?;
    let mirror = context.mirror.as_ref().ok_or(BuildError::NoMirror)?;
    let pocket = suite.pocket(&suite.codename)?;
    let release = archive::release(context, &suite, pocket, mirror)?;
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for missing in missing {
        wanted.extend(places(missing, triple(context.architecture)));
    }
    let mut holding: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for component in &suite.components {
        let Some(file) = release.contents_index(component, context.architecture.name()) else { continue };
        let url = format!("{}/{}", mirror.base(pocket)?, file.path);
        fetch_blobs(context, "the index of files", &[(url, file.digest, file.size)])?;
        for (path, packages) in packages_with(&file, &context.store.blob(&file.digest)?, &wanted)? {
            holding.entry(path).or_default().extend(packages);
        }
    }
    let package = |missing: &Missing| {
        let places = places(missing, triple(context.architecture));
        let packages: BTreeSet<String> =
            places.iter().filter_map(|path| holding.get(path)).flatten().cloned().collect();
        let chosen = match missing {
            Missing::Library(name) => library_package(name, &packages),
            Missing::Program(name) => packages.get(name).or(packages.first()).map(String::as_str),
        };
        chosen.map(str::to_owned)
    };
    Ok(missing.iter().filter_map(|missing| Some((missing.clone(), package(missing)?))).collect())
}

/// Where packages have it, from the root.
fn places(missing: &Missing, triple: &str) -> Vec<String> {
    match missing {
        Missing::Library(name) => ["usr/lib", "lib"]
            .iter()
            .flat_map(|dir| [format!("{dir}/{triple}/{name}"), format!("{dir}/{name}")])
            .collect(),
        Missing::Program(name) => {
            ["usr/bin", "bin", "usr/sbin", "sbin"].iter().map(|dir| format!("{dir}/{name}")).collect()
        }
    }
}

/// The architecture's part of the loader's default directories.
///
/// Source: Debian's table of multiarch tuples.
fn triple(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Amd64 => "x86_64-linux-gnu",
        Architecture::Arm64 => "aarch64-linux-gnu",
    }
}
