//! The Debian archive's answer to a plan's packages: signed indexes, a solve, a list of packages
//! with their layers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::UNIX_EPOCH;

use packwright_debian::solve::SolveError;
use packwright_debian::{
    Index, Mirror, Packages, Pocket, RULES_VERSION, Release, Request, Solution, SolvedPackage, Substituted,
    Suite, solve,
};
use packwright_oci::{Digest, Hasher};
use packwright_planner::{AskedBy, LayerKind, LockedPackage, LockedRelease, Package, Scope};
use serde::{Deserialize, Serialize};

use crate::context::BuildContext;
use crate::error::BuildError;
use crate::fetch::{fetch_blobs, fetch_bytes};
use crate::namespace::{INDEX, SOLVE};

/// What the archive answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ResolvedPackages {
    pub(crate) releases: Vec<LockedRelease>,
    pub(crate) packages: Vec<LockedPackage>,
    pub(crate) substituted: Vec<String>,
}

/// Largest signed index we take: they are about 150 kB.
const INRELEASE_MAX: u64 = 16 << 20;

/// The layers that packages can be in, from the bottom up.
const PACKAGE_LAYERS: [LayerKind; 3] = [LayerKind::Base, LayerKind::Runtime, LayerKind::System];

/// Asks the archive of `suite` for `wanted` and all it depends on.
///
/// Signed indexes younger than the context's `max_age` are taken from the store; the solve is
/// done once for the same indexes and the same requests.
pub(crate) fn ask(
    context: &BuildContext<'_>,
    suite: &str,
    wanted: &[Package],
) -> Result<ResolvedPackages, BuildError> {
    let suite = Suite::debian(suite)?;
    let mirror = context.mirror.as_ref().ok_or(BuildError::NoMirror)?;
    let releases = releases(context, &suite, mirror)?;
    let key = question(context, &releases, wanted);
    if let Some(answer) = context.store.record::<ResolvedPackages>(SOLVE, &key)? {
        return Ok(answer.value);
    }
    let index = index(context, &suite, mirror, &releases)?;
    let answer = ResolvedPackages {
        releases: releases
            .iter()
            .map(|release| LockedRelease {
                pocket: release.pocket.clone(),
                date: release.date,
                digest: release.digest,
            })
            .collect(),
        ..choose(&index, wanted)?
    };
    context.store.put_record(SOLVE, &key, &answer)?;
    Ok(answer)
}

/// What a record of a signed index holds; its age is the record's own.
#[derive(Serialize, Deserialize)]
struct CachedIndex {
    blob: Digest,
}

pub(crate) fn releases(
    context: &BuildContext<'_>,
    suite: &Suite,
    mirror: &Mirror,
) -> Result<Vec<Release>, BuildError> {
    suite.pockets.iter().map(|pocket| release(context, suite, pocket, mirror)).collect()
}

pub(crate) fn release(
    context: &BuildContext<'_>,
    suite: &Suite,
    pocket: &Pocket,
    mirror: &Mirror,
) -> Result<Release, BuildError> {
    let now = context.now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let url = format!("{}/{}", mirror.base(pocket)?, pocket.inrelease_path());
    let key = Digest::of(url.as_bytes());
    if let Some(seen) = context.store.record::<CachedIndex>(INDEX, &key)? {
        // One that is gone, damaged or no longer valid is fetched anew.
        if context.is_current(seen.written)
            && let Ok(bytes) = context.store.blob(&seen.value.blob)
            && let Ok(release) = Release::verify(&bytes, suite, pocket, now)
        {
            return Ok(release);
        }
    }
    let bytes = fetch_bytes(context, &url, INRELEASE_MAX)?;
    let release = Release::verify(&bytes, suite, pocket, now)?;
    let (blob, _) = context.store.add_blob(&mut bytes.as_slice(), None)?;
    context.store.put_record(INDEX, &key, &CachedIndex { blob })?;
    Ok(release)
}

fn question(context: &BuildContext<'_>, releases: &[Release], wanted: &[Package]) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update_framed(b"solve");
    hasher.update_framed(RULES_VERSION.to_string().as_bytes());
    hasher.update_framed(context.architecture.name().as_bytes());
    for release in releases {
        hasher.update_framed(release.digest.hex().as_bytes());
    }
    let wanted: BTreeSet<String> = wanted
        .iter()
        .map(|package| format!("{:?} {:?} {}", package.scope, package.layer, package.name))
        .collect();
    for request in wanted {
        hasher.update_framed(request.as_bytes());
    }
    hasher.finish()
}

