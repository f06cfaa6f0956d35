//! Names with a grammar: steps, processes, secrets.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a text is not a name of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind}: {rule}")]
pub struct NameError {
    /// What it should have named.
    pub kind: &'static str,
    /// The text that was given.
    pub text: String,
    /// The grammar in words.
    pub rule: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $kind:literal, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $type(String);

        impl $type {
            /// The name's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(text: &str) -> Result<$type, NameError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok($type(text.to_owned()))
                } else {
                    Err(NameError { kind: $kind, text: text.to_owned(), rule: $rule })
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<$type, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

name!(
    /// Names a step: `<buildpack>.<what it does>`, such as `python.install`.
    StepName,
    "step name",
    "lower-case letters, digits, `-` and `.`, 1 to 63 long",
    |text| {
        (1..=63).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
            && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
    }
);

name!(
    /// Names a process of the image: `web`, `worker`, `release`. Letters may be upper-case and
    /// `_` is allowed, since Procfiles have such names.
    ProcessName,
    "process name",
    "letters, digits, `-` and `_`, 1 to 63 long, a letter or digit at both ends",
    |text| {
        (1..=63).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            && [text.bytes().next(), text.bytes().next_back()]
                .iter()
                .all(|b| b.is_some_and(|b| b.is_ascii_alphanumeric()))
    }
);

impl ProcessName {
    /// `web`: the process that answers requests from outside.
    pub fn web() -> ProcessName {
        ProcessName("web".to_owned())
    }

    /// `worker`: a process that answers no requests from outside.
    pub fn worker() -> ProcessName {
        ProcessName("worker".to_owned())
    }
}

name!(
    /// Names a secret: it is a file below `/run/secrets` and, unless its value has a zero byte,
    /// an environment variable in the steps that ask for it.
    SecretName,
    "secret name",
    "letters, digits and `_`, 1 to 63 long, not a digit first",
    |text| {
        (1..=63).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && text.bytes().next().is_some_and(|b| !b.is_ascii_digit())
    }
);
