//! [`Credentials`]: `Authorization` values that the gateway adds to requests by itself. Steps do not see them.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Credentials by host. A host has one, or one for each port.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Credentials(BTreeMap<(String, Option<u16>), Credential>);

/// The value of an `Authorization` field. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    value: String,
    /// Whether it is sent without encryption too.
    plain: bool,
}

impl Credential {
    /// The value as it is sent: `Bearer …`, `Basic …`.
    pub fn new(value: impl Into<String>) -> Credential {
        Credential { value: value.into(), plain: false }
    }

    /// User and password, as RFC 7617 has them.
    pub fn basic(user: &str, password: &str) -> Credential {
        Credential::new(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
    }

    /// The same, sent over http too: only for a host that the caller named as http.
    #[must_use]
    pub fn over_http(self) -> Credential {
        Credential { plain: true, ..self }
    }
}

impl Credentials {
    /// Adds a credential for `host`: for one port, or for all. A later one replaces an earlier one; one for a port wins
    /// over one for all.
    pub fn insert(&mut self, host: &str, port: Option<u16>, credential: Credential) {
        self.0.insert((host.trim_matches(['[', ']']).to_ascii_lowercase(), port), credential);
    }

    /// The value to send to exactly this host; its subdomains are other hosts.
    pub(crate) fn of(&self, host: &str, port: u16, is_https: bool) -> Option<&str> {
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        let found = self.0.get(&(host.clone(), Some(port))).or_else(|| self.0.get(&(host, None)))?;
        (is_https || found.plain).then_some(found.value.as_str())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_for_its_own_host_and_encrypted() {
        let mut credentials = Credentials::default();
        credentials.insert("Host.test", None, Credential::new("Bearer t"));
        credentials.insert("host.test", Some(8443), Credential::basic("me", "pass"));
        credentials.insert("plain.test", None, Credential::new("Bearer p").over_http());
        assert_eq!(credentials.of("host.test", 443, true), Some("Bearer t"));
        assert_eq!(credentials.of("host.TEST", 8443, true), Some("Basic bWU6cGFzcw=="));
        assert_eq!(credentials.of("host.test", 80, false), None);
        assert_eq!(credentials.of("sub.host.test", 443, true), None);
        assert_eq!(credentials.of("evilhost.test", 443, true), None);
        assert_eq!(credentials.of("plain.test", 80, false), Some("Bearer p"));
        assert!(!format!("{credentials:?}").contains("Bearer"));
    }
}
