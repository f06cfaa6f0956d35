//! One test binary for what concerns more than one crate: the rules of the house, the fixtures
//! from source to answer, and outside judges.

mod command;
mod fixture;
mod fixtures;
mod house;
mod judges;
mod layout;
mod outside;
mod place;
mod podman;
mod reproducible;
mod running;
