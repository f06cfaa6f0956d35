//! [`Index`]: the packages of several pockets as one sorted list with their providers. It answers look-ups
//! and chooses no package.

use std::cmp::Ordering;

use crate::packages::{Package, Packages};
use crate::relation::{self, Alternative, Operator};
use crate::version;

/// Several [`Packages`] merged, for one architecture. The numbering of packages depends on
/// their names, versions and digests alone, not on the order in which indexes were given.
#[derive(Debug, Clone)]
pub struct Index {
    architecture: String,
    sources: Vec<Packages>,
    /// (source, place), sorted by name, then newest version first.
    order: Vec<(u32, u32)>,
    /// Packages with a `Provides` field, with what they provide; sorted by provided name.
    provided: Vec<Provided>,
}

/// Number of a package in an [`Index`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(pub(crate) u32);

#[derive(Debug, Clone, Copy)]
struct Provided {
    package: PackageId,
    /// Place of the name and the version in the package's `Provides` field.
    name: (u32, u32),
    version: Option<(u32, u32)>,
}

/// Why an index cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// A `Provides` field is malformed.
    #[error("the package `{package}` {version} provides something unreadable: `{part}`")]
    Provides {
        /// The package.
        package: String,
        /// Its version.
        version: String,
        /// The unreadable part.
        part: String,
    },
}

impl IndexError {
    /// What to do about it.
    pub fn fix(&self) -> String {
        "use another mirror".to_owned()
    }
}

impl Index {
    /// Merges indexes of one architecture. A package that is in several pockets with the same
    /// content counts once, as that of the pocket whose name sorts first.
    ///
    /// Errors: an unreadable `Provides`.
    pub fn new(architecture: &str, sources: Vec<Packages>) -> Result<Index, IndexError> {
        let mut order = Vec::with_capacity(sources.iter().map(Packages::len).sum());
        for (source, packages) in sources.iter().enumerate() {
            for (place, package) in packages.iter().enumerate() {
                if [architecture, "all"].contains(&package.architecture()) {
                    order.push((source as u32, place as u32));
                }
            }
        }
        let package = |at: &(u32, u32)| sources[at.0 as usize].at(at.1 as usize);
        order.sort_by(|left, right| by_name_and_version(&package(left), &package(right)));
        order.dedup_by(|right, left| {
            let (left, right) = (package(left), package(right));
            left.name() == right.name()
                && left.version() == right.version()
                && left.digest() == right.digest()
        });
        let mut index = Index { architecture: architecture.to_owned(), sources, order, provided: Vec::new() };
        index.provided = index.collect_provided()?;
        Ok(index)
    }

    /// The architecture it is for.
    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    /// The package of this number.
    pub fn package(&self, id: PackageId) -> Package<'_> {
        let (source, place) = self.order[id.0 as usize];
        self.sources[source as usize].at(place as usize)
    }

    /// All versions of the package called `name`, newest first.
    pub fn named(&self, name: &str) -> impl DoubleEndedIterator<Item = PackageId> + use<> {
        let start =
            self.order.partition_point(|at| self.sources[at.0 as usize].at(at.1 as usize).name() < name);
        let end =
            self.order.partition_point(|at| self.sources[at.0 as usize].at(at.1 as usize).name() <= name);
        (start as u32..end as u32).map(PackageId)
    }

    /// The packages that provide `name`, by name and newest first, with the version provided.
    pub fn providers(&self, name: &str) -> impl Iterator<Item = (PackageId, Option<&str>)> {
        let start = self.provided.partition_point(|one| self.provided_name(one) < name);
        let end = self.provided.partition_point(|one| self.provided_name(one) <= name);
        self.provided[start..end].iter().map(|one| {
            let text = self.package(one.package).provides_text();
            (one.package, one.version.map(|(from, to)| &text[from as usize..to as usize]))
        })
    }

    /// The packages that satisfy `alternative`: those of its name, newest first, then those
    /// that provide it, the more basic ones first.
    pub fn candidates(&self, alternative: &Alternative<'_>) -> Vec<PackageId> {
        if !alternative.is_for(&self.architecture) {
            return Vec::new();
        }
        let mut found: Vec<PackageId> = self
            .named(alternative.name)
            .filter(|id| alternative.accepts(self.package(*id).version()))
            .collect();
        let mut providers: Vec<PackageId> = self
            .providers(alternative.name)
            .filter(|(_, version)| alternative.accepts_provided(*version))
            .map(|(id, _)| id)
            .filter(|id| !found.contains(id))
            .collect();
        providers.sort_by_key(|id| (self.package(*id).priority(), *id));
        providers.dedup();
        found.extend(providers);
        found
    }

    fn provided_name(&self, one: &Provided) -> &str {
        &self.package(one.package).provides_text()[one.name.0 as usize..one.name.1 as usize]
    }

    fn collect_provided(&self) -> Result<Vec<Provided>, IndexError> {
        let mut provided = Vec::new();
        for at in 0..self.order.len() as u32 {
            let package = self.package(PackageId(at));
            let text = package.provides_text();
            let place = |part: &str| {
                // Both are slices of the same text.
                let start = part.as_ptr() as usize - text.as_ptr() as usize;
                (start as u32, (start + part.len()) as u32)
            };
            for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                let fail = || IndexError::Provides {
                    package: package.name().to_owned(),
                    version: package.version().to_owned(),
                    part: part.to_owned(),
                };
                let alternative =
                    relation::parse_alternative(part, &self.architecture).map_err(|_| fail())?;
                let Some(Alternative { name, version, .. }) = alternative else { continue };
                let version = match version {
                    Some((Operator::Equal, version)) => Some(place(version)),
                    Some(_) => return Err(fail()),
                    None => None,
                };
                provided.push(Provided { package: PackageId(at), name: place(name), version });
            }
        }
        // Stable: within a name the packages stay in the order of their numbers.
        provided.sort_by(|left, right| self.provided_name(left).cmp(self.provided_name(right)));
        Ok(provided)
    }
}

fn by_name_and_version(left: &Package<'_>, right: &Package<'_>) -> Ordering {
    left.name()
        .cmp(right.name())
        .then_with(|| version::compare(right.version(), left.version()))
        // Equal versions can be spelled differently, or be different builds.
        .then_with(|| left.version().cmp(right.version()))
        .then_with(|| left.digest().cmp(&right.digest()))
        .then_with(|| left.pocket().cmp(right.pocket()))
}

#[cfg(test)]
mod tests;
