//! How steps that fetch reach the network: through a gateway of the build's, unless the caller gives them the host's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use packwright_gateway::{
    Downloads, Gateway, GatewayError, GatewayOptions, HostRule, PORTS, RESOLVER, Rules, Sockets,
};
use packwright_remote::ClientOptions;
use packwright_sandbox::GatewaySockets;

/// How steps that fetch reach the network.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepNetwork {
    /// Through a gateway, which lets them reach public addresses by http and https, and those that these rules or the
    /// caller's settings name.
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
pub(crate) struct BuildGateway(Mutex<Option<Arc<StepGateway>>>);

/// A gateway, and the ports that it serves.
pub(crate) struct StepGateway {
    pub(crate) gateway: Gateway,
    ports: Vec<u16>,
}

impl BuildGateway {
    /// The gateway, which `make` makes the first time.
    pub(crate) fn get(
        &self,
        make: impl FnOnce() -> Result<StepGateway, GatewayError>,
    ) -> Result<Arc<StepGateway>, GatewayError> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gateway) = &*made {
            return Ok(Arc::clone(gateway));
        }
        let gateway = Arc::new(make()?);
        *made = Some(Arc::clone(&gateway));
        Ok(gateway)
    }
}

impl StepGateway {
    /// A gateway to the hosts of `rules`, of `settings` and of `mirrors`, besides public ones. Whom it trusts and which
    /// proxies it uses are those of `client`; `downloads` is where answers are kept.
    pub(crate) fn new<'m>(
        rules: &Rules,
        settings: &BTreeMap<String, String>,
        mirrors: impl Iterator<Item = &'m String>,
        client: &ClientOptions,
        downloads: Option<Downloads>,
    ) -> Result<StepGateway, GatewayError> {
        let mut rules = rules.clone();
        rules.allow.extend(mirrors.flat_map(|address| hosts(address)));
        rules.allow.extend(named_hosts(settings));
        let asked = rules.allow.iter().filter_map(HostRule::port);
        let ports: BTreeSet<u16> = PORTS.into_iter().chain(asked.filter(|port| *port != 0)).collect();
        let options =
            GatewayOptions { rules, downloads, client: client.clone(), ..GatewayOptions::default() };
        Ok(StepGateway {
            gateway: Gateway::new(options)?,
            ports: ports.into_iter().take(packwright_sandbox::MOST_PORTS).collect(),
        })
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
    Sockets { listeners: from.listeners, resolver: from.resolver, resolver_stream: from.resolver_stream }
}

/// Whether a setting says how to get out: the gateway's business, and none of a step behind it.
pub(crate) fn is_proxy(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("_proxy") || name.ends_with("_noproxy")
}

/// The hosts that the caller's settings name, each with the port of its address.
fn named_hosts(settings: &BTreeMap<String, String>) -> Vec<HostRule> {
    settings.iter().filter(|(name, _)| !is_proxy(name)).flat_map(|(_, value)| hosts(value)).collect()
}

/// The hosts of all addresses in a text: one, or a list with any separator (`GOPROXY` has commas and bars).
fn hosts(text: &str) -> Vec<HostRule> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let scheme = text[..at].rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let usual = match scheme {
            "http" => 80,
            "https" => 443,
            _ => continue,
        };
        let rest = &text[at + 3..];
        let end = rest.find(|c: char| "/?#,|;\"'".contains(c) || c.is_whitespace()).unwrap_or(rest.len());
        let authority = rest[..end].rsplit('@').next().unwrap_or_default();
        let rule = match authority.parse::<HostRule>() {
            Ok(rule) if rule.port().is_some() => Ok(rule),
            _ => HostRule::new(authority, Some(usual)),
        };
        found.extend(rule.ok());
    }
    found
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
