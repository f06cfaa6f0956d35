//! The kinds of work whose results the engine keeps. The names are part of the store's format
//! and of what caches share: a result of another shape gets another name.

use packwright_store::Namespace;

/// What a step left behind, by the step's key.
pub(crate) const STEP: Namespace = Namespace::new("step");

/// What entered a step while its result was made, by the step's key.
pub(crate) const ENTERED: Namespace = Namespace::new("entered");

/// An encoded layer's bytes, by its tree and how it is encoded.
pub(crate) const LAYER: Namespace = Namespace::new("encoded-layer");

/// A solved set of packages, by the request and the indexes.
pub(crate) const SOLVE: Namespace = Namespace::new("solve");

/// A downloaded index, by its address.
pub(crate) const INDEX: Namespace = Namespace::new("index");

/// An answer that a step got through the gateway, by what was asked.
pub(crate) const DOWNLOAD: Namespace = Namespace::new("download");

/// An unpacked package, by the package's digest.
pub(crate) const PACKAGE: Namespace = Namespace::new("package");

/// A root composed of packages, by these.
pub(crate) const BASE: Namespace = Namespace::new("base");

/// What a step's key was made of the last time, by lineage and step.
pub(crate) const LAST_TIME: Namespace = Namespace::new("last-time");

/// A cache of steps, by its name; it has locks and no results.
pub(crate) const CACHE: Namespace = Namespace::new("cache");

/// A random number, made once in each store.
pub(crate) const SALT: Namespace = Namespace::new("salt");

/// What the closing check found, by the image's configuration.
pub(crate) const VERIFIED: Namespace = Namespace::new("verified");

/// What the files that steps fetched lack, by these files and the packages below them.
pub(crate) const LACKING: Namespace = Namespace::new("lacking");

/// The packages that come to a solved set, by the set, the indexes and what is missing.
pub(crate) const GROWN: Namespace = Namespace::new("grown");

/// An index of files that no release file lists, by its address.
pub(crate) const CONTENTS: Namespace = Namespace::new("contents");
