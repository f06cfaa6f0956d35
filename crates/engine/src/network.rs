//! How steps that fetch reach the network: through the build's gateway, unless the caller gives them the host's network.
//! Finds the hosts, ports and passwords in the caller's settings for it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use packwright_gateway::{
    Credential, Credentials, Downloads, Gateway, GatewayError, GatewayOptions, HostRule, PORTS, RESOLVER,
    Rules, Sockets,
};
use packwright_remote::ClientOptions;
use packwright_sandbox::GatewaySockets;
use percent_encoding::percent_decode_str;

/// How steps that fetch reach the network.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepNetwork {
    /// Through a gateway: public addresses by HTTP and HTTPS, and hosts that these rules or the caller's settings allow.
    Gateway(Rules),
    /// The host's network as it is, with all that the host reaches.
    Host,
}

impl Default for StepNetwork {
    fn default() -> StepNetwork {
        StepNetwork::Gateway(Rules::default())
    }
}

/// The gateway of one build, made when the first step needs it.
#[derive(Default)]
pub(crate) struct LazyGateway(Mutex<Option<Arc<BuildGateway>>>);

/// A gateway, and the ports that it serves.
pub(crate) struct BuildGateway {
    pub(crate) gateway: Gateway,
    ports: Vec<u16>,
}

impl LazyGateway {
    /// The gateway, which `make` makes the first time.
    pub(crate) fn get(
        &self,
        make: impl FnOnce() -> Result<BuildGateway, GatewayError>,
    ) -> Result<Arc<BuildGateway>, GatewayError> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gateway) = &*made {
            return Ok(Arc::clone(gateway));
        }
        let gateway = Arc::new(make()?);
        *made = Some(Arc::clone(&gateway));
        Ok(gateway)
    }
}

impl BuildGateway {
    /// A gateway to the hosts of `rules`, of `settings` and of `mirrors`, besides public ones. Whom it trusts and which
    /// proxies it uses are those of `client`; `downloads` is where answers are kept.
    pub(crate) fn new<'m>(
        rules: &Rules,
        settings: &BTreeMap<String, String>,
        mirrors: impl Iterator<Item = &'m String>,
        client: &ClientOptions,
        downloads: Option<Downloads>,
    ) -> Result<BuildGateway, GatewayError> {
        let mut rules = rules.clone();
        rules.allow.extend(mirrors.flat_map(|address| hosts(address)));
        rules.allow.extend(named_hosts(settings));
        let asked = rules.allow.iter().filter_map(HostRule::port);
        let ports: BTreeSet<u16> = PORTS.into_iter().chain(asked.filter(|port| *port != 0)).collect();
        let options =
            GatewayOptions { rules, credentials: credentials(settings), downloads, client: client.clone() };
        Ok(BuildGateway { gateway: Gateway::new(options)?, ports: ports.into_iter().collect() })
    }

    /// The network of a step's sandbox.
    pub(crate) fn network(&self) -> packwright_sandbox::Network {
        packwright_sandbox::Network::Gateway { ports: self.ports.clone(), resolver: RESOLVER }
    }
}

/// What `/etc/resolv.conf` says inside. The stub answers at once, so that no search list or second try is of use.
pub(crate) fn resolver_configuration() -> String {
    format!("nameserver {RESOLVER}\n")
}

/// The sandbox's sockets as the gateway takes them.
pub(crate) fn sockets(from: GatewaySockets) -> Sockets {
    Sockets {
        listeners: from.listeners,
        resolver: from.resolver,
        resolver_stream: from.resolver_stream,
        refusals: from.refusals,
    }
}

/// Whether a setting names a proxy. The gateway uses it; steps behind the gateway do not see it.
pub(crate) fn is_proxy(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("_proxy") || name.ends_with("_noproxy")
}

/// The hosts that the caller's settings name, each with the port of its address.
fn named_hosts(settings: &BTreeMap<String, String>) -> Vec<HostRule> {
    settings.iter().filter(|(name, _)| !is_proxy(name)).flat_map(|(_, value)| hosts(value)).collect()
}

/// The hosts of all addresses in a text.
fn hosts(text: &str) -> Vec<HostRule> {
    addresses(text).filter_map(|address| HostRule::new(address.host, Some(address.port)).ok()).collect()
}

/// `text` without the users and passwords in its addresses. The gateway sends these to their own hosts.
pub(crate) fn without_credentials(text: &str) -> String {
    let mut open = String::new();
    let mut from = 0;
    for address in addresses(text) {
        if let Some((user, at)) = address.user {
            open.push_str(&text[from..at]);
            from = at + user.len() + 1;
        }
    }
    open.push_str(&text[from..]);
    open
}

