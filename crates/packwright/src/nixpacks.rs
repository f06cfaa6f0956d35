//! Packwright in the place of Nixpacks: what its command line says about an application, the plan
//! that follows, that plan in the format of Nixpacks, and a Dockerfile for platforms that run
//! `docker build` after it. Reads no environment and no file but those of the source, prints
//! nothing.
//!
//! What each key of a Nixpacks configuration means is in `crates/platforms/COMPATIBILITY.md`.

mod caller;
mod dockerfile;
mod plan;
mod planned;
mod printed;

pub use caller::Caller;
pub use dockerfile::{LAYOUT, dockerfile, ignored, left_out};
pub use packwright_platforms::nixpacks::{CommandLine, ConfigFile};
pub use plan::plan;
pub use planned::Planned;
pub use printed::{PrintedPlan, provider};
