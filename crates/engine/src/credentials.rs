//! [`StepCredentials`]: the settings and secrets as a step that fetches through the gateway sees them. Credentials are
//! replaced by placeholders; the gateway gets the values, with the hosts that they are for. Which credential is for which
//! host comes from the plan (`Step::credentials`) and from the names of settings.
//!
//! | What | The step sees |
//! |---|---|
//! | a setting or a secret whose hosts the plan names, or the setting's own name (`npm_config_//host/:_authToken`) | a placeholder for these hosts |
//! | the secret that is a netrc file | the same machines, with placeholders as passwords |
//! | a setting without hosts whose name says that it is a credential | a placeholder that is sent to no host: the value happens to be in the environment, and nobody gave it to this step |
//! | a secret without hosts | its value, with a notice: the user gave it to this step by name |
//! | any other setting | its value, without the users and passwords of addresses |

use std::collections::{BTreeMap, BTreeSet};

use packwright_gateway::{CredentialHost, Placeholder};
use packwright_planner::{Credential, Diagnostic, Step};

use crate::netrc::{Machine, Netrc};
use crate::network::{addresses, is_proxy, without_credentials};
use crate::secret::Secret;
use crate::settings::is_whole_credential;

/// What a step sees.
#[derive(Default)]
pub(crate) struct StepCredentials {
    /// Its settings, without those that name proxies.
    pub(crate) settings: BTreeMap<String, String>,
    /// Its secrets.
    pub(crate) secrets: Vec<Secret>,
    /// What it sees in the place of credentials.
    pub(crate) placeholders: Vec<Placeholder>,
    /// What the user should know.
    pub(crate) notices: Vec<Diagnostic>,
}

impl StepCredentials {
    /// What `step` sees of the caller's `settings` and of `secrets`, which are its own.
    pub(crate) fn of(
        step: &Step,
        settings: &BTreeMap<String, String>,
        secrets: &[Secret],
    ) -> StepCredentials {
        let given = CallerValues::new(step, settings, secrets);
        let mut seen = StepCredentials::default();
        for secret in secrets {
            seen.secret(&given, secret);
        }
        for (name, value) in &given.settings {
            let is_secret = secrets.iter().any(|secret| secret.name.as_str() == *name);
            if !is_secret {
                seen.setting(&given, name, value);
            }
        }
        seen
    }

    fn secret(&mut self, given: &CallerValues<'_>, secret: &Secret) {
        let name = secret.name.as_str();
        if given.step.credentials.get(name) == Some(&Credential::Netrc) {
            return self.netrc(given, secret);
        }
        let hosts = given.hosts(name);
        if hosts.is_empty() {
            self.notices.push(seen_by(given.step, name));
            return self.secrets.push(secret.clone());
        }
        let placeholder = Placeholder::new(name, secret.value(), hosts);
        self.secrets.push(secret.seen_as(placeholder.text()));
        self.placeholders.push(placeholder);
    }

    fn setting(&mut self, given: &CallerValues<'_>, name: &str, value: &str) {
        let hosts = given.hosts(name);
        let is_credential = given.names(name) || !hosts.is_empty() || is_whole_credential(name, value);
        let shown = match is_credential && !value.is_empty() {
            true => {
                let placeholder = Placeholder::new(name, value, hosts);
                let shown = placeholder.text().to_owned();
                self.placeholders.push(placeholder);
                shown
            }
            false => without_credentials(value),
        };
        self.settings.insert(name.to_owned(), shown);
    }

    /// The same machines, with placeholders in the place of what is secret.
    fn netrc(&mut self, given: &CallerValues<'_>, secret: &Secret) {
        let netrc = Netrc::read(&String::from_utf8_lossy(secret.value()));
        let mut text = String::new();
        for Machine { host, login, password } in &netrc.machines {
            let mut hide = |what: &str, value: &str| {
                let name = format!("{}/{host}/{what}", secret.name);
                let placeholder = Placeholder::new(&name, value, given.of_machine(host));
                let shown = placeholder.text().to_owned();
                self.placeholders.push(placeholder);
                shown
            };
            text.push_str(&format!("machine {host}"));
            if let Some(login) = login {
                // Clients compare the login with the user in an address, so it stays. Some servers take a token as
                // the login, with a short password that means nothing (`x-oauth-basic`).
                let is_token = login.len() > password.as_ref().map_or(0, String::len);
                let login = if is_token { hide("login", login) } else { login.clone() };
                text.push_str(&format!(" login {login}"));
            }
            if let Some(password) = password {
                text.push_str(&format!(" password {}", hide("password", password)));
            }
            text.push('\n');
        }
        if netrc.has_default {
            self.notices.push(default_left_out(secret.name.as_str()));
        } else if netrc.machines.is_empty() {
            self.notices.push(no_machine(secret.name.as_str()));
        }
        self.secrets.push(secret.seen_as(&text));
    }
}

/// The passwords in the `secrets` of `step` that are netrc files, to be searched for one by one. Those too short to be
/// found are left out.
pub(crate) fn of_netrc(step: &Step, secrets: &[Secret]) -> Vec<Secret> {
    let is_netrc = |secret: &&Secret| step.credentials.get(secret.name.as_str()) == Some(&Credential::Netrc);
    let mut found = Vec::new();
    for secret in secrets.iter().filter(is_netrc) {
        let netrc = Netrc::read(&String::from_utf8_lossy(secret.value()));
        for password in netrc.machines.into_iter().filter_map(|machine| machine.password) {
            found.extend(Secret::new(secret.name.clone(), password).ok());
        }
    }
    found
}

