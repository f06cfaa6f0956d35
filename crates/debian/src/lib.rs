//! The Debian archive format as pure functions: signed release files, package indexes, a
//! dependency solve, packages turned into trees, trees composed into a root.
//!
//! Sans-I/O: this crate says which path below a mirror to fetch and takes the bytes. It opens
//! no file, no socket, reads no clock and knows no mirror address. It must never run anything
//! of a package: maintainer scripts are read, not executed.
//!
//! # The call sequence
//!
//! ```text
//! let suite   = Suite::debian("trixie")?;                    // data: pockets, components, keys
//! let mirror  = sources::debian_mirror(&[(name, text)…])?    // or Mirror { … } from a flag
//!
//! for pocket in &suite.pockets {
//!     let base    = mirror.base(pocket)?;
//!     let bytes   = GET base + "/" + pocket.inrelease_path();
//!     let release = Release::verify(&bytes, &suite, pocket, now)?;  // signature, codename, dates
//!     for file in release.package_indexes(&suite, "amd64")? {       // path, size, digest
//!         let bytes = GET base + "/" + file.path;
//!         parsed.push(Packages::read(&file, pocket, &bytes)?);      // digest first, then parse
//!     }
//! }
//! let index    = Index::new("amd64", parsed)?;
//! let solution = solve(&index, &[Request::parse("bash")?, …], Substituted::standard())?;
//! for package in &solution.packages {                        // sorted by name
//!     let base  = mirror.base(suite.pocket(&package.pocket)?)?;
//!     let bytes = GET base + "/" + package.path;             // the file by its digest
//!     unpacked.push(unpack(package, bytes, &mut sink, &Rules::image())?);
//! }
//! let root = compose(&unpacked, &Accounts::standard())?;
//! for (digest, bytes) in root.made { store(bytes) }          // the files we made ourselves
//! root.tree                                                  // a packwright_oci::Tree
//! root.notes                                                 // what was done in place of scripts
//! ```
//!
//! `unpack` is independent per package: run it on as many threads as there are, one sink
//! each. A no-op rebuild needs none of this: cache the [`Solution`] (it is `serde`) under the
//! digests of the InRelease files ([`Release::digest`]), the architecture, the requests and
//! [`RULES_VERSION`], and the root's tree under the digests of the solution's packages and
//! [`RULES_VERSION`]. An index need not be stored: it parses again from the compressed file.
//!
//! # Features
//!
//! `openpgp` (on by default) checks signatures with the crate `pgp`. Without it [`Release::verify`] refuses every
//! file: there is no way to read a release file whose signature was not checked.

pub mod alternatives;
pub mod archive;
pub mod certificates;
pub mod contents;
pub mod deb;
pub mod elf;
pub mod essential;
pub mod index;
pub mod ldcache;
pub mod packages;
pub mod relation;
pub mod release;
pub mod root;
pub mod rules;
pub mod scripts;
pub mod solve;
pub mod sources;
pub mod substituted;
pub mod version;

#[cfg(test)]
mod fixtures;

pub use archive::{Area, Mirror, Pocket, Suite};
pub use deb::{Unpacked, unpack};
pub use index::Index;
pub use packages::Packages;
pub use release::{IndexFile, Release};
pub use root::{Accounts, Root, compose};
pub use rules::Rules;
pub use solve::{Request, Solution, SolvedPackage, solve};
pub use substituted::Substituted;

/// Number of the rules that decide which packages are chosen and what a root made of them
/// holds. Part of every cache key; raised with every change that can move a byte.
pub const RULES_VERSION: u32 = 7;
