//! Packages from version control.

use packwright_buildpack::client;
use packwright_buildpack::planner::{Command, Step};
use packwright_buildpack::step::words;

use super::bootstrap::UV;
use super::environment::VENV_PYTHON;

/// Lets `step`, which runs uv, fetch by git.
pub(crate) fn see_git(step: &mut Step) {
    client::GIT.equip(step);
}

/// The command that installs packages from version control, without what they need: the list of
/// hashed requirements has that.
pub(crate) fn install_versioned(file: &str) -> Command {
    Command::Exec(words(&[UV, "pip", "install", "--python", VENV_PYTHON, "--no-deps", "-r", file]))
}
