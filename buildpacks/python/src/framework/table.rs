//! What is known of frameworks: how their applications are recognised in the syntax tree, and
//! how they start. One more framework is one more row, whatever its kind: an object for a server,
//! a file for a program of its own, a script that listens by itself, a worker.

mod callables;
mod row;
mod web;
mod workers;

pub(crate) use callables::CALLABLES;
pub(crate) use row::{Framework, Launch, Mark, Sign};
pub(crate) use web::WEB;
pub(crate) use workers::WORKERS;
