//! [`grow`]: packages that come to a solved set, which stays as it is: every package in it keeps its version and its
//! layer. Knows nothing of libraries.

use std::collections::{BTreeMap, BTreeSet};

use packwright_debian::solve::SolveError;
use packwright_debian::{Index, RULES_VERSION, Request, Substituted, Suite, solve};
use packwright_oci::Hasher;
use packwright_planner::{AskedBy, LayerKind, LockedPackage, Scope};
use serde::{Deserialize, Serialize};

use crate::archive;
use crate::context::BuildContext;
use crate::error::BuildError;
use crate::namespace::GROWN;

/// What a package may cost that nothing is known to need, in bytes of download with all that comes with it: a library
/// of a window system's protocol or of a compiler's run time costs less, a set of codecs or a browser's toolkit more.
pub(crate) const OPTIONAL_MAX: u64 = 8 << 20;

/// What a package may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Cost {
    /// Anything.
    Any,
    /// [`OPTIONAL_MAX`].
    Bounded,
}

/// A package that may come to the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Candidate {
    pub(crate) cost: Cost,
    pub(crate) name: String,
}

/// A set that has grown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Growth {
    /// All packages, sorted by name.
    pub(crate) packages: Vec<LockedPackage>,
    /// Packages whose work is done by ours in their place, of those that came.
    pub(crate) substituted: BTreeSet<String>,
    /// The candidates that came.
    pub(crate) taken: BTreeSet<String>,
}

/// Adds the `candidates` to the packages of the image among `known`, with what they depend on, into the layer of system
/// packages. A candidate that cannot be beside the others, or costs too much, is left out; those of any cost come
/// first. Asks the archive of `suite` as [`archive::ask`] does; the answer is kept.
pub(crate) fn grow(
    context: &BuildContext<'_>,
    suite: &str,
    known: &[LockedPackage],
    candidates: &BTreeSet<Candidate>,
    asked_by: AskedBy,
) -> Result<Growth, BuildError> {
    let suite = Suite::debian(suite)?;
    let mirror = context.mirror.as_ref().ok_or(BuildError::NoMirror)?;
    let releases = archive::releases(context, &suite, mirror)?;
    let mut hasher = Hasher::new();
    hasher.update_framed(RULES_VERSION.to_string().as_bytes());
    hasher.update_framed(context.architecture.name().as_bytes());
    for release in &releases {
        hasher.update_framed(release.digest.hex().as_bytes());
    }
    let question = serde_json::to_vec(&(known, candidates, asked_by)).expect("packages are plain values");
    hasher.update_framed(&question);
    let key = hasher.finish();
    if let Some(answer) = context.store.record::<Growth>(GROWN, &key)? {
        return Ok(answer.value);
    }
    let index = archive::index(context, &suite, mirror, &releases)?;
    let growth = grown(&index, known, candidates, asked_by)?;
    context.store.put_record(GROWN, &key, &growth)?;
    Ok(growth)
}

