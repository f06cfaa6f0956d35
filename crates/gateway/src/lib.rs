//! What a step with network reaches instead of the host's network.
//!
//! ```text
//! program in the step                     engine's process
//!   who is host.test? ──▶ resolver        198.18.0.7, an address for this name alone; nobody is asked
//!   connect 198.18.0.7:443 ──▶ listener   the address says the name; the kernel delivers every address
//!   TLS, request          ──▶ gateway     certificate of this build's authority; Host must be that name
//!                             walls       is the host denied, are its addresses private?
//!                             remote      the real server, checked against the host's bundle, directly or by proxy
//!   answer                ◀── stream      recorded: address, size, digest; kept in the download cache
//! ```
//!
//! A [`Gateway`] belongs to one build: its authority's key is in memory only and its names are its own. A [`Session`]
//! belongs to one step and holds the record of what entered, and the problems by name. The caller makes the
//! sockets ([`Sockets`]); where they come from is no concern of this crate, and neither is the sandbox.
//!
//! HTTP/1.1 alone, with or without TLS. Everything else is refused with the reason; `ssh` and `git://` have listeners
//! so that they can be. Where nobody listens the kernel refuses, and the gateway hears of it ([`Sockets::refusals`]). The pure parts (names, DNS, walls, heads, bodies) hold no socket.
//!
//! A session that knows what to expect ([`Expected`]) hands out nothing else: from the download cache however old, and
//! from the server when the digest is that of the record.
//!
//! Nothing is forwarded that the walls refuse. No redirect is followed: the program sees it and asks again. No
//! credential goes to another host than its own; what a step sees of one is a [`Placeholder`]. The environment is not read.

mod answer;
mod authority;
mod cache;
mod connection;
mod credentials;
mod destination;
mod dns;
mod doors;
mod error;
mod expected;
mod forward;
mod freshness;
mod gateway;
mod http;
mod names;
mod placeholder;
mod record;
mod refusals;
mod shelf;
mod target;
mod visit;
mod wall;
mod wire;

pub use cache::{DownloadCache, Incoming, Kept, MemoryDownloads};
pub use credentials::{Credential, Credentials};
pub use doors::{Serving, Sockets};
pub use error::GatewayError;
pub use expected::Expected;
pub use gateway::{Downloads, Gateway, GatewayOptions, Session};
pub use placeholder::{CredentialHost, Placeholder};
pub use record::{Problem, ProblemKind, Transfer};
pub use visit::SessionOptions;
pub use wall::{HostRule, HostRuleError, Rules};

/// Where the resolver answers inside a step, on port 53.
pub const RESOLVER: std::net::Ipv4Addr = names::RESOLVER;

/// The ports that are listened on whatever the options say: HTTP, HTTPS, and `ssh` and `git`, which are refused by
/// name.
pub const PORTS: [u16; 4] = [80, 443, connection::SSH, connection::GIT];
