//! An egress proxy with a stub DNS resolver: all that a step that fetches reaches of the network.
//!
//! ```text
//! program in the step                     engine's process
//!   A of host.test?       ──▶ resolver    198.18.0.7, an address for this name alone; no other server is asked
//!   connect 198.18.0.7:443 ─▶ listener    the local address tells the name; the kernel routes every address here
//!   TLS, request          ──▶ gateway     certificate of this build's authority; `Host` must be that name
//!                             rules       is the host denied, or one of its addresses private?
//!                             remote      the real server, checked against the host's CA bundle, directly or by proxy
//!   response              ◀── stream      recorded: address, size, digest; stored in the download cache
//! ```
//!
//! A [`Gateway`] belongs to one build; the key of its certificate authority is in memory only. A [`Session`] belongs to
//! one step; it holds the step's names and records what the step received ([`Transfer`]) and what was refused or failed
//! ([`Problem`]). The caller opens the sockets ([`Sockets`]); this crate knows nothing about the sandbox.
//!
//! The gateway speaks HTTP/1.1, with or without TLS, and refuses every other protocol with a reason. `ssh` and `git://`
//! have listeners only so that they can be refused by name. Where nothing listens, the kernel of the step refuses, and
//! the gateway reads about it from [`Sockets::refusals`]. The pure modules (names, DNS, rules, heads, bodies) hold no
//! socket.
//!
//! A session adds no more to the download cache than its [`CacheQuota`]: what is over it is passed on and not kept.
//!
//! A session with [`Expected`] contents passes on nothing else: a stored response however old it is, and a server's
//! response only if its digest is an expected one.
//!
//! Nothing is forwarded that the rules refuse. Redirects are passed back to the program, which asks again. A credential
//! goes only to its own hosts; the step sees a [`Placeholder`]. The environment is not read.

mod authority;
mod cache;
mod cache_entry;
pub mod conformance;
mod connection;
mod credentials;
mod destination;
mod dns;
mod error;
mod expected;
mod forward;
mod freshness;
mod gateway;
mod http;
mod names;
mod placeholder;
mod quota;
mod record;
mod refusals;
mod response;
mod rules;
mod serving;
mod session_state;
mod upstream;
mod wire;

pub use cache::{DownloadCache, Incoming, Kept, MemoryDownloads};
pub use credentials::{Credential, Credentials};
pub use error::GatewayError;
pub use expected::Expected;
pub use gateway::{Downloads, Gateway, GatewayOptions, Session};
pub use placeholder::{CredentialHost, Placeholder};
pub use quota::CacheQuota;
pub use record::{Problem, ProblemKind, Transfer};
pub use rules::{HostRule, HostRuleError, Rules};
pub use serving::{Serving, Sockets};
pub use session_state::SessionOptions;

/// Where the resolver answers inside a step, on port 53.
pub const RESOLVER: std::net::Ipv4Addr = names::RESOLVER;

/// The TCP ports that the caller should always open for [`Sockets::listeners`]: 80 and 443, and those of `ssh` and
/// `git`, on which connections are refused with a reason.
pub const PORTS: [u16; 4] = [80, 443, connection::SSH, connection::GIT];