fn grown(
    index: &Index,
    known: &[LockedPackage],
    candidates: &BTreeSet<Candidate>,
    asked_by: AskedBy,
) -> Result<Growth, BuildError> {
    let mut packages: BTreeMap<String, LockedPackage> =
        known.iter().map(|package| (package.name.clone(), package.clone())).collect();
    let of_image = known.iter().filter(|package| package.scope == Scope::Run);
    let exact =
        |package: &LockedPackage| Request::parse(&format!("{} (= {})", package.name, package.version));
    let mut requests: Vec<Request> = of_image.map(exact).collect::<Result<_, _>>()?;
    let mut substituted = BTreeSet::new();
    let mut taken = BTreeSet::new();
    // Those of any cost are first in the order of the set.
    for candidate in candidates {
        if packages.get(&candidate.name).is_some_and(|package| package.scope == Scope::Run) {
            // An earlier one brought it.
            continue;
        }
        requests.push(Request::parse(&candidate.name)?);
        let solution = match solve(index, &requests, Substituted::standard()) {
            Ok(solution) => solution,
            Err(SolveError::Unsolvable { .. }) => {
                requests.pop();
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let is_new = |name: &str| packages.get(name).is_none_or(|package| package.scope == Scope::Build);
        let new: Vec<_> = solution.packages.into_iter().filter(|package| is_new(&package.name)).collect();
        let size: u64 = new.iter().map(|package| package.size).sum();
        if candidate.cost == Cost::Bounded && size > OPTIONAL_MAX {
            requests.pop();
            continue;
        }
        for package in new {
            // What was for the build is in the image now, and the steps have it as before.
            let asked_by = packages.get(&package.name).map_or(asked_by, |package| package.asked_by);
            let locked = archive::locked(package, Scope::Run, LayerKind::System);
            packages.insert(locked.name.clone(), LockedPackage { asked_by, ..locked });
        }
        substituted.extend(solution.substituted);
        taken.insert(candidate.name.clone());
    }
    Ok(Growth { packages: packages.into_values().collect(), substituted, taken })
}

#[cfg(test)]
mod tests {
    use packwright_debian::Packages;
    use packwright_oci::Digest;

    use super::*;

    /// Packages, a line for each: name, size in MiB, what it depends on.
    fn index(lines: &str) -> Index {
        let mut text = String::new();
        for line in lines.lines() {
            let mut words = line.trim().splitn(3, ' ');
            let (name, size) = (words.next().unwrap(), words.next().unwrap());
            let size = size.parse::<u64>().unwrap() << 20;
            text.push_str(&format!(
                "Package: {name}\nVersion: 2\nArchitecture: amd64\nFilename: pool/{name}\n"
            ));
            text.push_str(&format!("Size: {size}\nSHA256: {}\n", Digest::of(name.as_bytes()).hex()));
            if let Some(fields) = words.next() {
                text.push_str(&format!("{fields}\n"));
            }
            text.push('\n');
        }
        let packages = Packages::parse("Packages", "trixie", text.as_bytes()).unwrap();
        Index::new("amd64", vec![packages]).unwrap()
    }

    fn known(name: &str, scope: Scope, layer: LayerKind) -> LockedPackage {
        LockedPackage {
            name: name.to_owned(),
            version: "2".to_owned(),
            architecture: "amd64".to_owned(),
            scope,
            layer,
            asked_by: AskedBy::Plan,
            pocket: "trixie".to_owned(),
            path: format!("pool/{name}"),
            size: 1,
            digest: Digest::of(name.as_bytes()),
        }
    }

    fn said(index: &str, cost: Cost, names: &[&str]) -> Vec<String> {
        let known = [
            known("libc6", Scope::Run, LayerKind::Base),
            known("libx", Scope::Build, LayerKind::System),
            known("other", Scope::Run, LayerKind::System),
        ];
        let candidates = names.iter().map(|name| Candidate { cost, name: (*name).to_owned() }).collect();
        let growth = grown(&self::index(index), &known, &candidates, AskedBy::Downloads).unwrap();
        let line = |package: &LockedPackage| {
            let LockedPackage { name, scope, layer, asked_by, .. } = package;
            format!("{name} {scope:?} {layer:?} {asked_by:?}")
        };
        growth.packages.iter().map(line).collect()
    }

    const INDEX: &str = "libc6 1\nlibx 1 Depends: libc6\nother 1\nlibgl1 1 Depends: libx, mesa\nmesa 20\n\
        libgomp1 1\nalone 1 Conflicts: other";
    const BEFORE: [&str; 3] = ["libc6 Run Base Plan", "libx Build System Plan", "other Run System Plan"];

    #[test]
    fn what_comes_brings_what_it_depends_on_and_changes_nothing_below() {
        let expected = [
            "libc6 Run Base Plan",
            "libgl1 Run System Downloads",
            // For the image now; the steps that fetch had it before.
            "libx Run System Plan",
            "mesa Run System Downloads",
            "other Run System Plan",
        ];
        assert_eq!(said(INDEX, Cost::Any, &["libgl1"]), expected);
    }

    #[test]
    fn what_is_optional_comes_only_when_it_costs_little() {
        assert_eq!(said(INDEX, Cost::Bounded, &["libgl1"]), BEFORE);
        let with = said(INDEX, Cost::Bounded, &["libgl1", "libgomp1"]);
        assert_eq!(with[1..].first().unwrap(), "libgomp1 Run System Downloads");
        assert_eq!(with.len(), 4);
    }

    #[test]
    fn what_another_candidate_brings_is_not_taken_for_itself() {
        let names = ["libgl1", "mesa"].map(|name| Candidate { cost: Cost::Any, name: name.to_owned() });
        let growth = grown(&index(INDEX), &[], &names.into(), AskedBy::Image).unwrap();
        assert_eq!(growth.taken, BTreeSet::from(["libgl1".to_owned()]));
        assert_eq!(growth.packages.len(), 4);
    }

    #[test]
    fn what_cannot_be_beside_the_others_or_is_no_package_stays_out() {
        assert_eq!(said(INDEX, Cost::Any, &["alone", "gone"]), BEFORE);
    }
}
