//! [`Destination`]: the host and port that a connection out of a step is for.

use crate::names;

/// The host and port of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    /// A name, or an IPv4 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_https: bool,
}

impl Destination {
    /// The same destination under the name that the program uses in SNI or `Host`. `localhost` is accepted for
    /// 127.0.0.0/8, since programs resolve it from `/etc/hosts`. `None` if `name` is another host.
    pub(crate) fn called(&self, name: &str) -> Option<Destination> {
        let name = names::normal(name)?;
        let is_machine = self.host.starts_with("127.") && name == "localhost";
        (name == self.host || is_machine).then(|| Destination { host: name, ..self.clone() })
    }

    /// Host and port, as messages name them.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Scheme, host, and port unless it is the usual one.
    pub(crate) fn origin(&self) -> String {
        let (scheme, usual) = if self.is_https { ("https", 443) } else { ("http", 80) };
        match self.port == usual {
            true => format!("{scheme}://{}", self.host),
            false => format!("{scheme}://{}:{}", self.host, self.port),
        }
    }
}
