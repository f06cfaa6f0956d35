//! What the tests of the whole house and the gate share: fixtures, the trials that they must stand, outside
//! judges, stores. It is no library for others, and holds no test itself: those are in `it/`.
//!
//! A function here panics where a test has to fail.

#![allow(clippy::unwrap_used, reason = "in a test, a failed setup is a failed test")]

pub mod attacks;
pub mod command;
pub mod endurance;
pub mod fixture;
pub mod gate;
pub mod images;
pub mod layout;
pub mod outside;
pub mod place;
pub mod podman;
pub mod running;
pub mod shared;
pub mod stores;
pub mod tenants;
pub mod trials;
