//! Steps that fetch from version control or need a password to fetch at all.

use packwright_buildpack::planner::{Command, Network, SecretName, Step};

use super::base::words;
use super::bootstrap::UV;
use super::environment::VENV_PYTHON;

/// Gives a secret called `netrc` to the steps that fetch: uv and git find passwords of package
/// indexes and repositories in it.
pub(crate) fn give_netrc(steps: &mut [Step], secrets: &[SecretName]) {
    let Some(netrc) = secrets.iter().find(|secret| secret.as_str() == "netrc") else {
        return;
    };
    for step in steps.iter_mut().filter(|step| step.network == Network::Fetch) {
        step.environment.insert("NETRC".to_owned(), format!("/run/secrets/{netrc}"));
        if !step.secrets.contains(netrc) {
            step.secrets.push(netrc.clone());
        }
    }
}

/// Lets git trust what the other programs of a step trust.
pub(crate) fn see_git(step: &mut Step) {
    let bundle = "/etc/ssl/certs/ca-certificates.crt".to_owned();
    step.environment.insert("GIT_SSL_CAINFO".to_owned(), bundle);
    step.environment.insert("GIT_TERMINAL_PROMPT".to_owned(), "0".to_owned());
}

/// The command that installs packages from version control, without what they need: the list of
/// hashed requirements has that.
pub(crate) fn install_versioned(file: &str) -> Command {
    Command::Exec(words([UV, "pip", "install", "--python", VENV_PYTHON, "--no-deps", "-r", file]))
}
