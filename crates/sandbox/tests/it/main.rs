//! Real sandboxes on this machine, as root or as an ordinary user: run with both.

mod descriptors;
mod ending;
mod limits;
mod mounts;
mod privileges;
mod program;
mod rungs;
mod world;
