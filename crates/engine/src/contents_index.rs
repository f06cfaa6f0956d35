//! Which packages of the Debian archive bring what an image lacks, asked of the archive's own index of files. The index
//! is fetched when something is missing and never else, is checked through the signed release file, and is kept in the
//! store.
//!
//! Many mirrors have another day's index, or refuse its address by digest. Then today's file of its name is asked, which
//! nothing verifies: it names packages, and each of these is checked through the release file and must really hold the
//! library before it counts (`added.rs`).

use std::collections::{BTreeMap, BTreeSet};

use packwright_debian::contents::{library_package, packages_with, packages_with_unverified};
use packwright_debian::{IndexFile, Mirror, Pocket, Release, Suite};
use packwright_oci::Digest;
use packwright_planner::Diagnostic;
use packwright_verify::Missing;
use serde::{Deserialize, Serialize};

use crate::archive;
use crate::context::{Architecture, BuildContext};
use crate::error::BuildError;
use crate::event::Event;
use crate::fetch::{fetch_blobs, fetch_bytes};
use crate::namespace::CONTENTS;

/// Largest index that is fetched without a release file that says its size: those of Debian have 13 MB.
const UNVERIFIED_MAX: u64 = 256 << 20;

/// The record of an index that no release file lists; its age is the record's own.
#[derive(Serialize, Deserialize)]
struct Unverified {
    blob: Digest,
}

/// What the index says.
type Holding = BTreeMap<String, BTreeSet<String>>;

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
    let mut holding = Holding::new();
    for component in &suite.components {
        let Some(file) = release.contents_index(component, context.architecture.name()) else { continue };
        let found = match verified(context, mirror, pocket, &file, &wanted) {
            Err(BuildError::Remote(error)) if !error.is_transient() => {
                unverified(context, mirror, pocket, &release, &file, &wanted)?
            }
            found => found?,
        };
        for (path, packages) in found {
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

/// What the index has that the release file lists.
fn verified(
    context: &BuildContext<'_>,
    mirror: &Mirror,
    pocket: &Pocket,
    file: &IndexFile,
    wanted: &BTreeSet<String>,
) -> Result<Holding, BuildError> {
    let url = format!("{}/{}", mirror.base(pocket)?, file.path);
    fetch_blobs(context, "the index of files", &[(url, file.digest, file.size)])?;
    Ok(packages_with(file, &context.store.blob(&file.digest)?, wanted)?)
}

/// What another day's index has.
fn unverified(
    context: &BuildContext<'_>,
    mirror: &Mirror,
    pocket: &Pocket,
    release: &Release,
    file: &IndexFile,
    wanted: &BTreeSet<String>,
) -> Result<Holding, BuildError> {
    let url = format!("{}/{}", mirror.base(pocket)?, release.plain_path(&file.name));
    let key = Digest::of(url.as_bytes());
    let kept = context.store.record::<Unverified>(CONTENTS, &key)?;
    let kept = kept
        .filter(|seen| context.is_current(seen.written))
        .and_then(|seen| context.store.blob(&seen.value.blob).ok());
    let bytes = match kept {
        Some(bytes) => bytes,
        None => {
            let message = "the mirror has another index of files than its release file lists";
            let why = "the packages that it names are checked by what they hold";
            context.tell(Event::Noticed(Diagnostic::info("verify/index", message).why(why)));
            let bytes = fetch_bytes(context, &url, UNVERIFIED_MAX)?;
            let (blob, _) = context.store.add_blob(&mut bytes.as_slice(), None)?;
            context.store.put_record(CONTENTS, &key, &Unverified { blob })?;
            bytes
        }
    };
    Ok(packages_with_unverified(file, &bytes, wanted)?)
}

/// Where packages have it, from the root.
pub(crate) fn places_of(missing: &Missing, architecture: Architecture) -> Vec<String> {
    places(missing, triple(architecture))
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
