//! From what a build makes to what the image has and runs: one file for each way.

mod finish;
mod program;
mod release;
mod run;
mod server;
mod site;
mod start;

pub(super) use program::program;
pub(super) use release::release;
pub(super) use run::run;
pub(super) use server::{broken, server};
pub(super) use site::site;
