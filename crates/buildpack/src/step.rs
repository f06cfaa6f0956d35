//! Steps, written short: names and paths that are constants of a buildpack, steps that fetch, answer
//! or build, and what all of these have in common. Knows no language.
//!
//! **Names.** A step is called `<language>.<what it does>`: `go.modules`, `node.install`.
//!
//! **Places.** What a step leaves is in `/opt/<name>` when the image or a later step runs it, in
//! `/app` when the application looks for it there, and in `/packwright/<language>` when it answers a
//! question ([`answer`]). Caches are below `/packwright/cache`.
//!
//! **The fixed world** of every step, which no buildpack has to set: the directory `/app`, `HOME`,
//! `TZ=UTC`, `LANG=C.UTF-8`, `SOURCE_DATE_EPOCH`, no network unless the step fetches.

mod constants;

use packwright_planner::{Command, Credential, Input, Network, Output, RelPath, SecretName, Selection, Step};

use crate::client::Client;

pub use constants::{CERTIFICATES, SYSTEM_PATH, name, path};

/// All outputs of an earlier step.
pub fn after(step: &str) -> Input {
    Input::Step(name(step))
}

/// The source files that these patterns choose.
pub fn source<T: ToString>(patterns: impl IntoIterator<Item = T>) -> Input {
    Input::Source(Selection::of(patterns))
}

/// The words of a command line, as texts of their own.
pub fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// A command in exec form.
pub fn exec(line: &[&str]) -> Command {
    Command::Exec(words(line))
}

/// A step that does nothing yet, without network.
pub fn step(step_name: &str, why: &str) -> Step {
    Step::new(name(step_name), why)
}

/// A step that fetches with these clients: network, their settings, their caches, their
/// environment, and the texts by which a broken network is known.
pub fn fetch(step_name: &str, why: &str, clients: &[&Client]) -> Step {
    let mut fetch = step(step_name, why);
    fetch.network = Network::Fetch;
    for client in clients {
        client.equip(&mut fetch);
    }
    fetch
}

/// The path of an answer from the root: a small text by which one step of `language` tells others what
/// it found.
pub fn answer(language: &str, file: &str) -> RelPath {
    path(&format!("packwright/{language}/{file}"))
}

/// Makes `step` one that answers: the texts `files` of `language` go into the lock and are taken from
/// there.
pub fn answering(mut step: Step, language: &str, files: &[&str]) -> Step {
    step.outputs.extend(files.iter().map(|file| Output::between_steps(answer(language, file))));
    step.resolves = true;
    step
}

/// Gives the secret called `netrc`, where the caller has it, to the steps that fetch: package
/// managers and git find passwords of registries and repositories in it, each for its own host.
pub fn give_netrc(steps: &mut [Step], secrets: &[SecretName]) {
    let Some(netrc) = secrets.iter().find(|secret| secret.as_str() == "netrc") else { return };
    for step in steps.iter_mut().filter(|step| step.network == Network::Fetch) {
        step.environment.insert("NETRC".to_owned(), format!("/run/secrets/{netrc}"));
        if !step.secrets.contains(netrc) {
            step.secrets.push(netrc.clone());
        }
        step.credentials.insert(netrc.to_string(), Credential::Netrc);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{GIT, PIP};

    #[test]
    fn a_step_that_fetches_has_what_its_clients_need() {
        let fetch = fetch("x.fetch", "fetches", &[&PIP, &GIT]);
        assert_eq!(fetch.network, Network::Fetch);
        let proxies = fetch.settings.iter().filter(|name| *name == "HTTPS_PROXY").count();
        assert_eq!(proxies, 1, "each setting is there once");
        assert!(fetch.obeys("PIP_INDEX_URL"));
        assert_eq!(fetch.environment["GIT_SSL_CAINFO"], CERTIFICATES);
        assert!(fetch.transient.iter().any(|text| text == "Could not resolve host"));
    }

    #[test]
    fn netrc_goes_to_steps_that_fetch() {
        let mut steps = [fetch("x.fetch", "fetches", &[&PIP]), step("x.build", "builds")];
        give_netrc(&mut steps, &["netrc".parse().unwrap(), "token".parse().unwrap()]);
        assert_eq!(steps[0].environment["NETRC"], "/run/secrets/netrc");
        assert_eq!(steps[0].secrets.len(), 1);
        assert_eq!(steps[0].credentials["netrc"], Credential::Netrc);
        assert!(steps[1].secrets.is_empty());
    }

    #[test]
    fn an_answer_goes_into_the_lock() {
        let step = answering(step("go.version", "finds it"), "go", &["version"]);
        assert!(step.resolves);
        assert_eq!(step.outputs[0].path.as_str(), "packwright/go/version");
    }
}
