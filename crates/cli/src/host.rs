//! The machine and the process that the command runs in: environment, files, clock, terminal.

mod container_engine;
mod environment;
mod mirror;
mod network;
mod terminal;
#[cfg(test)]
mod tests;

pub(crate) use container_engine::{ContainerEngine, EngineError};
pub(crate) use environment::{Host, Located};
pub(crate) use mirror::Addresses;
pub(crate) use terminal::Terminal;