pub(crate) fn index(
    context: &BuildContext<'_>,
    suite: &Suite,
    mirror: &Mirror,
    releases: &[Release],
) -> Result<Index, BuildError> {
    let mut wanted = Vec::new();
    for release in releases {
        let pocket = suite.pocket(&release.pocket)?;
        for file in release.package_indexes(suite, context.architecture.name())? {
            let url = format!("{}/{}", mirror.base(pocket)?, file.path);
            wanted.push((pocket, file, url));
        }
    }
    let requests: Vec<(String, Digest, u64)> =
        wanted.iter().map(|(_, file, url)| (url.clone(), file.digest, file.size)).collect();
    fetch_blobs(context, "package indexes", &requests)?;
    let mut parsed = Vec::new();
    for (pocket, file, _) in &wanted {
        let bytes = context.store.blob(&file.digest)?;
        parsed.push(Packages::read(file, pocket, &bytes)?);
    }
    Ok(Index::new(context.architecture.name(), parsed)?)
}

/// Solves once for what each layer and those below it want, then for everything, and puts each
/// package into the lowest layer that needs it.
fn choose(index: &Index, wanted: &[Package]) -> Result<ResolvedPackages, BuildError> {
    let solved = |keep: &dyn Fn(&Package) -> bool| -> Result<Solution, BuildError> {
        let requests: Result<Vec<Request>, _> = wanted
            .iter()
            .filter(|package| keep(package))
            .map(|package| Request::parse(&package.name))
            .collect();
        solve(index, &requests?, Substituted::standard()).map_err(|error| with_origins(error, wanted))
    };
    let mut layer_of: BTreeMap<String, LayerKind> = BTreeMap::new();
    let mut run = Vec::new();
    let mut substituted: BTreeSet<String> = BTreeSet::new();
    for layer in PACKAGE_LAYERS {
        let solution = solved(&|package| package.scope == Scope::Run && package.layer <= layer)?;
        for chosen in &solution.packages {
            layer_of.entry(chosen.name.clone()).or_insert(layer);
        }
        substituted.extend(solution.substituted);
        run = solution.packages;
    }
    let build = solved(&|_| true)?;
    substituted.extend(build.substituted);
    let mut packages: BTreeMap<String, LockedPackage> = BTreeMap::new();
    for chosen in run {
        let layer = layer_of.get(&chosen.name).copied().unwrap_or(LayerKind::System);
        packages.insert(chosen.name.clone(), locked(chosen, Scope::Run, layer));
    }
    for chosen in build.packages {
        let name = chosen.name.clone();
        packages.entry(name).or_insert_with(|| locked(chosen, Scope::Build, LayerKind::System));
    }
    Ok(ResolvedPackages {
        releases: Vec::new(),
        packages: packages.into_values().collect(),
        substituted: substituted.into_iter().collect(),
    })
}

/// `error` with the files, or the steps, that ask for what cannot be had.
fn with_origins(error: SolveError, wanted: &[Package]) -> BuildError {
    let SolveError::Unsolvable { requests, .. } = &error else { return error.into() };
    let asks = |package: &&Package| {
        Request::parse(&package.name).is_ok_and(|request| requests.iter().any(|one| one == request.as_str()))
    };
    let requested: BTreeSet<String> =
        wanted.iter().filter(asks).map(|package| format!("`{}`: {}", package.name, package.why)).collect();
    match requested.is_empty() {
        true => error.into(),
        false => BuildError::Unsolvable { requested: requested.into_iter().collect(), error },
    }
}

pub(crate) fn locked(chosen: SolvedPackage, scope: Scope, layer: LayerKind) -> LockedPackage {
    LockedPackage {
        name: chosen.name,
        version: chosen.version,
        architecture: chosen.architecture,
        scope,
        layer,
        asked_by: AskedBy::Plan,
        pocket: chosen.pocket,
        path: chosen.path,
        size: chosen.size,
        digest: chosen.digest,
    }
}

/// The address of `package` below `mirror`.
pub(crate) fn address(suite: &str, mirror: &Mirror, package: &LockedPackage) -> Result<String, BuildError> {
    let suite = Suite::debian(suite)?;
    let base = mirror.base(suite.pocket(&package.pocket)?)?;
    Ok(format!("{base}/{}", package.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_is_not_there_is_told_with_the_file_that_asks_for_it() {
        let index = Index::new("amd64", Vec::new()).unwrap();
        let asked = |name: &str, why: &str| Package {
            name: name.to_owned(),
            scope: Scope::Run,
            layer: LayerKind::System,
            why: why.to_owned(),
        };
        let wanted = [asked("toy", "Aptfile:2 asks for it"), asked("toy", "render.yaml:4 asks for it")];
        let error = choose(&index, &wanted).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no set of packages satisfies the requests: `toy` is requested, which no package is or provides \
             (`toy`: Aptfile:2 asks for it; `toy`: render.yaml:4 asks for it)"
        );
        assert!(error.fix().is_some());
    }
}