/// What the caller gave to a step.
struct CallerValues<'a> {
    step: &'a Step,
    /// Those that it obeys, without proxies.
    settings: BTreeMap<&'a str, &'a str>,
    secrets: &'a [Secret],
    /// Hosts with ports that the caller named as http.
    plain: BTreeSet<(String, u16)>,
}

impl<'a> CallerValues<'a> {
    fn new(
        step: &'a Step,
        settings: &'a BTreeMap<String, String>,
        secrets: &'a [Secret],
    ) -> CallerValues<'a> {
        let obeyed = settings.iter().filter(|(name, _)| step.obeys(name) && !is_proxy(name));
        let settings: BTreeMap<&str, &str> =
            obeyed.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let plain = settings
            .values()
            .flat_map(|value| addresses(value))
            .filter(|address| !address.is_https)
            .map(|address| (address.host.to_ascii_lowercase(), address.port))
            .collect();
        CallerValues { step, settings, secrets, plain }
    }

    /// Whether the plan names `name` among the step's credentials.
    fn names(&self, name: &str) -> bool {
        self.step.credentials.keys().any(|pattern| part(pattern, name).is_some())
    }

    /// The hosts that the credential `name` is for.
    fn hosts(&self, name: &str) -> Vec<CredentialHost> {
        let mut hosts = Vec::new();
        for (pattern, credential) in &self.step.credentials {
            let (Some(part), Credential::Hosts(addresses)) = (part(pattern, name), credential) else {
                continue;
            };
            for address in addresses {
                self.add(&mut hosts, address, part);
            }
        }
        if let Some(at) = name.find("//") {
            self.add(&mut hosts, &name[at..], None);
        }
        hosts.sort();
        hosts.dedup();
        hosts
    }

    /// The hosts of an address of the plan; `part` is what the `*` in the credential's name stands for.
    fn add(&self, hosts: &mut Vec<CredentialHost>, address: &str, part: Option<&str>) {
        let Some(text) = self.expanded(address) else { return };
        if let Some(rest) = text.strip_prefix("//") {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let (host, port) = match authority.rsplit_once(':') {
                Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
                _ => (authority, None),
            };
            match port {
                Some(port) => self.add_host(hosts, host, port),
                None => [443, 80].into_iter().for_each(|port| self.add_host(hosts, host, port)),
            }
            return;
        }
        let is_meant = |name: Option<&str>| match (name, part) {
            (Some(name), Some(part)) => as_variable(name) == part.to_ascii_uppercase(),
            _ => true,
        };
        for address in addresses(&text).filter(|address| is_meant(address.name)) {
            self.add_host(hosts, address.host, address.port);
        }
    }

    fn add_host(&self, hosts: &mut Vec<CredentialHost>, host: &str, port: u16) {
        if host.is_empty() {
            return;
        }
        let is_plain = self.plain.contains(&(host.to_ascii_lowercase(), port));
        let host = CredentialHost::new(host, Some(port));
        hosts.push(if is_plain { host.over_http() } else { host });
    }

    /// A machine of a netrc file: all its ports, by http those that the caller named so.
    fn of_machine(&self, machine: &str) -> Vec<CredentialHost> {
        let plain = self.plain.iter().filter(|(host, _)| host.eq_ignore_ascii_case(machine));
        let plain = plain.map(|(host, port)| CredentialHost::new(host, Some(*port)).over_http());
        plain.chain([CredentialHost::new(machine, None)]).collect()
    }

    /// `text` with the values of its variables; `None` if one is not set.
    fn expanded(&self, text: &str) -> Option<String> {
        let mut parts = text.split("${");
        let mut expanded = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}')?;
            expanded.push_str(&self.value(name)?);
            expanded.push_str(rest);
        }
        Some(expanded)
    }

    fn value(&self, name: &str) -> Option<String> {
        if let Some(secret) = self.secrets.iter().find(|secret| secret.name.as_str() == name) {
            return String::from_utf8(secret.value().to_vec()).ok();
        }
        let set = self.settings.get(name).map(|value| (*value).to_owned());
        set.or_else(|| self.step.environment.get(name).cloned())
    }
}

/// Whether `name` is `pattern`, and what its `*` stands for, if it has one.
fn part<'n>(pattern: &str, name: &'n str) -> Option<Option<&'n str>> {
    match pattern.split_once('*') {
        None => (pattern == name).then_some(None),
        Some((before, after)) => {
            let part = name.strip_prefix(before)?.strip_suffix(after)?;
            (!part.is_empty()).then_some(Some(part))
        }
    }
}

/// A name as it stands in the names of variables.
fn as_variable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

fn seen_by(step: &Step, name: &str) -> Diagnostic {
    let message = format!("the step `{}` sees the value of the secret `{name}`", step.name);
    Diagnostic::info("credentials/seen", message)
        .why("it reaches the network, and nothing says for which host the secret is, so the gateway cannot send it in its place")
        .fix("name the host beside the variable where a file of the client has it (`.npmrc`, the address of an index), and the step sees a placeholder")
}

fn default_left_out(secret: &str) -> Diagnostic {
    Diagnostic::warning(
        "credentials/netrc-default",
        format!("the `default` entry of the secret `{secret}` is left out"),
    )
    .why("it is for every host, and a password is sent to hosts alone that are named")
    .fix("write a `machine` entry for each host")
}

fn no_machine(secret: &str) -> Diagnostic {
    Diagnostic::warning("credentials/netrc-empty", format!("the secret `{secret}` names no machine"))
        .why("it is read as a netrc file: `machine HOST login USER password PASSWORD`")
}

#[cfg(test)]
mod tests;
