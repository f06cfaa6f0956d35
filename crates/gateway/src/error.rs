//! [`GatewayError`]: why a gateway cannot be made, or cannot serve.

use std::io;

use packwright_remote::RemoteError;

/// Why a gateway could not be made, or does not serve.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The certificate authority could not be made.
    #[error("cannot make the certificate authority of this build")]
    Authority {
        /// What the library says.
        source: rcgen::Error,
    },
    /// A setting of the way to the network is wrong.
    #[error("the way to the network cannot be used")]
    Client {
        /// Which one.
        #[from]
        source: RemoteError,
    },
    /// The sockets cannot be used.
    #[error("cannot serve a step's connections")]
    Sockets {
        /// The kernel's answer.
        source: io::Error,
    },
}

impl GatewayError {
    /// What to do about it, if we know.
    pub fn fix(&self) -> Option<String> {
        match self {
            GatewayError::Client { source } => source.fix(),
            GatewayError::Sockets { .. } => Some("raise the limit on open files (`ulimit -n`)".to_owned()),
            GatewayError::Authority { .. } => None,
        }
    }
}
