//! [`Upstream`]: the upstream of a request that the rules allow.

use packwright_remote::Url;

/// The upstream address of a request, in the forms that are needed.
pub(crate) struct Upstream {
    pub(crate) url: Url,
    /// Its scheme, host and port.
    pub(crate) origin: String,
    /// The same without credentials and query, as the record has it.
    pub(crate) address: String,
    /// The same with its query.
    pub(crate) text: String,
    /// Whether a rule of the caller may be the reason that the host is allowed.
    pub(crate) is_allowed: bool,
    /// Whether a rule of the caller names its host.
    pub(crate) is_named: bool,
}
