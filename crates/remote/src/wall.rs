//! [`Wall`]: the caller's rule for the addresses that a client may connect to.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// A rule that decides, after a name is resolved, whether an address may be connected to. It is asked with the
/// host as the request names it, the port, and the address; `Err` says why not.
///
/// A host behind a proxy is resolved by the proxy; there the rule is asked for hosts that are addresses, and not
/// for names. The proxy itself is the caller's choice and passes no wall.
#[derive(Clone)]
pub struct Wall(Arc<Rule>);

type Rule = dyn Fn(&str, u16, IpAddr) -> Result<(), String> + Send + Sync;

impl Wall {
    /// A wall by this rule.
    pub fn new(rule: impl Fn(&str, u16, IpAddr) -> Result<(), String> + Send + Sync + 'static) -> Wall {
        Wall(Arc::new(rule))
    }

    pub(crate) fn check(&self, host: &str, port: u16, address: IpAddr) -> Result<(), Refused> {
        (self.0)(host, port, address).map_err(|why| Refused { why })
    }
}

impl fmt::Debug for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wall")
    }
}

/// What a wall says, on its way through the HTTP library.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub(crate) struct Refused {
    pub(crate) why: String,
}
