//! The only HTTP client: verified, cancellable downloads.
//!
//! ```text
//! Request { urls, expect } ──▶ attempt ──▶ redirects ──▶ bytes ──▶ size and digest ──▶ sink
//!                  ▲               │ connect, timeout, 5xx, 429, cut short
//!                  └── next mirror, then wait and try again, from where it stopped if it can
//! ```
//!
//! What to trust, which proxy to use and who is asking are values of [`ClientOptions`]; nothing
//! is read from the environment or from disk. No more bytes are taken than a request allows, and
//! a sink is handed back only after all of them were checked. Credentials in an address go to
//! that host alone, and no address is shown with them.
//!
//! [`Client::exchange`] is the lower half of it: one request of any method, whose answer is passed
//! on as it came. A name is resolved once and kept for minutes, and a [`Wall`] of the caller's
//! decides which addresses may be connected to; what was checked is what is connected to.
//!
//! Blocking, HTTP/1.1, TLS by rustls with ring. Why `ureq`: it does no more than that, and its
//! agents can be shut down from another thread, which is how a stop reaches a thread that waits
//! for a silent server.

mod attempt;
mod client;
mod error;
mod exchange;
mod fetch;
mod forward;
mod minimum_rate;
mod options;
mod request;
mod resolver;
mod trust;
mod url;
mod wall;

pub use client::Client;
pub use error::RemoteError;
pub use exchange::{Answered, Body, Message};
pub use options::{ClientOptions, LEAST_PER_STALL, ProxySettings, Retry, Timeouts};
pub use request::{Expect, Fetched, Progress, Request, Watch};
pub use url::{Url, UrlError};
pub use wall::{Wall, WallRefusal};
