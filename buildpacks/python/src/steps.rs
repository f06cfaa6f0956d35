//! The steps that all package managers share: the installer, the resolver, the environment in
//! `/opt/venv`, the project as a package, static files.
//!
//! ```text
//! python.uv ─▶ python.resolve ─▶ python.install ─▶ python.project ─▶ python.static
//!              (only what floats)  /opt/venv         (only packages)   (only Django)
//! ```

mod answers;
mod bootstrap;
mod environment;
mod project;
mod quoting;
mod resolve;
mod scrub;
mod stand_ins;
mod static_files;
mod version_control;

pub(crate) use answers::answer;
pub(crate) use bootstrap::{UV, client_step, uv, uv_step};
pub(crate) use environment::{
    VENV_PYTHON, bare_environment, compile, environment_output, install_hashed, make_environment, write,
};
pub(crate) use project::{pretended, pretends, projects};
pub(crate) use quoting::command;
pub(crate) use resolve::{INTERPRETER_STEP, Question, VERSIONED, interpreter, question, resolve, take_apart};
pub(crate) use stand_ins::stand_ins;
pub(crate) use static_files::{DUMMY_KEY, static_files};
pub(crate) use version_control::{install_versioned, see_git};
