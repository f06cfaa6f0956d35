//! Real sandboxes on this machine, as root or as an ordinary user: run with both.
// The lint's exception covers test functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod descriptors;
mod disk;
mod ending;
mod gateway;
mod isolations;
mod limits;
mod memory_cgroup;
mod mounts;
mod privileges;
mod program;
mod second_wall;
mod world;
