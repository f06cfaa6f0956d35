//! Rules for hosts and addresses (egress policy): which ones a step may reach, and why not. Pure: names are resolved
//! elsewhere.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::names;

/// Exceptions to the rule that steps reach public addresses only. Where both lists match, `deny` wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Reached even where the address is private.
    pub allow: Vec<HostRule>,
    /// Not reached in any case.
    pub deny: Vec<HostRule>,
}

/// A host: a name, which matches itself and all its subdomains, or an IP address. With a port, the rule is for that port
/// only. Written `HOST`, `HOST:PORT`, `*.HOST`, `[IPV6]:PORT`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostRule {
    /// In lower case, without brackets.
    host: String,
    port: Option<u16>,
}

/// Why a text names no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` names no host")]
pub struct HostRuleError {
    /// The text.
    pub text: String,
}

/// Why a host is not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuleRefusal {
    /// The caller denies it.
    Denied,
    /// Its address is of this kind.
    Kind(&'static str),
}

impl Rules {
    /// Whether a rule may be the reason that `host` is reached: one names the host, or one names an address, which the
    /// host may turn out to have.
    pub(crate) fn allows(&self, host: &str, port: u16) -> bool {
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        self.allow.iter().any(|rule| rule.is_for(&host, port, None) || rule.host.parse::<IpAddr>().is_ok())
    }

    /// Whether a rule names `host` itself on `port`.
    pub(crate) fn names(&self, host: &str, port: u16) -> bool {
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        let address = host.parse().ok();
        self.allow.iter().any(|rule| rule.is_for(&host, port, address))
    }

    /// Whether a rule names `host` on `port`, or its `address`.
    pub(crate) fn names_address(&self, host: &str, port: u16, address: IpAddr) -> bool {
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        self.allow.iter().any(|rule| rule.is_for(&host, port, Some(address)))
    }

    /// Whether `host` may be reached on `port`. Without an address, only what the name says counts.
    pub(crate) fn check(&self, host: &str, port: u16, address: Option<IpAddr>) -> Result<(), RuleRefusal> {
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        let address = address.or_else(|| host.parse().ok());
        let names = |rules: &[HostRule]| rules.iter().any(|rule| rule.is_for(&host, port, address));
        if names(&self.deny) {
            return Err(RuleRefusal::Denied);
        }
        if names(&self.allow) {
            return Ok(());
        }
        if host == "localhost" || host.ends_with(".localhost") {
            return Err(RuleRefusal::Kind("the machine itself (loopback)"));
        }
        match address.and_then(kind) {
            Some(kind) => Err(RuleRefusal::Kind(kind)),
            None => Ok(()),
        }
    }
}

impl HostRule {
    /// The rule for `host` on `port` alone, or on all ports.
    pub fn new(host: &str, port: Option<u16>) -> Result<HostRule, HostRuleError> {
        let bare = host.trim_matches(['[', ']']);
        let host = match bare.parse::<IpAddr>() {
            Ok(address) => address.to_string(),
            Err(_) => names::normal(bare.trim_start_matches("*.").trim_start_matches('.'))
                .ok_or_else(|| HostRuleError { text: host.to_owned() })?,
        };
        Ok(HostRule { host, port })
    }

    /// The port, if it is for one alone.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    fn is_for(&self, host: &str, port: u16, address: Option<IpAddr>) -> bool {
        if self.port.is_some_and(|own| own != port) {
            return false;
        }
        match self.host.parse::<IpAddr>() {
            Ok(own) => address.is_some_and(|address| own == address || own == plain(address)),
            Err(_) => {
                host == self.host || host.strip_suffix(&self.host).is_some_and(|before| before.ends_with('.'))
            }
        }
    }
}

impl FromStr for HostRule {
    type Err = HostRuleError;

    fn from_str(text: &str) -> Result<HostRule, HostRuleError> {
        let wrong = || HostRuleError { text: text.to_owned() };
        if text.parse::<Ipv6Addr>().is_ok() {
            return HostRule::new(text, None);
        }
        match text.rsplit_once(':') {
            Some((host, port)) => {
                let port = port.parse().map_err(|_| wrong())?;
                HostRule::new(host, Some(port)).map_err(|_| wrong())
            }
            None => HostRule::new(text, None),
        }
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        match self.port {
            Some(port) => write!(f, "{before}{}{after}:{port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

/// What stands in the way of `address`; `None` for a public one.
///
/// Source: the IANA registries of special-purpose addresses; the addresses at which clouds hand out credentials are
/// link-local (169.254.169.254, fd00:ec2::254), shared (100.100.100.200) or stand here (192.0.0.192, 168.63.129.16).
fn kind(address: IpAddr) -> Option<&'static str> {
    match plain(address) {
        IpAddr::V4(address) => kind_of_v4(address),
        IpAddr::V6(address) => kind_of_v6(address),
    }
}

fn kind_of_v4(address: Ipv4Addr) -> Option<&'static str> {
    Some(match address.octets() {
        [127, ..] => "the machine itself (loopback)",
        [0, ..] => "an unspecified address",
        [169, 254, ..] => "a link-local address",
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => "a private address",
        [100, 64..=127, ..] => "a shared address (carrier-grade NAT)",
        [192, 0, 0, _] | [168, 63, 129, 16] => "an address of the platform's own services",
        [198, 18 | 19, ..] => "an address that stands for names inside steps",
        [224..=239, ..] => "a multicast address",
        [240..=255, ..] => "a reserved address",
        _ => return None,
    })
}

fn kind_of_v6(address: Ipv6Addr) -> Option<&'static str> {
    if address.is_loopback() {
        return Some("the machine itself (loopback)");
    }
    if address.is_unspecified() {
        return Some("an unspecified address");
    }
    Some(match address.segments() {
        [0xff00..=0xffff, ..] => "a multicast address",
        [0xfe80..=0xfebf, ..] => "a link-local address",
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => "a private address",
        // IPv4 inside IPv6, by translation or by tunnel: what is inside counts.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            return kind_of_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
        }
        [0x64, 0xff9b, ..] | [0x2001, 0, ..] => "an address of a tunnel",
        [0, 0, 0, 0, 0xffff, 0, high, low] => {
            return kind_of_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
        }
        [0, 0, 0, 0, 0, 0, ..] => "a reserved address",
        _ => return None,
    })
}

/// An address that is mapped into IPv6 as the one it is.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(mapped) => mapped.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

impl RuleRefusal {
    /// Why, as the end of a sentence.
    pub(crate) fn why(self) -> String {
        match self {
            RuleRefusal::Denied => "`--deny-host` names it".to_owned(),
            RuleRefusal::Kind(kind) => format!("it is {kind}, and steps reach public addresses only"),
        }
    }

    /// What to do about it.
    pub(crate) fn fix(self, host: &str) -> String {
        match self {
            RuleRefusal::Denied => {
                "take it out of `--deny-host`, or take it out of what the step asks for".to_owned()
            }
            RuleRefusal::Kind(_) => format!("if steps may reach it, say so: `--allow-host {host}`"),
        }
    }
}

#[cfg(test)]
mod tests;
