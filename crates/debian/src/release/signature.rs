//! The result of checking a cleartext signature: the signed text with its signers, or why it is not accepted.

/// A text with the accepted keys that signed it.
pub(super) struct Signed {
    /// Exactly what was signed, with `\n` at line ends.
    pub(super) text: String,
    /// Fingerprints of primary keys, sorted, at least one.
    pub(super) by: Vec<String>,
}

/// Why a cleartext signature is not good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// It is not a cleartext-signed text at all.
    #[error("it is not a cleartext-signed text: {reason}")]
    Malformed {
        /// What the parser said.
        reason: String,
    },
    /// An accepted key's certificate cannot be used.
    #[error("the certificate of the accepted key {fingerprint} cannot be used: {reason}")]
    Certificate {
        /// The fingerprint configured.
        fingerprint: String,
        /// What is wrong with it.
        reason: String,
    },
    /// This crate was compiled without its feature `openpgp`.
    #[error("this build of Packwright cannot check OpenPGP signatures")]
    NoOpenPgp,
    /// Only others signed it.
    #[error("it is signed by {}, none of which is accepted", list(signers))]
    UnknownKey {
        /// Fingerprints or key ids that the signatures name.
        signers: Vec<String>,
    },
    /// An accepted key is named, but the signature is not its, or the text was changed.
    #[error("the signature by the accepted key {fingerprint} is bad: {reason}")]
    Bad {
        /// The accepted primary key.
        fingerprint: String,
        /// What is wrong.
        reason: String,
    },
}

fn list(signers: &[String]) -> String {
    if signers.is_empty() { "keys that it does not name".to_owned() } else { signers.join(", ") }
}
