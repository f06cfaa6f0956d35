//! [`Target`]: where a request is sent, once it is clear that it may be.

use packwright_remote::Url;

/// Where a request is sent.
pub(crate) struct Target {
    pub(crate) url: Url,
    /// Its scheme, host and port.
    pub(crate) origin: String,
    /// The same without credentials and query, as the record has it.
    pub(crate) address: String,
    /// The same with its query.
    pub(crate) text: String,
    /// Whether it may be reached because a rule says so, and not because everybody may.
    pub(crate) is_allowed: bool,
    /// Whether a rule of the caller names its host.
    pub(crate) is_named: bool,
}
