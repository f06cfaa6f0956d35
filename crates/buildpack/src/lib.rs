//! The buildpack kit: everything that a language needs and no language owns.
//!
//! A buildpack is a pure rule from a source tree to a proposal. What is its own are the facts of one
//! language: its manifests, its releases, its commands, what its programs look like. What every
//! language does in the same way is here, once:
//!
//! | Module | What it is for |
//! |---|---|
//! | [`files`] | texts and documents with lines; one rule for symbolic links |
//! | [`version`] | requests for a version in one precedence, and the choice of a release |
//! | [`releases`] | which release each Debian suite has; packages or a client as the source |
//! | [`step`] | steps that fetch, answer and build |
//! | [`client`] | the clients of package registries: settings, network failures, caches |
//! | [`credentials`] | variables in the users and passwords of addresses, and their hosts |
//! | [`native`] | Debian packages of libraries, for the build and for the image |
//! | [`listening`] | where a program listens, `web` or `worker`, warnings about ports |
//! | [`declared`] | commands that platform files declare: installs, runs, releases |
//! | [`programs`] | which programs of a module are built, and how declared processes find them |
//! | [`problem`] | problems of several questions at once |
//! | `testing` | with the feature `testing`: a tree as text, a plan as lines |
//!
//! The planner's types are re-exported, so that a buildpack depends on this crate alone. Nothing here
//! knows a language beyond the rows of tables, and nothing opens a file but through a [`SourceTree`].
//!
//! [`SourceTree`]: packwright_planner::SourceTree

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that has nothing to look at must fail"))]
#![expect(
    clippy::result_large_err,
    reason = "a problem ends the plan: its size on the way out does not matter"
)]

pub mod client;
pub mod credentials;
pub mod declared;
pub mod files;
pub mod listening;
pub mod native;
pub mod problem;
pub mod programs;
pub mod releases;
pub mod step;
#[cfg(feature = "testing")]
pub mod testing;
pub mod version;

pub use packwright_documents as documents;
pub use packwright_planner as planner;
pub use packwright_shell_syntax as shell_syntax;
