//! One test binary for what concerns more than one crate: the rules of the house, the fixtures
//! from source to answer, and outside judges.

#![allow(clippy::unwrap_used, reason = "in a test, a failed setup is a failed test")]

#[macro_use]
mod list;

mod bad_input;
mod command;
mod conversion;
mod damage;
mod fixture;
mod fixtures;
mod house;
mod interruption;
mod judges;
mod ladder;
mod layout;
mod mirror;
mod outside;
mod place;
mod platforms;
mod podman;
mod python_mirror;
mod reproducible;
mod running;
mod secrets;
mod stores;
mod versions;
