//! One test binary for what concerns more than one crate: the rules of the house, the fixtures
//! from source to answer, and outside judges.

#![allow(clippy::unwrap_used, reason = "in a test, a failed setup is a failed test")]

// `every_fixture!` and `every_platform_fixture!`: see `build.rs`.
include!(concat!(env!("OUT_DIR"), "/fixtures.rs"));

mod attacks;
mod bad_input;
mod conversion;
mod damage;
mod fixtures;
mod house;
mod interruption;
mod isolation;
mod judges;
mod mirror;
mod platforms;
mod python_mirror;
mod reproducible;
mod secrets;
mod tenants;
mod versions;

use packwright_tests::{command, fixture, layout, outside, place, podman, running, shared, stores};
