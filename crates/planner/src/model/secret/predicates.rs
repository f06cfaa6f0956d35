//! Decides whether a variable, or a value alone, holds a secret.

use super::rules::{is_harmless, is_secret_name};
use super::text;

/// Whether a value is, or has in it, a secret whatever its name: a key that is known by its
/// beginning, an address with a password, the address of a webhook, `Password=` and its like.
pub fn is_secret_value(value: &str) -> bool {
    !text::secrets(value).is_empty()
}

/// Whether a variable called `name` with this value is a secret.
pub(in crate::model) fn is_secret(name: &str, value: &str) -> bool {
    is_secret_value(value) || is_secret_name(name) && !is_harmless(name, value)
}
