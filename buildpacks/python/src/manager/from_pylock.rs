//! `pylock.toml`: uv installs from it and checks its hashes.

use packwright_buildpack::planner::Step;
use packwright_buildpack::step::{source, words};

use super::pip;
use crate::manifest::locked::Locked;
use crate::releases::Delivery;
use crate::steps::{self, UV, VENV_PYTHON};

/// Steps for a `pylock.toml`.
pub(super) fn steps(locked: &Locked, delivery: &Delivery, servers: &[&str]) -> Vec<Step> {
    let mut made = Vec::new();
    let mut install = steps::uv_step("python.install", "installs what pylock.toml holds", &[]);
    install.inputs.push(source([&locked.path]));
    let line = words(&[UV, "pip", "install", "--python", VENV_PYTHON, "-r", locked.path.as_str()]);
    install.commands = vec![steps::make_environment(delivery), steps::command(line)];
    if !locked.version_control.is_empty() {
        steps::see_git(&mut install);
    }
    if !servers.is_empty() {
        made.push(pip::server_beside_lock(locked.path.as_str(), servers, delivery));
        pip::add_server(&mut install, &[]);
    }
    install.commands.push(steps::compile());
    install.outputs.push(steps::environment_output());
    made.push(install);
    made
}
