//! [`Wall`]: an address filter (SSRF filter): the caller's rule for the addresses that a client may connect to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// A rule that decides, after a name is resolved, whether an address may be connected to. It is asked with the
/// host as the request names it, the port, and the address.
///
/// A host behind a proxy is resolved by the proxy; there the rule is asked for hosts that are addresses, and not
/// for names. The proxy itself is the caller's choice and passes no wall. [`Client::exchange`](crate::Client::exchange)
/// refuses addresses in notations that only some resolvers read (`0x7f.1`), with a wall or without.
#[derive(Clone)]
pub struct Wall(Arc<Rule>);

type Rule = dyn Fn(&str, u16, IpAddr) -> Result<(), WallRefusal> + Send + Sync;

impl Wall {
    /// A wall by this rule.
    pub fn new(rule: impl Fn(&str, u16, IpAddr) -> Result<(), WallRefusal> + Send + Sync + 'static) -> Wall {
        Wall(Arc::new(rule))
    }

    pub(crate) fn check(&self, host: &str, port: u16, address: IpAddr) -> Result<(), WallRefusal> {
        (self.0)(host, port, address)
    }
}

impl fmt::Debug for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wall")
    }
}

/// Whether a host is an address in a notation that some resolvers read and others do not: numbers of other bases or
/// sizes for IPv4, and whatever else is between the brackets of an IPv6 address. What a proxy makes of it cannot be
/// asked a wall.
///
/// Source: URL Standard, "ends-in-a-number checker"; inet_aton(3).
pub(crate) fn is_unusual_address(host: &str) -> bool {
    if let Some(bracketed) = host.strip_prefix('[') {
        let address = bracketed.strip_suffix(']').map(str::parse::<Ipv6Addr>);
        return !matches!(address, Some(Ok(_)));
    }
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let is_number = match last.strip_prefix("0x").or_else(|| last.strip_prefix("0X")) {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()),
    };
    is_number && host.parse::<Ipv4Addr>().is_err()
}

/// Why an address is not connected to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct WallRefusal {
    /// Why, as the end of a sentence.
    pub why: String,
    /// What the user can do.
    pub fix: Option<String>,
}
