//! Options of a client: certificates to trust, proxies, timeouts, retries.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use crate::Wall;

/// Settings of a [`crate::Client`].
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Certificates to trust for https, a PEM bundle. Without one no https address can be
    /// fetched: nothing is trusted that the caller did not name.
    pub ca_bundle: Option<Vec<u8>>,
    /// How to get out.
    pub proxy: ProxySettings,
    /// Value of the `User-Agent` header.
    pub user_agent: String,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// How often and when to try again.
    pub retry: Retry,
    /// Most downloads at a time, and connections kept open for each host.
    pub parallel: usize,
    /// The filter for the addresses that may be connected to; without one, all may.
    pub wall: Option<Wall>,
}

/// Proxies, as `http_proxy`, `https_proxy` and `no_proxy` give them.
#[derive(Clone, Default)]
pub struct ProxySettings {
    /// For http addresses, which are sent in absolute form.
    pub http: Option<String>,
    /// For https addresses, through `CONNECT`.
    pub https: Option<String>,
    /// Hosts to reach directly, separated by commas: a name stands for itself and all names
    /// below it, `*` for every host, `name:port` for one port, `10.0.0.0/8` for all addresses of a range.
    ///
    /// Source: curl, `CURLOPT_NOPROXY`; Go, `golang.org/x/net/http/httpproxy`.
    pub no_proxy: Option<String>,
}

/// How long to wait before a server counts as unreachable.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a name to be resolved.
    pub resolve: Duration,
    /// For a connection with TLS.
    pub connect: Duration,
    /// For the head of a response.
    pub response: Duration,
    /// For the next [`LEAST_PER_STALL`] bytes of a body, or its end.
    pub stall: Duration,
}

/// Bytes that a body must bring in each [`Timeouts::stall`]. A server that keeps a download alive with a byte
/// now and then is as good as one that says nothing; a slow line that eight downloads share brings more than this.
pub const LEAST_PER_STALL: u64 = 4096;

/// How often and when to try again what may go well later.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// Most tries for each address, the first one included.
    pub tries: u32,
    /// Pause after the first failure; each further pause is twice as long.
    pub first_pause: Duration,
    /// Longest pause, also when a server asks for more.
    pub longest_pause: Duration,
}

impl Default for ClientOptions {
    fn default() -> ClientOptions {
        ClientOptions {
            ca_bundle: None,
            proxy: ProxySettings::default(),
            user_agent: concat!("packwright/", env!("CARGO_PKG_VERSION")).to_owned(),
            timeouts: Timeouts::default(),
            retry: Retry::default(),
            parallel: 8,
            wall: None,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts {
            resolve: Duration::from_secs(10),
            connect: Duration::from_secs(15),
            response: Duration::from_secs(60),
            stall: Duration::from_secs(30),
        }
    }
}

impl Default for Retry {
    fn default() -> Retry {
        Retry { tries: 4, first_pause: Duration::from_millis(500), longest_pause: Duration::from_secs(30) }
    }
}

impl fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The addresses may hold passwords.
        f.debug_struct("ProxySettings")
            .field("http", &self.http.is_some())
            .field("https", &self.https.is_some())
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

impl ProxySettings {
    /// Whether `host` is to be reached directly.
    pub(crate) fn is_direct(&self, host: &str, port: u16) -> bool {
        let Some(list) = &self.no_proxy else { return false };
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        list.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
            let entry = entry.to_ascii_lowercase();
            if entry == "*" {
                return true;
            }
            let (name, wanted_port) = match entry.rsplit_once(':') {
                Some((name, digits)) if !name.contains(':') || name.ends_with(']') => {
                    (name.to_owned(), digits.parse().ok())
                }
                _ => (entry, None),
            };
            if let (Some(range), Ok(address)) = (AddressRange::of(&name), host.parse::<IpAddr>()) {
                return range.holds(address);
            }
            let name = name.trim_start_matches("*.").trim_start_matches('.').trim_matches(['[', ']']);
            let same = host == name || host.strip_suffix(name).is_some_and(|before| before.ends_with('.'));
            same && wanted_port.is_none_or(|wanted: u16| wanted == port)
        })
    }
}

/// The addresses that have the first `length` bits of `first`: `10.0.0.0/8`, `fd00::/8`.
struct AddressRange {
    first: IpAddr,
    length: u32,
}

impl AddressRange {
    fn of(text: &str) -> Option<AddressRange> {
        let (first, length) = text.split_once('/')?;
        let (first, length): (IpAddr, u32) = (first.parse().ok()?, length.parse().ok()?);
        let bits = if first.is_ipv4() { 32 } else { 128 };
        (length <= bits).then_some(AddressRange { first, length })
    }

    fn holds(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let differ = u32::from(first) ^ u32::from(address);
                differ.checked_shr(32 - self.length).unwrap_or(0) == 0
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let differ = u128::from(first) ^ u128::from(address);
                differ.checked_shr(128 - self.length).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
