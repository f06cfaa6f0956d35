//! Which version of a tool: where requests come from, what they mean, and which release is chosen.
//!
//! ```text
//! collect ──Requests──▶ choose (reads each request, finds what fits all) ──Choice──▶ decision
//! ```
//!
//! **Precedence**, the same for every tool: the caller's option, a manifest that pins the very
//! version that must run, the files of a chosen platform, the tool's version files in their usual
//! order (or in the chosen platform's), the files of other platforms, the manifests, hints, the
//! default. A file is looked for in the application's directory and then upwards.
//!
//! A language describes its tool once, as a [`Tool`], and what can be had of it as [`Releases`]. It
//! reads no version file by itself, so that `.tool-versions`, mise and links mean the same for all.

mod choice;
mod messages;
mod mise;
mod numbers;
mod request;
mod sources;
mod tool;
mod word;

pub use choice::{Choice, Disagreement, Releases, Voice, choose};
pub use messages::{unavailable, unreadable};
pub use numbers::{Number, Numbers};
pub use request::{Notation, Request, Requests, Source};
pub use sources::{Manifests, collect};
pub use tool::{Form, Hints, Tool, VersionFile};
pub use word::{Unclear, Word};

#[cfg(test)]
mod tests;
