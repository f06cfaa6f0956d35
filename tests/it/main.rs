//! One test binary for what concerns more than one crate.

mod house;