/// The users and passwords in the addresses of settings, as credentials for their hosts.
fn credentials(settings: &BTreeMap<String, String>) -> Credentials {
    let mut found = Credentials::default();
    let values = settings.iter().filter(|(name, _)| !is_proxy(name)).map(|(_, value)| value);
    for address in values.flat_map(|value| addresses(value)) {
        let Some((user, _)) = address.user else { continue };
        let (user, password) = user.split_once(':').unwrap_or((user, ""));
        let decoded = |text| percent_decode_str(text).decode_utf8().unwrap_or(Cow::Borrowed(text));
        let credential = Credential::basic(&decoded(user), &decoded(password));
        // Without encryption only where the caller wrote it so.
        let credential = if address.is_https { credential } else { credential.over_http() };
        found.insert(address.host, Some(address.port), credential);
    }
    found
}

/// An address in a text, as far as it is of use here.
pub(crate) struct Address<'a> {
    /// What it is called, as in `shop=https://…`.
    pub(crate) name: Option<&'a str>,
    pub(crate) is_https: bool,
    /// The user with the password, and where in the text they begin.
    user: Option<(&'a str, usize)>,
    /// With brackets around an IPv6 address.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
}

/// The http and https addresses of a text: one, or a list with any separator (`GOPROXY` has commas and bars).
pub(crate) fn addresses(text: &str) -> impl Iterator<Item = Address<'_>> {
    text.match_indices("://").filter_map(|(at, _)| {
        let scheme = text[..at].rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let (is_https, usual) = match scheme {
            "http" => (false, 80),
            "https" => (true, 443),
            _ => return None,
        };
        let start = at + 3;
        let rest = &text[start..];
        let end = rest.find(|c: char| "/?#,|;\"'".contains(c) || c.is_whitespace()).unwrap_or(rest.len());
        let (user, authority) = match rest[..end].rsplit_once('@') {
            Some((user, authority)) => (Some((user, start)), authority),
            None => (None, &rest[..end]),
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
            _ => (authority, usual),
        };
        let before = text[..at - scheme.len()].strip_suffix('=');
        let name = before.and_then(|before| before.rsplit([' ', ',', '\t', '\n']).next());
        Some(Address { name: name.filter(|name| !name.is_empty()), is_https, user, host, port })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_all_kinds_of_settings() {
        let shown = |text| hosts(text).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(shown("https://me:p%40ss@index.test/simple"), ["index.test:443"]);
        assert_eq!(shown("mine=http://10.0.0.7:3141/a https://b.test"), ["10.0.0.7:3141", "b.test:443"]);
        assert_eq!(
            shown("https://proxy.test,direct|https://other.test/x?y=http://z"),
            ["proxy.test:443", "other.test:443", "z:80"]
        );
        assert_eq!(shown("http://[::1]:8080/"), ["[::1]:8080"]);
        assert_eq!(shown("file:///tmp/x git+ssh://host.test/ off direct"), [] as [&str; 0]);
    }

    #[test]
    fn users_and_passwords_are_the_gateways() {
        let text = "mine=https://me:p%40ss@index.test/a@b https://open.test,http://token@plain.test:8081/|direct ssh://git@host.test";
        let open = "mine=https://index.test/a@b https://open.test,http://plain.test:8081/|direct ssh://git@host.test";
        assert_eq!(without_credentials(text), open);
        let settings = BTreeMap::from([("TOY".to_owned(), text.to_owned())]);
        let mut expected = Credentials::default();
        expected.insert("index.test", Some(443), Credential::basic("me", "p@ss"));
        expected.insert("plain.test", Some(8081), Credential::basic("token", "").over_http());
        assert_eq!(credentials(&settings), expected);
        let proxies = BTreeMap::from([("https_proxy".to_owned(), text.to_owned())]);
        assert_eq!(credentials(&proxies), Credentials::default());
    }

    #[test]
    fn proxies_are_no_hosts_that_steps_reach() {
        for name in
            ["HTTP_PROXY", "https_proxy", "npm_config_https_proxy", "NPM_CONFIG_NOPROXY", "npm_config_proxy"]
        {
            assert!(is_proxy(name), "{name}");
        }
        for name in ["GOPROXY", "GONOPROXY", "PIP_INDEX_URL", "npm_config_registry"] {
            assert!(!is_proxy(name), "{name}");
        }
    }
}
